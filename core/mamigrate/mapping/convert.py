"""One value from a source field's type to a target field's type, or the reason why not."""

import re
import sys
import unicodedata
from dataclasses import dataclass

from mamigrate.mapping.model import TooLong
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import DataType

TEXTS = frozenset({DataType.TEXT, DataType.LONG_TEXT, DataType.PHONE, DataType.URL, DataType.EMAIL, DataType.REFERENCE})


BOOLEANS = frozenset({"true", "false"})
CHOICES = frozenset({DataType.CHOICE, DataType.MULTI_CHOICE})
WHOLE_SECONDS = re.compile(r"\.\d+Z$")
"""Marketo keeps whole seconds; times are carried to the second everywhere, so that they compare equal."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value did not pass: code and the (source) value; ``kept`` is what passes of it, where the rule cuts."""

    code: str
    value: str
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A field rule, compiled against both schemas."""

    source: str
    target: str
    source_type: DataType
    target_type: DataType
    max_chars: int | None
    max_bytes: int | None
    options: frozenset[str] | None
    values: dict[str, str]
    keep_others: bool
    too_long: TooLong
    fill_only: bool

    def plain(self) -> int:
        """Characters up to which a text passes as it is, whatever it says; -1 where each value must be looked at.

        A character is at most four bytes in UTF-8.
        """
        if self.values or self.options is not None or self.target_type not in TEXTS | CHOICES:
            return -1
        limits = (self.max_chars, self.max_bytes // 4 if self.max_bytes is not None else None)
        return min((limit for limit in limits if limit is not None), default=sys.maxsize)

    def passing(self) -> frozenset[str]:
        """Texts that pass as they are; empty where there is no short list of them."""
        known = BOOLEANS if self.target_type is DataType.BOOLEAN else self.options or frozenset[str]()
        return frozenset(text for text in known if self.apply(text) == text)

    def apply(self, text: str) -> str | Problem:
        """The target's canonical text, or a problem. Nothing is cut or guessed unless the rule says so, and a cut is told too."""
        translated = self._translate(text)
        if isinstance(translated, Problem):
            return translated
        converted = _convert(translated, self.source_type, self.target_type)
        if converted is None:
            return Problem("type_lost", text)
        if self.options is not None and not self._in_options(converted):
            return Problem("unmapped_value", text)
        return self._fit(converted, text)

    def _translate(self, text: str) -> str | Problem:
        if not self.values:
            return text
        parts = text.split(";") if self.source_type is DataType.MULTI_CHOICE else [text]
        if not self.keep_others and any(part not in self.values for part in parts):
            return Problem("unmapped_value", text)
        return ";".join(self.values.get(part, part) for part in parts)

    def _in_options(self, text: str) -> bool:
        parts = text.split(";") if self.target_type is DataType.MULTI_CHOICE else [text]
        return self.options is None or all(part in self.options for part in parts)

    def _fit(self, text: str, original: str) -> str | Problem:
        over_chars = self.max_chars is not None and len(text) > self.max_chars
        over_bytes = self.max_bytes is not None and len(text.encode()) > self.max_bytes
        if not (over_chars or over_bytes):
            return text
        if self.too_long == "cut":
            return Problem("too_long_cut", original, cut(text, self.max_bytes, self.max_chars))
        return Problem("too_long_left" if self.too_long == "leave" else "too_long", original)


def _convert(text: str, source: DataType, target: DataType) -> str | None:
    if target in TEXTS or target in CHOICES:
        return text
    if source is DataType.DATE and target is DataType.DATETIME:
        return f"{text}T00:00:00Z"
    if source is DataType.DATETIME and target is DataType.DATE:
        return text[:10]
    try:
        converted = canonical(text, target)
        return WHOLE_SECONDS.sub("Z", converted) if target is DataType.DATETIME else converted
    except NotCanonical:
        return None


def cut(text: str, max_bytes: int | None, max_chars: int | None = None) -> str:
    """The longest beginning that fits, in UTF-8 bytes and characters; never through a character and its combining marks."""
    kept = text[:max_chars] if max_chars is not None else text
    if max_bytes is not None:
        kept = kept.encode()[:max_bytes].decode(errors="ignore")
    while len(kept) < len(text) and kept and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept
