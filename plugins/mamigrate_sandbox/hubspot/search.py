"""/crm/v3/objects/{type}/search (HubSpot docs, "CRM search"): groups are OR, filters AND, 10,000 results at most."""

import fnmatch
import operator as operators
import re
from collections.abc import Callable, Iterator
from typing import Any

from mamigrate_sandbox.hubspot import records, ties, values
from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import Portal, moment, paged
from mamigrate_sandbox.hubspot.records import View
from mamigrate_sandbox.hubspot.refusals import invalid, unbound
from mamigrate_sandbox.store import Body

CEILING, PAGE, GROUPS, FILTERS, ALL_FILTERS, QUERY = 10_000, 200, 5, 6, 18, 3_000
Test = Callable[[Body], bool]
_ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    "LT": operators.lt,
    "LTE": operators.le,
    "GT": operators.gt,
    "GTE": operators.ge,
}
_OPERATORS = {"EQ", "NEQ", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"} | set(_ORDERED)  # fmt: skip


def run(portal: Portal, kind: ObjectType, body: Body) -> Body:
    """One page of results. Raises 400 beyond the limits of a search."""
    limit, start = _whole(body, "limit", 10), _whole(body, "after", 0)
    if not 0 <= limit <= PAGE:
        raise invalid(f"limit must be between 0 and {PAGE}, it was {limit}")
    if start + min(limit, 1) > CEILING or start > CEILING - 1:
        raise invalid(f"The maximum offset of a search is {CEILING}; after was {start}")
    tests = _groups(portal, kind, body)
    found = [record for record in indexed(portal, kind, _floor(body)) if tests(record)]
    found = _sorted(portal, kind, found, body.get("sorts") or [])
    end = min(start + limit, CEILING)
    view = View(body.get("properties") or ())
    rows = [records.show(portal, kind, record, view) for record in found[start:end]]
    return paged(rows, str(end) if end < len(found) else None, total=len(found))


def indexed(portal: Portal, kind: ObjectType, after: int = -1) -> Iterator[Body]:
    """Live records as the index knows them, which is a little late."""
    behind = portal.lag.behind(kind.kind)
    for record in records.walk(portal, kind, after, archived=False):
        shown = behind.pop(record["id"], record)
        if shown is not None:
            yield shown
    yield from (old for id, old in behind.items() if old and not old.get("archived") and int(id) > after)


def _floor(body: Body) -> int:
    """When every group asks for ids above a number, there is no need to look below."""
    floors = []
    for group in body.get("filterGroups") or []:
        above = [
            int(f["value"])
            for f in group.get("filters", [])
            if f.get("propertyName") == "hs_object_id" and f.get("operator") == "GT" and str(f.get("value")).isdigit()
        ]
        floors.append(max(above, default=-1))
    return min(floors, default=-1)


def _whole(body: Body, name: str, default: int) -> int:
    value = body.get(name)
    if value in (None, ""):
        return default
    if not str(value).isdigit():
        raise invalid(f"{name} is not a number: {value}")
    return int(str(value))


# --- filters ----------------------------------------------------------------------------------------------------------


def _groups(portal: Portal, kind: ObjectType, body: Body) -> Test:
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
    if body.get("filters"):
        groups.append(body["filters"])
    if len(groups) > GROUPS or any(len(g) > FILTERS for g in groups) or sum(map(len, groups)) > ALL_FILTERS:
        raise invalid(f"A search takes {GROUPS} groups of {FILTERS} filters, {ALL_FILTERS} filters in all")
    tests = [[_filter(portal, kind, each) for each in group] for group in groups]
    text = _query(kind, str(body.get("query") or ""))
    return lambda record: (not tests or any(all(t(record) for t in group) for group in tests)) and text(record)


def _query(kind: ObjectType, query: str) -> Test:
    if len(query) > QUERY:
        raise invalid(f"query may have {QUERY} characters, it has {len(query)}")
    parts = query.lower().split()

    def holds(record: Body) -> bool:
        texts = [(record["properties"].get(name) or "").lower() for name in kind.searched]
        return all(any(part in text for text in texts) for part in parts)

    return holds


def _filter(portal: Portal, kind: ObjectType, row: Body) -> Test:
    name, operator = str(row.get("propertyName", "")), str(row.get("operator", ""))
    if operator not in _OPERATORS:
        raise unbound(f"Enum type must be one of: [{', '.join(sorted(_OPERATORS))}], it was {operator}")
    if name.startswith("associations."):
        return _associated(portal, kind, name.partition(".")[2], operator, row)
    definition = records.known(portal, kind, [name]).get(name)
    if definition is None and records.described(portal, kind):
        raise invalid(f"There was a problem with the request. Property {name} does not exist", sub="UNKNOWN_PROPERTY")
    read = _reader(kind, name)
    return _test(portal, read, operator, row, definition or {"type": "string"})


def _associated(portal: Portal, kind: ObjectType, word: str, operator: str, row: Body) -> Test:
    other = resolve(word)
    wanted = {str(each) for each in (row.get("values") or [row.get("value")])}

    def holds(record: Body) -> bool:
        ends = {end for end, _ in ties.tied(portal, kind, record["id"], other)}
        if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            return bool(ends) == (operator == "HAS_PROPERTY")
        return bool(ends & wanted) == (operator in ("EQ", "IN"))

    return holds


def _reader(kind: ObjectType, name: str) -> Callable[[Body], str]:
    if name in ("hs_object_id", kind.created, kind.modified):
        return lambda record: records.system(kind, record)[name]
    return lambda record: record["properties"].get(name) or ""


def _test(portal: Portal, read: Callable[[Body], str], operator: str, row: Body, definition: Body) -> Test:
    switches, cast = portal.switches, _cast(definition)
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda record: bool(read(record)) == (operator == "HAS_PROPERTY")
    if operator in _ORDERED or operator == "BETWEEN":
        return _ordered(read, operator, row, cast)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        inner = _tokens(read, str(row.get("value") or ""))
    elif operator in ("EQ", "NEQ"):
        inner = _equal(read, cast(str(_given(row, "value"))), cast)
    else:
        inner = _within(read, _given(row, "values"), definition, cast, lower=switches.search_in_lower_case)
    if operator in ("EQ", "IN", "CONTAINS_TOKEN"):
        return inner
    return lambda record: not inner(record) and (bool(read(record)) or switches.search_neq_matches_unset)


def _equal(read: Callable[[Body], str], wanted: Any, cast: Callable[[str], Any]) -> Test:
    return lambda record: bool(read(record)) and cast(read(record)) == wanted


def _ordered(read: Callable[[Body], str], operator: str, row: Body, cast: Callable[[str], Any]) -> Test:
    low = cast(str(_given(row, "value")))
    if operator == "BETWEEN":
        high = cast(str(_given(row, "highValue")))
        return lambda record: bool(read(record)) and low <= cast(read(record)) <= high
    compare = _ORDERED[operator]
    return lambda record: bool(read(record)) and bool(compare(cast(read(record)), low))


def _within(
    read: Callable[[Body], str], wanted: list[Any], definition: Body, cast: Callable[[str], Any], *, lower: bool
) -> Test:
    if definition["type"] == "string" and lower:
        exact = {str(each) for each in wanted}
        return lambda record: read(record).lower() in exact
    if definition.get("fieldType") == "checkbox":
        chosen = {str(each).lower() for each in wanted}
        return lambda record: bool(chosen & set(read(record).lower().split(";")))
    cast_values = {cast(str(each)) for each in wanted}
    return lambda record: bool(read(record)) and cast(read(record)) in cast_values


def _tokens(read: Callable[[Body], str], pattern: str) -> Test:
    pattern = pattern.lower()

    def holds(record: Body) -> bool:
        text = read(record).lower()
        return any(fnmatch.fnmatchcase(token, pattern) for token in [text, *re.split(r"[\W_]+", text)] if token)

    return holds


def _given(row: Body, name: str) -> Any:
    if row.get(name) in (None, ""):
        raise invalid(f"operator {row['operator']} requires a {name}")
    return row[name]


def _cast(definition: Body) -> Callable[[str], Any]:
    """How values of a type compare. Times are given in milliseconds and kept as ISO text."""
    if definition["type"] == "number":
        return _float
    if definition["type"] in ("date", "datetime"):
        return _time
    return str.lower


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid(f"{text} is not a number") from None


def _time(text: str) -> float:
    if text.lstrip("-").isdigit():
        return int(text) / 1000
    try:
        return moment(values.settle({"type": "datetime"}, text, None)).timestamp()
    except values.Wrong as wrong:
        raise invalid(wrong.sentence) from wrong


# --- order ------------------------------------------------------------------------------------------------------------


def _sorted(portal: Portal, kind: ObjectType, found: list[Body], sorts: list[Any]) -> list[Body]:
    found.sort(key=lambda record: int(record["id"]))
    if len(sorts) > 1:
        raise invalid("A search takes one sort")
    for sort in sorts:
        name = str(sort.get("propertyName")) if isinstance(sort, dict) else str(sort).lstrip("-")
        down = sort.get("direction") == "DESCENDING" if isinstance(sort, dict) else str(sort).startswith("-")
        definition = records.known(portal, kind, [name]).get(name, {"type": "string"})
        read, cast = _reader(kind, name), _cast(definition)
        have = [record for record in found if read(record)]
        have.sort(key=lambda record: cast(read(record)), reverse=down)
        found = have + [record for record in found if not read(record)]
    return found
