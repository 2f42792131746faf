"""HubSpot's lists, read."""

from typing import Any

import orjson
import pytest

from mamigrate.contract import Landed
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan import estate
from mamigrate.plan.model import Bucket
from mamigrate_hubspot.read.estate import lists

HOLDERS: list[tuple[dict[str, Any], Kind | None]] = [
    ({}, Kind.PERSON),
    ({"objectTypeId": "0-1"}, Kind.PERSON),
    ({"objectTypeId": "0-2"}, Kind.ACCOUNT),
    ({"objectTypeId": "0-5"}, None),
    ({"objectTypeId": "2-4815162"}, None),
]


@pytest.mark.parametrize(("typed", "holder"), HOLDERS)
def test_only_lists_of_people_become_lists_of_people(typed: dict[str, Any], holder: Kind | None) -> None:
    """Tickets and custom objects have ids of their own: on the target they would be other people."""
    one = {"listId": "9", "name": "VIP", "processingType": "MANUAL", **typed}
    landed = Landed(orjson.dumps({"lists": [one]}), {})
    (row,) = lists("hs", orjson.loads(landed.body), landed.context).rows[Kind.LIST]
    assert row["holder"] == holder
    (planned,) = estate.lists([List.model_validate(row)], {}, can_write=True)
    assert planned.bucket is (Bucket.CREATED if holder is Kind.PERSON else Bucket.HANDED)
