"""Whom the source itself mails, topic by topic, and what became of them: the table of the consent report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.consent.kinds import KINDS
from mamigrate.consent.proof.of_move import places
from mamigrate.consent.proof.tables import SCOPE
from mamigrate.consent.proof.words import MAIL, beneath
from mamigrate.consent.scope import OWN, Scope
from mamigrate.stages import own_word
from mamigrate.stages.people import PeoplePlan

PLACE = ("channel", "brand", "topic")
_EVERY_CLASS = tuple(sorted(name for name, rule in KINDS.items() if rule.every_class))
_GRANTS = ("grant", "reconfirmed")


def mailed(plan: PeoplePlan, known: places.Cells, now: datetime) -> ir.Table:
    """(person_key, winner, channel, brand, topic, asset_class): records that the source itself mails, cell by cell.

    Its denials as it spells addresses; a topic that asks for a grant needs one of the record's own. Topics that only the
    target has are mailed by no source.
    """
    engine = plan.move.engine
    topics = engine.memory(places.topics(known))
    topics = topics.filter(~topics.topic.startswith(OWN))
    said, given = engine.keep(_scoped(own_word.heeded(plan), topics)), engine.keep(_scoped(_granted(plan, now), topics))
    scopes = said.select(*SCOPE).union(given.select(*SCOPE), distinct=True)
    found = [Scope(*(row[name] for name in SCOPE)) for row in engine.rows(scopes)]
    covers = engine.memory(places.covers(found, known))
    per = verdict.of_records(plan.people, said).select("person_key", key="fact")
    shut = beneath(per.join(said.select("key", *SCOPE), "key"), covers, "person_key").distinct()
    opened = beneath(given, covers.filter(covers.permits), "person_key").distinct()
    cells = own_word.records(plan).cross_join(topics.select(*SCOPE, "asks"))
    free = engine.keep(cells.anti_join(engine.keep(shut), ["person_key", *SCOPE]))
    agreed = free.filter(free.asks).semi_join(engine.keep(opened), ["person_key", *SCOPE])
    open_ = free.filter(~free.asks).union(agreed).select("person_key", *SCOPE)
    return engine.keep(open_.join(plan.clusters.select("person_key", "winner"), "person_key"))


def _scoped(facts: ir.Table, topics: ir.Table) -> ir.Table:
    """What speaks of mail. Who leaves a topic leaves its mail, of whichever class it is; some kinds leave every class."""
    mail = facts.filter(facts.channel.isin(MAIL))
    known = topics.group_by("topic").agg(its=topics.asset_class.min())
    joined = mail.left_join(known, "topic").drop("topic_right")
    its = ibis.cases(
        (joined.kind.isin(_EVERY_CLASS), "*"),
        (joined.topic == "*", joined.asset_class),
        else_=ibis.coalesce(joined.its, joined.asset_class),
    )
    return joined.mutate(asset_class=its).drop("its")


def _granted(plan: PeoplePlan, at: datetime) -> ir.Table:
    """Running grants of the source's own, of a record at its own address, with ``person_key``."""
    facts, now = plan.facts, ibis.literal(at)
    running = (facts.lo.isnull() | (facts.lo <= now)) & (facts.until.isnull() | (facts.until > now))
    grants = facts.filter((facts.polarity == "+") & running & facts.kind.isin(_GRANTS) & own_word.own(facts))
    own = plan.people.filter(plan.people.email_strict.notnull()).select(person_key="key", address_strict="email_strict")
    return grants.semi_join(own, ["person_key", "address_strict"])


def ends(mailed: ir.Table, after: ir.Table) -> ir.Table:
    """(channel, brand, topic, before, stayed, kept): records that the source mails, of them those of people in ``after``, and those people.

    ``after`` has (channel, brand, topic, person), whom the target mails.
    """
    once = mailed.select(*PLACE, "person_key", "winner").distinct()
    there = after.select(*PLACE, winner="person", there=ibis.literal(True))
    joined = once.left_join(there, [*PLACE, "winner"]).select(*PLACE, "person_key", "winner", "there")
    stays = ibis.coalesce(joined.there, False)
    return joined.group_by(*PLACE).agg(
        before=joined.count(), stayed=stays.sum(), kept=joined.winner.nunique(where=stays)
    )


def between(ended: Mapping[str, Any] | None, after: int) -> dict[str, int]:
    """What became of the records of one place: ``before - lost - merged + more`` is ``after``."""
    before, stayed, kept = (int(ended[name] or 0) if ended else 0 for name in ("before", "stayed", "kept"))
    return {"before": before, "lost": before - stayed, "merged": stayed - kept, "more": after - kept}
