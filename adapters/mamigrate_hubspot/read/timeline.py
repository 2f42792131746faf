"""Changes by address as consent facts (HubSpot docs, "View subscriptions timeline for a portal")."""

from mamigrate.contract import Content, NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context
from mamigrate_hubspot.read.facts import UNKNOWN, Holder, denials, grant, moment_of
from mamigrate_hubspot.wire import Json, listed, part, rows, text

_SOURCES = {"SOURCE_RECIPIENT": ("subject", 2)}
"""Documented texts of a change's source: who acted, and what the record proves (0 to 4). Any other is of nobody knows whom."""


def told(connection: str, data: Json, context: Context) -> Content:
    """Changes by address, with or without a contact: opt-outs, complaints, and dated returns by the person.

    An opt-out of a brand carries no brand here: it is one of the whole account until the state of its address explains it.

    Bounces are left out: whether an address bounces now stands on its contact, and old bounces may be over. A return
    from the portal-wide opt-out carries no topic; the topics that it covers have changes of their own.
    """
    facts: list[NeutralRow] = []
    for item in rows(data, "timeline"):
        for number, change in enumerate(listed(item, "changes")):
            facts += _of_change(connection, item, change, number)
    return Content({Kind.CONSENT_FACT: facts})


def _of_change(connection: str, item: Json, change: Json, number: int) -> list[NeutralRow]:
    stamp = text(part(change, "causedByEvent"), "created") or text(change, "timestamp") or text(item, "timestamp")
    moment = moment_of(stamp)
    holder = Holder(text(item, "recipient"), ())
    topic = text(change, "subscriptionId") or "*"
    ref = f"{connection}/timeline/{holder.address}/{stamp}/{number}"
    source = text(change, "source")
    actor, proof = _SOURCES.get(source, UNKNOWN)
    what, how = text(change, "changeType"), text(change, "change")
    raw = f"{how};{source}"
    if what == "PORTAL_BOUNCE" or (what == "PORTAL_STATUS" and how == "SUBSCRIBED"):
        return []
    if how == "SUBSCRIBED" and what == "SUBSCRIPTION_STATUS" and topic != "*":
        return [grant(ref, holder, kind="grant", topic=topic, lo=moment, hi=moment, actor=actor, proof=proof, raw=raw)]
    if "SPAM" in what or "SPAM" in how or "COMPLAINT" in source:
        kind, topic = "complaint", "*"  # Made about one mail, meant for all of them (consent: a complaint is wide).
    elif how == "UNSUBSCRIBED":
        kind = "objection" if topic == "*" else "topic_opt_out"
    else:
        kind = "unparsed"
    return list(denials(ref, holder, kind=kind, topic=topic, lo=moment, hi=moment, actor=actor, raw=raw))
