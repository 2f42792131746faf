"""The fewest calls that a move can take, from what stands on both sides, without the program.

Only routes count that the capability rows say are written; for each the vendor's own page or batch size is used, every
answer is asked for once and kept, and every batch is full. What the design forbids is not saved either: everybody is
looked up before writing and read back after it (promise of a census, never a sample). Tokens are left out on both sides:
Marketo does not count them. Names of routes are those of the vendors' own counters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mamigrate.capabilities import Capabilities, Power
from mamigrate.model.kinds import Kind

LONGEST_URL = 8_000
"""Characters that every gateway lets through."""

CAMPAIGN_ASSET_TYPES = 8
"""Types of a campaign's assets with a counterpart: emails, forms, two kinds of pages, files, lists, workflows, events."""


@dataclass(frozen=True, slots=True)
class Records:
    """One object type of HubSpot. ``properties`` are the names of all."""

    live: int
    archived: int
    properties: Sequence[str]


@dataclass(frozen=True, slots=True)
class HubSpotStock:
    """What stands on the source. ``addresses`` are distinct ones of living contacts, with additional ones;
    ``odd_addresses`` are texts that are no address; ``people_lists`` the sizes of lists of people."""

    contacts: Records
    companies: Records
    deals: Records
    addresses: int
    odd_addresses: int
    timeline: int
    people_lists: Sequence[int]
    lists: int
    owners: tuple[int, int]
    flows: int
    emails: int
    forms: int
    pages: tuple[int, int]
    files: int
    campaigns: int
    marketing_events: int


@dataclass(frozen=True, slots=True)
class MarketoStock:
    """What stands on the target before, and what must be written: ``list_members`` are the sizes of lists to fill.

    ``addresses`` are those to look up, ``without_address`` the people who can only be looked up by their key.
    """

    fields: int
    campaigns: int
    trigger_campaigns: int
    addresses: int
    without_address: int
    new_fields: int
    companies: int
    opportunities: int
    roles: int
    created: int
    updated: int
    list_members: Sequence[int]


def hubspot(stock: HubSpotStock, able: Capabilities) -> dict[str, int]:
    """Calls by route.

    - Account: details once; usage twice, before and after.
    - Properties: once an object type, which also tells contact stages and score properties; pipelines once; the scoring
      tool's list once, to find out whether it is shown.
    - Subscription definitions once. Timeline: 1,000 a page.
    - Records: 100 a page, living and archived apart. Where the names of all properties exceed a URL, a page of ids and a
      batch of 100 with everything. Searches (200 a page) are no full read: the index lags and knows no associations.
    - Statuses and wide statuses: 100 addresses a batch. Both for every address: a wide opt-out can stand beside types that
      were chosen again later. An address that the API refuses spoils its batch, so each of those is asked for alone.
    - Lists: a search names 500, one call of 500 ids tells their filters. Members: 250 a page, at least one a list.
    - Owners, workflows, emails, forms, pages, files, campaigns, events: 100 a page. Workflows in full: batches of 100.
    - Assets of campaigns: one call a campaign and type; no other route tells them.
    """
    calls = {
        "GET /account-info/v3/details": 1,
        "GET /account-info/v3/api-usage/daily/private-apps": 2,
        "GET /crm/v3/properties/<type>": 3,
        "GET /crm/v3/pipelines/<type>": 1,
        "GET unknown": 1,
        "GET /communication-preferences/v4/definitions": 1,
        "GET /email/public/v1/subscriptions/timeline": _pages(stock.timeline, 1_000),
        "POST /communication-preferences/v4/statuses/batch/read": _full(stock.addresses, 100),
        "POST /communication-preferences/v4/statuses/batch/unsubscribe-all/read": _full(stock.addresses, 100),
        "GET /communication-preferences/v4/statuses/<who>": stock.odd_addresses,
        "POST /crm/v3/lists/search": _pages(stock.lists, 500),
        "GET /crm/v3/lists": _full(stock.lists, 500),
        "GET /crm/v3/lists/<id>/memberships": sum(_pages(size, 250) for size in stock.people_lists),
        "GET /crm/v3/owners": sum(_pages(n, 100) for n in stock.owners),
        "GET /automation/v4/flows": _pages(stock.flows, 100),
        "POST /automation/v4/flows/batch/read": _full(stock.flows, 100),
        "GET /marketing/v3/emails": _pages(stock.emails, 100),
        "GET /marketing/v3/forms": _pages(stock.forms, 100),
        "GET /cms/v3/pages/<any('landing-pages', 'site-pages'):kind>": sum(_pages(n, 100) for n in stock.pages),
        "GET /files/v3/files/search": _pages(stock.files, 100),
        "GET /marketing/v3/campaigns": _pages(stock.campaigns, 100),
        "GET /marketing/v3/campaigns/<id>/assets/<kind>": stock.campaigns * CAMPAIGN_ASSET_TYPES,
        "GET /marketing/v3/marketing-events": _pages(stock.marketing_events, 100),
    }
    for kind, records in (
        (Kind.PERSON, stock.contacts),
        (Kind.ACCOUNT, stock.companies),
        (Kind.OPPORTUNITY, stock.deals),
    ):
        if able.can(kind, Power.READ):
            _add(calls, _records(records))
    return {route: n for route, n in calls.items() if n}


def _records(records: Records) -> dict[str, int]:
    pages = _pages(records.live, 100) + _pages(records.archived, 100)
    fits = len(",".join(records.properties)) < LONGEST_URL
    batches = 0 if fits else _full(records.live, 100) + _full(records.archived, 100)
    return {"GET /crm/v3/objects/<type>": pages, "POST /crm/v3/objects/<type>/batch/read": batches}


def marketo(stock: MarketoStock, able: Capabilities) -> dict[str, int]:
    """Calls by route.

    - Usage twice. Describes: one a type. What only the schema tells of fields: 300 a page. New fields: 100 a call.
    - Trigger campaigns that our writes could start: 200 campaigns a page, then one call a trigger campaign for its rules.
    - People: looked up by address, 300 a call, and those without one by their key; created 300 a call and updated 300 a
      call (by our key and by id: one call has one key field); read back 300 a call.
    - Companies and opportunities: looked up by their key and written, 300 a call; roles 300 a call.
    - A first move: what a later one asks about lists and members that the one before it wrote is not in here.
    - Lists: our folder's parent, the folder, its creation, its lists: one call each; one creation a list; members 300 a
      call and list.
    """
    written = stock.created + stock.updated
    calls = {
        "GET /rest/v1/stats/usage.json": 2,
        "GET /rest/v1/leads/describe2.json": 1,
        "GET /rest/v1/companies/describe.json": 1,
        "GET /rest/v1/opportunities/describe.json": 1,
        "GET /rest/v1/leads/schema/fields.json": _pages(stock.fields, 300),
        "POST /rest/v1/leads/schema/fields.json": _full(stock.new_fields, 100),
        "GET /rest/asset/v1/smartCampaigns.json": _pages(stock.campaigns, 200),
        "GET /rest/asset/v1/smartCampaign/<int:id>/smartList.json": stock.trigger_campaigns,
        "GET /rest/v1/leads.json": _full(stock.addresses, 300)
        + _full(stock.without_address, 300)
        + _full(written, 300),
        "POST /rest/v1/leads.json": _full(stock.created, 300) + _full(stock.updated, 300),
    }
    if able.can(Kind.ACCOUNT, Power.WRITE):
        n = _full(stock.companies, 300)
        _add(calls, {"GET /rest/v1/companies.json": n, "POST /rest/v1/companies.json": n})
    if able.can(Kind.OPPORTUNITY, Power.WRITE):
        n = _full(stock.opportunities, 300)
        _add(calls, {"GET /rest/v1/opportunities.json": n, "POST /rest/v1/opportunities.json": n})
        _add(calls, {"POST /rest/v1/opportunities/roles.json": _full(stock.roles, 300)})
    if able.can(Kind.LIST, Power.WRITE) and stock.list_members:
        _add(calls, _lists(stock.list_members))
    return {route: n for route, n in calls.items() if n}


def _lists(members: Sequence[int]) -> dict[str, int]:
    return {
        "GET /rest/asset/v1/folder/byName.json": 2,
        "POST /rest/asset/v1/folders.json": 1,
        "GET /rest/asset/v1/staticLists.json": 1,
        "POST /rest/asset/v1/staticLists.json": len(members),
        "POST /rest/v1/lists/<int:id>/leads.json": sum(_full(size, 300) for size in members),
    }


def _add(calls: dict[str, int], more: Mapping[str, int]) -> None:
    for route, n in more.items():
        calls[route] = calls.get(route, 0) + n


def _pages(records: int, size: int) -> int:
    """Pages of a listing: an empty one is a page too."""
    return max(1, _full(records, size))


def _full(records: int, size: int) -> int:
    """Full batches and a rest; nothing costs nothing."""
    return -(-records // size)
