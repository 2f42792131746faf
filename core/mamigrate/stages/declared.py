"""The facts of declared columns, and what a declaration comes to: told, and where it cannot be meant so, stopped."""

from collections.abc import Iterator, Mapping, Sequence

import ibis.expr.types as ir

from mamigrate.consent import declared
from mamigrate.consent.declared import ALLOWS, DENIES, NOTHING, UNCLEAR, Declared
from mamigrate.findings import Severity
from mamigrate.handwritten.text import nearest
from mamigrate.mapping import columns
from mamigrate.model.estate import Field
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared, values_of

SHOWN = 5
"""Values that nobody named, the commonest first."""
SHORT = 2
"""Characters of a value that can be nobody's name."""


def facts(move: Move, prepared: Prepared, source: Snapshot, like: ir.Table) -> Iterator[ir.Table]:
    """One expression a column, in the columns of ``like``. A column that the source does not show blocks: what it denies is not read."""
    made, move.declared = move.decisions.columns(), 0
    if not made:
        return
    ours = _people(prepared.source_fields)
    topics = {topic.key for topic in prepared.topics}
    for name in sorted(made.keys() - ours.keys()):
        params = {"field": name, "near": nearest(name, sorted(ours)) or "-"}
        move.findings.add("consent_column_unknown", Severity.BLOCK, f"{move.source.name}/field/{name}", **params)
    known = [(ours[name], one) for name, one in made.items() if name in ours]
    values = values_of(move, source, [field for field, _ in known])
    for (field, column), found in zip(known, values, strict=True):
        yield _facts(move, source, field, _placed(move, field, column, topics), found, like)


def _people(fields: Sequence[Field]) -> dict[str, Field]:
    return {one.api_name: one for one in fields if one.holder is Kind.PERSON}


def _placed(move: Move, field: Field, column: Declared, topics: set[str]) -> Declared:
    placed = column.placed(topics)
    if placed is not column:
        subject = f"{move.source.name}/field/{field.api_name}"
        move.findings.add("fact_topic_unknown", Severity.WARN, subject, topic=column.topic)
    return placed


def _facts(
    move: Move, source: Snapshot, field: Field, column: Declared, values: Mapping[str, int], like: ir.Table
) -> ir.Table:
    engine, name = move.engine, field.api_name
    people, words = engine.table(source, Kind.PERSON), engine.memory(column.words(values))
    said = engine.keep(declared.said(people, name, words, column))
    counted = said.group_by("says").agg(n=said.count(), at=said.email_loose.count(), spelt=said.email_strict.count())
    number = {row["says"]: row for row in engine.rows(counted)}
    for word, row in number.items():
        move.declared += {ALLOWS: row["spelt"], NOTHING: 0}.get(word, row["n"] + row["at"])
    _tell(move, field, column, values, {word: row["n"] for word, row in number.items()})
    return declared.facts(said, name, column, move.source.name, like)


def _tell(move: Move, field: Field, column: Declared, values: Mapping[str, int], counted: Mapping[str, int]) -> None:
    subject, name = f"{move.source.name}/field/{field.api_name}", field.api_name
    number = {word: str(counted.get(word, 0)) for word in (DENIES, ALLOWS, NOTHING, UNCLEAR)}
    params = {"denied": number[DENIES], "allowed": number[ALLOWS], "silent": number[NOTHING]}
    move.findings.add("consent_column_read", Severity.NOTE, subject, field=name, label=field.name, **params)
    if number[UNCLEAR] != "0":
        params = {"field": name, "people": number[UNCLEAR], **_unclear(column, values, counted[UNCLEAR])}
        move.findings.add("consent_column_unclear", Severity.WARN, subject, **params)
    if wrong := columns.yes_to_no((name, field.name), [text for text, says in column.values.items() if says == ALLOWS]):
        move.findings.add(
            "consent_column_suspicious", Severity.BLOCK, subject, field=name, label=field.name, value=wrong
        )


def _unclear(column: Declared, values: Mapping[str, int], people: int) -> dict[str, str]:
    """The commonest values that nobody named, of those that can be nobody's name, and how many of ``people`` hold other ones."""
    open = [(text, n) for text, n in values.items() if column.says(text) == UNCLEAR]
    shown = [(text, n) for text, n in open if columns.is_mark(text) or len(text) <= SHORT][:SHOWN]
    told = ", ".join(f"{text} {n}" for text, n in shown)
    return {"values": told or "-", "others": str(people - sum(n for _, n in shown))}
