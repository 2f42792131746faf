"""The statement of a purge and the transfer sheet as pages: every language, every state, and text from anywhere shown as text."""

import copy
from typing import Any

import pytest

from mamigrate.reports import render
from mamigrate.reports.messages import LANGUAGES, Messages
from markup import elements, words

Facts = dict[str, Any]
HOSTILE = "<script>alert(1)</script>\u202e"


def holder(role: str, **more: Any) -> Facts:
    stated = {"name": "Minamo", "country": "JP", "purpose": "mail", "basis": "consent", "until": "2030-12-31"}
    common = {
        "role": role,
        "title": "Old",
        "connection": "",
        "where": "",
        "data": [],
        "fields": [],
        "ledger": "",
        "missing": [],
    }
    return {**common, **stated, **more}


def sheet() -> Facts:
    people = {"kind": "person", "how": "created", "objects": 1200, "compliance": False}
    denied = {"kind": "suppressed_address", "how": "created", "objects": 7, "compliance": True}
    return {
        "controller": "Minamo KK",
        "signed": "Sato",
        "complete": True,
        "holders": [
            holder("source", where="old.example"),
            holder("target", data=[people, denied], fields=["email"]),
            holder("crm", country="", missing=["country"]),
            holder("project", data=[{"what": "snapshots", "files": 3, "bytes": 5000}], ledger="postgresql db.example"),
            holder("evidence", data=[{"what": "evidence", "files": 2, "bytes": 900}]),
            holder("recipient", name="Consult GmbH"),
        ],
    }


def statement() -> Facts:
    place = {"what": "snapshots", "path": ".mamigrate/snapshots/a", "files": 3, "bytes": 5000, "digest": "ab"}
    finding = {"code": "purge_linked", "severity": "warn", "subject": "/x", "params": {"count": "2"}}
    return {
        "report": "purge",
        "run": "r9",
        "version": "1",
        "project": "minamo",
        "folder": "/x",
        "time_zone": "Asia/Tokyo",
        "state": "done",
        "who": "Sato",
        "machine": "host",
        "command": "mamigrate purge --yes",
        "began_at": "2026-04-01T00:00:00+00:00",
        "ended_at": "2026-04-01T00:10:00+00:00",
        "destroyed": [{"what": "snapshots", "places": 1, "files": 3, "bytes": 5000}],
        "places": [place],
        "rows": {"idmap": 1300},
        "read": [{"connection": "old", "kind": "person", "objects": 1200}],
        "tombstones": {"": 7, "objection": 7},
        "unread": {"old-1": "it is encrypted, and no key is configured"},
        "abandoned": ["r1"],
        "writes_open": 1,
        "remains": [{"what": "facts", "files": 1, "bytes": 3 * 2**20, "personal": "yes"}],
        "limits": ["unlinked", "copies", "others", "server"],
        "checks": [{"what": "files_left", "found": 0}],
        "transfers": sheet(),
        "findings": [finding],
    }


def transfers() -> Facts:
    common = {"report": "transfers", "run": "r9", "version": "1", "project": "minamo", "time_zone": "UTC"}
    return {**common, "made_at": "2026-04-01T00:00:00+00:00", "findings": [], **sheet()}


def test_kinds_of_denials_stand_there_in_words() -> None:
    told = words(render.purge_page(statement(), "ja", ()), "ja")
    assert "objection" not in told
    assert Messages.of().text("page_fact_objection", "ja") in "".join(told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_statement_says_everything_in_every_language(lang: str) -> None:
    told = words(render.purge_page(statement(), lang, ()), lang)
    text = "\n".join(told)
    for said in (
        "Sato",
        "1,300",
        "1,200",
        ".mamigrate/snapshots/a",
        "r1",
        "old-1",
        "3 MiB",
        "2026-04-01 09:10 (Asia/Tokyo)",
    ):
        assert said in text
    for code in ("page_", "purge_", "limit_", "holds_", "stated_"):
        assert not any(line.startswith(code) for line in told)


def test_a_purge_that_left_something_says_so_first() -> None:
    told = words(render.purge_page({**statement(), "state": "partly"}, "en", ()), "en")
    assert "The personal data of this project was destroyed in part" in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_marks_what_is_not_stated_and_what_was_passed_on_for_compliance(lang: str) -> None:
    text = "\n".join(words(render.transfers_page(transfers(), lang, ()), lang))
    for said in ("Consult GmbH", "old.example", "postgresql db.example", "2030-12-31"):
        assert said in text
    unstated = {"en": "not stated", "ja": "未記入", "ko": "적지 않음"}
    assert text.count(unstated[lang]) == 1


def test_text_from_anywhere_is_shown_as_text() -> None:
    facts = copy.deepcopy(statement())
    facts["who"] = facts["project"] = facts["folder"] = facts["transfers"]["controller"] = HOSTILE
    facts["places"][0]["path"] = facts["transfers"]["holders"][0]["name"] = HOSTILE
    facts["unread"] = {HOSTILE: HOSTILE}
    page = render.purge_page(facts, "en", ())
    tags = {tag for tag, _ in elements(page).found}
    assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form", "img"}
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("number", "says"), [(0, "0 B"), (1023, "1,023 B"), (1025, "2 KiB"), (2**20, "1 MiB"), (2**41, "2,048 GiB")]
)
def test_bytes_are_told_in_units(number: int, says: str) -> None:
    assert render.size(number) == says
