"""Addresses that a mail provider delivers to one mailbox: a denial of one holds the others until somebody has looked.

Only rules that the providers publish: a tag after ``+``, dots that do not count, and domains that are one.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from mamigrate.consent.scope import Scope
from mamigrate.once import once

SAME = {"googlemail.com": "gmail.com"}
"""Domains of one provider that are one (Gmail help: "Use gmail.com or googlemail.com")."""
DOTLESS = frozenset({"gmail.com"})
"""Providers to whom dots are nothing (Gmail help: "Dots don't matter in Gmail addresses")."""
TAGGED = DOTLESS | {"outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "fastmail.com", "proton.me"}
"""Providers that deliver ``name+tag`` to ``name``."""

WISHES = ("objection", "complaint", "erasure")
"""Denials that speak of the person who reads the mailbox; a bounce or a block speaks of the address alone."""
LEAVING = (*WISHES, "topic_opt_out")

Spelling = Callable[[ir.StringColumn], ir.StringValue]


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


def untagged(loose: ir.StringColumn) -> ir.StringValue:
    """An address without a tag after ``+``; null where the rules of the provider are known."""
    domain, name = loose.re_extract("@([^@]*)$", 1), loose.re_replace("@[^@]*$", "").re_replace("[+].*$", "")
    known = domain.isin(sorted(TAGGED | set(SAME))) | (domain == "") | (name == "")
    return known.ifelse(ibis.null("string"), name + "@" + domain)


@once
def scopes(denials: ir.Table) -> ir.Table:
    """The scopes of opt-outs that may add up to everything: few, whatever the population."""
    return denials.filter(denials.kind.isin(LEAVING)).select(*Scope._fields).distinct()


@once
def left(people: ir.Table, denials: ir.Table, reach: ir.Table, marketing: ir.Table) -> ir.Table:
    """(address_loose, denial, ref): addresses that said no to everything, at once or to one type of ``marketing`` after another.

    ``reach`` tells which of the ``scopes`` covers which type; ``marketing`` has (cell). Of several denials one is named.
    """
    said = denials.filter(denials.kind.isin(LEAVING)).select(
        "holder", "person_key", "address_loose", *Scope._fields, denial="key", ref="source_ref", wide=_wide(denials)
    )
    # What a person holds covers the person's address.
    own = people.select(person_key="key", at="email_loose")
    held = said.filter(said.holder == "person").drop("address_loose").join(own, "person_key").rename(address_loose="at")
    told = said.filter(said.holder == "address")
    told = told.union(held.select(*told.columns)).filter(lambda t: t.address_loose.notnull())
    whole = told.filter(told.wide).select("address_loose", "denial", "ref")
    cells = told.filter(~told.wide).join(reach, list(Scope._fields)).semi_join(marketing, "cell")
    added = cells.group_by("address_loose").agg(
        cells=cells.cell.nunique(), denial=cells.denial.min(), ref=cells.ref.min()
    )
    number = marketing.cell.nunique().as_scalar()
    return whole.union(added.filter(added.cells == number).select(*whole.columns))


def _wide(denials: ir.Table) -> ir.BooleanValue:
    return denials.kind.isin(WISHES) & (denials.topic == "*") & (denials.brand == "*")


@once
def holds(people: ir.Table, left: ir.Table) -> ir.Table:
    """(person_key, denial, source_ref): living people at another spelling of a mailbox that said no to everything (``left``)."""
    return _spelled_otherwise(people, left, mailboxes)


@once
def near(people: ir.Table, left: ir.Table) -> ir.Table:
    """As ``holds``, where no rule of the provider is known: a tag may be a person's own name there, so nobody is held."""
    return _spelled_otherwise(people, left, untagged)


def _spelled_otherwise(people: ir.Table, left: ir.Table, spelling: Spelling) -> ir.Table:
    told = left.mutate(mailbox=spelling(left.address_loose))
    living = people.filter(people.email_loose.notnull() & ~people.archived)
    living = living.select(person_key="key", spelt="email_loose").mutate(mailbox=lambda t: spelling(t.spelt))
    pairs = living.filter(living.mailbox.notnull()).join(told, "mailbox")
    found = pairs.filter(pairs.spelt != pairs.address_loose)
    return found.group_by("person_key").agg(denial=found.denial.min(), source_ref=found.ref.min())


@once
def as_denials(holds: ir.Table) -> ir.Table:
    """The holds as denials of people: (person_key, fact, kind, topic, brand)."""
    everything = {name: ibis.literal("*") for name in ("topic", "brand")}
    return holds.select("person_key", fact="alias/" + holds.denial, kind=ibis.literal("org_hold"), **everything)
