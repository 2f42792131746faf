"""Every doubt about Marketo as a switch: its name, its default and what it means.

Setting ``switches`` of the store holds the values that differ from the defaults. Where the public references disagree or are silent,
the default is the less comfortable reading, so that a client that copes here copes there.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Switch:
    default: Any
    meaning: str


SWITCHES: dict[str, Switch] = {
    # identity and limits
    "token_in_query": Switch(False, "accept the access_token query parameter (it ends on 31 August 2026)"),
    "token_seconds": Switch(3600, "life of an access token"),
    "calls_per_window": Switch(100, "calls of the whole instance in one window (606)"),
    "window_seconds": Switch(20, "length of that window"),
    "concurrent_calls": Switch(10, "calls in progress at once (615)"),
    "calls_per_day": Switch(50_000, "daily quota (607), reset at midnight in Chicago"),
    "gzip": Switch(True, "answers of 1,024 bytes and more are compressed for clients that accept it"),
    # people
    "read_only_fields": Switch(
        "skip", "a record that sends a read-only field: 'skip' with 1003, or 'ignore' the field"
    ),
    "text_length_unit": Switch("bytes", "text lengths are counted in UTF-8 'bytes' or in 'characters'"),
    "email_needs_at": Switch(True, "an address without @ is refused with 1003"),
    "naive_datetimes": Switch("instance_zone", "a datetime without offset: read in the 'instance_zone', or 'refuse'"),
    "create_sets_master": Switch(
        False, "creating a record with unsubscribed true marks the address for good (unproven)"
    ),
    "fields_per_call": Switch(100, "custom fields that one call may create"),
    "custom_fields_at_most": Switch(None, "custom fields that the API may create in all; null: no limit"),
    "company_fields_with_crm": Switch(
        "refuse", "company fields sent with a lead while a CRM is attached: 'refuse' (1021), 'write'"
    ),
    "company_reads_with_crm": Switch(
        "read", "companies, opportunities, sales persons with a CRM attached: 'read' or 'refuse' (1018)"
    ),
    "crm_attached": Switch(False, "a CRM is attached (as good as setting crm.attached)"),
    "crm_managed_fields": Switch(None, "REST names that are crmManaged while a CRM is attached; null: the usual ones"),
    # bulk
    "import_unsubscribed": Switch(
        "keep", "bulk import of unsubscribed: 'keep' what an existing record has, 'never' take the column, 'write' it"
    ),
    "import_blank": Switch("clear", "an empty cell of a bulk import: 'clear' the field or 'keep' it"),
    "export_updated_at": Switch(True, "lead export filter updatedAt is there (else 1035)"),
    "export_smart_list": Switch(True, "lead export filters smartListId and smartListName are there (else 1035)"),
    "export_status_step": Switch(60, "seconds between changes of an export's status"),
    "export_wait_seconds": Switch(30, "seconds before a queued export may start; two run at once"),
    "export_run_seconds": Switch(45, "seconds that an export runs"),
    "export_bytes_per_day": Switch(500_000_000, "daily export quota in bytes (1029)"),
    "export_file_days": Switch(7, "days for which an export's file is kept; the references say 7 and 10"),
    "cancelled_word": Switch("Cancelled", "status of a cancelled export: 'Cancelled' or 'Canceled'"),
    # activities and members
    "retention": Switch(True, "old activities vanish: 14 days, 90 days or 25 months by type"),
    "list_activity_limit": Switch(
        None, "members above which activities of a list are refused (1003); null: no limit yet"
    ),
    "acquired_by_updateable": Switch(False, "member field acquiredBy can be written"),
    "nurture_cadence": Switch("short", "words of the cadence filter: 'short' (norm, pause) or 'long' (normal, paused)"),
}


def read(stored: dict[str, Any], name: str) -> Any:
    """The value of a switch. KeyError for a name that no switch bears."""
    return stored.get(name, SWITCHES[name].default)
