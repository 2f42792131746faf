"""The filter grammar of lists (HubSpot docs, "List filters"): is a branch well formed, and whom does it find?"""

import math
from collections.abc import Callable

from mamigrate_sandbox.hubspot import records
from mamigrate_sandbox.hubspot.kinds import ObjectType
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid
from mamigrate_sandbox.store import Body

Test = Callable[[Body], bool]
_NESTED = {"UNIFIED_EVENTS", "ASSOCIATION", "PROPERTY_ASSOCIATION", "AND", "OR", "NOT_ALL", "NOT_ANY", "RESTRICTED"}
_TEXT = {
    "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH",
    "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO", "HAS_EVER_CONTAINED", "HAS_NEVER_CONTAINED",
    "CONTAINS_EXACTLY", "DOES_NOT_CONTAIN_EXACTLY",
}  # fmt: skip
_EQUAL = {"IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO"}
_OPERATORS = {
    "ALL_PROPERTY": {"IS_KNOWN", "IS_UNKNOWN"},
    "STRING": _TEXT,
    "MULTISTRING": _TEXT,
    "NUMBER": _EQUAL
    | {"IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO", "IS_LESS_THAN", "IS_LESS_THAN_OR_EQUAL_TO"},
    "NUMBER_RANGED": {"IS_BETWEEN", "IS_NOT_BETWEEN"},
    "BOOL": _EQUAL,
    "ENUMERATION": {
        "IS_ANY_OF", "IS_NONE_OF", "IS_EXACTLY", "IS_NOT_EXACTLY", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL",
        "HAS_EVER_BEEN_ANY_OF", "HAS_NEVER_BEEN_ANY_OF", "HAS_EVER_BEEN_EXACTLY", "HAS_NEVER_BEEN_EXACTLY",
        "HAS_EVER_CONTAINED_ALL", "HAS_NEVER_CONTAINED_ALL",
    },
}  # fmt: skip
_TYPES = {
    "STRING": {"string", "phone_number"}, "MULTISTRING": {"string", "phone_number"}, "ENUMERATION": {"enumeration", "bool"},
    "BOOL": {"bool", "enumeration"}, "NUMBER": {"number"}, "NUMBER_RANGED": {"number"},
}  # fmt: skip


# --- well formed? -----------------------------------------------------------------------------------------------------


def check(portal: Portal, kind: ObjectType, root: Body) -> None:
    """Raises 400 for what a live account would not take."""
    if root.get("filterBranchType") != "OR" or root.get("filters"):
        raise _wrong("The root must be an OR branch without filters", "INVALID_FILTER_BRANCH")
    children = root.get("filterBranches") or []
    if not children or any(child.get("filterBranchType") != "AND" for child in children):
        raise _wrong("The root must have at least one AND branch and no others", "INVALID_FILTER_BRANCH")
    for child in children:
        _branch(portal, kind, child)


def _branch(portal: Portal, kind: ObjectType, branch: Body) -> None:
    for inner in branch.get("filterBranches") or []:
        type_ = inner.get("filterBranchType")
        if type_ not in _NESTED or type_ == "RESTRICTED":
            raise _wrong(f"Branch type {type_} cannot stand here", "INVALID_FILTER_BRANCH")
        if type_ == "PROPERTY_ASSOCIATION" and not portal.switches.property_association_branches:
            raise _wrong("PROPERTY_ASSOCIATION is not a branch type of v3", "ENUM_CONVERSION")
        if type_ in ("AND", "OR", "NOT_ALL", "NOT_ANY"):
            _branch(portal, kind, inner)
    for each in branch.get("filters") or []:
        _filter(portal, kind, each)


def _filter(portal: Portal, kind: ObjectType, row: Body) -> None:
    if row.get("filterType") == "IN_LIST" and portal.store.get("lists", str(row.get("listId"))) is None:
        raise _wrong(f"List {row.get('listId')} does not exist", "LIST_DOES_NOT_EXIST")
    if row.get("filterType") != "PROPERTY":
        return
    name, operation = str(row.get("property")), row.get("operation") or {}
    definition = records.known(portal, kind, [name]).get(name)
    if definition is None:
        raise _wrong(f"Property {name} does not exist", "PROPERTY_DOES_NOT_EXIST")
    type_, operator = str(operation.get("operationType")), str(operation.get("operator"))
    spared = operator == "IS_NOT_KNOWN" and portal.switches.is_not_known_accepted
    if operator not in _OPERATORS.get(type_, {operator}) and not spared:
        raise _wrong(f"{operator} is not an operator of {type_}", "ENUM_CONVERSION")
    if definition["type"] not in _TYPES.get(type_, {definition["type"]}):
        raise _wrong(
            f"{type_} does not fit property {name} of type {definition['type']}", "INVALID_OPERATION_FOR_PROPERTY_TYPE"
        )


def _wrong(message: str, sub: str) -> Refusal:
    return invalid(message, sub=f"ListError.{sub}")


# --- whom does it find? -----------------------------------------------------------------------------------------------


def test(portal: Portal, kind: ObjectType, branch: Body) -> Test | None:
    """A test of a record, or None when part of the branch cannot be decided from records alone."""
    parts = [test(portal, kind, inner) for inner in branch.get("filterBranches") or []]
    parts += [_decide(portal, each) for each in branch.get("filters") or []]
    if any(part is None for part in parts):
        return None
    tests = [part for part in parts if part is not None]
    type_ = branch.get("filterBranchType")
    if type_ == "AND":
        return lambda record: all(t(record) for t in tests)
    if type_ == "OR":
        return lambda record: any(t(record) for t in tests)
    if type_ in ("NOT_ALL", "NOT_ANY"):
        inner = all if type_ == "NOT_ALL" else any
        return lambda record: not inner(t(record) for t in tests)
    return None


def _decide(portal: Portal, row: Body) -> Test | None:
    if row.get("filterType") == "IN_LIST" and not row.get("metadata"):
        members = {record for record, _ in portal.store.links("membership", str(row.get("listId")))}
        return lambda record: (record["id"] in members) == (row.get("operator") == "IN_LIST")
    if row.get("filterType") != "PROPERTY":
        return None
    operation = row["operation"]
    inner = _operation(str(operation.get("operationType")), str(operation.get("operator")), operation)
    if inner is None:
        return None
    unset = bool(operation.get("includeObjectsWithNoValueSet"))
    name, empty_matters = str(row["property"]), operation.get("operationType") == "ALL_PROPERTY"

    def holds(record: Body) -> bool:
        value = record["properties"].get(name) or ""
        return inner(value) if value or empty_matters else unset

    return holds


def _operation(type_: str, operator: str, operation: Body) -> Callable[[str], bool] | None:
    if type_ == "ALL_PROPERTY":
        return lambda value: bool(value) == (operator == "IS_KNOWN")
    wanted = [str(v).lower() for v in operation.get("values") or [operation.get("value", "")]]
    if type_ in ("STRING", "MULTISTRING", "BOOL"):
        return _text(operator, wanted)
    if type_ == "ENUMERATION":
        return _choice(operator, set(wanted))
    if type_ == "NUMBER":
        return _number(operator, float(wanted[0]))
    if type_ == "NUMBER_RANGED":
        low, high = float(operation["lowerBound"]), float(operation["upperBound"])
        return lambda value: (low <= _figure(value) <= high) == (operator == "IS_BETWEEN")
    return None


def _text(operator: str, wanted: list[str]) -> Callable[[str], bool] | None:
    tests: dict[str, Callable[[str], bool]] = {
        "IS_EQUAL_TO": lambda value: value.lower() in wanted,
        "IS_NOT_EQUAL_TO": lambda value: value.lower() not in wanted,
        "CONTAINS": lambda value: any(part in value.lower() for part in wanted),
        "DOES_NOT_CONTAIN": lambda value: not any(part in value.lower() for part in wanted),
        "STARTS_WITH": lambda value: value.lower().startswith(tuple(wanted)),
        "ENDS_WITH": lambda value: value.lower().endswith(tuple(wanted)),
    }
    return tests.get(operator)


def _choice(operator: str, wanted: set[str]) -> Callable[[str], bool] | None:
    def chosen(value: str) -> set[str]:
        return {part for part in value.lower().split(";") if part}

    tests: dict[str, Callable[[str], bool]] = {
        "IS_ANY_OF": lambda value: bool(chosen(value) & wanted),
        "IS_NONE_OF": lambda value: not chosen(value) & wanted,
        "IS_EXACTLY": lambda value: chosen(value) == wanted,
        "IS_NOT_EXACTLY": lambda value: chosen(value) != wanted,
        "CONTAINS_ALL": lambda value: wanted <= chosen(value),
        "DOES_NOT_CONTAIN_ALL": lambda value: not wanted <= chosen(value),
    }
    return tests.get(operator)


def _number(operator: str, wanted: float) -> Callable[[str], bool] | None:
    tests: dict[str, Callable[[str], bool]] = {
        "IS_EQUAL_TO": lambda value: _figure(value) == wanted,
        "IS_NOT_EQUAL_TO": lambda value: _figure(value) != wanted,
        "IS_GREATER_THAN": lambda value: _figure(value) > wanted,
        "IS_GREATER_THAN_OR_EQUAL_TO": lambda value: _figure(value) >= wanted,
        "IS_LESS_THAN": lambda value: _figure(value) < wanted,
        "IS_LESS_THAN_OR_EQUAL_TO": lambda value: _figure(value) <= wanted,
    }
    return tests.get(operator)


def _figure(value: str) -> float:
    """No number equals, exceeds or falls short of a value that is none."""
    try:
        return float(value)
    except ValueError:
        return math.nan
