"""Plain recomputation of the indicators from raw replay input: the test oracle of the export.

  python3 tests/reference/recompute.py --input PATH --export DIR [--until DATE] [--known-at INSTANT]
      [--measures a,b,c] [--editions first|all] [--tables DIR]
  python3 tests/reference/recompute.py --input PATH --live-at INSTANT

The first form writes DIR/<date>.<edition>.csv and DIR/deviations.csv, the second prints live cells as CSV.
An instant is ms since the epoch (UTC) or RFC 3339. Nothing here knows the program under test.
"""
import argparse
import collections
import csv
import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import calendar_oslo as cal
import decode
import deviations
import editions
import evaluation
import geography as geo
import measures
import replay_input
from register import Known, Register

# One line of the input and what it says; `effects` is empty for a line that is no record.
Record = collections.namedtuple("Record", "line effects")


def read_records(path):
    """Every line decoded, apart from unknown topics (F13) and offsets already read (E4), which have no effects."""
    records = []
    for line in replay_input.read_lines(path):
        applies = line.topic in decode.TOPICS and line.offset is not None
        records.append(Record(line, decode.decode(line.envelope) if applies else []))
    return records


def apply_until(records, instant):
    """Records with an effective timestamp before `instant`; lines that are no records stay."""
    return [r for r in records if r.line.timestamp is None or r.line.timestamp < instant]


def span(records):
    """(first, greatest) effective timestamp of all lines of known topics (B2); None where there are none."""
    times = [r.line.timestamp for r in records if r.line.topic in decode.TOPICS]
    return (min(times), max(times)) if times else None


def build_register(records):
    register = Register()
    for record in records:
        for effect in record.effects:
            if effect.kind is not None:
                register.add(record.line, effect)
    register.sort()
    return register


def evaluate(records, day, instant=None, known_at=None, structure_day=None, geography=None, definitions=None):
    """Rows of one evaluation (B5) in canonical order, as tuples of the export's columns without the edition.

    day and structure_day are date ordinals, instant and known_at ms since the epoch. Default: t = K = t(d).
    known_at may be float("inf"): all records. `definitions` gives other names for definitions, e.g.
    {"nki-gp-specialist/3.0": "nki-gp-specialist/2.0"}; version 1.0 of that one has breakdown all only (A10).
    """
    geography = geography or geo.Geography()
    known = Known(build_register(records), cal.cutoff(day) if known_at is None else known_at)
    result = evaluation.Evaluation(known, geography, day, instant, structure_day)
    cells = result.cells()
    rows = []
    for level, code, name in geography.areas(result.structure_day):
        for (measure, breakdown), cell in sorted((cells.get((level, code)) or evaluation.empty_cells(level)).items()):
            definition = measures.definition_of(measure)
            definition = (definitions or {}).get(definition, definition)
            if definition == "nki-gp-specialist/1.0" and breakdown != "all":
                continue
            rows.append((cal.format_day(day), definition, level, code, name, measure, breakdown, cell.numerator,
                         cell.denominator, cell.value, measures.UNITS[measure], measures.flags(cell)))
    return rows


def replay(records, geography, options):
    """Writes every due edition and the deviations; returns the file names in the order they were made."""
    if options.known_at is not None:
        records = apply_until(records, options.known_at)
    times = span(records)
    until = None if options.until is None else cal.cutoff(options.until)
    if until is not None:
        records = apply_until(records, until)
    register = build_register(records)
    exporter = editions.Exporter(options.export, geography, options.measures)
    made = []
    end = until if until is not None or times is None else times[1]
    if times is not None:
        days = editions.due_days(times[0], end)
        for day, edition, cells in editions.snapshots(register, geography, days, options.editions == "all",
                                                      options.measures):
            exporter.write(day, edition, cells)
            made.append(f"{cal.format_day(day)}.{edition}.csv")
    deviations.write(os.path.join(options.export, "deviations.csv"), records, register, geography, end)
    return made


def print_live(records, geography, instant, out):
    """Live cells: d = the Oslo day of the instant, t = the instant, everything known; no window measures."""
    day = cal.day_of_instant(instant)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow("level,area_code,measure,breakdown,numerator,denominator".split(","))
    for row in evaluate(records, day, instant, float("inf"), geography=geography):
        if row[5] not in measures.WINDOW_MEASURES:
            writer.writerow([row[2], row[3], row[5], row[6], editions.integer(row[7]), editions.integer(row[8])])


def parse_instant(text):
    if text.isdigit():
        return int(text)
    moment = datetime.datetime.fromisoformat(text)
    return (moment - cal.EPOCH) // datetime.timedelta(milliseconds=1)


def parse_measures(text):
    names = set(text.split(","))
    if names - set(measures.UNITS):
        raise argparse.ArgumentTypeError("unknown measure: " + ", ".join(sorted(names - set(measures.UNITS))))
    return names


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True)
    parser.add_argument("--export")
    parser.add_argument("--until", type=cal.parse_day)
    parser.add_argument("--known-at", type=parse_instant)
    parser.add_argument("--measures", type=parse_measures)
    parser.add_argument("--editions", choices=("first", "all"), default="all")
    parser.add_argument("--tables", default=geo.DEFAULT_TABLES)
    parser.add_argument("--live-at", type=parse_instant)
    options = parser.parse_args(arguments)
    if (options.export is None) == (options.live_at is None):
        parser.error("give either --export or --live-at")
    records = read_records(options.input)
    geography = geo.Geography(options.tables)
    if options.live_at is not None:
        print_live(records, geography, options.live_at, sys.stdout)
    else:
        replay(records, geography, options)


if __name__ == "__main__":
    main()
