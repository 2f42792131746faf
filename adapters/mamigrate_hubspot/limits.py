"""HubSpot's limits as data (HubSpot docs, "API usage guidelines and limits", "CRM search", "Exports"; fact sheet 3, 5 and 9)."""

from datetime import timedelta

from mamigrate.contract.limits import Bounds, Daily, Queue, Retention, Rolling
from mamigrate_hubspot.settings import Options

DAY = "calls a day"
WINDOW = "calls in 10 s"
SEARCH = "searches a second"
EXPORTS = "exports in 24 h"
EXPORTING = "exports at a time"
EXPORT = "export"
"""Scope of exports."""
SECONDS = 0.3
"""Of a call, assumed: no document says it."""


def bounds(options: Options, zone: str) -> Bounds:
    """The smallest published limits; the headers of the first reply, and the account's own word, raise them."""
    paced = (
        Rolling(WINDOW, 100, 10.0, source="fact sheet 3: a private app of a free or starter account"),
        Rolling(
            SEARCH, options.search_per_second, 1.0, scope="search", source="fact sheet 3: 4 or 5, the pages disagree"
        ),
        Daily(
            DAY,
            250_000,
            zone,
            source="fact sheet 3: the smallest account; midnight in its own zone",
            others=options.others_a_day,
        ),
    )
    exports = (
        Rolling(EXPORTS, 30, 24 * 3600.0, scope=EXPORT, source="fact sheet 9"),
        Queue(EXPORTING, 1, 1, scope=EXPORT, source="fact sheet 9"),
    )
    return Bounds((*paced, *exports), options.share, SECONDS)


RETENTION = (Retention("archived", timedelta(days=90), "fact sheet 4: the recycle bin, counted from the deletion"),)
