"""Is a value good for a property, and how is it kept? (HubSpot docs, "Properties"; error codes as recorded.)"""

import math
import re
from datetime import UTC, datetime

from mamigrate_sandbox.hubspot.portal import from_millis, iso
from mamigrate_sandbox.store import Body

LONGEST = 65_536
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"_]+\.[^\s@<>()\[\]\\,;:\"\d._-]{2,}", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Wrong(Exception):
    """The value cannot be kept. ``code`` is HubSpot's error code."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def text_of(value: object) -> str:
    """What a JSON value means as a property value; null and "" both clear."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def settle(definition: Body, text: str, present: str | None) -> str:
    """The value as it is kept. ``present`` is what stands there now (an enumeration may be added to). Raises Wrong."""
    if text == "":
        return ""
    kind = definition["type"]
    if kind == "enumeration":
        return _options(definition, text, present)
    if kind == "bool":
        return _boolean(text)
    if kind == "number":
        return _number(text)
    if kind == "date":
        return _date(text)
    if kind == "datetime":
        return _datetime(text)
    return _string(text)


def address(text: str, *, unicode: bool) -> str:
    """An email address as HubSpot keeps it: lower case. Raises Wrong."""
    local = text.rpartition("@")[0]
    good = len(text) <= 254 and _ADDRESS.fullmatch(text) and ".." not in text and not local.startswith(".")
    if not good or local.endswith(".") or not (unicode or local.isascii()):
        raise Wrong("INVALID_EMAIL", f"Email address {text} is invalid")
    return text.lower()


def _string(text: str) -> str:
    if len(text) > LONGEST:
        raise Wrong(
            "PROPERTY_VALUE_TOO_LONG", f"Property value is {len(text)} characters long; at most {LONGEST} are allowed"
        )
    return text


def _boolean(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise Wrong("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
    return text.lower()


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        raise Wrong("INVALID_FLOAT", f"{text} was not a valid number.") from None
    if not math.isfinite(value) or "_" in text:
        raise Wrong("INVALID_FLOAT", f"{text} was not a valid number.")
    return text.strip()


def _date(text: str) -> str:
    """Midnight UTC, given as a day, an ISO time or milliseconds."""
    try:
        if text.lstrip("-").isdigit():
            moment = datetime.fromtimestamp(int(text) / 1000, UTC)
        elif _DAY.fullmatch(text):
            return datetime.fromisoformat(text).date().isoformat()
        else:
            moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Wrong("INVALID_DATE", f"{text} was not a valid date.") from None
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        raise Wrong("INVALID_DATE", f"{text} is at {moment:%H:%M:%S.%f} UTC, not midnight!")
    return moment.date().isoformat()


def _datetime(text: str) -> str:
    try:
        if text.lstrip("-").isdigit():
            return from_millis(int(text))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise Wrong("INVALID_DATE", f"{text} was not a valid date.") from None
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _options(definition: Body, text: str, present: str | None) -> str:
    allowed = [str(option["value"]) for option in definition.get("options", [])]
    many = definition["fieldType"] == "checkbox"
    chosen = [part for part in text.split(";") if part] if many else [text]
    if allowed or not definition.get("externalOptions"):
        wrong = next((part for part in chosen if part not in allowed), None)
        if wrong is not None:
            raise Wrong("INVALID_OPTION", f"{wrong} was not one of the allowed options: [{', '.join(allowed)}]")
    if many and text.startswith(";"):
        kept = (present or "").split(";")
        chosen = [part for part in kept if part] + [part for part in chosen if part not in kept]
    return ";".join(chosen)
