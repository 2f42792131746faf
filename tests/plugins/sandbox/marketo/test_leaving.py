"""People who leave on Marketo's own pages: what the log says, and what stands then."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mamigrate_sandbox.marketo.leaving import FORM, leave


def create(api: Any, **fields: Any) -> int:
    return int(api.sync(fields, action="createDuplicate")[0]["id"])


def told(api: Any, type: int) -> list[dict[str, Any]]:
    return [
        {"lead": row["leadId"], **{one["name"]: one["value"] for one in row["attributes"]}} for row in api.log(type)
    ]


def test_a_click_on_an_unsubscribe_link_is_logged_as_the_persons_own(api: Any) -> None:
    id = create(api, email="a@x.io")
    leave(api.app, "A@x.io")
    assert api.lead(id, "unsubscribed")["unsubscribed"] is True
    assert [row["lead"] for row in told(api, 9)] == [id]
    assert [(row["New Value"], row["Source"]) for row in told(api, 13)] == [("true", FORM)]


def test_everybody_with_the_address_is_unsubscribed(api: Any) -> None:
    ids = [create(api, email="a@x.io") for _ in range(2)]
    leave(api.app, "a@x.io")
    assert [api.lead(id, "unsubscribed")["unsubscribed"] for id in ids] == [True, True]


def test_the_link_of_an_old_mail_outlives_the_people(api: Any) -> None:
    leave(api.app, "gone@x.io")
    assert api.lead(create(api, email="gone@x.io"), "unsubscribed")["unsubscribed"] is True


def test_a_field_is_left_alone_and_an_unknown_one_is_refused(api: Any) -> None:
    id = create(api, email="a@x.io")
    leave(api.app, "a@x.io", "marketingSuspended")
    row = api.lead(id, "marketingSuspended", "unsubscribed")
    assert (row["marketingSuspended"], row["unsubscribed"]) == (True, False)
    with pytest.raises(KeyError):
        leave(api.app, "a@x.io", "noSuchField")


def test_replies_carry_the_instances_own_time(api: Any) -> None:
    before = parsedate_to_datetime(api.raw("GET", "/rest/v1/activities/types.json").headers["Date"])
    api.clock.advance(86_400)
    after = parsedate_to_datetime(api.raw("GET", "/rest/v1/activities/types.json").headers["Date"])
    assert (after - before).total_seconds() >= 86_400
