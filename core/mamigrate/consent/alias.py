"""Addresses that a mail provider delivers to one mailbox: a denial of one holds the others until somebody has looked.

Only rules that the providers publish: a tag after ``+``, dots that do not count, and domains that are one.
"""

import ibis
import ibis.expr.types as ir

SAME = {"googlemail.com": "gmail.com"}
"""Domains of one provider that are one (Gmail help: "Use gmail.com or googlemail.com")."""
DOTLESS = frozenset({"gmail.com"})
"""Providers to whom dots are nothing (Gmail help: "Dots don't matter in Gmail addresses")."""
TAGGED = DOTLESS | {"outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "fastmail.com", "proton.me"}
"""Providers that deliver ``name+tag`` to ``name``."""

WISHES = ("objection", "complaint", "erasure")
"""Denials that speak of the person who reads the mailbox; a bounce or a block speaks of the address alone."""


def mailbox(loose: str) -> str:
    """The one spelling of an address in its loose form, or the address itself where no rule of a provider is known."""
    local, at, domain = loose.rpartition("@")
    domain = SAME.get(domain, domain)
    if not at or domain not in TAGGED:
        return loose
    name = local.partition("+")[0]
    return f"{name.replace('.', '') if domain in DOTLESS else name}@{domain}"


def mailboxes(loose: ir.StringColumn) -> ir.StringValue:
    """``mailbox`` as an expression; null where no rule of a provider is known."""
    domain = loose.re_extract("@([^@]*)$", 1)
    for one, other in SAME.items():
        domain = (domain == one).ifelse(other, domain)
    name = loose.re_replace("@[^@]*$", "").re_replace("[+].*$", "")
    name = domain.isin(sorted(DOTLESS)).ifelse(name.replace(".", ""), name)
    return domain.isin(sorted(TAGGED)).ifelse(name + "@" + domain, ibis.null("string"))


def holds(people: ir.Table, denials: ir.Table) -> ir.Table:
    """(person_key, denial, source_ref): living people at another spelling of a mailbox that said no to everything."""
    said = denials.filter(denials.kind.isin(WISHES) & (denials.topic == "*") & (denials.brand == "*"))
    own = people.select(person_key="key", address_loose="email_loose")
    # What a person holds covers the person's address.
    held = (
        said.filter(said.holder == "person")
        .select("person_key", denial="key", ref="source_ref")
        .join(own, "person_key")
    )
    at = said.filter(said.holder == "address").select("address_loose", denial="key", ref="source_ref")
    told = at.union(held.select("address_loose", "denial", "ref"))
    told = told.filter(told.address_loose.notnull()).mutate(mailbox=lambda t: mailboxes(t.address_loose))
    living = people.filter(people.email_loose.notnull() & ~people.archived)
    living = living.select(person_key="key", spelt="email_loose").mutate(mailbox=lambda t: mailboxes(t.spelt))
    pairs = living.filter(living.mailbox.notnull()).join(told, "mailbox")
    found = pairs.filter(pairs.spelt != pairs.address_loose)
    return found.group_by("person_key").agg(denial=found.denial.min(), source_ref=found.ref.min())


def as_denials(holds: ir.Table) -> ir.Table:
    """The holds as denials of people: (person_key, fact, kind, topic, brand)."""
    everything = {name: ibis.literal("*") for name in ("topic", "brand")}
    return holds.select("person_key", fact="alias/" + holds.denial, kind=ibis.literal("org_hold"), **everything)
