"""Reading single members of a record: names, numbers, codes, dates, periods (R2, R8, section F).

Every reader takes `problems`, a set to which it adds the codes of what is wrong; it then returns None.
A record is refused for the first of REFUSING that was found in it (A14).
"""
import functools
import re

import calendar_oslo as cal

MALFORMED = "MALFORMED_RECORD"
UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
BAD_IDENTIFIER = "INVALID_IDENTIFIER"
BAD_PERIOD = "INVALID_PERIOD"
NEGATIVE = "NEGATIVE_NUMBER"
REFUSING = (MALFORMED, UNKNOWN_FORMAT, BAD_IDENTIFIER, BAD_PERIOD, NEGATIVE)

MAX_HPR_NUMBER = 2**31 - 1
MAX_LONG = 2**63 - 1
INTEGER = re.compile(r"[ \t\r\n]*([+-]?[0-9]+)[ \t\r\n]*\Z", re.ASCII)
ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@functools.lru_cache(maxsize=10000)
def fold(name):
    """A member name without regard to ASCII case; other letters stay as they are (F19)."""
    return name.translate(ASCII_LOWER)


def member(node, name):
    """The member called `name`: the exact spelling if it is there, else the first other one (F19)."""
    if name in node:
        return node[name]
    folded = fold(name)
    return next((value for key, value in node.items() if fold(key) == folded), None)


def has_member(node, name):
    return any(fold(key) == fold(name) for key in node)


def child(node, name, problems):
    """The object called `name`; None if it is absent or null."""
    value = member(node, name)
    if value is None or isinstance(value, dict):
        return value
    problems.add(MALFORMED)
    return None


def children(node, name, problems):
    """The list of objects called `name`; absent and null lists are empty (F18)."""
    value = member(node, name)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    problems.add(MALFORMED)
    return []


def as_integer(value):
    """An integer given as a number or as text (F5); None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    match = INTEGER.match(value) if isinstance(value, str) else None
    return int(match.group(1)) if match else None


def identifier(value, largest, problems):
    """A required identifier in 1..largest (R8, F5)."""
    number = as_integer(value)
    if number is None or not 1 <= number <= largest:
        problems.add(BAD_IDENTIFIER)
        return None
    return number


def optional_hpr_number(value, problems):
    """An HPR number that may be missing; 0 means missing (F7)."""
    if value is None or as_integer(value) == 0:
        return None
    return identifier(value, MAX_HPR_NUMBER, problems)


def amount(value, problems, required=False):
    """A number that must not be negative (F5); None where it is absent."""
    if value is None and not required:
        return None
    number = as_integer(value)
    if number is None:
        problems.add(MALFORMED)
    elif number < 0:
        problems.add(NEGATIVE)
    return number


def boolean(value, problems):
    """A boolean, or one of the texts true, false, 1, 0; absent is false (F18)."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "1", "false", "0"):
        return value in ("true", "1")
    problems.add(MALFORMED)
    return False


def text_of_code(value, problems):
    """A code as text, kept verbatim (R8); numbers in their decimal form."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    problems.add(MALFORMED)
    return None


def wall_time(value, problems):
    """A required version or time of counting as Oslo wall clock (F6, F15, E13)."""
    try:
        return cal.parse_wall(value)
    except (cal.NotATime, TypeError):
        problems.add(MALFORMED)
        return None


def date_wall(value, problems):
    """A date as wall clock; None where it is absent, open (F4) or, with MALFORMED_RECORD, unreadable."""
    if value is None or (isinstance(value, str) and value.startswith("9999-12-31")):
        return None
    return wall_time(value, problems)


def date_day(value, problems):
    wall = date_wall(value, problems)
    return None if wall is None else wall // cal.DAY_NS


def checked_period(start, end, problems):
    if start >= end:
        problems.add(BAD_PERIOD)
    return start, end


def hpr_period(node, problems):
    """HPR `fra`..`til`, both included; whatever is missing is open (R2, D19)."""
    if node is None:
        return cal.OPEN_FROM, cal.OPEN_TO
    start = date_day(member(node, "fra"), problems)
    end = date_day(member(node, "til"), problems)
    return checked_period(cal.OPEN_FROM if start is None else start, cal.OPEN_TO if end is None else end + 1, problems)


def flr_period(record, problems):
    """FLR `Valid`: From is cut to its day, To is rounded up to a whole day (R2, F3)."""
    node = child(record, "Valid", problems)
    if node is None:
        problems.add(BAD_PERIOD)
        return None
    start = date_day(member(node, "From"), problems)
    if start is None:
        problems.add(BAD_PERIOD)
        return None
    end = date_wall(member(node, "To"), problems)
    return checked_period(start, cal.OPEN_TO if end is None else -(-end // cal.DAY_NS), problems)


def _weighted(digits, weights):
    return sum(digit * weight for digit, weight in zip(digits, weights)) % 11


def valid_nin(text):
    """Control digits and date of an 11-digit national identity number, the rule of 2032 included (B.4.2)."""
    if not re.fullmatch(r"[0-9]{11}", text or "", re.ASCII):
        return False
    digits = [int(letter) for letter in text]
    second = (11 - _weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
    first_sum = _weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))
    first = {(11 + rest - first_sum) % 11 for rest in range(4)} - {10}
    if digits[10] != second or digits[9] not in first:
        return False
    if digits[0] >= 8:     # a number of the kind FH carries no date
        return True
    day = digits[0] * 10 + digits[1] - (40 if digits[0] >= 4 else 0)
    month = (digits[2] * 10 + digits[3]) % 40
    longest = 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    return 1 <= month <= 12 and 1 <= day <= longest


def valid_organisation_number(number):
    """Nine digits with a control digit (B.4.3)."""
    text = str(number)
    if not re.fullmatch(r"[0-9]{9}", text, re.ASCII):
        return False
    rest = _weighted([int(letter) for letter in text], (3, 2, 7, 6, 5, 4, 3, 2))
    return rest != 1 and int(text[8]) == (11 - rest) % 11
