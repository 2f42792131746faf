"""Pages from values: jinja with escaping on, undefined names forbidden, and characters that deceive made visible."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.reports import adding_up, build_sheet
from mamigrate.reports.grouping import SENTENCES, as_finding
from mamigrate.reports.mask import visible
from mamigrate.reports.messages import LANGUAGES, Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.shapes import heat
from mamigrate.reports.standing import Facts
from mamigrate.reports.undone import stays
from mamigrate.reports.view import span, view, when
from mamigrate.reports.whose import whose

INLINE_ROWS = 2000
"""Rows of a table that stand in the page; the rest stays in the files beside it."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""No script, nothing loaded, nothing sent."""

KEPT = ("evidence", "ledger", "reports", "by_hand", "facts", "other_files")
"""What stays in a project's folder when its people are destroyed; files of facts are told in the words for what stays."""

Undrawable = jinja2.UndefinedError
"""Raised for facts that lack what their page shows."""

NAMES = {"en": "English", "ja": "日本語", "ko": "한국어"}


def run_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The run's report as one self-contained page with all languages in it, opening in ``lang``."""
    book = Phrasebook(Messages.of(*adapters))
    return _page("report/run.html.j2", book, lang, facts=facts, **view(facts, book, INLINE_ROWS))


def consent_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The consent report as a page."""
    book = Phrasebook(Messages.of(*adapters))
    return _page(
        "report/consent.html.j2",
        book,
        lang,
        facts=facts,
        heat=heat,
        held=list(adding_up.by_cause(facts["held"], book)),
        why=[as_finding(one) for one in facts["findings"] if one["severity"] == Severity.BLOCK][:SENTENCES],
        findings=[as_finding(one) for one in facts["findings"][:INLINE_ROWS]],
        when=lambda text: when(text, facts.get("time_zone", "UTC")),
        span=lambda seconds: span(seconds, book),
    )


def rollback_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The record of a rollback as a page."""
    book = Phrasebook(Messages.of(*adapters))
    told = stays([(one["code"], one["kind"], one["number"], one["reason"]) for one in facts["stays"]], book)
    return _page(
        "report/rollback.html.j2",
        book,
        lang,
        facts=facts,
        stays=[{"number": number, "says": says} for number, says in told],
        findings=[as_finding(one) for one in facts["findings"][:INLINE_ROWS]],
        when=lambda text: when(text, facts.get("time_zone", "UTC")),
    )


def who_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The page about one person, in clear, with all languages in it."""
    book = Phrasebook(Messages.of(*adapters))
    return _page("report/who.html.j2", book, lang, facts=facts, **whose(facts, book))


def purge_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The statement of a purge as a page."""
    return _told("report/purge.html.j2", facts, lang, adapters, shown=facts["places"][:INLINE_ROWS])


def transfers_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The transfer sheet as a page."""
    return _told("report/transfers.html.j2", facts, lang, adapters)


def _told(template: str, facts: Facts, lang: str, adapters: Sequence[str], **more: Any) -> str:
    zone = facts.get("time_zone", "UTC")
    return _page(
        template,
        Phrasebook(Messages.of(*adapters)),
        lang,
        facts=facts,
        findings=[as_finding(one) for one in facts["findings"][:INLINE_ROWS]],
        when=lambda text: when(text, zone),
        size=size,
        kept=KEPT,
        **more,
    )


def size(number: int) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:,} {unit}"
        number = -(-number // 1024)
    return f"{number:,} GiB"


def sync_page(facts: Facts, lang: str, adapters: Sequence[str]) -> str:
    """The record of late denials as a page."""
    book = Phrasebook(Messages.of(*adapters))
    return _page(
        "report/sync.html.j2",
        book,
        lang,
        facts=facts,
        rows=INLINE_ROWS,
        findings=[as_finding(one) for one in facts["findings"][:INLINE_ROWS]],
        when=lambda text: when(text, facts.get("time_zone", "UTC")),
        span=lambda seconds: span(seconds, book),
    )


def build_page(
    kind: Kind, sheets: Sequence[build_sheet.Sheet], facts: Facts, lang: str, adapters: Sequence[str]
) -> str:
    """The build sheets of one kind as a page."""
    book = Phrasebook(Messages.of(*adapters))
    shown = sheets[:INLINE_ROWS]
    paged = {name: sheet["page"].rpartition("/")[2] for name, sheet in _by_kind(facts).items()}
    return _page(
        "buildsheet/kind.html.j2",
        book,
        lang,
        facts=facts,
        kind=kind.value,
        sheets=shown,
        number=len(sheets),
        paged=paged,
        when=lambda text: when(text, facts.get("time_zone", "UTC")),
    )


def _by_kind(facts: Facts) -> dict[str, Any]:
    return {one["kind"]: one for one in facts["build_sheets"]}


def _page(name: str, book: Phrasebook, lang: str, **values: Any) -> str:
    words = {
        "names_subject": book.names_subject,
        "say": book.say,
        "word": book.word,
        "sentence": book.finding,
        "param": book.param,
        "join": book.join,
    }
    settled = {"lang": lang, "languages": LANGUAGES, "names": NAMES, "policy": POLICY}
    return _environment().get_template(name).render(**words, **settled, **values)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("mamigrate_templates", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["n"] = _number
    return made


def _final(value: Any) -> Any:
    """Every value on its way into the page: text of whatever origin cannot hide what it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
