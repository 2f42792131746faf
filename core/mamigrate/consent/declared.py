"""Columns whose values somebody declared to be a yes or a no, and what they say of each person: facts like any other.

Nobody but a person can say what a mark means; what nobody named is unclear, and the unclear denies. A yes is what the company
says of itself: it lifts no denial and opens no field, because the platform would not have sent on it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mamigrate.consent.scope import ALL, Scope
from mamigrate.once import once

DENIES, ALLOWS, NOTHING, UNCLEAR = "denies", "allows", "nothing", "unclear"
MARK = "/declared/"
"""Stands in the key of a fact that was read out of a declared column, after its reference."""
PROOF = 1
"""A flag whose source is known."""
CUT = 200
"""Characters of a value that stand in a fact."""
WORDS = pa.schema([("text", pa.string()), ("says", pa.string())])


def plain(text: str) -> str:
    """A value without what only its spelling adds."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _texts(values: object) -> object:
    """``true: allows`` is the text ``true``, as fields of yes and no have it; and a number is its digits."""
    if not isinstance(values, Mapping):
        return values
    return {str(key).lower() if isinstance(key, bool) else str(key): says for key, says in values.items()}


class Declared(BaseModel):
    """``values`` of a column and what each says; ``empty``: what it says that nothing stands there. ``by``: whose word it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: Annotated[dict[str, Literal["denies", "allows", "nothing"]], BeforeValidator(_texts), Field(min_length=1)]
    empty: Literal["denies", "nothing"]
    topic: str = ALL
    by: Literal["person", "staff"] = "person"

    @model_validator(mode="after")
    def _once(self) -> "Declared":
        if len({plain(text) for text in self.values}) < len(self.values):
            raise ValueError('a value stands twice in "values": capitals, wide letters and blanks make no difference')
        if any(not plain(text) for text in self.values):
            raise ValueError('what an empty value says stands in "empty"')
        return self

    def placed(self, topics: Collection[str]) -> "Declared":
        """The same where its type is one of ``topics``. Of one that is not there a no is one to everything, and a yes is none."""
        if self.topic in (*topics, ALL):
            return self
        values = {text: NOTHING if says == ALLOWS else says for text, says in self.values.items()}
        return self.model_copy(update={"topic": ALL, "values": values})

    def says(self, text: str) -> str:
        """DENIES, ALLOWS or NOTHING; UNCLEAR for what nobody named."""
        known = {plain(one): says for one, says in self.values.items()}
        return known.get(plain(text), UNCLEAR) if plain(text) else self.empty

    def kind(self, says: str) -> str:
        """The kind of fact that a word is."""
        own = "org_hold" if self.by == "staff" else "objection" if self.topic == ALL else "topic_opt_out"
        return {UNCLEAR: "unparsed", ALLOWS: "implied_grant"}.get(says, own)

    def words(self, found: Iterable[str]) -> pa.Table:
        """(text, says) of those of the texts that say something known."""
        rows = [{"text": text, "says": self.says(text)} for text in found]
        return pa.Table.from_pylist([row for row in rows if row["says"] != UNCLEAR], schema=WORDS)


@once
def said(people: ir.Table, field: str, words: ir.Table, column: Declared) -> ir.Table:
    """What the column says of each person: (key, email_strict, email_loose, lo, hi, text, says)."""
    told = people.select(
        "key", "email_strict", "email_loose", lo="created_at", hi="updated_at",
        text=people["values"].get(field, "").fill_null(""),
    )  # fmt: skip
    known = told.left_join(words, "text").drop("text_right")
    unnamed = (known.text == "").ifelse(column.empty, UNCLEAR)
    return known.mutate(says=ibis.coalesce(known.says, unnamed))


@once
def facts(said: ir.Table, field: str, column: Declared, connection: str, like: ir.Table) -> ir.Table:
    """The facts of a column, in the columns of ``like``: what denies is held by the person and by the address."""
    no = said.filter(said.says.isin((DENIES, UNCLEAR)))
    yes = said.filter((said.says == ALLOWS) & said.email_strict.notnull())
    made = [
        _facts(no, field, column, connection, "person"),
        _facts(no.filter(no.email_loose.notnull()), field, column, connection, "address"),
        _facts(yes, field, column, connection, "address"),
    ]
    types = {name: like[name].type() for name in like.columns}
    return ibis.union(*(one.select(**{name: one[name].cast(kind) for name, kind in types.items()}) for one in made))


def _facts(rows: ir.Table, field: str, column: Declared, connection: str, holder: str) -> ir.Table:
    reference = ibis.literal(f"{connection}/person/") + rows.key + f"/{field}"
    actor = "operator" if column.by == "staff" else "subject"
    kind = ibis.cases(
        *((rows.says == word, column.kind(word)) for word in (UNCLEAR, ALLOWS)), else_=column.kind(DENIES)
    )
    return rows.select(
        "email_strict", "email_loose", "lo", "hi",
        key=reference + f"{MARK}{holder}",
        polarity=(rows.says == ALLOWS).ifelse("+", "-"),
        kind=kind,
        holder=ibis.literal(holder),
        person_key=rows.key,
        address_strict=rows.email_strict,
        address_loose=rows.email_loose,
        until=ibis.null("timestamp('UTC', 6)"),
        actor=(rows.says == UNCLEAR).ifelse("system", actor),
        proof=(rows.says == UNCLEAR).ifelse(0, PROOF),
        source_ref=reference,
        raw=rows.text.substr(0, CUT),
        **{name: ibis.literal(text) for name, text in Scope(topic=column.topic)._asdict().items()},
        **{name: ibis.literal("") for name in ("notice", "notice_version", "notice_hash")},
    )  # fmt: skip
