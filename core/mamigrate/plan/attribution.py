"""Won revenue split evenly over successful programs, to the cent. Pure.

What an opportunity brought belongs in equal parts to the programs in which somebody who takes part in it succeeded. Cents that
do not divide go one each to the first programs in the order of their keys, so that the parts add up and anybody gets the same.
(REQ-144, REQ-145)
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import ibis
import ibis.expr.types as ir

Won = tuple[int, Collection[str]]
"""An opportunity that was won: what it brought, in cents, and who takes part in it."""


def split(cents: int, programs: Collection[str]) -> dict[str, int]:
    """Each program's part. The parts add up to ``cents`` and differ by one at most; nothing where there are no programs."""
    names = sorted(set(programs))
    if not names:
        return {}
    sign = -1 if cents < 0 else 1
    whole, rest = divmod(abs(cents), len(names))
    return {name: sign * (whole + (at < rest)) for at, name in enumerate(names)}


def attributed(won: Iterable[Won], successes: Mapping[str, Collection[str]]) -> Counter[str]:
    """Cents by program. ``successes``: programs by the person who succeeded in them."""
    found = Counter[str]()
    for cents, people in won:
        programs = {program for person in people for program in successes.get(person, ())}
        found.update(split(cents, programs))
    return found


def attribution(deals: ir.Table, successes: ir.Table) -> ir.Table:
    """As ``attributed``, for any number of rows: (program, cents, deals).

    ``deals`` has (deal, cents, person), one row for each who takes part; ``successes`` (program, person).
    """
    pairs = deals.join(successes, "person").select("deal", "cents", "program").distinct()
    place = ibis.window(group_by="deal")
    order = ibis.window(group_by="deal", order_by="program")
    counted = pairs.mutate(of=ibis._.count().over(place), at=ibis.row_number().over(order))
    size = counted.cents.abs()
    rest = size % counted.of
    share = ((size - rest) / counted.of).cast("int64") + (counted["at"] < rest).cast("int64")
    parts = counted.select("program", part=share * counted.cents.sign().cast("int64"))
    return parts.group_by("program").agg(cents=parts.part.sum().cast("int64"), deals=parts.count())


def cents_of(amount: ir.StringValue) -> ir.IntegerValue:
    """Canonical decimal text in cents; what is none is nothing."""
    told = amount.try_cast("decimal(24, 2)")
    return (told * 100).cast("int64").fill_null(0)
