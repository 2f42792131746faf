"""How each vendor says what is wrong with a call.

Sources: HubSpot docs, "Error handling" and "API usage guidelines and limits"; Adobe's developer docs, "Error codes".
"""

from typing import Any

Said = tuple[int, dict[str, Any]]
"""HTTP status and body."""

GONE = (
    "OBJECT_NOT_FOUND",
    "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
)
"""What a batch says of a record that is not there any more."""
_ID = "00000000-0000-4000-8000-000000000429"


def _hubspot(status: int, category: str, message: str, **more: Any) -> Said:
    said = {"category": category} if category else {}
    return status, {"status": "error", "message": message, "correlationId": _ID, **said, **more}


def _limit(name: str, policy: str) -> Said:
    message = f"You have reached your {name} limit."
    return _hubspot(429, "", message, errorType="RATE_LIMIT", policyName=policy, requestId=_ID)


def _marketo(code: str, message: str) -> Said:
    """Failures come with HTTP 200."""
    return 200, {"requestId": "429#0", "success": False, "errors": [{"code": code, "message": message}]}


_MISSING = [{"message": "One or more of the following scopes are required.", "context": {"requiredScopes": ["any"]}}]
_WORDS: dict[str, dict[str, Said]] = {
    "hubspot": {
        "throttle": _limit("ten_secondly_rolling", "TEN_SECONDLY_ROLLING"),
        "quota": _limit("daily", "DAILY"),
        "expired": _hubspot(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."),
        "scope": _hubspot(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.", errors=_MISSING),
        "lapsed": _hubspot(400, "VALIDATION_ERROR", "Invalid value for after"),
    },
    "marketo": {
        "throttle": _marketo("606", "Max rate limit '100' exceeded with in '20' secs"),
        "quota": _marketo("607", "Max daily quota '50000' reached"),
        "expired": _marketo("602", "Access token expired"),
        "scope": _marketo("603", "Access denied"),
        "lapsed": _marketo("1003", "Invalid nextPageToken"),
    },
}


def said(vendor: str, kind: str) -> Said | None:
    """None for a kind that no vendor has words for. Of a vendor that is not known: what HTTP says of too many calls."""
    known = _WORDS.get(vendor)
    if known is None:
        return (429, {"message": "Too many requests"}) if kind == "throttle" else None
    return known.get(kind)
