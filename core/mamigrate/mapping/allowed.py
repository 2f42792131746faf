"""Which fields of the target a mapping may fill: none that decides about mail, none that the program fills itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from mamigrate.findings import Findings, Severity
from mamigrate.model.estate import Field

ADDRESS = "email"
"""The meaning of the field that carries a person's address."""


@dataclass(frozen=True, slots=True)
class Untouched:
    """API names of the target's fields of one kind. ``consent``: they decide whether a person may be mailed, or say why
    not. ``own``: keys and ``mm_*`` fields, which the program fills.
    """

    consent: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


UNTOUCHED = Untouched()


def may_fill(goal: Field, origin: Field | None, untouched: Untouched, where: str, found: Findings) -> bool:
    """Whether a rule at ``where`` may fill ``goal``, with a finding where not. ``origin``: the source's field, if any."""
    if goal.api_name in untouched.consent:
        found.add("target_field_consent", Severity.BLOCK, where, field=goal.api_name)
    elif goal.api_name in untouched.own:
        found.add("target_field_reserved", Severity.BLOCK, where, field=goal.api_name)
    elif goal.meaning == ADDRESS and (origin is None or origin.meaning != ADDRESS):
        found.add("target_field_address", Severity.BLOCK, where, field=goal.api_name)
    elif goal.read_only:
        found.add("target_field_read_only", Severity.BLOCK, where, field=goal.api_name)
    else:
        return True
    return False


def is_new(name: str, known: Iterable[str], where: str, found: Findings) -> bool:
    """Whether a field of this name can be made: platforms take no second one that differs in capitals only."""
    twin = next((one for one in known if one.casefold() == name.casefold() and one != name), "")
    if twin:
        problem = f'the target has the field "{twin}" already: name that one in `to`'
        found.add("mapping_invalid", Severity.BLOCK, where, problem=problem, value=name)
    return not twin


def near(name: str, known: Iterable[str]) -> str:
    """Up to three known names, those first that look most like ``name``."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold(), by_folded, n=3, cutoff=0)
    return ", ".join(by_folded[one] for one in found) or "-"
