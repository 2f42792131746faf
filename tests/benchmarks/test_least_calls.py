"""The least number of calls, worked out by hand for small stocks."""

from dataclasses import replace

from benchmarks.least_calls import HubSpotStock, MarketoStock, Records, hubspot, marketo

from mamigrate.capabilities import Capabilities
from mamigrate_hubspot.capabilities import CAPABILITIES as HUBSPOT
from mamigrate_marketo.capabilities import CAPABILITIES as MARKETO

SOURCE = HubSpotStock(
    contacts=Records(250, 0, ["email", "firstname"]),
    companies=Records(100, 3, ["name"]),
    deals=Records(0, 0, ["dealname"]),
    addresses=201,
    odd_addresses=2,
    timeline=1_001,
    people_lists=[0, 250, 251],
    lists=4,
    owners=(12, 1),
    flows=101,
    emails=100,
    forms=7,
    pages=(3, 101),
    files=0,
    campaigns=5,
    marketing_events=1,
)
TARGET = MarketoStock(
    fields=130,
    campaigns=201,
    trigger_campaigns=3,
    addresses=901,
    without_address=10,
    new_fields=101,
    companies=300,
    opportunities=1,
    roles=301,
    created=600,
    updated=1,
    list_members=[300, 301, 0],
)


def test_records_take_a_page_a_hundred_living_and_archived_apart() -> None:
    assert hubspot(SOURCE, HUBSPOT)["GET /crm/v3/objects/<type>"] == (3 + 1) + (1 + 1) + (1 + 1)


def test_properties_that_exceed_a_url_cost_a_batch_a_page() -> None:
    names = [f"a_rather_long_property_name_{n:03d}" for n in range(300)]
    wide = replace(SOURCE, contacts=Records(250, 0, names))
    calls = hubspot(wide, HUBSPOT)
    assert calls["POST /crm/v3/objects/<type>/batch/read"] == 3
    assert calls["GET /crm/v3/objects/<type>"] == hubspot(SOURCE, HUBSPOT)["GET /crm/v3/objects/<type>"]


def test_statuses_take_full_batches_and_odd_addresses_one_call_each() -> None:
    calls = hubspot(SOURCE, HUBSPOT)
    assert calls["POST /communication-preferences/v4/statuses/batch/read"] == 3
    assert calls["POST /communication-preferences/v4/statuses/batch/unsubscribe-all/read"] == 3
    assert calls["GET /communication-preferences/v4/statuses/<who>"] == 2


def test_an_empty_list_costs_a_page_too() -> None:
    assert hubspot(SOURCE, HUBSPOT)["GET /crm/v3/lists/<id>/memberships"] == 1 + 1 + 2


def test_everything_is_asked_once() -> None:
    calls = hubspot(SOURCE, HUBSPOT)
    assert (calls["GET /crm/v3/properties/<type>"], calls["GET /communication-preferences/v4/definitions"]) == (3, 1)
    assert calls["GET /email/public/v1/subscriptions/timeline"] == 2
    assert calls["GET /marketing/v3/campaigns/<id>/assets/<kind>"] == 40
    assert calls["GET /automation/v4/flows"] == calls["POST /automation/v4/flows/batch/read"] == 2


def test_what_no_capability_row_writes_costs_nothing() -> None:
    nothing = Capabilities(())
    assert "GET /crm/v3/objects/<type>" not in hubspot(SOURCE, nothing)
    assert not [route for route in marketo(TARGET, nothing) if "companies.json" in route or "lists" in route]


def test_people_are_looked_up_written_and_read_back_three_hundred_a_call() -> None:
    calls = marketo(TARGET, MARKETO)
    assert calls["GET /rest/v1/leads.json"] == 4 + 1 + 3
    assert calls["POST /rest/v1/leads.json"] == 2 + 1


def test_records_lists_and_fields_fill_their_batches() -> None:
    calls = marketo(TARGET, MARKETO)
    assert (calls["POST /rest/v1/companies.json"], calls["POST /rest/v1/opportunities/roles.json"]) == (1, 2)
    assert (calls["POST /rest/asset/v1/staticLists.json"], calls["POST /rest/v1/lists/<int:id>/leads.json"]) == (3, 3)
    assert calls["POST /rest/v1/leads/schema/fields.json"] == 2
    assert calls["GET /rest/asset/v1/smartCampaigns.json"] == 2
    assert calls["GET /rest/asset/v1/smartCampaign/<int:id>/smartList.json"] == 3
