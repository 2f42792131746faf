"""Personal data made unreadable, and characters that deceive made readable. Pure; what is asked for in clear stays clear."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from mamigrate.findings import Finding

DOTS = "•••"
ADDRESS = re.compile(r"""[^\s@＠<>"'`,;:()\[\]{}|\\/=]+[@＠][^\s@＠<>"'`,;:()\[\]{}|\\/=]+""")
"""Anything that looks like an address in running text: wide on purpose, since a miss shows a person."""

PEOPLE = frozenset(
    {
        "person",
        "account",
        "opportunity",
        "owner",
        "activity",
        "consent_fact",
        "list_membership",
        "program_membership",
        "suppressed_address",
    }
)
"""Kinds whose values are personal data."""

OF_IDS = ("account_not_linked", "person_not_linked")
"""Findings whose value is ids of records: without them nobody could do what the finding asks for."""

BY_ADDRESS = frozenset({"status", "status_in_part", "timeline", "address", "suppressed_address"})
"""What stands in references before an address, or before whatever somebody entered as one."""

BY_ID = frozenset({"person", "contact"})
"""What stands in references before the id of somebody's record."""

PLAIN = re.compile(r"[A-Za-z0-9_|:-]+")
"""An id that a platform gave. A dot, a space or another script may be somebody's name, or an address written out."""

FILED = "facts/"
"""How references to lines of files of facts begin: a file's name says nothing of a person."""

REFERENCES = ("denial", "proof", "source")
"""Parameters of a finding that refer to a fact."""

_QUOTED = re.compile(r"""(?<!\w)(['"`“”«「『])(.*)(['"`“”»」』])(?!\w)|(?<!\w)(['"`“”«「『])(.+)""", re.DOTALL)
"""From the first quote to the last, since a value may have quotes of its own; to the end where the closing one was cut off."""

CUT = 200
"""Characters from which on a value in a finding may be the beginning of a longer one."""

PERSONAL = ("value", "message")
"""Parameters of a finding that repeat what somebody entered."""

_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = r"\u200b\u2028\u2029\u2060\ufeff"
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\U000e0000-\U000e007f"
_DECEIVING = re.compile(f"[{_BIDI}{_HIDDEN}{_CONTROL}]")


def text(value: str) -> str:
    """The first character and dots; the number of dots says nothing about the length."""
    if not value:
        return value
    end = 1
    while end < len(value) and unicodedata.combining(value[end]):
        end += 1
    return value[:end] + DOTS


def address(value: str) -> str:
    """``t•••@domain``; what is no address is masked as text."""
    local, at, domain = value.replace("＠", "@").rpartition("@")
    return f"{text(local)}@{domain}" if at and local else text(value)


def addresses(value: str) -> str:
    """Running text with every address in it masked."""
    return ADDRESS.sub(lambda found: address(found.group()), value)


def reference(raw: str) -> str:
    """``connection/kind/key/...`` without people: what was entered as an address need not look like one."""
    connection, kind, *rest = [*raw.split("/", 2), "", ""][:3]
    if kind == "consent_fact":
        return f"{connection}/{kind}/{fact(rest[0])}"
    if kind == "consent":  # a statement of the proof, then a row of it
        number, slash, row = rest[0].partition("/")
        return f"{connection}/{kind}/{number}{slash}{reference(row)}"
    if kind in BY_ADDRESS and rest[0]:
        return _entered(connection, kind, rest[0])
    return _unless_plain(raw) if kind in BY_ID else addresses(raw)


def fact(raw: str) -> str:
    """A reference to what a fact was read from: whatever its kind, an id that is not plainly one may be somebody."""
    kind = [*raw.split("/", 2), ""][1]
    return reference(raw) if kind in BY_ADDRESS or raw.startswith(FILED) else _unless_plain(raw)


def _unless_plain(raw: str) -> str:
    connection, _, rest = raw.partition("/")
    kind, _, rest = rest.partition("/")
    plain = not rest or PLAIN.fullmatch(rest.partition("/")[0])
    return addresses(raw) if plain else _entered(connection, kind, rest)


def _entered(connection: str, kind: str, rest: str) -> str:
    """With what somebody entered masked; where it is no address, it may have a slash of its own, and all of it goes."""
    entered, slash, field = rest.partition("/")
    if ADDRESS.fullmatch(entered):
        return f"{connection}/{kind}/{address(entered)}{slash}{addresses(field)}"
    return f"{connection}/{kind}/{text(rest)}"


def value(raw: str) -> str:
    """A person's value: an address keeps its domain, everything else its first character."""
    return address(raw) if ADDRESS.fullmatch(raw.strip()) else text(raw)


def finding(found: Finding) -> Finding:
    """The finding without what it tells of a person; object ids, field names and codes stay."""
    entered = found.params.get("value", "")
    hide = personal(found.subject) and found.code not in OF_IDS
    field = found.params.get("field", "")
    params = {name: _param(name, raw, entered, field, hide=hide) for name, raw in found.params.items()}
    return Finding(found.code, found.severity, reference(found.subject), params)


def _param(name: str, raw: str, entered: str, field: str, *, hide: bool) -> str:
    if name in REFERENCES and raw.count("/") > 1:
        return fact(raw)
    if name == "row":
        return _rows(raw)
    if not hide or name not in PERSONAL:
        return addresses(raw)
    if name == "value":
        return value(raw)
    return message(raw, entered, field)


def _rows(raw: str) -> str:
    """Rows of the proof. Where several stand there, nobody can say where a text that was entered ends: then all of them go."""
    entered = any(f"/{kind}/" in raw for kind in BY_ADDRESS)
    return text(raw) if entered and ", " in raw else reference(raw)


def message(raw: str, entered: str, field: str) -> str:
    """A vendor's sentence without what it repeats of a value: whatever it quotes, but the field's name at first; and where it does not
    quote, ``entered`` or as much of its beginning as stands there.
    """
    named = re.match(f"""[^'"`“«「『]*['"`]{re.escape(field)}['"`](?!\\w)""", raw) if field else None
    at = named.end() if named else 0
    return addresses(raw[:at] + _QUOTED.sub(_quoted, _unsaid(raw[at:], entered)))


def _quoted(found: re.Match[str]) -> str:
    opening, inner, closing, unclosed, rest = found.groups()
    return f"{unclosed}{value(rest)}" if unclosed else f"{opening}{value(inner)}{closing}"


def _unsaid(raw: str, entered: str) -> str:
    """Without ``entered``, or what of its beginning stands there: four characters, or two of a script with many."""
    least = min(len(entered), 4 if entered.isascii() else 2)
    if least < 2:
        return raw
    said = next((entered[:n] for n in range(len(entered), least - 1, -1) if entered[:n] in raw), "")
    if said and len(said) >= CUT:
        return raw[: raw.index(said)] + value(said) + ("'" if raw.endswith("'") else "")
    return raw.replace(said, value(said)) if said else raw


def personal(subject: str) -> bool:
    """Whether a finding's subject is a person, or somebody's record."""
    parts = subject.split("/")
    return parts[0] == "facts" or (len(parts) > 2 and parts[1] in PEOPLE and ".yaml" not in parts[0])


def fragment(tree: Any, *, names: frozenset[str] = frozenset()) -> Any:
    """A vendor's fragment with every address masked, and whole values under ``names`` too. Keys stay."""
    if isinstance(tree, Mapping):
        return {key: _named(key, inner, names) for key, inner in tree.items()}
    if isinstance(tree, list | tuple):
        return [fragment(inner, names=names) for inner in tree]
    return addresses(tree) if isinstance(tree, str) else tree


def _named(key: str, inner: Any, names: frozenset[str]) -> Any:
    return value(inner) if key in names and isinstance(inner, str) else fragment(inner, names=names)


def visible(raw: str) -> str:
    """Control characters, bidi overrides, invisible spaces and lone surrogates as escapes that a reader sees.

    Tabs and line feeds stay; joiners stay, since emoji and Persian are spelled with them.
    """
    if raw.isascii() and raw.isprintable():
        return raw
    return _DECEIVING.sub(_escape, raw)


def _escape(found: re.Match[str]) -> str:
    point = ord(found.group())
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
