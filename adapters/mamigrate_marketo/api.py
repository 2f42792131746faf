"""Marketo's endpoints: typed arguments in, parsed replies out. Paths stand here and nowhere else.

Source: Adobe's developer docs and API definitions (lead database, asset, identity).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mamigrate.http.call import Call, Reply
from mamigrate.http.session import Session
from mamigrate_marketo.settings import Options
from mamigrate_marketo.wire import Json, text

BATCH = 300
"""Records a write and values a filter."""
ASSETS = 200
"""Assets a page."""

Row = Mapping[str, Any]


def fetch_token(session: Session, options: Options) -> tuple[str, float]:
    """A token and the seconds it lives. Asked for early, Marketo answers with the same token again."""
    query = [
        ("grant_type", "client_credentials"),
        ("client_id", options.client_id),
        ("client_secret", options.client_secret.reveal()),
    ]
    data: Json = session.send(Call("GET", "/identity/oauth/token", query=query, anonymous=True)).data
    return text(data, "access_token"), float(data.get("expires_in") or 0)


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

    def leads(self, by: str, values: Sequence[str], fields: Sequence[str], token: str = "") -> Reply:
        return self._filter("/rest/v1/leads.json", by, values, fields, token)

    def objects(self, kind: str, by: str, values: Sequence[str], fields: Sequence[str], token: str = "") -> Reply:
        """``companies`` or ``opportunities``."""
        return self._filter("/rest/v1/{kind}.json", by, values, fields, token, {"kind": kind})

    def sync_leads(self, records: Sequence[Row], *, action: str, lookup: str, partition: str = "") -> Json:
        body: Json = {"action": action, "lookupField": lookup, "asyncProcessing": False, "input": list(records)}
        if partition:
            body["partitionName"] = partition
        return self._write("/rest/v1/leads.json", body, seconds=90.0)

    def sync_objects(self, kind: str, records: Sequence[Row], *, action: str = "createOrUpdate") -> Json:
        """``companies``, ``opportunities`` or ``opportunities/roles``, by their dedupe fields."""
        body: Json = {"action": action, "dedupeBy": "dedupeFields", "input": list(records)}
        return self._write(f"/rest/v1/{kind}.json", body, seconds=90.0)

    def delete_leads(self, ids: Sequence[int]) -> Json:
        return self._write("/rest/v1/leads/delete.json", {"input": [{"id": one} for one in ids]})

    # --- sending -----------------------------------------------------------------------------------------------------

    def _get(self, route: str, path: dict[str, str] | None = None, query: Sequence[tuple[str, str]] = ()) -> Reply:
        return self._session.send(Call("GET", route, path or {}, query))

    def _filter(
        self,
        route: str,
        by: str,
        values: Sequence[str],
        fields: Sequence[str],
        token: str,
        path: dict[str, str] | None = None,
    ) -> Reply:
        """A look-up with its query in a form body: 300 values do not fit into a URL of 8 KB."""
        form = [
            ("filterType", by),
            ("filterValues", ",".join(values)),
            ("fields", ",".join(fields)),
            ("batchSize", str(BATCH)),
            *([("nextPageToken", token)] if token else []),
        ]
        call = Call("POST", route, path or {}, [("_method", "GET")], form=form, seconds=90.0)
        return self._session.send(call)

    def _write(self, route: str, body: Json, seconds: float = 60.0) -> Json:
        data: Json = self._session.send(Call("POST", route, json=body, writes=True, seconds=seconds)).data
        return data


def size(record: Row) -> int:
    """Bytes of a record in a body; a body holds at most 1 MB."""
    return len(orjson.dumps(record))
