"""Bulk import and export."""

import csv
import hashlib
import io
import json
from typing import Any

WINDOW = {"createdAt": {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-01-31T23:59:59Z"}}


def error(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["code"])


def upload(api: Any, text: str, **query: Any) -> dict[str, Any]:
    data = {"file": (io.BytesIO(text.encode()), "people.csv")}
    query = {"format": "csv"} | query
    answer: dict[str, Any] = api.raw("POST", "/bulk/v1/leads.json", query_string=query, data=data).get_json()
    return answer


def batch(api: Any, id: int) -> dict[str, Any]:
    row: dict[str, Any] = api.get(f"/bulk/v1/leads/batch/{id}.json")["result"][0]
    return row


def today(api: Any) -> dict[str, Any]:
    day = api.clock.now().strftime("%Y-%m-%d")
    return {"createdAt": {"startAt": f"{day}T00:00:00Z", "endAt": f"{day}T23:59:59Z"}}


def export(api: Any, body: dict[str, Any], sort: str = "leads") -> str:
    made = api.post(f"/bulk/v1/{sort}/export/create.json", body)["result"][0]
    assert made["status"] == "Created"
    assert api.post(f"/bulk/v1/{sort}/export/{made['exportId']}/enqueue.json")["result"][0]["status"] == "Queued"
    return str(made["exportId"])


def status(api: Any, id: str, sort: str = "leads") -> dict[str, Any]:
    row: dict[str, Any] = api.get(f"/bulk/v1/{sort}/export/{id}/status.json")["result"][0]
    return row


def fetched(api: Any, id: str, sort: str = "leads") -> list[dict[str, str]]:
    api.clock.advance(200)
    assert status(api, id, sort)["status"] == "Completed"
    text = api.raw("GET", f"/bulk/v1/{sort}/export/{id}/file.json").get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text)))


def test_an_import_waits_imports_and_completes(api: Any) -> None:
    made = upload(api, "email,firstName\na@x.io,A\nb@x.io,B\n")["result"][0]
    assert made == {"batchId": made["batchId"], "importId": str(made["batchId"]), "status": "Queued"}
    assert batch(api, made["batchId"])["status"] == "Queued"
    api.clock.advance(5.5)
    assert batch(api, made["batchId"])["status"] == "Importing"
    api.clock.advance(25)
    done = batch(api, made["batchId"])
    assert done["status"] == "Complete"
    assert done["message"] == "Import succeeded, 2 records imported (0 members)"
    assert api.get("/rest/v1/leads.json", filterType="email", filterValues="a@x.io")["result"][0]["firstName"] == "A"


def test_failed_rows_come_back_with_their_reason(api: Any) -> None:
    listed = api.list()
    id = upload(api, "email,leadScore\na@x.io,1\nb@x.io,14c\n", listId=listed)["result"][0]["batchId"]
    api.clock.advance(30)
    assert batch(api, id)["message"] == "Import completed with errors, 1 records imported (1 members), 1 failed"
    text = api.raw("GET", f"/bulk/v1/leads/batch/{id}/failures.json").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["email", "leadScore", "Import Failure Reason"]
    assert rows[1][:2] == ["b@x.io", "14c"]
    assert api.raw("GET", f"/bulk/v1/leads/batch/{id}/warnings.json").get_data(as_text=True) == ""
    assert len(api.store.links("list-member", str(listed))) == 1


def test_an_import_does_not_overwrite_the_opt_out_of_people_who_are_there(api: Any) -> None:
    old = api.sync({"email": "a@x.io", "unsubscribed": True})[0]["id"]
    free = api.sync({"email": "b@x.io"})[0]["id"]
    upload(api, "email,unsubscribed\na@x.io,false\nb@x.io,true\nc@x.io,true\n")
    api.clock.advance(30)
    new = api.get("/rest/v1/leads.json", filterType="email", filterValues="c@x.io")["result"][0]["id"]
    assert [api.lead(id, "unsubscribed")["unsubscribed"] for id in (old, free, new)] == [True, False, True]


def test_an_import_writes_the_opt_out_where_the_switch_says_so(api: Any) -> None:
    api.switch(import_unsubscribed="write")
    id = api.sync({"email": "b@x.io"})[0]["id"]
    upload(api, "email,unsubscribed\nb@x.io,true\n")
    api.clock.advance(30)
    assert api.lead(id, "unsubscribed")["unsubscribed"] is True


def test_the_eleventh_waiting_import_is_1016_and_a_busy_list_1019(api: Any) -> None:
    listed = api.list()
    assert upload(api, "email\na@x.io\n", listId=listed)["success"]
    assert error(upload(api, "email\na@x.io\n", listId=listed)) == "1019"
    assert all(upload(api, "email\na@x.io\n")["success"] for _ in range(9))
    assert error(upload(api, "email\na@x.io\n")) == "1016"


def test_imports_refuse_unknown_columns_lists_and_large_files(api: Any) -> None:
    assert error(upload(api, "email,nope\na@x.io,1\n")) == "1006"
    assert error(upload(api, "email\na@x.io\n", listId=99)) == "1013"
    assert error(upload(api, "firstName\nA\n")) == "1003"
    assert error(api.raw("POST", "/bulk/v1/leads.json?format=csv", data={"x": "y"}).get_json()) == "613"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
    body = head + b"email\n" + b"x" * 10 * 1024 * 1024 + b"\r\n--b--\r\n"
    large = api.raw("POST", "/bulk/v1/leads.json?format=csv", data=body, content_type="multipart/form-data; boundary=b")
    assert large.status_code == 413


def test_an_export_moves_a_step_a_minute_and_ends_with_a_checksum(api: Any) -> None:
    api.sync({"email": "a@x.io", "unsubscribed": True}, {"email": "b@x.io"})
    fields = ["id", "email", "firstName", "unsubscribed"]
    id = export(api, {"fields": fields, "columnHeaderNames": {"id": "Marketo Id"}, "filter": today(api)})
    path = f"/bulk/v1/leads/export/{id}/file.json"
    early = api.raw("GET", path)
    assert (early.status_code, early.mimetype) == (404, "text/plain")
    seen = [status(api, id)["status"]]
    for _ in range(2):
        api.clock.advance(61)
        seen.append(status(api, id)["status"])
    assert seen == ["Queued", "Processing", "Completed"]
    done, data = status(api, id), api.raw("GET", path).data
    assert data.decode().splitlines()[:2] == ["Marketo Id,email,firstName,unsubscribed", "1,a@x.io,null,true"]
    assert done["numberOfRecords"] == 2
    assert (done["fileSize"], done["fileChecksum"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    part = api.raw("GET", path, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, data[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(data)}"


def test_a_file_goes_after_its_days(api: Any) -> None:
    id = export(api, {"fields": ["id"], "filter": WINDOW})
    fetched(api, id)
    api.clock.advance(8 * 86_400)
    api.renew()
    assert api.raw("GET", f"/bulk/v1/leads/export/{id}/file.json").status_code == 404


def test_both_ends_of_a_window_count_and_31_days_are_the_most(api: Any) -> None:
    for second in ("00:00:00", "23:59:59"):
        api.store.put(
            "leads",
            str(int(second[:2]) + 1),
            {"id": int(second[:2]) + 1, "createdAt": f"2026-01-31T{second}Z", "updatedAt": "2026-01-31T00:00:00Z"},
        )
    edge = {"createdAt": {"startAt": "2026-01-31T00:00:00Z", "endAt": "2026-01-31T23:59:59Z"}}
    assert len(fetched(api, export(api, {"fields": ["id"], "filter": edge}))) == 2
    long = {"createdAt": {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-02-01T00:00:01Z"}}
    create = "/bulk/v1/leads/export/create.json"
    assert error(api.post(create, {"fields": ["id"], "filter": long})) == "1003"
    millis = {"createdAt": {"startAt": "2026-01-01T00:00:00.000Z", "endAt": "2026-01-02T00:00:00Z"}}
    assert error(api.post(create, {"fields": ["id"], "filter": millis})) == "1003"
    assert error(api.post(create, {"fields": ["nope"], "filter": WINDOW})) == "1006"
    assert error(api.post(create, {"fields": ["id"], "filter": WINDOW | {"staticListId": 1}})) == "1003"


def test_filters_that_a_subscription_lacks_are_1035(api: Any) -> None:
    api.switch(export_updated_at=False, export_smart_list=False)
    create = "/bulk/v1/leads/export/create.json"
    updated = {"updatedAt": WINDOW["createdAt"]}
    assert error(api.post(create, {"fields": ["id"], "filter": updated})) == "1035"
    assert error(api.post(create, {"fields": ["id"], "filter": {"smartListId": 1}})) == "1035"


def test_a_list_is_exported_by_its_id_and_a_smart_list_by_its_kept_members(api: Any) -> None:
    one, two = (row["id"] for row in api.sync({"email": "a@x.io"}, {"email": "b@x.io"}))
    listed = api.list()
    api.post(f"/rest/v1/lists/{listed}/leads.json", {"input": [{"id": one}]})
    api.store.link("smart-list-member", "7", str(two))
    assert [row["id"] for row in fetched(api, export(api, {"fields": ["id"], "filter": {"staticListId": listed}}))] == [
        str(one)
    ]
    assert [row["id"] for row in fetched(api, export(api, {"fields": ["id"], "filter": {"smartListId": 7}}))] == [
        str(two)
    ]


def test_ten_jobs_fit_the_queue_and_an_eleventh_or_a_second_start_is_1029(api: Any) -> None:
    ids = [export(api, {"fields": ["id"], "filter": WINDOW}) for _ in range(10)]
    more = api.post("/bulk/v1/leads/export/create.json", {"fields": ["id"], "filter": WINDOW})["result"][0]["exportId"]
    assert error(api.post(f"/bulk/v1/leads/export/{more}/enqueue.json")) == "1029"
    assert error(api.post(f"/bulk/v1/leads/export/{ids[0]}/enqueue.json")) == "1029"
    api.clock.advance(64)
    states = [row["status"] for row in api.get("/bulk/v1/leads/export.json")["result"]]
    assert (states.count("Processing"), states.count("Queued"), states.count("Created")) == (2, 8, 1)
    api.clock.advance(120)
    states = [row["status"] for row in api.get("/bulk/v1/leads/export.json")["result"]]
    assert (states.count("Completed"), states.count("Processing"), states.count("Queued")) == (6, 2, 2)


def test_the_daily_volume_stops_create_and_enqueue(api: Any) -> None:
    api.switch(export_bytes_per_day=2)
    waiting = api.post("/bulk/v1/leads/export/create.json", {"fields": ["id"], "filter": WINDOW})["result"][0][
        "exportId"
    ]
    fetched(api, export(api, {"fields": ["id"], "filter": WINDOW}))
    refused = api.post("/bulk/v1/leads/export/create.json", {"fields": ["id"], "filter": WINDOW})["errors"][0]
    assert refused["code"] == "1029"
    assert "Export daily quota" in refused["message"]
    assert error(api.post(f"/bulk/v1/leads/export/{waiting}/enqueue.json")) == "1029"


def test_a_job_can_be_cancelled_and_has_no_file(api: Any) -> None:
    id = export(api, {"fields": ["id"], "filter": WINDOW})
    assert api.post(f"/bulk/v1/leads/export/{id}/cancel.json")["result"][0]["status"] == "Cancelled"
    api.clock.advance(300)
    assert status(api, id)["status"] == "Cancelled"
    assert api.raw("GET", f"/bulk/v1/leads/export/{id}/file.json").status_code == 404


def test_activities_are_exported_with_their_attributes_as_json(api: Any) -> None:
    lead = api.sync({"email": "a@x.io"})[0]["id"]
    api.sync({"email": "a@x.io", "city": "Oslo"})
    rows = fetched(api, export(api, {"filter": today(api) | {"activityTypeIds": [13]}}, "activities"), "activities")
    assert (rows[0]["leadId"], rows[0]["primaryAttributeValue"], rows[0]["campaignId"]) == (str(lead), "City", "null")
    assert json.loads(rows[0]["attributes"])["New Value"] == "Oslo"
    bad = {"filter": today(api) | {"activityTypeIds": [37]}}
    assert error(api.post("/bulk/v1/activities/export/create.json", bad)) == "1003"


def test_members_are_exported_with_booleans_as_digits(api: Any) -> None:
    lead, program = api.sync({"email": "a@x.io"})[0]["id"], api.program()
    api.post(f"/rest/v1/programs/{program}/members/status.json", {"statusName": "Met", "input": [{"leadId": lead}]})
    asked = {
        "fields": ["leadId", "email", "statusName", "reachedSuccess", "trackName"],
        "filter": {"programId": program},
    }
    rows = fetched(api, export(api, asked, "program/members"), "program/members")
    assert rows == [
        {"leadId": str(lead), "email": "a@x.io", "statusName": "Met", "reachedSuccess": "1", "trackName": "null"}
    ]
