"""Random nasty histories for the comparison of two computations; the same seed gives the same bytes.

  python3 tests/reference/history.py --seed N --out DIR [--lists N] [--months N] [--files N] [--interleave SEED]

A world of lists, doctors and doctor periods is built around the first-of-month days of a span of months, put on
the topics as full states, and then changed, corrected late, deleted, brought back, merged and broken at random.
--interleave writes the same records with partitions interleaved otherwise; the order inside each is kept.
"""
import argparse
import gzip
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from wire import chance
from world import World

# --- lines and files -------------------------------------------------------------------------------

def place_of(record):
    return record.get("topic", ""), record.get("partition", 0)


def with_offsets(rng, records):
    """Offsets: present, with gaps, or absent, partition by partition; some records are read twice (E4, F13)."""
    styles, last, read, result = {}, {}, {}, []
    for record in records:
        if "raw" in record:
            result.append(record)
            continue
        place = place_of(record)
        style = styles.setdefault(place, rng.choice(["plain", "gaps", "absent", "mixed"]))
        step = rng.choice([1, 1, 2, 17]) if style == "gaps" else 1
        offset = last.get(place, -1) + step
        last[place] = offset
        record = dict(record)
        if style in ("plain", "gaps") or (style == "mixed" and chance(rng, 0.5)):
            record["offset"] = offset
        if record.get("partition") == 0 and chance(rng, 0.3):
            del record["partition"]
        result.append(record)
        if "offset" in record:
            read.setdefault(place, []).append(record)
            if chance(rng, 0.02):
                again = rng.randrange(len(read[place]))
                result += read[place][again:again + rng.randrange(1, 4)]
    return result


def interleaved(rng, records):
    """Another order of the same records, as indices: partitions are mixed, the order inside each stays."""
    queues = {}
    for index, record in enumerate(records):
        queues.setdefault(place_of(record), []).append(index)
    places = [place for place, queue in queues.items() for _ in queue]
    rng.shuffle(places)
    queues = {place: iter(queue) for place, queue in queues.items()}
    return [next(queues[place]) for place in places]


def line_of(rng, record):
    if "raw" in record:
        return record["raw"].encode("utf-8")
    names = ("topic", "partition", "offset", "timestamp", "key", "headers", "value", "value_base64")
    line = json.dumps({name: record[name] for name in names if name in record}, ensure_ascii=chance(rng, 0.3),
                      separators=rng.choice([(",", ":"), (", ", ": ")]))
    return rng.choice([b""] * 30 + [b"\xef\xbb\xbf"]) + line.encode("utf-8")


def records_of(seed, lists, months):
    """The records of a seed with their offsets, in the order of the stream."""
    return with_offsets(random.Random(seed + 1), World(seed, lists, months).run())


def lines_of(seed, records):
    rng = random.Random(seed + 2)
    return [line_of(rng, record) for record in records]


def write_files(folder, lines, files=1):
    """The lines in order as files that sort by name; every second one is compressed."""
    os.makedirs(folder, exist_ok=True)
    size = -(-len(lines) // files)
    for number in range(files):
        data = b"".join(line + b"\n" for line in lines[number * size:(number + 1) * size])
        path = os.path.join(folder, f"{number:03d}.ndjson")
        if number % 2:
            path, data = path + ".gz", gzip.compress(data, mtime=0)
        with open(path, "wb") as file:
            file.write(data)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--lists", type=int, default=36)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--interleave", type=int)
    options = parser.parse_args(arguments)
    records = records_of(options.seed, options.lists, options.months)
    lines = lines_of(options.seed, records)
    if options.interleave is not None:
        lines = [lines[index] for index in interleaved(random.Random(options.interleave), records)]
    write_files(options.out, lines, options.files)


if __name__ == "__main__":
    main()
