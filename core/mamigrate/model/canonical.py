"""One text for each value, the same on every engine and vendor: what is stored, compared, hashed and shown.

text stays as it is; integers have no sign plus, no leading zeros; decimals no exponent and no trailing zeros; booleans
are ``true``/``false``; dates ``YYYY-MM-DD`` (never moved across a time zone); datetimes ``YYYY-MM-DDTHH:MM:SS[.ffffff]Z``
in UTC without trailing zeros; multi-choice values are sorted and joined by ``;``. Empty means absent: no row holds "".
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from mamigrate.model.estate import DataType

FAULTS = (ValueError, InvalidOperation, OverflowError)
"""What a value that is not of its type raises."""
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
    text = moment.astimezone(UTC).isoformat()[:-6]  # without its +00:00
    return f"{text.rstrip('0')}Z" if moment.microsecond else f"{text}Z"


def parse_datetime(value: str) -> datetime:
    """An aware UTC datetime from ISO 8601 (zone needed) or epoch milliseconds. Raises ValueError."""
    if value[10:11] == "T" and value[-1:] == "Z":
        return datetime.fromisoformat(value)  # The usual form needs no second look.
    text = value.strip()
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
    if value[19:] in (".000Z", "Z") and value[4:5] == value[7:8] == "-" and value[13:14] == value[16:17] == ":":
        datetime.fromisoformat(value)  # Usual forms only lose their fraction, if they are dates at all.
        return f"{value[:10]}T{value[11:19]}Z"
    return render_datetime(parse_datetime(value))


def _multi_choice(value: str) -> str:
    return ";".join(sorted({part.strip() for part in value.split(";") if part.strip()}))


_RENDER = {
    DataType.INTEGER: _integer,
    DataType.DECIMAL: _decimal,
    DataType.BOOLEAN: _boolean,
    DataType.DATE: _date,
    DataType.DATETIME: _datetime,
    DataType.MULTI_CHOICE: _multi_choice,
}
