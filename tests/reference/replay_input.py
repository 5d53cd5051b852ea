"""Reading a replay file or directory line by line (F13, F14, B9, E4)."""
import collections
import gzip
import os
import subprocess

import decode
import fields as f

SUFFIXES = (".ndjson", ".ndjson.gz", ".ndjson.zst")

# One line of the input. `timestamp` is the effective one (B9), `envelope` None for a line that is no record.
Line = collections.namedtuple("Line", "file number topic partition offset timestamp key envelope")


def input_files(path):
    """One file, or those of a directory by the bytes of their names, without sub-directories (F13)."""
    if not os.path.isdir(path):
        return [path]
    names = [name for name in os.listdir(path)
             if name.endswith(SUFFIXES) and os.path.isfile(os.path.join(path, name))]
    return [os.path.join(path, name) for name in sorted(names, key=os.fsencode)]


def file_bytes(path):
    if path.endswith(".gz"):
        with gzip.open(path) as file:
            return file.read()
    if path.endswith(".zst"):
        try:
            import zstandard
            with open(path, "rb") as file:
                return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
        except ImportError:
            return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    with open(path, "rb") as file:
        return file.read()


def parse_envelope(raw):
    """The envelope of a line, or None if it is no JSON object with topic and timestamp (F13)."""
    try:
        envelope = decode.JSON.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("topic"), str):
        return None
    return envelope if f.as_integer(envelope.get("timestamp")) is not None else None


def read_lines(path):
    return lines_of((os.path.basename(name), file_bytes(name).split(b"\n")) for name in input_files(path))


def lines_of(files):
    """Every line of (file name, raw lines) in reading order; blank ones are left out, re-read offsets (E4) have none."""
    last_offset = {}
    effective = {}
    for file_name, raw_lines in files:
        for number, raw in enumerate(raw_lines, 1):
            raw = raw.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r")
            if not raw:
                continue
            envelope = parse_envelope(raw)
            if envelope is None:
                yield Line(file_name, number, None, None, None, None, None, None)
                continue
            topic, partition = envelope["topic"], f.as_integer(envelope.get("partition")) or 0
            place = (topic, partition)
            timestamp = max(f.as_integer(envelope["timestamp"]), effective.get(place, -10**18))
            effective[place] = timestamp
            offset = f.as_integer(envelope.get("offset"))
            previous = last_offset.get(place, -1)
            repeated = offset is not None and offset <= previous
            offset = previous + 1 if offset is None else offset
            last_offset[place] = max(offset, previous)
            if len(raw) > decode.VALUE_LIMIT_BYTES:
                envelope = limit_value(envelope, raw.decode("utf-8"))
            yield Line(file_name, number, topic, partition, None if repeated else offset, timestamp,
                       envelope.get("key"), envelope)


def limit_value(envelope, text):
    """A JSON value of more than 4 MiB, as it stands in the line, becomes an empty string, which is refused (F16)."""
    if isinstance(envelope.get("value"), (dict, list)):
        position = text.index("{") + 1
        while True:
            position = skip_blanks(text, position)
            name, position = decode.JSON.raw_decode(text, position)
            start = skip_blanks(text, skip_blanks(text, position) + 1)
            _, end = decode.JSON.raw_decode(text, start)
            if name == "value" and len(text[start:end].encode("utf-8")) > decode.VALUE_LIMIT_BYTES:
                return dict(envelope, value="")
            position = skip_blanks(text, end)
            if text[position] == "}":
                break
            position += 1
    return envelope


def skip_blanks(text, position):
    while text[position] in " \t\r\n":
        position += 1
    return position
