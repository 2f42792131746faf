"""Asked and answered: what a batch leaves out is told, whatever status its reply has.

A reply with holes may come with 207 or with 200. An error OBJECT_NOT_FOUND names what was deleted since it was listed; any
other error, and silence, mean that something is there which was not read. (HubSpot docs, "Error handling")
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mamigrate.errors import MamigrateError
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Reply
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.read.context import Context, read_texts, write_json

GONE = "OBJECT_NOT_FOUND"
SILENCE = "not answered"
ASKED = 4
"""How often a batch is asked for whose answer has holes."""

Holes = Mapping[str, str]
"""What was asked and not answered, by id: the vendor's category of error, or SILENCE."""


class Unanswered(MamigrateError):
    """A reply with holes where every answer is needed. ``code`` says of what."""

    def __init__(self, what: str, holes: Holes) -> None:
        self.code = f"{what} {', '.join(f'{id} ({reason})' for id, reason in holes.items())}"[:500]
        super().__init__(self.code)


def of(asked: Iterable[str], answered: Iterable[str], data: wire.Json) -> Holes:
    """The holes of a reply to these ids."""
    there, reasons = set(answered), _reasons(data)
    return {id: reasons.get(id, SILENCE) for id in asked if id not in there}


def of_batch(asked: Iterable[str], data: wire.Json) -> Holes:
    """The holes of a reply whose results have ids."""
    return of(asked, (wire.text(one, "id") for one in wire.rows(data)), data)


def unread(holes: Holes) -> Holes:
    """Those that stand for something which is there."""
    return {id: reason for id, reason in holes.items() if reason != GONE}


def filled(ask: Callable[[Sequence[str]], Reply], ids: Sequence[str]) -> tuple[Reply, Holes]:
    """A reply and its holes. One with holes is asked for again: a hiccup of the vendor need not end a run."""
    for _ in range(ASKED):
        reply = ask(ids)
        holes = of_batch(ids, wire.parse(reply.body))
        if not unread(holes):
            break
    return reply, holes


def context(holes: Holes) -> dict[str, str]:
    """What a landed page says of its holes."""
    return {"holes": write_json(holes)} if holes else {}


def told(connection: str, kind: Kind, landed: Context) -> Iterator[Finding]:
    """A finding for each hole of a landed page."""
    for id, reason in read_texts(landed, "holes").items():
        subject = f"{connection}/{kind}/{id}"
        if reason == GONE:
            yield Finding("gone_meanwhile", Severity.NOTE, subject)
        else:
            yield Finding("left_unread", Severity.BLOCK, subject, {"reason": reason})


def refused(data: wire.Json) -> str:
    """Why a reply is not whole, other than by what does not exist; empty where it is."""
    if wire.text(data, "status") not in ("", "COMPLETE"):
        return wire.text(data, "status")
    categories = [wire.text(error, "category") for error in wire.listed(data, "errors")]
    return next((one or SILENCE for one in categories if one != GONE), "")


def _reasons(data: wire.Json) -> dict[str, str]:
    """The category of the error that names an id. Which key of its context does so differs by endpoint."""
    found: dict[str, str] = {}
    for error in wire.listed(data, "errors"):
        for named in wire.part(error, "context").values():
            for id in named if isinstance(named, list) else ():
                found[str(id)] = wire.text(error, "category") or SILENCE
    return found
