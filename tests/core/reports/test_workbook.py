"""The workbook that people fill in and sign: the report's own facts, and nothing in it computes anything."""

import hashlib
import re
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest

from hostile import COMPUTING as FORMULAS
from mamigrate.ledger.tables import Account
from mamigrate.reports import account_rows, beside, build_sheet, forms, workbook
from mamigrate.reports.forms import Column, Sheet
from mamigrate.reports.messages import LANGUAGES, Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.questions import QUESTIONS, questions
from mamigrate.reports.shapes import BUCKETS
from mamigrate.settings import decisions
from mamigrate.settings.decisions import QUESTIONS as ASKED
from rows import NOW
from sheets import Page, parts, read

Facts = dict[str, Any]
BOOK = Phrasebook(Messages.of())

RICH = [
    "<r><t>x</t></r>",
    "<r></si><f>1+1</f></r>",
    "<r></t></si></sst></r>",
    "<r>&</r>",
    "_x003D_1+1",
    "x\ufffe\uffff",
]
ODD = [
    "\x1b[31m",
    "\u202eevil",
    "\ud83d",
    "😀" * 30_000,
    "x" * 40_000,
    "",
    "]]>",
    "http://evil.example",
    "mailto:a@x.example",
]


def pages(facts: Facts, lang: str = "en", digest: str = "f" * 64) -> list[Page]:
    return read(workbook.build(forms.sheets(facts, BOOK, lang, digest), NOW))


def filled(tree: Any, text: str) -> Any:
    """``tree`` with every text in it replaced, but for what the program itself words."""
    ours = {"state", "severity", "began_at", "ended_at", "settled_due", "time_zone", "consent"}
    if isinstance(tree, dict):
        return {key: inner if key in ours else filled(inner, text) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [filled(inner, text) for inner in tree]
    return text if isinstance(tree, str) else tree


# --- nothing is computed ---------------------------------------------------------------------------------------------


def test_there_are_enough_payloads() -> None:
    assert len(set(FORMULAS)) >= 200


@pytest.mark.parametrize("payload", [*FORMULAS, *RICH, *ODD], ids=ascii)
def test_a_text_is_a_text_whatever_it_begins_with(payload: str) -> None:
    sheet = Sheet("one", payload, payload, (Column(payload, 10),), ((payload,), (7,)), ((payload, payload),))
    (page,) = read(workbook.build([sheet], NOW))
    assert (page.formulas, page.links) == ([], 0)
    shown = workbook.as_text(payload)
    assert [page.cells[place] for place in ((0, 0), (3, 0), (3, 1), (5, 0), (6, 0), (7, 0))] == [*[shown] * 5, 7]


def test_no_text_of_a_report_becomes_a_formula(states: dict[str, Facts]) -> None:
    """All payloads at once: each stands in a decision and in a finding of its own."""
    facts = states["blocked"]
    every = [*FORMULAS, *RICH, *ODD]
    day = {"choice": "accept", "who": "", "why": "", "when": "2026-01-01"}
    facts["decisions"] = [{**day, "id": f"{text}{n}", "who": text, "why": text} for n, text in enumerate(every)]
    facts["decisions_open"] = [{"id": f"{text}#{n}", "safe": text} for n, text in enumerate(every)]
    content = workbook.build(forms.sheets(facts, BOOK, "en", "f"), NOW)
    found = read(content)
    assert sum(len(page.formulas) + page.links for page in found) == 0
    assert len(found[0].table("Decision")) >= 2 * len(every)
    assert [name for name in parts(content) if "external" in name.lower() or "vba" in name.lower()] == []


@pytest.mark.parametrize("payload", [*FORMULAS[:24], *RICH, *ODD], ids=ascii)
def test_a_report_full_of_one_text_is_still_a_workbook(states: dict[str, Facts], payload: str) -> None:
    for page in pages(filled(states["blocked"], payload)):
        assert page.formulas == []


def test_a_text_that_is_too_long_for_a_cell_is_cut_where_everybody_sees_it() -> None:
    shown = workbook.as_text("😀" * 30_000)
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767
    assert shown.endswith(workbook.CUT)
    assert workbook.as_text("x" * workbook.LONGEST) == "x" * workbook.LONGEST


# --- the same facts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_accounts_are_the_numbers_of_the_json(loaded: Facts, lang: str) -> None:
    page = pages(loaded, lang)[2]
    kind = BOOK.say("kind").in_(lang)
    every = BOOK.say("everything_together").in_(lang)
    rows = {str(row[0]): row for row in page.table(kind)}
    assert len(rows) == len(page.table(kind)) == 1 + len(loaded["accounts"])
    for name, one in loaded["accounts"].items():
        row = rows[BOOK.word("kind", name).in_(lang)]
        numbers = [one["read"], *(one["buckets"].get(bucket, 0) for bucket in BUCKETS), sum(one["buckets"].values())]
        assert row == [BOOK.word("kind", name).in_(lang), *map(float, numbers), BOOK.say("adds_up").in_(lang)]
    counted = [one for name, one in loaded["accounts"].items() if name not in ("consent_fact", "list_membership")]
    assert rows[every][1] == sum(one["read"] for one in counted)
    beside = [
        BOOK.word("kind", name).in_(lang) for name in ("consent_fact", "list_membership") if name in loaded["accounts"]
    ]
    assert set(list(rows)[list(rows).index(every) + 1 :]) == set(beside)


def test_a_sum_that_does_not_close_says_so(loaded: Facts) -> None:
    loaded["accounts"]["person"] |= {"read": 1336, "closed": False}
    row = pages(loaded)[2].table("Kind")[0]
    assert (row[1], row[-2], row[-1]) == (1336, 1335, "does not close")


def test_steps_are_those_of_the_page(states: dict[str, Facts]) -> None:
    from mamigrate.reports.view import view

    for facts in states.values():
        shown = view(facts, BOOK, 10)
        rows = pages(facts)[1].table("Step")
        assert [row[0] for row in rows[:-1]] == [shown["step_text"](step).in_("en") for step in shown["steps"]]
        assert [row[3] for row in rows[:-1]] == [step.minutes for step in shown["steps"]]
        assert all(row[5] is None for row in rows[:-1])


def test_the_second_reading_is_due_when_the_page_says(loaded: Facts) -> None:
    due = [row[4] for row in pages(loaded)[1].table("Step") if row[4]]
    assert due == ["2026-04-02 09:10 (Asia/Tokyo)"]


@pytest.mark.parametrize("state", ["loaded", "planned", "blocked", "stopped", "failed"])
def test_who_signs_sees_the_run_and_its_hashes(states: dict[str, Facts], state: str) -> None:
    page = pages(states[state], digest="e" * 64)[3]
    told = {row[0]: row[1] for row in page.rows if len(row) > 1}
    assert (told["Run"], told["run.json (SHA-256)"]) == ("20260401-090000-000", "e" * 64)
    assert told["Plan (SHA-256)"] == (states[state]["plan"]["digest"] if "plan" in states[state] else "–")
    lines = page.table("Role")
    assert len(lines) >= 4
    assert all(line[1:] == [None, None, None] for line in lines)


# --- decisions ---------------------------------------------------------------------------------------------------------


def asking(facts: Facts) -> Facts:
    """Facts in which every question is open that a run can ask, and one is decided."""
    found = {
        "irreversible_undecided": {"count": "3", "names": "a, b, c"},
        "law_holds_undecided": {"nowhere": "75", "partly": "2"},
        "consent_column_undeclared": {"field": "mail_ok", "label": "Mail?", "values": "○ 3"},
        "live_automation": {"name": "Welcome", "id": '7"\\ \u2028x'},
        "denials_unread": {"what": "exclusions_unread", "id": "unread-denials"},
        "denial_unattributed": {"source": "facts/x.csv/2/CRM", "value": "a•••"},
        "denials_lifted_many": {"people": "20", "denied": "20", "id": "lifted-denials/20"},
        "crm_unknown": {},
        "crm_opt_outs_unread": {},
        "crm_id_conflict": {"by_crm": "7", "by_address": "8", "id": "crm-id/new/5"},
        "facts_lost": {"id": "0123456789ab"},
        "tombstones_unnamed": {"id": "0123456789ab"},
        "topic_field_reused": {"field": "pref", "was": "opt_out", "now": "opt_in", "id": "reuse-field/pref/opt_in"},
        "count_short": {"n": "2", "kind": "person"},
        "side_shrunk": {"was": "20", "now": "2", "kind": "person", "move": "m1", "id": "shrunk/old/person/m1"},
        "denials_late": {"count": "2", "waiting": "1", "hours": "49.0", "within": "48"},
        "late_denial_nowhere": {"field": "held"},
        "late_column_unread": {},
        "default_topic_open": {"topic": "Partner offers", "id": "partner"},
        "opt_out_sync_loses": {"mode": "crm"},
        "asset_is_marketing": {"name": "Receipt", "class": "TXN", "id": "email/7"},
        "other_instance": {"was": "1", "now": "2", "id": "other-instance/new/2"},
        "member_fields_undecided": {"names": "mmMemberSince, mmSuccessAt"},
    }
    told = [{"code": code, "severity": "block", "subject": "new", "params": params} for code, params in found.items()]
    old = {
        "id": "old-source",
        "choice": "accept",
        "who": 'Ana "A" Silva\\',
        "why": "one\ntwo: #3",
        "when": "2026-03-31",
    }
    return facts | {
        "findings": told,
        "decisions": [old],
        "decisions_open": [{"id": "irreversible/create-fields", "safe": "accept"}],
    }


def test_every_question_stands_there_once_open_ones_first(loaded: Facts) -> None:
    asked = list(questions(asking(loaded), BOOK))
    assert [one.id for one in asked][-1] == "old-source"
    assert len({one.id for one in asked}) == len(asked) == len(QUESTIONS) == len(ASKED)
    assert [one.made is None for one in asked] == [True] * (len(ASKED) - 1) + [False]


@pytest.mark.parametrize("question", ASKED)
def test_every_question_that_the_program_asks_has_a_sentence(question: str) -> None:
    assert any(question.startswith(begin) for begin in QUESTIONS)


def test_sentences_about_a_question_do_not_run_together(loaded: Facts) -> None:
    planned = asking(loaded) | {"state": "planned", "created_fields": [{"name": n, "own": False} for n in "abc"]}
    for lang, said in (("en", "there: 3. "), ("ja", "。 "), ("ko", ". ")):
        rows = [row for row in pages(planned, lang)[0].rows if row and row[0] == "irreversible/create-fields"]
        (about,) = [str(row[1]) for row in rows]
        assert said in about
        assert about.endswith((".", "。"))


def test_a_decision_that_was_made_is_not_asked_again(loaded: Facts) -> None:
    facts = asking(loaded)
    facts["decisions"].append({**facts["decisions"][0], "id": "unread-denials", "choice": "refuse"})
    rows = [row for row in pages(facts)[0].table("Decision") if row[0] == "unread-denials"]
    assert [row[3] for row in rows] == ["refuse"]


def test_what_a_question_is_about_is_told_in_the_language_of_the_report(loaded: Facts) -> None:
    for lang, said in (("en", "never be deleted"), ("ja", "二度と削除できません"), ("ko", "삭제할 수 없습니다")):
        row = pages(asking(loaded), lang)[0].rows[4]
        assert said in str(row[1])


def test_the_cells_to_fill_are_empty_and_made_ones_are_not(loaded: Facts) -> None:
    rows = pages(asking(loaded))[0].table("Decision")
    assert [row[3:7] for row in rows[:-1]] == [[None] * 4] * (len(ASKED) - 1)
    assert rows[-1][3:7] == ["accept", 'Ana "A" Silva\\', "one\ntwo: #3", "2026-03-31"]


def test_the_lines_for_the_file_are_taken_by_the_program_once_they_are_filled(loaded: Facts, tmp_path: Path) -> None:
    rows = pages(asking(loaded))[0].table("Decision")
    for row in rows:
        path = tmp_path / "decisions.yaml"
        path.write_text(_filled(str(row[7])), encoding="utf-8")
        (made,) = decisions.load(path)
        assert workbook.as_text(made.id) == row[0]
        assert made.choice == "accept"
    (tmp_path / "all.yaml").write_text("\n".join(_filled(str(row[7])) for row in rows), encoding="utf-8")
    loaded_ = decisions.load(tmp_path / "all.yaml")
    assert (len(list(loaded_)), loaded_.unasked) == (len(ASKED), ())
    old = loaded_.get("old-source")
    assert old is not None
    assert (old.who, old.why, str(old.when)) == ('Ana "A" Silva\\', "one\ntwo: #3", "2026-03-31")


def _filled(lines: str) -> str:
    """As a person would: words between the empty quotes, a day behind ``when:``."""
    for name, word in (("choice", "accept"), ("who", "Ana Silva"), ("why", "agreed")):
        lines = lines.replace(f'{name}: ""', f'{name}: "{word}"')
    return re.sub("when:$", "when: 2026-03-02", lines, flags=re.MULTILINE)


def test_lines_that_nobody_filled_are_refused(loaded: Facts, tmp_path: Path) -> None:
    from mamigrate.errors import UsageError

    path = tmp_path / "decisions.yaml"
    path.write_text(str(pages(asking(loaded))[0].table("Decision")[0][7]), encoding="utf-8")
    with pytest.raises(UsageError):
        decisions.load(path)


@pytest.mark.parametrize(
    "text", [*FORMULAS[:30], "\x85\x9b", "\u2028\u2029", "\ufeff", "日本 株式会社 😀", "a: b # c", "\\", '"'], ids=ascii
)
def test_any_word_survives_the_lines(text: str, tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text(decisions.as_yaml(f"live/x{text}", "accept", f"x{text}x", text, "2026-03-02"), encoding="utf-8")
    (made,) = decisions.load(path)
    assert (made.id, made.who, made.why) == (f"live/x{text}".strip(), f"x{text}x", text)


# --- the file ----------------------------------------------------------------------------------------------------------


def test_it_lies_beside_the_report_and_names_its_json(loaded: Facts, tmp_path: Path) -> None:
    rows = account_rows.write(
        tmp_path, [Account(run_id="r", kind="person", source_key="1", bucket="created")], unmask=False
    )
    sheets = build_sheet.sheets({}, {}, unmask=False)
    beside.write(tmp_path, loaded | beside.index(rows, sheets), sheets, "ja", ())
    path = tmp_path / "run.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = read(path.read_bytes())
    assert [page.name for page in found] == ["決定事項", "次の作業", "集計", "署名"]
    digest = hashlib.sha256((tmp_path / "run.json").read_bytes()).hexdigest()
    assert digest in found[3].cells.values()
    assert "run.xlsx" in orjson.loads((tmp_path / "run.json").read_bytes())["files"]


def test_the_same_facts_give_the_same_bytes(loaded: Facts) -> None:
    one, other = (workbook.build(forms.sheets(loaded, BOOK, "en", "f"), NOW) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_of_sheets_are_names(loaded: Facts, lang: str) -> None:
    names = [sheet.name for sheet in forms.sheets(loaded, BOOK, lang, "f")]
    assert len(set(names)) == 4
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)
