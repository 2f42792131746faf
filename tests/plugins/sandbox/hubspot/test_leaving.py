"""People who leave on HubSpot's own pages: what their statuses and the timeline say then."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.hubspot.leaving import BY_THE_PERSON, leave

Call = Callable[..., TestResponse]
V4, OLD = "/communication-preferences/v4/statuses", "/email/public/v1/subscriptions"


def results(answer: TestResponse) -> Any:
    return (answer.json or {})["results"]


def test_leaving_everything_reads_as_such_and_by_the_person(app: flask.Flask, call: Call) -> None:
    leave(app, "Ana@example.com")
    (wide,) = results(call(f"GET {V4}/ana@example.com/unsubscribe-all?channel=EMAIL"))
    assert wide["wideStatusType"] == "PORTAL_WIDE"
    rows = results(call(f"GET {V4}/ana@example.com?channel=EMAIL"))
    assert {(row["status"], row["source"]) for row in rows} == {("UNSUBSCRIBED", BY_THE_PERSON)}


def test_leaving_a_type_leaves_no_other(app: flask.Flask, call: Call) -> None:
    leave(app, "ana@example.com", "9001")
    rows = results(call(f"GET {V4}/ana@example.com?channel=EMAIL"))
    assert [row["subscriptionId"] for row in rows if row["status"] == "UNSUBSCRIBED"] == [9001]
    (entry,) = (call(f"GET {OLD}/timeline").json or {})["timeline"]
    assert (entry["recipient"], entry["changes"][0]["source"]) == ("ana@example.com", BY_THE_PERSON)


def test_a_type_that_is_not_there_is_refused(app: flask.Flask) -> None:
    with pytest.raises(KeyError):
        leave(app, "ana@example.com", "4711")


def test_replies_carry_the_portals_own_time(call: Call, clock: SandboxClock) -> None:
    before = parsedate_to_datetime(call("GET /account-info/v3/details").headers["Date"])
    clock.advance(86_400)
    after = parsedate_to_datetime(call("GET /account-info/v3/details").headers["Date"])
    assert (after - before).total_seconds() >= 86_400
