"""Read a side into a snapshot: every kind in pages, durable as they come, so that a crash costs some pages at most."""

from collections.abc import Sequence
from datetime import datetime

from mamigrate.consent import unanswered
from mamigrate.consent.facts import from_blockers, with_keys
from mamigrate.contract import Content, DependentReader, NeutralRow, Page
from mamigrate.errors import Refused, Unreachable
from mamigrate.findings import Findings, Severity
from mamigrate.model.base import EstateObject
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Derive, Snapshot
from mamigrate.stages import counts
from mamigrate.stages.move import Progress, Side


def extract(side: Side, snapshot: Snapshot, kinds: Sequence[Kind], progress: Progress) -> None:
    """Read ``kinds`` (those that the instance reads) to their ends and seal the snapshot. Goes on where it stopped."""
    begin(side, snapshot, kinds, progress)
    try:
        snapshot.seal(side.instance.normalise, deriver(side, snapshot.manifest.began_at), side.clock.now())
    finally:
        snapshot.close()


def begin(side: Side, snapshot: Snapshot, kinds: Sequence[Kind], progress: Progress) -> None:
    """Read ``kinds`` to their ends and leave the snapshot open for more. Goes on where it stopped."""
    try:
        for kind in side.instance.reads():
            if kind in kinds and not snapshot.manifest.of(kind).done:
                _read(side, snapshot, kind, progress)
        if not snapshot.manifest.instance_id:
            snapshot.manifest.instance_id = side.instance.info().instance_id
            snapshot.checkpoint()
    finally:
        snapshot.close()


def objects(side: Side, snapshot: Snapshot, kind: Kind) -> list[EstateObject]:
    """The objects of an estate kind that was read to its end, also where the snapshot is still open."""
    if snapshot.sealed:
        return snapshot.estate(kind)
    contents = (side.instance.normalise(kind, landed) for landed in snapshot.landed(kind))
    return [ESTATE_MODELS[kind].model_validate(row) for content in contents for row in content.rows.get(kind, ())]


def deriver(side: Side, at: datetime) -> Derive:
    """What the core adds to the content of a page: address keys, and facts from the fields that keep people unmailed."""
    blockers, source = side.adapter.blockers, f"{side.name}/person"

    def derive(content: Content) -> Content:
        people: list[NeutralRow] = []
        facts = [*content.rows.get(Kind.CONSENT_FACT, ()), *unanswered.denials(content.unanswered, side.name)]
        for row in content.rows.get(Kind.PERSON, ()):
            person = with_keys(row)
            people.append(person)
            facts.extend(from_blockers(person, blockers, source, at))
        if not people and not content.unanswered:
            return content
        more = {Kind.PERSON: people} if people else {}
        return Content({**content.rows, **more, Kind.CONSENT_FACT: facts}, content.problems)

    return derive


TOGETHER = 10
"""Pages of people whose dependents are asked for together: calls by address are then full, whatever a page holds."""


ANEW = 3
"""How often a kind is read again from its beginning where a page is refused."""


def _read(side: Side, snapshot: Snapshot, kind: Kind, progress: Progress) -> None:
    state = snapshot.manifest.of(kind)
    dependents = side.instance if kind is Kind.PERSON and isinstance(side.instance, DependentReader) else None
    cursor, held = state.cursor, list[Page]()
    met, anew = {cursor}, 0
    if not state.pages:
        state.counted_before = counts.ask(side, kind)
    while True:
        try:
            page = side.instance.read(kind, cursor)
        except Refused as refused:
            if refused.access or cursor is None:
                raise
            if anew == ANEW:  # The first page was given each time: no person has anything to mend.
                raise Unreachable(
                    side.name, f"a page of {kind} was refused again and again: {refused.reason}"
                ) from refused
            # The token of a page may be over. What was kept stays: of records that come again the last one counts.
            cursor, held, met, anew = None, [], {None}, anew + 1
            continue
        held.append(page)
        if page.next is not None and page.next in met:
            raise Unreachable(side.name, f"the pages of {kind} go in a circle")
        met.add(page.next)
        if dependents is None or page.next is None or len(held) == TOGETHER:
            _land_dependents(dependents, snapshot, held)
            if page.next is None:
                state.counted_after = counts.ask(side, kind)
            _land(snapshot, kind, held)
            progress(f"read {side.name} {kind}", state.rows, state.rows if page.next is None else None)
            held = []
        if page.next is None:
            return
        cursor = page.next


def _land(snapshot: Snapshot, kind: Kind, pages: Sequence[Page]) -> None:
    state = snapshot.manifest.of(kind)
    for page in pages:
        snapshot.land(kind, page.landed, page.next)
        state.rows += len(page.content.rows.get(kind, ()))
    snapshot.checkpoint()


def _land_dependents(reader: DependentReader | None, snapshot: Snapshot, pages: Sequence[Page]) -> None:
    """Before their people: what was landed of people is never asked for again."""
    if reader is None:
        return
    people: Sequence[NeutralRow] = [with_keys(row) for page in pages for row in page.content.rows.get(Kind.PERSON, ())]
    for dependent in reader.dependents():
        for answer in reader.read_for(dependent, people):
            snapshot.land_dependent(dependent, answer.landed)


def hidden_fields(side: Side, snapshot: Snapshot, findings: Findings) -> None:
    """A blocking field that the schema does not show stops the run: it never reads as "nobody opted out"."""
    visible = {field.key for field in snapshot.estate(Kind.FIELD)}
    for blocker in side.adapter.blockers:
        for name in filter(None, (blocker.field, blocker.hours_from)):
            if f"{Kind.PERSON}/{name}" not in visible:
                findings.add("hidden_field", Severity.BLOCK, f"{side.name}/field/{name}", field=name)
