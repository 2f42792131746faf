"""HubSpot's people, read."""

from datetime import UTC, datetime
from typing import Any

from mamigrate.contract import DependentReader, Finder, Instance
from mamigrate.model.kinds import Kind
from mamigrate.model.population import ConsentFact, Person
from mamigrate_hubspot.adapter import HubSpotInstance

ANA = {
    "id": "101",
    "properties": {
        "email": "Ana@Example.com",
        "firstname": "Ana",
        "createdate": "2026-01-05T10:00:00.000Z",
        "lastmodifieddate": "2026-01-06T10:00:00Z",
        "annualrevenue": "1200.50",
        "interests": "b;a",
        "hs_email_optout_9001": "true",
        "hs_additional_emails": "a2@example.com",
        "hs_merged_object_ids": "99;98",
        "lifecyclestage": "lead",
        "lastname": None,
    },
    "createdAt": "2026-01-05T10:00:00.000Z",
    "updatedAt": "2026-01-06T10:00:00.000Z",
    "archived": False,
    "associations": {"companies": {"results": [{"id": "201", "type": "a"}, {"id": "201", "type": "b"}]}},
}


def pages(instance: HubSpotInstance, kind: Kind, cursor: str | None = None) -> list[Any]:
    found = []
    while True:
        page = instance.read(kind, cursor)
        assert instance.normalise(kind, page.landed) == page.content
        found.append(page)
        if page.next is None:
            return found
        cursor = page.next


def test_the_instance_keeps_the_protocols(hubspot: HubSpotInstance) -> None:
    assert isinstance(hubspot, Instance)
    assert isinstance(hubspot, DependentReader)
    assert isinstance(hubspot, Finder)


def test_a_person_has_canonical_values_and_keys(vendor: Any, hubspot: HubSpotInstance) -> None:
    def contacts(asked: Any) -> Any:
        return {"results": [] if "archived" in asked.query else [ANA]}

    vendor.on("GET", "/crm/v3/objects/contacts", contacts)
    first = pages(hubspot, Kind.PERSON)[0].content
    (row,) = first.rows[Kind.PERSON]
    person = Person.model_validate(row)
    assert person.email == "Ana@Example.com"
    assert person.email_loose == "ana@example.com"
    assert person.values["annualrevenue"] == "1200.5"
    assert person.values["interests"] == "a;b"
    assert person.values["createdate"] == "2026-01-05T10:00:00Z"
    assert "lastname" not in person.values
    assert person.merged_keys == ["98", "99"]
    assert person.account_keys == ["201"]
    assert person.other_emails == ["a2@example.com"]
    facts = [ConsentFact.model_validate(one) for one in first.rows[Kind.CONSENT_FACT]]
    assert {(one.kind, one.holder, one.topic) for one in facts} == {
        ("topic_opt_out", "person", "9001"),
        ("topic_opt_out", "address", "9001"),
    }
    assert facts[0].hi == datetime(2026, 1, 6, 10, tzinfo=UTC)


def test_the_primary_company_comes_first(vendor: Any, hubspot: HubSpotInstance) -> None:
    """A target that keeps one company of a person takes the first."""
    named = {**ANA, "properties": {**ANA["properties"], "associatedcompanyid": "305"}}  # type: ignore[dict-item]  # JSON
    vendor.on("GET", "/crm/v3/objects/contacts", lambda asked: {"results": [named]})
    assert hubspot.read(Kind.PERSON, None).content.rows[Kind.PERSON][0]["account_keys"] == ["305", "201"]


def test_archived_people_come_after_the_live_ones(vendor: Any, hubspot: HubSpotInstance) -> None:
    def contacts(asked: Any) -> Any:
        if "archived" in asked.query:
            return {"results": [{**ANA, "id": "103", "archived": True}]}
        if "after" in asked.query:
            return {"results": [{**ANA, "id": "102"}]}
        return {"results": [ANA], "paging": {"next": {"after": "102"}}}

    vendor.on("GET", "/crm/v3/objects/contacts", contacts)
    rows = [row for page in pages(hubspot, Kind.PERSON) for row in page.content.rows[Kind.PERSON]]
    assert [(row["key"], row["archived"]) for row in rows] == [("101", False), ("102", False), ("103", True)]


def test_a_topic_mirror_that_says_neither_true_nor_false_denies(vendor: Any, hubspot: HubSpotInstance) -> None:
    odd = {**ANA, "properties": {"email": "ana@x.example", "hs_email_optout_9001": "vielleicht"}}
    vendor.on("GET", "/crm/v3/objects/contacts", {"results": [odd]})
    facts = hubspot.read(Kind.PERSON, None).content.rows[Kind.CONSENT_FACT]
    assert {(f["kind"], f["topic"], f["raw"]) for f in facts} == {("unparsed", "9001", "vielleicht")}


def test_a_value_that_does_not_parse_stays_raw_and_is_reported(vendor: Any, hubspot: HubSpotInstance) -> None:
    bad = {**ANA, "properties": {"annualrevenue": "about 3 million", "hs_email_optout": "vielleicht"}}
    vendor.on("GET", "/crm/v3/objects/contacts", {"results": [bad]})
    page = hubspot.read(Kind.PERSON, None)
    assert page.content.rows[Kind.PERSON][0]["values"]["annualrevenue"] == "about 3 million"
    assert [(one.code, one.subject, one.params["field"]) for one in page.content.problems] == [
        ("bad_value", "src/person/101", "annualrevenue"),
        ("bad_value", "src/person/101", "hs_email_optout"),
    ]


def test_properties_that_do_not_fit_into_a_url_are_read_in_a_batch(vendor: Any, hubspot: HubSpotInstance) -> None:
    many = [{"name": f"property_{n}_{'x' * 30}", "type": "string", "fieldType": "text"} for n in range(300)]
    vendor.on("GET", "/crm/v3/properties/contacts", {"results": many})
    listed = {**ANA, "properties": {"hs_object_id": "101"}}
    whole = {key: value for key, value in ANA.items() if key != "associations"}
    vendor.on("GET", "/crm/v3/objects/contacts", {"results": [listed]})
    vendor.on("POST", "/crm/v3/objects/contacts/batch/read", {"status": "COMPLETE", "results": [whole]})
    page = hubspot.read(Kind.PERSON, None)
    assert page.content.rows[Kind.PERSON][0]["account_keys"] == ["201"]
    assert page.content.rows[Kind.PERSON][0]["email"] == "Ana@Example.com"
    assert len(vendor.asked[-1].json["properties"]) == 300


def test_changes_are_searched_by_id_beyond_any_number(vendor: Any, hubspot: HubSpotInstance) -> None:
    def search(asked: Any) -> Any:
        filters = asked.json["filterGroups"][0]["filters"]
        last = next((int(f["value"]) for f in filters if f["operator"] == "GT"), 0)
        found = [{**ANA, "id": str(n), "associations": None} for n in range(last + 1, min(last + 201, 251))]
        return {"total": 250, "results": found}

    vendor.on("POST", "/crm/v3/objects/contacts/search", search)
    links = [{"from": {"id": "1"}, "to": [{"toObjectId": 201, "associationTypes": []}]}]
    vendor.on("POST", "/crm/v4/associations/contacts/companies/batch/read", {"status": "COMPLETE", "results": links})
    read = pages(hubspot, Kind.PERSON, "since:2026-01-01T00:00:00Z")
    rows = [row for page in read for row in page.content.rows[Kind.PERSON]]
    assert [row["key"] for row in rows] == [str(n) for n in range(1, 251)]
    assert rows[0]["account_keys"] == ["201"]


def test_people_are_found_by_a_unique_property(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("POST", "/crm/v3/objects/contacts/batch/read", (207, {"status": "COMPLETE", "results": [ANA]}))
    rows = hubspot.find(Kind.PERSON, "email", ["Ana@Example.com", "nobody@example.com"], ["firstname"])
    assert [row["key"] for row in rows] == ["101"]
    (asked,) = (one for one in vendor.asked if one.method == "POST")
    assert asked.json["idProperty"] == "email"
    assert "hs_email_optout" in asked.json["properties"]
