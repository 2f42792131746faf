"""Sentences for findings, by language. The core's stand in the templates; an adapter ships its own."""

import re
from contextlib import suppress
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import orjson
from ruamel.yaml import YAML

from mamigrate.findings import Finding
from mamigrate.reports.mask import visible
from mamigrate_templates import languages

LANGUAGES = languages()
FINDINGS = {"denials_unread": ("what",)}
"""Parameters that hold the code of another finding."""
_LINE = re.compile(r'(?P<code>[a-z]\w+): (?P<text>".*")')


class Messages:
    """Message texts of several packages, by language and code."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts

    @classmethod
    @cache
    def of(cls, *adapters: str) -> "Messages":
        """The core's messages with those of the adapters' packages, where they have any."""
        packages = ["mamigrate_templates", *(f"mamigrate_{name}" for name in adapters)]
        return cls(
            {lang: {k: v for package in packages for k, v in _read(package, lang).items()} for lang in LANGUAGES}
        )

    def text(self, code: str, lang: str) -> str:
        """The template of a code, or the code itself where nobody wrote one."""
        return self._texts.get(lang, {}).get(code) or self._texts["en"].get(code) or code

    def has(self, code: str) -> bool:
        return code in self._texts["en"]

    def say(self, found: Finding, lang: str) -> str:
        """A finding as a sentence, fit for a terminal. Unknown placeholders stay visible as such.

        A code without a text is shown, never formatted: it may be anybody's.
        """
        if not self.has(found.code):
            return _one_line(found.code)
        known = _Lenient(self._named(found, lang), found.subject)
        return _one_line(self.text(found.code, lang).format_map(known))

    def _named(self, found: Finding, lang: str) -> dict[str, str]:
        """The parameters, with the word for another finding's code where one stands among them."""
        told = {name: found.params[name] for name in FINDINGS.get(found.code, ()) if name in found.params}
        named = {name: self.text(f"page_finding_{code}", lang) for name, code in told.items()}
        return found.params | {name: text for name, text in named.items() if not text.startswith("page_")}


def _one_line(text: str) -> str:
    """No control characters, no forged lines, no gaps that empty parameters leave before a bracket, no stop after a question."""
    shown = visible(text).replace("\n", "\\n").replace("\t", " ").replace("?. ", "? ").replace("?。", "? ")
    return shown.replace(" )", ")").replace(" ）", "）")


class _Lenient(dict[str, str]):
    def __init__(self, params: dict[str, str], subject: str) -> None:
        super().__init__({"subject": subject, **params})

    def __missing__(self, key: str) -> str:
        return "?"


def _read(package: str, lang: str) -> dict[str, str]:
    try:
        file: Traversable = resources.files(package) / "messages" / f"{lang}.yaml"
    except ModuleNotFoundError:
        return {}
    if not file.is_file():
        return {}
    return parse(file.read_text(encoding="utf-8"))


def parse(content: str) -> dict[str, str]:
    """Texts by code. YAML that has a code and its text in double quotes on each line is read without YAML's long way."""
    lines = [_LINE.fullmatch(line) for line in content.splitlines() if line and not line.startswith("#")]
    with suppress(orjson.JSONDecodeError):
        texts = {line["code"]: orjson.loads(line["text"]) for line in lines if line}
        if len(texts) == len(lines):
            return texts
    loaded = YAML(typ="safe").load(content) or {}
    return {str(code): str(text) for code, text in loaded.items()}
