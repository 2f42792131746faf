"""The tool's own fields of a person: the source's key, and what the target would otherwise stamp itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mamigrate.mapping.convert import cut
from mamigrate.mapping.migration import PERSON_FIELDS, MigrationField, api_name
from mamigrate.model.canonical import render_second
from mamigrate.model.kinds import Kind

Row = dict[str, Any]
Loss = tuple[str, str, str]
"""(field, code, value) of what does not arrive."""
Told = Callable[[Row, Mapping[str, str]], str]
"""The text of one field, from a person's row and the person's merged values; "" where there is nothing to tell."""
LONGEST_TEXT = 255
"""Bytes of UTF-8: what fits in them fits where a target counts characters, too."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Fields by the target's API names, each with what tells its text: the name of a source field, or a function."""

    fields: Sequence[tuple[str, str | Told]]

    def of(self, row: Row, merged: Mapping[str, str]) -> tuple[dict[str, str], list[Loss]]:
        """The fields of a person; and what did not fit, as (field, code, whole text)."""
        made: dict[str, str] = {}
        lost: list[Loss] = []
        for name, told in self.fields:
            text = merged.get(told, "") if isinstance(told, str) else told(row, merged)
            if not text:
                continue
            if len(text.encode()) > LONGEST_TEXT:
                lost.append((name, "origin_cut", text))
                text = _whole_ids(text) if told is _merged_keys else cut(text, LONGEST_TEXT)
            made[name] = text
        return made, lost


def origins(source: str, key_field: str, meanings: Mapping[str, Sequence[str]], owners: Mapping[str, str]) -> Origins:
    """The fields that a source named ``source`` can fill. Arguments as in ``PeoplePlanner``."""
    own = {"key": _key(source), "created_at": _created, "merged_keys": _merged_keys, "owner": _owner(owners)}
    told = (
        (api_name(field.name, key_field), own.get(field.origin) or _other(field, meanings)) for field in PERSON_FIELDS
    )
    return Origins([(name, tell) for name, tell in told if tell is not None])


def source_key(connection: str, kind: Kind, key: str) -> str:
    """The text of ``mm_source_key``."""
    return f"{connection}/{kind.value}/{key}"


def _key(source: str) -> Told:
    prefix = source_key(source, Kind.PERSON, "")
    return lambda row, _: prefix + row["key"]


def _created(row: Row, _: Mapping[str, str]) -> str:
    moment: datetime | None = row["created_at"]
    return render_second(moment) if moment else ""


def _merged_keys(row: Row, _: Mapping[str, str]) -> str:
    return ";".join(keys) if (keys := row["merged_keys"]) else ""


def _owner(owners: Mapping[str, str]) -> Told:
    """Who that is, or the key of an owner whom the source does not tell."""
    return lambda row, _: owners.get(key, key) if (key := row["owner_key"]) else ""


def _other(field: MigrationField, meanings: Mapping[str, Sequence[str]]) -> str | Told | None:
    """A text column of the row, or the fields that hold a meaning; None where the source has no such field."""
    kind, _, meaning = field.origin.partition(":")
    if kind != "meaning":
        return lambda row, _: row[field.origin] or ""
    names = meanings.get(meaning, ())
    if len(names) == 1:
        return names[0]
    return (lambda _, merged: " / ".join([merged[name] for name in names if name in merged])) if names else None


def _whole_ids(text: str) -> str:
    """What fits of ids behind each other: only whole ones, since half an id is another's."""
    whole, semicolon, _ = cut(text, LONGEST_TEXT + 1).rpartition(";")
    return whole if semicolon else cut(text, LONGEST_TEXT)
