"""Plain recomputation of the indicators from raw replay input: the test oracle of the export.

  python3 tests/reference/recompute.py --input PATH --export DIR [--until DATE] [--known-at INSTANT]
      [--measures a,b,c] [--editions first|all] [--tables DIR]
  python3 tests/reference/recompute.py --input PATH --definition ID --reference-date DATE [--known-at INSTANT]
      [--structure-date DATE] [--unit agreement|unique_doctor] [--counted-relationships LPFL,LPDL]
  python3 tests/reference/recompute.py --input PATH --live-at INSTANT

The first form writes DIR/<date>.<edition>.csv and DIR/deviations.csv, the second prints the rows of one definition at
any date, without --known-at as known from all records, the third prints live cells; both as CSV. An instant is ms since
the epoch (UTC) or RFC 3339. Nothing here knows the program under test.
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
import definitions
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
    """Every line of a file or directory, decoded."""
    return decoded(replay_input.read_lines(path))


def records_of_lines(raw_lines):
    """Lines that are in memory, decoded, as if they were one file."""
    return decoded(replay_input.lines_of([("", raw_lines)]))


def decoded(lines):
    """Unknown topics (F13) and offsets already read (E4) have no effects."""
    records = []
    for line in lines:
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


def answer(records, geography, question):
    """The text of the rows of one definition at a reference date, as known at K, in a structure (B5, R20).

    `question` has definition, reference_date and structure_date (ordinals, the latter None for the former), known_at (ms,
    None for everything) and, where they differ from the definition's, unit and counted_relationships.
    """
    definition = definitions.ALL[question.definition]
    if question.unit:
        definition = definition._replace(unit=question.unit)
    if question.counted_relationships:
        definition = definition._replace(counted_relationships=question.counted_relationships)
    day = question.reference_date
    structure_day = day if question.structure_date is None else question.structure_date
    known = Known(build_register(records), question.known_at)
    cells = evaluation.Evaluation(known, geography, day, None, structure_day, (definition,)).cells()
    return editions.answer_text(geography, day, structure_day, cells, (definition,))


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
    live = evaluation.Evaluation(Known(build_register(records)), geography, day, instant).cells()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow("level,area_code,measure,breakdown,numerator,denominator".split(","))
    for level, code, _ in geography.areas(day):
        for (measure, breakdown), cell in sorted((live.get((level, code)) or evaluation.empty_cells(level)).items()):
            if measure not in measures.WINDOW_MEASURES:
                writer.writerow([level, code, measure, breakdown, editions.integer(cell.numerator),
                                 editions.integer(cell.denominator)])


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


def parse_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True)
    parser.add_argument("--tables", default=geo.DEFAULT_TABLES)
    parser.add_argument("--known-at", type=parse_instant)
    parser.add_argument("--export")
    parser.add_argument("--until", type=cal.parse_day)
    parser.add_argument("--measures", type=parse_measures)
    parser.add_argument("--editions", choices=("first", "all"), default="all")
    parser.add_argument("--definition", choices=definitions.ALL)
    parser.add_argument("--reference-date", type=cal.parse_day)
    parser.add_argument("--structure-date", type=cal.parse_day)
    parser.add_argument("--unit", choices=(definitions.AGREEMENT, definitions.UNIQUE_DOCTOR))
    parser.add_argument("--counted-relationships", type=lambda text: tuple(text.split(",")))
    parser.add_argument("--live-at", type=parse_instant)
    options = parser.parse_args(arguments)
    if [options.export, options.definition, options.live_at].count(None) != 2:
        parser.error("give one of --export, --definition and --live-at")
    if (options.definition is None) != (options.reference_date is None):
        parser.error("--definition and --reference-date go together")
    return options


def main(arguments=None):
    options = parse_options(arguments)
    records = read_records(options.input)
    geography = geo.Geography(options.tables)
    if options.live_at is not None:
        print_live(records, geography, options.live_at, sys.stdout)
    elif options.definition:
        sys.stdout.write(answer(records, geography, options))
    else:
        replay(records, geography, options)


if __name__ == "__main__":
    main()
