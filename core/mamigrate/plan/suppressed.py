"""Denied addresses that belong to no person we write, and people who left the source: denied wherever they stand."""

from collections.abc import Iterable, Iterator, Mapping

from mamigrate.consent import address, cause
from mamigrate.plan.consent import DenialValues, Verdict, closing
from mamigrate.plan.model import Bucket, Planned, payload_hash
from mamigrate.plan.origins import LONGEST_TEXT, Row
from mamigrate.plan.people import PeoplePlanner, values_of

SUPPRESSED = "suppressed_address"
"""What accounts call a denied address that belongs to no person we write."""
DEPARTED = "departed/"
"""How keys of SUPPRESSED begin for people of earlier runs who left the source; the person's key follows, and ``#`` and the
record's where the person has another."""
STRANDED = "parked/"
"""How they begin for records of people who are parked or written elsewhere: the person's key follows, ``#`` and the record's."""


def suppression(row: Row, denial_values: DenialValues, planner: PeoplePlanner) -> list[Planned]:
    """A denied address that no person of the target carries: deny whoever has it there, else hold it as a denied record."""
    reasons = _reasons(row)
    values = dict(denial_values(reasons, cause.text(reasons, planner.source, cause.AT_ADDRESS)))
    values = _with_topics(row["person"], reasons, values, planner)
    hits: list[Row] = row["targets"] or []
    if hits and _of_types(row):
        return [_close(row, hit, planner, first=hit is hits[0]) for hit in hits]
    if hits:
        return [_deny(row, hit, values, planner, first=hit is hits[0]) for hit in hits]
    if "erasure" in row["wide"]:
        return [_suppressed(row, Bucket.EQUAL, "erased_and_absent", permission=values)]
    holdable = _holdable(row["address"], row["address_loose"])
    if holdable is None:
        return [_suppressed(row, Bucket.HANDED, "target_cannot_hold", permission=values)]
    key = f"{planner.source}/address/{payload_hash({'address': row['address_loose']}, {})}"
    if _of_types(row):
        values = {**_closed(row, {}, planner).values, **values}
    fresh = {planner.email_field: holdable, planner.key_field: key, **values}
    return [_suppressed(row, Bucket.CREATED, "new", permission=values, values=fresh)]


def _of_types(row: Row) -> bool:
    """Whether nothing but subscription types is denied of an address. A record that is made for one is denied as a whole: whoever is
    nobody here was mailed nothing.
    """
    return bool(row.get("cells")) and not row["whole"]


def _reasons(row: Row) -> frozenset[str]:
    return frozenset(row["wide"]) - {"topic_opt_out"} or frozenset({"objection"})


def _with_topics(
    person: Row, reasons: frozenset[str], values: Mapping[str, str], planner: PeoplePlanner
) -> dict[str, str]:
    """The values of a denied address with what the facts of its people close, where there are any."""
    if person["wide"] is None:
        return dict(values)
    return {**judged_beside(person, planner, reasons).values, **values}


def _holdable(*spellings: str | None) -> str | None:
    """The first spelling of a denied address that a target of ASCII addresses can hold."""
    found = (address.keys(text).strict for text in spellings)
    return next((text for text in found if text and text.isascii() and len(text) <= LONGEST_TEXT), None)


def departure(row: Row, planner: PeoplePlanner) -> Planned:
    """Somebody of an earlier run whom the source no longer has: held on the target, as the source would not mail them."""
    values = planner.denial_values(frozenset({"source_hold"}), f"mamigrate: no longer on {planner.source}")
    key = f"{row['key']}#{row['target_key']}" if row["again"] else row["key"]
    return _lowered(row, f"{DEPARTED}{key}", "departed", values, planner)


def stranded(row: Row, planner: PeoplePlanner) -> Iterator[Planned]:
    """A record of somebody who is parked, or written to another one: nothing of it is filled, but a denial holds there too."""
    judged = judged_beside(row, planner)
    values = {**judged.values, **_opened(judged, row)}
    if judged.wide or judged.closes(planner.denying) or values != judged.values:
        key = f"{STRANDED}{row['key']}#{row['target_key']}"
        reason = "parked" if row["parked"] else "on_target"
        yield _lowered(row, key, reason, values, planner, denied=bool(judged.wide))


def _opened(judged: Verdict, record: Row) -> dict[str, str]:
    """What we opened on a record is ours to close, when the grant is gone."""
    there = values_of(record["values"]) if record["ours"] else {}
    return {name: "false" for name in sorted(judged.ungranted) if there.get(name) == "true"}


def judged_beside(row: Row, planner: PeoplePlanner, wide: Iterable[str] = ()) -> Verdict:
    """What people say of a record that none of them is written to, and what its address says (``wide``)."""
    kinds, topics = sorted({*(row["wide"] or ()), *wide}), sorted(set(row["topics"] or ()))
    return planner.judged(tuple(kinds), tuple(topics), tuple(row["granted"] or ()))


def _lowered(
    row: Row, key: str, reason: str, values: Mapping[str, str], planner: PeoplePlanner, *, denied: bool = True
) -> Planned:
    there = values_of(row["values"])
    send = planner.lowering(values, there)
    bucket = Bucket.UPDATED if send else Bucket.EQUAL
    before = {name: there.get(name) for name in send}
    return Planned(
        SUPPRESSED, key, bucket, reason, target_key=row["target_key"], values=send, before=before,
        denied=denied, permission=values,
    )  # fmt: skip


def _deny(row: Row, hit: Row, values: Mapping[str, str], planner: PeoplePlanner, *, first: bool) -> Planned:
    values = _with_topics(hit["person"], _reasons(row), values, planner)
    there = values_of(hit["values"])
    send = planner.lowering(values, there)
    before = {name: there.get(name) for name in send}
    bucket = Bucket.UPDATED if send else Bucket.EQUAL
    # One account an address, whether we made its record or found it; further records have accounts of their own.
    key = row["address_loose"] if first else f"{row['address_loose']}#{hit['key']}"
    return _suppressed(
        row, bucket, "on_target", permission=values, key=key, target_key=hit["key"], values=send, before=before
    )


def _close(row: Row, hit: Row, planner: PeoplePlanner, *, first: bool) -> Planned:
    """A record that stands there loses the types alone, and what else its people do not want."""
    there, person = values_of(hit["values"]), hit["person"]
    judged = _closed(row, there, planner)
    beside = judged_beside(person, planner) if person["wide"] is not None else Verdict(frozenset(), {}, ())
    values, denied = {**beside.values, **_opened(beside, hit), **judged.values}, bool(judged.wide or beside.wide)
    send = planner.lowering(values, there)
    key = row["address_loose"] if first else f"{row['address_loose']}#{hit['key']}"
    before = {name: there.get(name) for name in send}
    return Planned(
        SUPPRESSED, key, Bucket.UPDATED if send else Bucket.EQUAL, "on_target", target_key=hit["key"], values=send,
        before=before, denied=denied, permission=values,
    )  # fmt: skip


def _closed(row: Row, there: Mapping[str, str], planner: PeoplePlanner) -> Verdict:
    return closing((), row["cells"], there, planner.cells, planner.denial_values, planner.source)


def _suppressed(
    row: Row,
    bucket: Bucket,
    reason: str,
    *,
    key: str = "",
    target_key: str | None = None,
    values: Mapping[str, str | None] | None = None,
    before: Mapping[str, str | None] | None = None,
    permission: Mapping[str, str],
) -> Planned:
    return Planned(
        SUPPRESSED,
        key or row["address_loose"],
        bucket,
        reason,
        target_key=target_key,
        values=values or {},
        before=before or {},
        denied=True,
        permission=permission,
    )
