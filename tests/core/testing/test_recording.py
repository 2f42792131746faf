"""What a recording may hold."""

from types import ModuleType

import pytest

from mamigrate.testing.recording import Known, Scrubber, Unrecordable
from mamigrate_hubspot import recorded as hubspot
from mamigrate_marketo import recorded as marketo

CANARY = "pat-na1-0c1d2e3f-4a5b-6c7d-8e9f-aabbccddeeff"


KNOWN = (hubspot.KNOWN, marketo.KNOWN)


@pytest.fixture
def scrubber() -> Scrubber:
    return Scrubber(KNOWN)


def test_headers_land_by_name_and_shape_only(scrubber: Scrubber) -> None:
    found = scrubber.headers(
        {
            "Authorization": f"Bearer {CANARY}",
            "Cookie": CANARY,
            "X-New-Thing": CANARY,
            "Accept": CANARY,
            "X-HubSpot-RateLimit-Daily": CANARY,
            "x-hubspot-ratelimit-max": ["190"],
            "Content-Type": "application/json",
        }
    )
    assert found == {"Content-Type": "application/json", "x-hubspot-ratelimit-max": ["190"]}


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/identity/oauth/token?grant_type=client_credentials&client_secret=hush", ("/identity/oauth/token?"
         "grant_type=client_credentials&client_secret=scrubbed")),
        ("/communication-preferences/v4/statuses/ana%40x.example?channel=EMAIL",
         "/communication-preferences/v4/statuses/id?channel=EMAIL"),
        ("/communication-preferences/v4/statuses/batch/read", "/communication-preferences/v4/statuses/batch/read"),
        ("/crm/v3/objects/contacts", "/crm/v3/objects/contacts"),
        ("/crm/v3/objects/Hanako", "/crm/v3/objects/id"),
        ("/crm/v3/lists/09012345678/memberships", "/crm/v3/lists/id/memberships"),
        ("/rest/v1/leads.json?filterType=email&filterValues=ana@x.example,ben@x.example", ("/rest/v1/leads.json?"
         "filterType=email&filterValues=scrubbed,scrubbed")),
        ("/rest/v1/Hanako.json", "/rest/v1/id.json"),
        (f"/oauth/v1/access-tokens/{CANARY}", "/unknown"),
        ("/contacts/v1/search/Yamada.Hanako", "/unknown"),
        ("/crm/v3/objects/contacts/Hanako", "/unknown"),
        ("/crm/v3/owners?Hanako=yes", "/crm/v3/owners?scrubbed=yes"),
    ],
)  # fmt: skip
def test_a_path_is_a_known_route_or_nothing(scrubber: Scrubber, path: str, left: str) -> None:
    assert scrubber.uri(f"https://123-ABC-456.mktorest.com{path}") == f"https://scrubbed.example{left}"


KEYS = ("access_token", "anything", "id", "name", "label", "state", "status", "code", "property", "after", "message")
PRIVATE = (CANARY, "Hanako Yamada", "090-1234-5678", "09012345678", "s3cr3t-oauth-code-short", "Hanako", "x" * 40)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [*PRIVATE, 9012345678, 81312345678.5])
def test_nothing_private_lands_under_any_key(scrubber: Scrubber, key: str, value: object) -> None:
    assert str(value) not in str(scrubber.json({key: value, "results": [{key: value}, [value]]}))


@pytest.mark.parametrize("key", [*PRIVATE, "ana@x.example"])
def test_nothing_private_lands_as_a_key(scrubber: Scrubber, key: str) -> None:
    assert key not in str(scrubber.json({key: "SUBSCRIBED", "results": {key: {"status": 1}}}))


def test_words_of_the_interface_land_and_people_stay_apart(scrubber: Scrubber) -> None:
    body = {
        "id": "101",
        "status": "SUBSCRIBED",
        "total": 41,
        "properties": {"email": "Ana@x.example", "firstname": "Ana", "phone": "+81312345678", "size_of_hat": "L"},
        "createdAt": "2026-03-04T05:06:07Z",
        "inputs": ["ana@x.example", "bob@x.example", 101],
        "name": "size_of_hat",
    }
    assert scrubber.json(body) == {
        "id": "100000",
        "status": "SUBSCRIBED",
        "total": 41,
        "properties": {
            "email": "address-2@scrubbed.example",
            "firstname": "text-3",
            "phone": "text-4",
            "text-5": "text-6",
        },
        "createdAt": "2026-01-01T00:00:00Z",
        "inputs": ["address-2@scrubbed.example", "address-7@scrubbed.example", 100000],
        "name": "text-5",
    }


def test_without_an_adapter_nothing_at_all_lands() -> None:
    assert Scrubber().uri("https://x.example/crm/v3/owners") == "https://scrubbed.example/unknown"
    assert Scrubber([Known()]).json({"status": "SUBSCRIBED"}) == {"text-1": "text-2"}


def test_scrubbing_twice_changes_nothing(scrubber: Scrubber) -> None:
    once = scrubber.json({"properties": {"email": "Ana@x.example", "note": "call her"}})
    assert Scrubber(KNOWN).json(once) == once


@pytest.mark.parametrize("body", [b"<html>Ana</html>", b"email,name\nana@x.example,Ana", b"\x00\x01"])
def test_a_body_that_cannot_be_scrubbed_is_refused_without_being_shown(scrubber: Scrubber, body: bytes) -> None:
    with pytest.raises(Unrecordable) as caught:
        scrubber.body(body, "text/Hanako")
    assert not {"Ana", "Hanako"} & set(str(caught.value).replace("/", " ").split())


def test_values_of_forms_do_not_land(scrubber: Scrubber) -> None:
    form = b"filterType=email&filterValues=ana%40x.example&fields=id,email&Hanako=1"
    assert scrubber.body(form, "application/x-www-form-urlencoded") == (
        b"filterType=email&filterValues=scrubbed&fields=id,email&scrubbed=scrubbed"
    )


@pytest.mark.parametrize("adapter", [hubspot, marketo])
def test_every_route_of_the_adapter_is_known(adapter: ModuleType) -> None:
    """A route that is missing would be recorded as no path at all."""
    scrubber = Scrubber([adapter.KNOWN])
    for route in adapter.ROUTES:
        assert scrubber.uri(f"https://x.example{route.replace('{', '').replace('}', '')}").endswith("/unknown") is False
