"""A connected instance whose every answer is looked at where it is given.

Shapes are looked at, and never values: a page costs a comparison of names a row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.contract import (
    Adapter,
    Connection,
    Content,
    Denial,
    DenialPage,
    HistoryRoom,
    Instance,
    InstanceInfo,
    Landed,
    OptOutSync,
    Outcome,
    Page,
    ProgramRoom,
    Quota,
    Status,
    Writer,
)
from mamigrate.findings import Finding
from mamigrate.http.call import Unreadable
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate.model.population import POPULATION_MODELS
from mamigrate.promises import Promises, Wrong, all_of, filled

INSTANCE = ("connection", "info", "check", "reads", "read", "normalise")
MORE = (
    "dependents", "read_for", "write", "find", "delete", "denial_values", "denials_since", "left_out_since", "denied", "deny", "quotas", "count",
    "activities", "closed", "pushes", "check_sync", "opt_out_sync", "history_room", "define", "looks_again",
    "program_room", "define_member_fields",
)  # fmt: skip
"""Methods of the optional protocols."""
ASKS = frozenset({"find", "denied", "count", "quotas", "history_room", "program_room"})
"""Of these, methods that ask and change nothing: an answer that is not understood is asked for again, ``ANEW`` times in all. A row
that lacks its key in one reply has it in the next; whoever reads pages asks for them again as well.
"""
ANEW = 3
ADDED = {"email_strict", "email_loose", "email_folded"}
"""Parts of rows that the core adds itself."""
WHERE_TOLD = {"notice", "notice_version", "notice_hash"}
"""Parts of facts that few vendors tell, and that decide nothing."""
NEEDED: Mapping[Kind, frozenset[str]] = {
    **{kind: frozenset(model.model_fields) - ADDED for kind, model in POPULATION_MODELS.items()},
    Kind.CONSENT_FACT: frozenset(POPULATION_MODELS[Kind.CONSENT_FACT].model_fields) - WHERE_TOLD,
    **{
        kind: frozenset(name for name, field in model.model_fields.items() if field.is_required())
        for kind, model in ESTATE_MODELS.items()
    },
}
"""What a row must have. A column that rows of a population lack would read as nothing, and ``archived`` must not."""


def connect(adapter: Adapter, connection: Connection, clock: Clock, plugin: str) -> Instance:
    """A connected instance whose every answer is looked at. Raises what ``connect`` may raise, and ContractBroken."""
    promises = Promises(plugin, adapter.name, connection.name)
    try:
        instance = adapter.connect(connection, clock)
    except Exception as error:  # a foreign package may fail in any way
        raise promises.raised("connect", error) from error
    lacking = [name for name in INSTANCE if not hasattr(instance, name)]
    if lacking:
        raise promises.broken(f"what connect gives ({type(instance).__name__}) has no {', '.join(lacking)}")
    if not isinstance(instance, Writer) and any(adapter.capabilities.can(kind, Power.WRITE) for kind in Kind):
        raise promises.broken("its rows say that it writes, and what connect gives has no write")
    return cast(Instance, Kept(instance, promises))


class Kept:
    """An instance as the core sees it: it has the methods of the other one, and no more."""

    def __init__(self, instance: Instance, promises: Promises) -> None:
        self.connection = instance.connection
        for name in (*INSTANCE[1:], *MORE):
            if hasattr(instance, name):
                setattr(self, name, _kept(promises, name, getattr(instance, name)))


def _kept(promises: Promises, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    look = LOOKS[name]

    def kept(*given: Any) -> Any:
        return asked(ANEW if name in ASKS else 1, *given)

    def asked(times: int, *given: Any) -> Any:
        try:
            answer = method(*given)
            look(answer, *given)
        except Exception as error:  # a foreign package may fail in any way
            if isinstance(error, Unreadable) and times > 1:
                return asked(times - 1, *given)
            raise _other(promises, name, given, error) from error
        return answer

    def kept_pages(*given: Any) -> Iterator[Page]:
        try:
            for page in method(*given):
                _page(page, given[0])
                yield page
        except Exception as error:  # a foreign package may fail in any way
            raise _other(promises, name, given, error) from error

    return kept_pages if name == "read_for" else kept


def _other(promises: Promises, name: str, given: Sequence[Any], error: Exception) -> Exception:
    return promises.raised(f"{name}({given[0]})" if given and isinstance(given[0], Kind) else name, error)


# --- what each method gives --------------------------------------------------------------------------------------------


def _info(info: Any) -> None:
    _must(
        isinstance(info, InstanceInfo) and filled(info.instance_id), f"gave {_name(info)}, no InstanceInfo with an id"
    )


def _page(page: Any, kind: Kind, cursor: str | None = None) -> None:
    _must(isinstance(page, Page), f"gave {_name(page)}, no Page")
    _must(isinstance(page.landed, Landed) and isinstance(page.landed.body, bytes), "gave a page without a landed body")
    _must(page.next is None or isinstance(page.next, str), f"gave {_name(page.next)} as its next cursor, no text")
    _must(page.next is None or page.next != cursor, "gave the cursor that it was asked with: reading would never end")
    _content(page.content)


def _content(content: Any, *_: Any) -> None:
    _must(isinstance(content, Content) and isinstance(content.rows, Mapping), f"gave {_name(content)}, no Content")
    _must(all_of(content.problems, Finding), "gave problems that are no findings")
    _must(all_of(content.unanswered, str), "gave unanswered people that are no keys")
    for kind, rows in content.rows.items():
        _must(isinstance(kind, Kind), f"gave rows of {_name(kind)}, no Kind")
        _rows(rows, kind)


def _rows(rows: Any, kind: Kind, *_: Any) -> None:
    _must(isinstance(rows, Sequence), f"gave {_name(rows)} for rows of {kind}")
    needed = NEEDED[kind]
    for row in rows:
        if not (isinstance(row, dict) and row.keys() >= needed and type(row["key"]) is str):
            lacking = sorted(needed - row.keys()) if isinstance(row, dict) else []
            raise Wrong(f"gave a row of {kind} without {', '.join(lacking) or 'a key that is a text'}")


def _found(rows: Any, kind: Kind, *_: Any) -> None:
    _rows(rows, kind)


def _outcomes(outcomes: Any, _: Kind, asked: Sequence[Any]) -> None:
    _must(all_of(outcomes, Outcome), f"gave {_name(outcomes)}, no outcomes")
    _must(len(outcomes) == len(asked), f"gave {len(outcomes)} outcomes for {len(asked)} records")
    keys = [one if isinstance(one, str) else one.source_key for one in asked]
    _must([one.source_key for one in outcomes] == keys, "gave outcomes in another order than it was asked")
    _must(all(isinstance(one.status, Status) for one in outcomes), "gave an outcome whose status is no Status")


def _denials(values: Any, facts: frozenset[str], *_: Any) -> None:
    _must(isinstance(values, Mapping), f"gave {_name(values)}, no fields")
    _must(bool(values) or not facts, "gave no field to write for somebody who is denied")


def _denial_page(page: Any, _: datetime, cursor: str | None, *__: Any) -> None:
    _must(isinstance(page, DenialPage), f"gave {_name(page)}, no DenialPage")
    _must(isinstance(page.until, datetime) and page.until.tzinfo is not None, "gave no instant until which it has read")
    _must(page.next is None or page.next != cursor, "gave the cursor that it was asked with: reading would never end")
    _must(all_of((*page.problems, *page.noted), Finding), "gave problems that are no findings")
    _rows(page.facts, Kind.CONSENT_FACT)
    _must(all(row["polarity"] == "-" for row in page.facts), "gave a fact that denies nothing")


def _denied(known: Any, asked: Sequence[str]) -> None:
    _must(isinstance(known, Mapping), f"gave {_name(known)}, no mapping")
    _must(known.keys() <= set(asked), "told of addresses that it was not asked for")


def _denying(outcomes: Any, asked: Sequence[Denial]) -> None:
    _must(all_of(outcomes, Outcome), f"gave {_name(outcomes)}, no outcomes")
    _must(
        [one.source_key for one in outcomes] == [one.key for one in asked], "gave other outcomes than it was asked for"
    )


def _opt_out_sync(mode: Any) -> None:
    _must(mode is None or isinstance(mode, OptOutSync), f"gave {_name(mode)}, no OptOutSync")


def _room(room: Any) -> None:
    _must(isinstance(room, HistoryRoom), f"gave {_name(room)}, no HistoryRoom")


def _defined(outcomes: Any, asked: Sequence[Any]) -> None:
    _must(all_of(outcomes, Outcome), f"gave {_name(outcomes)}, no outcomes")
    _must([one.source_key for one in outcomes] == [one.name for one in asked], "gave other types than it was asked for")


def _program_room(room: Any) -> None:
    _must(isinstance(room, ProgramRoom), f"gave {_name(room)}, no ProgramRoom")


def _fields_defined(outcomes: Any, asked: Mapping[str, str]) -> None:
    _must(all_of(outcomes, Outcome), f"gave {_name(outcomes)}, no outcomes")
    _must([one.source_key for one in outcomes] == list(asked), "gave other fields than it was asked for")


def _count(number: Any, *_: Any) -> None:
    _must(number is None or isinstance(number, int), f"gave {_name(number)}, no number")


def _several(of: type) -> Callable[..., None]:
    def look(values: Any, *_: Any) -> None:
        _must(all_of(values, of), f"gave {_name(values)}, no sequence of {of.__name__}")

    return look


def _mapping(values: Any, *_: Any) -> None:
    _must(isinstance(values, Mapping), f"gave {_name(values)}, no mapping")


LOOKS: Mapping[str, Callable[..., None]] = {
    "info": _info,
    "check": _several(Finding),
    "check_sync": _several(Finding),
    "reads": _several(Kind),
    "read": _page,
    "normalise": _content,
    "dependents": _several(Kind),
    "read_for": _page,
    "write": _outcomes,
    "find": _found,
    "delete": _outcomes,
    "denial_values": _denials,
    "denials_since": _denial_page,
    "left_out_since": _denial_page,
    "denied": _denied,
    "deny": _denying,
    "quotas": _several(Quota),
    "count": _count,
    "activities": _mapping,
    "closed": _mapping,
    "pushes": _count,
    "opt_out_sync": _opt_out_sync,
    "history_room": _room,
    "define": _defined,
    "program_room": _program_room,
    "define_member_fields": _fields_defined,
    "looks_again": _several(float),
}


# --- words -------------------------------------------------------------------------------------------------------------


def _must(kept: bool, otherwise: str) -> None:
    if not kept:
        raise Wrong(otherwise)


def _name(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
