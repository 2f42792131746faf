"""Marketo's limits as data (Adobe's developer docs, "REST API", "Bulk extract", "Bulk import"; fact sheet 4, 7 and 9)."""

from datetime import timedelta

from mamigrate.contract.limits import AtOnce, Bounds, Daily, Queue, Retention, Rolling
from mamigrate_marketo.settings import Options

DAY = "calls a day"
WINDOW = "calls in 20 s"
TOGETHER = "calls at a time"
ZONE = "America/Chicago"
"""The quota day is Central time, with daylight saving."""
EXTRACTED = "bytes of exports a day"
EXTRACTS = "exports"
IMPORTS = "imports"
EXTRACT, IMPORT = "extract", "import"
"""Scopes of bulk jobs."""
SECONDS = 0.5
"""Of a call, assumed: no document says it."""
EXTRACT_BYTES = 500_000_000
IMPORT_BYTES = 10_000_000


def bounds(options: Options) -> Bounds:
    """100 calls in 20 s and 10 at a time belong to the instance; one integration among others keeps to half."""
    calls, together = (100, 10) if options.alone else (50, 5)
    paced = (
        Rolling(WINDOW, calls, 20.0, source="fact sheet 4: 100 an instance, 50 for one integration among others"),
        AtOnce(TOGETHER, together, source="fact sheet 4: 10 an instance, 5 for one integration among others"),
        Daily(
            DAY,
            options.daily_quota,
            ZONE,
            source="fact sheet 4: the contract's number; midnight Central",
            others=options.others_a_day,
        ),
    )
    bulk = (
        Daily(EXTRACTED, EXTRACT_BYTES, ZONE, "bytes", scope=EXTRACT, source="fact sheet 4: shared by all exports"),
        Queue(EXTRACTS, 2, 10, scope=EXTRACT, source="fact sheet 4: one queue for every kind"),
        Queue(IMPORTS, 2, 10, scope=IMPORT, source="fact sheet 4"),
    )
    return Bounds((*paced, *bulk), options.share, SECONDS)


_NINETY = (
    "Add to List",
    "Change Score",
    "Change Data Value",
    "Visit Webpage",
    "Click Link",
    "Send Email",
    "Email Delivered",
    "Update Opportunity",
    "Request Campaign",
)

RETENTION = (
    Retention("Delete Lead", timedelta(days=14), "fact sheet 9"),
    *(Retention(what, timedelta(days=90), "fact sheet 9") for what in _NINETY),
    Retention("*", timedelta(days=760), "fact sheet 9: 25 months, the shortest that they can be"),
)
