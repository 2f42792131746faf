"""What stands on both sides, told by the sandboxes' control API: the material of ``least_calls``."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.least_calls import HubSpotStock, MarketoStock, Records
from benchmarks.vendors import Vendor

Body = dict[str, Any]
Leads = Mapping[str, Body]
ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+")


def hubspot(source: Vendor) -> HubSpotStock:
    """Counts of the source's documents, and the addresses that somebody bears."""
    addresses = set().union(*map(_addresses, _living(source, "contacts")))
    odd = {address for address in addresses if not ADDRESS.fullmatch(address) or len(address) > 254}
    lists = list(_bodies(source, "lists"))
    sizes: dict[str, int] = {}
    for link in source.state("membership", links=True):
        sizes[link["a"]] = sizes.get(link["a"], 0) + 1
    people = [str(one["listId"]) for one in lists if one["objectTypeId"] == "0-1"]
    owners = [bool(body.get("archived")) for body in _bodies(source, "owners")]
    return HubSpotStock(
        contacts=_records(source, "contacts"),
        companies=_records(source, "companies"),
        deals=_records(source, "deals"),
        addresses=len(addresses - odd),
        odd_addresses=len(odd),
        timeline=_count(source, "timeline"),
        people_lists=[sizes.get(key, 0) for key in people],
        lists=len(lists),
        owners=(owners.count(False), owners.count(True)),
        flows=_count(source, "flows"),
        emails=_count(source, "emails"),
        forms=_count(source, "forms"),
        pages=(_count(source, "landing-pages"), _count(source, "site-pages")),
        files=_count(source, "files"),
        campaigns=_count(source, "campaigns"),
        marketing_events=_count(source, "marketing-events"),
    )


def marketo(source: Vendor, target: Vendor, before: Leads) -> MarketoStock:
    """Counts of the target's documents after a move, with what the move wrote; ``before`` are its leads until then."""
    after = leads(target)
    living = list(_living(source, "contacts"))
    campaigns = list(_bodies(target, "smart-campaigns"))
    fields = list(_bodies(target, "fields/lead"))
    made = [body for body in fields if body.get("isApiCreated")]
    members: dict[str, int] = {}
    for link in target.state("list-member", links=True):
        members[link["a"]] = members.get(link["a"], 0) + 1
    ours = [
        key
        for key, body in _documents(target, "lists")
        if "mamigrate" in str(body.get("computedUrl", "")) or _ours(body)
    ]
    return MarketoStock(
        fields=len(fields) - len(made),
        campaigns=len(campaigns),
        trigger_campaigns=sum(one["type"] == "trigger" for one in campaigns),
        addresses=len({_address(one) for one in living if _address(one).isascii()} - {""}),
        without_address=sum(not _address(one) for one in living),
        new_fields=len(made),
        companies=sum("/account/" in str(body.get("externalCompanyId")) for body in _bodies(target, "companies")),
        opportunities=_count(target, "opportunities"),
        roles=_count(target, "opportunity-roles"),
        created=len(after.keys() - before.keys()),
        updated=sum(after[key] != body for key, body in before.items() if key in after),
        list_members=[members.get(key, 0) for key in ours],
    )


def leads(target: Vendor) -> dict[str, Body]:
    return dict(_documents(target, "leads"))


def _ours(body: Body) -> bool:
    """A list that the program made says where it comes from."""
    return str(body.get("description", "")).startswith("from ")


def _records(vendor: Vendor, kind: str) -> Records:
    archived = [bool(body.get("archived")) for body in _bodies(vendor, kind)]
    names = [key for key, _ in _documents(vendor, f"properties/{kind}")]
    return Records(archived.count(False), archived.count(True), names)


def _addresses(contact: Body) -> set[str]:
    more = str(contact["properties"].get("hs_additional_emails") or "").split(";")
    return {text.strip().lower() for text in (_address(contact), *more) if text.strip()}


def _address(contact: Body) -> str:
    return str(contact["properties"].get("email") or "").lower()


def _living(vendor: Vendor, kind: str) -> Iterable[Body]:
    return (body for body in _bodies(vendor, kind) if not body.get("archived"))


def _bodies(vendor: Vendor, kind: str) -> Iterable[Body]:
    return (body for _, body in _documents(vendor, kind))


def _documents(vendor: Vendor, kind: str) -> Iterable[tuple[str, Body]]:
    return ((str(row["id"]), row["body"]) for row in vendor.state(kind))


def _count(vendor: Vendor, kind: str) -> int:
    return sum(1 for _ in vendor.state(kind))
