"""What denials that came after a move mean on the other side. Pure: facts in, what must be closed out; nothing is raised."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from mamigrate.consent.address import exact, keys
from mamigrate.consent.verdict import WIDE
from mamigrate.contract import EVERYTHING, NeutralRow
from mamigrate.plan import consent
from mamigrate.plan.consent import TopicCell, Verdict
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.people import PeoplePlanner, values_of
from mamigrate.plan.suppressed import SUPPRESSED, suppression

ALL = "*"
LATE = "late"
"""The reason of what is written by a later denial."""
LASTING = frozenset({"objection", "topic_opt_out", "complaint", "block", "unparsed", "erasure"})
"""Denials of an address that outlive its record: they are held on the other side although nobody there has the address."""
NOT_HELD = frozenset({"undeliverable", "time_hold"})
"""What is no wish and no hold of an account: a side with nothing but opt-outs would make a false history of it."""


# --- into fields ---------------------------------------------------------------------------------------------------------


def closing(facts: Iterable[NeutralRow], there: Mapping[str, str], planner: PeoplePlanner) -> Verdict:
    """What these facts close of a record with the values ``there``: denials only, whoever said yes to what.

    Who has left the last topic that stands open is denied as a whole.
    """
    facts = list(facts)
    wide = sorted({fact["kind"] for fact in facts if _is_wide(fact)})
    narrow = {f"{fact['brand']}|{fact['topic']}" for fact in facts if not _is_wide(fact)}
    return consent.closing(wide, narrow, there, planner.cells, planner.denial_values, planner.source)


def lowered(row: NeutralRow, kind: str, key: str, facts: Sequence[NeutralRow], planner: PeoplePlanner) -> Planned:
    """What is written to a record that stands on the target."""
    there = values_of(row["values"])
    wide = [fact for fact in facts if _is_wide(fact)]
    # Whoever is nobody's person is held as a whole where the address is, as a run does it.
    judged = closing(wide if wide and kind == SUPPRESSED else facts, there, planner)
    send = planner.lowering(judged.values, there)
    bucket = Bucket.UPDATED if send else Bucket.EQUAL
    before = {name: there.get(name) for name in send}
    return Planned(
        kind, key, bucket, LATE, target_key=row["key"], values=send, before=before, denied=bool(judged.wide),
        permission=judged.values,
    )  # fmt: skip


def held(loose: str, facts: Sequence[NeutralRow], planner: PeoplePlanner) -> Planned | None:
    """A record that holds the denial of an address which nobody on the target has; None where nothing outlives a record."""
    lasting = [fact for fact in facts if fact["kind"] in LASTING]
    if not lasting:
        return None
    spelled = next((fact["address_strict"] for fact in lasting if fact["address_strict"]), loose)
    nobody = {"wide": None, "topics": None, "granted": None}
    row = {"address": spelled, "address_loose": loose, "wide": sorted({f["kind"] for f in lasting}), "targets": None}
    return suppression({**row, "person": nobody}, planner.denial_values, planner)[0]


def _is_wide(fact: NeutralRow) -> bool:
    return fact["kind"] in WIDE and fact["topic"] == ALL and fact["brand"] == ALL


# --- into subscription types -----------------------------------------------------------------------------------------------


def topics_left(fact: NeutralRow, cells: Sequence[TopicCell]) -> frozenset[str]:
    """Subscription types that a denial in a field closes: every type that is kept there, or EVERYTHING where none is any more.

    Empty where the fact is nothing that an opt-out may stand for.
    """
    if fact["kind"] in NOT_HELD:
        return frozenset()
    if fact["topic"] == ALL:
        return frozenset({EVERYTHING})
    kept = {cell.key for cell in cells if cell.rule and cell.rule.target == fact["topic"]}
    return frozenset(kept) or frozenset({EVERYTHING})


def beside(fact: NeutralRow, addresses: Iterable[str], topics: Iterable[str]) -> Iterator[NeutralRow]:
    """What a person holds, held by the person's other addresses, in the terms of subscription types.

    Each fact still names the record that says so: what has no address of its own may be told of that record's, too.
    """
    for known in (keys(text) for text in addresses):
        if known.loose is None or known.loose == fact["address_loose"]:
            continue
        at = {"holder": "address", "address_strict": known.strict, "address_loose": known.loose}
        for topic in topics:
            wide = fact["kind"] if fact["topic"] == ALL else "objection"
            what = {"kind": "topic_opt_out", "topic": topic} if topic else {"kind": wide, "topic": ALL}
            yield {**fact, **at, **what, "key": f"{fact['key']}#{topic}@{known.loose}"}


def open_still(wanted: Collection[str], denied: Collection[str]) -> frozenset[str]:
    """What of ``wanted`` must be closed yet; EVERYTHING holds all."""
    if EVERYTHING in denied:
        return frozenset()
    return frozenset({EVERYTHING}) if EVERYTHING in wanted else frozenset(wanted) - frozenset(denied)


# --- echoes ------------------------------------------------------------------------------------------------------------


def field_of(fact: NeutralRow) -> str:
    """The field or topic that says so: a reference ends with it."""
    return str(fact["source_ref"]).rpartition("/")[2]


def echoes_field(fact: NeutralRow, written: Mapping[tuple[str, str], datetime]) -> datetime | None:
    """When we wrote this denial in a field; None: we did not. ``written`` are (record, field)."""
    return written.get((str(fact["person_key"]), field_of(fact)))


def echoes_topic(fact: NeutralRow, written: Mapping[tuple[str, str], datetime]) -> datetime | None:
    """When we wrote this opt-out of an address; None: we did not. ``written`` are (``exact`` address, topic), EVERYTHING for all."""
    if fact["kind"] not in ("objection", "topic_opt_out"):
        return None
    topic = EVERYTHING if fact["topic"] == ALL else fact["topic"]
    who = exact(fact["address_strict"], fact["address_loose"])
    when = [written.get((who, one)) for one in (topic, EVERYTHING)]
    return max((moment for moment in when if moment is not None), default=None)


def happened(facts: Iterable[NeutralRow]) -> datetime | None:
    """When the newest of these denials was made; None where none has an instant."""
    exact = [fact["lo"] for fact in facts if fact["lo"] is not None and fact["lo"] == fact["hi"]]
    return max(exact, default=None)
