"""What the documents say, held against the program: nothing missing, nothing invented, every command line real."""

import ast
import importlib
import inspect
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from ruamel.yaml import YAML
from typer.exceptions import TyperException

from mamigrate.cli import commands
from mamigrate.cli.app import build
from mamigrate.cli.failures import EXIT_CODES
from mamigrate.hookspecs import CommandEntry, Specs
from mamigrate.mapping import model as mapping_model
from mamigrate.mapping import recipes
from mamigrate.mapping.load import load as load_mapping
from mamigrate.registry import Registry, load
from mamigrate.settings import decisions
from mamigrate.settings import model as settings_model
from mamigrate.settings.model import ProjectFile

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
IDS = [str(path.relative_to(ROOT)) for path in PAGES]
SHELVES = ("core", "adapters", "plugins")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def reference(name: str) -> str:
    return page(f"reference/{name}.md")


def missing(names: Iterator[str] | list[str], text: str) -> list[str]:
    """Names that do not stand in ``text`` as code."""
    return [name for name in names if f"`{name}`" not in text]


def entries() -> list[CommandEntry]:
    registry = Registry()
    registry.register(commands, "core")
    return list(registry.commands())


# --- what exists stands in the documents -----------------------------------------------------------------------------


def test_the_listings_are_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: str(entry.name))
def test_every_command_is_documented_with_every_option(entry: CommandEntry) -> None:
    section = reference("commands").partition(f"## mamigrate {entry.name}\n")[2].partition("\n## ")[0]
    assert section
    hidden = {"tied", "refill"}
    names = [name for name in inspect.signature(load(entry.load)).parameters if name not in hidden]
    options = {"as_json": "--json", "connections": "CONNECTIONS", "old": "OLD", "new": "NEW"}
    assert missing([options.get(name, "--" + name.replace("_", "-")) for name in names], section) == []


def test_no_command_that_is_there_is_told_as_missing() -> None:
    told = reference("commands").partition("## Not there yet\n")[2]
    named = set(re.findall(r"`([a-z ]+)`", told))
    assert named
    assert named & {entry.name for entry in entries()} == set()
    assert told.count("do not exist in this version") == 1


def test_every_exit_code_is_documented_with_its_meaning() -> None:
    text = reference("exit-codes")
    assert [number for number, says in EXIT_CODES.items() if f"| `{number}` | {says} |" not in text] == []


def test_every_hook_is_documented() -> None:
    hooks = [name for name in vars(Specs) if name.startswith("mamigrate_")]
    assert hooks
    assert [name for name in hooks if f"## {name}\n" not in reference("hooks")] == []


def test_every_capability_row_is_documented() -> None:
    registry, text = Registry(), reference("capabilities")
    rows = [row for name in registry.adapters() for row in registry.adapter(name).capabilities.rows]
    assert len(rows) > 50
    lines = {f"| `{row.kind}` | {row.power} | {row.level} | {row.reason} |" for row in rows}
    assert [line for line in lines if line not in text] == []


def test_every_option_of_every_adapter_is_documented() -> None:
    registry = Registry()
    options = [setting.name for name in registry.adapters() for setting in registry.adapter(name).settings]
    assert missing(options, reference("project-file")) == []


def test_every_key_of_the_project_file_is_documented() -> None:
    text = reference("project-file")
    sections = [kind for kind in vars(settings_model).values() if inspect.isclass(kind) and issubclass(kind, BaseModel)]
    keys = [name for kind in sections if kind is not ProjectFile for name in kind.model_fields]
    assert len(keys) > 10
    assert missing(keys, text) == []
    assert [name for name in ProjectFile.model_fields if f"`[{name}" not in text] == []


def test_every_key_of_the_mapping_is_documented() -> None:
    kinds = (mapping_model.Mapping, mapping_model.FieldRule, mapping_model.TopicRule, mapping_model.NewField)
    keys = [info.alias or name for kind in kinds for name, info in kind.model_fields.items()]
    assert missing(keys, reference("mapping")) == []


def calls(*named: str) -> Iterator[ast.Call]:
    """Calls of these functions or methods anywhere in the program."""
    for path in (path for shelf in SHELVES for path in (ROOT / shelf).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(name, "attr", getattr(name, "id", "")) in named:
                yield node


def test_every_finding_is_documented() -> None:
    made = [node for node in calls("Finding", "add", "_finding") if _names_a_severity(node)] + list(
        calls("Problem", "_problem")
    )
    firsts = [node.args[0] for node in made if node.args]
    codes = {first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)}
    assert len(codes) > 30
    files = [ROOT / "adapters" / f"mamigrate_{name}" / "messages" / "en.yaml" for name in ("hubspot", "marketo")]
    files.append(ROOT / "templates" / "mamigrate_templates" / "messages" / "en.yaml")
    told = {code for path in files for code in sentences(path) if not code.startswith("page_")}
    assert missing(sorted(codes | told), reference("findings")) == []


def _names_a_severity(node: ast.Call) -> bool:
    return any("Severity." in ast.unparse(one) for one in (*node.args, *(word.value for word in node.keywords)))


def sentences(path: Path) -> list[str]:
    return list(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def test_every_decision_that_is_asked_for_is_documented() -> None:
    choices = [node for node in calls("choice") if ast.unparse(node.func).endswith("decisions.choice")]
    asked = [node.args[0] for node in choices] + [node.args[1] for node in calls("ask") if len(node.args) > 1]
    ids = {text.value for one in asked for text in ast.walk(one) if isinstance(text, ast.Constant)}
    found = {one for one in ids if isinstance(one, str)}
    assert {"irreversible/create-fields", "live/", "unread-denials"} <= found
    assert [one for one in sorted(found) if f"`{one}" not in reference("decisions")] == []


def test_every_key_of_the_report_is_documented() -> None:
    files = {
        "core/mamigrate/stages/report.py": ("gather", "_run", "_planned"),
        "core/mamigrate/reports/beside.py": ("index",),
        "core/mamigrate/stages/who.py": ("gather", "_run"),
    }
    keys = {key for file, functions in files.items() for key in outermost_keys(ROOT / file, functions)}
    assert {"run", "findings", "accounts", "files", "plan"} <= keys
    assert missing(sorted(keys), reference("report-files")) == []


def outermost_keys(path: Path, functions: tuple[str, ...]) -> Iterator[str]:
    """Keys that these functions put into the facts: of dictionaries that stand in no other one, and of subscripts."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and function.name in functions:
            inner = {
                id(below)
                for node in ast.walk(function)
                if isinstance(node, ast.Dict)
                for value in node.values
                for below in ast.walk(value)
            }
            outer = [node for node in ast.walk(function) if isinstance(node, ast.Dict) and id(node) not in inner]
            found = [key for node in outer for key in node.keys]
            found += [
                node.targets[0].slice
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
            ]
            yield from (key.value for key in found if isinstance(key, ast.Constant) and isinstance(key.value, str))


# --- what the documents say exists -----------------------------------------------------------------------------------


def blocks(text: str, *languages: str) -> Iterator[str]:
    for language, code in re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if language in languages:
            yield code


def command_lines(text: str) -> Iterator[str]:
    """Lines that are typed: indented ones, and those of shell blocks."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    typed = re.findall(r"^ {4,}(\S.*)$", plain, re.MULTILINE)
    for line in [*typed, *(line for code in blocks(text, "sh") for line in code.splitlines())]:
        yield line.strip()


def lines_of_mamigrate() -> list[tuple[str, str]]:
    found = [(path.name, line) for path in PAGES for line in command_lines(path.read_text(encoding="utf-8"))]
    inline = [
        (path.name, line)
        for path in PAGES
        for line in re.findall(r"`(mamigrate [^`]+)`", path.read_text(encoding="utf-8"))
        if not line.endswith("--help")
    ]
    return sorted({(name, line) for name, line in [*found, *inline] if line.startswith("mamigrate ")})


@pytest.mark.parametrize(("where", "line"), lines_of_mamigrate())
def test_every_command_line_parses(where: str, line: str) -> None:
    words = shlex.split(line)[1:]
    command: Any = typer.main.get_command(build(Registry(), words))
    while hasattr(command, "commands"):
        assert words and words[0] in command.commands, f"{where}: {line}"
        command = command.commands[words.pop(0)]
    names = {option for one in command.params for option in one.opts}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= names | {"--debug"}
    if words or "`" in line or "    " not in line:
        parse(command, words, line)


def parse(command: Any, words: list[str], line: str) -> None:
    """A line in running text may leave out what a command requires."""
    try:
        command.make_context(command.name, [word for word in words if word != "--debug"])
    except TyperException as error:
        short = line.count(" ") < 3
        assert short and "Missing option" in str(error.format_message()), f"{line}: {error}"


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        named = [line.split()[1] for line in command_lines(text) if line.startswith("make ")]
        named += re.findall(r"`make ([a-z]+)`", text)
        assert set(named) <= targets, path.name


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_every_relative_link_resolves(path: Path) -> None:
    broken = []
    for link in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    ):
        file, _, anchor = link.partition("#")
        goal = path.parent / file if file else path
        if not re.match(r"[a-z]+://", link) and not (goal.exists() and (not anchor or anchor in anchors(goal))):
            broken.append(link)
    assert broken == []


def anchors(path: Path) -> set[str]:
    """Headings as links name them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_page_is_linked_from_another() -> None:
    linked = set()
    for path in PAGES:
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            linked.add((path.parent / link).resolve())
    loose = ("decisions/", "changelog/")
    alone = [path for path in PAGES[:] if path.resolve() not in linked and path.name != "README.md"]
    assert [
        path for path in alone if not str(path.relative_to(ROOT)).startswith(tuple(f"docs/{one}" for one in loose))
    ] == []


def test_every_document_that_the_program_names_exists() -> None:
    named = {
        name
        for shelf in (*SHELVES, "templates")
        for path in (ROOT / shelf).rglob("*")
        if path.suffix in (".py", ".j2", ".yaml")
        for name in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_every_example_of_a_file_is_one(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for code in blocks(text, "toml"):
        parsed = tomllib.loads(code)
        if not {"project", "connections"} & set(parsed) or "entry-points" not in parsed.get("project", {}):
            ProjectFile.model_validate(parsed)
    for code in blocks(text, "yaml"):
        _check_yaml(code, tmp_path)
    for code in blocks(text, "python"):
        compile(code, str(path), "exec")


def _check_yaml(code: str, tmp_path: Path) -> None:
    """A list of decisions, program recipes, a whole mapping, or rules out of one."""
    if "who:" in code and "choice:" in code:
        (tmp_path / "decisions.yaml").write_text(code, encoding="utf-8")
        assert list(decisions.load(tmp_path / "decisions.yaml"))
        return
    if "\nprograms:" in code:
        assert recipes.load(code, "example").mistakes == []
        return
    head = "" if code.startswith("version:") else "version: 1\nsource: a\ntarget: b\n"
    head += "person:\n" if code.startswith("  - ") else ""
    mapping, problems = load_mapping(head + code, "example")
    assert (list(problems), mapping is None) == ([], False)


# --- decisions -----------------------------------------------------------------------------------------------------------


DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04d}" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: str(path.stem))
def test_every_decision_has_options_with_a_price_and_a_choice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    options = text.partition("## Options and their price")[2].partition("## Choice")[0]
    rows = [line for line in options.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 2
    assert all(len(cell.strip()) > 3 for row in rows for cell in row.strip("|").split("|"))
    assert len(text.partition("## Choice")[2].strip()) > 40


def test_every_dependency_has_a_decision_that_names_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[\[<>=]", one)[0] for one in project["dependencies"]}
    named = [
        line for path in DECISIONS for line in re.findall(r"^Packages: (.*)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    decided = [name for line in named for name in re.findall(r"`([^`]+)`", line)]
    assert sorted(decided) == sorted(needed)


# --- how the project speaks ------------------------------------------------------------------------------------------------


OTHERS = ("AI", "LLM", "GPT", "chatbot", "sub-?agent", "worktree", "co-?founder", "helper", "utils?", "TODO", "FIXME")
"""Words of other conversations than the one with the reader."""


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_the_project_speaks_of_itself_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = re.findall(rf"\b(?:{'|'.join(OTHERS)})\b", text)
    said += re.findall(r"/work/\w+|/tmp/\w+|\b(?:contracts|house|DESIGN)\.md\b|\b[Ii]ssue #?\d+|\bREQ-\d+", text)
    said += re.findall(r"\b(?:our|the|this) (?:work|coding|chat) session\b", text)
    assert said == []


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_pages_are_plain(path: Path) -> None:
    """No hype, nothing that is called easy."""
    words = r"simply|just|easily|obviously|blazing\w*|seamless\w*|powerful|robust|effortless\w*"
    assert re.findall(rf"\b(?:{words})\b", path.read_text(encoding="utf-8")) == []


# --- the adapter of the how-to -----------------------------------------------------------------------------------------------


def test_the_adapter_of_the_guide_keeps_the_contract(tmp_path: Path) -> None:
    """The files of docs/how-to/write-an-adapter.md, as they stand there, run by pytest."""
    for code in blocks(page("how-to/write-an-adapter.md"), "python"):
        name = re.match(r"# (\S+\.py)\n", code)
        assert name
        (tmp_path / name[1]).parent.mkdir(exist_ok=True)
        (tmp_path / name[1]).write_text(code, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-o",
        "pythonpath=.",
        "tests",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.search(r"^\d\d passed", ran.stdout, re.MULTILINE), ran.stdout[-3000:]
    assert ran.returncode == 0


def test_the_adapter_of_the_guide_is_told_apart_by_its_capabilities(tmp_path: Path) -> None:
    """Its rows show the three kinds of no that the guide speaks of."""
    text = page("how-to/write-an-adapter.md")
    assert [level for level in ("NOT_WRITTEN", "NOT_OFFERED", "NO_MEANING") if level not in text] == []


TESTED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_every_test_that_a_page_names_is_there(path: Path) -> None:
    for file, name in TESTED.findall(path.read_text(encoding="utf-8")):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"(def|class) {name}\b", text), f"{file}::{name}"


def test_reliability_says_which_of_its_tests_are_the_gate_s() -> None:
    for row in page("reliability.md").splitlines():
        for file, name in TESTED.findall(row):
            text = (ROOT / file).read_text(encoding="utf-8")
            whole = re.search(r"^pytestmark = .*\bgate\b", text, re.MULTILINE) is not None
            marks = re.search(rf"((?:@.*\n)*)(?:def|class) {name}\b", text)
            assert marks is not None
            assert ("| gate `" in row) is (whole or "mark.gate" in marks[1]), f"{file}::{name}"


def test_every_finding_is_looked_for_by_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that no test names may be made by nobody, or for no reason."""
    files = (path for path in Path(__file__).parent.rglob("*.py") if "mutants" not in path.parts)
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    monkeypatch.syspath_prepend(DOCS)
    made = importlib.import_module("listings.findings").severities()
    assert len(made) > 50
    assert [code for code in sorted(made) if f'"{code}"' not in texts] == []
