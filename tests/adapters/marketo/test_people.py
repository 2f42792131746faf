"""Marketo's people, written and found."""

from typing import Any

import pytest
import requests

from mamigrate.contract import Change, ConsentFields, Deleter, Finder, Instance, Status, Writer
from mamigrate.errors import QuotaExhausted, Unreachable
from mamigrate.model.kinds import Kind
from mamigrate.model.population import Person
from mamigrate_marketo import read
from mamigrate_marketo.adapter import MarketoInstance

LEADS = "/rest/v1/leads.json"


def well(result: Any, **more: Any) -> dict[str, Any]:
    return {"requestId": "1#1", "success": True, "result": result, **more}


def wrong(code: str, message: str = "") -> dict[str, Any]:
    return {"requestId": "1#1", "success": False, "errors": [{"code": code, "message": message}]}


def new(key: str, **values: str | None) -> Change:
    return Change(key, None, {"mmSourceKey": key, **values})


def test_the_instance_keeps_the_protocols(marketo: MarketoInstance) -> None:
    for protocol in (Instance, Writer, Finder, Deleter, ConsentFields):
        assert isinstance(marketo, protocol)


def test_new_people_are_keyed_by_our_field_and_known_ones_by_id(vendor: Any, marketo: MarketoInstance) -> None:
    def sync(asked: Any) -> Any:
        body = asked.json
        if body["lookupField"] == "id":
            return well([{"id": 8, "status": "updated"}])
        return well([{"id": 7, "status": "created"}, {"id": 9, "status": "updated"}])

    vendor.on("POST", LEADS, sync)
    changes = [
        new(
            "s/1", email="a@x.example", leadScore="12", annualRevenue="1234567890123456789.25", dateOfBirth="1990-01-02"
        ),
        Change("s/2", "8", {"unsubscribed": "true", "firstName": None}),
        new("s/3", emailSuspendedAt="2026-01-01T00:00:00.25Z"),
    ]
    found = marketo.write(Kind.PERSON, changes)
    assert [(one.source_key, one.status, one.target_key) for one in found] == [
        ("s/1", Status.CREATED, "7"),
        ("s/2", Status.UPDATED, "8"),
        ("s/3", Status.UPDATED, "9"),
    ]
    create, update = (asked for asked in vendor.asked if asked.path == LEADS)
    assert create.json["action"] == "createOrUpdate"
    assert create.json["lookupField"] == "mmSourceKey"
    assert create.json["asyncProcessing"] is False
    assert b'"annualRevenue":1234567890123456789.25' in create.body
    assert create.json["input"][0]["leadScore"] == 12
    assert create.json["input"][1]["emailSuspendedAt"] == "2026-01-01T00:00:00Z"
    assert update.json["input"] == [{"unsubscribed": True, "firstName": None, "id": 8}]
    assert update.json["action"] == "updateOnly"


@pytest.mark.parametrize("field", ["unsubscribed", "blackListed", "emailInvalid", "marketingSuspended"])
@pytest.mark.parametrize("value", ["false", None, "0"])
def test_a_denial_is_never_lowered(vendor: Any, marketo: MarketoInstance, field: str, value: str | None) -> None:
    with pytest.raises(ValueError, match=field):
        marketo.write(Kind.PERSON, [new("s/1", **{field: value})])
    assert vendor.asked == []


def test_a_record_that_is_skipped_is_rejected_with_field_and_value(vendor: Any, marketo: MarketoInstance) -> None:
    reason = {"code": "1003", "message": "Invalid value for field 'leadScore' and value '14c'"}
    vendor.on("POST", LEADS, well([{"status": "skipped", "reasons": [reason]}, {"id": 7, "status": "created"}]))
    first, second = marketo.write(Kind.PERSON, [new("s/1", leadScore="14c"), new("s/2")])
    assert (first.status, first.code, first.field, first.value) == (Status.REJECTED, "1003", "leadScore", "14c")
    assert second.status is Status.CREATED


@pytest.mark.parametrize(
    "lost", [requests.exceptions.ReadTimeout(), (502, {}), wrong("611"), wrong("604"), (200, b"<html>")]
)
def test_a_lost_reply_makes_every_record_a_maybe(vendor: Any, marketo: MarketoInstance, lost: Any) -> None:
    vendor.on("POST", LEADS, lost)
    found = marketo.write(Kind.PERSON, [new("s/1"), new("s/2")])
    assert [one.status for one in found] == [Status.MAYBE] * 2
    assert vendor.paths().count(f"POST {LEADS}") == 1


def test_a_write_that_did_not_run_is_sent_again(vendor: Any, marketo: MarketoInstance) -> None:
    answers = [wrong("606"), wrong("615"), wrong("602"), well([{"id": 7, "status": "created"}])]
    vendor.on("POST", LEADS, lambda asked: answers.pop(0))
    (found,) = marketo.write(Kind.PERSON, [new("s/1")])
    assert found.status is Status.CREATED
    assert vendor.paths().count("GET /identity/oauth/token") == 2


def test_what_certainly_did_not_run_propagates(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", LEADS, wrong("607"))
    with pytest.raises(QuotaExhausted) as caught:
        marketo.write(Kind.PERSON, [new("s/1")])
    assert caught.value.resets_at == "2026-01-01T00:00:00-06:00"


def test_endless_throttling_is_unreachable(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", LEADS, wrong("606"))
    with pytest.raises(Unreachable):
        marketo.write(Kind.PERSON, [new("s/1")])


def test_a_whole_call_that_is_refused_rejects_each_record(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", LEADS, wrong("609", "Invalid JSON"))
    found = marketo.write(Kind.PERSON, [new("s/1"), new("s/2")])
    assert [(one.status, one.code) for one in found] == [(Status.REJECTED, "609")] * 2


def test_an_answer_of_another_length_is_doubtful(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", LEADS, well([{"id": 7, "status": "created"}]))
    assert {one.status for one in marketo.write(Kind.PERSON, [new("s/1"), new("s/2")])} == {Status.MAYBE}


def test_bodies_stay_below_a_megabyte(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", LEADS, lambda asked: well([{"id": 1, "status": "created"} for _ in asked.json["input"]]))
    found = marketo.write(Kind.PERSON, [new(f"s/{n}", firstName="x" * 30_000) for n in range(100)])
    assert len(found) == 100
    bodies = [asked.body for asked in vendor.asked if asked.path == LEADS]
    assert len(bodies) > 1
    assert max(len(body) for body in bodies) < 1_000_000


def test_people_are_found_by_any_number_of_values(vendor: Any, marketo: MarketoInstance) -> None:
    def leads(asked: Any) -> Any:
        assert asked.query == {"_method": ["GET"]}
        values = asked.form["filterValues"][0].split(",")
        assert len(values) <= 300
        rows = [
            {
                "id": int(one[2:]),
                "email": one + "@x.example",
                "unsubscribed": False,
                "blackListed": None,
                "updatedAt": "2026-01-15T10:30:00Z",
            }
            for one in values
        ]
        if "nextPageToken" in asked.form:
            return well(rows[200:], moreResult=False)
        return well(rows[:200], nextPageToken="T=", moreResult=True) if len(rows) > 200 else well(rows)

    vendor.on("POST", LEADS, leads)
    rows = marketo.find(Kind.PERSON, "mmSourceKey", [f"s/{n}" for n in range(700)], ["firstName"])
    assert sorted(int(row["key"]) for row in rows) == list(range(700))
    person = Person.model_validate(rows[0])
    assert person.values["unsubscribed"] == "false"
    assert "blackListed" not in person.values
    fields = vendor.asked[-1].form["fields"][0].split(",")
    assert {"firstName", "unsubscribed", "emailSuspendedAt", "mmSourceKey", "email"} <= set(fields)


def test_too_many_matches_are_asked_for_in_halves(vendor: Any, marketo: MarketoInstance) -> None:
    def leads(asked: Any) -> Any:
        values = asked.form["filterValues"][0].split(",")
        if len(values) > 2:
            return wrong("1003", "Too many results match the filter")
        return well([{"id": int(one)} for one in values])

    vendor.on("POST", LEADS, leads)
    rows = marketo.find(Kind.PERSON, "id", [str(n) for n in range(10)], [])
    assert [row["key"] for row in rows] == [str(n) for n in range(10)]


@pytest.mark.parametrize(
    ("fact", "flag"),
    [
        ("objection", "unsubscribed"), ("complaint", "unsubscribed"), ("erasure", "unsubscribed"),
        ("unparsed", "unsubscribed"), ("source_hold", "marketingSuspended"), ("org_hold", "marketingSuspended"),
        ("time_hold", "marketingSuspended"), ("undeliverable", "emailInvalid"), ("block", "blackListed"),
        ("topic_opt_out", "marketingSuspended"), ("something_new", "unsubscribed"),
    ],
)  # fmt: skip
def test_every_denial_denies(marketo: MarketoInstance, fact: str, flag: str) -> None:
    values = marketo.denial_values(frozenset({fact}), "営業NG " * 200)
    assert values[flag] == "true"
    assert "false" not in values.values()
    assert all(len(text.encode()) <= (2000 if name == "unsubscribedReason" else 255) for name, text in values.items())


def test_the_length_of_every_text_is_taken_as_bytes() -> None:
    told = [{"name": "city", "dataType": "string", "length": 255}, {"name": "memo", "dataType": "text"}]
    described = {"result": [{"fields": told, "searchableFields": []}]}
    found = read.fields("new", described, {"object": "leads"})
    assert [(one["max_chars"], one["max_bytes"]) for one in found] == [(None, 255), (None, 30_000)]


def test_a_source_hold_says_so(marketo: MarketoInstance) -> None:
    values = marketo.denial_values(frozenset({"source_hold"}), "list 営業NG")
    assert values == {"marketingSuspended": "true", "marketingSuspendedCause": "source hold: list 営業NG"}


def test_fields_that_are_there_count_as_equal(vendor: Any, marketo: MarketoInstance) -> None:
    vendor.on("POST", "/rest/v1/leads/schema/fields.json", well([{"name": "mmTopic", "status": "created"}]))
    changes = [
        Change("f/1", None, {"api_name": "mmSourceKey", "label": "Source key", "data_type": "text"}),
        Change("f/2", None, {"api_name": "mmTopic", "label": "Topic (news)", "data_type": "boolean"}),
    ]
    found = marketo.write(Kind.FIELD, changes)
    assert [(one.status, one.target_key) for one in found] == [
        (Status.EQUAL, "mmSourceKey"),
        (Status.CREATED, "mmTopic"),
    ]
    assert vendor.asked[-1].json == {
        "input": [{"name": "mmTopic", "displayName": "Topic  news", "dataType": "boolean"}]
    }
    marketo.find(Kind.PERSON, "id", [], [])
    assert vendor.paths().count("GET /rest/v1/leads/describe2.json") == 2


def test_deleting_somebody_who_is_gone_is_done(vendor: Any, marketo: MarketoInstance) -> None:
    gone = {"id": 8, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}
    vendor.on("POST", "/rest/v1/leads/delete.json", well([{"id": 7, "status": "deleted"}, gone]))
    assert [one.status for one in marketo.delete(Kind.PERSON, ["7", "8"])] == [Status.DELETED] * 2
