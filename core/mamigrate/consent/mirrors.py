"""What only repeats a state which the platform also tells with its instant: flags of a record, and the log of changes.

Such a flag says nothing of its own: where the state of the same person or address and scope is known to the instant, the
flag says what the state says, since then. Where it is not, the flag is a denial of its own, as old or as young as it may be.

A log that tells no brand tells of all brands, unless the states of the address say which one was left at that instant.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from mamigrate.contract import Blocker
from mamigrate.once import once

_SAME = ("channel", "brand", "topic", "asset_class", "holder", "address_loose", "held_by")


@once
def explained(facts: ir.Table, blockers: Sequence[Blocker], connection: str) -> ir.Table:
    """(flag, state, since): the flags among the facts of ``connection`` that are explained, with kind and instant."""
    # The person counts for what a person holds only: an address's flag and state meet whoever else has the address.
    named = facts.mutate(held_by=(facts.holder == "person").ifelse(facts.person_key, "").fill_null(""))
    nothing = facts.filter(ibis.literal(False)).select(flag="key", state="kind", since="hi")
    return ibis.union(nothing, *(_explained(named, one, connection) for one in blockers if one.mirrors))


def _explained(facts: ir.Table, blocker: Blocker, connection: str) -> ir.Table:
    """States that contradict each other, or one of which has no instant, explain nothing."""
    refs = facts.source_ref
    flags = facts.filter(refs.startswith(f"{connection}/person/") & refs.endswith(f"/{blocker.field}"))
    flags = flags.filter(flags.raw == "true")  # neither unreadable nor doubtful
    states = facts.filter((facts.polarity == "-") & refs.startswith(f"{connection}/{blocker.mirrors}/"))
    exact = states.lo.notnull() & (states.lo == states.hi) & states.until.isnull()
    told = states.group_by(list(_SAME)).agg(
        state=states.kind.min(), other=states.kind.max(), since=states.hi.max(), exact=exact.all()
    )
    told = told.filter(told.exact & (told.state == told.other))
    return flags.select(*_SAME, flag="key").join(told, list(_SAME)).select("flag", "state", "since")


@once
def resolved(facts: ir.Table, explained: ir.Table) -> ir.Table:
    """The facts, with each explained flag as the state that it repeats."""
    joined = facts.left_join(explained, facts.key == explained.flag)
    known = joined.flag.notnull()
    as_state = {"kind": joined.state, "lo": joined.since, "hi": joined.since}
    told = {name: known.ifelse(value, joined[name]) for name, value in as_state.items()}
    return joined.mutate(**told).select(*facts.columns)


_MADE = ("channel", "topic", "asset_class", "kind", "address_loose", "spelled", "lo")
"""What a change and the state that it made have in common; the address as the platform spells it, in small letters."""


@once
def changes(facts: ir.Table, blockers: Sequence[Blocker], connection: str) -> ir.Table:
    """(change, left): the entries of logs without brands that made the state of a brand, and that brand.

    That is known where a brand's state of the very same address began at the very instant, and no state of that address, in
    any spelling, holds for all brands or could not be read.
    """
    nothing = facts.filter(ibis.literal(False)).select(change="key", left="brand")
    logs = [one for one in blockers if one.mirrors and one.log]
    return ibis.union(nothing, *(_changes(facts, one, connection) for one in logs))


def _changes(facts: ir.Table, blocker: Blocker, connection: str) -> ir.Table:
    held = facts.filter((facts.polarity == "-") & (facts.holder == "address"))
    states = held.filter(held.source_ref.startswith(f"{connection}/{blocker.mirrors}/"))
    whole = states.filter(states.brand == "*").select("address_loose")
    narrow = _exact(states).anti_join(whole, "address_loose")
    narrow = narrow.group_by(list(_MADE)).agg(left=narrow.brand.min())
    told = _exact(facts.filter(_unbranded(facts, blocker, connection))).select(*_MADE, change="key")
    return told.join(narrow, list(_MADE)).select("change", "left").distinct()


@once
def branded(facts: ir.Table, changes: ir.Table) -> ir.Table:
    """The facts, with each explained change as one of its brand."""
    joined = facts.left_join(changes, facts.key == changes.change)
    return joined.mutate(brand=ibis.coalesce(joined.left, joined.brand)).select(*facts.columns)


def unbranded(facts: ir.Table, blockers: Sequence[Blocker], connection: str) -> ir.BooleanValue:
    """Whether a fact is a denial of a log that holds for all brands because the log tells none."""
    found = [_unbranded(facts, blocker, connection) for blocker in blockers if blocker.mirrors and blocker.log]
    return ibis.or_(ibis.literal(False), *found)


def _unbranded(facts: ir.Table, blocker: Blocker, connection: str) -> ir.BooleanValue:
    logged = facts.source_ref.startswith(f"{connection}/{blocker.log}/") & (facts.kind == blocker.fact)
    return logged & (facts.holder == "address") & (facts.brand == "*") & (facts.topic == "*")


def _exact(facts: ir.Table) -> ir.Table:
    exact = facts.filter((facts.lo == facts.hi) & facts.until.isnull())
    return exact.mutate(spelled=exact.address_strict.lower())
