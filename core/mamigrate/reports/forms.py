"""What people fill in or sign: the report's facts as sheets of rows, in one language. Pure, from the view of the page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mamigrate.plan.model import FOLLOWS, everything
from mamigrate.reports.phrases import Phrase, Phrasebook
from mamigrate.reports.questions import Question, questions
from mamigrate.reports.render import INLINE_ROWS
from mamigrate.reports.shapes import BUCKETS
from mamigrate.reports.standing import Facts
from mamigrate.reports.view import KindAccount, view
from mamigrate.settings import decisions

Cell = str | int | None
"""What stands in a cell; None: somebody fills it in."""

SIGNERS = ("sponsor", "privacy", "marketing_ops", "platform_admin", "")
"""Roles with a line to sign on; the last is for whoever else."""


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in characters. ``choices``: what may be filled in."""

    head: str
    width: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """``pairs`` (label, value) stand above the table. ``total`` is the number of the row that is a sum; 0: none is."""

    name: str
    title: str
    lead: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    pairs: tuple[tuple[str, Cell], ...] = ()
    total: int = 0


def sheets(facts: Facts, book: Phrasebook, lang: str, digest: str) -> tuple[Sheet, ...]:
    """``digest`` is the SHA-256 of the report's JSON."""
    shown = view(facts, book, INLINE_ROWS)

    def say(code: str, **params: Any) -> str:
        return book.say(code, **params).in_(lang)

    return (
        _decisions(list(questions(facts, book)), say, lang),
        _steps(shown, book, say, lang),
        _accounts(shown["kinds"], book, say, lang),
        sign_off(book, lang, tuple(_signed_for(facts, shown, book, say, lang, digest))),
    )


Say = Callable[..., str]


def _decisions(asked: list[Question], say: Say, lang: str) -> Sheet:
    heads = (("decision", 26), ("about", 70), ("safe", 30))
    columns = [Column(say(code), width) for code, width in heads]
    columns += [Column(say("choice"), 12, decisions.CHOICES), Column(say("who"), 20), Column(say("why"), 30)]
    columns += [Column(say("when_signed"), 14), Column(say("as_in_file", file="decisions.yaml"), 40)]
    rows = tuple(_decision(one, lang) for one in asked)
    return Sheet(say("form_decisions"), say("part_choices"), say("form_decisions_lead"), tuple(columns), rows)


def _decision(one: Question, lang: str) -> tuple[Cell, ...]:
    about = " ".join(_ended(phrase.in_(lang), lang) for phrase in one.about)
    filled = [(one.made or {}).get(name) for name in ("choice", "who", "why", "when")]
    return one.id, about, one.safe.in_(lang), *filled, _yaml(one)


def _ended(sentence: str, lang: str) -> str:
    """With a stop at its end: several stand in one cell."""
    stop = "。" if lang == "ja" else "."
    return sentence if sentence.endswith((".", "。", "?", "？", "!", "！")) else sentence + stop


def _yaml(one: Question) -> str:
    made = one.made or {}
    choice, who, why, when = (made.get(name) or "" for name in ("choice", "who", "why", "when"))
    return decisions.as_yaml(one.id, choice, who, why, when, made.get("column")).rstrip("\n")


def _steps(shown: Mapping[str, Any], book: Phrasebook, say: Say, lang: str) -> Sheet:
    heads = (("step", 70), ("role", 26), ("effort", 14), ("minutes_each", 12), ("due", 26), ("done_by", 26))
    columns = tuple(Column(say(code), width) for code, width in heads)
    rows: list[tuple[Cell, ...]] = []
    for step in shown["steps"]:
        said, role, effort = shown["step_text"](step), book.word("role", step.role), shown["effort"](step.minutes)
        due = shown["when"](str(step.params["when"])) if "when" in step.params else None
        rows.append((said.in_(lang), role.in_(lang), effort.in_(lang), step.minutes, due, None))
    if rows:
        minutes = sum(step.minutes for step in shown["steps"])
        rows.append((say("total"), "", shown["total_effort"].in_(lang), minutes, "", ""))
    return Sheet(say("form_steps"), say("next"), say("effort_rough"), columns, tuple(rows), total=len(rows))


def _accounts(kinds: tuple[KindAccount, ...], book: Phrasebook, say: Say, lang: str) -> Sheet:
    heads = [say("kind"), say("read"), *(book.word("bucket", name).in_(lang) for name in BUCKETS), say("accounted")]
    columns = tuple(Column(head, 34 if at == 0 else 14) for at, head in enumerate([*heads, say("sums")]))

    def row(one: KindAccount) -> tuple[Cell, ...]:
        return book.word("kind", one.kind).in_(lang), *_numbers(one), _closed(one, say)

    # Above the sum what it counts, below it what follows others.
    following = [row(one) for one in kinds if one.kind in FOLLOWS]
    rows = [row(one) for one in kinds if one.kind not in FOLLOWS]
    if rows:
        rows.append((say("everything_together"), *_together(kinds), ""))
    lead = " ".join((say("kinds_lead"), say("everything_lead")))
    return Sheet(say("form_accounts"), say("accounts"), lead, columns, (*rows, *following), total=len(rows))


def _together(kinds: tuple[KindAccount, ...]) -> tuple[int, ...]:
    every = everything({one.kind: dict(one.buckets) for one in kinds})
    read = sum(one.read for one in kinds if one.kind not in FOLLOWS)
    return read, *(every[name] for name in BUCKETS), every.total()


def _numbers(one: KindAccount) -> tuple[int, ...]:
    """Read, in each bucket, in all buckets."""
    buckets = dict(one.buckets)
    return one.read, *(buckets.get(name, 0) for name in BUCKETS), sum(buckets.values())


def _closed(one: KindAccount, say: Say) -> str:
    return say("not_planned" if one.closed is None else "adds_up" if one.closed else "adds_not_up")


def sign_off(book: Phrasebook, lang: str, pairs: tuple[tuple[str, Cell], ...]) -> Sheet:
    """The sheet with a line for each who signs; ``pairs`` say what is signed."""
    heads = (("role_of_signer", 34), ("name", 34), ("date", 16), ("signature", 44))
    rows = tuple(((book.word("role", role).in_(lang) if role else None), None, None, None) for role in SIGNERS)
    columns = tuple(Column(book.say(code).in_(lang), width) for code, width in heads)
    title, lead = (book.say(code).in_(lang) for code in ("form_sign_off", "form_sign_off_lead"))
    return Sheet(title, title, lead, columns, rows, pairs)


def _signed_for(
    facts: Facts, shown: Mapping[str, Any], book: Phrasebook, say: Say, lang: str, digest: str
) -> Iterator[tuple[str, Cell]]:
    """What is signed: the run, how it ended, and hashes by which the files are known again."""
    yield say("run_id"), facts["run"]
    yield say("from_to"), f"{facts['source']['title']} → {facts['target']['title']}"
    yield say("ended"), shown["when"](facts["ended_at"])
    yield say("stands"), say(f"headline_{shown['standing'].code}", n=shown["standing"].refused)
    yield say("consent_proof"), _verdict(facts, book, say).in_(lang)
    yield say("decisions_waiting"), len(facts["decisions_open"])
    yield say("plan_digest"), facts["plan"]["digest"] if facts.get("plan") else "–"
    yield say("hash_report", file="run.json"), digest
    yield say("versions"), f"mamigrate {facts['version']} · model {facts['model_version']}"


def _verdict(facts: Facts, book: Phrasebook, say: Say) -> Phrase:
    return book.word("verdict", facts["consent"]) if facts["consent"] else book.say("no_verdict")
