"""The mapping of a run: proposed when there is none, loaded, checked against both schemas, compiled."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import ibis

from mamigrate import private
from mamigrate.capabilities import Power
from mamigrate.contract import ConsentFields
from mamigrate.errors import Blocked
from mamigrate.findings import Finding, Findings, Severity
from mamigrate.handwritten import text
from mamigrate.mapping import owners as owning
from mamigrate.mapping.allowed import Untouched
from mamigrate.mapping.compile import Compiled, compile_kind
from mamigrate.mapping.load import Places, load_marked
from mamigrate.mapping.migration import new_fields
from mamigrate.mapping.model import Mapping, NewField, TopicRule
from mamigrate.mapping.propose import Proposal, doubtful, propose
from mamigrate.mapping.topics import check_topics
from mamigrate.model.estate import Field, Owner, Topic
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind
from mamigrate.plan import default_topics
from mamigrate.plan.model import NEW_FIELD
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import cells, former, untended
from mamigrate.stages.move import Move
from mamigrate.stages.starter import render

MAPPED = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked mapping. ``missing`` are fields that must be created on the target first.

    ``former`` are rules of earlier mappings for fields that are only closed now. ``owner_texts`` says what is written of
    owners, and where. ``unasked`` are types of the target that are open by default and stand for none of the source.
    """

    mapping: Mapping
    digest: str
    rules: dict[Kind, Compiled]
    source_fields: Sequence[Field]
    target_fields: Sequence[Field]
    topics: Sequence[Topic]
    owners: Sequence[Owner]
    missing: Sequence[NewField]
    owner_texts: owning.Owners
    former: Sequence[TopicRule] = ()
    unasked: default_topics.Unasked = default_topics.NONE

    def field_of(self, meaning: str, *, side: str = "target") -> str:
        """API name of the person field with this meaning, or empty."""
        return next(iter(self.fields_of(meaning, side=side)), "")

    def fields_of(self, meaning: str, *, side: str = "target") -> list[str]:
        """API names of all person fields with this meaning."""
        fields = self.target_fields if side == "target" else self.source_fields
        return [f.api_name for f in fields if f.holder is Kind.PERSON and f.meaning == meaning]

    def meanings(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for field in self.source_fields:
            if field.holder is Kind.PERSON and field.meaning:
                found.setdefault(field.meaning, []).append(field.api_name)
        return found


@dataclass(frozen=True, slots=True)
class Schemas:
    """What a mapping is checked against."""

    source: Sequence[Field]
    target: Sequence[Field]
    topics: Sequence[Topic]


def prepare(move: Move, source: Snapshot, target: Snapshot) -> Prepared:
    """Raises as ``read`` does; every other problem is a finding of the move."""
    source_fields = [f for f in source.estate(Kind.FIELD) if isinstance(f, Field)]
    target_fields = [f for f in target.estate(Kind.FIELD) if isinstance(f, Field)]
    topics = [t for t in source.estate(Kind.TOPIC) if isinstance(t, Topic)]
    owners = [o for o in source.estate(Kind.OWNER) if isinstance(o, Owner)]
    if not move.project.mapping_path.exists():
        known = Proposal(
            source_name=move.source.name,
            target_name=move.target.name,
            source=source_fields,
            target=target_fields,
            filled=_filled(move, source),
            topics=topics,
            owners=owners,
            consent_fields=_consent_fields(move),
            made=_made(move),
        )
        _propose(move, replace(known, values=_values(move, source, doubtful(known))))
    mapping, places, digest = read(move)
    rules, found = compiled(move, mapping, places, Schemas(source_fields, target_fields, topics))
    move.findings.extend(found)
    left_alone = {kind: untouched(move, kind) for kind in MAPPED}
    owner_texts, found = owning.owners(mapping, owners, target_fields, places, left_alone)
    move.findings.extend(found)
    if mapping.signed is None:
        move.findings.add("mapping_unsigned", Severity.WARN, move.project.mapping_path.name)
        mapping, rules = _without_creations(mapping, rules)
    missing = _missing(move, mapping, target_fields)
    once = former.rules(move, mapping, target_fields)
    untended.tell(move, mapping, topics, target_fields)
    placed = cells.placed(cells.cells(topics, mapping.topics, once))
    _tell_unread_types(move, target)
    theirs = [t for t in target.estate(Kind.TOPIC) if isinstance(t, Topic)]
    unasked = default_topics.unasked(theirs, placed)
    return Prepared(
        mapping, digest, rules, source_fields, target_fields, topics, owners, missing, owner_texts, once, unasked
    )


def _tell_unread_types(move: Move, target: Snapshot) -> None:
    """A snapshot of a time when nobody read the target's types says nothing of those that it opens by itself."""
    read = target.manifest.kinds.get(Kind.TOPIC)
    if (read is None or not read.done) and move.target.adapter.capabilities.can(Kind.TOPIC, Power.READ):
        move.findings.add("default_topics_unread", Severity.WARN, f"{move.target.name}/topic", id=target.id)


def read(move: Move) -> tuple[Mapping, Places, str]:
    """The mapping file, where its parts stand, and its hash.

    Raises Blocked when it does not validate, or is made for another pair of connections; UsageError when it is no text.
    """
    content = text.read(move.project.mapping_path, decides=True)
    mapping, places, problems = load_marked(content, move.project.mapping_path.name)
    move.findings.extend(problems)
    if mapping is None:
        raise Blocked("mapping_invalid")
    made_for = {"source": (mapping.source, move.source.name), "target": (mapping.target, move.target.name)}
    for side, (named, ours) in made_for.items():
        if named != ours:
            params = {"named": named, "name": ours}
            move.findings.append(Finding("mapping_other_pair", Severity.BLOCK, places(side), params))
    if any(named != ours for named, ours in made_for.values()):
        raise Blocked("mapping_other_pair")
    return mapping, places, hashlib.sha256(content.encode()).hexdigest()


def compiled(move: Move, mapping: Mapping, places: Places, known: Schemas) -> tuple[dict[Kind, Compiled], Findings]:
    """The rules by kind, and everything that is wrong with the mapping between these schemas."""
    rules: dict[Kind, Compiled] = {}
    found = Findings()
    for kind in MAPPED:
        ours = untouched(move, kind)
        rules[kind], problems = compile_kind(mapping, kind, known.source, known.target, places, ours)
        found.extend(problems)
    found.extend(check_topics(mapping, known.topics, known.target, places, untouched(move, Kind.PERSON)))
    return rules, found


def check(move: Move, known: Schemas) -> None:
    """What is wrong with the mapping file, as soon as the schemas are known. Raises Blocked.

    A file that is not there yet is proposed later, when everything has been read.
    """
    if not move.project.mapping_path.exists():
        return
    mapping, places, _ = read(move)
    _, found = compiled(move, mapping, places, known)
    if found.blocking:
        move.findings.extend(found)
        raise Blocked(*sorted({one.code for one in found.blocking}))


def untouched(move: Move, kind: Kind) -> Untouched:
    """Fields of the target that no rule may fill."""
    keys = move.target.adapter.key_fields
    if kind is not Kind.PERSON:
        return Untouched(own=frozenset({keys.get(kind, "")}))
    own = {new.name for new in own_fields(move)} | {keys.get(Kind.PERSON, ""), keys.get(Kind.ACCOUNT, "")}
    blockers = {name for b in move.target.adapter.blockers for name in (b.field, b.hours_from)}
    instance = move.target.instance
    denials = instance.denial_values(frozenset(get_args(FactKind)), "") if isinstance(instance, ConsentFields) else {}
    return Untouched(consent=frozenset(blockers | set(denials)), own=frozenset(own), made=_made(move))


def _made(move: Move) -> frozenset[str]:
    """Fields of people that earlier runs of this direction created."""
    return frozenset(move.ledger.ids(*move.direction, NEW_FIELD))


def _consent_fields(move: Move) -> frozenset[str]:
    names = {b.field for side in (move.source, move.target) for b in side.adapter.blockers}
    return frozenset(names | {b.hours_from for side in (move.source, move.target) for b in side.adapter.blockers})


def _propose(move: Move, known: Proposal) -> None:
    mapping = propose(known, move.project.signer, move.now.date())
    private.write(move.project.mapping_path, render(mapping, known).encode())
    move.findings.add("mapping_proposed", Severity.NOTE, move.project.mapping_path.name)


def _filled(move: Move, source: Snapshot) -> dict[Kind, dict[str, int]]:
    """How many records hold a value, by kind and field."""
    counts: dict[Kind, dict[str, int]] = {}
    for kind in MAPPED:
        table = move.engine.table(source, kind)
        names = table.select(name=table["values"].keys().unnest())
        rows = move.engine.rows(names.group_by("name").agg(n=ibis._.count()))
        counts[kind] = {row["name"]: row["n"] for row in rows}
    return counts


VALUES = 1000
"""The commonest values of a field say what it holds."""


def _values(move: Move, source: Snapshot, fields: Sequence[Field]) -> dict[tuple[Kind, str], dict[str, int]]:
    """Values of these fields by kind and name."""
    found = values_of(move, source, fields)
    return {(field.holder, field.api_name): values for field, values in zip(fields, found, strict=True)}


def values_of(move: Move, source: Snapshot, fields: Sequence[Field]) -> Iterator[dict[str, int]]:
    """For each of these fields its commonest values, with how many records hold each."""
    for field in fields:
        table = move.engine.table(source, field.holder)
        held = table.select(text=table["values"].get(field.api_name))
        counted = held.filter(held.text.notnull()).group_by("text").agg(n=ibis._.count())
        rows = move.engine.rows(counted.order_by([ibis.desc("n"), "text"]).limit(VALUES))
        yield {row["text"]: row["n"] for row in rows}


def _without_creations(mapping: Mapping, rules: dict[Kind, Compiled]) -> tuple[Mapping, dict[Kind, Compiled]]:
    """Of an unsigned mapping only existing fields are used; what it would create waits for the signature."""
    created = {rule.target for rule in (*mapping.person, *mapping.account, *mapping.opportunity) if rule.create}
    kept = {
        kind: Compiled(kind, tuple(rule for rule in compiled.rules if rule.target not in created))
        for kind, compiled in rules.items()
    }
    topics = tuple(
        rule.model_copy(update={"create": None, "deny_all": "unsigned"}) if rule.create else rule
        for rule in mapping.topics
    )
    return mapping.model_copy(update={"topics": topics}), kept


def own_fields(move: Move) -> list[NewField]:
    """The tool's ``mm_*`` fields in the target's style."""
    return new_fields(move.target.adapter.key_fields[Kind.PERSON])


def _missing(move: Move, mapping: Mapping, target_fields: Sequence[Field]) -> list[NewField]:
    """Fields to create: the tool's own, then those of a signed mapping that do not exist yet."""
    there = {f.api_name for f in target_fields if f.holder is Kind.PERSON}
    wanted = [*(rule.create for rule in mapping.person), *(rule.create for rule in mapping.topics)]
    signed = [new for new in wanted if new is not None] if mapping.signed else []
    return [new for new in dict.fromkeys((*own_fields(move), *signed)) if new.name not in there]
