"""A base URL with a slip of the pen: the option is named, and what is right."""

import pytest

from mamigrate.clock import HandClock
from mamigrate.contract import Connection, Secret
from mamigrate.errors import UsageError
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_marketo.adapter import Marketo

HUBSPOT, MARKETO = "https://api.hubapi.com", "https://123-ABC-456.mktorest.com"


def refusal(vendor: str, base_url: str) -> UsageError:
    adapter: HubSpot | Marketo = HubSpot() if vendor == "hubspot" else Marketo()
    options = {"hubspot": {"explicit_consent": "false"}, "marketo": {"client_id": "id"}}[vendor]
    secrets = {name: Secret("x") for name in ("access_token", "client_secret")}
    with pytest.raises(UsageError) as told:
        adapter.connect(Connection("main", vendor, base_url, options=options, secrets=secrets), HandClock())
    assert told.value.where == "connections.main.base_url"
    return told.value


@pytest.mark.parametrize(
    ("vendor", "base_url", "right"),
    [
        *(("hubspot", wrong, HUBSPOT) for wrong in (f"{HUBSPOT}/crm/v3", "api.hubapi.com", "http://api.hubapi.com")),
        *(("hubspot", wrong, HUBSPOT) for wrong in ("https://api.hubpai.com", "https://app.hubspot.com", "https//x")),
        *(("marketo", wrong, MARKETO) for wrong in (f"{MARKETO}/rest", f"{MARKETO}/identity", MARKETO[8:])),
        *(("marketo", wrong, MARKETO) for wrong in (f"http{MARKETO[5:]}", "https://123-ABC-456.mktorset.com")),
        ("marketo", "https://app-ab12.marketo.com", "https://123-ABC-456.mktorest.com"),
        ("marketo", "", "it is missing"),
        ("hubspot", "http://127.0.0.1:8080/crm", "write http://127.0.0.1:8080"),
        ("marketo", "http://localhost:8080/rest", "write http://localhost:8080"),
    ],
)
def test_what_is_right_is_said(vendor: str, base_url: str, right: str) -> None:
    problem = refusal(vendor, base_url).problem
    assert "base_url" in problem and right in problem


@pytest.mark.parametrize("base_url", ["", HUBSPOT, f"{HUBSPOT}/", "http://127.0.0.1:1"])
def test_what_is_right_is_taken(base_url: str) -> None:
    secrets = {"access_token": Secret("x")}
    HubSpot().connect(
        Connection("main", "hubspot", base_url, options={"explicit_consent": "false"}, secrets=secrets), HandClock()
    )
