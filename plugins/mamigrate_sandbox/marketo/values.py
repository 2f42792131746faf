"""What a field takes: validation and conversion by data type.

Facts: Adobe's field-type page; the text of 1003 is as recorded live. null and the empty text clear a field.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from mamigrate_sandbox.marketo.envelope import Skipped, stamp
from mamigrate_sandbox.marketo.fields import Field
from mamigrate_sandbox.marketo.instance import Instance

TEXT_AREA_BYTES = 30_000
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}


def taken(instance: Instance, field: Field, value: object) -> Any:
    """The value as it is kept; None clears. Skipped with 1003 when the field cannot take it."""
    if value is None or value == "":
        return None
    try:
        kept = _READERS.get(field.type, _text)(instance, field, value)
    except (ValueError, TypeError, OverflowError):
        raise refusal(field, value) from None
    return kept


def refusal(field: Field, value: object) -> Skipped:
    return Skipped("1003", f"Invalid value for field '{field.name}' and value '{value}'")


def _text(instance: Instance, field: Field, value: object) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError
    text = str(value).lower() if isinstance(value, bool) else str(value)
    longest = field.length or TEXT_AREA_BYTES
    unit = "bytes" if field.type == "text" else instance.switch("text_length_unit")
    if (len(text.encode()) if unit == "bytes" else len(text)) > longest:
        raise ValueError
    return text


def _email(instance: Instance, field: Field, value: object) -> str:
    """Addresses must be ASCII (Adobe's lead pages)."""
    text = _text(instance, field, value)
    if not text.isascii() or (instance.switch("email_needs_at") and "@" not in text):
        raise ValueError
    return text


def _integer(instance: Instance, field: Field, value: object) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError
    if not isinstance(value, (int, float, str)):
        raise TypeError
    number = int(value)
    if not -(2**31) <= number < 2**31:
        raise ValueError
    return number


def _number(instance: Instance, field: Field, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _boolean(instance: Instance, field: Field, value: object) -> bool:
    word = str(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError


def _date(instance: Instance, field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return date.fromisoformat(value[:10]).isoformat()


def _datetime(instance: Instance, field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return stamp(moment(instance, value))


def moment(instance: Instance, text: str) -> datetime:
    """An ISO-8601 moment in UTC. ValueError when it does not parse, or has no offset and may not."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        if instance.switch("naive_datetimes") == "refuse":
            raise ValueError(text)
        found = found.replace(tzinfo=instance.zone())
    return found.astimezone(UTC)


_READERS: dict[str, Callable[[Instance, Field, object], Any]] = {
    "email": _email,
    "integer": _integer,
    "score": _integer,
    "percent": _integer,
    "reference": _integer,
    "float": _number,
    "currency": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
