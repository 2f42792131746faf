"""One text for each value, the same on every engine and vendor: what is stored, compared, hashed and shown.

text stays as it is; integers have no sign plus, no leading zeros; decimals no exponent and no trailing zeros; booleans
are ``true``/``false``; dates ``YYYY-MM-DD`` (never moved across a time zone); datetimes ``YYYY-MM-DDTHH:MM:SS[.ffffff]Z``
in UTC without trailing zeros; multi-choice values are sorted and joined by ``;``. Empty means absent: no row holds "".
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

import msgspec

from mamigrate.model.estate import DataType

FAULTS = (ValueError, InvalidOperation, OverflowError)
"""What a value that is not of its type raises."""
_REMEMBERED = 4096
"""Texts of a type that are kept with their canonical form."""
_SECOND = len("2026-01-15T10:30:00")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERHAPS_SECONDS = 10**11
"""As milliseconds, March 1973; as seconds, the year 5138."""
_DAY = 86_400_000
_DIGITS = 308
"""Places of a number behind its first, as the largest of any platform has them: a double."""


class NotCanonical(ValueError):
    """The value does not parse as its type. The caller makes a finding; nothing is guessed."""


def canonical(value: str, data_type: DataType) -> str:
    """Render a vendor's text as canonical text of ``data_type``.

    Raises NotCanonical where the value is not of the type.
    """
    try:
        return renderer(data_type)(value)
    except FAULTS as error:
        raise NotCanonical(f"{data_type}: {value!r}") from error


def renderer(data_type: DataType) -> Callable[[str], str]:
    """``canonical`` of one type, for many values. Raises one of FAULTS where a value is not of the type."""
    return _RENDER.get(data_type, _text)


def render_datetime(moment: datetime) -> str:
    """Canonical text of an aware datetime."""
    text: str = msgspec.to_builtins(_in_utc(moment))
    return f"{text[:-1].rstrip('0')}Z" if moment.microsecond else text


def render_second(moment: datetime) -> str:
    """Canonical text of an aware datetime, without what it has of a second."""
    text: str = msgspec.to_builtins(_in_utc(moment))
    return f"{text[:_SECOND]}Z" if moment.microsecond else text


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def parse_datetime(value: str) -> datetime:
    """An aware UTC datetime from ISO 8601 (zone needed) or epoch milliseconds. Raises ValueError.

    A number that may as well be seconds is none: taken for milliseconds, today would lie in January 1970.
    """
    if value[10:11] == "T" and value[-1:] == "Z":
        return datetime.fromisoformat(value)  # The usual form needs no second look.
    text = value.strip().upper()
    try:
        if (milliseconds := _epoch(text)) is not None:
            if abs(milliseconds) < _PERHAPS_SECONDS:
                raise ValueError("seconds or milliseconds")
            return EPOCH + timedelta(milliseconds=milliseconds)
        moment = datetime.fromisoformat(text.replace("Z+0000", "Z"))
        if moment.tzinfo is None:
            raise ValueError("a datetime without a zone")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the years 1 to 9999") from error


def _epoch(text: str) -> int | None:
    """The number that a text of more than eight digits is; None: it is no such number."""
    digits = text.removeprefix("-")
    return int(text) if digits.isdigit() and digits.isascii() and len(digits) > 8 else None


def _text(value: str) -> str:
    return value


def _integer(value: str) -> str:
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError("not whole")
    return str(int(number))


def _number(value: str) -> Decimal:
    """A finite number of a size that somebody may have meant: an exponent of a few letters makes millions of digits."""
    number = Decimal(value.strip().replace("_", "?"))  # Programmers' blanks between digits are nobody's number.
    if not number.is_finite():
        raise ValueError("not finite")
    if not -_DIGITS <= number.adjusted() <= _DIGITS or len(number.as_tuple().digits) > _DIGITS + 1:
        raise ValueError("beyond any number of a platform")
    return number


def _decimal(value: str) -> str:
    if value.isdigit() and value.isascii() and value[0] != "0":
        return value
    whole, point, part = value.partition(".")
    if value.isascii() and whole.isdigit() and (part.isdigit() or not point):
        part = part.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
    text = format(_number(value), "f")
    text = (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    return "0" if text == "-0" else text


def _boolean(value: str) -> str:
    if value in ("true", "false"):
        return value
    lowered = value.strip().lower()
    if lowered in ("true", "1", "yes", "y", "t", "on"):
        return "true"
    if lowered in ("false", "0", "no"):
        return "false"
    raise ValueError("not a boolean")


def _date(value: str) -> str:
    if len(value) == 10 and value[4] == value[7] == "-":
        date.fromisoformat(value)  # It only has to be a date at all.
        return value
    text = value.strip()
    if (milliseconds := _epoch(text)) is not None:
        if abs(milliseconds) < _PERHAPS_SECONDS and milliseconds % _DAY:
            raise ValueError("seconds or milliseconds")  # Dates in milliseconds are whole days.
        return (EPOCH + timedelta(milliseconds=milliseconds)).date().isoformat()
    if len(text) > 10:
        datetime.fromisoformat(text)  # Only a time of that day may follow.
    return date.fromisoformat(text[:10]).isoformat()


def _datetime(value: str) -> str:
    if value[4:17:3] == "--T::" and value[19:] in (".000Z", "Z"):
        datetime.fromisoformat(value)  # Usual forms only lose their fraction, if they are dates at all.
        return f"{value[:19]}Z"
    return render_datetime(parse_datetime(value))


def _multi_choice(value: str) -> str:
    if ";" not in value:
        return value.strip()
    return ";".join(sorted({part.strip() for part in value.split(";") if part.strip()}))


class _Known(dict[str, str]):
    """Texts with their canonical form, for types of which a population repeats few: a text met before costs a look-up."""

    def __init__(self, render: Callable[[str], str]) -> None:
        super().__init__()
        self._render = render

    def __missing__(self, value: str) -> str:
        text = self._render(value)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = text
        return text


_RENDER: Mapping[DataType, Callable[[str], str]] = {
    DataType.INTEGER: _integer,
    DataType.DECIMAL: _decimal,
    DataType.BOOLEAN: _Known(_boolean).__getitem__,
    DataType.DATE: _Known(_date).__getitem__,
    DataType.DATETIME: _datetime,
    DataType.MULTI_CHOICE: _Known(_multi_choice).__getitem__,
}
