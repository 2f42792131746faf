"""The worlds' journeys as HubSpot automation flows (HubSpot docs, "Workflows v4": actions by id, edges by id)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.hubspot_filters import Filters
from mamigrate_sandbox.estates.world import Condition, Journey, PeopleList, Step, Topic

Body = dict[str, Any]
_OBJECT = {"person": "0-1", "account": "0-2", "opportunity": "0-3"}
_EVENTS = {"form": "4-1639801", "open": "4-666440", "click": "4-666288", "page": "4-96000"}


@dataclass(frozen=True, slots=True)
class Flows:
    """Builds a flow's JSON; ``lists`` and ``topics`` resolve what steps name."""

    filters: Filters
    lists: Mapping[str, PeopleList]
    topics: Mapping[str, Topic]

    def flow(self, journey: Journey, made: datetime) -> Body:
        person = journey.about == "person"
        body: Body = {
            "id": str(journey.number),
            "uuid": names.guid("flow", journey.number),
            "type": "CONTACT_FLOW" if person else "PLATFORM_FLOW",
            "flowType": "WORKFLOW",
            "name": journey.name,
            "description": "",
            "objectTypeId": _OBJECT[journey.about],
            "isEnabled": journey.enabled,
            "revisionId": str(1 + journey.number % 9),
            "createdAt": names.iso(made),
            "updatedAt": names.iso(made),
            "nextAvailableActionId": str(len(journey.steps) + 1),
            "actions": [self._action(at + 1, step) for at, step in enumerate(journey.steps)],
            "enrollmentCriteria": self._enrolment(journey),
            "timeWindows": _office_hours() if journey.number % 3 == 0 else [],
            "blockedDates": [{"month": "JANUARY", "dayOfMonth": day, "year": made.year + 1} for day in (1, 2, 3)]
            if journey.number % 5 == 0
            else [],
            "customProperties": {},
            "dataSources": [],
            "crmObjectCreationStatus": "COMPLETE",
        }
        if journey.steps:
            body["startActionId"] = "1"
        return body | (self._of_people(journey) if person else {"suppressionFilterBranch": self.filters.branch(())})

    def _of_people(self, journey: Journey) -> Body:
        goal: tuple[tuple[Condition, ...], ...] = ((Condition("field", "stage", "any_of", ("MQL",)),),)
        return {
            "suppressionListIds": [self.lists[key].number for key in journey.held_back],
            "goalFilterBranch": self.filters.branch(goal)
            if journey.family == "journey" and journey.number % 2
            else None,
            "eventAnchor": {"type": "CONTACT_PROPERTY_ANCHOR", "contactProperty": "kosei_kigen"}
            if journey.steps and journey.steps[0].kind == "wait_for_date"
            else None,
            "unEnrollmentSetting": {"type": "ALL" if journey.number % 4 == 0 else "NONE", "flowIds": []},
            "canEnrollFromSalesforce": journey.number % 7 == 0,
            "enrollmentSchedule": {"type": "WEEKLY", "timeOfDay": {"hour": 9, "minute": 0}, "daysOfWeek": ["MONDAY"]}
            if journey.number % 11 == 0
            else None,
        }

    def _enrolment(self, journey: Journey) -> Body:
        again = journey.family in ("scoring", "lifecycle")
        if journey.on:
            return {
                "type": "EVENT_BASED",
                "shouldReEnroll": again,
                "eventFilterBranches": [self._event(*journey.on)],
                "listMembershipFilterBranches": [],
            }
        if not journey.start:
            return {"type": "MANUAL", "shouldReEnroll": again}
        return {
            "type": "LIST_BASED", "shouldReEnroll": again, "unEnrollObjectsNotMeetingCriteria": journey.number % 2 == 0,
            "listFilterBranch": self.filters.branch(journey.start), "reEnrollmentTriggersFilterBranches": [],
        }  # fmt: skip

    def _event(self, kind: str, what: str) -> Body:
        inside = {
            "form": ("hs_form_id", names.guid("form", int(what)) if what.isdigit() else what),
            "open": ("hs_email_content_id", what),
            "click": ("hs_email_content_id", what),
            "page": ("hs_url", what),
        }.get(kind)
        value = {
            "operationType": "STRING",
            "operator": "IS_EQUAL_TO",
            "includeObjectsWithNoValueSet": False,
            "value": inside[1] if inside else "",
        }
        filters = [{"filterType": "PROPERTY", "property": inside[0], "operation": value}] if inside else []
        return {
            "filterBranchType": "UNIFIED_EVENTS", "filterBranchOperator": "AND", "operator": "HAS_COMPLETED",
            "eventTypeId": _EVENTS.get(kind, what), "filters": filters, "filterBranches": [],
        }  # fmt: skip

    def _action(self, number: int, step: Step) -> Body:
        base: Body = {"actionId": str(number)}
        links = [
            {"edgeType": "GOTO" if to + 1 <= number else "STANDARD", "nextActionId": str(to + 1)} for to in step.then
        ]
        match step.kind:
            case "branch":
                return base | self._list_branch(step, links)
            case "choose":
                return base | _static_branch(step, links)
            case "split":
                return base | {
                    "type": "AB_TEST_BRANCH",
                    "testBranches": [{"percentage": 50, "connection": link} for link in links[:2]],
                }
            case "code":
                inputs = [{"name": "value", "value": _property_value(step.values[0])}]
                body: Body = {
                    "type": "CUSTOM_CODE",
                    "runtime": "NODE20X",
                    "sourceCode": step.what,
                    "secretNames": [],
                    "inputFields": inputs,
                    "outputFields": [{"name": "value", "type": "STRING"}],
                }
            case "webhook":
                body = {
                    "type": "WEBHOOK",
                    "method": "POST",
                    "webhookUrl": step.what,
                    "queryParams": [],
                    "authSettings": {"type": "SIGNATURE", "appId": 1120},
                }
            case _:
                kind, version, fields = self._single(step)
                body = {
                    "type": "SINGLE_CONNECTION",
                    "actionTypeVersion": version,
                    "actionTypeId": kind,
                    "fields": fields,
                }
        return base | body | ({"connection": links[0]} if links else {})

    def _list_branch(self, step: Step, links: list[Body]) -> Body:
        tests: tuple[Condition, ...] = (
            (Condition("list", step.what, "in"),)
            if step.what in self.lists
            else (Condition("field", step.what, "known"),)
        )
        branches = [
            {"branchName": step.values[0], "filterBranch": self.filters.branch((tests,)), "connection": links[0]}
        ]
        return {
            "type": "LIST_BRANCH",
            "listBranches": branches,
            "defaultBranchName": "その他",
            "defaultBranch": links[1],
        }

    def _single(self, step: Step) -> tuple[str, int, Body]:
        """(action type, version, fields); action types from HubSpot docs, "Workflow actions"."""
        what, values = step.what, step.values
        match step.kind:
            case "send":
                return "0-4", 0, {"content_id": names.email_id(int(what))}
            case "wait":
                return "0-1", 0, {"delta": what, "time_unit": "MINUTES"}
            case "wait_until_open":
                return (
                    "0-29",
                    0,
                    {
                        "event_filter_branches": [self._event("open", names.email_id(int(what)))],
                        "expiration_minutes": values[0],
                    },
                )
            case "wait_for_date":
                return (
                    "0-35",
                    0,
                    {
                        "date": _property_value(what),
                        "delta": values[0],
                        "time_unit": "DAYS",
                        "time_of_day": {"hour": 9, "minute": 0},
                    },
                )
            case "set":
                value = names.STAGES[values[0]] if what == "stage" else values[0]
                return (
                    "0-5",
                    0,
                    {
                        "property_name": names.property_name(what),
                        "value": {"type": "STATIC_VALUE", "staticValue": value},
                    },
                )
            case "clear":
                return (
                    "0-5",
                    0,
                    {"property_name": names.property_name(what), "value": {"type": "STATIC_VALUE", "staticValue": ""}},
                )
            case "add":
                return (
                    "0-5",
                    0,
                    {
                        "property_name": names.property_name(what),
                        "value": {"type": "INCREMENT", "incrementAmount": float(values[0])},
                    },
                )
            case "stamp":
                return (
                    "0-5",
                    0,
                    {
                        "property_name": names.property_name(what),
                        "value": {"type": "TIMESTAMP", "timestampType": "EXECUTION_TIME"},
                    },
                )
            case "copy":
                return (
                    "0-25",
                    0,
                    {
                        "source_property": names.property_name(what),
                        "target_property": names.property_name(values[0]),
                        "target_object": "{{ enrolled_object }}",
                    },
                )
            case "copy_output":
                return (
                    "0-5",
                    0,
                    {
                        "property_name": names.property_name(what),
                        "value": {"type": "FIELD_DATA", "actionId": "1", "dataKey": "value"},
                    },
                )
            case "roll_up":
                fetched = {
                    "type": "FETCHED_OBJECT_PROPERTY",
                    "propertyToken": f"{{{{ fetched_objects.fetched_object_1.{values[0]} }}}}",
                }
                return "0-5", 0, {"property_name": names.property_name(what), "value": fetched}
            case "task":
                return (
                    "0-3",
                    0,
                    {
                        "task_type": "CALL",
                        "subject": what,
                        "body": "<p>{{ enrolled_object.firstname }}</p>",
                        "priority": "HIGH",
                        "owner_assignment": _property_value("owner"),
                        "associations": [],
                        "use_explicit_associations": "true",
                    },
                )
            case "notify":
                return (
                    "0-8",
                    0,
                    {
                        "user_ids": list(values),
                        "team_ids": [],
                        "owner_properties": [],
                        "subject": what,
                        "body": f"<p>{what}</p>",
                    },
                )
            case "mail_to":
                return "0-23", 0, {"email_content_id": names.email_id(int(what)), "recipient_emails": list(values)}
            case "rotate":
                return (
                    "0-11",
                    0,
                    {
                        "user_ids": list(values),
                        "team_ids": [],
                        "target_property": "hubspot_owner_id",
                        "overwrite_current_owner": "false",
                    },
                )
            case "again":
                return "0-15", 0, {"flow_id": "3019"}
            case "to_list" | "from_list":
                known = self.lists.get(what)
                number = str(known.number) if known else names.DELETED_LIST
                return (
                    ("0-63809083", 5, {"listId": number, "targetObject": "{{ enrolled_object }}"})
                    if step.kind == "to_list"
                    else ("0-63863438", 0, {"listId": number})
                )
            case "opt_out":
                number = str(self.topics[what].number)
                return (
                    "0-43347357",
                    7,
                    {
                        "targetContact": "{{ enrolled_object }}",
                        "channel": "EMAIL",
                        "optState": "OPT_OUT",
                        "subscriptionId": number,
                        "legalBasis": None,
                        "legalBasisExplanation": None,
                    },
                )
            case "marketable":
                return "0-31", 13, {"targetContact": "{{ enrolled_object }}", "marketableType": "NON_MARKETABLE"}
            case "chat":
                return "1-179507819", 0, {"channel": what, "message": "新しい問い合わせ: {{ enrolled_object.email }}"}
            case "crm_task":
                return "0-18", 0, {"subject": what}
            case "crm_campaign":
                return "0-19", 0, {"campaign": what}
        return what, 0, {"opaque": "?"}


def _static_branch(step: Step, links: list[Body]) -> Body:
    branches = [{"branchValue": value, "connection": link} for value, link in zip(step.values, links, strict=False)]
    return {
        "type": "STATIC_BRANCH",
        "inputValue": _property_value(step.what),
        "staticBranches": branches,
        "defaultBranchName": "その他",
        "defaultBranch": links[-1],
    }


def _property_value(key: str) -> Body:
    return {"type": "OBJECT_PROPERTY", "propertyName": names.property_name(key)}


def _office_hours() -> list[Body]:
    opens, closes = {"hour": 9, "minute": 0}, {"hour": 17, "minute": 30}
    return [
        {"day": day, "startTime": opens, "endTime": closes}
        for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    ]
