"""What a landed page carries beside its body, so that it can be read again without a call."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

import orjson

from mamigrate.model.canonical import parse_datetime, render_datetime
from mamigrate.model.estate import DataType

Context = Mapping[str, str]

_TEXTS = (
    DataType.TEXT,
    DataType.LONG_TEXT,
    DataType.EMAIL,
    DataType.PHONE,
    DataType.URL,
    DataType.CHOICE,
    DataType.REFERENCE,
)
"""Types whose canonical text is the text itself; they need not be told."""


def write_types(types: Mapping[str, DataType]) -> str:
    return ",".join(f"{name}={kind}" for name, kind in sorted(types.items()) if kind not in _TEXTS)


def read_types(context: Context) -> Mapping[str, DataType]:
    return _types(context.get("types", ""))


@lru_cache(maxsize=8)  # All pages of a kind say the same.
def _types(told: str) -> Mapping[str, DataType]:
    pairs = (pair.partition("=") for pair in told.split(",") if pair)
    return {name: DataType(kind) for name, _, kind in pairs}


def write_json(value: object) -> str:
    return orjson.dumps(value).decode()


def read_json(context: Context, name: str) -> dict[str, list[str]]:
    """Ids by id, as ``write_json`` wrote them."""
    found: dict[str, list[str]] = orjson.loads(context.get(name) or b"{}")
    return found


def read_texts(context: Context, name: str) -> dict[str, str]:
    """Texts by id, as ``write_json`` wrote them."""
    found: dict[str, str] = orjson.loads(context.get(name) or b"{}")
    return found


def read_at(context: Context) -> datetime | None:
    found = context.get("read_at")
    return parse_datetime(found) if found else None


def stamp(now: datetime) -> str:
    return render_datetime(now.replace(microsecond=0))


def unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))
