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
    """An aware UTC datetime from ISO 8601 (zone needed) or epoch milliseconds. Raises ValueError."""
    if value[10:11] == "T" and value[-1:] == "Z":
        return datetime.fromisoformat(value)  # The usual form needs no second look.
    text = value.strip().upper()
    if text.lstrip("-").isdigit() and len(text.lstrip("-")) > 8:
        return EPOCH + timedelta(milliseconds=int(text))
    moment = datetime.fromisoformat(text.replace("Z+0000", "Z"))
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone")
    return moment.astimezone(UTC)


def _text(value: str) -> str:
    return value


def _integer(value: str) -> str:
    number = Decimal(value.strip())
    if number != number.to_integral_value():
        raise ValueError("not whole")
    return str(int(number))


def _decimal(value: str) -> str:
    if value.isdigit() and value.isascii() and value[0] != "0":
        return value
    whole, point, part = value.partition(".")
    if value.isascii() and whole.isdigit() and (part.isdigit() or not point):
        part = part.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
    number = Decimal(value.strip())
    if not number.is_finite():
        raise ValueError("not finite")
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


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
    if text.lstrip("-").isdigit() and len(text.lstrip("-")) > 8:
        return (EPOCH + timedelta(milliseconds=int(text))).date().isoformat()
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
