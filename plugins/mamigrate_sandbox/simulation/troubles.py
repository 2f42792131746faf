"""What goes wrong on the way, in the shares of a bad day: about one call in seven."""

from mamigrate_sandbox.faults import Rule

LOGIN_PAGE = "<!doctype html><title>Sign in</title><form action=/login></form>"
TORN = '{"results": [{"id": "1", "properties": {"em'


def of(vendor: str) -> tuple[Rule, ...]:
    """Rules for a vendor's faults. A share is of the calls that no earlier rule has hit."""
    later = [("2",), ("0",), ("-1",), ("soon",), ()]
    throttled = [_throttled(vendor, *header) for header in later]
    broken = [Rule("status", share=0.0075, status=status, body="") for status in (500, 502, 503, 504)]
    odd = [Rule("status", share=0.0025, status=200, body=body) for body in (LOGIN_PAGE, TORN)]
    refused = [Rule("refuse", share=0.01, code=code) for code in ("608", "611", "604")] if vendor == "marketo" else []
    return (
        *throttled,
        *broken,
        *odd,
        *refused,
        Rule("reset", share=0.02),
        Rule("lost", share=0.02),
        Rule("latency", share=0.005, seconds=45),
        Rule("latency", share=0.005, seconds=120),
    )


def _throttled(vendor: str, *after: str) -> Rule:
    """The vendor's own answer to haste, with or without a word on how long to wait."""
    headers = tuple(("Retry-After", seconds) for seconds in after)
    return Rule("throttle", share=0.012, headers=headers)
