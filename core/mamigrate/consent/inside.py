"""Denials of a text that is no address but holds some (``mailto:ana@x.example``, ``Ana <ana@x.example>``): they reach each."""

from collections.abc import Iterable, Iterator

import ibis.expr.types as ir

from mamigrate.consent import address
from mamigrate.contract import NeutralRow
from mamigrate.once import once

MARK = "#inside/"
"""What the key of such a fact holds before its number; the key of the fact that it repeats stands before."""


@once
def unplain(facts: ir.Table) -> ir.Table:
    """The denials among ``facts`` whose address is none."""
    held = (facts.polarity == "-") & (facts.holder == "address")
    return facts.filter(held & facts.address_strict.isnull() & facts.address_loose.notnull())


def is_unplain(fact: NeutralRow) -> bool:
    """The same of one row."""
    held = fact["polarity"] == "-" and fact["holder"] == "address"
    return held and fact["address_strict"] is None and fact["address_loose"] is not None


def denials(rows: Iterable[NeutralRow]) -> Iterator[NeutralRow]:
    """The same denials once more, of every address in their texts. The text itself stays denied as it is."""
    for row in rows:
        for number, one in enumerate(address.found_in(row["address_loose"]).addresses):
            known = address.keys(one)
            held = {"address_strict": known.strict, "address_loose": known.loose}
            yield {**row, **held, "key": f"{row['key']}{MARK}{number}"}


@once
def apart(facts: ir.Table) -> ir.Table:
    """The facts without those that repeat others."""
    return facts.filter(~facts.key.contains(MARK))
