"""One incoming call: its parameters and body, read as Marketo reads them."""

import re
from collections.abc import Sequence
from typing import Any

import orjson
from flask import request

from mamigrate_sandbox.marketo import paging
from mamigrate_sandbox.marketo.envelope import Refused
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

_FOLDER = re.compile(r"""['"]?(id|type)['"]?\s*:\s*['"]?(\w+)""")


class Call:
    """Parameters come from the query and from a form body; the form wins."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._params = {**request.args.to_dict(), **request.form.to_dict()}

    def text(self, name: str) -> str | None:
        value = self._params.get(name)
        return value if value not in (None, "") else None

    def has(self, name: str) -> bool:
        return name in self._params

    def raw(self, name: str) -> str | None:
        """The parameter even where it is empty (an empty text clears a description)."""
        return self._params.get(name)

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise Refused("1002", f"Missing value for '{name}'")
        return value

    def flag(self, name: str) -> bool:
        return (self.text(name) or "").lower() == "true"

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.lstrip("-").isdigit():
            raise Refused("1001", f"Invalid value '{value}'. Required of type 'integer'")
        return int(value)

    def many(self, name: str, at_most: int | None = None) -> list[str]:
        """A comma-separated list; repeated parameters add up."""
        given = [*request.args.getlist(name), *request.form.getlist(name)]
        values = [part.strip() for one in given for part in one.split(",") if part.strip()]
        if at_most is not None and len(values) > at_most:
            raise Refused("1003", f"Too many values for '{name}': at most {at_most}")
        return values

    def ids(self, name: str, at_most: int | None = None) -> list[int]:
        values = self.many(name, at_most)
        if bad := [value for value in values if not value.isdigit()]:
            raise Refused("1001", f"Invalid value '{bad[0]}'. Required of type 'integer'")
        return [int(value) for value in values]

    def json(self, at_least: str | None = None) -> Body:
        """The JSON body. 609 when it does not parse, 612 for another content type, 1002 when ``at_least`` is missing."""
        if "json" not in (request.content_type or ""):
            raise Refused("612", "Invalid Content Type")
        try:
            body = orjson.loads(request.get_data())
        except orjson.JSONDecodeError:
            raise Refused("609", "Invalid JSON") from None
        if not isinstance(body, dict):
            raise Refused("609", "Invalid JSON")
        if at_least is not None and at_least not in body:
            raise Refused("1002", f"Missing value for required parameter '{at_least}'")
        return body

    def records(self, body: Body, at_most: int = 300, key: str = "input") -> list[Body]:
        """The records of a batch. 1003 above the limit, 1002 when there are none."""
        rows = body.get(key)
        if not isinstance(rows, list) or not rows:
            raise Refused("1002", f"Missing value for required parameter '{key}'")
        if len(rows) > at_most:
            raise Refused("1003", f"The number of records exceeds the limit of {at_most}")
        if not all(isinstance(row, dict) for row in rows):
            raise Refused("609", "Invalid JSON")
        return rows

    def lead_ids(self) -> list[int]:
        """Ids of a list operation: ``?id=5&id=6`` or ``{"input": [{"id": 5}]}``, at most 300."""
        if self.has("id"):
            return self.ids("id", 300)
        rows = self.records(self.json("input"))
        return [as_id(row.get("id")) for row in rows]

    def size(self, most: int = 300) -> int:
        return max(1, min(self.number("batchSize", most), most))

    def page(self) -> tuple[int, int]:
        """``offset`` and ``maxReturn`` of the asset API: 20 unless told, at most 200."""
        size = self.number("maxReturn", 20)
        if not 1 <= size <= 200:
            raise Refused("1003", "maxReturn must be between 1 and 200")
        return max(0, self.number("offset", 0)), size

    def folder(self, name: str) -> tuple[int, str] | None:
        """``{"id": 12, "type": "Folder"}``, also with single quotes or none, as clients in the field send it."""
        value = self.text(name)
        if value is None:
            return None
        if value.isdigit():
            return int(value), "Folder"
        found = dict(_FOLDER.findall(value))
        if not found.get("id", "").isdigit():
            raise Refused("701", f"{name} must be a JSON object with id and type")
        return int(found["id"]), found.get("type", "Folder").capitalize()

    def structure(self, name: str) -> Any:
        """A parameter that is JSON text, or None. 701 when it does not parse."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            try:
                return orjson.loads(value.replace("'", '"'))
            except orjson.JSONDecodeError:
                raise Refused("701", f"{name} is not valid JSON") from None

    def slice(self, rows: Sequence[Any], most: int = 300) -> tuple[list[Any], str | None]:
        """A page of a list in memory, and the token of the next one."""
        start = int(paging.decode(self.text("nextPageToken")).get("at", 0))
        size = self.size(most)
        following = paging.encode({"at": start + size}) if start + size < len(rows) else None
        return list(rows[start : start + size]), following


def as_id(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isdigit():
        return int(value)
    raise Refused("1001", f"Invalid value '{value}'. Required of type 'integer'")
