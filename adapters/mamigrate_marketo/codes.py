"""Marketo's error codes as data, and how a reply is judged by them: business errors arrive with HTTP status 200.

Source: Adobe's developer docs, "Error codes". Codes of 600 and above say that nothing ran, but 604, 608 and 611 are
answers of a system in trouble, 614 of a subscription that cannot be reached now: what it did before is unknown, so a write is asked about instead of sent again.
"""

from collections.abc import Mapping
from typing import Any

from mamigrate.errors import MamigrateError
from mamigrate.http.call import Reply, Unreadable
from mamigrate.http.codes import Action, Code, Judgement, of_status, retry_after
from mamigrate_marketo.limits import DAY, EXTRACTED

_NEVER = Code(Action.NEVER, "refused by the vendor")

CODES: Mapping[str, Code] = {
    "500": Code(Action.AGAIN, "server error"),
    "502": Code(Action.AGAIN, "bad gateway"),
    "600": Code(Action.RENEW, "no access token"),
    "601": Code(Action.RENEW, "access token not accepted"),
    "602": Code(Action.RENEW, "access token expired"),
    "603": Code(Action.REFUSE, "access denied to this user or address"),
    "604": Code(Action.AGAIN, "request timed out"),
    "606": Code(Action.WAIT, "rate limit", after=20.0),
    "607": Code(Action.QUOTA, DAY),
    "608": Code(Action.AGAIN, "temporarily unavailable"),
    "611": Code(Action.AGAIN, "system error"),
    "614": Code(Action.AGAIN, "subscription not reachable"),
    "615": Code(Action.WAIT, "too many calls at a time"),
    "616": Code(Action.REFUSE, "not part of this subscription"),
    "713": Code(Action.AGAIN, "transient error"),
    "719": Code(Action.AGAIN, "waiting for a lock"),
    "1014": Code(Action.AGAIN, "object could not be created"),
    "1016": Code(Action.WAIT, "too many imports", after=60.0),
    "1019": Code(Action.WAIT, "an import runs on this list", after=60.0),
    "1020": Code(Action.QUOTA, "clones a day"),
    "1022": Code(Action.AGAIN, "object in use"),
    "1029": Code(Action.WAIT, "export queue is full", after=60.0),
}
"""Whole-reply codes that mean anything but never; every other code does."""

OF_RECORDS = frozenset({"713", "719", "1014", "1022"})
"""Reasons for which one record of a batch is skipped now and may be taken later. A skipped record was not written."""

_DAILY_EXPORT = Code(Action.QUOTA, EXTRACTED)


class Judge:
    """Judges replies of one connection."""

    def __init__(self, connection: str) -> None:
        self._judgement = Judgement(connection)

    def __call__(self, reply: Reply) -> MamigrateError | None:
        if reply.status >= 300:
            return self._of_status(reply)
        body = reply.data
        if not isinstance(body, dict):
            raise Unreadable("not a JSON object")
        if body.get("success") is True or "access_token" in body:
            return None
        told = body.get("errors")
        errors = [error for error in told if isinstance(error, dict)] if isinstance(told, list) else []
        if not errors:
            raise Unreadable("neither success nor errors")
        return self._of_errors(reply, errors)

    def _of_errors(self, reply: Reply, errors: list[dict[str, Any]]) -> MamigrateError:
        code, said = str(errors[0].get("code", "")), str(errors[0].get("message", ""))
        known = CODES.get(code, _NEVER)
        if code == "1029" and "quota" in said.lower():
            known = _DAILY_EXPORT
        return self._judgement.trouble(known, code, said=said, status=reply.status, after=retry_after(reply.headers))

    def _of_status(self, reply: Reply) -> MamigrateError:
        """The identity service answers bad credentials with 401; the rest are gateways."""
        code = Code(Action.REFUSE, "credentials not accepted") if reply.status == 401 else of_status(reply.status)
        return self._judgement.trouble(code, str(reply.status), status=reply.status, after=retry_after(reply.headers))
