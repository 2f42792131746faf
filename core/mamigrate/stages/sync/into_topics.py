"""Carry denials in the target's fields to the source, where they hang on addresses and subscription types."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from mamigrate.chunks import chunks
from mamigrate.consent.address import found_in
from mamigrate.contract import EVERYTHING, Denial, DenialSink, Finder, NeutralRow, Outcome, Status
from mamigrate.errors import QuotaExhausted, Unreachable
from mamigrate.findings import Severity
from mamigrate.ledger.store import Item
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.plan.consent import TopicCell
from mamigrate.stages.move import Move
from mamigrate.stages.sync import lists, unplaced, written
from mamigrate.stages.sync.reading import people_of, without_echoes
from mamigrate.stages.sync.way import Fate, Told, Way

PHASE = "late denials"
BATCH = 100
"""Denials that are noted in the ledger together."""
SENDINGS = 3

Wanted = dict[tuple[str, str], list[NeutralRow]]
"""Facts by (address, topic) that they close."""


def carry(move: Move, way: Way, cells: Sequence[TopicCell], left_out: Collection[str], *, dry: bool) -> None:
    """Deny what the source does not deny yet, read it back, and tell what became of every denial.

    ``left_out`` are lists whose members the source leaves out itself.
    """
    doubtful = [fact for fact in way.facts if fact["key"] not in way.native]
    known = written.fields(move, {str(fact["person_key"]) for fact in doubtful if fact["person_key"]})
    put = set(lists.ours(move, way.facts, left_out)) if left_out else set()
    facts = without_echoes(way, lambda fact: late.echoes_field(fact, known), lambda fact: _of_target(move, fact), put)
    wanted = _wanted(move, way, facts, cells)
    sink = move.source.instance
    assert isinstance(sink, DenialSink), "looked at when the command began"
    addresses = sorted({address for address, _ in wanted})
    before = sink.denied(addresses) if addresses else {}
    due = [pair for pair in sorted(wanted) if _is_open(pair, wanted, before)]
    now = due[: way.most]
    proven = set[tuple[str, str]]()
    try:
        if not dry:
            unplaced.note(move, way, [_told(move, way, Fate.WAITING, pair, wanted[pair]) for pair in now])
            _write(move, sink, [_denial(move, pair, wanted[pair]) for pair in now])
            proven = _proven(move, sink, now) if now else proven
    except (QuotaExhausted, Unreachable) as error:
        way.trouble = error  # What is not proven waits, and is told so.
    for pair, some in sorted(wanted.items()):
        whole = (pair[0], EVERYTHING)
        # A topic that is still open stands with the denial of everything that it is part of, and waits with it.
        holder = whole if whole in due and not _stands(pair, before) else pair
        fate = Fate.STANDING if holder not in due else Fate.CARRIED if holder in proven else Fate.WAITING
        way.told.append(_told(move, way, fate, pair, some))


def _told(move: Move, way: Way, fate: Fate, pair: tuple[str, str], facts: Sequence[NeutralRow]) -> Told:
    return way.of(fate, f"{move.source.name}/address/{pair[0]}", pair[1] or late.ALL, facts)


def _of_target(move: Move, fact: NeutralRow) -> str:
    return f"{move.target.name}/person/{fact['person_key'] or fact['address_loose']}"


# --- what a denial closes --------------------------------------------------------------------------------------------------


def _wanted(move: Move, way: Way, facts: Sequence[NeutralRow], cells: Sequence[TopicCell]) -> Wanted:
    """Addresses of what an address holds; of what a person holds, those of the person's own records on the source."""
    homes = _homes(move, people_of(facts))
    wanted: Wanted = defaultdict(list)
    for fact in facts:
        topics = late.topics_left(fact, cells)
        if not topics:
            way.tell(Fate.UNHELD, _of_target(move, fact), late.field_of(fact), [fact])
            move.findings.add("late_denial_not_held", Severity.WARN, _of_target(move, fact), field=late.field_of(fact))
            continue
        addresses = _addresses(fact, homes)
        if not addresses:
            way.tell(Fate.NOWHERE, _of_target(move, fact), late.field_of(fact), [fact])
            move.findings.add("late_denial_nowhere", Severity.WARN, _of_target(move, fact), field=late.field_of(fact))
        if EVERYTHING in topics and fact["kind"] != "objection":
            move.findings.add("late_denial_grown", Severity.NOTE, _of_target(move, fact), field=late.field_of(fact))
        if fact["holder"] == "person":
            way.beside += late.beside(fact, addresses, topics)
        for address in addresses:
            for topic in topics:
                wanted[address, topic].append(fact)
    return dict(wanted)


def _addresses(fact: NeutralRow, homes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """A text that is no address stands for those in it."""
    own = fact["address_strict"]
    found = homes.get(str(fact["person_key"]), ()) if fact["holder"] == "person" else ()
    return found or ([own] if own else found_in(fact["address_loose"]).addresses)


def _homes(move: Move, people: Sequence[str]) -> dict[str, list[str]]:
    """Every address of the source's records of the target's people, by the target's key."""
    rows = move.ledger.ids_among(*move.direction, (Kind.PERSON.value,), "target_key", people)
    finder = move.source.instance
    keys = sorted({row.source_key for row in rows})
    if not keys or not isinstance(finder, Finder):
        return {}
    there = {one["key"]: one for one in finder.find(Kind.PERSON, "id", keys, [])}
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        person = there.get(row.source_key)
        texts = [person["email"], *person["other_emails"]] if person else []
        found[row.target_key] += [text for text in texts if text and text not in found[row.target_key]]
    return dict(found)


def _is_open(pair: tuple[str, str], wanted: Wanted, before: Mapping[str, frozenset[str]]) -> bool:
    """What nobody could tell counts as open: it is denied once more. A denial of everything holds those of topics."""
    address, topic = pair
    if topic != EVERYTHING and (address, EVERYTHING) in wanted:
        return False
    return not _stands(pair, before)


def _stands(pair: tuple[str, str], before: Mapping[str, frozenset[str]]) -> bool:
    address, topic = pair
    return not late.open_still({topic}, before.get(address, frozenset()))


# --- writing ---------------------------------------------------------------------------------------------------------------


def _denial(move: Move, pair: tuple[str, str], facts: Sequence[NeutralRow]) -> Denial:
    kinds = ", ".join(sorted({fact["kind"] for fact in facts})).replace("_", " ")
    when = late.happened(facts)
    told = f" at {when:%Y-%m-%d %H:%M} UTC" if when else ""
    return Denial(*pair, f"mamigrate: {kinds} on {move.target.name}{told}")


def _write(move: Move, sink: DenialSink, denials: Sequence[Denial]) -> None:
    what, done = f"deny on {move.source.name}", 0
    for part in chunks(denials, BATCH):
        move.progress(what, done, len(denials))
        _send(move, sink, part)
        done += len(part)
    move.progress(what, done, len(denials))


def _send(move: Move, sink: DenialSink, denials: Sequence[Denial]) -> None:
    """Note, send, close. What may have happened is asked for, and sent again where it is not there: to deny twice is no harm."""
    items = [_item(one) for one in denials]
    batch = move.ledger.intend(move.run_id, move.run_id, PHASE, Kind.CONSENT_FACT, items)
    outcomes = {one.source_key: one for one in sink.deny(denials)}
    for _ in range(SENDINGS - 1):
        outcomes |= _settled(sink, [one for one in denials if outcomes[one.key].status is Status.MAYBE])
        left = [one for one in denials if outcomes[one.key].status is Status.MAYBE]
        if not left:
            break
        outcomes |= {one.source_key: one for one in sink.deny(left)}
    outcomes |= _settled(sink, [one for one in denials if outcomes[one.key].status is Status.MAYBE])
    maybe = any(one.status is Status.MAYBE for one in outcomes.values())
    told = [{"key": one.source_key, "status": one.status, "code": one.code} for one in outcomes.values()]
    move.ledger.close_batch(batch, "maybe" if maybe else "done", told, [], [])
    for one in outcomes.values():
        if one.status is Status.REJECTED:
            subject = f"{move.source.name}/address/{one.source_key.rpartition('|')[0]}"
            move.findings.add("late_denial_refused", Severity.BLOCK, subject, vendor_code=one.code)
    if maybe:
        raise Unreachable(move.source.name, f"replies to writes are lost ({PHASE})")


def _settled(sink: DenialSink, denials: Sequence[Denial]) -> dict[str, Outcome]:
    there = sink.denied(sorted({one.address for one in denials})) if denials else {}
    return {
        one.key: Outcome(one.key, Status.UPDATED)
        for one in denials
        if not late.open_still({one.topic}, there.get(one.address, frozenset()))
    }


def _item(one: Denial) -> Item:
    return {
        "kind": Kind.CONSENT_FACT.value,
        "key": one.key,
        "change": one.key,
        "target": one.address,
        "hash": "",
        "before": {},
        "denials": [one.topic],
        "reason": late.LATE,
    }


def _proven(move: Move, sink: DenialSink, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """What the source shows as denied now. What it does not show blocks: nobody may rely on it."""
    there = sink.denied(sorted({address for address, _ in pairs}))
    proven = {pair for pair in pairs if not late.open_still({pair[1]}, there.get(pair[0], frozenset()))}
    for address, _ in sorted(set(pairs) - proven):
        move.findings.add("late_denial_unproven", Severity.BLOCK, f"{move.source.name}/address/{address}")
    return proven
