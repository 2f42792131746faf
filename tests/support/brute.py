"""A second opinion about who may be mailed: plain loops over plain tuples, written from the rules and not from the code.

Says only yes or no. Slow on purpose: no sets, no trees, no shortcuts.
"""

from typing import Any

NEVER_LIFTED = ("erasure", "complaint")
BY_OPERATOR = ("block", "org_hold", "source_hold", "unparsed", "undeliverable")
DENYING = (*NEVER_LIFTED, *BY_OPERATOR, "objection", "topic_opt_out", "ads_objection", "refused", "time_hold")
GRANTING = ("grant", "implied_grant", "reconfirmed")
COVERS_EVERYTHING = ("erasure", "undeliverable", "time_hold")


def may(
    facts: list[Any],
    cell: Any,
    at: Any,
    need: str,
    parents: dict[str, str],
    brands: dict[str, str],
    least: int = 0,
    released: tuple[str, ...] = (),
) -> bool:
    """``facts`` and ``cell`` have the fields of the model. ``need``: ``none``, ``implied``, ``express`` or ``confirmed``.

    Grants of less proof than ``least`` are none. ``released``: keys of denials that an operator signed away.
    """
    facts = [fact for fact in facts if fact.kind not in GRANTING or fact.proof >= least]
    for denial in facts:
        if denial.kind in DENYING and _about(denial, cell, parents, brands) and _held(denial, cell):
            over = denial.until is not None and denial.until <= at
            undone = any(_undoes(other, denial, cell, at, parents, brands) for other in facts)
            if denial.key in released and denial.kind in BY_OPERATOR:
                continue
            if (
                denial.key in released
                and denial.kind == "complaint"
                and any(other.proof == 4 and _came_back(other, denial, cell, at, parents, brands) for other in facts)
            ):
                continue
            if not over and not undone:
                return False
    if need == "none":
        return True
    return any(_enough(g, need) for g in facts if g.kind in GRANTING and _granted(g, cell, at, parents, brands))


def _about(fact: Any, cell: Any, parents: dict[str, str], brands: dict[str, str]) -> bool:
    if fact.scope.channel != "*" and fact.scope.channel != cell.scope.channel:
        return False
    if not _below(cell.scope.topic, fact.scope.topic, parents) or not _below(
        cell.scope.brand, fact.scope.brand, brands
    ):
        return False
    if fact.kind in COVERS_EVERYTHING or fact.scope.asset_class == "*":
        return True
    if fact.scope.asset_class == "MKT":
        return bool(cell.scope.asset_class in ("MKT", "SLS"))
    return bool(fact.scope.asset_class == cell.scope.asset_class)


def _below(name: str, wanted: str, parents: dict[str, str]) -> bool:
    while name != wanted:
        if name == "*":
            return False
        name = parents.get(name, "*")
    return True


def _held(denial: Any, cell: Any) -> bool:
    if denial.holder == "person":
        return denial.person in cell.persons
    return denial.loose is not None and denial.loose == cell.loose


def _granted(grant: Any, cell: Any, at: Any, parents: dict[str, str], brands: dict[str, str]) -> bool:
    if grant.person not in cell.persons or grant.strict is None or grant.strict != cell.strict:
        return False
    if not _about(grant, cell, parents, brands) or grant.scope.asset_class not in ("*", cell.scope.asset_class):
        return False
    if grant.lo is not None and grant.lo > at:
        return False
    return grant.until is None or grant.until > at


def _undoes(grant: Any, denial: Any, cell: Any, at: Any, parents: dict[str, str], brands: dict[str, str]) -> bool:
    if denial.kind not in ("objection", "topic_opt_out", "refused"):
        return False
    return _came_back(grant, denial, cell, at, parents, brands)


def _came_back(grant: Any, denial: Any, cell: Any, at: Any, parents: dict[str, str], brands: dict[str, str]) -> bool:
    if grant.kind not in ("grant", "reconfirmed"):
        return False
    if not _granted(grant, cell, at, parents, brands) or grant.actor != "subject" or grant.proof not in (2, 3, 4):
        return False
    if grant.lo is None or denial.hi is None:
        return False
    if denial.holder == "address" and (denial.strict is None or denial.strict != grant.strict):
        return False
    return bool(grant.lo > denial.hi)


def _enough(grant: Any, need: str) -> bool:
    if need == "implied":
        return True
    if need == "express":
        return bool(grant.kind != "implied_grant")
    return bool(grant.kind != "implied_grant" and grant.proof == 4)
