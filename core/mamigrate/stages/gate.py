"""Before the first write: everything that must be decided, or that forbids writing at all."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mamigrate.consent import asset_class
from mamigrate.contract import LinkedOptOuts
from mamigrate.errors import Blocked
from mamigrate.findings import Finding, Severity
from mamigrate.handwritten.text import nearest
from mamigrate.mapping import columns
from mamigrate.model.estate import Asset, DataType, Workflow
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.ordering import missing_references
from mamigrate.settings.decisions import COLUMN, DECLARE, Decision, Decisions, add, load
from mamigrate.settings.model import CrmLink
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import contract, decided, former, instances
from mamigrate.stages.move import Move, Side, refused_kinds
from mamigrate.stages.plan import Plan
from mamigrate.stages.prepare import Prepared, values_of

UNREAD = (
    "denials_without_contact_unread",
    "exclusions_unread",
    "exclusion_list_unresolved",
    "exclusion_members_unread",
    "crm_opt_outs_unread",
    "deleted_denials_unread",
)
"""Findings of a source of denials that exists but was not read."""


def check(move: Move, plan: Plan, prepared: Prepared, source: Snapshot, target: Snapshot) -> None:
    """Add findings that block. Raises nothing: all of them are listed in one pass."""
    _unasked(move)
    decided.check(move, source, target)
    instances.check(move, (move.source, move.target))
    _irreversible(move, prepared)
    _held_by_law(move)
    _topics(move, prepared)
    _unasked_topics(move, prepared)
    _columns(move, prepared, source)
    _zones(move)
    _crm(move)
    _opt_out_sync(move)
    _assets(move, source)
    move.findings.extend(refused_kinds(move.target))
    contract.check(move, plan, target)
    _live_automation(move, target)
    _unread_denials(move)
    _dangling(move, source)


def close(move: Move) -> None:
    """Raises Blocked when anything blocks."""
    blocking = move.findings.blocking
    if blocking:
        raise Blocked(*sorted({found.code for found in blocking}))


def ask(move: Move, id: str, safe: str, why: str) -> str | None:
    """The decision ``id``; in a project that a sandbox signs, the safe choice is signed at once."""
    choice = move.decisions.choice(id)
    if choice is None:
        move.asked[id] = safe
        if move.project.signer:
            made = Decision(id=id, choice=safe, who=move.project.signer, why=why, when=move.now.date())
            add(move.project.decisions_path, [made])
            move.decisions = load(move.project.decisions_path)
            return safe
    return choice


def _stop(move: Move, decision: str, code: str, subject: str, /, **params: str) -> None:
    """What blocks while ``decision`` is not accepted: nobody decided, or somebody said no."""
    made = move.decisions.get(decision)
    if made is not None and made.choice == "refuse":
        code, params = "decision_refused", {"id": decision, "who": made.who}
    move.findings.add(code, Severity.BLOCK, subject, **params)


def _unasked(move: Move) -> None:
    """A decision with a slip in its id would leave its question open without a word."""
    for one in move.decisions.unasked:
        move.findings.add("decision_unknown", Severity.WARN, one.where, id=one.id, near=one.nearest or "-")


def _irreversible(move: Move, prepared: Prepared) -> None:
    if not prepared.missing:
        return
    names = ", ".join(new.name for new in prepared.missing)
    why = "custom fields cannot be deleted on the target"
    if ask(move, "irreversible/create-fields", "accept", why) != "accept":
        subject = f"{move.target.name}/field"
        params = {"count": str(len(prepared.missing)), "names": names[:500]}
        _stop(move, "irreversible/create-fields", "irreversible_undecided", subject, **params)


def _held_by_law(move: Move) -> None:
    """What packs hold stays held on the target when the law is taken out of the project again: nothing lowers a denial."""
    for found in [one for one in move.findings if one.code == "no_basis"]:
        why = "whoever a pack holds stays held on the target without the pack, too"
        if ask(move, "irreversible/hold-by-law", "accept", why) != "accept":
            subject = f"{move.target.name}/person"
            _stop(move, "irreversible/hold-by-law", "law_holds_undecided", subject, **found.params)


def _topics(move: Move, prepared: Prepared) -> None:
    """A topic that becomes a field is obeyed only where somebody asks for the field."""
    names = {topic.key: topic.name for topic in prepared.topics}
    for rule in prepared.mapping.topics:
        if rule.target:
            subject = f"{move.target.name}/field/{rule.target}"
            topic = names.get(rule.source, rule.source)
            move.findings.add("topic_by_smart_lists", Severity.NOTE, subject, topic=topic, field=rule.target)
    former.check(move, prepared.mapping, prepared.target_fields)
    for rule in prepared.former:
        subject, topic = f"{move.target.name}/field/{rule.target}", names.get(rule.source, rule.source)
        move.findings.add("topic_field_former", Severity.NOTE, subject, topic=topic, field=rule.target or "")


def _unasked_topics(move: Move, prepared: Prepared) -> None:
    """Subscription types that the target opens for everybody it creates: they are closed with the record, or it stops."""
    for topic in prepared.unasked.topics:
        subject, name = f"{move.target.name}/topic/{topic.key}", topic.name
        if topic.field:
            move.findings.add("default_topic_closed", Severity.NOTE, subject, topic=name, field=topic.field)
        elif move.decisions.choice(f"default-topic/{topic.key}") != "accept":
            params = {"topic": name, "id": topic.key}
            _stop(move, f"default-topic/{topic.key}", "default_topic_open", subject, **params)


def _columns(move: Move, prepared: Prepared, source: Snapshot) -> None:
    """Columns that may hold a permission, which nothing but a person can tell: until somebody does, nothing is moved."""
    declared = move.decisions.columns()
    own = [f for f in prepared.source_fields if f.holder is Kind.PERSON and f.custom and f.api_name not in declared]
    named = [field for field in own if columns.suspicious(field.api_name, field.name)]
    asked = {f"{COLUMN}{field.api_name}" for field in prepared.source_fields if field.api_name in declared}
    for field, values in zip(named, values_of(move, source, named), strict=True):
        if not values or not (field.data_type is DataType.BOOLEAN or columns.of_marks(values)):
            continue
        asked.add(f"{COLUMN}{field.api_name}")
        why = "no permission to mail hangs on this column, or its opt-outs come in a file of facts"
        if ask(move, f"{COLUMN}{field.api_name}", "accept", why) != "accept":
            told = ", ".join(f"{value} {n}" for value, n in values.items() if columns.is_mark(value))
            params = {"field": field.api_name, "label": field.name, "values": told}
            params["proposal"] = columns.proposal((field.api_name, field.name), values)
            subject = f"{move.source.name}/field/{field.api_name}"
            _stop(move, f"{COLUMN}{field.api_name}", "consent_column_undeclared", subject, **params)
    _idle(move, asked)


def _idle(move: Move, asked: set[str]) -> None:
    """Decisions about columns of which nothing was asked: a slip in the name, or the column has no such values any more.
    The gate alone asks these, and it asks all of them in every run.

    Of other questions it cannot be told here: they are asked in other stages too, or only until what they are about is done.
    """
    for one in move.decisions:
        # A declared field that nobody shows blocks already, with the nearest of all fields.
        if one.id.startswith(COLUMN) and one.id not in asked and one.choice != DECLARE:
            subject = f"{move.source.name}/field/{one.id.removeprefix(COLUMN)}"
            near = nearest(one.id, sorted(asked)) or "-"
            move.findings.add("decision_unasked", Severity.NOTE, subject, id=one.id, near=near)


def _zones(move: Move) -> None:
    for side in (move.source, move.target):
        found = zone_differs(side.name, side.connection.time_zone, move.info(side).time_zone)
        move.findings.extend(found)


def zone_differs(connection: str, said: str, told: str) -> Iterator[Finding]:
    """A finding where the project and the platform name zones that keep different time: dates would move by hours."""
    year = datetime.now(UTC).year
    days = [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
    try:
        same = all(
            day.astimezone(ZoneInfo(said)).utcoffset() == day.astimezone(ZoneInfo(told)).utcoffset() for day in days
        )
    except (KeyError, ValueError):
        same = told == said
    if not same:
        yield Finding("time_zone_differs", Severity.WARN, connection, {"said": said, "told": told})


def _crm(move: Move) -> None:
    """A CRM that is linked, or may be: somebody decides about it, its sync rests, and its opt-outs are known."""
    for side in (move.source, move.target):
        linked, link = move.info(side).crm_linked, move.project.file.crm_link
        asked = crm(link, move.decisions, side.name, linked, role=_role(move, side), filed=bool(move.filed_by_crm))
        move.findings.extend(asked)


def crm(
    link: CrmLink | None, decisions: Decisions, connection: str, linked: bool | None, *, role: str, filed: bool
) -> Iterator[Finding]:
    """What is still to be decided about the CRM behind a connection. ``filed``: some fact from a file is the CRM's."""
    if linked is False or (linked is None and decisions.choice(f"crm-unknown/{connection}") == "accept"):
        return
    if link is None and linked is None:
        yield Finding("crm_unknown", Severity.BLOCK, connection)
        return
    if link is None:
        yield Finding("crm_link_undecided", Severity.BLOCK, connection, {"side": role})
        return
    if link.sync == "on":
        yield Finding("crm_sync_on", Severity.BLOCK, connection)
    if not filed and decisions.choice("crm-opt-outs/none") != "accept":
        yield Finding("crm_opt_outs_unread", Severity.WARN, connection)


def _opt_out_sync(move: Move) -> None:
    for side in (move.source, move.target):
        move.findings.extend(opt_out_sync(side, move.decisions))


def opt_out_sync(side: Side, decisions: Decisions) -> Iterator[Finding]:
    """How a platform and its CRM settle what an opt-out is, for the record. Where the CRM's value overwrites one, or nobody
    carries it over, an opt-out of yesterday may be gone today: that blocks."""
    mode = side.instance.opt_out_sync() if isinstance(side.instance, LinkedOptOuts) else None
    if mode is None:
        return
    yield Finding("opt_out_sync", Severity.NOTE, side.name, {"mode": mode.value})
    if mode.loses and decisions.choice(f"opt-out-sync/{side.name}") != "accept":
        yield Finding("opt_out_sync_loses", Severity.BLOCK, side.name, {"mode": mode.value})


def _assets(move: Move, source: Snapshot) -> None:
    """Mail that opt-outs of marketing do not stop: whoever builds it again builds marketing, unless somebody decided."""
    for asset in (one for one in source.estate(Kind.ASSET) if isinstance(one, Asset)):
        if asset_class.claims(asset) and asset_class.decision(asset, move.decisions.choice) is None:
            subject = f"{move.source.name}/asset/{asset.key}"
            params = {"name": asset.name, "class": asset.asset_class, "id": asset.key}
            move.findings.add("asset_is_marketing", Severity.NOTE, subject, **params)


def unread(move: Move, sides: Iterable[Side]) -> None:
    """Tell of a CRM, or of what may be one, whose opt-outs nobody brought."""
    for side in sides:
        linked = side.instance.info().crm_linked
        if linked is False or (linked is None and move.decisions.choice(f"crm-unknown/{side.name}") == "accept"):
            continue
        if not move.filed_by_crm and move.decisions.choice("crm-opt-outs/none") != "accept":
            move.findings.add("crm_opt_outs_unread", Severity.WARN, side.name)


def _role(move: Move, side: Side) -> str:
    return "source" if side is move.source else "target"


def _live_automation(move: Move, target: Snapshot) -> None:
    for workflow in target.estate(Kind.WORKFLOW):
        if not isinstance(workflow, Workflow) or not (workflow.active and workflow.fires_on_write):
            continue
        if move.decisions.choice(f"live/{workflow.key}") != "accept":
            subject = f"{move.target.name}/workflow/{workflow.key}"
            params = {"name": workflow.name, "id": workflow.key}
            _stop(move, f"live/{workflow.key}", "live_automation", subject, **params)


def _dangling(move: Move, source: Snapshot) -> None:
    """References to what is not there, all of them: each is a hole that somebody will find on the target."""
    objects = {kind: source.estate(kind) for kind in ESTATE if source.has(kind)}
    for kind, one, reference in missing_references(objects):
        subject = f"{move.source.name}/{kind}/{one.key}"
        move.findings.add(
            "dangling_reference",
            Severity.WARN,
            subject,
            name=one.name,
            to=f"{reference.kind}/{reference.key}",
            role=reference.role,
        )


def _unread_denials(move: Move) -> None:
    move.findings.extend(unread_denials(list(move.findings), move.decisions))


def unread_denials(findings: Iterable[Finding], decisions: Decisions) -> Iterator[Finding]:
    """What blocks because a source of denials was not read, unless somebody decided to go on without."""
    for found in findings:
        if found.code in UNREAD and decisions.choice("unread-denials") != "accept":
            # Whoever says that the CRM knows none needs no file of its opt-outs.
            id = "crm-opt-outs/none" if found.code == "crm_opt_outs_unread" else "unread-denials"
            yield Finding("denials_unread", Severity.BLOCK, found.subject, {"what": found.code, "id": id})
