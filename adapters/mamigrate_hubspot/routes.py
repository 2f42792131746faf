"""Ways to read HubSpot, each with its price. Those that are not written, or that would lose something, say so.

Sources: HubSpot docs "CRM objects", "CRM search", "Exports", "Subscription preferences v4", "Lists", "Email events" (fact sheet
4, 5, 9, 10, 11, 18, 19).
"""

from collections.abc import Iterator

from mamigrate.capabilities import Power
from mamigrate.contract.routes import Job, Route
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.api import PAGE, SEARCH_CAP, SEARCH_PAGE
from mamigrate_hubspot.capabilities import CAPABILITIES
from mamigrate_hubspot.limits import EXPORT

EXPORT_CALLS = 3
"""To ask for an export, to ask how it stands and to fetch it; one that takes long is asked about more often."""
EXPORT_SECONDS = 600.0
"""Of an export, assumed: no document says it."""
LOST_BY_SEARCH = (
    f"a search never shows archived records or ties, ends at {SEARCH_CAP:,}, and its index lags: no full read"
)
LOST_BY_EXPORT = "an export has neither archived records nor ids of all ties"
UNWRITTEN = "exports of views"


def _records(kind: Kind) -> Iterator[Route]:
    needs = CAPABILITIES.of(kind, Power.READ).scopes
    yield Route(kind, Power.READ, "list pages", PAGE, needs=needs, source="fact sheet 4")
    yield Route(
        kind,
        Power.READ,
        "search windows",
        SEARCH_PAGE,
        counts_as=("search",),
        needs=needs,
        unfit=LOST_BY_SEARCH,
        source="fact sheet 5",
    )
    yield Route(
        kind,
        Power.READ,
        "export",
        job=Job(EXPORT_CALLS, EXPORT_SECONDS),
        counts_as=(EXPORT,),
        needs=("crm.export",),
        unwritten=UNWRITTEN,
        unfit=LOST_BY_EXPORT,
        source="fact sheet 9",
    )


def _listed(kind: Kind, name: str, batch: int, source: str, part: str = "", more: float = 0.0) -> Route:
    needs = CAPABILITIES.of(kind, Power.READ).scopes
    return Route(kind, Power.READ, name, batch, more, needs=needs, part=part, source=source)


ROUTES = (
    *(route for kind in (Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY) for route in _records(kind)),
    _listed(Kind.CONSENT_FACT, "batches of statuses and of wide statuses", 100, "fact sheet 10", more=1.0),
    _listed(Kind.LIST_MEMBERSHIP, "members list by list", 250, "fact sheet 11"),
    _listed(Kind.PROGRAM_MEMBERSHIP, "participants event by event", 100, "fact sheet 20"),
    _listed(Kind.ACTIVITY, "email events", 1000, "fact sheet 19", part="email"),
    _listed(Kind.ACTIVITY, "engagement pages", PAGE, "fact sheet 18", part="sales"),
    _listed(Kind.ACTIVITY, "submissions form by form", 50, "fact sheet 16", part="form"),
    _listed(Kind.ACTIVITY, "former values of contacts", 50, "fact sheet 4", part="change"),
    Route(
        Kind.ACTIVITY,
        Power.READ,
        "events of a contact",
        100,
        part="web",
        unwritten="page views and custom events are asked for contact by contact",
        source="fact sheet 19",
    ),
    *(
        Route(
            kind,
            Power.READ_BACK,
            "batches by id",
            PAGE,
            needs=CAPABILITIES.of(kind, Power.READ_BACK).scopes,
            source="fact sheet 4",
        )
        for kind in (Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY)
    ),
)
