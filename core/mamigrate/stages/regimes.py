"""Packs of law over the population of a move: who is denied because no basis for mailing them is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent.moment import Moment
from mamigrate.consent.regimes import basis, population
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.handwritten.text import hint
from mamigrate.model.kinds import Kind
from mamigrate.settings.project import NAME
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared


def _texts(*names: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


DENIED, BOUND = _texts("winner", "kind", "topic", "brand"), _texts("winner", "pack")
BASED = _texts("winner", "pack", "key")


@dataclass(frozen=True, slots=True)
class Law:
    """What packs leave of a population. ``made`` are the facts of basis rules (``basis.WHOLE``), ``bound`` (winner, pack) the
    packs that ask for a basis, ``based`` (winner, pack, key) the grants that they count, ``denied`` (winner, kind, topic,
    brand) what they deny.
    """

    made: ir.Table
    bound: ir.Table
    based: ir.Table
    denied: ir.Table


def law(
    move: Move,
    prepared: Prepared,
    people: ir.Table,
    facts: ir.Table,
    clusters: ir.Table,
    ends: ir.Table,
    topics: Sequence[Scope],
    now: Moment,
) -> Law:
    """``ends`` are the denials that grants ended. Raises UsageError for a basis rule about something that the source does not have."""
    _check(move, prepared)
    regime, engine = move.project.file.consent.regime, move.engine
    mail = [topic for topic in topics if (topic.channel, topic.asset_class) == population.MAIL]
    asking, made = population.asking(regime), made_by_rules(move, people)
    if not asking:
        return Law(made, *(engine.memory(schema.empty_table()) for schema in (BOUND, BASED, DENIED)))
    grants = engine.keep(basis.beside(facts, made))
    counted = engine.keep(population.counting(grants, asking, now))
    reach = engine.memory(population.reach(engine.rows(population.scopes(grants)), mail, FLAT))
    binding = engine.keep(bound(move, people, clusters, prepared.field_of("country", side="source")))
    asked = engine.memory(population.topics(mail))
    near = engine.keep(population.based(grants, counted, people, clusters))
    lacking = population.against(near, binding, reach, asked)
    denied = engine.keep(lacking.union(population.relapsed(ends, counted, binding, asked), distinct=True))
    return Law(made, binding, engine.keep(near.select(*BASED.names).distinct()), denied)


def made_by_rules(move: Move, people: ir.Table) -> ir.Table:
    """The facts of basis rules: as wide as those that were read, so they stand in a file of the engine."""
    rules = move.project.file.consent.basis
    if not rules:
        return move.engine.memory(basis.SCHEMA.empty_table())
    return move.engine.stream(basis.every(people, rules, move.source.name))


def _check(move: Move, prepared: Prepared) -> None:
    fields = [field.api_name for field in prepared.source_fields if field.holder is Kind.PERSON]
    topics = ["*", *(topic.key for topic in prepared.topics)]
    for rule in move.project.file.consent.basis:
        wanted = [("field", name, fields) for name in (rule.field, rule.dated_by) if name]
        for word, name, known in (*wanted, *(("subscription type", topic, topics) for topic in rule.topics)):
            if name not in known:
                told = f'there is no {word} "{name}" on {move.source.name}; {hint(name, known)}'
                raise UsageError(told, where=f"{NAME} [[consent.basis]]")


def bound(move: Move, people: ir.Table, clusters: ir.Table, country: str) -> ir.Table:
    """(winner, pack), of packs that ask for a grant."""
    regime = move.project.file.consent.regime
    asking = {pack.name for pack in population.asking(regime)}
    texts = [row["country"] for row in move.engine.rows(population.countries(people, country))]
    pairs = [(text, pack) for text, pack in regime.bound(texts) if pack in asking]
    columns = {"country": [text for text, _ in pairs], "pack": [pack for _, pack in pairs]}
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return population.bound(people, clusters, country, move.engine.memory(table))


def tell(move: Move, denied: ir.Table) -> None:
    """How many people each pack's want of a basis keeps unmailed, wholly or for some topics."""
    wide = denied.topic == "*"
    row = move.engine.one(
        denied.agg(nowhere=denied.winner.nunique(where=wide), partly=denied.winner.nunique(where=~wide))
    )
    if row["nowhere"] or row["partly"]:
        params = {name: str(row[name]) for name in ("nowhere", "partly")}
        move.findings.add("no_basis", Severity.WARN, f"{move.source.name}/person", **params)
