"""The kinds of consent facts: what each says, and the only ways up from each."""

from enum import StrEnum
from typing import NamedTuple


class Lift(StrEnum):
    """Who can end a denial, from the easiest to the hardest."""

    NONE_NEEDED = "none_needed"
    BY_TIME = "by_time"
    OPERATOR = "operator"
    SUBJECT = "subject"
    NEVER = "never"


class Grant(StrEnum):
    """How much of a permission a grant is, from none to a double opt-in."""

    NONE = "none"
    PENDING = "pending"
    IMPLIED = "implied"
    EXPRESS = "express"
    CONFIRMED = "confirmed"


class KindRule(NamedTuple):
    """``polarity`` is ``-``, ``+`` or ``0``. ``every_class``: the denial also covers service and transactional mail.

    ``lift`` is for denials, ``grant`` for grants. ``kills``: nothing can be delivered there.
    """

    polarity: str
    lift: Lift = Lift.NONE_NEEDED
    grant: Grant = Grant.NONE
    every_class: bool = False
    kills: bool = False


KINDS = {
    "erasure": KindRule("-", Lift.NEVER, every_class=True),
    "complaint": KindRule("-", Lift.NEVER),  # But WITH_OPERATOR.
    "objection": KindRule("-", Lift.SUBJECT),
    "topic_opt_out": KindRule("-", Lift.SUBJECT),
    "ads_objection": KindRule("-", Lift.SUBJECT),
    "block": KindRule("-", Lift.OPERATOR),
    "org_hold": KindRule("-", Lift.OPERATOR),
    "source_hold": KindRule("-", Lift.OPERATOR),
    "time_hold": KindRule("-", Lift.BY_TIME, every_class=True),
    "unparsed": KindRule("-", Lift.OPERATOR),
    "undeliverable": KindRule("-", Lift.OPERATOR, every_class=True, kills=True),
    "refused": KindRule("-", Lift.SUBJECT),
    "pending": KindRule("0", grant=Grant.PENDING),
    "grant": KindRule("+", grant=Grant.EXPRESS),
    "implied_grant": KindRule("+", grant=Grant.IMPLIED),
    "reconfirmed": KindRule("+", grant=Grant.EXPRESS),
}

LIFTABLE = frozenset(name for name, rule in KINDS.items() if rule.lift is Lift.SUBJECT and name != "ads_objection")
"""Denials that a later grant by the person ends: for mail, so an objection to advertising is not among them."""

WITH_OPERATOR = frozenset({"complaint"})
"""Denials that nobody ends alone: an operator may, once the person said yes again by a double opt-in."""

LIFTING = frozenset({"grant", "reconfirmed"})
"""Grants that end a denial: an interest that a company claims for itself (``implied_grant``) ends nobody's no."""

LIFTING_PROOF = 2
"""The least proof of a grant that ends a denial: a dated event with its source."""

CONFIRMED_PROOF = 4
"""The proof of a double opt-in."""

NO_BASIS = "no_basis"
"""The kind of a denial that a pack of law makes. No fact: it follows from the grants that are not there."""
