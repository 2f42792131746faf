"""Fills a HubSpot sandbox's store with a world. HubSpot's own properties and settings stand there already."""

from datetime import datetime
from hashlib import sha256

from mamigrate_sandbox.estates import hubspot_assets, hubspot_fields, hubspot_people, membership
from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.hubspot_consent import ConsentWriter
from mamigrate_sandbox.estates.hubspot_filters import Filters
from mamigrate_sandbox.estates.hubspot_flows import Flows
from mamigrate_sandbox.estates.world import (
    Asset,
    Brand,
    Estate,
    Event,
    Field,
    PeopleList,
    Person,
    Topic,
    World,
)
from mamigrate_sandbox.store import Store

_BATCH = 1_000
_COLLECTIONS = {"landing-page": "landing-pages", "site-page": "site-pages"}


def seed(store: Store, world: World, today: datetime, number: int = 7) -> None:
    """Write the whole world. ``number`` is the seed of invented memberships; each part is one or more transactions."""
    estate = world.estate
    with store.transaction():
        _account(store, world)
        hubspot_fields.install(store, estate)
        consent = ConsentWriter(
            store, {topic.key: topic for topic in estate.topics}, {brand.key: brand for brand in estate.brands}
        )
        consent.definitions()
        _companies_and_deals(store, world)
    _people(store, world, consent, today, number)
    with store.transaction():
        for denial in world.loose_denials():
            consent.loose(denial)
        for address, at in world.erased():
            store.put("erased", sha256(address.lower().encode()).hexdigest(), {"at": names.iso(at)})
        _lists(store, estate, today)
        _flows(store, estate, today, number)
        _assets(store, estate)
        _programs(store, estate, number)
        _submissions(store, estate, today, number)
        hubspot_fields.fill_up(store, estate)
    _events(store, world)


def _account(store: Store, world: World) -> None:
    portal = store.setting("portal", {}) | {
        "portalId": names.PORTAL,
        "timeZone": "Asia/Tokyo",
        "accountType": "STANDARD",
        "companyCurrency": "JPY",
        "utcOffset": "+09:00",
        "utcOffsetMilliseconds": 32_400_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
        "additionalCurrencies": [],
    }
    store.set("portal", portal)
    store.set("crm", {"attached": world.estate.crm})
    for brand in world.estate.brands:
        store.put("business-units", str(brand.number), {"id": str(brand.number), "name": brand.name})
    for staff in world.estate.staff:
        body = {
            "id": str(staff.number), "email": staff.address, "type": "PERSON", "firstName": staff.given, "lastName": staff.family, "archived": staff.gone,
            "userId": None if staff.gone else staff.number + 9000, "userIdIncludingInactive": staff.number + 9000, "teams": [],
            "createdAt": "2019-04-01T00:00:00.000Z", "updatedAt": "2024-04-01T00:00:00.000Z",
        }  # fmt: skip
        store.put("owners", str(staff.number), body, {"email": staff.address})


def _companies_and_deals(store: Store, world: World) -> None:
    if world.estate.opportunity_stages:
        hubspot_fields.pipeline(store, world.estate)
    for account in world.accounts():
        store.put(
            "companies", names.company_id(account.number), hubspot_people.company(account), {"domain": account.domain}
        )
    for opportunity in world.opportunities():
        id = names.deal_id(opportunity.number)
        store.put("deals", id, hubspot_people.deal(opportunity), {})
        hubspot_people.tie(
            store,
            "deals",
            id,
            "companies",
            names.company_id(opportunity.account),
            ((341, None), (5, "Primary")),
            ((342, None), (6, "Primary")),
        )
        for number in opportunity.people:
            hubspot_people.tie(store, "deals", id, "contacts", names.contact_id(number), ((3, None),), ((4, None),))


def _people(store: Store, world: World, consent: ConsentWriter, today: datetime, number: int) -> None:
    lists = world.estate.lists
    batch: list[Person] = []
    for person in world.people():
        batch.append(person)
        if len(batch) == _BATCH:
            _write(store, batch, consent, lists, today, number)
            batch = []
    _write(store, batch, consent, lists, today, number)


def _write(
    store: Store,
    batch: list[Person],
    consent: ConsentWriter,
    lists: tuple[PeopleList, ...],
    today: datetime,
    number: int,
) -> None:
    with store.transaction():
        for person in batch:
            id = names.contact_id(person.number)
            body = hubspot_people.contact(person, consent.mirrors(person))
            if person.account is not None and person.archived is None:
                body["properties"]["associatedcompanyid"] = names.company_id(person.account)
                hubspot_people.tie(
                    store,
                    "contacts",
                    id,
                    "companies",
                    names.company_id(person.account),
                    ((1, "Primary"), (279, None)),
                    ((2, "Primary"), (280, None)),
                )
            store.put("contacts", id, body, hubspot_people.keys(person))
            for gone in hubspot_people.redirects(person):
                store.put("redirects/contacts", gone, {"to": id})
            if person.archived is None:
                consent.person(person)
                _join(store, person, lists, today, number)


def _join(store: Store, person: Person, lists: tuple[PeopleList, ...], today: datetime, number: int) -> None:
    static = membership.static_keys(person, lists, number)
    at = {"at": names.iso(person.modified)}
    for each in lists:
        if each.key in static or (each.any_of and membership.is_member(each, person, static, today)):
            store.link("membership", str(each.number), names.contact_id(person.number), at)


def _lists(store: Store, estate: Estate, today: datetime) -> None:
    filters = _filters(estate)
    for each in estate.lists:
        id, stamp = str(each.number), names.iso(today)
        body = {
            "listId": id, "listVersion": 3, "name": each.name, "objectTypeId": "0-1", "processingType": "DYNAMIC" if each.any_of else "MANUAL",
            "processingStatus": "COMPLETE", "createdAt": "2020-04-01T00:00:00.000Z", "updatedAt": stamp, "filtersUpdatedAt": stamp,
            "createdById": "700", "updatedById": "700", "size": len(store.links("membership", id)),
        }  # fmt: skip
        if each.any_of:
            body["filterBranch"] = filters.branch(each.any_of)
        store.put("lists", id, body, {"name": each.name})


def _filters(estate: Estate) -> Filters:
    fields = {field.key: field for field in estate.fields}
    return Filters(fields, {each.key: each for each in estate.lists}, {topic.key: topic for topic in estate.topics})


def _flows(store: Store, estate: Estate, today: datetime, number: int) -> None:
    filters = _filters(estate)
    flows = Flows(filters, filters.lists, filters.topics)
    contacts = max(1, store.count("contacts") - 100)
    taken = 0
    for journey in estate.journeys:
        body = flows.flow(journey, today)
        id, legacy = body["id"], str(journey.number + 1_000_000)
        store.put("flows", id, body)
        store.put("workflow-ids", id, {"workflowId": int(legacy)}, {"workflowId": legacy})
        for action in body["actions"]:
            if action.get("actionTypeId") == "0-4":
                content = action["fields"]["content_id"]
                store.put(
                    "flow-emails",
                    f"{id}/{content}",
                    {"flowId": id, "emailCampaignId": str(int(content) + 20_000), "emailContentId": content},
                )
        for turn in range(journey.in_flight):
            store.link("enrolment", legacy, names.contact_id((taken + turn) * 13 % contacts), {"at": names.iso(today)})
        taken += journey.in_flight


def _assets(store: Store, estate: Estate) -> None:
    topics, brands = {topic.key: topic for topic in estate.topics}, {brand.key: brand for brand in estate.brands}
    fields = {field.key: field for field in estate.fields}
    if any(asset.shelf == "image" for asset in estate.assets):
        store.put(
            "folders",
            "95000",
            {
                "id": "95000",
                "name": "banner",
                "path": "/banner",
                "parentFolderId": None,
                "archived": False,
                "createdAt": "2021-04-01T00:00:00.000Z",
                "updatedAt": "2021-04-01T00:00:00.000Z",
            },
        )
    for asset in estate.assets:
        kind, body = _shelved(asset, topics, brands, fields)
        store.put(kind, str(body["id"]), body)
        if asset.shelf == "email":
            store.put("email-campaigns", names.campaign_id(asset.number), hubspot_assets.email_campaign(asset))


def _shelved(
    asset: Asset,
    topics: dict[str, Topic],
    brands: dict[str, Brand],
    fields: dict[str, Field],
) -> tuple[str, hubspot_assets.Body]:
    if asset.shelf == "email":
        return "emails", hubspot_assets.email(asset, topics, brands)
    if asset.shelf == "form":
        return "forms", hubspot_assets.form(asset, fields, topics)
    if asset.shelf == "image":
        return "files", hubspot_assets.image(asset)
    return _COLLECTIONS[asset.shelf], hubspot_assets.page(asset)


def _programs(store: Store, estate: Estate, number: int) -> None:
    contacts = max(1, store.count("contacts") - 100)
    for program in estate.programs:
        store.put("campaigns", names.program_id(program), hubspot_assets.campaign(program))
        hubspot_assets.campaign_assets(store, program)
        if program.dated:
            body = hubspot_assets.marketing_event(program)
            store.put("marketing-events", body["objectId"], body)
            for turn in range(program.members):
                who, link = hubspot_assets.participation(program, number, turn)
                store.link("participation", body["objectId"], names.contact_id(who % contacts), link)


def _submissions(store: Store, estate: Estate, today: datetime, number: int) -> None:
    """What people sent through the forms that are in use (the last six are not)."""
    people = max(1, store.count("contacts") - 100)
    for asset in (each for each in estate.assets if each.shelf == "form" and each.number <= 22):
        for turn in range(1, 21):
            who, body = hubspot_assets.submission(asset, turn, number, people, today)
            record = store.get("contacts", names.contact_id(who))
            values = record["properties"] if record else {}
            asked = [(names.property_name(key), values.get(names.property_name(key))) for key in asset.parts]
            body["values"] = [{"name": name, "value": text, "objectTypeId": "0-1"} for name, text in asked if text]
            store.put(f"submissions/{names.guid('form', asset.number)}", str(turn), body)


def _events(store: Store, world: World) -> None:
    batch = []
    for event in world.events():
        batch.append(event)
        if len(batch) == 5 * _BATCH:
            _put_events(store, batch)
            batch = []
    _put_events(store, batch)


def _put_events(store: Store, batch: list[Event]) -> None:
    with store.transaction():
        for event in batch:
            body = hubspot_assets.email_event(event)
            store.put("email-events", str(event.number + 1), body)
