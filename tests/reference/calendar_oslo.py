"""Days and instants in Europe/Oslo (R1, R2, B7, E13, F15).

A day is a proleptic Gregorian ordinal (datetime.date.toordinal). A wall-clock time is an integer:
nanoseconds of Oslo local time counted from ordinal 0. An instant is milliseconds since the epoch, UTC.
"""
import datetime
import functools
import re
import zoneinfo

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
SECOND_NS = 10**9
DAY_NS = 86400 * SECOND_NS
HOUR_MS = 3600 * 1000

OPEN_FROM = 0        # before every day
OPEN_TO = 10**7      # after every day

DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII)


class NotATime(ValueError):
    """The text is neither of the two forms of F15."""


@functools.lru_cache(maxsize=100000)
def parse_wall(text):
    """Wall-clock nanoseconds of `yyyy-MM-dd[THH:mm:ss[.fraction][zone]]`; raises NotATime (F15, E13)."""
    match = DATE_TIME.match(text)
    if not match:
        raise NotATime
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        ordinal = datetime.date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        raise NotATime from None
    if hour is None:
        return ordinal * DAY_NS
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise NotATime
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    nanoseconds = int((fraction or "0")[:9].ljust(9, "0"))
    if zone:
        ordinal, seconds = _to_oslo(ordinal, seconds, zone)
    return ordinal * DAY_NS + seconds * SECOND_NS + nanoseconds


def _to_oslo(ordinal, seconds, zone):
    """(ordinal, second of day) in Oslo of a local time in `zone`."""
    offset = 0
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            raise NotATime
        offset = (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
    try:
        utc = datetime.datetime.combine(datetime.date.fromordinal(ordinal), datetime.time(), UTC)
        local = (utc + datetime.timedelta(seconds=seconds - offset)).astimezone(OSLO)
    except (OverflowError, ValueError):
        raise NotATime from None
    return local.toordinal(), local.hour * 3600 + local.minute * 60 + local.second


def wall_of_instant(instant_ms):
    """Oslo wall-clock nanoseconds of an instant."""
    local = (EPOCH + datetime.timedelta(milliseconds=instant_ms)).astimezone(OSLO)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return local.toordinal() * DAY_NS + seconds * SECOND_NS + local.microsecond * 1000


def day_of_instant(instant_ms):
    """The Oslo day an instant falls on."""
    return wall_of_instant(instant_ms) // DAY_NS


@functools.lru_cache(maxsize=None)
def cutoff(day, delay_hours=6):
    """t(d): the instant `delay_hours` elapsed hours after Oslo midnight of day d (B7)."""
    midnight = datetime.datetime.combine(datetime.date.fromordinal(day), datetime.time(), OSLO)
    return (midnight.astimezone(UTC) - EPOCH) // datetime.timedelta(milliseconds=1) + delay_hours * HOUR_MS


def parse_day(text):
    return datetime.date.fromisoformat(text).toordinal()


def format_day(day):
    return datetime.date.fromordinal(day).isoformat()


def format_instant(instant_ms):
    """RFC 3339, UTC, milliseconds."""
    moment = EPOCH + datetime.timedelta(milliseconds=instant_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant_ms % 1000:03d}Z"


def year_of(day):
    return datetime.date.fromordinal(day).year


@functools.lru_cache(maxsize=None)
def add_months(day, months):
    """The same day of another month, clamped to that month's end (C1; 29 Feb + 1 year = 28 Feb)."""
    date = datetime.date.fromordinal(day)
    index = date.year * 12 + date.month - 1 + months
    first = datetime.date(index // 12, index % 12 + 1, 1)
    following = datetime.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first.toordinal() + min(date.day, following.toordinal() - first.toordinal()) - 1


def first_of_months(after_ms, end_ms):
    """Every first-of-month day d with after_ms < t(d) <= end_ms (B2)."""
    date = datetime.date.fromordinal(day_of_instant(after_ms))
    day = date.replace(day=1).toordinal()
    while cutoff(day) <= end_ms:
        if cutoff(day) > after_ms:
            yield day
        day = add_months(day, 1)


def easter_sunday(year):
    """Gregorian Easter (anonymous algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return datetime.date(year, month, day + 1).toordinal()


@functools.lru_cache(maxsize=None)
def public_holidays(year):
    """Norwegian public holidays (D13); those that always fall on a Sunday are left to the weekend."""
    easter = easter_sunday(year)
    fixed = [(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)]
    moving = (-3, -2, 1, 39, 50)
    return ({datetime.date(year, month, day).toordinal() for month, day in fixed}
            | {easter + offset for offset in moving})


@functools.lru_cache(maxsize=None)
def is_working_day(day):
    """Monday to Friday and no public holiday (D13)."""
    return (day - 1) % 7 < 5 and day not in public_holidays(year_of(day))


def working_days(start, end):
    """Working days in [start, end)."""
    return sum(is_working_day(day) for day in range(start, end))
