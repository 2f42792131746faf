"""Marketo's endpoints: typed arguments in, parsed replies out. Paths stand here and nowhere else.

Source: Adobe's developer docs and API definitions (lead database, asset, identity).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mamigrate.http.call import Call, Reply
from mamigrate.http.session import Session
from mamigrate.http.shapes import id_of, whole
from mamigrate_marketo.settings import Options
from mamigrate_marketo.wire import Json

BATCH = 300
"""Records a write and values a filter."""
ASSETS = 200
"""Assets a page."""
DEEPEST = 20
"""Levels of folders that are looked through."""

Row = Mapping[str, Any]
Records = Sequence[Row] | orjson.Fragment
"""Records of a body, or the list of them as JSON."""


def fetch_token(session: Session, options: Options) -> tuple[str, float]:
    """A token and the seconds it lives. Asked for early, Marketo answers with the same token again."""
    query = [
        ("grant_type", "client_credentials"),
        ("client_id", options.client_id),
        ("client_secret", options.client_secret.reveal()),
    ]
    data: Json = session.send(Call("GET", "/identity/oauth/token", query=query, anonymous=True)).data
    return id_of(data, "access_token"), float(whole(data, "expires_in"))


class Api:
    """The calls that the adapter makes. Methods named after a verb of writing write; the others read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- schema ------------------------------------------------------------------------------------------------------

    def describe_leads(self) -> Reply:
        return self._get("/rest/v1/leads/describe2.json")

    def describe(self, kind: str) -> Reply:
        """``companies`` or ``opportunities``."""
        return self._get("/rest/v1/{kind}/describe.json", {"kind": kind})

    def lead_fields(self, token: str) -> Reply:
        query = [("batchSize", str(BATCH)), *([("nextPageToken", token)] if token else [])]
        return self._get("/rest/v1/leads/schema/fields.json", query=query)

    def create_fields(self, fields: Sequence[Row]) -> Json:
        return self._write("/rest/v1/leads/schema/fields.json", {"input": list(fields)})

    # --- records -----------------------------------------------------------------------------------------------------

    def look_up(self, kind: str, by: str, values: Sequence[str], fields: Sequence[str], token: str = "") -> Reply:
        """``leads``, ``companies`` or ``opportunities``. The query goes as a form: 300 values exceed a URL of 8 KB."""
        return self._look_up("/rest/v1/{kind}.json", {"kind": kind}, by, values, fields, token)

    def roles(self, deals: Sequence[str], token: str = "") -> Reply:
        """Who takes part in these opportunities. Refused (1018) while a CRM is linked natively."""
        key = "externalOpportunityId"
        return self._look_up("/rest/v1/opportunities/roles.json", {}, key, deals, [key, "leadId"], token)

    def _look_up(
        self, route: str, path: dict[str, str], by: str, values: Sequence[str], fields: Sequence[str], token: str
    ) -> Reply:
        form = [
            ("filterType", by),
            ("filterValues", ",".join(values)),
            ("fields", ",".join(fields)),
            ("batchSize", str(BATCH)),
            *([("nextPageToken", token)] if token else []),
        ]
        return self._session.send(Call("POST", route, path, [("_method", "GET")], form=form, seconds=90.0))

    def sync_leads(self, records: Records, *, action: str, lookup: str, partition: str = "") -> Json:
        body: Json = {"action": action, "lookupField": lookup, "asyncProcessing": False, "input": records}
        if partition:
            body["partitionName"] = partition
        return self._write("/rest/v1/leads.json", body, seconds=90.0)

    def sync_objects(self, kind: str, records: Records, *, action: str = "createOrUpdate") -> Json:
        """``companies``, ``opportunities`` or ``opportunities/roles``, by their dedupe fields."""
        body: Json = {"action": action, "dedupeBy": "dedupeFields", "input": records}
        return self._write(f"/rest/v1/{kind}.json", body, seconds=90.0)

    def delete_leads(self, ids: Sequence[int]) -> Json:
        return self._write("/rest/v1/leads/delete.json", {"input": [{"id": one} for one in ids]})

    def add_to_list(self, list_id: str, leads: Sequence[int]) -> Json:
        body: Json = {"input": [{"id": one} for one in leads]}
        return self._write("/rest/v1/lists/{list}/leads.json", body, path={"list": list_id})

    def members(self, list_id: str, token: str = "") -> Reply:
        """A page of a static list's people, by id. (Adobe's developer docs, "Static lists")"""
        query = [("fields", "id"), ("batchSize", str(BATCH)), *([("nextPageToken", token)] if token else [])]
        return self._get("/rest/v1/lists/{list}/leads.json", {"list": list_id}, query)

    # --- what happened ---------------------------------------------------------------------------------------------------

    def paging_token(self, since: str) -> Reply:
        """A token for what happened since then, in ISO 8601. (Adobe's developer docs, "Paging tokens")"""
        return self._get("/rest/v1/activities/pagingtoken.json", query=[("sinceDatetime", since)])

    def activities(self, token: str, types: Sequence[int], leads: Sequence[str] = ()) -> Reply:
        """At most 10 types; of at most 30 people where ``leads`` are named. There is always a next token; ``moreResult`` says
        whether to go on.
        """
        query = [("nextPageToken", token), ("activityTypeIds", ",".join(map(str, types)))]
        return self._get("/rest/v1/activities.json", query=[*query, *_leads(leads)])

    def activity_types(self) -> Reply:
        """The vendor's own, and custom ones that are approved."""
        return self._get("/rest/v1/activities/types.json")

    def custom_types(self) -> Reply:
        """Custom ones, drafts too."""
        return self._get("/rest/v1/activities/external/types.json")

    def custom_type(self, name: str, *, draft: bool = False) -> Reply:
        query = [("draft", "true")] if draft else []
        return self._get("/rest/v1/activities/external/type/{name}/describe.json", {"name": name}, query)

    def create_type(self, definition: Json) -> Json:
        return self._write("/rest/v1/activities/external/type.json", definition)

    def create_attributes(self, name: str, attributes: Sequence[Json]) -> Json:
        route = "/rest/v1/activities/external/type/{name}/attributes/create.json"
        return self._write(route, {"attributes": list(attributes)}, path={"name": name})

    def approve_type(self, name: str) -> Json:
        return self._write("/rest/v1/activities/external/type/{name}/approve.json", {}, path={"name": name})

    def add_activities(self, records: Records) -> Json:
        """Written once: there is no key, no change and no deletion. (Adobe's developer docs, "Custom activities")"""
        return self._write("/rest/v1/activities/external.json", {"input": records}, seconds=90.0)

    def lead_changes(self, token: str, fields: Sequence[str], leads: Sequence[str] = ()) -> Reply:
        """New people, and changes of these fields; of at most 30 people where ``leads`` are named."""
        query = [("nextPageToken", token), ("fields", ",".join(fields))]
        return self._get("/rest/v1/activities/leadchanges.json", query=[*query, *_leads(leads)])

    def deleted_leads(self, token: str) -> Reply:
        """Kept for 14 days."""
        return self._get("/rest/v1/activities/deletedleads.json", query=[("nextPageToken", token)])

    # --- assets ------------------------------------------------------------------------------------------------------

    def assets(self, kind: str, offset: int, **query: str) -> Reply:
        """A page of ``staticLists``, ``smartLists``, ``smartCampaigns``, ``programs``, ``channels``, ``emails`` ..."""
        paged = [("offset", str(offset)), ("maxReturn", str(ASSETS)), *query.items()]
        return self._get("/rest/asset/v1/{kind}.json", {"kind": kind}, paged)

    def rules(self, kind: str, asset: str) -> Reply:
        """The smart list of a ``smartList`` or ``smartCampaign`` with its rules."""
        suffix = "/smartList" if kind == "smartCampaign" else ""
        route = f"/rest/asset/v1/{{kind}}/{{id}}{suffix}.json"
        return self._get(route, {"kind": kind, "id": asset}, [("includeRules", "true")])

    def asset_by_name(self, kind: str, name: str) -> Reply:
        return self._get("/rest/asset/v1/{kind}/byName.json", {"kind": kind}, [("name", name)])

    def create_list(self, name: str, folder: int, description: str = "") -> Json:
        return self._write_form("/rest/asset/v1/staticLists.json", name, "folder", folder, description)

    def create_folder(self, name: str, parent: int, description: str = "") -> Json:
        return self._write_form("/rest/asset/v1/folders.json", name, "parent", parent, description)

    # --- programs ----------------------------------------------------------------------------------------------------

    def folders(self, root: int, offset: int) -> Reply:
        """Folders below a root, the root included. (Adobe's developer docs, "Folders")"""
        below = [("root", f'{{"id":{root},"type":"Folder"}}'), ("maxDepth", str(DEEPEST))]
        return self._get("/rest/asset/v1/folders.json", query=[*below, ("offset", str(offset)), ("maxReturn", "200")])

    def tag_type(self, name: str) -> Reply:
        return self._get("/rest/asset/v1/tagType/byName.json", query=[("name", name)])

    def create_program(self, form: Sequence[tuple[str, str]]) -> Json:
        return self._form("/rest/asset/v1/programs.json", form)

    def update_program(self, program: str, form: Sequence[tuple[str, str]]) -> Json:
        return self._form("/rest/asset/v1/program/{id}.json", form, {"id": program})

    def delete_program(self, program: str) -> Json:
        return self._form("/rest/asset/v1/program/{id}/delete.json", (), {"id": program})

    def inside_program(self, program: str) -> Reply:
        """What a program holds, as the folder that it also is."""
        return self._get("/rest/asset/v1/folder/{id}/content.json", {"id": program}, [("type", "Program")])

    def member_fields(self, token: str = "") -> Reply:
        query = [("batchSize", str(BATCH)), *([("nextPageToken", token)] if token else [])]
        return self._get("/rest/v1/programs/members/schema/fields.json", query=query)

    def create_member_fields(self, fields: Sequence[Row]) -> Json:
        return self._write("/rest/v1/programs/members/schema/fields.json", {"input": list(fields)})

    def program_members(
        self, program: str, by: str, values: Sequence[str], fields: Sequence[str], token: str = ""
    ) -> Reply:
        """Members by ``statusName`` (refused with 1003 above 100,000 members) or ``leadId``."""
        query = [("filterType", by), ("filterValues", ",".join(values)), ("fields", ",".join(fields))]
        query += [("batchSize", str(BATCH)), *([("nextPageToken", token)] if token else [])]
        return self._get("/rest/v1/programs/{program}/members.json", {"program": program}, query)

    def people_of_program(self, program: str, token: str = "") -> Reply:
        """Everybody in a program, however many. (Adobe's developer docs, "Leads")"""
        query = [("fields", "id"), ("batchSize", str(BATCH)), *([("nextPageToken", token)] if token else [])]
        return self._get("/rest/v1/leads/programs/{program}.json", {"program": program}, query)

    def set_status(self, program: str, status: str, leads: Sequence[int]) -> Json:
        """Forward only: who is there or further is skipped (1037)."""
        body: Json = {"statusName": status, "input": [{"leadId": one} for one in leads]}
        return self._write("/rest/v1/programs/{program}/members/status.json", body, path={"program": program})

    def set_member_data(self, program: str, records: Records) -> Json:
        route = "/rest/v1/programs/{program}/members.json"
        return self._write(route, {"input": records}, path={"program": program})

    # --- permissions -------------------------------------------------------------------------------------------------

    def nothing(self, route: str) -> Reply:
        """A batch without a record to a route that takes batches: it writes nothing, so it may be sent again."""
        return self._session.send(Call("POST", f"/rest/v1/{route}.json", json={"input": []}))

    def no_list(self) -> Reply:
        """A list without a name and a folder, which no instance makes."""
        return self._session.send(Call("POST", "/rest/asset/v1/staticLists.json", form=[("name", "")]))

    # --- account -----------------------------------------------------------------------------------------------------

    def usage(self) -> Reply:
        """Calls of today by all users. (Adobe's developer docs, "Usage")"""
        return self._get("/rest/v1/stats/usage.json")

    # --- sending -----------------------------------------------------------------------------------------------------

    def _get(self, route: str, path: dict[str, str] | None = None, query: Sequence[tuple[str, str]] = ()) -> Reply:
        return self._session.send(Call("GET", route, path or {}, query))

    def _write(self, route: str, body: Json, *, seconds: float = 60.0, path: dict[str, str] | None = None) -> Json:
        call = Call("POST", route, path or {}, json=body, writes=True, seconds=seconds)
        data: Json = self._session.send(call).data
        return data

    def _write_form(self, route: str, name: str, place: str, folder: int, description: str) -> Json:
        """Asset writes are forms, with the folder as JSON in a field."""
        form = [("name", name), (place, folder_json(folder))]
        if description:
            form.append(("description", description))
        return self._form(route, form)

    def _form(self, route: str, form: Sequence[tuple[str, str]], path: dict[str, str] | None = None) -> Json:
        call = Call("POST", route, path or {}, form=list(form), writes=True, seconds=300.0)
        data: Json = self._session.send(call).data
        return data


def folder_json(id: int) -> str:
    return f'{{"id":{id},"type":"Folder"}}'


def _leads(leads: Sequence[str]) -> list[tuple[str, str]]:
    return [("leadIds", ",".join(leads))] if leads else []
