"""Active trigger campaigns: they fire when what we write matches them, and their flow counts as what it does.

The smart list's filters are not judged: a trigger that matches fires, so a counter can be too high and never too low.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mamigrate_sandbox.marketo import journal
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

CREATED, VALUE_CHANGED, ADDED_TO_LIST = "lead is created", "data value changes", "added to list"
REQUESTED, STATUS_CHANGED, FORM_FILLED = "campaign is requested", "program status is changed", "fills out form"

_SAME = {
    "person is created": CREATED,
    "data value is changed": VALUE_CHANGED,
    "progression status is changed": STATUS_CHANGED,
}
_ENROLS = {
    "add to program",
    "change program status",
    "change status in progression",
    "add to nurture",
    "add to engagement program",
    "add to stream",
}
_PUSHES = {
    "sync lead to sfdc",
    "sync person to sfdc",
    "add to sfdc campaign",
    "change status in sfdc campaign",
    "convert lead",
}
_SUBJECTS = {"attribute", "attribute name", "list name", "list", "form name", "program"}


@dataclass(frozen=True)
class Listener:
    """One trigger of one active campaign: the event, and for each condition's name the values it takes."""

    campaign: Body
    event: str
    conditions: tuple[tuple[str, frozenset[str]], ...]

    def hears(self, event: str, about: Mapping[str, set[str]]) -> bool:
        """``about``: condition name -> what it is called. Conditions of other names are taken as met."""
        if event != self.event:
            return False
        return all(values & about[name] for name, values in self.conditions if name in about and values)


def fire(instance: Instance, event: str, lead: int, about: Mapping[str, set[str]] | None = None) -> None:
    told = {name: {value.lower() for value in values} for name, values in (about or {}).items()}
    for listener in listeners(instance):
        if listener.hears(event, told):
            run(instance, listener.campaign, lead)


def run(instance: Instance, campaign: Body, lead: int) -> None:
    """Send one person through the flow of a campaign."""
    stamp, store = instance.stamp(), instance.store
    store.link("campaign-member", str(campaign["id"]), str(lead), {"createdAt": stamp, "updatedAt": stamp})
    for step in campaign.get("_flow", []):
        name = str(step.get("name", "")).lower()
        if name == "send email":
            store.add("sends")
            email = str(step.get("email") or step.get("value") or campaign["name"])
            journal.log(instance, journal.SEND_EMAIL, lead, email, step.get("emailId"), campaign=campaign["id"])
        elif name in _ENROLS:
            store.add("enrolments")
        elif name in _PUSHES:
            store.add("crm_pushes")


def listeners(instance: Instance) -> list[Listener]:
    """Read once a call (``forget`` at its start)."""
    kept: list[Listener] | None = instance.remembered.get("listeners")
    if kept is None:
        active = [body for body in instance.bodies("smart-campaigns") if body.get("isActive")]
        kept = [listener for campaign in active for listener in _of(instance, campaign)]
        instance.remembered["listeners"] = kept
    return kept


def forget(instance: Instance) -> None:
    instance.remembered.pop("listeners", None)


def triggers_of(instance: Instance, campaign: Body) -> list[Body]:
    """The triggers of a campaign's smart list; a bare text is a trigger without conditions."""
    smart_list = instance.store.get("smart-lists", str(campaign.get("smartListId"))) or {}
    rules = smart_list.get("rules") or campaign.get("rules") or {}
    return [{"name": one} if isinstance(one, str) else one for one in rules.get("triggers", [])]


def event_of(trigger: Body) -> str:
    name = str(trigger.get("name", "")).lower()
    return _SAME.get(name, name)


def _of(instance: Instance, campaign: Body) -> list[Listener]:
    return [
        Listener(campaign, event_of(trigger), tuple(_condition(one) for one in trigger.get("conditions", [])))
        for trigger in triggers_of(instance, campaign)
    ]


def _condition(body: Body) -> tuple[str, frozenset[str]]:
    name = str(body.get("activityAttributeName", "")).lower()
    key = "subject" if name in _SUBJECTS or body.get("isPrimary") else name
    plain = body.get("operator", "is") == "is"
    return key, frozenset(str(value).lower() for value in body.get("values", [])) if plain else frozenset()
