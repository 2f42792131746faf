"""Fetching what happened: events of marketing emails, engagements, form submissions, and who took part in marketing events.

A part that the account does not show ends as an empty page that says so: history that was not read is told, never none.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from mamigrate.clock import Clock
from mamigrate.contract import Landed
from mamigrate.errors import Refused
from mamigrate.http.call import Rejected, Reply
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.paging import BAD_REQUEST, pages
from mamigrate_hubspot.read.changes import WATCHED
from mamigrate_hubspot.read.context import stamp, unique, write_json
from mamigrate_hubspot.read.engagements import ENGAGEMENTS
from mamigrate_hubspot.sent import Sent

Fetched = tuple[Landed, str | None]

EMAILS, CHANGES, FORM = "email", "changes", "form:"
GONE = 404


class FetchHistory:
    """``land`` makes a landed page. Forms, events and emails are asked for once."""

    def __init__(self, api: Api, land: Callable[..., Landed], clock: Clock) -> None:
        self._api, self._land, self._clock = api, land, clock
        self._forms: dict[str, str] | None = None
        self._events: list[str] | None = None
        self._sent = Sent(api)
        self._lock = threading.Lock()
        self.by_kind: Mapping[Kind, Callable[[str, str], Fetched]] = {
            Kind.PROGRAM_MEMBERSHIP: self._participations,
            Kind.ACTIVITY: self._activities,
        }

    def _activities(self, part: str, after: str) -> Fetched:
        """Email events, then each type of engagement, changes of stages, then each form."""
        part = part or EMAILS
        try:
            landed, following = self._part(part, after)
        except (Refused, Rejected) as error:
            if _lapsed(error, after):
                raise
            landed, following = self._unread(part, error), None
        if following is None:
            return landed, self._next(part)
        return landed, f"{part}|{following}"

    def _part(self, part: str, after: str) -> Fetched:
        if part == EMAILS:
            return self._email_events(after)
        if part.startswith(FORM):
            return self._submissions(part.removeprefix(FORM), after)
        if part == CHANGES:
            reply = self._api.former_values(tuple(WATCHED), after)
            return self._land(reply.body, object=CHANGES), wire.after(wire.parse(reply.body))
        reply = self._api.objects(part, after, archived=False, properties=ENGAGEMENTS[part], associations=("contacts",))
        return self._land(reply.body, object=part), wire.after(wire.parse(reply.body))

    def _next(self, part: str) -> str | None:
        """The part after this one. A form may be gone since its page was read, so forms come in the order of their ids."""
        forms, first = [f"{FORM}{id}" for id in sorted(self._all_forms())], [EMAILS, *ENGAGEMENTS, CHANGES]
        later = (
            [one for one in forms if one > part] if part.startswith(FORM) else [*first[first.index(part) + 1 :], *forms]
        )
        return f"{later[0]}|" if later else None

    def _unread(self, part: str, error: Refused | Rejected) -> Landed:
        """A part that was refused. A form that was deleted meanwhile is none."""
        reason = error.reason if isinstance(error, Refused) else error.code
        gone = part.startswith(FORM) and isinstance(error, Rejected) and error.status == GONE
        return self._land(b'{"results":[]}', object=part, **({} if gone else {"unread": reason}))

    # --- emails ------------------------------------------------------------------------------------------------------

    def _email_events(self, after: str) -> Fetched:
        """``after`` is ``<until>,<offset>``: all pages have the same end, so that nothing shifts between them."""
        until, _, offset = (after or f"{_millis(self._clock.now())},").partition(",")
        reply = self._api.email_events(offset, int(until))
        data = wire.parse(reply.body)
        sent = self._sent.of(wire.listed(data, "events"))
        following = f"{until},{wire.id_of(data, 'offset')}" if wire.more(data) else None
        return self._land(reply.body, object=EMAILS, campaigns=write_json(sent)), following

    # --- forms -------------------------------------------------------------------------------------------------------

    def _submissions(self, form: str, after: str) -> Fetched:
        reply = self._api.submissions(form, after)
        landed = self._land(reply.body, object="form", form=form, name=self._all_forms().get(form, ""))
        return landed, wire.after(wire.parse(reply.body))

    def _all_forms(self) -> dict[str, str]:
        """Names of forms by id. None where the account does not show its forms."""
        with self._lock:
            if self._forms is None:
                try:
                    self._forms = {wire.id_of(one): wire.text(one, "name") for one in _rows(self._api.forms)}
                except (Refused, Rejected):
                    self._forms = {}
            return self._forms

    # --- marketing events --------------------------------------------------------------------------------------------

    def _participations(self, part: str, after: str) -> Fetched:
        """Those who took part in one event after another."""
        order = self._all_events()
        part = part or (order[0] if order else "")
        if not part:
            return self._land(b'{"results":[]}', event=""), None
        later = [one for one in order if one > part]  # an event may be gone since its page was read
        onward = f"{later[0]}|" if later else None
        try:
            reply = self._api.participations(part, after)
        except (Refused, Rejected) as error:
            if _lapsed(error, after):
                raise
            reason = error.reason if isinstance(error, Refused) else error.code
            return self._land(b'{"results":[]}', event=part, unread=reason), onward
        following = wire.after(wire.parse(reply.body))
        return self._land(reply.body, event=part), onward if following is None else f"{part}|{following}"

    def _all_events(self) -> list[str]:
        with self._lock:
            if self._events is None:
                told = unique(wire.id_of(one, "objectId") for one in _rows(self._api.marketing_events))
                self._events = sorted(told)
            return self._events


def _lapsed(error: Refused | Rejected, after: str) -> bool:
    """Whether only the token of a page is over: the kind is read again from its beginning then."""
    return bool(after) and isinstance(error, Rejected) and error.status == BAD_REQUEST


def _rows(call: Callable[[str], Reply]) -> Iterator[wire.Json]:
    for page in pages(call):
        yield from wire.rows(page)


def _millis(now: datetime) -> int:
    return int(parse_datetime(stamp(now)).timestamp() * 1000)
