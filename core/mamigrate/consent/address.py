"""The keys of an email address: strict for grants, loose for denials.

Restrictions match loosely and permissions strictly; that one asymmetry removes most alias, case and Unicode accidents in
the safe direction.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna
import msgspec

_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""Control characters, zero-width and direction controls: they survive every normal form, and nobody sees them.

The separators of ASCII, \\x1c to \\x1f, are none of them: between two addresses they part them, as any white space does."""

_SHAPE = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@[^\s@,;:<>()\[\]\\\"]+\.[^\s@,;<>()\[\]\\\".]+")
_DOMAIN = re.compile(r"[\w.-]+")
_BETWEEN = re.compile(r"[\s,;<>()\[\]\"|、]+")
_INSIDE = re.compile(r"[/:]+")
_AROUND = "'`.*"
LONGEST = 320


class AddressKeys(msgspec.Struct, frozen=True):
    """``strict``: byte-exact local part, ASCII domain. ``loose``: the same after compatibility and case folding.

    ``folded`` keeps apart what loose joins only doubtfully (``straße`` and ``strasse``). All are None when the text is
    no single address; ``loose`` then still holds the folded text if there is any, so that a denial is never lost.
    """

    strict: str | None
    loose: str | None
    folded: str | None
    valid: bool


NO_ADDRESS = AddressKeys(None, None, None, False)


@lru_cache(maxsize=8192)
def keys(text: str | None) -> AddressKeys:
    """The keys of ``text`` as a vendor holds it. Never raises."""
    return _plain(text or "") or careful(text)


def _plain(text: str) -> AddressKeys | None:
    """The keys of an address of plain ASCII, where folding is lower case and nothing else; None: look carefully."""
    lowered = text.lower()
    if (
        not (text.isascii() and text.isprintable())
        or "xn--" in lowered
        or len(text) > LONGEST
        or not _SHAPE.fullmatch(text)
    ):
        return None
    if text == lowered:
        return AddressKeys(text, text, text, True)
    local, _, _ = text.rpartition("@")
    return AddressKeys(local + lowered[len(local) :], lowered, lowered, True)


def careful(text: str | None) -> AddressKeys:
    """The keys of any text at all."""
    cleaned = _UNSEEN.sub("", text or "").strip()
    if not cleaned:
        return NO_ADDRESS
    if not _is_address(unicodedata.normalize("NFKC", cleaned)):
        loose = unicodedata.normalize("NFKC", cleaned).casefold()
        return AddressKeys(None, loose, loose, False)
    # A full-width at sign is an at sign to a person; after NFKC it is one to us.
    local, _, domain = (
        cleaned.rpartition("@") if "@" in cleaned else unicodedata.normalize("NFKC", cleaned).rpartition("@")
    )
    folded_local = unicodedata.normalize("NFKC", local).lower()
    ascii_domain = _to_ascii(domain)
    loose_local = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())
    return AddressKeys(
        strict=f"{local}@{ascii_domain}",
        loose=f"{loose_local}@{_loose_domain(domain)}",
        folded=f"{folded_local}@{ascii_domain}",
        valid=True,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What running text says of addresses; ``unclear`` are pieces with an at sign that are none."""

    addresses: tuple[str, ...]
    unclear: tuple[str, ...]


def found_in(text: str | None) -> Found:
    """Every address in a cell that people filled: one, several, or with names (``Ana <a@x.example>; b@x.example``)."""
    cleaned = _UNSEEN.sub("", text or "").strip()
    if not cleaned:
        return Found((), ())
    if _is_plain(cleaned):
        # Spreadsheets mark texts with an apostrophe; some people begin with one. Either is meant, so both are found.
        bare = cleaned.strip("'`")
        return Found((cleaned, bare) if bare != cleaned and _is_plain(bare) else (cleaned,), ())
    parts = _BETWEEN.split(unicodedata.normalize("NFKC", cleaned))
    pieces = [piece for part in parts for piece in _pieces(part.strip(_AROUND)) if "@" in piece]
    addresses = {keys(piece).loose: piece for piece in pieces if _is_plain(piece)}
    return Found(tuple(addresses.values()), tuple(piece for piece in pieces if not _is_plain(piece)))


def understood(text: str | None) -> bool:
    """Whether ``text`` names nobody but whole addresses, one at least."""
    found = found_in(text)
    return bool(found.addresses) and not found.unclear


_PATTERN = re.compile(r"(?<![^\s,;<>()\[\]\"'|、:/])[*%][*%.]*@\S+|^@[^\s@]+$")


def pattern_in(text: str) -> str | None:
    """A pattern in ``text`` that means every address of a domain: ``*@x.example``, or ``@x.example`` alone."""
    found = _PATTERN.search(unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip())
    return found.group() if found else None


def _pieces(part: str) -> list[str]:
    """Some addresses hold a slash; two of them with a slash between do not."""
    return [part] if _is_plain(part) else [piece.strip(_AROUND) for piece in _INSIDE.split(part)]


def _is_plain(text: str) -> bool:
    known = keys(text)
    return known.valid and _DOMAIN.fullmatch((known.strict or "").rpartition("@")[2]) is not None


def exact(strict: str | None, loose: str | None) -> str:
    """An address by which nobody else is meant, whatever its case: of two that only fold alike, each has denials of its own.

    Of a text that is no address, what there is.
    """
    return (strict or loose or "").lower()


def loose(text: str | None) -> str | None:
    return keys(text).loose


def _is_address(text: str) -> bool:
    return len(text.encode()) <= LONGEST and _SHAPE.fullmatch(text) is not None


def _to_ascii(domain: str) -> str:
    folded = unicodedata.normalize("NFKC", domain).lower().rstrip(".")
    if folded.isascii():
        return folded
    try:
        return idna.encode(folded, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return folded


def _loose_domain(domain: str) -> str:
    """The IDNA2003 form: it joins what 2008 keeps apart (``straße.example`` and ``strasse.example``)."""
    folded = unicodedata.normalize("NFKC", _from_ascii(unicodedata.normalize("NFKC", domain))).casefold().rstrip(".")
    if folded.isascii():
        return folded
    try:
        return folded.encode("idna").decode("ascii")
    except UnicodeError:
        return folded


def _from_ascii(domain: str) -> str:
    if "xn--" not in domain.lower():
        return domain
    try:
        return idna.decode(domain.lower())
    except idna.IDNAError:
        return domain
