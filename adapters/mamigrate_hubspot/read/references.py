"""What lists, workflows, emails and forms need: ids inside filters, actions and audiences, each with a role.

Sources: HubSpot docs, "List filters", "Workflow actions and enrollment types"; unknown action types stay in ``raw``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mamigrate.http.call import Unreadable
from mamigrate.model.base import Reference
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.wire import Json, ids, part, text

TYPE_IDS = {"0-1": Kind.PERSON, "0-2": Kind.ACCOUNT, "0-3": Kind.OPPORTUNITY}

_PROPERTY_CHANGED = "4-655002"
_FORM_PROPERTIES = ("hs_form_id",)

_ACTION_FIELDS: Mapping[str, tuple[Kind, str, str]] = {
    "content_id": (Kind.ASSET, "email/", "send"),
    "email_content_id": (Kind.ASSET, "email/", "send"),
    "listId": (Kind.LIST, "", "action"),
    "list_id": (Kind.LIST, "", "action"),
    "flow_id": (Kind.WORKFLOW, "", "enrol"),
    "subscriptionId": (Kind.TOPIC, "", "action"),
}
"""Fields of workflow actions that hold an id, and of what."""
_PROPERTY_FIELDS = ("property_name", "source_property", "target_property")


def unique(references: Iterator[Reference]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys(references))


def in_filters(branch: Any, role: str, holder: Kind = Kind.PERSON) -> Iterator[Reference]:
    """References of a filter branch and everything inside it."""
    if branch is None:
        return
    if not isinstance(branch, dict):
        raise Unreadable("a filter branch is no object")
    if branch.get("filterBranchType") == "UNIFIED_EVENTS":
        yield from _in_event(branch, role, holder)
        return
    if branch.get("filterBranchType") == "ASSOCIATION":
        holder = TYPE_IDS.get(text(branch, "objectTypeId"), holder)
    for one in branch.get("filters") or ():
        yield from _in_filter(one, role, holder)
    for inner in branch.get("filterBranches") or ():
        yield from in_filters(inner, role, holder)


def _in_event(branch: Json, role: str, holder: Kind) -> Iterator[Reference]:
    """Filters of an event look at the event: its form, or the property that changed."""
    for one in branch.get("filters") or ():
        operation = one.get("operation") or {}
        values = operation.get("values") or [operation.get("value")]
        name = text(one, "property")
        for value in filter(None, map(str, values)):
            if name in _FORM_PROPERTIES:
                yield Reference(kind=Kind.ASSET, key=f"form/{value}", role=role)
            elif name == "hs_name" and text(branch, "eventTypeId") == _PROPERTY_CHANGED:
                yield _field(holder, value, role)


def _in_filter(one: Json, role: str, holder: Kind) -> Iterator[Reference]:
    match text(one, "filterType"):
        case "PROPERTY":
            yield _field(holder, text(one, "property"), role)
        case "IN_LIST":
            yield from _in_list(one, role)
        case "FORM_SUBMISSION" | "FORM_SUBMISSION_ON_PAGE" if one.get("formId"):
            yield Reference(kind=Kind.ASSET, key=f"form/{one['formId']}", role=role)
        case "EMAIL_EVENT" if one.get("emailId"):
            yield Reference(kind=Kind.ASSET, key=f"email/{one['emailId']}", role=role)
        case "EMAIL_SUBSCRIPTION" | "COMMUNICATION_SUBSCRIPTION":
            for topic in ids(one, "subscriptionIds"):
                yield Reference(kind=Kind.TOPIC, key=topic, role=role)
        case "CAMPAIGN_INFLUENCED" if one.get("campaignId"):
            yield Reference(kind=Kind.PROGRAM, key=f"campaign/{one['campaignId']}", role=role)


def _in_list(one: Json, role: str) -> Iterator[Reference]:
    """Membership of a list, or of what a workflow enrolled."""
    metadata = one.get("metadata") or {}
    if text(metadata, "inListType").startswith("WORKFLOWS_") and metadata.get("id"):
        yield Reference(kind=Kind.WORKFLOW, key=text(metadata, "id"), role=role)
    elif one.get("listId"):
        yield Reference(kind=Kind.LIST, key=text(one, "listId"), role=role)


def lists_asked(branch: Any, *, turned: bool = False) -> Iterator[tuple[str, bool]]:
    """Lists that a filter of people asks about: (id, whether it leaves their members out).

    ``turned``: the branch holds where what is in it does not. In an OR of branches each of them counts.
    """
    if branch is not None and not isinstance(branch, dict):
        raise Unreadable("a filter branch is no object")
    if branch is None or TYPE_IDS.get(text(branch, "objectTypeId") or "0-1") is not Kind.PERSON:
        return
    turned ^= text(branch, "filterBranchType") in _TURNING
    for one in branch.get("filters") or ():
        enrolled = text(one.get("metadata") or {}, "inListType").startswith("WORKFLOWS_")
        if text(one, "filterType") == "IN_LIST" and one.get("listId") and not enrolled:
            yield text(one, "listId"), (text(one, "operator") == "NOT_IN_LIST") is not turned
    for inner in branch.get("filterBranches") or ():
        yield from lists_asked(inner, turned=turned)


_TURNING = ("NOT_ALL", "NOT_ANY")


def in_flow(flow: Json) -> Iterator[Reference]:
    """Everything that a workflow names: enrolment, actions, branches, goal, and whom it leaves out."""
    holder = TYPE_IDS.get(text(flow, "objectTypeId"), Kind.PERSON)
    for listed in ids(flow, "suppressionListIds"):
        yield Reference(kind=Kind.LIST, key=listed, role="suppression")
    yield from in_filters(flow.get("suppressionFilterBranch"), "suppression", holder)
    yield from in_filters(flow.get("goalFilterBranch"), "goal", holder)
    for other in ids(part(flow, "unEnrollmentSetting"), "flowIds"):
        yield Reference(kind=Kind.WORKFLOW, key=other, role="unenrol")
    if anchor := (flow.get("eventAnchor") or {}).get("contactProperty"):
        yield _field(holder, str(anchor), "anchor")
    yield from _in_enrolment(flow.get("enrollmentCriteria") or {}, holder)
    for action in flow.get("actions") or ():
        yield from _in_action(action, holder)


def _in_enrolment(criteria: Json, holder: Kind) -> Iterator[Reference]:
    yield from in_filters(criteria.get("listFilterBranch"), "enrolment", holder)
    for name in ("eventFilterBranches", "listMembershipFilterBranches", "reEnrollmentTriggersFilterBranches"):
        for branch in criteria.get(name) or ():
            yield from in_filters(branch, "enrolment", holder)
            yield from _left_out(branch)
    yield from _left_out(criteria.get("listFilterBranch"))


def _left_out(branch: Any) -> Iterator[Reference]:
    """Whoever is on a list that an enrolment leaves out is not mailed by the workflow."""
    for listed, left_out in lists_asked(branch):
        if left_out:
            yield Reference(kind=Kind.LIST, key=listed, role="suppression")


def _in_action(action: Json, holder: Kind) -> Iterator[Reference]:
    for branch in action.get("listBranches") or ():
        yield from in_filters(branch.get("filterBranch"), "filter", holder)
    if name := (action.get("inputValue") or {}).get("propertyName"):
        yield _field(holder, str(name), "filter")
    fields = action.get("fields") or {}
    for name, value in fields.items():
        if name in _ACTION_FIELDS and isinstance(value, str | int):
            kind, prefix, role = _ACTION_FIELDS[name]
            yield Reference(kind=kind, key=f"{prefix}{value}", role=role)
        elif name in _PROPERTY_FIELDS and isinstance(value, str):
            yield _field(holder, value, "action")
        elif isinstance(value, dict) and value.get("propertyName"):
            yield _field(holder, text(value, "propertyName"), "action")
    for branch in fields.get("event_filter_branches") or ():
        yield from in_filters(branch, "filter", holder)


def in_email(email: Json, legacy: Mapping[str, str]) -> Iterator[Reference]:
    """Audience, exclusions, topic and campaign. ``legacy`` maps old list ids to today's."""
    for side, role in (("include", "audience"), ("exclude", "exclusion")):
        for key in ids(part(part(email, "to"), "contactIlsLists"), side):
            yield Reference(kind=Kind.LIST, key=key, role=role)
        for key in legacy_lists(email, side):
            if key in legacy:
                yield Reference(kind=Kind.LIST, key=legacy[key], role=role)
    if topic := text(part(email, "subscriptionDetails"), "subscriptionId"):
        yield Reference(kind=Kind.TOPIC, key=topic, role="topic")
    if campaign := text(email, "campaign"):
        yield Reference(kind=Kind.PROGRAM, key=f"campaign/{campaign}", role="campaign")


def legacy_lists(email: Json, side: str) -> list[str]:
    """Old list ids of an email's audience (``include``) or exclusions (``exclude``)."""
    return ids(part(part(email, "to"), "contactLists"), side)


def in_form(form: Json) -> Iterator[Reference]:
    """Fields that a form fills, and topics that it asks consent for."""
    for group in form.get("fieldGroups") or ():
        for one in group.get("fields") or ():
            holder = TYPE_IDS.get(text(one, "objectTypeId"), Kind.PERSON)
            yield _field(holder, text(one, "name"), "field")
    consent = form.get("legalConsentOptions") or {}
    boxes = [text(box, "subscriptionTypeId") for box in consent.get("communicationsCheckboxes") or ()]
    for topic in [*boxes, *ids(consent, "subscriptionTypeIds")]:
        yield Reference(kind=Kind.TOPIC, key=topic, role="consent")


def in_page(page: Json) -> Iterator[Reference]:
    if campaign := text(page, "campaign"):
        yield Reference(kind=Kind.PROGRAM, key=f"campaign/{campaign}", role="campaign")
    for form in _form_ids((page.get("widgets"), page.get("widgetContainers"), page.get("layoutSections"))):
        yield Reference(kind=Kind.ASSET, key=f"form/{form}", role="form")


def _form_ids(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name in ("form_id", "formId") and isinstance(value, str) and value:
                yield value
            else:
                yield from _form_ids(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _form_ids(value)


def _field(holder: Kind, name: str, role: str) -> Reference:
    return Reference(kind=Kind.FIELD, key=f"{holder}/{name}", role=role)
