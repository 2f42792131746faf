"""Ids of people in a Salesforce org, in the one form by which they are compared.

An id has 15 characters whose case counts, or 18: the last three say which of the others are capitals, so that it survives
wherever case does not. What has another shape, belongs to another object, or ends with characters that do not follow from
the rest is no id: it matches nobody.

Sources: Salesforce's object reference ("ID field type"; keyPrefix 003 of Contact and 00Q of Lead in its describes) and
"How to convert a 15-character ID to an 18-character ID".
"""

import re
from typing import Literal

import ibis
import ibis.expr.types as ir

Object = Literal["contact", "lead"]
PREFIXES: dict[Object, str] = {"contact": "003", "lead": "00Q"}
"""How the ids of each object begin. One object's id is never another's."""
SHORT = 15
_SHAPE = "^[A-Za-z0-9]{15}([A-Z0-5]{3})?$"
_FIVE = 5
"""Characters that one of the last three speaks of: the first of them is its lowest bit."""
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def canonical(text: str, object: Object) -> str | None:
    """The id of 18 characters, or None where ``text`` is no id of ``object``."""
    short = text[:SHORT]
    if not re.fullmatch(_SHAPE, text) or not text.startswith(PREFIXES[object]):
        return None
    whole = short + _ending(short)
    return whole if text in (short, whole) else None


def _ending(short: str) -> str:
    fives = (short[at : at + _FIVE] for at in range(0, SHORT, _FIVE))
    return "".join(_SIGNS[sum(1 << bit for bit, one in enumerate(five) if "A" <= one <= "Z")] for five in fives)


def spellings(whole: str) -> tuple[str, str]:
    """Both ways in which a platform may hold an id: as it is, and without its ending."""
    return whole, whole[:SHORT]


def canonicals(text: ir.StringColumn, object: Object) -> ir.StringValue:
    """``canonical`` as an expression; null where there is none."""
    short = text.substr(0, SHORT)
    whole = short + _endings(text)
    shaped = text.re_search(_SHAPE) & text.startswith(PREFIXES[object])
    return (shaped & ((text == short) | (text == whole))).ifelse(whole, ibis.null("string"))


def _endings(text: ir.StringColumn) -> ir.StringValue:
    signs = [_sign(text, at) for at in range(0, SHORT, _FIVE)]
    return signs[0] + signs[1] + signs[2]


def _sign(text: ir.StringColumn, first: int) -> ir.StringValue:
    ones = [text.substr(first + bit, 1) for bit in range(_FIVE)]
    bits = [((one >= "A") & (one <= "Z")).ifelse(1 << bit, 0) for bit, one in enumerate(ones)]
    return ibis.literal(_SIGNS).substr(sum(bits[1:], bits[0]), 1)
