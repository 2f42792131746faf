"""HubSpot's consent, read: statuses by address, opt-outs of addresses without a contact."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.model.population import ConsentFact
from mamigrate_hubspot.adapter import HubSpotInstance

PEOPLE = [{"key": "101", "email": "Ana@x.example", "other_emails": ["a2@x.example"]}]
WHEN = "2026-01-08T04:18:48.015Z"
MISSING = (403, {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredScopes": ["s.batch.read"]}}]})


def status(address: str, state: str, topic: int = 9001, **more: Any) -> dict[str, Any]:
    return {
        "subscriberIdString": address,
        "subscriptionId": topic,
        "businessUnitId": 0,
        "channel": "EMAIL",
        "status": state,
        "source": "Self Service Resubscription",
        "timestamp": WHEN,
        **more,
    }


def told(address: str, *states: dict[str, Any]) -> list[dict[str, Any]]:
    """These states, and nothing on record for every other subscription type."""
    others = {9001, 9002} - {state["subscriptionId"] for state in states}
    return [*states, *(status(address, "NOT_SPECIFIED", topic) for topic in sorted(others))]


def answer_of(address: str, *states: dict[str, Any]) -> dict[str, Any]:
    return {"subscriberIdString": address, "statuses": told(address, *states)}


def whole(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"status": "COMPLETE", "results": list(rows)}


def wide(address: str, kind: str = "PORTAL_WIDE") -> dict[str, Any]:
    return {"subscriberIdString": address, "wideStatusType": kind, "status": "UNSUBSCRIBED", "timestamp": WHEN}


def facts_for(instance: HubSpotInstance) -> tuple[list[ConsentFact], list[str]]:
    facts, codes = [], []
    for page in instance.read_for(Kind.CONSENT_FACT, PEOPLE):
        assert instance.normalise(Kind.CONSENT_FACT, page.landed) == page.content
        facts += [ConsentFact.model_validate(row) for row in page.content.rows[Kind.CONSENT_FACT]]
        codes += [problem.code for problem in page.content.problems]
    assert len({fact.key for fact in facts}) == len(facts)
    return facts, codes


@pytest.fixture
def batches(vendor: Any) -> Any:
    """What the batches answer. Asked alone, an address has nothing on record, unless ``alone`` says otherwise."""

    def answer(statuses: Any, wides: Any, alone: Any = None, **more: Any) -> None:
        base = "/communication-preferences/v4/statuses"
        vendor.on("POST", f"{base}/batch/read", {**whole(*statuses), **more})
        vendor.on("POST", f"{base}/batch/unsubscribe-all/read", {**whole(*wides), **more})
        vendor.on("GET", f"{base}/([^/]+)", alone or (lambda asked: whole(*told(asked.names[0]))))
        vendor.on("GET", f"{base}/([^/]+)/unsubscribe-all", lambda asked: whole(wide(asked.names[0])))

    return answer


def test_an_opt_out_of_a_topic_is_held_by_address_and_person(hubspot: HubSpotInstance, batches: Any) -> None:
    state = status("ana@x.example", "UNSUBSCRIBED")
    batches([answer_of("ana@x.example", state), answer_of("a2@x.example")], SILENT)
    facts, codes = facts_for(hubspot)
    assert [(f.kind, f.holder, f.topic, f.person_key) for f in facts] == [
        ("topic_opt_out", "address", "9001", "101"),
        ("topic_opt_out", "person", "9001", "101"),
    ]
    assert facts[0].lo == facts[0].hi == datetime(2026, 1, 8, 4, 18, 48, 15_000, tzinfo=UTC)
    assert facts[0].address_loose == "ana@x.example"
    assert codes == []


def test_an_opt_out_of_everything_is_an_objection_of_the_portal_or_the_brand(
    hubspot: HubSpotInstance, batches: Any
) -> None:
    second = {**wide("a2@x.example", "BUSINESS_UNIT_WIDE"), "businessUnitId": 7}
    batches(
        [],
        [
            {"subscriberIdString": "ana@x.example", "wideStatuses": [wide("ana@x.example")]},
            {"subscriberIdString": "a2@x.example", "wideStatuses": [second]},
        ],
    )
    facts, _ = facts_for(hubspot)
    assert {(f.kind, f.topic, f.brand) for f in facts} == {("objection", "*", "*"), ("objection", "*", "7")}


def test_a_subscription_is_a_grant_with_proof_by_its_source(hubspot: HubSpotInstance, batches: Any) -> None:
    granted = [
        status("ana@x.example", "SUBSCRIBED", legalBasis="CONSENT_WITH_NOTICE"),
        status("ana@x.example", "SUBSCRIBED", 9002, legalBasis="LEGITIMATE_INTEREST_PQL", source="Import"),
        status("ana@x.example", "NOT_SPECIFIED", 9003),
    ]
    batches([answer_of("ana@x.example", *granted)], [])
    facts, _ = facts_for(hubspot)
    assert [(f.kind, f.polarity, f.topic, f.actor, f.proof, f.asset_class) for f in facts] == [
        ("grant", "+", "9001", "subject", 2, "MKT"),
        ("implied_grant", "+", "9002", "system", 1, "SVC"),
    ]
    assert facts[0].address_strict == "Ana@x.example"  # as the contact has it


ANSWERED = answer_of("Ana@x.example")
SILENT: list[dict[str, Any]] = [
    {"subscriberIdString": one, "wideStatuses": []} for one in ("Ana@x.example", "a2@x.example")
]


@pytest.mark.parametrize("envelope", [{}, {"numErrors": 1}, {"status": "PENDING"}])
def test_who_is_left_out_of_a_batch_is_asked_alone(
    hubspot: HubSpotInstance, batches: Any, envelope: dict[str, Any]
) -> None:
    def alone(asked: Any) -> Any:
        state = status(asked.names[0], "UNSUBSCRIBED" if asked.names[0] == "a2@x.example" else "NOT_SPECIFIED")
        return whole(*told(asked.names[0], state))

    batches([ANSWERED], SILENT, alone, **envelope)
    facts, codes = facts_for(hubspot)
    assert {f.kind for f in facts if f.address_loose == "a2@x.example"} == {"topic_opt_out", "objection"}
    assert codes == []


@pytest.mark.parametrize("alone", [(400, {"category": "VALIDATION_ERROR"}), {"status": "PENDING", "results": []}])
def test_who_is_left_out_and_does_not_answer_alone_is_unread_and_denied(
    hubspot: HubSpotInstance, batches: Any, alone: Any
) -> None:
    batches([ANSWERED], SILENT, alone)
    facts, codes = facts_for(hubspot)
    assert {(f.kind, f.polarity, f.address_loose) for f in facts} == {("unparsed", "-", "a2@x.example")}
    assert codes == ["consent_unread"]


@pytest.mark.parametrize("alone", [(400, {"category": "VALIDATION_ERROR"}), {"status": "PENDING", "results": []}])
def test_the_people_of_an_address_that_is_not_answered_are_told_as_such(
    hubspot: HubSpotInstance, batches: Any, alone: Any
) -> None:
    batches([ANSWERED], SILENT, alone)
    pages = list(hubspot.read_for(Kind.CONSENT_FACT, PEOPLE))
    assert [key for page in pages for key in page.content.unanswered] == ["101"]
    batches([ANSWERED, answer_of("a2@x.example")], SILENT)
    assert [list(page.content.unanswered) for page in hubspot.read_for(Kind.CONSENT_FACT, PEOPLE)] == [[], []]


def test_a_hole_in_a_page_hides_nobody_who_was_not_answered(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("POST", "/communication-preferences/v4/statuses/batch/read", MISSING)
    vendor.on("GET", "/communication-preferences/v4/statuses/([^/]+)", (400, {"category": "VALIDATION_ERROR"}))
    (page, _) = hubspot.read_for(Kind.CONSENT_FACT, PEOPLE)
    holed = replace(page.landed, context={**page.landed.context, "holes": '{"9":"INTERNAL_ERROR"}'})
    content = hubspot.normalise(Kind.CONSENT_FACT, holed)
    assert list(content.unanswered) == ["101"]
    assert [one.code for one in content.problems] == ["consent_unread", "left_unread"]


@pytest.mark.parametrize(
    ("basis", "shown", "notice"),
    [
        ("CONSENT_WITH_NOTICE", "We write to you once a month.", "We write to you once a month."),
        ("CONSENT_WITH_NOTICE", None, ""),
        ("LEGITIMATE_INTEREST_CLIENT", "An old customer.", ""),
    ],
)
def test_what_was_shown_goes_with_a_consent_with_notice_and_proves_nothing_more(
    hubspot: HubSpotInstance, batches: Any, basis: str, shown: str | None, notice: str
) -> None:
    state = status("ana@x.example", "SUBSCRIBED", legalBasis=basis, legalBasisExplanation=shown)
    batches([answer_of("ana@x.example", state), answer_of("a2@x.example")], SILENT)
    (grant,), _ = facts_for(hubspot)
    hashed = sha256(notice.encode()).hexdigest() if notice else ""
    assert (grant.notice, grant.notice_version, grant.notice_hash, grant.proof) == (notice, "", hashed, 2)


def test_a_wide_opt_out_that_its_batch_leaves_out_is_asked_alone(hubspot: HubSpotInstance, batches: Any) -> None:
    both = [answer_of("Ana@x.example", status("Ana@x.example", "UNSUBSCRIBED")), answer_of("a2@x.example")]
    batches(both, [])
    facts, _ = facts_for(hubspot)
    assert {(f.kind, f.address_loose) for f in facts} == {
        ("topic_opt_out", "ana@x.example"),
        ("objection", "ana@x.example"),
    }


def another(asked: Any) -> dict[str, Any]:
    return whole(*told("somebody.else@x.example"))


HOLES = [
    pytest.param({"results": []}, id="no status"),
    pytest.param({"status": "COMPLETE", "results": []}, id="nothing"),
    pytest.param({"status": "COMPLETE", "numErrors": 1, "results": told("a2@x.example")}, id="errors"),
    pytest.param(another, id="another address"),
]


@pytest.mark.parametrize("alone", HOLES)
@pytest.mark.parametrize("states", [[], None], ids=["empty", "null"])
def test_an_answer_that_tells_nothing_of_an_address_denies_it(
    hubspot: HubSpotInstance, batches: Any, alone: Any, states: Any
) -> None:
    batches([ANSWERED, {"subscriberIdString": "a2@x.example", "statuses": states}], SILENT, alone, numErrors=1)
    facts, codes = facts_for(hubspot)
    assert {(f.kind, f.topic, f.address_loose) for f in facts} == {("unparsed", "*", "a2@x.example")}
    assert codes == ["consent_unread"]


def test_a_type_that_no_answer_tells_is_denied_alone(hubspot: HubSpotInstance, batches: Any) -> None:
    def alone(asked: Any) -> Any:
        return whole(status(asked.names[0], "NOT_SPECIFIED"))

    short = {"subscriberIdString": "a2@x.example", "statuses": [status("a2@x.example", "NOT_SPECIFIED")]}
    batches([ANSWERED, short], SILENT, alone)
    facts, codes = facts_for(hubspot)
    assert {(f.kind, f.topic, f.address_loose) for f in facts} == {("unparsed", "9002", "a2@x.example")}
    assert codes == ["consent_unread"]


TWO_SPELLINGS = [
    {"key": "101", "email": "Ana@x.example", "other_emails": []},
    {"key": "102", "email": "ana@x.example", "other_emails": []},
    {"key": "103", "email": "ben@x.example", "other_emails": []},
]


def spelt(vendor: Any, hubspot: HubSpotInstance, state: str, *, alone: bool = False) -> tuple[list[ConsentFact], int]:
    """Two spellings of one address beside another address, which HubSpot answers in lower case, once for each input; and how
    often that address was asked about."""

    def answer(asked: Any) -> Any:
        return whole(*(answer_of(one.lower(), status(one.lower(), state)) for one in asked.json["inputs"]))

    def wides(asked: Any) -> Any:
        return whole(*({"subscriberIdString": one.lower(), "wideStatuses": []} for one in asked.json["inputs"]))

    def each(asked: Any) -> Any:
        return whole(*told(asked.names[0].lower(), status(asked.names[0].lower(), state)))

    base = "/communication-preferences/v4/statuses"
    vendor.on("POST", f"{base}/batch/read", MISSING if alone else answer)
    vendor.on("POST", f"{base}/batch/unsubscribe-all/read", wides)
    vendor.on("GET", f"{base}/([^/]+)", each)
    vendor.on("GET", f"{base}/([^/]+)/unsubscribe-all", whole())
    pages = list(hubspot.read_for(Kind.CONSENT_FACT, TWO_SPELLINGS))
    assert [one.code for page in pages for one in page.content.problems] == []
    facts = [ConsentFact.model_validate(row) for page in pages for row in page.content.rows[Kind.CONSENT_FACT]]
    assert len({fact.key for fact in facts}) == len(facts)
    read = [one for one in vendor.asked if one.path == f"{base}/batch/read"]
    inputs = [each for one in read for each in one.json["inputs"]]
    if alone:
        inputs = [
            one.names[0] for one in vendor.asked if one.method == "GET" and one.path.count("/") == base.count("/") + 1
        ]
    return facts, sum(one.lower() == "ana@x.example" for one in inputs)


@pytest.mark.parametrize("alone", [False, True])
def test_two_spellings_of_an_address_are_one_question_and_a_yes_there_is_one_for_both(
    vendor: Any, hubspot: HubSpotInstance, alone: bool
) -> None:
    """HubSpot keeps addresses in lower case: it has one answer for both, which contradicts nothing."""
    facts, asked = spelt(vendor, hubspot, "SUBSCRIBED", alone=alone)
    held = sorted((f.polarity, f.address_strict, f.person_key) for f in facts)
    assert held == [("+", "Ana@x.example", "101"), ("+", "ana@x.example", "102"), ("+", "ben@x.example", "103")]
    assert asked == 1


@pytest.mark.parametrize("alone", [False, True])
def test_a_no_at_one_spelling_of_an_address_is_one_of_everybody_who_has_it(
    vendor: Any, hubspot: HubSpotInstance, alone: bool
) -> None:
    facts, _ = spelt(vendor, hubspot, "UNSUBSCRIBED", alone=alone)
    assert {(f.polarity, f.person_key) for f in facts if f.holder == "person"} == {
        ("-", "101"),
        ("-", "102"),
        ("-", "103"),
    }
    assert {f.address_loose for f in facts if f.holder == "address"} == {"ana@x.example", "ben@x.example"}


def test_one_contact_with_both_spellings_has_each_fact_once(
    vendor: Any, hubspot: HubSpotInstance, monkeypatch: Any
) -> None:
    twice = [{"key": "101", "email": "Ana@x.example", "other_emails": ["ana@x.example"]}, TWO_SPELLINGS[2]]
    monkeypatch.setitem(globals(), "TWO_SPELLINGS", twice)
    facts, asked = spelt(vendor, hubspot, "SUBSCRIBED")
    assert [f.address_strict for f in facts if f.person_key == "101"] == ["Ana@x.example", "ana@x.example"]
    assert asked == 1


def test_a_type_that_a_batch_leaves_out_is_asked_for_alone(hubspot: HubSpotInstance, batches: Any) -> None:
    short = {"subscriberIdString": "a2@x.example", "statuses": [status("a2@x.example", "NOT_SPECIFIED")]}
    batches([ANSWERED, short], SILENT)
    assert facts_for(hubspot) == ([], [])


def test_who_left_one_brand_is_not_said_to_have_left_everything(hubspot: HubSpotInstance, batches: Any) -> None:
    ana, other = "ana@x.example", "a2@x.example"
    brand = wide(ana, "BUSINESS_UNIT_WIDE") | {"businessUnitId": 7}
    wides = [{"subscriberIdString": ana, "wideStatuses": [brand]}, {"subscriberIdString": other, "wideStatuses": []}]
    batches([answer_of(ana, status(ana, "UNSUBSCRIBED")), answer_of(other)], wides)
    assert hubspot.denied([ana, other]) == {ana: {"9001"}, other: set()}


def test_what_a_batch_left_out_and_the_address_alone_tells_is_believed(hubspot: HubSpotInstance, batches: Any) -> None:
    batches([ANSWERED, {"subscriberIdString": "a2@x.example", "statuses": None}], SILENT)
    assert facts_for(hubspot) == ([], [])


def test_an_unknown_status_is_a_denial_and_its_account_is_asked_about(hubspot: HubSpotInstance, batches: Any) -> None:
    state = status("ana@x.example", "MAYBE_LATER")
    batches([answer_of("ana@x.example", state)], [])
    facts, _ = facts_for(hubspot)
    assert {f.kind for f in facts} == {"unparsed", "objection"}
    assert {f.topic for f in facts if f.kind == "unparsed"} == {"9001"}


def test_without_the_batch_scope_each_address_is_asked_for(vendor: Any, hubspot: HubSpotInstance) -> None:
    base = "/communication-preferences/v4/statuses"

    def left(asked: Any) -> Any:
        return whole(*told(asked.names[0], status(asked.names[0], "UNSUBSCRIBED")))

    vendor.on("GET", f"{base}/([^/]+)", left)
    vendor.on("GET", f"{base}/([^/]+)/unsubscribe-all", lambda asked: whole(wide(asked.names[0])))
    vendor.on("POST", f"{base}/batch/read", MISSING)
    facts, _ = facts_for(hubspot)
    assert {f.kind for f in facts} == {"topic_opt_out", "objection"}
    assert {f.address_loose for f in facts} == {"ana@x.example", "a2@x.example"}
    facts_for(hubspot)
    assert vendor.paths().count(f"POST {base}/batch/read") == 1


def test_one_bad_address_does_not_cost_a_call_for_every_other(vendor: Any, hubspot: HubSpotInstance) -> None:
    base = "/communication-preferences/v4/statuses"

    def batch(asked: Any) -> Any:
        if "two@x.example; addresses@x.example" in asked.json["inputs"]:
            return 400, {"category": "VALIDATION_ERROR"}
        return whole(*({**answer_of(one), "wideStatuses": []} for one in asked.json["inputs"]))

    vendor.on("POST", f"{base}/batch/(read|unsubscribe-all/read)", batch)
    vendor.on("GET", f"{base}/([^/]+)", (400, {"category": "VALIDATION_ERROR"}))
    people = [{"key": str(n), "email": f"p{n}@x.example"} for n in range(100)]
    people[40]["email"] = "two@x.example; addresses@x.example"
    found = list(hubspot.read_for(Kind.CONSENT_FACT, people))
    assert [p.content.rows[Kind.CONSENT_FACT][0]["person_key"] for p in found if p.content.problems] == ["40"]
    assert len(vendor.asked) < 25


@pytest.mark.parametrize(
    ("source", "actor", "proof"),
    [
        ("Self Service Resubscription", "subject", 2),
        ("Not specified", "system", 0),
        ("Form: whitepaper", "system", 1),
        ("Double Opt-In confirmation", "system", 1),
        ("Imported form answers", "system", 1),
        ("self service resubscription by sales rep", "system", 1),
        ("Subscription preferences set by sales rep", "system", 1),
        ("Communication preferences edited on contact record by Taro Yamada", "system", 1),
        ("Recipient list upload", "system", 1),
        ("CSV of form submissions", "system", 1),
        ("Unsubscribed list cleanup by admin", "system", 1),
    ],
)
def test_only_a_documented_source_proves_that_the_person_acted(
    hubspot: HubSpotInstance, batches: Any, source: str, actor: str, proof: int
) -> None:
    states = [status("ana@x.example", "SUBSCRIBED", source=source, legalBasis="CONSENT_WITH_NOTICE")]
    batches([answer_of("ana@x.example", *states)], [])
    (fact,), _ = facts_for(hubspot)
    assert (fact.actor, fact.proof) == (actor, proof)


def test_an_address_that_is_refused_is_unread(vendor: Any, hubspot: HubSpotInstance) -> None:
    base = "/communication-preferences/v4/statuses"
    vendor.on("POST", f"{base}/batch/read", MISSING)
    vendor.on("GET", f"{base}/([^/]+)", (400, {"category": "VALIDATION_ERROR"}))
    facts, codes = facts_for(hubspot)
    assert {f.kind for f in facts} == {"unparsed"}
    assert codes == ["consent_unread"] * 2


def test_the_timeline_tells_denials_of_addresses_without_a_contact(vendor: Any, hubspot: HubSpotInstance) -> None:
    def change(kind: str, how: str, source: str, **more: Any) -> dict[str, Any]:
        return {"changeType": kind, "change": how, "source": source, "portalId": 1, **more}

    items = [
        ("a@x.example", change("PORTAL_STATUS", "UNSUBSCRIBED", "SOURCE_RECIPIENT")),
        ("b@x.example", change("SUBSCRIPTION_STATUS", "UNSUBSCRIBED", "SOURCE_CUSTOMER", subscriptionId=9001)),
        ("c@x.example", change("PORTAL_SPAM", "REPORTED_SPAM", "SOURCE_SPAM_COMPLAINT", subscriptionId=9001)),
        ("d@x.example", change("SUBSCRIPTION_STATUS", "SUBSCRIBED", "SOURCE_RECIPIENT", subscriptionId=9001)),
        ("e@x.example", change("PORTAL_BOUNCE", "BOUNCED", "SOURCE_NON_DELIVERY_REPORT")),
        ("f@x.example", change("PORTAL_STATUS", "SOMETHING_NEW", "SOURCE_RECIPIENT")),
    ]
    pages = [items[:3], items[3:]]

    def timeline(asked: Any) -> Any:
        number = int(asked.query.get("offset", ["0"])[0])
        rows = [{"timestamp": 1399053958000, "recipient": who, "changes": [what]} for who, what in pages[number]]
        return {"hasMore": number == 0, "offset": str(number + 1), "timeline": rows}

    vendor.on("GET", "/email/public/v1/subscriptions/timeline", timeline)
    first = hubspot.read(Kind.CONSENT_FACT, None)
    last = hubspot.read(Kind.CONSENT_FACT, first.next)
    assert last.next is None
    rows = [*first.content.rows[Kind.CONSENT_FACT], *last.content.rows[Kind.CONSENT_FACT]]
    facts = [ConsentFact.model_validate(row) for row in rows]
    assert [(f.address_loose, f.kind, f.topic, f.actor) for f in facts] == [
        ("a@x.example", "objection", "*", "subject"),
        ("b@x.example", "topic_opt_out", "9001", "system"),
        ("c@x.example", "complaint", "*", "system"),
        ("d@x.example", "grant", "9001", "subject"),
        ("f@x.example", "unparsed", "*", "subject"),
    ]
    assert facts[0].lo == datetime(2014, 5, 2, 18, 5, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recipient", "addresses"),
    [
        ({}, {None}),
        ({"recipient": ""}, {None}),
        ({"recipient": "Cem <c@x.example>"}, {"cem <c@x.example>"}),
        ({"recipient": "C@x.example"}, {"c@x.example"}),
    ],
)
def test_a_change_of_the_timeline_denies_whomever_it_names(
    vendor: Any, hubspot: HubSpotInstance, recipient: dict[str, str], addresses: set[str | None]
) -> None:
    change = {"changeType": "PORTAL_STATUS", "change": "UNSUBSCRIBED", "source": "SOURCE_RECIPIENT"}
    item = {"timestamp": 1399053958000, "changes": [change], **recipient}
    vendor.on("GET", "/email/public/v1/subscriptions/timeline", {"hasMore": False, "timeline": [item]})
    rows = hubspot.read(Kind.CONSENT_FACT, None).content.rows[Kind.CONSENT_FACT]
    facts = [ConsentFact.model_validate(row) for row in rows]
    assert {fact.address_loose for fact in facts} == addresses
    assert {(fact.kind, fact.holder) for fact in facts} == {("objection", "address")}
    assert len({fact.key for fact in facts}) == len(facts)


@pytest.mark.parametrize("answer", [MISSING, (404, {})])
def test_a_timeline_that_cannot_be_read_is_said_so(vendor: Any, hubspot: HubSpotInstance, answer: Any) -> None:
    vendor.on("GET", "/email/public/v1/subscriptions/timeline", answer)
    page = hubspot.read(Kind.CONSENT_FACT, None)
    assert [problem.code for problem in page.content.problems] == ["denials_without_contact_unread"]


def test_topics_default_to_allow_unless_the_account_asks_for_explicit_consent(hubspot: HubSpotInstance) -> None:
    rows = hubspot.read(Kind.TOPIC, None).content.rows[Kind.TOPIC]
    assert [(row["key"], row["brand"], row["asset_class"], row["default_allows"]) for row in rows] == [
        ("9001", "0", "MKT", True),
        ("9002", "7", "SVC", True),
    ]
