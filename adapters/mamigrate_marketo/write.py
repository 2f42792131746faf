"""Changes to Marketo's records, and its answers to outcomes; pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from mamigrate.contract import Change, Outcome, Status
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.estate import DataType
from mamigrate_marketo.meanings import CREATABLE
from mamigrate_marketo.wire import Json, listed, text

_STATUS = {
    "created": Status.CREATED,
    "updated": Status.UPDATED,
    "deleted": Status.DELETED,
    "added": Status.CREATED,
    "memberof": Status.EQUAL,
    "removed": Status.DELETED,
}
_FIELD = re.compile(r"[Ff]ield '?([A-Za-z][A-Za-z0-9_]*)'?")
_VALUE = re.compile(r"value '(.*)'", re.DOTALL)

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
WHOLE = len("2026-01-15T10:30:00Z")
"""Characters of a canonical datetime without a fraction of a second."""

MOST_BYTES = 900_000
"""Of a body; Marketo refuses one of more than 1 MB."""


def _number(text: str) -> Any:
    """With every digit."""
    return orjson.Fragment(text) if text.isdigit() or _NUMBER.fullmatch(text) else text


def _datetime(text: str) -> str:
    """Without fractions of a second: Marketo keeps none."""
    if len(text) == WHOLE and text.endswith("Z"):
        return text
    return parse_datetime(text).strftime("%Y-%m-%dT%H:%M:%SZ")


_TYPED: Mapping[DataType, Callable[[str], Any]] = {
    DataType.BOOLEAN: "true".__eq__,
    DataType.INTEGER: _number,
    DataType.DECIMAL: _number,
    DataType.REFERENCE: _number,
    DataType.DATETIME: _datetime,
}
"""Types whose JSON value is not their canonical text, or not always."""


def records(changes: Iterable[Change], types: Mapping[str, DataType]) -> Iterator[Json]:
    """The values of each change as JSON, one at a time: a record that is encoded at once is still at hand."""
    typed = {name: _TYPED[kind] for name, kind in types.items() if kind in _TYPED}
    return (_record(one.values, typed) for one in changes)


def _record(values: Mapping[str, str | None], typed: Mapping[str, Callable[[str], Any]]) -> Json:
    found: Json = dict(values)
    for name in filter(typed.__contains__, values):
        text = values[name]
        if text is not None:
            found[name] = typed[name](text)
    return found


def field_definition(change: Change) -> Json:
    """A custom field to create. ``label`` may hold no special characters, so those become blanks."""
    values = change.values
    kind = DataType(values.get("data_type") or DataType.TEXT)
    label = re.sub(r"[^\w .-]", " ", values.get("label") or values["api_name"] or "").strip()
    found = {"name": values["api_name"], "displayName": label, "dataType": CREATABLE[kind]}
    if description := values.get("description"):
        found["description"] = description
    return found


class Part(NamedTuple):
    """Records that go into one body together: their positions, and the list of them as JSON."""

    positions: range
    encoded: orjson.Fragment


def parts(records: Iterable[Json]) -> list[Part]:
    """As few parts as the size of a body permits, in order."""
    held = list(records)
    whole = orjson.dumps(held)
    if len(whole) <= MOST_BYTES:  # Nearly always: joining pieces would copy all of it twice.
        return [Part(range(len(held)), orjson.Fragment(whole))] if held else []
    encoded = [orjson.dumps(one) for one in held]
    return [Part(one, _list_of(encoded[one.start : one.stop])) for one in _ranges([len(one) + 1 for one in encoded])]


def _list_of(encoded: Iterable[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[" + b",".join(encoded) + b"]")


def _ranges(sizes: Sequence[int]) -> Iterator[range]:
    begin = size = 0
    for position, grown in enumerate(sizes):
        if position > begin and size + grown > MOST_BYTES:
            yield range(begin, position)
            begin, size = position, 0
        size += grown
    if sizes:
        yield range(begin, len(sizes))


def outcomes(changes: Sequence[Change], results: Sequence[Json], key: str = "id") -> list[Outcome]:
    """One outcome a change. Answers keep the order of the input; a hole in them makes all of them doubtful."""
    if len(results) != len(changes):
        return doubtful(changes, "the answer does not match the input")
    return [_outcome(change, one, key) for change, one in zip(changes, results, strict=True)]


def _outcome(change: Change, one: Json, key: str) -> Outcome:
    status = _STATUS.get(text(one, "status"))
    if status is not None:
        return Outcome(change.source_key, status, text(one, key) or change.target_key)
    reasons = listed(one, "reasons") or listed(one, "errors") or [{}]
    return rejected(change, text(reasons[0], "code") or text(one, "status"), text(reasons[0], "message"))


def with_roles(outcome: Outcome, roles: Sequence[Outcome]) -> Outcome:
    """An opportunity that was written keeps its status; what became of its people is told in code and message."""
    if outcome.status in (Status.REJECTED, Status.MAYBE):
        return outcome
    if any(one.status is Status.MAYBE for one in roles):
        return Outcome(outcome.source_key, Status.MAYBE, outcome.target_key, message="people may be missing")
    failed = [one for one in roles if one.status is Status.REJECTED]
    if not failed:
        return outcome
    first = failed[0]
    return Outcome(
        outcome.source_key, outcome.status, outcome.target_key, first.code, first.message, "person", first.value
    )


def rejected(change: Change, code: str, said: str) -> Outcome:
    """``field`` and ``value`` are read out of the message where it names them."""
    named = _FIELD.search(said)
    field = named[1] if named else ""
    quoted = _VALUE.search(said)
    value = quoted[1] if quoted else (change.values.get(field) or "")
    return Outcome(change.source_key, Status.REJECTED, change.target_key, code, said, field, value)


def doubtful(changes: Sequence[Change], why: str) -> list[Outcome]:
    return [Outcome(one.source_key, Status.MAYBE, one.target_key, message=why) for one in changes]
