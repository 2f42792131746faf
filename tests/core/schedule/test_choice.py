"""Which route is taken: the quickest of those that are written, fit and permitted."""

from dataclasses import replace
from datetime import UTC, datetime

from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.contract.limits import Bounds, Daily, Queue, Rolling
from mamigrate.contract.routes import Job, Route
from mamigrate.model.kinds import Kind
from mamigrate.schedule.choice import Chooser, Other
from mamigrate.schedule.room import Side

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CALLS = Route(Kind.PERSON, Power.WRITE, "calls", 300, needs=("write",))
JOBS = Route(
    Kind.PERSON, Power.WRITE, "jobs", job=Job(6, 300.0, bytes=10_000_000), record_bytes=700, counts_as=("bulk",)
)
ROWS = Capabilities((Capability(Kind.PERSON, Power.WRITE, Level.FULL),))
SIDE = Side("s", Bounds((Rolling("window", 45, 20.0), Daily("a day", 1_000), Queue("queue", 2, 10, "bulk"))))


def chooser(*routes: Route, rows: Capabilities = ROWS) -> Chooser:
    return Chooser(SIDE, routes, rows, NOON)


def test_few_records_go_in_calls_and_many_in_jobs() -> None:
    by = chooser(CALLS, JOBS)
    few, many = by.choose(Kind.PERSON, Power.WRITE, 3_000), by.choose(Kind.PERSON, Power.WRITE, 1_000_000)
    assert (few.route, few.calls) == (CALLS, 10)
    assert (many.route, many.calls) == (JOBS, 70 * 6)
    assert [one.why for one in (*few.others, *many.others)] == ["slower", "slower"]


def test_what_is_unwritten_unfit_or_not_permitted_is_never_taken_and_says_why() -> None:
    for route, why, says in (
        (replace(JOBS, unwritten="later"), "unwritten", "later"),
        (replace(JOBS, unfit="loses ids"), "unfit", "loses ids"),
        (replace(JOBS, needs=("bulk",)), "not_permitted", "bulk"),
    ):
        by = replace(chooser(CALLS, route), granted=lambda one: one != "bulk")
        chosen = by.choose(Kind.PERSON, Power.WRITE, 1_000_000)
        assert (chosen.route, chosen.others) == (CALLS, (Other("jobs", why, says),))


def test_the_capability_row_is_the_truth() -> None:
    no = Capabilities((Capability(Kind.PERSON, Power.WRITE, Level.NOT_WRITTEN, "a source only"),))
    chosen = chooser(CALLS, rows=no).choose(Kind.PERSON, Power.WRITE, 10)
    assert (chosen.route, chosen.others) == (None, (Other("calls", "unwritten", "a source only"),))


def test_of_equally_quick_routes_the_one_with_fewer_calls_is_taken() -> None:
    small = replace(CALLS, name="small", batch=100)
    assert chooser(small, CALLS).choose(Kind.PERSON, Power.WRITE, 0).route is small
    assert chooser(small, CALLS).choose(Kind.PERSON, Power.WRITE, 3_000).route is CALLS
