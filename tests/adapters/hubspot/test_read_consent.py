"""What single answers of HubSpot about consent mean: how wide an opt-out is, what a basis grants, who has another address."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from mamigrate.consent.fold import Cell, Rules, from_rows
from mamigrate.consent.kinds import Grant
from mamigrate.consent.regimes.pack import packs
from mamigrate.consent.regimes.permit import permitted
from mamigrate.consent.scope import Scope
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.deny import Deny
from mamigrate_hubspot.holders import Holders
from mamigrate_hubspot.read import statuses

ANA = "ana@x.example"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = datetime(2026, 1, 8, 4, 18, 48, tzinfo=UTC)


def facts(reply: str, people: tuple[str, ...] = ("101",), **status: Any) -> list[dict[str, Any]]:
    row = {"subscriberIdString": ANA, "timestamp": "2026-01-08T04:18:48Z", **status}
    context = {
        "form": "one",
        "reply": reply,
        "people": orjson.dumps({ANA: people}).decode(),
        "topics": "",
        "needed": "",
    }
    content = statuses.told("hs", {"status": "COMPLETE", "results": [row]}, context)
    return list(content.rows[Kind.CONSENT_FACT])


@pytest.mark.parametrize(("kind", "brand"), [("PORTAL_WIDE", "*"), ("BUSINESS_UNIT_WIDE", "7")])
def test_an_opt_out_of_the_account_is_of_every_brand_whichever_it_names(kind: str, brand: str) -> None:
    found = facts("wide", wideStatusType=kind, businessUnitId=7, status="UNSUBSCRIBED")
    assert {(one["kind"], one["topic"], one["brand"]) for one in found} == {("objection", "*", brand)}


@pytest.mark.parametrize(
    ("basis", "kind"),
    [
        ("CONSENT_WITH_NOTICE", "grant"),
        ("NON_GDPR", "grant"),
        ("", "grant"),
        ("PROCESS_AND_STORE", "implied_grant"),
        ("PERFORMANCE_OF_CONTRACT", "implied_grant"),
        ("LEGITIMATE_INTEREST_PQL", "implied_grant"),
        ("LEGITIMATE_INTEREST_CLIENT", "implied_grant"),
        ("LEGITIMATE_INTEREST_OTHER", "implied_grant"),
    ],
)
def test_a_basis_that_is_no_consent_makes_an_implied_grant(basis: str, kind: str) -> None:
    (found,) = facts("statuses", subscriptionId=9001, status="SUBSCRIBED", legalBasis=basis)
    assert (found["kind"], found["polarity"]) == (kind, "+")


BY_API, BY_PERSON = "Public status API, App ID:1", "Self Service Resubscription"


@pytest.mark.parametrize(
    ("basis", "source", "proof"),
    [
        ("NON_GDPR", BY_API, 0),
        ("", BY_API, 0),
        ("", "", 0),
        ("CONSENT_WITH_NOTICE", BY_API, 1),
        ("NON_GDPR", BY_PERSON, 2),
        ("", BY_PERSON, 2),
    ],
)
def test_a_yes_without_a_legal_basis_proves_nothing_unless_the_person_said_it(
    basis: str, source: str, proof: int
) -> None:
    (found,) = facts("statuses", subscriptionId=9001, status="SUBSCRIBED", legalBasis=basis, source=source)
    assert (found["kind"], found["proof"]) == ("grant", proof)


@pytest.mark.parametrize("basis", ["NON_GDPR", ""])
def test_the_law_does_not_count_a_yes_without_a_legal_basis_and_the_source_does(basis: str) -> None:
    rows = facts("statuses", subscriptionId=9001, status="SUBSCRIBED", legalBasis=basis, source=BY_API)
    cell = Cell(frozenset({"101"}), ANA, ANA, Scope("email", "*", "9001"))
    said = permitted([packs()["gdpr"]], from_rows(rows), cell, NOW, Rules(need=Grant.EXPRESS))
    assert (said.judgement.allowed, said.against) == (True, ("gdpr",))
    own = facts("statuses", subscriptionId=9001, status="SUBSCRIBED", legalBasis=basis, source=BY_PERSON)
    assert permitted([packs()["gdpr"]], from_rows(own), cell, NOW).allowed


@pytest.mark.parametrize(("people", "whose"), [(("101",), "101"), (("101", "102"), None), ((), None)])
def test_a_grant_of_an_address_that_several_people_have_is_nobodys(people: tuple[str, ...], whose: str | None) -> None:
    (found,) = facts("statuses", people, subscriptionId=9001, status="SUBSCRIBED")
    assert (found["person_key"], found["holder"]) == (whose, "address")


@pytest.mark.parametrize(("timestamp", "proof"), [("2026-01-08T04:18:48Z", 2), ("", 1), ("some day", 1)])
def test_what_has_no_instant_is_no_dated_event(timestamp: str, proof: int) -> None:
    own: dict[str, Any] = {"subscriptionId": 9001, "status": "SUBSCRIBED", "source": "Self Service Resubscription"}
    (found,) = facts("statuses", timestamp=timestamp, **own)
    assert (found["actor"], found["proof"]) == ("subject", proof)


@pytest.mark.parametrize(("kind", "left"), [("PORTAL_WIDE", True), ("BUSINESS_UNIT_WIDE", False)])
def test_who_left_one_brand_has_not_left_the_account(kind: str, left: bool) -> None:
    body = orjson.dumps({"status": "COMPLETE", "results": [{"subscriberIdString": ANA, "wideStatusType": kind}]})
    api: Any = SimpleNamespace(wide=lambda _: SimpleNamespace(body=body))
    nothing: Any = None
    assert Deny("hs", api, nothing)._left_all(ANA) is left


@pytest.mark.parametrize(
    ("versions", "changed"),
    [
        (["2026-01-08T04:18:47Z"], False),
        (["2026-01-08T04:18:48Z"], True),
        (["2026-01-08T04:18:49Z", "2026-01-01T00:00:00Z"], True),
        (["some day"], True),
        ([], True),
    ],
)
def test_who_may_have_another_address_since_has_one(versions: list[str], changed: bool) -> None:
    told = {"email": [{"value": ANA, "timestamp": at} for at in versions]}
    body = orjson.dumps({"status": "COMPLETE", "results": [{"id": "101", "propertiesWithHistory": told}]})
    api: Any = SimpleNamespace(batch=lambda *_, **__: SimpleNamespace(body=body))
    assert Holders("hs", api).readdressed({"101"}, MOMENT) == ({"101"} if changed else set())
