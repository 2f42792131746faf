"""Ways to read and write Marketo, each with its price. Those that are not written, or that would lose something, say so.

Sources: Adobe's developer docs "Leads", "Bulk lead import", "Bulk extract", "Activities", "Companies", "Opportunities", "Lists"
(fact sheet 4, 5, 6, 7, 9, 14).
"""

from mamigrate.capabilities import Power
from mamigrate.contract.routes import Job, Route
from mamigrate.model.kinds import Kind
from mamigrate_marketo.capabilities import CAPABILITIES
from mamigrate_marketo.limits import EXTRACT, IMPORT, IMPORT_BYTES

PERSON_BYTES, ACTIVITY_BYTES = 700, 250
"""Of a row, assumed: no document says it."""
MONTH = 31
"""Days of the longest window of an extract."""
JOB_SECONDS = 300.0
"""Of a job, assumed: no document says it; its state changes once a minute at most."""
IMPORT_CALLS, EXTRACT_CALLS = 6, 8
"""To begin a job, to ask each minute how it stands, and to fetch what it tells."""
FOLDER_CALLS, TYPE_CALLS = 4, 22
"""To find and make a folder of ours; to make three types of activities with their attributes."""
LOST_BY_IMPORT = (
    "an import tells neither ids nor what was created, and is said to leave the unsubscribed flag as it is: consent is "
    "written with sync leads"
)


def _written(
    kind: Kind, power: Power, name: str, source: str, batch: int = 300, more: float = 0.0, first: int = 0
) -> Route:
    return Route(kind, power, name, batch, more, first, needs=CAPABILITIES.of(kind, power).scopes, source=source)


def _extract(kind: Kind, power: Power, size: int, why: str) -> Route:
    job = Job(EXTRACT_CALLS, JOB_SECONDS, days=MONTH)
    name = f"bulk extract in windows of {MONTH} days"
    return Route(
        kind, power, name, job=job, record_bytes=size, counts_as=(EXTRACT,), unwritten=why, source="fact sheet 7"
    )


ROUTES = (
    _written(Kind.FIELD, Power.WRITE, "new fields", "fact sheet 5", 100),
    _written(Kind.PERSON, Power.WRITE, "sync leads", "fact sheet 4 and 6"),
    Route(
        Kind.PERSON,
        Power.WRITE,
        "bulk import",
        job=Job(IMPORT_CALLS, JOB_SECONDS, bytes=IMPORT_BYTES),
        record_bytes=PERSON_BYTES,
        counts_as=(IMPORT,),
        needs=("Read-Write Lead",),
        unwritten="bulk import of people",
        unfit=LOST_BY_IMPORT,
        source="fact sheet 7 and 8",
    ),
    _written(Kind.PERSON, Power.READ_BACK, "filters by address or id", "fact sheet 4 and 6"),
    _extract(Kind.PERSON, Power.READ, PERSON_BYTES, "no REST call lists all people; exports are not written yet"),
    _written(Kind.ACCOUNT, Power.WRITE, "sync companies", "fact sheet 14"),
    _written(Kind.ACCOUNT, Power.READ_BACK, "filters by key", "fact sheet 14"),
    _written(Kind.OPPORTUNITY, Power.WRITE, "sync opportunities and their roles", "fact sheet 14", more=1.0),
    _written(Kind.OPPORTUNITY, Power.READ_BACK, "filters by key", "fact sheet 14"),
    _written(Kind.LIST, Power.WRITE, "one call a list", "fact sheet 6", 1, first=FOLDER_CALLS),
    _written(Kind.LIST_MEMBERSHIP, Power.WRITE, "members list by list", "fact sheet 6"),
    _written(Kind.PROGRAM_MEMBERSHIP, Power.WRITE, "members program by program and status by status", "fact sheet 10"),
    _written(Kind.ACTIVITY, Power.WRITE, "custom activities", "fact sheet 9", first=TYPE_CALLS),
    Route(
        Kind.ACTIVITY,
        Power.READ,
        "activity paging",
        300,
        record_bytes=ACTIVITY_BYTES,
        needs=("Read-Only Activity",),
        unwritten="activities are read of given people only",
        source="fact sheet 9",
    ),
    _extract(Kind.ACTIVITY, Power.READ, ACTIVITY_BYTES, "exports are not written yet"),
)
