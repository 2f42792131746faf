"""Denials after a move on the vendor in memory: what is told of them, and what is held. Pure functions over its state."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from mamigrate.consent import address
from mamigrate.consent.facts import from_blockers, from_list
from mamigrate.contract import EVERYTHING, Denial, DenialPage, NeutralRow, Outcome, Status
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_read
from mamigrate.testing.memory_schema import BLOCKERS
from mamigrate.testing.memory_state import OptOut, Record, State

Topics = Mapping[str, str]


def page(state: State, connection: str, since: datetime, offset: int, topics: Topics, now: datetime) -> DenialPage:
    """Denials of people who changed since a moment, and opt-outs of addresses since then or without an instant."""
    facts = list(_facts(state, connection, since, topics, now))
    size = memory_read.PAGE
    more = str(offset + size) if offset + size < len(facts) else None
    problems = [Finding("denials_without_contact_unread", Severity.WARN, connection, {"reason": "no permission"})]
    return DenialPage(
        facts[offset : offset + size], now, more, problems=problems if state.quirks.unread_denials else ()
    )


def _facts(state: State, connection: str, since: datetime, topics: Topics, now: datetime) -> Iterator[NeutralRow]:
    changed = [one for one in state.people.values() if one.updated_at >= since and not one.archived]
    rows = [one.model_dump(mode="json") for one in changed]
    told = memory_read.records(connection, Kind.PERSON, rows, memory_read.landed(state, ()).context)
    for row in told.rows[Kind.PERSON]:
        yield from from_blockers(row, BLOCKERS, f"{connection}/person", now)
        yield from (fact for name, denies in topics.items() for fact in _in_field(connection, row, name, denies))
    if not topics:
        yield from (fact for fact in told.rows[Kind.CONSENT_FACT] if fact["polarity"] == "-")
    outs = [out for out in memory_read.opt_outs(state) if out["at"] is None or _moment(out["at"]) >= since]
    yield from memory_read.statements(connection, outs)


def left_out(state: State, connection: str, moment: datetime, known: Collection[str], now: datetime) -> DenialPage:
    """Members of lists that are left out of mail: those who may be new, and all of a list that is not known as such."""
    if state.quirks.unread_exclusions:
        return DenialPage(
            (), now, problems=[Finding("exclusions_unread", Severity.WARN, connection, {"reason": "no permission"})]
        )
    told = [
        from_list(connection, one.id, person, one.joined.get(person))
        for one in state.lists.values()
        for person in one.members
        if one.exclusion and (one.id not in known or one.joined.get(person, moment) >= moment)
    ]
    return DenialPage(told, now)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _in_field(connection: str, person: NeutralRow, name: str, denies: str) -> Iterator[NeutralRow]:
    """What a person's field of a subscription type says."""
    if person["values"].get(name) == denies:
        yield from memory_read.topic_denial(connection, person, name, name, "*", denies)


# --- held by address -----------------------------------------------------------------------------------------------------


def denied(state: State, addresses: Sequence[str]) -> dict[str, frozenset[str]]:
    """Of each address, the types that it left, in the fields of whoever has it or alone."""
    return {text: frozenset(_left(state, address.loose(text))) for text in addresses}


def _left(state: State, loose: str | None) -> Iterator[str]:
    for out in state.opt_outs:
        if address.loose(out.address) == loose:
            yield EVERYTHING if out.topic == "*" else out.topic
    for one in state.people.values():
        if address.loose(one.values.get("email")) == loose:
            yield from _left_by(state, one)


def _left_by(state: State, person: Record) -> Iterator[str]:
    if person.values.get("unsubscribed") == "true":
        yield EVERYTHING
    yield from (key for key, topic in state.topics.items() if person.values.get(topic.field) == topic.denies)


def deny(state: State, denials: Sequence[Denial], now: datetime) -> list[Outcome]:
    """Opt-outs of these addresses, as an API writes them."""
    lost = state.quirks.lose_replies or state.quirks.lose_writes
    arrives = not state.quirks.lose_writes or bool(state.quirks.lose_replies)
    if state.quirks.lose_replies:
        state.quirks.lose_replies -= 1
    elif state.quirks.lose_writes:
        state.quirks.lose_writes -= 1
    if state.quirks.claims:
        state.quirks.claims -= 1
        return [Outcome(one.key, Status.UPDATED) for one in denials]
    outcomes = [_deny(state, one, now) if arrives else Outcome(one.key, Status.MAYBE) for one in denials]
    return [Outcome(one.source_key, Status.MAYBE) if lost else one for one in outcomes]


def _deny(state: State, one: Denial, now: datetime) -> Outcome:
    if state.quirks.refuse.get("opt_out") == one.address:
        return Outcome(one.key, Status.REJECTED, code="value_refused")
    if one.topic != EVERYTHING and one.topic not in state.topics:
        return Outcome(one.key, Status.REJECTED, code="no_such_topic")
    brand = state.topics[one.topic].brand if one.topic else "*"
    kind, topic = ("topic_opt_out", one.topic) if one.topic else ("objection", "*")
    state.opt_outs.append(OptOut(address=one.address, brand=brand, topic=topic, kind=kind, at=now))
    return Outcome(one.key, Status.UPDATED)
