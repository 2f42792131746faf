"""The message files: the same codes and placeholders in every language, and a text for every code in the program."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError

from mamigrate.findings import Finding, Severity
from mamigrate.reports.messages import LANGUAGES, Messages, parse

ROOT = Path(__file__).parents[2]
CORE = ROOT / "templates" / "mamigrate_templates" / "messages"
FOLDERS = [CORE, *sorted((ROOT / "adapters").glob("*/messages"))]
MAKERS = frozenset({"add", "Finding", "Problem", "_finding", "_problem"})
"""Functions whose first argument is a finding's code. Where it is a name, its values stand in NAMED."""

NAMED = {
    "core/mamigrate/stages/gate.py": {
        "irreversible_undecided",
        "law_holds_undecided",
        "consent_column_undeclared",
        "live_automation",
        "decision_refused",
    },
    "core/mamigrate/stages/verify.py": {
        "newly_reachable",
        "reopened_on_target",
        "topic_denial_lost",
        "unverified",
        "doubled",
    },
    "core/mamigrate/mapping/recipes_check.py": {
        "recipe_source_unknown",
        "recipe_stage_unknown",
        "recipe_amount_unknown",
        "recipe_folder_unknown",
        "recipe_channel_unknown",
        "recipe_type_not_of_channel",
        "recipe_status_unknown",
        "recipe_evidence_unknown",
        "recipe_tag_unknown",
    },
    "core/mamigrate/stages/shrunk.py": {"side_shrunk", "target_shrunk"},
    "core/mamigrate/stages/sync/unplaced.py": {"late_denial_nowhere", "late_denial_not_held"},
    "core/mamigrate/stages/plan.py": {"type_lost", "unmapped_value", "too_long", "too_long_cut", "too_long_left"},
}
"""Codes that reach a finding through a variable, by file."""

LOOKED_UP = re.compile(r"""\b(?:say|word)\(\s*"([a-z_]+)"(\s*~)?""")
GROUPS = (
    "kind",
    "one",
    "bucket",
    "reason",
    "cause",
    "role",
    "severity",
    "verdict",
    "loss",
    "type",
    "param",
    "tie",
    "mode",
    "class",
)
MORE_GROUPS = (
    *("attr", "value", "asset", "how", "finding", "headline", "under", "reach", "part", "step", "census", "fact"),
    *("rule", "statement"),
)
ROLLBACK = ("undone", "stay", "stays", "rollback_headline")
PERSON = ("found", "near", "fate", "fact", "holder", "actor", "stand", "hold", "made", "trouble")
PURGE = ("purge_headline", "holds", "stated", "got", "holder", "place", "kept", "limit", "check")
SYNC = ("fate", "because")
HISTORY = ("policy", "family")
EVERY_GROUP = (*GROUPS, *MORE_GROUPS, *HISTORY, *ROLLBACK, *PERSON, *PURGE, *SYNC)


def read(folder: Path, lang: str) -> dict[str, str]:
    loaded = YAML(typ="safe").load((folder / f"{lang}.yaml").read_text(encoding="utf-8"))
    return {str(code): str(text) for code, text in loaded.items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    "content",
    [
        *((folder / f"{lang}.yaml").read_text(encoding="utf-8") for folder in FOLDERS for lang in LANGUAGES),
        'a: "one"\nplain: no quotes at all\nb: "two"',
        'a: "one"  # why\nb: |\n  two\n  lines\n',
        '"a": "one"\nbc: "\\U0001F600 \\x41\\\n  goes on"\n',
        'bc: "a\ttab and a \u2028"\n',
        "",
    ],
)
def test_a_message_file_is_read_as_yaml_however_it_is_written(content: str) -> None:
    assert parse(content) == (YAML(typ="safe").load(content) or {})


def test_a_code_with_two_texts_is_refused() -> None:
    with pytest.raises(DuplicateKeyError):
        parse('ab: "one"\nab: "two"\n')


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_language_has_the_same_codes_and_placeholders(folder: Path) -> None:
    english = read(folder, "en")
    for lang in LANGUAGES:
        other = read(folder, lang)
        assert list(other) == list(english)
        for code, text in other.items():
            assert placeholders(text) == placeholders(english[code]), f"{lang}: {code}"
            assert text.strip() or code == "page_comma"


def test_adapters_and_core_agree_on_placeholders_of_a_shared_code() -> None:
    """A code of the core that an adapter words anew must work with the core's parameters, and the other way round."""
    core = read(CORE, "en")
    for folder in FOLDERS[1:]:
        for code, text in read(folder, "en").items():
            assert code not in core or placeholders(text) - {"type"} <= placeholders(core[code]), code


def sources() -> Iterator[tuple[str, ast.Module]]:
    for part in ("core", "adapters"):
        for path in sorted((ROOT / part).rglob("*.py")):
            if "testing" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def codes(name: str, tree: ast.Module) -> Iterator[str | None]:
    """Codes of findings made in a module; None for one that is not a constant."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in MAKERS or (called == "add" and not _adds_a_finding(node)):
            continue
        first = node.args[0]
        yield first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _adds_a_finding(node: ast.Call) -> bool:
    return len(node.args) > 2 and isinstance(node.args[1], ast.Attribute | ast.Name | ast.IfExp)


def texts() -> set[str]:
    return {code for folder in FOLDERS for code in read(folder, "en")}


def test_every_code_in_the_program_has_a_text() -> None:
    known = texts()
    for name, tree in sources():
        for code in [one for one in codes(name, tree) if one is not None] + sorted(NAMED.get(name, ())):
            assert code in known, f"{name}: {code}"
            assert f"page_finding_{code}" in known, f"{name}: title of {code}"


PASSED_ON = {
    "core/mamigrate/findings.py",
    "core/mamigrate/consent/files.py",
    "core/mamigrate/ledger/accounts.py",
    "core/mamigrate/mapping/convert.py",
    "core/mamigrate/mapping/load.py",
    "core/mamigrate/reports/grouping.py",
    "core/mamigrate/reports/mask.py",
    "core/mamigrate/reports/phrases.py",
    "core/mamigrate/snapshot/folder.py",
    "core/mamigrate/stages/report.py",
    "core/mamigrate/http/checking.py",
}
"""Modules that hand on a finding's code that was made elsewhere."""


def test_codes_that_are_not_constants_are_known_to_this_test() -> None:
    variable = {name for name, tree in sources() if None in list(codes(name, tree))}
    assert variable <= set(NAMED) | PASSED_ON


def test_every_text_that_pages_ask_for_exists_and_no_other() -> None:
    english = {code.removeprefix("page_") for code in read(CORE, "en") if code.startswith("page_")}
    asked: set[str] = set()
    for path in [*ROOT.glob("templates/**/*.j2"), *ROOT.glob("core/mamigrate/reports/*.py")]:
        for name, more in LOOKED_UP.findall(path.read_text(encoding="utf-8")):
            if not more and name not in EVERY_GROUP:
                asked.add(name)
    assert asked <= english, asked - english
    grouped = {code for code in english if code.startswith(tuple(f"{name}_" for name in EVERY_GROUP))}
    constants = " ".join(
        p.read_text(encoding="utf-8")
        for p in [*ROOT.glob("templates/**/*.j2"), *ROOT.glob("core/mamigrate/reports/*.py")]
    )
    unused = {code for code in english - asked - grouped if f'"{code}"' not in constants}
    assert not unused


def test_every_parameter_of_a_finding_has_a_heading_in_every_language() -> None:
    """It is a column of the report's tables; the object has one of its own."""
    for lang in LANGUAGES:
        core = read(CORE, lang)
        findings = {
            code: text for folder in FOLDERS for code, text in read(folder, lang).items() if "page_" not in code
        }
        named = {name for text in findings.values() for name in placeholders(text)} - {"subject"}
        assert {name for name in named if f"page_param_{name}" not in core} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_stop_follows_a_question(lang: str) -> None:
    problem = 'there is no key "persn" here; did you mean "person"?'
    said = Messages.of().say(Finding("mapping_invalid", Severity.BLOCK, "m:3:1", {"problem": problem}), lang)
    assert 'did you mean "person"? ' in said


JOINED = re.compile(r"\b(?:word|say)\((?:[^()]|\([^()]*\))*\)\s*~|~\s*(?:word|say)\(")
"""A text of every language joined to another one: the page would show the object and not the text."""


def test_no_page_joins_a_text_of_every_language_to_another() -> None:
    pages = sorted((CORE.parent / "report").glob("*.j2"))
    assert pages
    assert JOINED.search('m.row(word("fact", one.kind) ~ " · " ~ one.proof')
    assert [page.name for page in pages if JOINED.search(page.read_text(encoding="utf-8"))] == []
