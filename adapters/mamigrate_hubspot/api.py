"""HubSpot's endpoints: typed arguments in, replies out. Paths and their versions stand here and nowhere else.

Sources: HubSpot's public API specifications and docs, by area: "CRM objects", "CRM search", "Properties", "Owners",
"Pipelines", "Subscription preferences v4", "Email subscriptions timeline (legacy)", "Lists", "Workflows v4",
"Marketing emails", "Email analytics (legacy)", "Forms", "Get submissions for a form", "CMS pages", "Files", "Campaigns",
"Marketing events", "Account information".
"""

from collections.abc import Sequence

from mamigrate.http.call import Call, Reply
from mamigrate.http.session import Session
from mamigrate_hubspot.wire import Json

Query = list[tuple[str, str]]

PAGE = 100
"""Records a page or batch of the CRM objects."""
SEARCH_PAGE = 200
SEARCH_CAP = 10_000
LONGEST_URL = 8_000
"""Characters of a URL that every gateway on the way accepts; longer ones are answered with 414."""

_SUBSCRIPTIONS = "/communication-preferences/v4"


class Api:
    """The calls that the adapter makes. All but those that deny read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- account -------------------------------------------------------------------------------------------------

    def account(self) -> Reply:
        return self._get("/account-info/v3/details")

    def usage(self) -> Reply:
        return self._get("/account-info/v3/api-usage/daily/private-apps")

    # --- schema --------------------------------------------------------------------------------------------------

    def properties(self, kind: str) -> Reply:
        return self._get("/crm/v3/properties/{object}", {"object": kind})

    def property(self, kind: str, name: str) -> Reply:
        return self._get("/crm/v3/properties/{object}/{name}", {"object": kind, "name": name})

    def pipelines(self, kind: str) -> Reply:
        return self._get("/crm/v3/pipelines/{object}", {"object": kind})

    def owners(self, after: str, *, archived: bool) -> Reply:
        return self._get("/crm/v3/owners", query=[*_page(after), *_archived(archived)])

    def scores(self, after: str) -> Reply:
        return self._get("/marketing/lead-scoring/2026-09-beta/scores", query=_page(after))

    # --- records -------------------------------------------------------------------------------------------------

    def objects(
        self, kind: str, after: str, *, archived: bool, properties: Sequence[str], associations: Sequence[str] = ()
    ) -> Reply:
        return self._session.send(self.objects_call(kind, after, archived, properties, associations))

    def objects_call(
        self, kind: str, after: str, archived: bool, properties: Sequence[str], associations: Sequence[str]
    ) -> Call:
        query = [*_page(after), *_archived(archived), ("properties", ",".join(properties))]
        if associations:
            query.append(("associations", ",".join(associations)))
        return Call("GET", "/crm/v3/objects/{object}", {"object": kind}, query)

    def batch(
        self,
        kind: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        archived: bool = False,
        by: str = "",
        history: Sequence[str] = (),
    ) -> Reply:
        """At most 100 records by id, or by the unique property ``by``; 50 with ``history``, former values of properties.

        Missing ones are errors of a 207 reply.
        """
        body: Json = {"inputs": [{"id": one} for one in ids], "properties": list(properties)}
        body["propertiesWithHistory"] = list(history)
        if by:
            body["idProperty"] = by
        return self._post("/crm/v3/objects/{object}/batch/read", {"object": kind}, body, _archived(archived))

    def search(self, kind: str, body: Json) -> Reply:
        return self._post("/crm/v3/objects/{object}/search", {"object": kind}, body, scopes=("search",))

    def associations(self, kind: str, other: str, ids: Sequence[str]) -> Reply:
        body: Json = {"inputs": [{"id": one} for one in ids]}
        return self._post("/crm/v4/associations/{from}/{to}/batch/read", {"from": kind, "to": other}, body)

    # --- consent -------------------------------------------------------------------------------------------------

    def definitions(self) -> Reply:
        return self._get(f"{_SUBSCRIPTIONS}/definitions")

    def statuses(self, address: str) -> Reply:
        return self._get(f"{_SUBSCRIPTIONS}/statuses/{{address}}", {"address": address}, [("channel", "EMAIL")])

    def wide(self, address: str) -> Reply:
        route = f"{_SUBSCRIPTIONS}/statuses/{{address}}/unsubscribe-all"
        return self._get(route, {"address": address}, [("channel", "EMAIL")])

    def statuses_batch(self, addresses: Sequence[str]) -> Reply:
        route = f"{_SUBSCRIPTIONS}/statuses/batch/read"
        return self._post(route, {}, {"inputs": list(addresses)}, [("channel", "EMAIL")])

    def wide_batch(self, addresses: Sequence[str]) -> Reply:
        route = f"{_SUBSCRIPTIONS}/statuses/batch/unsubscribe-all/read"
        return self._post(route, {}, {"inputs": list(addresses)}, [("channel", "EMAIL")])

    def timeline(self, offset: str, since: int | None = None) -> Reply:
        """``since`` in milliseconds."""
        begin = [] if since is None else [("startTimestamp", str(since))]
        query = [("limit", "1000"), *begin, *([("offset", offset)] if offset else [])]
        return self._get("/email/public/v1/subscriptions/timeline", query=query)

    # --- denials: the only calls that write. None of them can subscribe anybody. -------------------------------------

    def leave_all(self, address: str) -> Json:
        route = f"{_SUBSCRIPTIONS}/statuses/{{address}}/unsubscribe-all"
        return self._deny(route, {"address": address}, None, [("channel", "EMAIL"), ("verbose", "true")])

    def leave_all_batch(self, addresses: Sequence[str]) -> Json:
        route = f"{_SUBSCRIPTIONS}/statuses/batch/unsubscribe-all"
        return self._deny(route, {}, {"inputs": list(addresses)}, [("channel", "EMAIL"), ("verbose", "true")])

    def leave(self, address: str, topic: str, explanation: str) -> Json:
        route = f"{_SUBSCRIPTIONS}/statuses/{{address}}"
        return self._deny(route, {"address": address}, _left(topic, explanation))

    def leave_nothing(self) -> Reply:
        """A denial without a type, of an address that no mail reaches (RFC 2606): whoever may write is told that it is bad."""
        path = {"address": "nobody@mamigrate.invalid"}
        return self._session.send(Call("POST", f"{_SUBSCRIPTIONS}/statuses/{{address}}", path, json={}))

    def leave_batch(self, denials: Sequence[tuple[str, str, str]]) -> Json:
        """(address, topic, explanation) of each."""
        inputs = [{"subscriberIdString": who, **_left(topic, why)} for who, topic, why in denials]
        return self._deny(f"{_SUBSCRIPTIONS}/statuses/batch/write", {}, {"inputs": inputs})

    def _deny(self, route: str, path: dict[str, str], body: Json | None, query: Sequence[tuple[str, str]] = ()) -> Json:
        data: Json = self._session.send(Call("POST", route, path, query, json=body, writes=True)).data
        return data

    # --- lists ---------------------------------------------------------------------------------------------------

    def lists(self, offset: int) -> Reply:
        names = ["hs_list_size", "hs_folder_name"]
        body: Json = {"offset": offset, "count": PAGE, "additionalProperties": names, "processingTypes": []}
        return self._post("/crm/v3/lists/search", {}, body)

    def lists_with_filters(self, ids: Sequence[str]) -> Reply:
        query = [*(("listIds", one) for one in ids), ("includeFilters", "true")]
        return self._get("/crm/v3/lists", query=query)

    def lists_by_id(self, ids: Sequence[str]) -> Reply:
        """Which of at most 100 lists there are; deleted ones are not found."""
        return self._post("/crm/v3/lists/search", {}, {"listIds": list(ids), "offset": 0, "count": PAGE})

    def list_ids(self, legacy: Sequence[str]) -> Reply:
        """Today's ids of list ids of the first API; announced to end, so it may be refused."""
        return self._session.send(Call("POST", "/crm/v3/lists/idmapping", json=list(legacy)))

    def members(self, list_id: str, after: str) -> Reply:
        query = [("limit", "250"), *([("after", after)] if after else [])]
        return self._get("/crm/v3/lists/{list}/memberships", {"list": list_id}, query)

    # --- automation and assets -----------------------------------------------------------------------------------

    def flows(self, after: str) -> Reply:
        return self._get("/automation/v4/flows", query=_page(after))

    def flows_whole(self, ids: Sequence[str]) -> Reply:
        body: Json = {"inputs": [{"flowId": one, "type": "FLOW_ID"} for one in ids]}
        return self._post("/automation/v4/flows/batch/read", {}, body)

    def emails(self, after: str) -> Reply:
        return self._get("/marketing/v3/emails", query=_page(after))

    def email_statistics(self, until: str) -> Reply:
        """Sums over every marketing email since the account began; times in ISO 8601 only."""
        span = [("startTimestamp", "2006-01-01T00:00:00Z"), ("endTimestamp", until)]
        return self._get("/marketing/v3/emails/statistics/list", query=span)

    def forms(self, after: str) -> Reply:
        return self._get("/marketing/v3/forms", query=[*_page(after), ("formTypes", "all")])

    def pages(self, kind: str, after: str) -> Reply:
        return self._get("/cms/v3/pages/{kind}", {"kind": kind}, _page(after))

    def files(self, after: str) -> Reply:
        return self._get("/files/v3/files/search", query=_page(after))

    def campaigns(self, after: str, properties: Sequence[str]) -> Reply:
        query = [*_page(after), *([("properties", ",".join(properties))] if properties else [])]
        return self._get("/marketing/v3/campaigns", query=query)

    def campaign_assets(self, campaign: str, kind: str, after: str) -> Reply:
        route = "/marketing/v3/campaigns/{campaign}/assets/{kind}"
        return self._get(route, {"campaign": campaign, "kind": kind}, _page(after))

    def marketing_events(self, after: str) -> Reply:
        return self._get("/marketing/marketing-events/v3", query=_page(after))

    # --- history -------------------------------------------------------------------------------------------------

    def email_events(self, offset: str, until: int) -> Reply:
        """Since the account began, ``until`` in milliseconds: without bounds the vendor may choose its own."""
        span = [("startTimestamp", "0"), ("endTimestamp", str(until))]
        query = [("limit", "1000"), *span, *([("offset", offset)] if offset else [])]
        return self._get("/email/public/v1/events", query=query)

    def email_campaign(self, id: str, app: str) -> Reply:
        return self._get("/email/public/v1/campaigns/{campaign}", {"campaign": id}, [("appId", app)])

    def submissions(self, form: str, after: str) -> Reply:
        query = [("limit", "50"), *([("after", after)] if after else [])]
        return self._get("/form-integrations/v1/submissions/forms/{form}", {"form": form}, query)

    def former_values(self, names: Sequence[str], after: str) -> Reply:
        """Contacts with all former values of these properties: 50 a page. (HubSpot docs, "Property history")"""
        query = [("limit", "50"), ("properties", "hs_object_id"), ("propertiesWithHistory", ",".join(names))]
        return self._get(
            "/crm/v3/objects/{object}", {"object": "contacts"}, [*query, *([("after", after)] if after else [])]
        )

    def participations(self, event: str, after: str) -> Reply:
        route = "/marketing/v3/marketing-events/participations/{event}/breakdown"
        return self._get(route, {"event": event}, _page(after))

    # --- sending -------------------------------------------------------------------------------------------------

    def _get(self, route: str, path: dict[str, str] | None = None, query: Sequence[tuple[str, str]] = ()) -> Reply:
        return self._session.send(Call("GET", route, path or {}, query))

    def _post(
        self,
        route: str,
        path: dict[str, str],
        body: Json,
        query: Sequence[tuple[str, str]] = (),
        scopes: tuple[str, ...] = (),
    ) -> Reply:
        return self._session.send(Call("POST", route, path, query, json=body, scopes=scopes))


def _left(topic: str, explanation: str) -> Json:
    told = {"legalBasisExplanation": explanation} if explanation else {}
    return {"subscriptionId": int(topic), "statusState": "UNSUBSCRIBED", "channel": "EMAIL", **told}


def _page(after: str) -> Query:
    return [("limit", str(PAGE)), *([("after", after)] if after else [])]


def _archived(archived: bool) -> Query:
    return [("archived", "true")] if archived else []
