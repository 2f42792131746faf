"""HubSpot's error codes as data, and how a reply is judged by them.

Sources: HubSpot docs, "Error handling" and "API usage guidelines and limits".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mamigrate.errors import MamigrateError
from mamigrate.http.call import Reply, Unreadable
from mamigrate.http.codes import Action, Code, Judgement, of_status, retry_after
from mamigrate.http.limits import Reading
from mamigrate_hubspot.limits import DAY, WINDOW

STATUS: Mapping[int, Code] = {
    401: Code(Action.REFUSE, "access token not accepted"),
    403: Code(Action.NEVER, "not visible to this token"),
    423: Code(Action.WAIT, "locked by a bulk job", after=2.0),
    477: Code(Action.WAIT, "the account is being moved"),
    429: Code(Action.WAIT, "rate limit", after=10.0),
    520: Code(Action.AGAIN, "host error"),
}

"""A 403 that means a missing scope says so by its category."""

POLICY: Mapping[str, Code] = {
    "DAILY": Code(Action.QUOTA, DAY),
    "TEN_SECONDLY_ROLLING": Code(Action.WAIT, "rate limit of 10 s", after=10.0),
    "SECONDLY": Code(Action.WAIT, "rate limit of a second", after=1.0),
}
"""By ``policyName`` of a 429. Search answers carry none, but say "secondly" in their message."""

CATEGORY: Mapping[str, Code] = {
    "INVALID_AUTHENTICATION": Code(Action.REFUSE, "access token not accepted"),
    "EXPIRED_AUTHENTICATION": Code(Action.REFUSE, "access token expired"),
    "MISSING_SCOPES": Code(Action.REFUSE, "scopes missing"),
    "BANNED": Code(Action.REFUSE, "access banned"),
}


def learn(headers: Mapping[str, str]) -> Iterable[Reading]:
    """What the rate headers tell. The daily ones are absent for OAuth apps, all may be absent on searches."""
    for name, most, left in (
        (WINDOW, "x-hubspot-ratelimit-max", "x-hubspot-ratelimit-remaining"),
        (DAY, "x-hubspot-ratelimit-daily", "x-hubspot-ratelimit-daily-remaining"),
    ):
        numbers = headers.get(most, ""), headers.get(left, "")
        if all(number.isdigit() for number in numbers):
            yield Reading(name, int(numbers[0]), int(numbers[1]))


class Judge:
    """Judges replies of one connection."""

    def __init__(self, connection: str) -> None:
        self._judgement = Judgement(connection)

    def __call__(self, reply: Reply) -> MamigrateError | None:
        if reply.status < 300:
            _ = reply.data  # A login page with status 200 is no success.
            return None
        body = _error(reply)
        code = _code(reply.status, body)
        return self._judgement.trouble(
            code,
            str(body.get("category") or reply.status),
            said=str(body.get("message") or ""),
            status=reply.status,
            after=retry_after(reply.headers),
            missing=_missing(body),
        )


def _error(reply: Reply) -> Mapping[str, Any]:
    try:
        data = reply.data
    except Unreadable:
        return {}
    return data if isinstance(data, dict) else {}


def _code(status: int, body: Mapping[str, Any]) -> Code:
    if status == 429:
        policy = str(body.get("policyName") or "").upper()
        if not policy and "secondly limit" in str(body.get("message") or ""):
            policy = "SECONDLY"
        return POLICY.get(policy, STATUS[429])
    return CATEGORY.get(str(body.get("category")), of_status(status, STATUS))


def _missing(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Scopes named by a MISSING_SCOPES body."""
    found: list[str] = []
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else ():
        context = error.get("context") if isinstance(error, dict) else None
        scopes = context.get("requiredScopes") if isinstance(context, dict) else None
        found += [str(scope) for scope in scopes] if isinstance(scopes, list) else []
    return tuple(found)
