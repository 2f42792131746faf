"""Who is on an active list: field tests are computed, tests on events are invented but always the same."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from mamigrate_sandbox.estates.scatter import below
from mamigrate_sandbox.estates.world import Condition, PeopleList, Person

_INVENTED = {"form": 0.05, "email": 0.12, "page": 0.04, "event": 0.03, "account": 0.06}


def is_member(a_list: PeopleList, person: Person, static: frozenset[str], today: datetime) -> bool:
    """``static`` are the keys of the static lists the person is on."""
    return any(all(_holds(test, person, static, today) for test in group) for group in a_list.any_of)


def static_keys(person: Person, lists: tuple[PeopleList, ...], seed: int) -> frozenset[str]:
    """Exclusion lists from the person's role; the others by their share."""
    chosen = (each.key for each in lists if not each.any_of and below(seed, person.number, each.key, each.share))
    return frozenset(person.exclusions).union(chosen) if person.archived is None else frozenset()


def _holds(test: Condition, person: Person, static: frozenset[str], today: datetime) -> bool:
    if test.family == "field":
        return _field(test, value_of(person, test.subject), today)
    if test.family == "list":
        return (test.subject in static) is (test.operator == "in")
    if test.family == "topic":
        wanted = test.operator == "wanted"
        return any(choice.topic == test.subject and choice.wanted is wanted for choice in person.choices)
    if test.family == "hard_bounce":
        return person.bounce is not None
    if test.subject == "99":
        return False
    happened = below(7, person.number, f"{test.family} {test.subject}", _INVENTED[test.family])
    return happened is not test.operator.startswith("not_")


def value_of(person: Person, key: str) -> str:
    """A field's text; ``stage``, ``email`` and ``created`` are fields too. Empty where nothing is set."""
    special: Mapping[str, str] = {
        "stage": person.stage,
        "email": person.address or "",
        "created": person.created.date().isoformat(),
    }
    return special[key] if key in special else person.values.get(key, "")


def _field(test: Condition, value: str, today: datetime) -> bool:
    match test.operator:
        case "known":
            return value != ""
        case "unknown":
            return value == ""
        case "any_of":
            return value in test.values
        case "none_of":
            return value not in test.values  # empty counts: includeObjectsWithNoValueSet is set for these
        case "contains_any":
            return any(option in test.values for option in value.split(";"))
        case "is_true":
            return value == "true"
        case "not_true":
            return value != "true"
        case "at_least" | "below" | "between_numbers":
            return _number(test, value)
        case "older_than_days" | "within_days" | "next_days" | "between" | "fiscal_year":
            return _day(test, value, today.date())
    return _text(test, value.lower())


def _text(test: Condition, value: str) -> bool:
    values = tuple(each.lower() for each in test.values)
    match test.operator:
        case "equals" | "any_of_text":
            return value in values
        case "none_of_text":
            return value not in values
        case "contains":
            return any(each in value for each in values) and value != ""
        case "starts":
            return value.startswith(values)
    raise ValueError(test.operator)


def _number(test: Condition, value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    if test.operator == "between_numbers":
        return float(test.values[0]) <= number <= float(test.values[1])
    return number >= test.number if test.operator == "at_least" else number < test.number


def _day(test: Condition, value: str, today: date) -> bool:
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return False
    if test.operator == "between":
        return test.values[0] <= day.isoformat() <= test.values[1]
    if test.operator == "fiscal_year":  # the fiscal year begins in April
        began = date(today.year if today.month >= 4 else today.year - 1, 4, 1)
        return began <= day < date(began.year + 1, 4, 1)
    span = timedelta(days=int(test.number))
    if test.operator == "older_than_days":
        return day < today - span
    return today - span <= day <= today if test.operator == "within_days" else today <= day <= today + span
