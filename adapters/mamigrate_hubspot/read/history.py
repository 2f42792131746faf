"""What happened, as activities: a page of any part of it."""

from collections.abc import Iterator

from mamigrate.consent.address import keys
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.changes import changes
from mamigrate_hubspot.read.context import Context
from mamigrate_hubspot.read.email_events import email_events
from mamigrate_hubspot.read.engagements import ENGAGEMENTS, engagements
from mamigrate_hubspot.read.happened import activity, millis, said
from mamigrate_hubspot.wire import Json, id_of, listed, rows, text


def activities(connection: str, data: Json, context: Context) -> Content:
    """A part that was refused is a finding."""
    what, problems = context["object"], list[Finding]()
    if "unread" in context:
        params = {"object": what, "reason": context["unread"]}
        problems.append(Finding("history_unread", Severity.WARN, f"{connection}/{Kind.ACTIVITY}/{what}", params))
    found = [] if "unread" in context else list(_read(what, data, context))
    problems += [_undated(connection, one) for one in found if one["happened_at"] is None]
    return Content({Kind.ACTIVITY: found}, problems)


def _read(what: str, data: Json, context: Context) -> Iterator[NeutralRow]:
    match what:
        case "email":
            return email_events(data, context)
        case "form":
            return _submissions(data, context)
        case "changes":
            return changes(data)
    return engagements(what, data) if what in ENGAGEMENTS else iter(())


def _undated(connection: str, one: NeutralRow) -> Finding:
    return Finding(
        "activity_undated", Severity.WARN, f"{connection}/{Kind.ACTIVITY}/{one['key']}", {"type": one["activity_type"]}
    )


def _submissions(data: Json, context: Context) -> Iterator[NeutralRow]:
    """What was typed in stands with its field's name; the address among it says who it was."""
    form = context["form"]
    for one in rows(data):
        typed = {text(value, "name"): text(value, "value") for value in listed(one, "values")}
        told = {
            "name": context["name"],
            "page": text(one, "pageUrl"),
            **{f"field {name}": value for name, value in typed.items()},
        }
        yield activity(
            f"form/{form}/{id_of(one, 'conversionId')}",
            "form.submitted",
            millis(text(one, "submittedAt")),
            address_loose=keys(typed.get("email")).loose,
            subject_key=f"form/{form}",
            values=said(told),
        )
