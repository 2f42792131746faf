"""Merging people into one.

Facts: Adobe's lead pages: at most 25 losers, the winner's value wins unless it is empty, code 1080 above the limit. A
yes/no field is never empty: what is not true is false, and a loser's opt-out gets lost.
"""

from mamigrate_sandbox.marketo import consent, fields, journal, leads, people, writing
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

LOSERS_AT_MOST = 25


def register(routes: Routes) -> None:
    routes.add("POST", "/rest/v1/leads/<int:id>/merge.json", merge)


def merge(call: Call, id: int) -> Reply:
    instance, losers = call.instance, call.ids("leadIds") or call.ids("leadId")
    if not losers:
        raise Refused("1002", "Missing value for 'leadIds'")
    if len(losers) > LOSERS_AT_MOST:
        raise Refused("1080", f"At most {LOSERS_AT_MOST} leads can be merged into one")
    winner, others = leads.need(instance, id), [leads.need(instance, other) for other in losers if other != id]
    merged = _united(instance, winner, others)
    for other in others:
        _hand_over(instance, winner["id"], other)
    if (key := consent.address(merged)) is not None and consent.is_denied(instance, key):
        merged["unsubscribed"] = True
    leads.keep(instance, merged | {"updatedAt": instance.stamp()})
    told = {
        "Merge IDs": losers,
        "Master Updated": merged != winner,
        "Merged in Sales": call.flag("mergeInCRM"),
        "Merge Source": "leaddb",
    }
    journal.log(instance, journal.MERGE, id, leads.full_name(winner), id, told)
    if instance.crm_syncs():
        instance.store.add("crm_pushes")
    return Reply(None)


def _united(instance: Instance, winner: Body, others: list[Body]) -> Body:
    desk, merged = writing.desk(instance), dict(winner)
    for name, field in fields.load(instance).items():
        held = [other[name] for other in others if other.get(name) not in (None, "")]
        if field.read_only or name == "id" or field.type == "boolean" or merged.get(name) not in (None, "") or not held:
            continue
        merged[name] = held[0]
        writing.log_change(desk, winner["id"], field, None, held[0])
    return merged


def _hand_over(instance: Instance, winner: int, loser: Body) -> None:
    """Memberships move; the winner keeps its own where both have one."""
    id, store = str(loser["id"]), instance.store
    for kind in ("list-member", "program-member"):
        own = {owner for owner, _ in store.links_back(kind, str(winner))}
        for owner, body in store.links_back(kind, id):
            if owner not in own:
                store.link(kind, owner, str(winner), body)
    people.remove(instance, loser)
