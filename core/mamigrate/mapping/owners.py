"""Whom people, companies and deals belong to: which text of an owner goes into which field of the target."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mamigrate.findings import Findings, Severity
from mamigrate.mapping.allowed import Untouched, may_fill, near
from mamigrate.mapping.convert import CHOICES, TEXTS
from mamigrate.mapping.load import Places
from mamigrate.mapping.model import Mapping
from mamigrate.model.estate import Field, Owner
from mamigrate.model.kinds import Kind

HOLDERS = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)


@dataclass(frozen=True, slots=True)
class OwnerPlace:
    """A field of the target with what goes into it, by the source's owner. ``refused`` are owners whose text it does not take.

    ``open``: it takes any text, so that of an owner whom the source does not tell the key goes there.
    """

    field: str
    texts: Dict[str, str]
    refused: frozenset[str] = frozenset()
    open: bool = True

    def of(self, owner: str | None) -> str:
        """What is written for records of this owner; empty: nothing."""
        if not owner:
            return ""
        return self.texts.get(owner) or (owner if self.open and owner not in self.refused else "")


@dataclass(frozen=True, slots=True)
class Owners:
    """``mapped`` are texts that the mapping gives, by the source's owner; ``own`` what goes into the tool's own field of
    people. ``places`` are further fields, by kind of record."""

    mapped: Dict[str, str] = field(default_factory=dict)
    own: Dict[str, str] = field(default_factory=dict)
    places: Dict[Kind, OwnerPlace] = field(default_factory=dict)

    def field_of(self, kind: Kind) -> str:
        place = self.places.get(kind)
        return place.field if place else ""

    def carried(self, kind: Kind, owner: str) -> bool:
        """Whether records of this owner tell on the target whose they are."""
        place = self.places.get(kind)
        return bool(place and place.of(owner)) or (kind is Kind.PERSON and bool(self.own.get(owner)))


def owners(
    mapping: Mapping, known: Sequence[Owner], target: Sequence[Field], places: Places, untouched: Dict[Kind, Untouched]
) -> tuple[Owners, Findings]:
    """Findings name owners that the source does not have, fields that cannot be filled, and texts that they do not take."""
    found = Findings()
    mapped = _mapped(mapping, known, places, found)
    plain = {one.key: one.email or one.name for one in known}
    texts = plain | mapped
    made: dict[Kind, OwnerPlace] = {}
    for kind in HOLDERS:
        goal = _goal(mapping, kind, target, places, untouched[kind], found)
        if goal is not None:
            made[kind] = _place(goal, texts, mapped, places("owner_fields", kind.value), found)
    return Owners(mapped, plain if Kind.PERSON in made else texts, made), found


def _mapped(mapping: Mapping, known: Sequence[Owner], places: Places, found: Findings) -> dict[str, str]:
    """Texts by the source's key. The file names an owner by key, address or name."""
    by_key = {one.key: one.key for one in known}
    by_word: dict[str, set[str]] = {}
    for one in known:
        for word in (one.email, one.name):
            if word:
                by_word.setdefault(word.strip().casefold(), set()).add(one.key)
    mapped: dict[str, str] = {}
    for name, text in mapping.owners.items():
        where = places("owners", name)
        keys = {by_key[name]} if name in by_key else by_word.get(name.strip().casefold(), set())
        if len(keys) != 1:
            words = [*(one.email or one.name for one in known), *by_key]
            found.add("source_owner_unknown", Severity.BLOCK, where, owner=name, near=near(name, words))
            continue
        (key,) = keys
        if mapped.setdefault(key, text) != text:
            problem = "this owner is named twice, with different texts"
            found.add("mapping_invalid", Severity.BLOCK, where, problem=problem, value=name)
    return mapped


def _goal(
    mapping: Mapping, kind: Kind, target: Sequence[Field], places: Places, untouched: Untouched, found: Findings
) -> Field | None:
    name = getattr(mapping.owner_fields, kind.value)
    if name is None:
        return None
    where = places("owner_fields", kind.value)
    fields = {field.api_name: field for field in target if field.holder is kind}
    taken = {rule.target for rule in mapping.rules(kind)}
    taken |= {rule.target for rule in mapping.topics} if kind is Kind.PERSON else set()
    goal = fields.get(name)
    if goal is None:
        found.add("target_field_unknown", Severity.BLOCK, where, field=name, near=near(name, fields))
    elif name in taken:
        found.add("target_used_twice", Severity.BLOCK, where, field=name)
    elif goal.data_type not in TEXTS | CHOICES:
        problem = "an owner goes into a field of text or of choices"
        found.add("mapping_invalid", Severity.BLOCK, where, problem=problem, value=name)
    elif may_fill(goal, None, untouched, where, found):
        return goal
    return None


def _place(goal: Field, texts: Dict[str, str], mapped: Dict[str, str], where: str, found: Findings) -> OwnerPlace:
    """A text that the field does not take stops the run where the mapping gave it; else that owner is left out and told."""
    choices = [option.value for option in goal.options] if goal.data_type in CHOICES else []
    taken = {owner: text for owner, text in texts.items() if _takes(goal, choices, text)}
    for owner, text in texts.items():
        if owner not in taken:
            severity = Severity.BLOCK if owner in mapped else Severity.WARN
            nearest = near(text, choices) if choices else "-"
            found.add("owner_text_refused", severity, where, owner=owner, value=text, field=goal.api_name, near=nearest)
    return OwnerPlace(goal.api_name, taken, frozenset(texts.keys() - taken.keys()), open=not choices)


def _takes(goal: Field, choices: Sequence[str], text: str) -> bool:
    if choices:
        return text in choices
    return len(text) <= (goal.max_chars or len(text)) and len(text.encode()) <= (goal.max_bytes or len(text.encode()))
