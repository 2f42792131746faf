"""What platforms allow, by which routes the program goes, and what a platform deletes by itself, as the adapters say it."""

from collections.abc import Iterator
from typing import Any

from listings.adapters import found
from listings.table import code, table
from mamigrate.contract import Connection, Secret
from mamigrate.contract.limits import AtOnce, Daily, Limit, Queue, Rolling
from mamigrate.contract.routes import Bounded, Route


def limits() -> str:
    """As they are for a connection that sets no option but those that it must."""
    head = ("limit", "allows", "counts", "where it stands")
    return _each(head, lambda adapter: (_limit(one) for one in adapter.bounds(_plain(adapter)).limits))


def routes() -> str:
    head = ("kind", "power", "route", "records a call", "costs", "taken")
    return _each(head, lambda adapter: (_route(one) for one in adapter.routes))


def retention() -> str:
    head = ("what", "is deleted after", "where it stands")
    return _each(head, lambda one: ((code(row.what), f"{row.keeps.days} days", row.source) for row in one.retention))


def _each(head: tuple[str, ...], rows: Any) -> str:
    return "\n\n".join(f"### {one.title}\n\n{table(head, rows(one))}" for one in found() if isinstance(one, Bounded))


def _plain(adapter: Any) -> Connection:
    given = {one.name: one.default or "true" for one in adapter.settings if one.required and not one.secret}
    secrets = {one.name: Secret("-") for one in adapter.settings if one.secret}
    return Connection("-", adapter.name, "http://127.0.0.1:1", "UTC", given, secrets)


def _limit(one: Limit) -> tuple[str, ...]:
    counts = f"calls that name `{one.scope}`" if one.scope else "every call"
    match one:
        case Rolling():
            says = f"{one.most:,} in any {one.seconds:,.0f} s"
        case AtOnce():
            says = f"{one.most:,} under way"
        case Daily():
            says = f"{one.most:,} {one.unit} from midnight to midnight in {one.zone}"
        case Queue():
            says, counts = f"{one.executing} under way, {one.queued} with those that wait", f"jobs of `{one.scope}`"
    return code(one.name), says, counts, one.source


def _route(one: Route) -> tuple[str, ...]:
    name = f"{one.name} ({one.part})" if one.part else one.name
    return code(one.kind.value), one.power.value, name, str(one.batch or ""), "; ".join(_costs(one)), _taken(one)


def _costs(one: Route) -> Iterator[str]:
    if one.job:
        yield f"jobs of {one.job.calls} calls"
    if one.job and one.job.bytes:
        yield f"{one.job.bytes:,} bytes a job"
    if one.job and one.job.days:
        yield f"{one.job.days} days a job"
    if one.first:
        yield f"{one.first} calls at first"
    if one.more:
        yield f"{one.more:g} more for each"
    if one.record_bytes:
        yield f"about {one.record_bytes} bytes a record"


def _taken(one: Route) -> str:
    """Whether it may be chosen, and why not."""
    because = [f"not written yet: {one.unwritten}"] if one.unwritten else []
    return "; ".join([*because, *([one.unfit] if one.unfit else [])]) or "yes"
