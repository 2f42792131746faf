"""Fills a Marketo sandbox's store with a world. Marketo's own fields, folders and channels stand there already."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from mamigrate_sandbox.estates import marketo_assets, marketo_people, membership
from mamigrate_sandbox.estates.marketo_people import lead_id, stamp
from mamigrate_sandbox.estates.scatter import dice
from mamigrate_sandbox.estates.world import Estate, Event, Person, World
from mamigrate_sandbox.marketo import standard
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_T = TypeVar("_T")
_BATCH = 1_000
# Activity types and how long an instance keeps them (Adobe: 90 days, or 25 months).
_KINDS = {"SENT": (6, 90), "DELIVERED": (7, 90), "OPEN": (10, 760), "CLICK": (11, 760), "BOUNCE": (8, 760)}


def seed(store: Store, world: World, today: datetime, number: int = 7) -> None:
    """Write the whole world; same meaning as for HubSpot, in Marketo's terms."""
    estate = world.estate
    with store.transaction():
        store.set("instance", store.setting("instance", {}) | {"timeZone": "Asia/Tokyo"})
        store.set("crm", {"attached": False})
        for field in marketo_people.fields(estate):
            store.put("fields/lead", field["name"], field)
        _accounts(store, world)
    rows, searchable = _Rows(store), _searchable(store)
    for batch in _batches(world.people(), _BATCH):
        with store.transaction():
            for person in batch:
                _person(store, person, estate, today, number, rows, searchable)
    with store.transaction():
        for denial in world.loose_denials():
            store.put("master-unsubscribed", denial.address.lower(), {"at": stamp(denial.at)})
        marketo_assets.lists(store, estate, today)
        marketo_assets.programs(store, estate, today)
        marketo_assets.assets(store, estate, today)
        marketo_assets.campaigns(store, estate, today)
        _members(store, estate, today, number)
    for events in _batches(world.events(), 5 * _BATCH):
        with store.transaction():
            for event in events:
                _event(event, today, rows)


def _searchable(store: Store) -> frozenset[str]:
    """Fields that people can be looked up by: those marked so, custom ones of short types, and those of a CRM."""
    short = ("string", "email", "integer", "score")
    found = (
        body
        for body in (*(body for _, body in store.all("fields/lead")), *standard.documents("crm"))
        if body["searchable"] or (body["isCustom"] and body["dataType"] in short)
    )
    return frozenset(str(body["name"]) for body in found) - {"id"}


class _Rows:
    """Gives activities their numbers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = store.next_id("activities", 1) - 1

    def put(
        self, lead: int, kind: int, at: datetime, value_id: int | None, value: str | None, attributes: dict[str, object]
    ) -> None:
        self._last += 1
        body = {
            "id": self._last, "marketoGUID": str(self._last), "leadId": lead, "activityDate": stamp(at), "activityTypeId": kind, "campaignId": None,
            "primaryAttributeValueId": value_id, "primaryAttributeValue": value,
            "attributes": [{"name": name, "value": text} for name, text in attributes.items()],
        }  # fmt: skip
        self._store.put("activities", str(self._last), body, {"leadId": str(lead)})


def _accounts(store: Store, world: World) -> None:
    """Companies and opportunities; people join a company by its external id."""
    for account in world.accounts():
        created = stamp(account.created)
        body = {
            "id": 1 + account.number,
            "externalCompanyId": account.crm_id,
            "company": account.name,
            "website": f"https://www.{account.domain}",
            "createdAt": created,
            "updatedAt": created,
        }
        store.put(
            "companies",
            str(body["id"]),
            body,
            {"externalCompanyId": account.crm_id.lower(), "company": account.name.lower()},
        )
    for opportunity in world.opportunities():
        guid = f"{opportunity.number:08x}-0000-4000-8000-00000000c0de"
        body = {
            "marketoGUID": guid, "externalOpportunityId": opportunity.crm_id, "name": opportunity.name, "stage": opportunity.stage, "amount": opportunity.amount,
            "isWon": opportunity.stage == "order", "isClosed": opportunity.stage in ("order", "lost"), "closeDate": opportunity.closes.date().isoformat(),
            "createdAt": stamp(opportunity.created), "updatedAt": stamp(opportunity.moved),
        }  # fmt: skip
        store.put("opportunities", guid, body, {"externalOpportunityId": opportunity.crm_id.lower()})


def _person(
    store: Store, person: Person, estate: Estate, today: datetime, number: int, rows: _Rows, searchable: frozenset[str]
) -> None:
    if person.archived is not None:  # a deleted lead leaves only its name for 14 days
        if person.archived > today - timedelta(days=14):
            gone = {
                "id": lead_id(person.number),
                "email": person.address,
                "name": person.values.get("family_name"),
                "at": stamp(person.archived),
            }
            store.put("deleted-leads", str(gone["id"]), gone)
        return
    body = marketo_people.lead(person, estate)
    keys = {name: str(body[name]).strip().lower() for name in searchable if name in body}
    store.put("leads", str(body["id"]), body, keys)
    if body["unsubscribed"] and "email" in body:
        when = person.wide.at if person.wide else person.complaint or person.created
        store.put("master-unsubscribed", keys["email"], {"at": stamp(when)})
        if when > today - timedelta(days=760):
            rows.put(body["id"], 9, when, None, None, {"Client IP Address": "192.0.2.1"})
    rows.put(
        body["id"],
        12,
        person.created,
        body["id"],
        None,
        {"Source Type": "List import", "Created Date": person.created.date().isoformat()},
    )
    static = membership.static_keys(person, estate.lists, number)
    for each in estate.lists:
        if each.key in static:
            store.link("list-member", str(each.number), str(body["id"]), {"at": stamp(person.modified)})


def _members(store: Store, estate: Estate, today: datetime, number: int) -> None:
    """Program members among the people that are there."""
    ids = [id for id, _ in islice(store.all("leads"), 20_000)]
    for program in estate.programs:
        for turn in range(program.members if ids else 0):
            at = dice(number, program.number * 1000 + turn, "member")
            done = at % 5 < 2
            status = marketo_assets.status_of(program.kind, done)
            body = {
                "statusName": status, "membershipDate": stamp(program.began), "reachedSuccess": done, "reachedSuccessDate": stamp(program.ended) if done else None,
                "acquiredBy": at % 11 == 0, "isExhausted": False, "nurtureCadence": "norm" if program.kind == "nurture" else None, "trackName": None,
                "createdAt": stamp(program.began), "updatedAt": stamp(min(program.ended, today)),
            }  # fmt: skip
            store.link(
                "program-member", str(marketo_assets.program_id(program.number)), ids[(at >> 8) % len(ids)], body
            )


def _event(event: Event, today: datetime, rows: _Rows) -> None:
    kind = _KINDS.get(event.kind)
    if kind is None or event.at < today - timedelta(days=kind[1]):
        return
    attributes: dict[str, object] = {"Is Bot Activity": True, "User Agent": "scanner/1.0"} if event.bot else {}
    if event.kind == "CLICK":
        attributes["Link"] = f"https://www.minamo.example/lp/{event.email}"
    rows.put(
        lead_id(event.person),
        kind[0],
        event.at,
        marketo_assets.email_id(event.email),
        f"email {event.email}",
        attributes,
    )


def _batches(things: Iterable[_T], size: int) -> Iterable[Sequence[_T]]:
    walk = iter(things)
    while batch := list(islice(walk, size)):
        yield batch
