"""The text of a file that somebody wrote, or a sentence that says what to do with the file."""

import codecs
import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from mamigrate.errors import UsageError
from mamigrate.handwritten import writers

LARGEST = 16 * 2**20
"""Bytes. No hand writes more; what is larger is another file by mistake."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]{0,39}|\d{1,4}")
_QUOTED = re.compile(r"'(?!<)[^']{2,}'|\"(?!<)[^\"]{2,}\"")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAVE = "save the file as UTF-8"


def read(path: Path, *, largest: int = LARGEST, utf16: bool = False, decides: bool = False) -> str:
    """The text of ``path``, without a byte order mark. UTF-8; ``utf16`` also takes UTF-16 that begins with its mark.

    ``decides``: it says what a run may do and who signed for it, so nobody but its owner may write it. Raises UsageError
    with the place.
    """
    content = content_of(path, largest, decides=decides)
    marked = _UTF_16.get(content[:2])
    if marked and not utf16:
        raise UsageError(f"the file is written in UTF-16: {_SAVE}", where=str(path))
    if not marked and b"\0" in content:
        raise UsageError(
            f"this is no text in UTF-8, it holds zero bytes: {_SAVE}", where=_place(path, content, content.index(0))
        )
    try:
        return content[2:].decode(marked) if marked else content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        told = f"byte 0x{content[error.start]:02x} is not {'UTF-16' if marked else 'UTF-8'}: {_SAVE}"
        raise UsageError(told, where=_place(path, content, error.start)) from error


def content_of(path: Path, largest: int = LARGEST, *, decides: bool = False) -> bytes:
    """A file's bytes. Raises UsageError where there is none, or more than ``largest`` bytes, or others may write it."""
    if path.is_dir():
        raise UsageError("this is a folder, not a file", where=str(path))
    try:
        with path.open("rb") as file:
            if decides and writers.others(os.fstat(file.fileno())):
                raise UsageError("others may write this file: run chmod go-w on it", where=str(path))
            content = file.read(largest + 1)
    except FileNotFoundError as error:
        raise UsageError("there is no such file", where=str(path)) from error
    except OSError as error:
        raise UsageError(f"the file cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > largest:
        raise UsageError(f"the file is larger than {largest // 2**20} MiB: is it the right one?", where=str(path))
    return content


def _place(path: Path, content: bytes, at: int) -> str:
    before = content.count(b"\n", 0, at)
    return f"{path}:{before + 1}"


def quoted(word: str, otherwise: str = "") -> str:
    """The word in quotation marks and a blank, where it looks like one of a format; what may be data is not repeated."""
    return f'"{word}" ' if _WORD.fullmatch(word) else otherwise


def unquoted(said: str) -> str:
    """A parser's sentence without what it quotes of the file. Single signs and names of tokens stay."""
    return _QUOTED.sub("...", said)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that ``word`` was likely meant to be, or empty."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else ""


def hint(word: str, known: Iterable[str]) -> str:
    """How a sentence about an unknown word ends: with the word that was likely meant, else with those that there are."""
    listed = sorted(known)
    near = nearest(word, listed)
    return f'did you mean "{near}"?' if near else f"known: {', '.join(listed)}"
