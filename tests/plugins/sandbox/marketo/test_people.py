"""Writing and reading people."""

from typing import Any

import pytest

LEADS = "/rest/v1/leads.json"


def reason(row: dict[str, Any]) -> str:
    return str(row["reasons"][0]["code"])


def error(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["code"])


def test_order_is_kept_and_each_record_stands_for_itself(api: Any) -> None:
    api.sync({"email": "old@x.io"})
    rows = api.sync({"email": "new@x.io"}, {"email": "x@x.io", "nope": 1}, {"email": "OLD@x.io", "firstName": "O"})
    assert [row["status"] for row in rows] == ["created", "skipped", "updated"]
    assert rows[1]["reasons"] == [{"code": "1006", "message": "Field 'nope' not found"}]
    assert "id" not in rows[1]


def test_actions_create_update_and_duplicate_as_named(api: Any) -> None:
    assert reason(api.sync({"email": "a@x.io"}, action="updateOnly")[0]) == "1004"
    assert api.sync({"email": "a@x.io"}, action="createOnly")[0]["status"] == "created"
    assert reason(api.sync({"email": "a@x.io"}, action="createOnly")[0]) == "1005"
    assert api.sync({"email": "a@x.io"}, action="createDuplicate")[0]["status"] == "created"
    several = api.sync({"email": "a@x.io"})[0]["reasons"][0]
    assert several == {"code": "1007", "message": "Multiple lead match lookup criteria"}


def test_any_searchable_field_is_a_key_and_the_id_with_update_only(api: Any) -> None:
    field = {"name": "sourceKey", "displayName": "Source Key", "dataType": "string"}
    api.post("/rest/v1/leads/schema/fields.json", {"input": [field]})
    first = api.sync(
        {"sourceKey": "k1", "email": "a@x.io"}, {"sourceKey": "k2", "email": "a@x.io"}, lookupField="sourceKey"
    )
    assert [row["status"] for row in first] == ["created", "created"]
    found = api.get(LEADS, filterType="sourceKey", filterValues="k1,k2")["result"]
    assert [row["id"] for row in found] == [row["id"] for row in first]
    change = {"input": [{"id": first[0]["id"], "firstName": "A"}], "lookupField": "id"}
    assert error(api.post(LEADS, change)) == "1003"
    assert api.post(LEADS, change | {"action": "updateOnly"})["result"][0]["status"] == "updated"
    assert error(api.post(LEADS, {"input": [{"email": "a@x.io"}], "lookupField": "city"})) == "1011"
    assert error(api.post(LEADS, {"input": [{"email": "a@x.io"}], "lookupField": "nope"})) == "1006"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("leadScore", "14c"),
        ("leadScore", 2**40),
        ("unsubscribed", "maybe"),
        ("dateOfBirth", "1.2.1990"),
        ("annualRevenue", "much"),
        ("emailSuspendedAt", "yesterday"),
        ("firstName", "é" * 128),
        ("address", "x" * 30_001),
        ("email", "müller@x.io"),
        ("email", "nobody"),
        ("firstName", {"a": 1}),
    ],
)
def test_a_value_that_a_field_cannot_take_skips_the_record(api: Any, field: str, value: Any) -> None:
    row = api.sync({"email": "a@x.io"} | {field: value})[0]
    assert row["reasons"] == [{"code": "1003", "message": f"Invalid value for field '{field}' and value '{value}'"}]


def test_text_is_measured_in_bytes_unless_switched(api: Any) -> None:
    api.switch(text_length_unit="characters")
    assert api.sync({"email": "a@x.io", "firstName": "é" * 255})[0]["status"] == "created"


def test_values_are_kept_by_type(api: Any) -> None:
    sent = {
        "email": "a@x.io",
        "leadScore": "14",
        "annualRevenue": "2.5",
        "unsubscribed": "false",
        "dateOfBirth": "1990-02-01",
    }
    id = api.sync(sent | {"emailSuspendedAt": "2026-01-01T09:00:00+09:00"})[0]["id"]
    shown = api.lead(
        id, "leadScore", "annualRevenue", "unsubscribed", "dateOfBirth", "emailSuspendedAt", "city", "doNotCall"
    )
    assert shown == {
        "id": id,
        "leadScore": 14,
        "annualRevenue": 2.5,
        "unsubscribed": False,
        "dateOfBirth": "1990-02-01",
        "emailSuspendedAt": "2026-01-01T00:00:00Z",
        "city": None,
        "doNotCall": False,
    }


def test_null_and_the_empty_text_clear_a_field(api: Any) -> None:
    id = api.sync({"email": "a@x.io", "city": "Kyoto", "state": "Kyoto"})[0]["id"]
    api.sync({"email": "a@x.io", "city": None, "state": ""})
    assert api.lead(id, "city", "state") == {"id": id, "city": None, "state": None}


def test_read_only_fields_skip_the_record_or_are_ignored_by_switch(api: Any) -> None:
    assert reason(api.sync({"email": "a@x.io", "createdAt": "2020-01-01T00:00:00Z"})[0]) == "1003"
    api.switch(read_only_fields="ignore")
    id = api.sync({"email": "a@x.io", "createdAt": "2020-01-01T00:00:00Z"})[0]["id"]
    assert api.lead(id, "createdAt")["createdAt"] > "2020-01-01T00:00:00Z"


def test_the_instance_stamps_creation_and_source_itself(api: Any) -> None:
    id = api.sync({"email": "a@x.io", "registrationSourceType": "Old platform"})[0]["id"]
    shown = api.lead(id, "originalSourceType", "registrationSourceType", "personType", "leadPartitionId")
    assert shown["originalSourceType"] == "Web service API"
    assert shown["registrationSourceType"] == "Old platform"
    assert (shown["personType"], shown["leadPartitionId"]) == ("contact", 1)


def test_a_batch_has_at_most_300_records_and_a_filter_300_values(api: Any) -> None:
    assert error(api.post(LEADS, {"input": [{"email": f"{n}@x.io"} for n in range(301)]})) == "1003"
    assert error(api.post(LEADS, {"input": []})) == "1002"
    values = ",".join(str(n) for n in range(301))
    assert error(api.get(LEADS, filterType="id", filterValues=values)) == "1003"


def test_a_filter_that_matches_more_than_a_thousand_is_1003(api: Any) -> None:
    for start in range(4):
        api.sync(*[{"email": f"{start}-{n}@x.io", "twitterId": "same"} for n in range(251)])
    assert error(api.get(LEADS, filterType="twitterId", filterValues="same")) == "1003"
    assert error(api.get(LEADS, filterType="city", filterValues="same")) == "1011"


def test_pages_of_a_filter_follow_the_token(api: Any) -> None:
    api.sync(*[{"email": f"{n}@x.io", "twitterId": "same"} for n in range(5)])
    first = api.get(LEADS, filterType="twitterId", filterValues="same", batchSize=3)
    second = api.get(
        LEADS, filterType="twitterId", filterValues="same", batchSize=3, nextPageToken=first["nextPageToken"]
    )
    assert [len(first["result"]), len(second["result"])] == [3, 2]
    assert "nextPageToken" not in second


def test_an_unknown_field_in_a_read_is_1006_and_default_fields_are_six(api: Any) -> None:
    id = api.sync({"email": "a@x.io"})[0]["id"]
    assert set(api.lead(id)) == {"id", "email", "firstName", "lastName", "createdAt", "updatedAt"}
    assert error(api.get(f"/rest/v1/lead/{id}.json", fields="nope")) == "1006"
    assert api.get("/rest/v1/lead/99.json")["result"] == []


def test_partitions_are_respected(api: Any) -> None:
    api.store.put("partitions", "2", {"id": 2, "name": "EMEA", "description": ""})
    id = api.sync({"email": "a@x.io"}, partitionName="EMEA")[0]["id"]
    assert reason(api.sync({"email": "a@x.io"}, partitionName="Default")[0]) == "1010"
    assert error(api.post(LEADS, {"input": [{"email": "b@x.io"}], "partitionName": "Nowhere"})) == "1008"
    moved = api.post("/rest/v1/leads/partitions.json", {"input": [{"id": id, "partitionName": "Default"}]})["result"]
    assert moved == [{"id": id, "status": "updated"}]
    assert api.lead(id, "leadPartitionId")["leadPartitionId"] == 1
    assert api.log(100, id)


def test_people_are_deleted_by_either_route_and_the_deletion_is_told(api: Any) -> None:
    one, two = (row["id"] for row in api.sync({"email": "a@x.io"}, {"email": "b@x.io"}))
    rows = api.post("/rest/v1/leads/delete.json", {"input": [{"id": one}, {"id": 99}]})["result"]
    assert [row["status"] for row in rows] == ["deleted", "skipped"]
    assert reason(rows[1]) == "1004"
    assert api.post(LEADS, {"input": [{"id": two}]}, _method="DELETE")["result"] == [{"id": two, "status": "deleted"}]
    token = api.get("/rest/v1/activities/pagingtoken.json", sinceDatetime="2026-01-01T00:00:00Z")["nextPageToken"]
    told = api.get("/rest/v1/activities/deletedleads.json", nextPageToken=token)["result"]
    assert [row["leadId"] for row in told] == [one, two]


def test_ids_are_never_given_twice(api: Any) -> None:
    id = api.sync({"email": "a@x.io"})[0]["id"]
    api.post("/rest/v1/leads/delete.json", {"input": [{"id": id}]})
    assert api.sync({"email": "a@x.io"})[0]["id"] > id


def test_a_merge_fills_the_winners_gaps_and_moves_memberships(api: Any) -> None:
    winner, loser = (
        row["id"]
        for row in api.sync(
            {"email": "a@x.io", "city": "Kyoto"}, {"email": "b@x.io", "city": "Oslo", "title": "Director"}
        )
    )
    listed = api.list()
    api.post(f"/rest/v1/lists/{listed}/leads.json", {"input": [{"id": loser}]})
    answer = api.post(f"/rest/v1/leads/{winner}/merge.json", leadIds=str(loser))
    assert answer["success"] and "result" not in answer
    assert api.lead(winner, "email", "city", "title") == {
        "id": winner,
        "email": "a@x.io",
        "city": "Kyoto",
        "title": "Director",
    }
    assert api.get(f"/rest/v1/lead/{loser}.json")["result"] == []
    assert api.store.links("list-member", str(listed))[0][0] == str(winner)
    assert api.log(32, winner)
    assert (
        error(api.post(f"/rest/v1/leads/{winner}/merge.json", leadIds=",".join(str(n) for n in range(2, 28)))) == "1080"
    )
    assert error(api.post(f"/rest/v1/leads/{winner}/merge.json", leadIds="99")) == "1004"


def test_new_people_leave_a_row_and_changes_one_for_each_field(api: Any) -> None:
    id = api.sync({"email": "a@x.io", "city": "Kyoto"})[0]["id"]
    assert (len(api.log(12, id)), len(api.log(13, id))) == (1, 0)
    api.sync({"email": "a@x.io", "city": "Oslo", "title": "Director"})
    changes = {
        row["primaryAttributeValue"]: {one["name"]: one["value"] for one in row["attributes"]}
        for row in api.log(13, id)
    }
    assert set(changes) == {"City", "Job Title"}
    assert (changes["City"]["Old Value"], changes["City"]["New Value"]) == ("Kyoto", "Oslo")
    assert changes["City"]["Source"] == "Web service API"


def test_writing_what_is_there_already_changes_nothing(api: Any) -> None:
    id = api.sync({"email": "a@x.io", "city": "Oslo"})[0]["id"]
    before = api.lead(id)
    api.clock.advance(60)
    assert api.sync({"email": "a@x.io", "city": "Oslo"})[0]["status"] == "updated"
    assert api.lead(id) == before
    assert api.log(13) == []


def test_a_form_fill_counts_and_a_push_joins_the_program(api: Any) -> None:
    api.store.put("forms", "5", {"id": 5, "name": "Contact"})
    body = {"formId": 5, "input": [{"leadFormFields": {"email": "a@x.io"}, "visitorData": {}}]}
    assert api.post("/rest/v1/leads/submitForm.json", body)["result"][0]["status"] == "created"
    assert api.store.counters()["form_fills"] == 1
    program = api.program()
    pushed = {"programName": "Fair", "lookupField": "email", "input": [{"email": "a@x.io"}]}
    id = api.post("/rest/v1/leads/push.json", pushed)["result"][0]["id"]
    assert dict(api.store.links("program-member", str(program)))[str(id)]["statusName"] == "Invited"
    assert api.post("/rest/v1/leads/push.json", pushed)["result"] == [{"id": id, "status": "updated"}]


def test_a_cookie_is_associated_and_a_bad_one_is_1012(api: Any) -> None:
    id = api.sync({"email": "a@x.io"})[0]["id"]
    assert api.post(f"/rest/v1/leads/{id}/associate.json", cookie="id:1&token:_mch-x")["success"]
    assert error(api.post(f"/rest/v1/leads/{id}/associate.json", cookie="nonsense")) == "1012"


def test_company_fields_belong_to_everybody_of_the_company(api: Any) -> None:
    api.post("/rest/v1/companies.json", {"input": [{"externalCompanyId": "C1", "company": "Acme"}]})
    one, two = (row["id"] for row in api.sync(*[{"email": f"{n}@x.io", "externalCompanyId": "C1"} for n in "ab"]))
    assert api.lead(one, "company")["company"] == "Acme"
    api.sync({"email": "a@x.io", "company": "Acme KK"})
    assert api.lead(two, "company")["company"] == "Acme KK"
    assert reason(api.sync({"email": "c@x.io", "externalCompanyId": "C9"})[0]) == "1003"
    assert reason(api.sync({"email": "c@x.io", "externalSalesPersonId": "S9"})[0]) == "718"
