"""Programs, members, lists, folders, tokens, smart campaigns."""

from typing import Any

FOLDER = {"id": 35, "type": "Folder"}


def error(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["code"])


def set_status(api: Any, program: int, status: str, *leads: int) -> list[dict[str, Any]]:
    body = {"statusName": status, "input": [{"leadId": lead} for lead in leads]}
    rows: list[dict[str, Any]] = api.post(f"/rest/v1/programs/{program}/members/status.json", body)["result"]
    return rows


def test_a_program_is_born_in_a_folder_with_its_channel(api: Any) -> None:
    id = api.program(costs=[{"startDate": "2026-01-01", "cost": 200}])
    row = api.get(f"/rest/asset/v1/program/{id}.json")["result"][0]
    assert (row["type"], row["channel"], row["status"]) == ("Event", "Tradeshow", "")
    assert row["folder"] == {"type": "Folder", "value": 35, "folderName": "Programs"}
    assert row["url"].endswith(f"#ME{id}A1")
    assert row["costs"] == [{"startDate": "2026-01-01", "cost": 200}]
    assert "costs" not in api.get("/rest/asset/v1/programs.json")["result"][0]
    assert api.get("/rest/asset/v1/program/byName.json", name="fair")["result"][0]["id"] == id


def test_what_a_program_cannot_be_is_refused(api: Any) -> None:
    api.program()
    path = "/rest/asset/v1/programs.json"
    good = {"name": "New", "type": "Event", "channel": "Tradeshow", "folder": FOLDER}
    assert error(api.form(path, **good | {"name": "Fair"})) == "709"
    assert error(api.form(path, **good | {"channel": "Nurture"})) == "709"
    assert error(api.form(path, **good | {"channel": "Nowhere"})) == "709"
    assert error(api.form(path, **good | {"folder": {"id": 999, "type": "Folder"}})) == "710"
    assert error(api.form(path, name="New", folder=FOLDER)) == "701"


def test_required_tags_must_be_given_and_known(api: Any) -> None:
    tag = {
        "tagType": "Region",
        "applicableProgramTypes": "[event]",
        "required": True,
        "allowableValues": "[EMEA, APAC]",
    }
    api.store.put("tag-types", "Region", tag)
    path = "/rest/asset/v1/programs.json"
    good = {"name": "New", "type": "Event", "channel": "Tradeshow", "folder": FOLDER}
    assert error(api.form(path, **good)) == "709"
    assert error(api.form(path, **good, tags=[{"tagType": "Region", "tagValue": "Mars"}])) == "709"
    row = api.form(path, **good, tags=[{"tagType": "Region", "tagValue": "APAC"}])["result"][0]
    assert row["tags"] == [{"tagType": "Region", "tagValue": "APAC"}]


def test_costs_are_added_unless_replaced_and_type_stays(api: Any) -> None:
    id = api.program(costs=[{"startDate": "2026-01-01", "cost": 200}])
    path = f"/rest/asset/v1/program/{id}.json"
    added = api.form(path, costs=[{"startDate": "2026-02-01", "cost": 1}])["result"][0]
    assert [one["cost"] for one in added["costs"]] == [200, 1]
    replaced = api.form(path, costs=[{"startDate": "2026-03-01", "cost": 5}], costsDestructiveUpdate="true")["result"][
        0
    ]
    assert [one["cost"] for one in replaced["costs"]] == [5]
    assert error(api.form(path, type="Default")) == "709"


def test_a_status_only_moves_forward(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    assert set_status(api, program, "Registered", lead)[0] == {"seq": 0, "status": "created", "leadId": lead}
    assert set_status(api, program, "Visited Booth", lead)[0]["status"] == "updated"
    back = set_status(api, program, "Invited", lead, 99)
    assert back[0]["reasons"] == [
        {"code": "1037", "message": "Lead skipped because it is already in or past this status"}
    ]
    assert back[1]["reasons"][0]["code"] == "1004"
    assert (
        error(
            api.post(
                f"/rest/v1/programs/{program}/members/status.json", {"statusName": "Nope", "input": [{"leadId": lead}]}
            )
        )
        == "1025"
    )
    row = api.get(f"/rest/v1/programs/{program}/members.json", filterType="leadId", filterValues=str(lead))["result"][0]
    assert (row["reachedSuccess"], row["programId"], row["seq"]) == (True, program, 0)
    told = [{one["name"]: one["value"] for one in body["attributes"]} for body in api.log(104, lead)]
    assert [(one["Old Status"], one["New Status"]) for one in told] == [
        ("Not in Program", "Registered"),
        ("Registered", "Visited Booth"),
    ]


def test_a_membership_is_dated_now_and_cannot_be_dated_back(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    set_status(api, program, "Invited", lead)
    body = {"input": [{"leadId": lead, "membershipDate": "2020-01-01T00:00:00Z"}]}
    assert api.post(f"/rest/v1/programs/{program}/members.json", body)["result"][0]["reasons"][0]["code"] == "1003"
    row = api.get(f"/rest/v1/leads/programs/{program}.json")["result"][0]
    assert row["membership"]["membershipDate"] > "2020-01-02"


def test_custom_member_fields_need_a_member(api: Any) -> None:
    one, two = (row["id"] for row in api.sync({"email": "a@x.io"}, {"email": "b@x.io"}))
    program = api.program()
    field = {"name": "origDate", "displayName": "Orig Date", "dataType": "datetime"}
    assert (
        api.post("/rest/v1/programs/members/schema/fields.json", {"input": [field]})["result"][0]["status"] == "created"
    )
    set_status(api, program, "Invited", one)
    body = {"input": [{"leadId": lead, "origDate": "2020-01-01T00:00:00Z"} for lead in (one, two)]}
    rows = api.post(f"/rest/v1/programs/{program}/members.json", body)["result"]
    assert [row["status"] for row in rows] == ["updated", "skipped"]
    assert rows[1]["reasons"] == [{"code": "1013", "message": "Membership not found"}]
    query = {"filterType": "statusName", "filterValues": "Invited", "fields": "origDate,statusName"}
    shown = api.get(f"/rest/v1/programs/{program}/members.json", **query)["result"][0]
    assert (shown["origDate"], shown["statusName"]) == ("2020-01-01T00:00:00Z", "Invited")


def test_a_program_holds_at_most_twenty_member_fields(api: Any) -> None:
    rows = [{"name": f"f{n}", "displayName": f"F {n}", "dataType": "string"} for n in range(21)]
    answer = api.post("/rest/v1/programs/members/schema/fields.json", {"input": rows})["result"]
    assert [row["status"] for row in answer].count("created") == 20


def test_leaving_a_program_twice_is_1037(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    set_status(api, program, "Invited", lead)
    path, body = f"/rest/v1/programs/{program}/members/delete.json", {"input": [{"leadId": lead}]}
    assert api.post(path, body)["result"][0]["status"] == "deleted"
    assert api.post(path, body)["result"][0]["reasons"] == [{"code": "1037", "message": "Lead not in program"}]


def test_a_list_is_made_by_the_asset_api_and_filled_by_the_lead_api(api: Any) -> None:
    lead, listed = api.sync({"email": "a@x.io"})[0]["id"], api.list("VIP")
    path = f"/rest/v1/lists/{listed}/leads.json"
    rows = api.post(path, {"input": [{"id": lead}, {"id": 99}]})["result"]
    assert rows == [
        {"id": lead, "status": "added"},
        {"id": 99, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]},
    ]
    assert api.post(path, {"input": [{"id": lead}]})["result"][0]["status"] == "added"
    assert len(api.log(24, lead)) == 1
    assert api.get(path)["result"][0]["email"] == "a@x.io"
    assert api.get(f"/rest/v1/lists/{listed}/leads/ismember.json", id=lead)["result"] == [
        {"id": lead, "status": "memberof"}
    ]
    assert api.get(f"/rest/v1/leads/{lead}/listMembership.json")["result"][0]["listId"] == listed
    gone = [api.raw("DELETE", f"{path}?id={lead}").get_json()["result"][0] for _ in range(2)]
    assert gone[0]["status"] == "removed"
    assert gone[1]["reasons"][0]["code"] == "1015"
    assert error(api.get("/rest/v1/lists/999/leads.json")) == "1013"


def test_list_members_are_paged(api: Any) -> None:
    rows, listed = api.sync(*[{"email": f"{n}@x.io"} for n in range(5)]), api.list()
    path = f"/rest/v1/lists/{listed}/leads.json"
    api.post(path, {"input": [{"id": row["id"]} for row in rows]})
    first = api.get(path, batchSize=3)
    second = api.get(path, batchSize=3, nextPageToken=first["nextPageToken"])
    assert [row["id"] for row in first["result"] + second["result"]] == [row["id"] for row in rows]
    assert "nextPageToken" not in second


def test_lists_are_renamed_deleted_and_have_unique_names(api: Any) -> None:
    listed = api.list("VIP")
    assert error(api.form("/rest/asset/v1/staticLists.json", name="vip", folder=FOLDER)) == "709"
    assert (
        api.form(f"/rest/asset/v1/staticList/{listed}.json", name="Gold", description="d")["result"][0]["name"]
        == "Gold"
    )
    assert api.get("/rest/asset/v1/staticList/byName.json", name="Gold")["result"][0]["id"] == listed
    assert api.form(f"/rest/asset/v1/staticList/{listed}/delete.json")["result"] == [{"id": listed}]
    assert "warnings" in api.get(f"/rest/asset/v1/staticList/{listed}.json")


def test_a_name_with_a_comma_cannot_be_searched(api: Any) -> None:
    api.list("A, B")
    assert "result" not in api.get("/rest/asset/v1/staticList/byName.json", name="A, B")


def test_browsing_pages_by_offset_with_twenty_as_default(api: Any) -> None:
    for number in range(22):
        api.list(f"L{number}")
    path = "/rest/asset/v1/staticLists.json"
    assert len(api.get(path)["result"]) == 20
    assert len(api.get(path, offset=20)["result"]) == 2
    assert "result" not in api.get(path, offset=22)
    assert error(api.get(path, maxReturn=201)) == "1003"


def test_folders_are_browsed_two_levels_deep_and_grow(api: Any) -> None:
    root = {"root": '{"id":14,"type":"Folder"}'}
    assert [row["id"] for row in api.get("/rest/asset/v1/folders.json", **root)["result"]] == [14, 15]
    made = api.form("/rest/asset/v1/folders.json", name="2026", parent=FOLDER)["result"][0]
    assert made["path"] == "/Marketing Activities/Default/Programs/2026"
    assert made["folderId"] == {"id": made["id"], "type": "Folder"}
    assert made["id"] in [row["id"] for row in api.get("/rest/asset/v1/folders.json", maxDepth=4, **root)["result"]]
    assert error(api.form("/rest/asset/v1/folders.json", name="2026", parent=FOLDER)) == "709"
    assert {"id": made["id"], "type": "Folder"} in api.get("/rest/asset/v1/folder/35/content.json")["result"]
    for name in ("Marketing Activities", "Design Studio", "Lead Database"):
        assert api.get("/rest/asset/v1/folder/byName.json", name=name)["result"][0]["parent"] is None


def test_tokens_are_set_replaced_and_taken_away(api: Any) -> None:
    program = api.program()
    path = f"/rest/asset/v1/folder/{program}/tokens.json"
    for value in ("2026-05-01", "2026-06-01"):
        api.form(path, folderType="Program", name="Event Date", type="date", value=value)
    row = api.get(path, folderType="Program")["result"][0]
    assert row["folder"] == {"type": "Program", "value": program}
    assert [(one["name"], one["value"]) for one in row["tokens"]] == [("Event Date", "2026-06-01")]
    assert error(api.form(path, folderType="Program", name="x" * 51, type="text", value="v")) == "709"
    assert error(api.form(path, folderType="Program", name="Script", type="script text", value="v")) == "709"
    api.form(path.replace("tokens", "tokens/delete"), folderType="Program", name="Event Date", type="date")
    assert "result" not in api.get(path, folderType="Program")


def test_a_campaign_shell_can_never_be_activated(api: Any) -> None:
    row = api.form("/rest/asset/v1/smartCampaigns.json", name="Shell", folder=FOLDER)["result"][0]
    assert (row["status"], row["type"], row["isActive"]) == ("Never Run", "batch", False)
    assert not any(key.startswith("_") for key in row)
    path = f"/rest/asset/v1/smartCampaign/{row['id']}"
    assert error(api.form(f"{path}/activate.json")) == "709"
    rules = api.get(f"{path}/smartList.json", includeRules="true")["result"][0]["rules"]
    assert rules == {"filterMatchType": "all", "triggers": [], "filters": []}
    assert "rules" not in api.get(f"{path}/smartList.json")["result"][0]
    assert "result" not in api.get("/rest/asset/v1/smartLists.json")


def test_a_campaign_is_scheduled_between_five_minutes_and_two_years_ahead(api: Any) -> None:
    id = api.form("/rest/asset/v1/smartCampaigns.json", name="Batch", folder=FOLDER)["result"][0]["id"]
    path = f"/rest/v1/campaigns/{id}/schedule.json"
    assert api.post(path, {"input": {}})["result"] == [{"id": id}]
    assert error(api.post(path, {"input": {"runAt": "2020-01-01T00:00:00Z"}})) == "1003"
    assert error(api.post(path, {"input": {"runAt": "2099-01-01T00:00:00Z"}})) == "1042"
    assert api.store.counters()["campaign_runs"] == 1


def test_a_clone_brings_campaigns_and_tokens_but_nobody(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    set_status(api, program, "Invited", lead)
    api.form("/rest/asset/v1/smartCampaigns.json", name="Inside", folder={"id": program, "type": "Program"})
    api.form(
        f"/rest/asset/v1/folder/{program}/tokens.json",
        folderType="Program",
        name="Day",
        type="date",
        value="2026-05-01",
    )
    clone = api.form(f"/rest/asset/v1/program/{program}/clone.json", name="Fair 2", folder=FOLDER)["result"][0]["id"]
    names = [row["name"] for row in api.get("/rest/v1/campaigns.json", programName="Fair 2")["result"]]
    assert names == ["Inside-Fair 2"]
    assert "result" in api.get(f"/rest/asset/v1/folder/{clone}/tokens.json", folderType="Program")
    assert api.store.links("program-member", str(clone)) == []
