"""Emails, forms, pages, images, campaigns and marketing events of an estate in HubSpot's shapes."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.scatter import dice
from mamigrate_sandbox.estates.world import Asset, Brand, Event, Field, Program, Topic
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_TOKENS = {
    "[[family]]": "{{ contact.lastname }}",
    "[[given]]": '{{ personalization_token("contact.firstname", "お客様") }}',
    "[[company_line]]": "{{ site_settings.company_name }} {{ site_settings.company_street_address_1 }} {{ site_settings.company_city }}",
    "[[unsubscribe]]": "{{ unsubscribe_link }}",
    "[[no_such_field]]": "{{ contact.no_such_property }}",
    "[[end]]": "{% endif %}",
}
_ENTRY = {
    "longtext": "multi_line_text",
    "choice": "dropdown",
    "multi": "multiple_checkboxes",
    "number": "number",
    "date": "datepicker",
    "yesno": "single_checkbox",
}
_SHELVES = {"EMAIL": "emails", "FORM": "forms", "LANDING_PAGE": "landing-pages", "OBJECT_LIST": "lists"}


def email(asset: Asset, topics: Mapping[str, Topic], brands: Mapping[str, Brand]) -> Body:
    """A marketing email as ``/marketing/v3/emails`` returns it."""
    html, stamp = _tokens(asset.text), names.iso(asset.at) if asset.at else "2022-04-01T00:00:00.000Z"
    automated = asset.number <= 64
    state = (
        ("AUTOMATED" if automated else "PUBLISHED")
        if asset.published
        else ("AUTOMATED_DRAFT" if automated else "DRAFT")
    )
    widget = {
        "type": "module",
        "id": "module-0-0-0",
        "module_id": 1155639,
        "name": "module-0-0-0",
        "body": {"html": html},
    }
    return {
        "id": names.email_id(asset.number), "name": asset.name, "subject": _tokens(asset.title), "state": state, "language": "ja",
        "type": "AUTOMATED_EMAIL" if automated else "BATCH_EMAIL", "subcategory": "automated" if automated else "batch",
        "emailTemplateMode": "DRAG_AND_DROP", "activeDomain": "news.minamo.example", "businessUnitId": str(brands[asset.brand].number),
        "isAb": False, "isPublished": asset.published, "archived": False, "jitterSendTime": False, "sendOnPublish": True,
        "publishDate": stamp if asset.published else None, "from": {"fromName": brands[asset.brand].name, "replyTo": "info@minamo.example"},
        "to": {
            "contactIds": {"include": [], "exclude": []}, "contactLists": {"include": [], "exclude": []}, "suppressGraymail": True,
            "contactIlsLists": {"include": [str(each) for each in asset.to], "exclude": [str(each) for each in asset.held_back]},
        },
        "subscriptionDetails": {"subscriptionId": str(topics[asset.topic].number) if asset.topic else None, "officeLocationId": "600"},
        "content": {
            "templatePath": "@hubspot/email/dnd/plain_text.html", "widgets": {"module-0-0-0": widget}, "plainTextVersion": "", "styleSettings": {},
            "flexAreas": {"main": {"sections": [{"id": "section-0", "columns": [{"id": "column-0-0", "width": 12, "widgets": ["module-0-0-0"]}], "style": {}}]}},
            "widgetContainers": {}, "smartFields": {},
        },
        "webversion": {"domain": "news.minamo.example", "enabled": True, "isPageRedirected": False, "slug": f"mail-{asset.number}"},
        "primaryEmailCampaignId": names.campaign_id(asset.number), "allEmailCampaignIds": [names.campaign_id(asset.number)],
        "createdAt": stamp, "createdById": "700", "updatedAt": stamp, "updatedById": "701",
    }  # fmt: skip


def form(asset: Asset, fields: Mapping[str, Field], topics: Mapping[str, Topic]) -> Body:
    stamp = "2022-04-01T00:00:00.000Z"
    groups = [
        {"groupType": "default_group", "richTextType": "text", "fields": [_entry(key, fields.get(key))]}
        for key in asset.parts
    ]
    consent: Body = {"type": "none"}
    if asset.topic:
        box = {
            "subscriptionTypeId": topics[asset.topic].number,
            "label": f"{topics[asset.topic].name}を受け取る",
            "required": False,
        }
        consent = {
            "type": "implicit_consent_to_process",
            "privacyText": "個人情報の取扱い v3（2022/06）",
            "communicationsCheckboxes": [box],
            "communicationConsentText": "メールをお送りします",
            "consentToProcessText": "送信により同意します",
        }
    return {
        "id": names.guid("form", asset.number), "formType": "hubspot", "name": asset.name, "createdAt": stamp, "updatedAt": stamp, "archived": False, "fieldGroups": groups,
        "configuration": {
            "language": "ja", "cloneable": True, "editable": True, "archivable": True, "recaptchaEnabled": asset.number % 2 == 0, "notifyContactOwner": False,
            "notifyRecipients": ["702"], "createNewContactForNewEmail": False, "prePopulateKnownValues": True, "allowLinkToResetKnownValues": False,
            "postSubmitAction": {"type": "thank_you", "value": "ありがとうございました"}, "lifecycleStages": [{"objectTypeId": "0-1", "value": "lead"}],
        },
        "displayOptions": {"renderRawHtml": False, "theme": "default_style", "submitButtonText": "送信", "style": {"fontFamily": "arial", "backgroundWidth": "100%"}},
        "legalConsentOptions": consent,
    }  # fmt: skip


def page(asset: Asset) -> Body:
    html = re.sub(
        r"\[\[form:(\d+)\]\]", lambda found: f'<div data-form="{names.guid("form", int(found[1]))}"></div>', asset.text
    )
    stamp, site = "2022-04-01T00:00:00.000Z", "www.minamo.example"
    return {
        "id": str(60_000 + asset.number), "name": asset.name, "slug": f"lp/{asset.number}", "domain": site, "url": f"https://{site}/lp/{asset.number}",
        "htmlTitle": asset.title, "metaDescription": "", "templatePath": "minamo/templates/lp.html", "language": "ja", "authorName": "水本 志乃",
        "layoutSections": {}, "widgets": {"body": {"type": "rich_text", "body": {"html": html}}}, "widgetContainers": {}, "headHtml": "", "footerHtml": "",
        "state": "PUBLISHED" if asset.published else "DRAFT", "currentState": "PUBLISHED" if asset.published else "DRAFT", "publishDate": stamp,
        "createdAt": stamp, "updatedAt": stamp, "createdById": "700", "updatedById": "700", "archivedAt": "1970-01-01T00:00:00Z",
    }  # fmt: skip


def image(asset: Asset) -> Body:
    stamp, url = "2021-04-01T00:00:00.000Z", f"https://img.minamo.example/{asset.name}.png"
    return {
        "id": str(90_000 + asset.number), "name": asset.name, "path": f"/banner/{asset.name}.png", "extension": "png", "type": "IMG", "size": 20_000 + asset.number,
        "width": 600, "height": 200, "encoding": "png", "url": url, "defaultHostingUrl": url, "access": "PUBLIC_INDEXABLE", "isUsableInContent": True,
        "parentFolderId": "95000", "archived": False, "createdAt": stamp, "updatedAt": stamp,
    }  # fmt: skip


def campaign(program: Program) -> Body:
    values = {
        "hs_name": program.name, "hs_start_date": program.began.date().isoformat(), "hs_end_date": program.ended.date().isoformat(), "hs_notes": program.kind,
        "hs_campaign_status": "completed", "hs_utm": f"c{program.number}", "hs_currency_code": "JPY", "hs_object_id": str(40_000 + program.number),
        "hs_budget_items_sum_amount": str(program.cost), "hs_spend_items_sum_amount": str(program.cost),
    }  # fmt: skip
    unit = 41501 if program.brand == "lab" else 0
    stamp = names.iso(program.began)
    return {
        "id": names.program_id(program),
        "businessUnits": [{"id": unit}],
        "properties": values,
        "createdAt": stamp,
        "updatedAt": stamp,
    }


def campaign_assets(store: Store, program: Program) -> None:
    parts = {
        "MARKETING_EMAIL": [names.email_id(number) for number in program.emails],
        "FORM": [names.guid("form", number) for number in program.forms],
        "OBJECT_LIST": [str(number) for number in program.lists],
        "LANDING_PAGE" if program.pages and program.pages[0] <= 30 else "SITE_PAGE": [
            str(60_000 + number) for number in program.pages
        ],
    }
    for kind, ids in parts.items():
        for id in ids:
            store.link(f"campaign-assets/{kind}", names.program_id(program), id, {"id": id})


def marketing_event(program: Program) -> Body:
    return {
        "objectId": str(30_000 + program.number), "externalAccountId": "minamo", "externalEventId": f"EV{program.number}", "eventName": program.name,
        "eventOrganizer": "ミナモ計測機器", "eventType": program.kind, "startDateTime": names.iso(program.began), "endDateTime": names.iso(program.ended),
        "eventUrl": f"https://www.minamo.example/event/{program.number}", "eventDescription": program.name, "eventCancelled": False, "eventCompleted": True,
        "customProperties": [], "appInfo": {"id": "1120", "name": "minamo"}, "createdAt": names.iso(program.began), "updatedAt": names.iso(program.ended),
    }  # fmt: skip


def participation(program: Program, seed: int, turn: int) -> tuple[int, Body]:
    """(dice for the person, link's body): registered, attended, cancelled or absent."""
    at = dice(seed, program.number * 1000 + turn, "participation")
    state = ("ATTENDED", "ATTENDED", "REGISTERED", "NO_SHOW", "CANCELLED")[at % 5]
    body: Body = {"attendanceState": state, "occurredAt": names.millis(program.began - timedelta(days=at % 9))}
    if state == "ATTENDED":
        body |= {"attendanceDurationSeconds": 600 + at % 5000, "attendancePercentage": f"{at % 80 / 100 + 0.2:.2f}"}
    return at >> 8, body


def submission(asset: Asset, turn: int, seed: int, people: int, today: datetime) -> tuple[int, Body]:
    """(number of the person, a row of form-integrations v1): the newest has the highest turn."""
    at = dice(seed, asset.number * 10_000 + turn, "submission")
    body = {
        "conversionId": names.guid("conversion", asset.number * 1_000 + turn),
        "submittedAt": names.millis(today - timedelta(days=900 - 40 * turn, seconds=at % 80_000)),
        "pageUrl": f"https://www.minamo.example/lp/{asset.number}",
    }
    return (at >> 20) % people, body


def email_campaign(asset: Asset) -> Body:
    """A sent email as the email campaigns API, v1, tells it (HubSpot docs, "Email analytics")."""
    return {
        "id": int(names.campaign_id(asset.number)),
        "appId": 113,
        "appName": "Batch",
        "contentId": int(names.email_id(asset.number)),
        "name": asset.name,
        "subject": _tokens(asset.title),
        "type": "AUTOMATED_EMAIL" if asset.number <= 64 else "BATCH_EMAIL",
        "numIncluded": 0,
        "counters": {},
    }


def email_event(event: Event) -> Body:
    """A row of the email events API, v1 (HubSpot docs, "Email analytics")."""
    sent = names.guid("sent", event.number // 5)
    body: Body = {
        "id": names.guid("event", event.number), "created": names.millis(event.at), "type": event.kind, "recipient": event.address, "portalId": names.PORTAL,
        "appId": 113, "appName": "Batch", "emailCampaignId": int(names.campaign_id(event.email)), "emailCampaignGroupId": int(names.campaign_id(event.email)),
        "filteredEvent": event.bot,
    }  # fmt: skip
    if event.kind != "SENT":
        body["sentBy"] = {"id": sent, "created": names.millis(event.at) - 5_000}
    if event.kind in ("OPEN", "CLICK"):
        body |= {
            "deviceType": "COMPUTER",
            "browser": {
                "name": "Chrome",
                "family": "Chrome",
                "producer": "Google Inc.",
                "type": "Browser",
                "version": ["124"],
            },
            "userAgent": "Mozilla/5.0",
            "location": {"country": "japan", "state": "tokyo", "city": "unknown"},
        }
    if event.kind == "CLICK":
        body |= {
            "url": f"https://www.minamo.example/lp/{event.email}?utm_campaign=c{event.email}",
            "referer": "",
            "linkId": 0,
        }
    if event.kind == "BOUNCE":
        body |= {"category": "UNKNOWN_USER", "status": "5.1.1", "response": "550 5.1.1 user unknown"}
    return body


def _tokens(text: str) -> str:
    for neutral, hubl in _TOKENS.items():
        text = text.replace(neutral, hubl)
    return re.sub(
        r"\[\[if (\w+)=([^\]]+)\]\]",
        lambda found: f'{{% if "{found[2]}" in contact.{names.property_name(found[1])} %}}',
        text,
    )


def _entry(key: str, field: Field | None) -> Body:
    kind = (
        "email"
        if key == "email"
        else "phone"
        if key == "phone"
        else _ENTRY.get(field.type if field else "text", "single_line_text")
    )
    body: Body = {
        "fieldType": kind,
        "objectTypeId": "0-1",
        "name": names.property_name(key),
        "label": field.label if field else key,
        "required": key == "email",
        "hidden": False,
        "dependentFields": [],
    }
    if kind == "email":
        body["validation"] = {"blockedEmailDomains": [""], "useDefaultBlockList": False}
    if field and field.options:
        body["options"] = [
            {"label": label, "value": value, "displayOrder": at} for at, (value, label) in enumerate(field.options)
        ]
    return body
