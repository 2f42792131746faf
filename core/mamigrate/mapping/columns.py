"""Columns of the customer's own that may hold a permission: yes/no fields and marks whose names speak of mail or consent.

Nobody but a person can say what a tick in them means: in one country × is a no, in another a tick.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

_SAYS_NO = re.compile(
    r"\b(no|not|dnc|ng|opt ?outs?|(unsub|suppress|block|stop|refus|reject)\w*)\b|"
    r"停止|不要|不可|拒否|禁止|解除|営業NG|オプトアウト|거부|거절|금지|중지|해지",
    re.IGNORECASE,
)
"""Words of names whose *true* means that somebody is not to be written to."""

_OF_CONSENT = re.compile(
    r"opt ?(in|out)|unsub|consent|permission|gdpr|subscri|newsletter|mailing|\b(mail|email|marketing|contact) (ok|allowed)|"
    r"配信|メルマガ|メール.*(可|許可|希望)|案内|同意|承諾|許諾|オプト|수신|동의|구독",
    re.IGNORECASE,
)
_OF_MAIL = re.compile(
    r"mail|news|market|contact|send|promo|campaign|(?<![a-z])dm(?![a-z])|メール|営業|広告|連絡|메일|광고|마케팅",
    re.IGNORECASE,
)

MARKS = frozenset((
    "true", "false", "1", "0", "1.0", "0.0", "yes", "no", "y", "n", "t", "f", "on", "off", "ok", "ng", "ja", "nein", "oui", "non", "si",
    "x", "×", "✓", "✔", "☑", "☐", "○", "〇", "◯", "●", "△", "▲", "-", "可", "不可", "要", "不要", "有", "無", "済", "未", "はい", "いいえ",
    "許可", "拒否", "希望", "停止", "예", "아니오", "아니요", "동의", "거부", "수신", "해지",
))  # fmt: skip
"""Values that only a declared meaning makes a yes or a no."""
_YES = frozenset((
    "true", "1", "1.0", "yes", "y", "t", "on", "ok", "ja", "oui", "si", "✓", "✔", "☑", "○", "〇", "◯", "●", "可", "要", "有", "済", "はい",
    "許可", "希望", "예", "동의", "수신",
))  # fmt: skip
"""Values that say yes to what a column's name says; a cross is a no in one country and a yes in another."""
_NO = frozenset(("false", "0", "0.0", "no", "n", "f", "off", "ng", "nein", "non", "☐", "×", "不可", "不要", "無", "未", "いいえ", "拒否", "停止", "아니오", "아니요", "거부", "해지"))  # fmt: skip
MOST = 0.9
"""Part of the filled records whose value is a mark, in a column of marks."""


def suspicious(*names: str) -> bool:
    """Whether a column of these names (its own, its label) may say who is to be written to."""
    text = " / ".join(map(_words, names))
    return bool(_OF_CONSENT.search(text) or (_SAYS_NO.search(text) and _OF_MAIL.search(text)))


def says_no(name: str) -> bool:
    """Whether *true* in a column of this name means no."""
    return bool(_SAYS_NO.search(_words(name)))


def yes_to_no(names: Iterable[str], allowing: Iterable[str]) -> str:
    """The first value that would allow mail although it says yes to a name that says no; empty: there is none."""
    if not any(map(says_no, names)):
        return ""
    return next((value for value in allowing if _plain(value) in _YES), "")


def proposal(names: Iterable[str], values: Iterable[str]) -> str:
    """What the values of a column of these names may say, as a declaration to be looked at. A mark that says neither denies."""
    against = any(map(says_no, names))
    marks = [value for value in values if is_mark(value)]
    said = {value: "allows" if _plain(value) in (_NO if against else _YES) else "denies" for value in marks}
    told = ", ".join(f'"{value}": {word}' for value, word in said.items())
    return f"{{values: {{{told}}}, empty: nothing}}"


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()


def _words(name: str) -> str:
    """``noMail_DE`` as ``no Mail DE``."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name)))


def is_mark(value: str) -> bool:
    return _plain(value) in MARKS


def of_marks(values: Mapping[str, int]) -> bool:
    """Whether a column with these values, and how many records hold each, is one of marks."""
    marks = sum(count for value, count in values.items() if is_mark(value))
    return marks > 0 and marks >= MOST * sum(values.values())
