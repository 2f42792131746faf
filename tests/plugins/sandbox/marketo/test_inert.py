"""What our writes set off: trigger campaigns and the CRM."""

from typing import Any

import pytest

FLOW = [
    {"name": "Send Email", "email": "Welcome"},
    {"name": "Add to Program"},
    {"name": "Sync Lead to SFDC"},
    {"name": "Wait"},
]


def campaign(api: Any, *triggers: dict[str, Any], active: bool = True) -> None:
    api.store.put(
        "smart-lists",
        "50",
        {
            "id": 50,
            "name": "T",
            "rules": {"filterMatchType": "all", "triggers": list(triggers), "filters": []},
            "_system": True,
        },
    )
    body = {
        "id": 60,
        "name": "Welcome",
        "type": "trigger",
        "isActive": active,
        "smartListId": 50,
        "status": "Active",
        "_flow": FLOW,
    }
    api.store.put(
        "smart-campaigns", "60", body | {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    )


def is_about(subject: str, name: str = "Attribute") -> list[dict[str, Any]]:
    return [{"activityAttributeName": name, "operator": "is", "values": [subject], "isPrimary": True}]


def counts(api: Any) -> tuple[int, int, int]:
    counters = api.store.counters()
    return counters.get("sends", 0), counters.get("enrolments", 0), counters.get("crm_pushes", 0)


@pytest.mark.parametrize("name", ["Lead is Created", "Person is Created"])
def test_creating_people_fires_what_listens_to_new_people(api: Any, name: str) -> None:
    campaign(api, {"name": name})
    id = api.sync({"email": "a@x.io"})[0]["id"]
    assert counts(api) == (1, 1, 1)
    assert api.log(6, id)[0]["campaignId"] == 60
    assert api.get(f"/rest/v1/leads/{id}/smartCampaignMembership.json")["result"][0]["smartCampaignId"] == 60


def test_a_campaign_that_is_not_active_stays_silent(api: Any) -> None:
    campaign(api, {"name": "Lead is Created"}, active=False)
    api.sync({"email": "a@x.io"})
    assert counts(api) == (0, 0, 0)


def test_value_changes_fire_for_the_named_field_alone(api: Any) -> None:
    campaign(api, {"name": "Data Value Changes", "conditions": is_about("City")})
    api.sync({"email": "a@x.io", "city": "Oslo"})
    api.sync({"email": "a@x.io", "title": "Director"})
    assert counts(api)[0] == 0
    api.sync({"email": "a@x.io", "city": "Kyoto"})
    assert counts(api)[0] == 1


def test_joining_a_list_fires_for_that_list(api: Any) -> None:
    campaign(api, {"name": "Added to List", "conditions": is_about("VIP", "List Name")})
    lead, other, vip = api.sync({"email": "a@x.io"})[0]["id"], api.list("Other"), api.list("VIP")
    for listed in (other, vip):
        api.post(f"/rest/v1/lists/{listed}/leads.json", {"input": [{"id": lead}]})
    assert counts(api)[0] == 1


def test_a_request_runs_the_campaign_that_listens_and_no_other(api: Any) -> None:
    campaign(api, {"name": "Campaign is Requested"})
    lead = api.sync({"email": "a@x.io"})[0]["id"]
    body = {"input": {"leads": [{"id": lead}]}}
    assert api.post("/rest/v1/campaigns/60/trigger.json", body)["result"] == [{"id": 60}]
    assert (counts(api)[0], api.store.counters()["campaign_runs"]) == (1, 1)
    many = {"input": {"leads": [{"id": n} for n in range(101)]}}
    assert api.post("/rest/v1/campaigns/60/trigger.json", many)["errors"][0]["code"] == "1003"
    campaign(api, {"name": "Lead is Created"})
    assert api.post("/rest/v1/campaigns/60/trigger.json", body)["errors"][0]["code"] == "1003"


def test_several_triggers_of_a_campaign_are_any_of(api: Any) -> None:
    campaign(api, {"name": "Lead is Created"}, {"name": "Data Value Changes"})
    api.sync({"email": "a@x.io"})
    api.sync({"email": "a@x.io", "city": "Oslo"})
    assert counts(api)[0] == 2


def test_a_deactivated_campaign_stops_and_can_start_again(api: Any) -> None:
    campaign(api, {"name": "Lead is Created"})
    assert api.form("/rest/asset/v1/smartCampaign/60/deactivate.json")["result"] == [{"id": 60}]
    api.sync({"email": "a@x.io"})
    assert counts(api)[0] == 0
    api.form("/rest/asset/v1/smartCampaign/60/activate.json")
    api.sync({"email": "b@x.io"})
    assert counts(api)[0] == 1


def test_every_write_goes_to_an_attached_crm_unless_sync_is_paused(api: Any) -> None:
    api.store.set("crm", {"attached": True})
    api.sync({"email": "a@x.io"})
    api.sync({"email": "a@x.io", "city": "Oslo"})
    api.sync({"email": "a@x.io", "city": "Oslo"})
    assert counts(api)[2] == 2
    api.store.set("crm", {"attached": True, "sync": "paused"})
    api.sync({"email": "b@x.io"})
    assert counts(api)[2] == 2


def test_a_custom_activity_fires_its_own_trigger(api: Any) -> None:
    campaign(api, {"name": "Opens HS Email"})
    body = {"apiName": "hsOpen", "name": "HS Open", "triggerName": "Opens HS Email", "filterName": "Opened HS Email"}
    type = api.post(
        "/rest/v1/activities/external/type.json", body | {"primaryAttribute": {"apiName": "m", "name": "M"}}
    )["result"][0]["id"]
    api.post("/rest/v1/activities/external/type/hsOpen/approve.json")
    lead = api.sync({"email": "a@x.io"})[0]["id"]
    row = {"leadId": lead, "activityDate": "2026-05-01T10:00:00Z", "activityTypeId": type, "primaryAttributeValue": "x"}
    api.post("/rest/v1/activities/external.json", {"input": [row]})
    assert counts(api)[0] == 1
