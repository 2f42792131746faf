"""Field schemas, objects beside people, and the activity log."""

from typing import Any

import pytest

FIELDS = "/rest/v1/leads/schema/fields.json"


def error(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["code"])


def field(name: str = "prefNews", label: str = "Pref News", type: str = "boolean") -> dict[str, Any]:
    return {"name": name, "displayName": label, "dataType": type}


def test_a_field_is_created_and_shows_everywhere(api: Any) -> None:
    assert api.post(FIELDS, {"input": [field()]})["result"] == [{"name": "prefNews", "status": "created"}]
    row = api.get("/rest/v1/leads/schema/fields/prefNews.json")["result"][0]
    assert (row["isCustom"], row["isApiCreated"], row["isHidden"]) == (True, True, False)
    described = [one for one in api.get("/rest/v1/leads/describe.json")["result"] if one["displayName"] == "Pref News"]
    assert described[0]["rest"] == {"name": "prefNews", "readOnly": False}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (field(name="1st"), "1003"),
        (field(name="with space"), "1003"),
        (field(label="Pref: News!"), "1003"),
        (field(type="textarea"), "1003"),
        (field(name="EMAIL"), "1017"),
        (field(label="Email Address"), "1017"),
    ],
)
def test_a_field_that_cannot_be_is_skipped(api: Any, bad: dict[str, Any], code: str) -> None:
    row = api.post(FIELDS, {"input": [bad]})["result"][0]
    assert (row["status"], row["reasons"][0]["code"]) == ("skipped", code)


def test_a_call_creates_at_most_a_hundred_fields(api: Any) -> None:
    rows = [field(f"f{n}", f"F {n}") for n in range(101)]
    assert error(api.post(FIELDS, {"input": rows})) == "1003"
    assert all(row["status"] == "created" for row in api.post(FIELDS, {"input": rows[:100]})["result"])


def test_a_field_is_hidden_not_deleted_and_keeps_its_type(api: Any) -> None:
    api.post(FIELDS, {"input": [field()]})
    path = "/rest/v1/leads/schema/fields/prefNews.json"
    assert api.post(path, {"input": [{"isHidden": True}]})["result"] == [{"name": "prefNews", "status": "updated"}]
    assert "Pref News" not in [row["displayName"] for row in api.get("/rest/v1/leads/describe.json")["result"]]
    assert api.get(path)["result"][0]["isHidden"] is True
    assert error(api.post(path, {"input": [{"dataType": "string"}]})) == "1003"
    assert error(api.post(path.replace("prefNews", "city"), {"input": [{"isHidden": True}]})) == "1003"
    assert error(api.raw("DELETE", path).get_json()) == "605"


def test_the_field_list_is_paged(api: Any) -> None:
    first = api.get(FIELDS, batchSize=100)
    second = api.get(FIELDS, batchSize=100, nextPageToken=first["nextPageToken"])
    assert len(first["result"]) == 100
    assert not {row["name"] for row in first["result"]} & {row["name"] for row in second["result"]}
    assert error(api.get(FIELDS, nextPageToken="invented")) == "1003"


def test_a_score_field_describes_itself_as_an_integer(api: Any) -> None:
    api.post(FIELDS, {"input": [field("fit", "Fit", "score")]})
    rows = api.get("/rest/v1/leads/describe2.json")["result"][0]
    assert [row["dataType"] for row in rows["fields"] if row["name"] == "fit"] == ["integer"]
    assert ["fit"] in rows["searchableFields"]
    assert ["email"] in rows["searchableFields"]


def test_companies_live_by_their_key(api: Any) -> None:
    path = "/rest/v1/companies.json"
    rows = api.post(path, {"input": [{"externalCompanyId": "C1", "company": "Acme"}, {"company": "None"}]})["result"]
    assert (rows[0]["seq"], rows[0]["status"], rows[0]["id"]) == (0, "created", 1)
    assert rows[1]["reasons"][0]["code"] == "1003"
    assert (
        api.post(path, {"action": "createOnly", "input": [{"externalCompanyId": "C1"}]})["result"][0]["reasons"][0][
            "code"
        ]
        == "1005"
    )
    assert (
        api.post(path, {"action": "updateOnly", "input": [{"externalCompanyId": "C2"}]})["result"][0]["reasons"][0][
            "code"
        ]
        == "1013"
    )
    twice = api.post(path, {"input": [{"externalCompanyId": "C3"}] * 2})["result"]
    assert twice[1]["reasons"][0]["code"] == "1036"
    by_id = {"dedupeBy": "idField", "action": "updateOnly", "input": [{"id": 1, "industry": "Tools"}]}
    assert api.post(path, by_id)["result"][0]["status"] == "updated"
    assert error(api.post(path, {"dedupeBy": "idField", "action": "createOnly", "input": [{"id": 1}]})) == "1003"
    shown = api.get(path, filterType="company", filterValues="acme", fields="industry,company")["result"]
    assert shown == [{"seq": 0, "industry": "Tools", "company": "Acme"}]
    gone = api.post(
        "/rest/v1/companies/delete.json", {"input": [{"externalCompanyId": "C1"}, {"externalCompanyId": "C2"}]}
    )["result"]
    assert [row["status"] for row in gone] == ["deleted", "skipped"]


def test_an_opportunity_needs_a_name_and_roles_have_a_compound_key(api: Any) -> None:
    lead = api.sync({"email": "a@x.io"})[0]["id"]
    path = "/rest/v1/opportunities.json"
    assert api.post(path, {"input": [{"externalOpportunityId": "O1"}]})["result"][0]["reasons"][0]["code"] == "1003"
    assert (
        len(api.post(path, {"input": [{"externalOpportunityId": "O1", "name": "Deal"}]})["result"][0]["marketoGUID"])
        == 36
    )
    role, roles = {"externalOpportunityId": "O1", "leadId": lead, "role": "Buyer"}, "/rest/v1/opportunities/roles.json"
    states = [api.post(roles, {"input": [role]})["result"][0]["status"] for _ in range(2)]
    assert states == ["created", "updated"]
    found = api.post(roles, {"filterType": "dedupeFields", "fields": ["role"], "input": [role]}, _method="GET")
    assert found["result"] == [{"seq": 0, "role": "Buyer"}]
    assert api.post(roles, {"input": [role | {"leadId": 99}]})["result"][0]["reasons"][0]["code"] == "1004"


def test_an_attached_crm_owns_companies_and_their_fields(api: Any) -> None:
    api.post("/rest/v1/companies.json", {"input": [{"externalCompanyId": "C1", "company": "Acme"}]})
    api.store.set("crm", {"attached": True})
    assert error(api.post("/rest/v1/companies.json", {"input": [{"externalCompanyId": "C2"}]})) == "1018"
    assert error(api.get("/rest/v1/opportunities/roles.json", filterType="leadId", filterValues="1")) == "1018"
    assert api.get("/rest/v1/companies.json", filterType="company", filterValues="Acme")["success"]
    api.switch(company_reads_with_crm="refuse")
    assert error(api.get("/rest/v1/companies/describe.json")) == "1018"
    assert api.sync({"email": "a@x.io", "company": "Acme"})[0]["reasons"][0]["code"] == "1021"
    rows = {row["name"]: row for row in api.get("/rest/v1/leads/describe2.json")["result"][0]["fields"]}
    assert rows["sfdcLeadId"] == rows["sfdcLeadId"] | {"updateable": False, "crmManaged": True}
    assert (rows["unsubscribed"]["crmManaged"], rows["leadScore"]["crmManaged"]) == (True, False)


def custom_type(api: Any, name: str = "hsOpen") -> int:
    body = {"apiName": name, "name": f"{name} x", "triggerName": f"{name} t", "filterName": f"{name} f"}
    made = api.post(
        "/rest/v1/activities/external/type.json", body | {"primaryAttribute": {"apiName": "mail", "name": "Mail"}}
    )["result"][0]
    assert made["status"] == "draft"
    attribute = {"apiName": "url", "name": "URL", "dataType": "string"}
    api.post(f"/rest/v1/activities/external/type/{name}/attributes/create.json", {"attributes": [attribute]})
    return int(made["id"])


def row(lead: int, type: int, **more: Any) -> dict[str, Any]:
    base = {
        "leadId": lead,
        "activityDate": "2026-05-01T10:00:00Z",
        "activityTypeId": type,
        "primaryAttributeValue": "Spring",
    }
    return base | {"attributes": [{"apiName": "url", "value": "https://x.io"}]} | more


def add(api: Any, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = api.post("/rest/v1/activities/external.json", {"input": list(rows)})["result"]
    return answer


def since(api: Any, moment: str = "2026-01-01T00:00:00Z") -> str:
    return str(api.get("/rest/v1/activities/pagingtoken.json", sinceDatetime=moment)["nextPageToken"])


def test_a_custom_type_must_be_approved_before_use(api: Any) -> None:
    lead, type = api.sync({"email": "a@x.io"})[0]["id"], custom_type(api)
    assert add(api, row(lead, type))[0]["errors"][0]["code"] == "1003"
    assert api.post("/rest/v1/activities/external/type/hsOpen/approve.json")["result"][0]["status"] == "approved"
    added = add(api, row(lead, type), row(99, type), row(lead, type, attributes=[{"apiName": "nope", "value": 1}]))
    assert (added[0]["status"], added[0]["marketoGUID"]) == ("added", str(added[0]["id"]))
    assert added[1]["errors"] == [{"code": "1004", "message": "Lead not found"}]
    assert added[2]["errors"][0]["code"] == "1006"


def test_custom_activities_keep_their_date_and_repeat(api: Any) -> None:
    lead, type = api.sync({"email": "a@x.io"})[0]["id"], custom_type(api)
    api.post("/rest/v1/activities/external/type/hsOpen/approve.json")
    add(api, row(lead, type))
    add(api, row(lead, type))
    found = api.get("/rest/v1/activities.json", nextPageToken=since(api), activityTypeIds=str(type))["result"]
    assert [one["activityDate"] for one in found] == ["2026-05-01T10:00:00Z"] * 2
    assert found[0]["attributes"] == [{"name": "URL", "value": "https://x.io"}]


def test_what_is_older_than_retention_has_vanished(api: Any) -> None:
    lead, type = api.sync({"email": "a@x.io"})[0]["id"], custom_type(api)
    api.post("/rest/v1/activities/external/type/hsOpen/approve.json")
    add(api, row(lead, type, activityDate="2021-05-01T10:00:00Z"))
    query = {"nextPageToken": since(api, "2020-01-01T00:00:00Z"), "activityTypeIds": str(type)}
    assert api.get("/rest/v1/activities.json", **query)["result"] == []
    api.switch(retention=False)
    assert len(api.get("/rest/v1/activities.json", **query)["result"]) == 1


def test_types_and_attributes_have_limits(api: Any) -> None:
    for number in range(10):
        custom_type(api, f"t{number}")
    body = {
        "apiName": "t10",
        "name": "n",
        "triggerName": "t",
        "filterName": "f",
        "primaryAttribute": {"apiName": "p", "name": "P"},
    }
    assert error(api.post("/rest/v1/activities/external/type.json", body)) == "1027"
    more = [{"apiName": f"a{n}", "name": f"A{n}"} for n in range(20)]
    assert (
        error(api.post("/rest/v1/activities/external/type/t0/attributes/create.json", {"attributes": more})) == "1028"
    )


def test_names_freeze_with_approval_and_later_changes_wait_as_a_draft(api: Any) -> None:
    custom_type(api)
    api.post("/rest/v1/activities/external/type/hsOpen/approve.json")
    assert error(api.post("/rest/v1/activities/external/type/hsOpen.json", {"name": "Other"})) == "1003"
    attribute = {"attributes": [{"apiName": "device", "name": "Device"}]}
    changed = api.post("/rest/v1/activities/external/type/hsOpen/attributes/create.json", attribute)["result"][0]
    assert changed["status"] == "approved with draft"
    live = api.get("/rest/v1/activities/external/type/hsOpen/describe.json")["result"][0]
    assert [one["apiName"] for one in live["attributes"]] == ["url"]
    draft = api.get("/rest/v1/activities/external/type/hsOpen/describe.json", draft="true")["result"][0]
    assert [one["apiName"] for one in draft["attributes"]] == ["url", "device"]


def test_activities_are_read_page_by_page_to_the_end(api: Any) -> None:
    api.sync(*[{"email": f"{n}@x.io"} for n in range(5)])
    token, seen, more = since(api), [], True
    while more:
        page = api.get("/rest/v1/activities.json", nextPageToken=token, activityTypeIds="12", batchSize=2)
        seen += [one["leadId"] for one in page.get("result", [])]
        token, more = page["nextPageToken"], page["moreResult"]
    assert seen == [1, 2, 3, 4, 5]
    types = ",".join(str(n) for n in range(11))
    assert error(api.get("/rest/v1/activities.json", nextPageToken=token, activityTypeIds=types)) == "1003"
    people = ",".join(str(n) for n in range(31))
    assert (
        error(api.get("/rest/v1/activities.json", nextPageToken=token, activityTypeIds="12", leadIds=people)) == "1003"
    )


def test_lead_changes_are_narrowed_to_the_named_fields(api: Any) -> None:
    api.sync({"email": "a@x.io"})
    api.sync({"email": "a@x.io", "city": "Oslo", "title": "Director"})
    rows = api.get("/rest/v1/activities/leadchanges.json", nextPageToken=since(api), fields="city")["result"]
    changes = [one["fields"] for one in rows if one["activityTypeId"] == 13]
    assert changes == [[{"id": 64, "name": "city", "newValue": "Oslo", "oldValue": None}]]


def test_an_engagement_program_that_is_on_starts_to_send(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program("Nurture 1", "Engagement", "Nurture")
    body = api.store.get("programs", str(program))
    api.store.put("programs", str(program), body | {"status": "on"})
    api.post(f"/rest/v1/programs/{program}/members/status.json", {"statusName": "Member", "input": [{"leadId": lead}]})
    assert api.store.counters()["enrolments"] == 1
    held = dict(api.store.links("program-member", str(program)))[str(lead)]
    assert (held["trackName"], held["nurtureCadence"]) == ("Stream 1", "norm")
