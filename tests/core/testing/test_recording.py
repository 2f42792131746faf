"""What a recording may hold."""

import pytest

from mamigrate.testing.recording import Scrubber, Unrecordable

CANARY = "pat-na1-0c1d2e3f-4a5b-6c7d-8e9f-aabbccddeeff"


def test_headers_land_by_name_only() -> None:
    found = Scrubber().headers(
        {
            "Authorization": f"Bearer {CANARY}",
            "Cookie": CANARY,
            "X-New-Thing": CANARY,
            "Content-Type": "application/json",
        }
    )
    assert found == {"Content-Type": "application/json"}


def test_hosts_addresses_and_unknown_query_values_do_not_land() -> None:
    uri = f"https://123-ABC-456.mktorest.com/identity/oauth/token?grant_type=client_credentials&client_secret={CANARY}"
    assert Scrubber().uri(uri) == (
        "https://scrubbed.example/identity/oauth/token?grant_type=client_credentials&client_secret=scrubbed"
    )
    assert Scrubber().uri("https://api.x.example/v4/statuses/ana%40x.example?channel=EMAIL") == (
        "https://scrubbed.example/v4/statuses/address?channel=EMAIL"
    )


@pytest.mark.parametrize("key", ["access_token", "anything", "id", "name", "status"])
def test_a_secret_does_not_land_under_any_key(key: str) -> None:
    assert CANARY not in str(Scrubber().json({key: CANARY, "list": [{key: CANARY}]}))


def test_people_do_not_land_but_stay_apart() -> None:
    body = {
        "id": "101",
        "properties": {
            "email": "Ana@x.example",
            "firstname": "Ana",
            "phone": "+81312345678",
            "createdate": "2026-03-04T05:06:07Z",
        },
        "inputs": ["ana@x.example", "bob@x.example"],
        "score": 41,
    }
    found = Scrubber().json(body)
    assert found == {
        "id": "101",
        "properties": {
            "email": "address-1@scrubbed.example",
            "firstname": "text-2",
            "phone": "text-3",
            "createdate": "2026-01-01T00:00:00Z",
        },
        "inputs": ["address-1@scrubbed.example", "address-4@scrubbed.example"],
        "score": 1,
    }


def test_scrubbing_twice_changes_nothing() -> None:
    once = Scrubber().json({"properties": {"email": "Ana@x.example", "note": "call her"}})
    assert Scrubber().json(once) == once


@pytest.mark.parametrize("body", [b"<html>Ana</html>", b"email,name\nana@x.example,Ana", b"\x00\x01"])
def test_a_body_that_cannot_be_scrubbed_is_refused_without_being_shown(body: bytes) -> None:
    with pytest.raises(Unrecordable) as caught:
        Scrubber().body(body, "text/html")
    assert "Ana" not in str(caught.value)


def test_values_of_forms_do_not_land() -> None:
    form = b"filterType=email&filterValues=ana%40x.example&fields=id,email"
    assert Scrubber().body(form, "application/x-www-form-urlencoded") == (
        b"filterType=email&filterValues=scrubbed&fields=id%2Cemail"
    )
