"""Fetching what marketers built: owners, lists, workflows, assets, campaigns."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from mamigrate.contract import Landed
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http import shapes
from mamigrate.http.call import Rejected, Reply, Unreadable
from mamigrate.model.base import Reference
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import holes, wire
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.paging import pages
from mamigrate_hubspot.read import references
from mamigrate_hubspot.read.context import unique, write_json
from mamigrate_hubspot.read.estate import ASSET_KEYS, CAMPAIGN_ASSETS

Fetched = tuple[Landed, str | None]
Land = Callable[..., Landed]

_CAMPAIGN = (
    "hs_name",
    "hs_start_date",
    "hs_end_date",
    "hs_notes",
    "hs_audience",
    "hs_goal",
    "hs_owner",
    "hs_currency_code",
    "hs_campaign_status",
    "hs_utm",
    "hs_budget_items_sum_amount",
    "hs_spend_items_sum_amount",
)
_LEAVES_OUT = ("exclusion", "suppression")
_PEOPLE = "0-1"
_AT_ONCE = 100
"""Lists whose filters one call brings."""


class FetchEstate:
    """``land`` makes a landed page; ``topics`` tells the classes of subscription types, ``schema`` an object's properties."""

    def __init__(self, api: Api, land: Land, topics: Callable[[], str], schema: Callable[[str], Reply]) -> None:
        self._api, self._land, self._topics, self._schema = api, land, topics, schema
        self._excluded: Mapping[str, str] | None = None
        self._unresolved: dict[str, set[str]] = {}
        self._listed: list[wire.Json] | None = None
        self._lock = threading.Lock()
        self.by_kind: Mapping[Kind, Callable[[str, str], Fetched]] = {
            Kind.OWNER: self._owners,
            Kind.LIFECYCLE_MODEL: self._stages,
            Kind.LIST: self._lists,
            Kind.ASSET: self._assets,
            Kind.WORKFLOW: self._workflows,
            Kind.PROGRAM: self._programs,
            Kind.RULESET: self._rulesets,
        }

    def _owners(self, part: str, after: str) -> Fetched:
        """Active owners, then those who left: people may still belong to them."""
        archived = part == "archived"
        reply = self._api.owners(after, archived=archived)
        return self._land(reply.body), _next(reply, part) or (None if archived else "archived|")

    def _stages(self, part: str, after: str) -> Fetched:
        if part == "deals":
            return self._land(self._api.pipelines("deals").body, object="deals"), None
        reply = self._api.property("contacts", "lifecyclestage")
        return self._land(reply.body, object="contacts"), "deals|"

    def _rulesets(self, part: str, after: str) -> Fetched:
        """Score properties, then the scoring tool's definitions where the account shows its API."""
        if part != "scores":
            return self._land(self._schema("contacts").body, object="properties"), "scores|"
        try:
            reply = self._api.scores(after)
        except (Refused, Rejected) as error:
            return self._land(b'{"results":[]}', object="scores", unread=_reason(error)), None
        return self._land(reply.body, object="scores"), _next(reply, part)

    # --- lists -------------------------------------------------------------------------------------------------------

    def _lists(self, part: str, after: str) -> Fetched:
        """A search names the lists, a second call brings their filters."""
        reply = wire.parse(self._api.lists(int(after or 0)).body)
        listed = {wire.id_of(one, "listId"): one.get("additionalProperties") or {} for one in wire.rows(reply, "lists")}
        context = {"listed": write_json(listed), **self._exclusions()}
        body = self._api.lists_with_filters(list(listed)).body if listed else b'{"lists":[]}'
        context |= holes.context(self._holes_among_lists(list(listed), wire.parse(body)))
        following = f"|{wire.id_of(reply, 'offset')}" if wire.more(reply) else None
        return self._land(body, **context), following

    def leaves_out(self, key: str) -> bool:
        """Whether some email or workflow leaves out the members of this list."""
        return key in self._exclusions().get("excluded", "").split(",")

    def left_out(self, connection: str) -> tuple[list[str], list[Finding]]:
        """Lists whose members some email or workflow leaves out now, and what of that could not be told."""
        with self._lock:
            self._excluded, self._unresolved = None, {}
        found = self._exclusions()
        keys = [key for key in found.get("excluded", "").split(",") if key]
        return keys, list(self._unknown(connection, found))

    def _unknown(self, connection: str, found: Mapping[str, str]) -> Iterator[Finding]:
        if "exclusions_unread" in found:
            params = {"reason": found["exclusions_unread"]}
            yield Finding("exclusions_unread", Severity.WARN, connection, params)
        for email, lists in self._unresolved.items():
            subject = f"{connection}/{Kind.ASSET}/email/{email}"
            yield from (
                Finding("exclusion_list_unresolved", Severity.WARN, subject, {"list": one}) for one in sorted(lists)
            )

    def _exclusions(self) -> Mapping[str, str]:
        """Lists whose members some email or workflow leaves out. Asked for once."""
        with self._lock:
            if self._excluded is None:
                try:
                    self._excluded = {"excluded": ",".join(sorted(self._lists_left_out()))}
                except (Refused, Rejected, holes.Unanswered) as error:
                    self._excluded = {"exclusions_unread": _reason(error)}
            return self._excluded

    def _lists_left_out(self) -> set[str]:
        """Lists that emails and workflows leave out by name, and those that the lists of their audiences leave out."""
        by_role: dict[str, set[str]] = {}
        for one in self._all_references():
            if one.kind is Kind.LIST:
                by_role.setdefault(one.role, set()).add(one.key)
        excluded = set().union(*(by_role.get(role, set()) for role in _LEAVES_OUT))
        enrolled = by_role.get("enrolment", set()) - by_role.get("suppression", set())
        return excluded | set(self._left_out_by(by_role.get("audience", set()) | enrolled))

    def _left_out_by(self, audience: Iterable[str]) -> Iterator[str]:
        """Lists whose members the filters of these lists leave out, and of lists that they are made of."""
        seen: set[str] = set()
        waiting = set(audience)
        while waiting:
            part = sorted(waiting)[:_AT_ONCE]
            seen.update(part)
            data = wire.parse(self._api.lists_with_filters(part).body)
            if missing := holes.unread(self._holes_among_lists(part, data)):
                raise holes.Unanswered("list", missing)
            for one in wire.rows(data, "lists"):
                for listed, left_out in references.lists_asked(one.get("filterBranch")):
                    if left_out:
                        yield listed
                    else:
                        waiting.add(listed)
            waiting -= seen

    def _holes_among_lists(self, asked: Sequence[str], data: wire.Json) -> holes.Holes:
        """Lists come without errors: what a search does not find any more was deleted, anything else is a hole."""
        missing = holes.of(asked, (wire.id_of(one, "listId") for one in wire.rows(data, "lists")), data)
        if not missing:
            return missing
        found = wire.rows(wire.parse(self._api.lists_by_id(list(missing)).body), "lists")
        there = {wire.id_of(one, "listId") for one in found}
        return {id: reason if id in there else holes.GONE for id, reason in missing.items()}

    def _all_references(self) -> Iterator[Reference]:
        for page in pages(self._api.emails):
            emails = wire.rows(page)
            legacy = self._legacy(emails)
            for email in emails:
                if lost := set(references.legacy_lists(email, "exclude")) - set(legacy):
                    self._unresolved[wire.text(email, "id")] = lost
                yield from references.in_email(email, legacy)
        for page in pages(self._api.flows):
            for flow in self._whole(page):
                yield from references.in_flow(flow)

    def _legacy(self, emails: Sequence[wire.Json]) -> dict[str, str]:
        """Today's ids of old list ids; those that cannot be told are left out and reported with their email."""
        old = unique(
            key for email in emails for side in ("include", "exclude") for key in references.legacy_lists(email, side)
        )
        if not old:
            return {}
        try:
            found = wire.parse(self._api.list_ids(old).body).get("legacyListIdsToIdsMapping") or ()
        except (Refused, Rejected):
            return {}
        return {wire.text(one, "legacyListId"): wire.text(one, "listId") for one in found}

    def lists_of_people(self) -> list[str]:
        """Ids of all lists of people, in order of number. Asked for once."""
        with self._lock:
            if self._listed is None:
                self._listed = list(self._all_lists())
            keys = [wire.id_of(one, "listId") for one in self._listed if wire.text(one, "objectTypeId") == _PEOPLE]
            return sorted(keys, key=lambda key: (len(key), key))

    def _all_lists(self) -> Iterator[wire.Json]:
        offset, more = 0, True
        while more:
            data = wire.parse(self._api.lists(offset).body)
            yield from wire.rows(data, "lists")
            before, offset, more = offset, shapes.whole(data, "offset"), wire.more(data)
            if more and offset <= before:
                raise Unreadable("its pages do not go on")

    # --- assets, automation, campaigns -------------------------------------------------------------------------------

    def _assets(self, part: str, after: str) -> Fetched:
        order = list(ASSET_KEYS)
        part = part or order[0]
        if part == "emails":
            reply = self._api.emails(after)
            legacy = write_json(self._legacy(wire.rows(wire.parse(reply.body))))
            landed = self._land(reply.body, object=part, legacy=legacy, topics=self._topics())
        else:
            reply = self._asset_page(part, after)
            landed = self._land(reply.body, object=part)
        later = order[order.index(part) + 1 : order.index(part) + 2]
        return landed, _next(reply, part) or (f"{later[0]}|" if later else None)

    def _asset_page(self, part: str, after: str) -> Reply:
        if part == "forms":
            return self._api.forms(after)
        return self._api.files(after) if part == "files" else self._api.pages(part, after)

    def _workflows(self, part: str, after: str) -> Fetched:
        listed = self._api.flows(after)
        ids = [wire.text(one, "id") for one in wire.rows(wire.parse(listed.body))]
        if not ids:
            return self._land(b'{"results":[]}'), _next(listed, part)
        reply, missing = holes.filled(self._api.flows_whole, ids)
        return self._land(reply.body, **holes.context(missing)), _next(listed, part)

    def _whole(self, page: wire.Json) -> list[wire.Json]:
        """Whole workflows of a listing. Raises Unanswered: a deleted one, too, may have been the only one to leave out a list."""
        ids = [wire.text(one, "id") for one in wire.rows(page)]
        if not ids:
            return []
        reply, missing = holes.filled(self._api.flows_whole, ids)
        if missing:
            raise holes.Unanswered("workflow", missing)
        return wire.rows(wire.parse(reply.body))

    def _programs(self, part: str, after: str) -> Fetched:
        if part == "events":
            reply = self._api.marketing_events(after)
            return self._land(reply.body, object="events"), _next(reply, part)
        reply = self._api.campaigns(after, _CAMPAIGN)
        refused: dict[str, str] = {}
        held = {
            wire.text(one, "id"): self._held(wire.text(one, "id"), refused) for one in wire.rows(wire.parse(reply.body))
        }
        more = {"refused": write_json(refused)} if refused else {}
        landed = self._land(reply.body, object="campaigns", assets=write_json(held), **more)
        return landed, _next(reply, part) or "events|"

    def _held(self, campaign: str, refused: dict[str, str]) -> dict[str, list[str]]:
        """Assets of a campaign: one call a type. ``refused`` takes up the types that the account does not tell, and why."""
        found: dict[str, list[str]] = {}
        for kind in CAMPAIGN_ASSETS:
            try:
                told = list(pages(partial(self._api.campaign_assets, campaign, kind)))
            except Rejected as error:
                refused[kind] = error.code
                continue
            ids = unique(wire.text(one, "id") for page in told for one in wire.rows(page))
            if ids:
                found[kind] = ids
        return found


def _next(reply: Reply, part: str) -> str | None:
    following = wire.after(wire.parse(reply.body))
    return None if following is None else f"{part}|{following}"


def _reason(error: Refused | Rejected | holes.Unanswered) -> str:
    return error.reason if isinstance(error, Refused) else error.code
