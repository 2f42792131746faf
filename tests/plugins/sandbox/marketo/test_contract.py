"""Answers against the vendor's published contract, where reference data is at hand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from mamigrate_sandbox.store import Body

# Where the wire is known to differ from the contract: (definition, property) left unchecked.
UNLIKE_THE_WIRE = {
    ("TokenResponse", "folder"),  # an object on the wire, typed as text
    ("ProgramResponse", "type"),  # Default, Event ... on the wire
    ("ProgramResponse", "status"),  # also empty
    ("BrowseAllPrograms", "type"),
    ("BrowseAllPrograms", "status"),
    ("ProgramResponse", "folder"),  # {type, value, folderName} on the wire
    ("BrowseAllPrograms", "folder"),
    ("EmailResponse", "folder"),
    ("LpFormResponse", "folder"),
    ("LandingPageResponse", "folder"),
    ("SegmentationResponse", "folder"),
    ("EmailContentResponse", "value"),  # a list of parts on the wire
    ("Attribute", "value"),  # any JSON value
    ("LeadChangeField", "newValue"),
    ("Activity", "primaryAttributeValue"),
    ("ProgramMemberStatusResponse", "status"),  # the guide's samples also show created
    ("SmartListRules", "filterMatchType"),  # small letters in the samples
    ("UsageData", "date"),  # a plain date on the wire
    ("ErrorsData", "date"),
    ("LpFormFieldResponse", "validationMessage"),
}
# Properties that the contract demands and live answers leave out.
OPTIONAL_ON_THE_WIRE = {
    "parent",
    "description",
    "preHeader",
    "errors",
    "warnings",
    "result",
    "primaryAttribute",
    "numOfLeadsProcessed",
    "qualificationRuleInterval",
    "qualificationRuleUnit",
    "maxMembers",
    "startAt",
    "endAt",
    "intervalType",
    "interval",
    "weekdayMask",
    "dayOfMonth",
    "dayOfWeek",
    "weekOfMonth",
    "url",
    "tags",
    "costs",
    "pluralName",
    "apiName",
    "status",
    "version",
    "leadId",
    "isSensitive",
}


def loosened(definitions: Body) -> Body:
    """The contract without the known differences."""
    for name, definition in definitions.items():
        definition["required"] = [key for key in definition.get("required", []) if key not in OPTIONAL_ON_THE_WIRE]
        for key, schema in definition.get("properties", {}).items():
            schema.pop("format", None)
            if (name, key) in UNLIKE_THE_WIRE:
                definition["properties"][key] = {}
        if not definition["required"]:
            del definition["required"]
    return definitions


@pytest.fixture(scope="module")
def contract(reference: Path) -> list[Body]:
    books = []
    for book in ("mapi", "asset"):
        spec = json.loads((reference / "specs" / "marketo" / f"swagger-{book}.json").read_text())
        spec["definitions"] = loosened(spec["definitions"])
        books.append(spec)
    return books


def without_nulls(value: Any) -> Any:
    """The contract knows no null; on the wire a null stands for a missing value."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def complaints(contract: list[Body], method: str, path: str, answer: Body) -> list[str]:
    for spec in contract:
        for template, methods in spec["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            if method in methods and re.fullmatch(pattern, path) and not is_other(template, path):
                schema = methods[method]["responses"]["200"]["schema"] | {"definitions": spec["definitions"]}
                errors = OAS30Validator(schema).iter_errors(without_nulls(answer))
                return [f"{path}: {list(error.absolute_path)} {error.message[:200]}" for error in errors]
    return [f"{path}: not in the contract"]


def is_other(template: str, path: str) -> bool:
    """``/email/{id}.json`` also matches ``/email/byName.json``."""
    return "byName" in path and "byName" not in template


def seed(api: Any) -> dict[str, int]:
    store = api.store
    lead = api.sync({"email": "a@x.io", "firstName": "A"})[0]["id"]
    other = api.sync({"email": "b@x.io"})[0]["id"]
    api.sync({"email": "a@x.io", "firstName": "B"})
    stamps = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    folder = {"type": "Folder", "value": 11, "folderName": "Emails"}
    text = {"type": "Text", "value": "Hi"}
    email = {"id": 1, "name": "Mail", "description": "", **stamps, "url": "u", "subject": text, "fromName": text}
    email |= {"fromEmail": text, "replyEmail": text, "folder": folder, "operational": False, "textOnly": False}
    email |= {"publishToMSI": False, "webView": False, "status": "draft", "template": 2, "workspace": "Default"}
    email |= {"version": 2, "autoCopyToText": False, "ccFields": None, "preHeader": None}
    email["_content"] = [{"htmlId": "main", "contentType": "Text", "value": [{"type": "HTML", "value": "<p>"}]}]
    store.put("emails", "1", email, {"name": "mail"})
    store.put(
        "segmentations",
        "1",
        {
            "id": 1,
            "name": "Trade",
            **stamps,
            "folder": folder,
            "status": "draft",
            "_segments": [{"id": 2, "name": "Default", "segmentationId": 1, **stamps}],
        },
    )
    tag = {
        "tagType": "Region",
        "applicableProgramTypes": "[event]",
        "required": False,
        "allowableValues": "[EMEA, APAC]",
    }
    store.put("tag-types", "Region", tag)
    listed, program = api.list(), api.program()
    api.post(f"/rest/v1/lists/{listed}/leads.json", {"input": [{"id": lead}]})
    api.post(f"/rest/v1/programs/{program}/members/status.json", {"statusName": "Invited", "input": [{"leadId": lead}]})
    api.form(
        f"/rest/asset/v1/folder/{program}/tokens.json",
        folderType="Program",
        name="Day",
        type="date",
        value="2026-05-01",
    )
    campaign = api.form("/rest/asset/v1/smartCampaigns.json", name="Shell", folder={"id": program, "type": "Program"})
    api.post("/rest/v1/companies.json", {"input": [{"externalCompanyId": "C1", "company": "Acme"}]})
    api.post("/rest/v1/opportunities.json", {"input": [{"externalOpportunityId": "O1", "name": "Deal"}]})
    api.post(
        "/rest/v1/opportunities/roles.json",
        {"input": [{"externalOpportunityId": "O1", "leadId": lead, "role": "Buyer"}]},
    )
    api.post("/rest/v1/leads/delete.json", {"input": [{"id": other}]})
    return {"lead": lead, "list": listed, "program": program, "campaign": campaign["result"][0]["id"]}


def test_every_read_answers_as_the_published_contract_says(api: Any, contract: list[Body]) -> None:
    ids = seed(api)
    token = api.get("/rest/v1/activities/pagingtoken.json", sinceDatetime="2020-01-01T00:00:00Z")["nextPageToken"]
    reads: list[tuple[str, dict[str, Any]]] = [
        ("/rest/v1/leads/describe.json", {}),
        ("/rest/v1/leads/describe2.json", {}),
        ("/rest/v1/leads/schema/fields.json", {}),
        ("/rest/v1/leads/schema/fields/email.json", {}),
        ("/rest/v1/programs/members/schema/fields.json", {}),
        (f"/rest/v1/lead/{ids['lead']}.json", {}),
        ("/rest/v1/leads.json", {"filterType": "email", "filterValues": "a@x.io"}),
        ("/rest/v1/leads/partitions.json", {}),
        ("/rest/v1/lists.json", {}),
        (f"/rest/v1/lists/{ids['list']}.json", {}),
        (f"/rest/v1/lists/{ids['list']}/leads.json", {}),
        (f"/rest/v1/leads/programs/{ids['program']}.json", {}),
        (f"/rest/v1/programs/{ids['program']}/members.json", {"filterType": "statusName", "filterValues": "Invited"}),
        ("/rest/v1/programs/members/describe.json", {}),
        (f"/rest/v1/leads/{ids['lead']}/listMembership.json", {}),
        (f"/rest/v1/leads/{ids['lead']}/programMembership.json", {}),
        ("/rest/v1/campaigns.json", {}),
        (f"/rest/v1/campaigns/{ids['campaign']}.json", {}),
        ("/rest/v1/companies/describe.json", {}),
        ("/rest/v1/companies.json", {"filterType": "externalCompanyId", "filterValues": "C1"}),
        ("/rest/v1/opportunities.json", {"filterType": "externalOpportunityId", "filterValues": "O1"}),
        ("/rest/v1/opportunities/roles.json", {"filterType": "leadId", "filterValues": str(ids["lead"])}),
        ("/rest/v1/salespersons/describe.json", {}),
        ("/rest/v1/activities/types.json", {}),
        ("/rest/v1/activities.json", {"nextPageToken": token, "activityTypeIds": "12,13,24,104"}),
        ("/rest/v1/activities/leadchanges.json", {"nextPageToken": token, "fields": "firstName"}),
        ("/rest/v1/activities/deletedleads.json", {"nextPageToken": token}),
        ("/rest/v1/activities/pagingtoken.json", {"sinceDatetime": "2026-01-01T00:00:00Z"}),
        ("/rest/v1/stats/usage.json", {}),
        ("/rest/v1/stats/errors/last7days.json", {}),
        ("/bulk/v1/leads/export.json", {}),
        ("/rest/asset/v1/channels.json", {}),
        ("/rest/asset/v1/folders.json", {"maxDepth": 5}),
        ("/rest/asset/v1/folder/byName.json", {"name": "Programs"}),
        ("/rest/asset/v1/folder/35/content.json", {"type": "Folder"}),
        (f"/rest/asset/v1/folder/{ids['program']}/tokens.json", {"folderType": "Program"}),
        ("/rest/asset/v1/programs.json", {}),
        (f"/rest/asset/v1/program/{ids['program']}.json", {}),
        ("/rest/asset/v1/smartCampaigns.json", {}),
        (f"/rest/asset/v1/smartCampaign/{ids['campaign']}/smartList.json", {"includeRules": "true"}),
        ("/rest/asset/v1/staticLists.json", {}),
        ("/rest/asset/v1/emails.json", {}),
        ("/rest/asset/v1/email/1/content.json", {}),
        ("/rest/asset/v1/segmentation.json", {}),
        ("/rest/asset/v1/segmentation/1/segments.json", {}),
        ("/rest/asset/v1/tagTypes.json", {}),
        ("/rest/asset/v1/tagType/byName.json", {"name": "Region"}),
        ("/rest/asset/v1/form/fields.json", {}),
        ("/rest/asset/v1/forms.json", {}),
    ]
    found: list[str] = []
    for path, query in reads:
        answer = api.get(path, **query)
        assert answer["success"], (path, answer)
        found += complaints(contract, "get", path, answer)
    assert found == []


def test_writes_answer_as_the_published_contract_says(api: Any, contract: list[Body]) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    listed, window = api.list(), {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-01-31T23:59:59Z"}
    writes: list[tuple[str, Body]] = [
        ("/rest/v1/leads.json", {"input": [{"email": "a@x.io"}, {"email": "c@x.io", "nope": 1}]}),
        ("/rest/v1/leads/schema/fields.json", {"input": [{"name": "f1", "displayName": "F 1", "dataType": "string"}]}),
        ("/rest/v1/leads/partitions.json", {"input": [{"id": lead, "partitionName": "Default"}]}),
        (f"/rest/v1/lists/{listed}/leads.json", {"input": [{"id": lead}, {"id": 99}]}),
        (f"/rest/v1/programs/{program}/members/status.json", {"statusName": "Invited", "input": [{"leadId": lead}]}),
        (f"/rest/v1/programs/{program}/members/delete.json", {"input": [{"leadId": lead}]}),
        ("/rest/v1/companies.json", {"input": [{"externalCompanyId": "C1"}]}),
        ("/bulk/v1/leads/export/create.json", {"fields": ["id"], "filter": {"createdAt": window}}),
        ("/rest/v1/leads/delete.json", {"input": [{"id": lead}]}),
    ]
    found: list[str] = []
    for path, body in writes:
        found += complaints(contract, "post", path, api.post(path, body))
    assert found == []


def test_the_standard_fields_are_those_of_recorded_instances(api: Any, reference: Path) -> None:
    rows = api.get("/rest/v1/leads/describe.json")["result"]
    ours = {row["rest"]["name"]: row for row in rows}
    folder = reference / "data" / "marketo"
    recorded = json.loads((folder / "api-json" / "embulk" / "lead_describe_marketo_fields_full.json").read_text())
    own = re.compile(r"td|mb|mB|customField|time$|marketoTimeZone")
    missing = [row["name"] for row in recorded if row["name"] not in ours and not own.match(row["name"])]
    wrong = [
        row["name"]
        for row in recorded
        if row["name"] in ours and ours[row["name"]]["dataType"] != row["marketoDataType"].lower()
    ]
    assert (missing, wrong) == ([], [])


def test_types_lengths_and_write_flags_are_those_of_a_live_describe(api: Any, reference: Path) -> None:
    api.switch(crm_attached=True)
    ours = {row["rest"]["name"]: row for row in api.get("/rest/v1/leads/describe.json")["result"]}
    path = reference / "data" / "marketo" / "connector-csv" / "fivetran" / "marketo_lead_describe_data.csv"
    head, *lines = path.read_text("utf-8-sig").splitlines()
    rows = [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]
    standard = [row for row in rows if "__c" not in row["restname"]]
    # Whether sfdcId is searchable is not documented.
    wrong = [
        (row["restname"], row["data_type"], row["length"], row["restread_only"])
        for row in standard
        if (mine := ours.get(row["restname"])) is None
        or mine["dataType"] != row["data_type"]
        or mine.get("length", 0) != int(row["length"])
        or (mine["rest"]["readOnly"] != (row["restread_only"] == "TRUE") and row["restname"] != "sfdcId")
    ]
    assert wrong == []
