"""The worlds' tests as HubSpot list filters (HubSpot docs, "List filters": OR of ANDs, filters inside the ANDs)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.world import Condition, Field, PeopleList, Topic

Body = dict[str, Any]
_CONTACT = "0-1"


@dataclass(frozen=True, slots=True)
class Filters:
    """Knows the fields' types, the lists' ids and the topics' numbers."""

    fields: Mapping[str, Field]
    lists: Mapping[str, PeopleList]
    topics: Mapping[str, Topic]

    def branch(self, any_of: tuple[tuple[Condition, ...], ...]) -> Body:
        groups = [self._and(group) for group in any_of] or [_branch("AND")]
        return _branch("OR", children=groups)

    def _and(self, group: tuple[Condition, ...]) -> Body:
        special = [self._special(test) for test in group if test.family in ("event", "account")]
        return _branch(
            "AND", [self._filter(test) for test in group if test.family not in ("event", "account")], special
        )

    def _special(self, test: Condition) -> Body:
        if test.family == "event":
            return {
                **_branch("UNIFIED_EVENTS"),
                "filterBranchOperator": "AND",
                "eventTypeId": test.subject,
                "operator": "HAS_COMPLETED",
            }
        operation = {
            "operationType": "ENUMERATION",
            "operator": "IS_ANY_OF",
            "values": list(test.values),
            "includeObjectsWithNoValueSet": False,
        }
        rank = {"filterType": "PROPERTY", "property": names.property_name(test.subject), "operation": operation}
        return {
            **_branch("ASSOCIATION", [rank]), "filterBranchOperator": "AND", "objectTypeId": "0-2", "operator": "IN_LIST",
            "associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED",
        }  # fmt: skip

    def _filter(self, test: Condition) -> Body:
        match test.family:
            case "field":
                return {
                    "filterType": "PROPERTY",
                    "property": names.property_name(test.subject),
                    "operation": self._operation(test),
                }
            case "list":
                known = self.lists.get(test.subject)
                number = str(known.number) if known else names.DELETED_LIST
                return {
                    "filterType": "IN_LIST",
                    "listId": number,
                    "operator": "IN_LIST" if test.operator == "in" else "NOT_IN_LIST",
                }
            case "form":
                return _form(test)
            case "email":
                return _email(test)
            case "page":
                part = "CONTAINS" if test.operator == "viewed_part" else "EQ"
                return {
                    "filterType": "PAGE_VIEW",
                    "pageUrl": test.subject,
                    "enableTracking": True,
                    "operator": f"HAS_PAGEVIEW_{part}",
                }
            case "topic":
                number = str(self.topics[test.subject].number)
                state = "OPT_IN" if test.operator == "wanted" else "OPT_OUT"
                return {
                    "filterType": "COMMUNICATION_SUBSCRIPTION",
                    "channel": "EMAIL",
                    "subscriptionType": "INDIVIDUAL_SUBSCRIPTION",
                    "subscriptionIds": [number],
                    "acceptedOptStates": [state],
                }
            case "hard_bounce":
                return {
                    "filterType": "EMAIL_SUBSCRIPTION",
                    "subscriptionIds": [],
                    "acceptedStatuses": ["BOUNCED"],
                    "subscriptionType": "HARDBOUNCE",
                }
        raise ValueError(test.family)

    def _operation(self, test: Condition) -> Body:
        field = self.fields.get(test.subject)
        if test.operator in ("known", "unknown"):
            return _op("ALL_PROPERTY", f"IS_{test.operator.upper()}")
        if test.operator in ("is_true", "not_true"):
            yes = test.operator == "is_true"
            return _op("BOOL", "IS_EQUAL_TO" if yes else "IS_NOT_EQUAL_TO", no_value=not yes, value=True)
        if test.operator in ("any_of", "none_of", "contains_any"):
            values = [names.STAGES.get(value, value) if test.subject == "stage" else value for value in test.values]
            none = test.operator == "none_of"
            kind = "ENUMERATION" if names.is_enumeration(field, test.subject) else "MULTISTRING"
            words = ("IS_NONE_OF", "IS_ANY_OF") if kind == "ENUMERATION" else ("IS_NOT_EQUAL_TO", "IS_EQUAL_TO")
            return _op(kind, words[0] if none else words[1], no_value=none, values=values)
        return _number(test) or _time(test) or _text(test)


def _text(test: Condition) -> Body:
    word, no_value = {
        "equals": ("IS_EQUAL_TO", False),
        "any_of_text": ("IS_EQUAL_TO", False),
        "none_of_text": ("IS_NOT_EQUAL_TO", True),
        "contains": ("CONTAINS", False),
        "starts": ("STARTS_WITH", False),
    }[test.operator]
    if test.operator == "equals":
        return _op("STRING", word, value=test.values[0])
    return _op("MULTISTRING", word, no_value=no_value, values=list(test.values))


def _number(test: Condition) -> Body | None:
    if test.operator == "between_numbers":
        return _op("NUMBER_RANGED", "IS_BETWEEN", lowerBound=float(test.values[0]), upperBound=float(test.values[1]))
    word = {"at_least": "IS_GREATER_THAN_OR_EQUAL_TO", "below": "IS_LESS_THAN"}.get(test.operator)
    return _op("NUMBER", word, value=test.number) if word else None


def _time(test: Condition) -> Body | None:
    days = int(test.number)
    match test.operator:
        case "older_than_days":
            return _op(
                "TIME_POINT",
                "IS_BEFORE",
                type="TIME_POINT",
                timePoint=_indexed(-days),
                endpointBehavior="EXCLUSIVE",
                propertyParser="VALUE",
            )
        case "within_days":
            return _op(
                "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=days, requiresTimeZoneConversion=False
            )
        case "next_days":
            return _op(
                "TIME_RANGED", "IS_BETWEEN", type="TIME_RANGED", lowerBoundTimePoint=_indexed(0), upperBoundTimePoint=_indexed(days),
                lowerBoundEndpointBehavior="INCLUSIVE", upperBoundEndpointBehavior="INCLUSIVE", propertyParser="VALUE",
            )  # fmt: skip
        case "between":
            return _op(
                "TIME_RANGED", "IS_BETWEEN", type="TIME_RANGED", lowerBoundTimePoint=_dated(test.values[0]), upperBoundTimePoint=_dated(test.values[1]),
                lowerBoundEndpointBehavior="INCLUSIVE", upperBoundEndpointBehavior="INCLUSIVE", propertyParser="VALUE",
            )  # fmt: skip
        case "fiscal_year":
            return _op(
                "CALENDAR_DATE",
                "IN_THIS_TIME_UNIT",
                timeUnit="YEAR",
                timeUnitCount=1,
                useFiscalYear=True,
                fiscalYearStart="APRIL",
            )
    return None


def _indexed(days: int) -> Body:
    return {
        "timeType": "INDEXED",
        "timezoneSource": "PORTAL",
        "zoneId": "Asia/Tokyo",
        "indexReference": {"referenceType": "TODAY"},
        "offset": {"days": days},
    }


def _dated(day: str) -> Body:
    year, month, number = (int(part) for part in day.split("-"))
    return {
        "timeType": "DATE",
        "timezoneSource": "CUSTOM",
        "zoneId": "Asia/Tokyo",
        "year": year,
        "month": month,
        "day": number,
        "hour": 0,
        "minute": 0,
        "second": 0,
        "millisecond": 0,
    }


def _form(test: Condition) -> Body:
    body: Body = {
        "filterType": "FORM_SUBMISSION",
        "formId": names.guid("form", int(test.subject)),
        "operator": test.operator.upper().replace("FILLED", "FILLED_OUT"),
    }
    if test.number:
        body["coalescingRefineBy"] = {"type": "NUM_OCCURRENCES", "minOccurrences": int(test.number)}
    return body


def _email(test: Condition) -> Body:
    word = {"opened": "OPENED", "clicked": "LINK_CLICKED", "not_opened": "RECEIVED_BUT_NOT_OPENED"}[test.operator]
    body: Body = {
        "filterType": "EMAIL_EVENT",
        "appId": "0",
        "emailId": names.email_id(int(test.subject)),
        "level": "EMAIL_CAMPAIGN",
        "operator": word,
    }
    if test.number:
        offset = {"amount": int(test.number), "timeUnit": "DAYS", "offsetDirection": "PAST"}
        body["pruningRefineBy"] = {"type": "RELATIVE_COMPARATIVE", "comparison": "AFTER", "timeOffset": offset}
    return body


def _op(kind: str, operator: str, *, no_value: bool = False, **more: object) -> Body:
    return {"operationType": kind, "operator": operator, "includeObjectsWithNoValueSet": no_value, **more}


def _branch(kind: str, filters: list[Body] | None = None, children: list[Body] | None = None) -> Body:
    return {
        "filterBranchType": kind,
        "filterBranchOperator": kind,
        "filters": filters or [],
        "filterBranches": children or [],
    }
