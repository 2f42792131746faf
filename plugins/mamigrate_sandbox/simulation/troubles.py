"""What goes wrong on the way, in the shares of a bad day: about one call in four."""

from mamigrate_sandbox.faults import Rule

LOGIN_PAGE = "<!doctype html><title>Sign in</title><form action=/login></form>"
RECORDS = r"^/rest/v1/(leads|companies|opportunities|opportunities/roles)\.json$"
"""Batches of records on Marketo, written and looked up."""
BATCHES = r"^/(crm|communication-preferences)/v\d/.*/batch/"
"""Batches on HubSpot, whose rows each name what they are about."""
FLOWS = r"^/automation/v4/flows/batch/read$"
SIZED = r"^/(crm/v3/(objects/\w+|owners)|marketing/v3|automation/v4/flows|rest/asset/v1/\w+\.json)"
"""Listings that are asked for by a number of rows."""


def of(vendor: str) -> tuple[Rule, ...]:
    """Rules for a vendor's faults. A share is of the calls that no earlier rule has hit."""
    later = [("2",), ("0",), ("-1",), ("soon",), ()]
    throttled = [_throttled(vendor, *header) for header in later]
    broken = [Rule("status", share=0.0075, status=status, body="") for status in (500, 502, 503, 504)]
    own = _of_marketo() if vendor == "marketo" else _of_hubspot()
    return (
        *own,
        *throttled,
        *broken,
        *(Rule(kind, share=0.0015) for kind in ("torn", "garbled", "marked")),
        Rule("status", share=0.0015, status=200, body=LOGIN_PAGE),
        Rule("texted", share=0.005),
        Rule("shrunk", SIZED, "GET", share=0.05),
        Rule("reset", share=0.02),
        Rule("lost", share=0.01),
        Rule("applied", share=0.01, status=504),
        Rule("latency", share=0.005, seconds=45),
        Rule("latency", share=0.0025, seconds=120),
        Rule("trickle", share=0.0025, seconds=600),
    )


def _of_marketo() -> list[Rule]:
    """Rows of what is written have their places alone, so that only those that are read come in another order."""
    skipped = [
        Rule("skipped", RECORDS, "POST", share=0.05, code=code, message="Object in use") for code in ("1014", "1022")
    ]
    return [
        *(Rule("refuse", share=0.01, code=code) for code in ("608", "611", "604")),
        Rule("expired", "^/rest/", share=0.01),
        *skipped,
        *(Rule(kind, RECORDS, "POST", share=0.03) for kind in ("missing", "twice")),
        Rule("nulled", RECORDS, share=0.01),
        Rule("shuffled", RECORDS, "GET", share=0.1),
        *(Rule("stale", RECORDS, "GET", share=0.1, seconds=seconds) for seconds in (1, 20, 120)),
    ]


def _of_hubspot() -> list[Rule]:
    return [
        *(Rule(kind, BATCHES, share=0.05) for kind in ("missing", "twice", "shuffled")),
        Rule("skipped", FLOWS, share=0.1, code="INTERNAL_ERROR", message="There was a problem with the request."),
        *(Rule(kind, paged=True, share=0.02) for kind in ("lapsed", "looped")),
    ]


def _throttled(vendor: str, *after: str) -> Rule:
    """The vendor's own answer to haste, with or without a word on how long to wait."""
    headers = tuple(("Retry-After", seconds) for seconds in after)
    return Rule("throttle", share=0.012, headers=headers)
