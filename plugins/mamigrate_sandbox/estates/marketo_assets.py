"""Lists, programs, emails, forms and campaigns of a world in the shapes of Marketo's asset API."""

from datetime import datetime
from typing import Any

from mamigrate_sandbox.estates.marketo_people import rest_name, stamp
from mamigrate_sandbox.estates.world import Asset, Condition, Estate, Journey, PeopleList
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_APP = "https://app-sandbox.marketo.example/#"
# Kind of program -> (type, channel, first status, status of success); channels as the instance ships them.
_CHANNELS = {
    "exhibition": ("Event", "Tradeshow", "Invited", "Visited Booth"),
    "webinar": ("Event", "Webinar", "Registered", "Attended"),
    "seminar": ("Event", "Seminar", "Registered", "Attended"),
    "conference": ("Event", "Roadshow", "Registered", "Attended"),
    "paper": ("Default", "Content", "Member", "Downloaded"),
    "nurture": ("Engagement", "Nurture", "Member", "Engaged"),
    "newsletter": ("Default", "Email Blast", "Member", "Clicked"),
    "enquiry": ("Default", "Web Request", "Member", "Requested"),
}
_MARKS = {"Default": "PG", "Event": "ME", "Engagement": "NP"}
_FLOW = {
    "send": "Send Email",
    "wait": "Wait",
    "set": "Change Data Value",
    "add": "Change Score",
    "to_list": "Add to List",
    "from_list": "Remove from List",
    "notify": "Send Alert",
    "webhook": "Call Webhook",
    "task": "Create Task",
    "crm_task": "Sync Lead to SFDC",
}
_OPERATORS = {
    "any_of": "is",
    "none_of": "is not",
    "equals": "is",
    "any_of_text": "is",
    "none_of_text": "is not",
    "contains": "contains",
    "contains_any": "contains",
    "starts": "starts with",
    "known": "is not empty",
    "unknown": "is empty",
    "at_least": "at least",
    "below": "less than",
    "between_numbers": "between",
    "is_true": "is",
    "not_true": "is not",
    "older_than_days": "in past before",
    "within_days": "in past",
    "next_days": "in future",
    "between": "between",
    "fiscal_year": "in time frame",
}


def email_id(number: int) -> int:
    return 2_000 + number


def program_id(number: int) -> int:
    return 1_100 + number


def status_of(kind: str, done: bool) -> str:
    return _CHANNELS[kind][3 if done else 2]


def lists(store: Store, estate: Estate, today: datetime) -> None:
    """Static lists; active ones become smart lists with rules."""
    for each in estate.lists:
        body = _common(each.number, each.name, today) | {"folder": {"id": 21, "type": "Folder"}, "workspace": "Default"}
        if not each.any_of:
            _keep(store, "lists", body | {"computedUrl": f"{_APP}ST{each.number}A1"})
        else:
            _keep(
                store,
                "smart-lists",
                body
                | {
                    "folder": {"id": 22, "type": "Folder"},
                    "url": f"{_APP}SL{each.number}A1",
                    "rules": _rules(each, estate),
                },
            )


def programs(store: Store, estate: Estate, today: datetime) -> None:
    for program in estate.programs:
        kind, channel, _, _ = _CHANNELS[program.kind]
        id = program_id(program.number)
        body = _common(id, program.name, today) | {
            "createdAt": stamp(program.began), "url": f"{_APP}{_MARKS[kind]}{id}A1", "type": kind, "channel": channel, "workspace": "Default", "headStart": False,
            "folder": {"type": "Folder", "value": 35, "folderName": "Programs"}, "status": "off" if kind == "Engagement" else "", "tags": None,
            "costs": [{"startDate": program.began.date().isoformat(), "cost": program.cost, "note": ""}] if program.cost else None,
        }  # fmt: skip
        if kind == "Event":
            body |= {"startDate": stamp(program.began), "endDate": stamp(program.ended)}
        _keep(store, "programs", body)


def assets(store: Store, estate: Estate, today: datetime) -> None:
    for asset in estate.assets:
        if asset.shelf == "email":
            _keep(store, "emails", _email(asset, today))
        elif asset.shelf == "form":
            _keep(store, "forms", _form(asset, today))
        elif asset.shelf in ("landing-page", "site-page"):
            _keep(store, "landing-pages", _page(asset, today))


def campaigns(store: Store, estate: Estate, today: datetime) -> None:
    """A journey becomes one smart campaign with its smart list. Only those that wait for a form are active."""
    for journey in estate.journeys:
        id, of = journey.number + 3_000, journey.number + 6_000
        active = journey.enabled and journey.on is not None and journey.on[0] == "form"
        kind = "trigger" if journey.on else "batch"
        rules = {
            "filterMatchType": "all",
            "triggers": _triggers(journey),
            "filters": [_filter(at, test) for at, test in enumerate(journey.start[0] if journey.start else ())],
        }
        owned = _common(of, f"{journey.name} smart list", today) | {
            "folder": {"id": 22, "type": "Folder"},
            "workspace": "Default",
            "rules": rules,
            "_system": True,
        }
        _keep(store, "smart-lists", owned)
        body = _common(id, journey.name, today) | {
            "folder": {"id": 15, "type": "Folder"}, "status": "Active" if active else "Inactive" if kind == "trigger" else "Never Run", "type": kind, "isSystem": False,
            "isActive": active, "isRequestable": False, "isCommunicationLimitEnabled": True, "recurrence": {"weekdayOnly": False}, "qualificationRuleType": "once",
            "workspace": "Default", "smartListId": of, "flowId": journey.number + 9_000, "computedUrl": f"{_APP}SC{id}A1",
            "_flow": [{"name": _FLOW.get(step.kind, "Change Data Value"), "value": step.what} for step in journey.steps],
        }  # fmt: skip
        _keep(store, "smart-campaigns", body)


def _triggers(journey: Journey) -> list[Body]:
    if journey.on is None:
        return []
    kind, what = journey.on
    name, attribute = {
        "form": ("Fills Out Form", "Form Name"),
        "open": ("Opens Email", "Email"),
        "click": ("Clicks Link in Email", "Email"),
        "page": ("Visits Web Page", "Web Page"),
    }.get(kind, ("Activity is Logged", "Activity"))
    condition = {
        "activityAttributeId": 1,
        "activityAttributeName": attribute,
        "operator": "is",
        "values": [f"form {what}" if kind == "form" else what],
        "isPrimary": True,
    }
    return [
        {"id": 1, "name": name, "ruleTypeId": 2, "ruleType": "Trigger", "operator": "occurs", "conditions": [condition]}
    ]


def _rules(a_list: PeopleList, estate: Estate) -> Body:
    """All, any, or advanced: the boolean expression of the last has no documented key, so none is given."""
    groups = a_list.any_of
    match = "all" if len(groups) == 1 else "any" if all(len(group) == 1 for group in groups) else "advanced"
    return {
        "filterMatchType": match,
        "triggers": [],
        "filters": [_filter(at, test) for at, test in enumerate(test for group in groups for test in group)],
    }


def _filter(at: int, test: Condition) -> Body:
    name = {
        "list": "Member of List",
        "form": "Filled Out Form",
        "email": "Opened Email",
        "page": "Visited Web Page",
        "event": "Activity was Logged",
        "account": "Company",
        "topic": "配信停止",
        "hard_bounce": "Email Invalid",
    }.get(test.family, rest_name(test.subject))
    negated = test.operator.startswith("not_")
    values = list(test.values) or ([str(int(test.number))] if test.number else [test.subject])
    kind = "Attribute" if test.family in ("field", "account", "hard_bounce", "topic") else "Activity"
    operator = _OPERATORS.get(test.operator, "is")
    condition = {
        "activityAttributeId": 1,
        "activityAttributeName": name,
        "operator": operator,
        "values": values,
        "isPrimary": True,
    }
    return {
        "id": at + 1,
        "name": f"Not {name}" if negated else name,
        "ruleTypeId": 1,
        "ruleType": kind,
        "operator": operator if kind == "Attribute" else "occurs",
        "conditions": [condition],
    }


def _email(asset: Asset, today: datetime) -> Body:
    id = email_id(asset.number)
    html = (
        asset.text.replace("[[family]]", "{{lead.Last Name}}")
        .replace("[[given]]", "{{lead.First Name:default=お客様}}")
        .replace("[[unsubscribe]]", "{{system.unsubscribeLink}}")
    )
    return _common(id, asset.name, today) | {
        "url": f"{_APP}EM{id}A1", "subject": {"type": "Text", "value": asset.title}, "fromName": {"type": "Text", "value": "ミナモ計測機器"},
        "fromEmail": {"type": "Text", "value": "info@minamo.example"}, "replyEmail": {"type": "Text", "value": "info@minamo.example"},
        "folder": {"type": "Folder", "value": 11, "folderName": "Emails"}, "operational": asset.number % 40 == 0, "textOnly": False, "publishToMSI": False, "webView": False,
        "status": "approved" if asset.published else "draft", "template": 1, "workspace": "Default", "isOpenTrackingDisabled": False, "version": 2, "autoCopyToText": True,
        "ccFields": None, "preHeader": None, "_html": html,
        "_content": [{"htmlId": "edit_text_1", "contentType": "Text", "value": [{"type": "HTML", "value": html}, {"type": "Text", "value": asset.title}]}],
    }  # fmt: skip


def _form(asset: Asset, today: datetime) -> Body:
    rows = [
        {
            "id": rest_name(key)[:1].upper() + rest_name(key)[1:],
            "label": key,
            "dataType": "email" if key == "email" else "text",
            "rowNumber": at,
            "columnNumber": 0,
            "required": key == "email",
            "formPrefill": True,
            "fieldMetaData": {},
            "visibilityRules": {"ruleType": "alwaysShow"},
        }
        for at, key in enumerate(asset.parts)
    ]
    return _common(700 + asset.number, asset.name, today) | {
        "url": f"{_APP}FO{700 + asset.number}A1", "status": "approved" if asset.published else "draft", "theme": "simple", "language": "Japanese", "locale": "ja_JP",
        "progressiveProfiling": False, "labelPosition": "left", "fontFamily": "Helvetica", "fontSize": "13px", "folder": {"type": "Folder", "value": 17, "folderName": "Forms"},
        "knownVisitor": {"type": "form", "template": None}, "thankYouList": [{"followupType": "none", "followupValue": None, "default": True}], "buttonLocation": 120,
        "buttonLabel": "送信", "waitingLabel": "お待ちください", "workspace": "Default", "_fields": rows,
    }  # fmt: skip


def _page(asset: Asset, today: datetime) -> Body:
    id = 5_000 + asset.number
    return _common(id, asset.name, today) | {
        "URL": f"https://www.minamo.example/lp/{asset.number}", "computedUrl": f"{_APP}LP{id}A1", "folder": {"type": "Folder", "value": 18, "folderName": "Landing Pages"},
        "status": "approved" if asset.published else "draft", "template": 1, "title": asset.title, "workspace": "Default", "mobileEnabled": False, "formPrefill": True,
        "_content": [{"id": "1", "type": "RichText", "index": 1, "content": {"content": asset.text, "contentType": "RichText"}}],
    }  # fmt: skip


def _common(id: int, name: str, today: datetime) -> Body:
    return {"id": id, "name": name, "description": "", "createdAt": "2022-04-01T00:00:00Z", "updatedAt": stamp(today)}


def _keep(store: Store, kind: str, body: Body) -> None:
    store.put(kind, str(body["id"]), body, {"name": str(body["name"]).strip().lower()})
