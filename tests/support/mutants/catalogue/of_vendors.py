"""Mistakes of adapters: what they read as consent, and how they write a denial."""

from mutants.mutant import Mutant

GUARD = "adapters/mamigrate_marketo/denials.py"
DENY, STATUSES, HOLDERS = (f"adapters/mamigrate_hubspot/{name}.py" for name in ("deny", "statuses", "holders"))
READ, CHANGES, FACTS, MIRRORS, TOPICS = (
    f"adapters/mamigrate_hubspot/read/{name}.py" for name in ("statuses", "timeline", "facts", "mirrors", "topics")
)
LIMITS = "adapters/mamigrate_marketo/capabilities.py"
MARKETO_LATE = "adapters/mamigrate_marketo/late.py"

_MARKETO = ("tests/adapters/marketo/test_people.py",)
_DENIALS = ("tests/adapters/marketo/test_denials.py",)
_LATE = ("tests/adapters/hubspot/test_late.py",)
_ONE = ("tests/adapters/hubspot/test_read_consent.py",)
_CONSENT = ("tests/adapters/hubspot/test_consent.py",)

MUTANTS = (
    # --- Marketo -----------------------------------------------------------------------------------------------------------
    Mutant("emptying a flag lowers nothing", GUARD, 'change.values[name] != "true"', 'change.values[name] == "false"', _MARKETO),
    Mutant("a suspension may be lowered", GUARD, '"marketingSuspended", "emailSuspended")', '"emailSuspended")', _MARKETO),
    Mutant("a complaint becomes a suspension by staff", GUARD, '"complaint": ("unsubscribed",)', '"complaint": ("marketingSuspended",)', _MARKETO),
    Mutant("a block becomes an opt-out", GUARD, '"block": ("blackListed",)', '"block": ("unsubscribed",)', _MARKETO),
    Mutant("who was erased gets operational mail", GUARD, '("unsubscribed", "blackListed")', '("unsubscribed",)', _DENIALS),
    Mutant("who is blocked gets operational mail", LIMITS, ', asset_class="*"', "", _DENIALS),
    Mutant("an invalid address follows the person", LIMITS, '"undeliverable", holders=("address",)', '"undeliverable", holders=("person", "address")', _DENIALS),
    Mutant("a hold of the source does not say so", GUARD, 'HOLD if fact == "source_hold" else ""', '""', _MARKETO),
    # --- HubSpot: what a yes proves ------------------------------------------------------------------------------------------
    Mutant("a yes without a legal basis is a consent", READ, 'proof = 0 if basis in _UNSAID and actor != "subject" else proof', "proof = proof", _ONE),
    Mutant("the person's own yes without a legal basis is none", READ, ' and actor != "subject" else proof', " else proof", _ONE),
    # --- HubSpot: writing ----------------------------------------------------------------------------------------------------
    Mutant("a reply with errors shows an opt-out", DENY, ' or data.get("numErrors"):', ":", _LATE),
    Mutant("an unfinished reply shows an opt-out", DENY, 'data.get("status") != "COMPLETE" or ', "", _LATE),
    Mutant("what a reply does not show was done", DENY, 'if there else _maybe(one, "the reply does not show it")', "if there or shown else Outcome(one.key, Status.UPDATED)", _LATE),
    Mutant("who left one brand left the whole account", DENY, 'fact["kind"] == "objection" and fact["brand"] == "*"', 'fact["kind"] == "objection"', _CONSENT),
    Mutant("who was not told has left nothing", DENY, 'if fact["kind"] == "unparsed":\n                        untold.add(address)', 'if fact["kind"] == "unparsed":\n                        pass', _LATE),
    Mutant("a wide status of a brand is one of the account", DENY, 'wire.text(row, "wideStatusType") == "PORTAL_WIDE"', 'wire.text(row, "wideStatusType")', _ONE),
    Mutant("whoever got another address at that very moment did not", HOLDERS, "at is not None and at < moment", "at is not None and at <= moment", _ONE),
    Mutant("a change of address without a time is none", HOLDERS, "at is not None and at < moment", "at is None or at < moment", _ONE),
    # --- HubSpot: reading ------------------------------------------------------------------------------------------------------
    Mutant("a type that a batch leaves out is not asked for alone", STATUSES, "if needed <= topics}", "if topics}", _CONSENT),
    Mutant("who is left out of a batch is not asked", STATUSES, "for address, known in left.items():\n            yield from self._one(address, known)", "", _CONSENT),
    Mutant("a wide opt-out that a batch leaves out is not asked for", STATUSES, "if address.lower() in closed:", "if False:", _CONSENT),
    Mutant("an opt-out of everything is one of a topic", READ, '"objection" if "wideStatusType" in status else "topic_opt_out"', '"topic_opt_out"', _CONSENT),
    Mutant("an opt-out of the account is one of a brand", READ, 'text(status, "businessUnitId") or "*" if wide == _WIDE[1] else "*"', 'text(status, "businessUnitId") or "*"', _ONE),
    Mutant("an unknown source is the person", FACTS, 'UNKNOWN = ("system", 1)', 'UNKNOWN = ("subject", 2)', _CONSENT),
    Mutant("an interest that the company claims is a consent", READ, '"LEGITIMATE_INTEREST_CLIENT": "implied_grant"', '"LEGITIMATE_INTEREST_CLIENT": "grant"', _ONE),
    Mutant("a mirror that says neither true nor false says nothing", MIRRORS, 'if value == "false":\n            continue', 'if value != "true":\n            continue', ("tests/adapters/hubspot/test_people.py",)),
    Mutant("a complaint about one topic is one of that topic", CHANGES, 'kind, topic = "complaint", "*"', 'kind = "complaint"', _CONSENT),
    Mutant("what has no instant proves as much as what has one", READ, "proof if dated else min(proof, 1)", "proof", _ONE),
    Mutant("an unfinished reply tells that nobody left", READ, 'if _unfinished(data) or (alone and data.get("numErrors")):', "if False:", _CONSENT),
    Mutant("a status that somebody refuses to tell is none", READ, 'kind="unparsed", topic=topic, actor="system", raw="unread"', 'kind="pending", topic=topic, actor="system", raw="unread"', _CONSENT),
    Mutant("an entry of the timeline that nobody understands is no denial", CHANGES, '    else:\n        kind = "unparsed"\n    return list(denials', '    else:\n        return []\n    return list(denials', _CONSENT),
    Mutant("silence of an account that asks for consent is a yes", TOPICS, 'context.get("explicit_consent") != "true"', 'context.get("explicit_consent") != "false"', _CONSENT),
    Mutant("a grant is held by everybody who has the address", FACTS, "holder.people[0] if len(holder.people) == 1 else None\n    return _fact", "holder.people[0] if holder.people else None\n    return _fact", _ONE),
    Mutant("a person holds nothing of what the address left", FACTS, "for person in holder.people:\n        yield", "for person in holder.people[:0]:\n        yield", _CONSENT),
)  # fmt: skip
