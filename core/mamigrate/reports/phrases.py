"""Text in all languages at once: a page holds every language, and a switch in it shows one."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from markupsafe import Markup, escape

from mamigrate.findings import Finding
from mamigrate.reports.mask import visible
from mamigrate.reports.messages import LANGUAGES, Messages

PREFIX = "page_"
"""How codes of a page's own texts begin in the message files."""


CODED = {
    "reason": "reason",
    "role": "tie",
    "type": "type",
    "source_type": "type",
    "target_type": "type",
    "mode": "mode",
    "class": "class",
}
"""Parameters of findings that hold codes, with the groups of their words."""


class Phrase:
    """One text in every language. In HTML a ``span`` a language; one text alone where all are equal."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def in_(self, lang: str) -> str:
        return self._texts[lang]

    def __html__(self) -> str:
        return self._spans

    @cached_property
    def _spans(self) -> Markup:
        return self._marked("span")

    @property
    def svg(self) -> Markup:
        """The same for the inside of an SVG text, where a span would end the picture."""
        return self._marked("tspan")

    def _marked(self, tag: str) -> Markup:
        if len(set(self._texts.values())) == 1:
            return escape(visible(self._texts[LANGUAGES[0]]))
        parts = (f'<{tag} lang="{lang}">{escape(visible(text))}</{tag}>' for lang, text in self.items())
        return Markup("".join(parts))

    def items(self) -> Iterable[tuple[str, str]]:
        return ((lang, self._texts[lang]) for lang in LANGUAGES)


Value = str | int | Phrase
"""What fills a placeholder."""


class Phrasebook:
    """The page's own words, on top of the message files."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._said: dict[str, Phrase] = {}
        self._words: dict[tuple[str, str], Phrase] = {}

    def say(self, code: str, **params: Value) -> Phrase:
        """A text of the page. Numbers get separators; values that are phrases speak the language they stand in.

        Raises KeyError for a code without a text: what is formatted here must be ours, never data.
        """
        if code in self._said and not params:
            return self._said[code]
        if not self._messages.has(PREFIX + code):
            raise KeyError(code)
        said = Phrase({lang: self._formatted(PREFIX + code, lang, params) for lang in LANGUAGES})
        return said if params else self._said.setdefault(code, said)

    def word(self, group: str, name: str) -> Phrase:
        """The word for a name from the data (``kind``, ``bucket``, ``reason`` ...); the name itself where there is none."""
        if (group, name) not in self._words:
            code = f"{PREFIX}{group}_{name}"
            self._words[group, name] = Phrase({lang: self._word(code, name, lang) for lang in LANGUAGES})
        return self._words[group, name]

    def knows(self, group: str, name: str) -> bool:
        """Whether there is a word for a name, in our own texts."""
        return self._messages.has(f"{PREFIX}{group}_{name}")

    def finding(self, found: Finding) -> Phrase:
        """A finding as a sentence, with the words for the codes in it."""
        told = {name: self.param(name, value) for name, value in found.params.items()}
        return Phrase({lang: self._messages.say(_in(found, told, lang), lang) for lang in LANGUAGES})

    def names_subject(self, found: Finding) -> bool:
        """Whether the sentence says which object it is about."""
        return "{subject}" in self._messages.text(found.code, LANGUAGES[0])

    def param(self, name: str, value: str) -> Phrase:
        """A parameter of a finding: the word for it where it is one of our codes, else as it is."""
        code = f"{PREFIX}{CODED.get(name, '')}_{value}"
        known = name in CODED and self._messages.has(code)
        return Phrase({lang: self._messages.text(code, lang) if known else value for lang in LANGUAGES})

    def join(self, phrases: Iterable[Phrase], separator: str = "comma") -> Phrase:
        """A list in a sentence."""
        items, between = list(phrases), self.say(separator)
        return Phrase({lang: between.in_(lang).join(one.in_(lang) for one in items) for lang in LANGUAGES})

    def _word(self, code: str, name: str, lang: str) -> str:
        text = self._messages.text(code, lang)
        return visible(name.replace("_", " ")) if text == code else text

    def _formatted(self, code: str, lang: str, params: Mapping[str, Value]) -> str:
        shown = {name: _shown(value, lang) for name, value in params.items()}
        return self._messages.text(code, lang).format_map(shown)


def _in(found: Finding, told: Mapping[str, Phrase], lang: str) -> Finding:
    return Finding(found.code, found.severity, found.subject, {name: one.in_(lang) for name, one in told.items()})


def _shown(value: Value, lang: str) -> str:
    if isinstance(value, Phrase):
        return value.in_(lang)
    return f"{value:,}" if isinstance(value, int) else visible(value)
