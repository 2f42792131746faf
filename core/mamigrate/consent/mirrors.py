"""Flags of a record that only repeat a state which the platform also tells with its instant.

Such a flag says nothing of its own: where the state of the same person or address and scope is known to the instant, the
flag says what the state says, since then. Where it is not, the flag is a denial of its own, as old or as young as it may be.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from mamigrate.contract import Blocker

_SAME = ("channel", "brand", "topic", "asset_class", "holder", "address_loose", "held_by")


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
        state=states.kind.min(), kinds=states.kind.nunique(), since=states.hi.max(), exact=exact.all()
    )
    told = told.filter(told.exact & (told.kinds == 1))
    return flags.select(*_SAME, flag="key").join(told, list(_SAME)).select("flag", "state", "since")


def resolved(facts: ir.Table, explained: ir.Table) -> ir.Table:
    """The facts, with each explained flag as the state that it repeats."""
    joined = facts.left_join(explained, facts.key == explained.flag)
    known = joined.flag.notnull()
    as_state = {"kind": joined.state, "lo": joined.since, "hi": joined.since}
    told = {name: known.ifelse(value, joined[name]) for name, value in as_state.items()}
    return joined.mutate(**told).select(*facts.columns)
