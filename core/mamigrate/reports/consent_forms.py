"""What a data-protection officer fills in and signs of a consent report: its facts as sheets of rows, in one language. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mamigrate.reports import adding_up
from mamigrate.reports.forms import Cell, Column, Say, Sheet, sign_off
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.standing import Facts
from mamigrate.reports.view import when


def sheets(facts: Facts, book: Phrasebook, lang: str, digest: str) -> tuple[Sheet, ...]:
    """``digest`` is the SHA-256 of ``consent.json``."""

    def say(code: str, **params: Any) -> str:
        return book.say(code, **params).in_(lang)

    def word(group: str, name: str) -> str:
        return book.word(group, name).in_(lang)

    return (
        _statements(facts["proof"]["statements"], say, word),
        _lifted(facts, say),
        _held(facts, book, say, lang),
        sign_off(book, lang, tuple(_signed_for(facts, say, word, digest))),
    )


def _statements(statements: list[Mapping[str, Any]], say: Say, word: Callable[[str, str], str]) -> Sheet:
    heads = (("statement", 80), ("verdict", 16), ("checked", 14), ("violations", 14), ("unverified", 14), ("why", 40))
    columns = tuple(Column(say(f"proof_{code}"), width) for code, width in heads)
    rows = tuple(
        (
            f"I{one['number']} · {word('statement', str(one['number']))}",
            word("verdict", one["verdict"]),
            *(one[name] for name in ("checked", "violations", "unverified")),
            word("reason", one["reason"]) if one["reason"] else "",
        )
        for one in statements
    )
    return Sheet(say("form_statements"), say("consent_proof"), say("proof_lead"), columns, rows)


def _lifted(facts: Facts, say: Say) -> Sheet:
    """Each denial that ended: somebody says of each whether its proof will do."""
    heads = [("param_topic", 30), ("param_denial", 50), ("date", 26), ("param_proof", 50), ("date", 26)]
    columns = [Column(say(code), width) for code, width in heads]
    columns += [Column(say(code), width) for code, width in (("who", 20), ("why", 30), ("when_signed", 14))]
    zone, topics = facts["time_zone"], facts["topics"]
    rows = tuple(
        (
            topics.get(one["topic"], one["topic"]),
            one["denied"],
            when(one["denied_at"], zone),
            one["proof"],
            when(one["proven_at"], zone),
            *[None] * 3,
        )
        for one in facts["lifted"]
    )
    lead = say("consent_lifted_lead", n=facts["lifted_number"])
    if left := facts.get("lifted_left"):
        lead += " " + say("consent_rows_left", n=left, file=facts["proof"]["evidence"]["file"])
    return Sheet(say("form_lifted"), say("consent_lifted_list"), lead, tuple(columns), rows)


def _held(facts: Facts, book: Phrasebook, say: Say, lang: str) -> Sheet:
    """Who stays unmailed, by cause: nobody is freed without a name and a reason."""
    heads = (("cause", 60), ("people", 14), ("who", 20), ("why", 40), ("when_signed", 14))
    columns = tuple(Column(say(code), width) for code, width in heads)
    told = adding_up.by_cause(facts["held"], book)
    rows: list[tuple[Cell, ...]] = [(cause.in_(lang), people, None, None, None) for cause, people in told]
    return Sheet(say("form_held"), say("consent_held"), say("consent_held_lead"), columns, tuple(rows))


def _signed_for(facts: Facts, say: Say, word: Callable[[str, str], str], digest: str) -> Iterator[tuple[str, Cell]]:
    """What is signed: the command, what it came to, and hashes by which the files are known again."""
    evidence = facts["proof"]["evidence"]
    yield say("run_id"), facts["run"]
    yield say("from_to"), f"{facts['source']['title']} → {facts['target']['title']}"
    yield say("ended"), when(facts["ended_at"], facts["time_zone"])
    yield say("consent_proof"), word("verdict", facts["verdict"])
    yield say("consent_new"), sum(one["new"] for one in facts["heat"])
    yield say("consent_unread_people"), facts["unread"]
    yield say("evidence_file"), say("evidence_rows", n=evidence["rows"], file=evidence["file"])
    yield say("evidence_head"), evidence["head"]
    yield say("hash_report", file="consent.json"), digest
    yield say("hash_mapping"), facts["inputs"]["mapping"]
    yield say("hash_decisions"), facts["inputs"]["decisions"]
    yield from ((say("hash_report", file=one["name"]), one["sha256"]) for one in facts["inputs"]["files"])
    for one in facts["inputs"]["packs"]:
        yield say("pack_of_law", name=one["name"]), f"{one['version']}, {one['reviewed']}"
    yield say("versions"), f"mamigrate {facts['version']}"
