"""What flags of Marketo stop by themselves, whatever stands beside them."""

from collections.abc import Iterator

import pytest

from mamigrate.consent.facts import from_blockers
from mamigrate.consent.kinds import KINDS
from mamigrate.contract import NeutralRow
from mamigrate_marketo import denials
from mamigrate_marketo.capabilities import BLOCKERS
from rows import NOW, person

EVERY_CLASS = ("erasure", "block", "undeliverable")


def read(**values: str) -> Iterator[NeutralRow]:
    return from_blockers(person("7", "ana@x.example", NOW, archived=False, **values), BLOCKERS, "mk/person", NOW)


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_who_gets_no_mail_of_any_class_gets_none_on_marketo(kind: str) -> None:
    """An unsubscribe lets operational mail go; the blocklist does not, nor does an invalid address."""
    flags = {name: value for name, value in denials.values(frozenset({kind}), "").items() if value == "true"}
    found = list(read(**flags))
    assert [one for one in found if one["asset_class"] == "*" or KINDS[one["kind"]].every_class] != []


def test_whoever_is_blocked_gets_no_mail_of_any_class() -> None:
    (blocked,) = read(blackListed="true")
    assert (blocked["kind"], blocked["asset_class"], blocked["holder"]) == ("block", "*", "person")
    (held,) = read(marketingSuspended="true")
    assert (held["kind"], held["asset_class"]) == ("org_hold", "MKT")


def test_an_invalid_address_is_no_matter_of_who_has_another_one() -> None:
    assert [(one["kind"], one["holder"]) for one in read(emailInvalid="true")] == [("undeliverable", "address")]


@pytest.mark.parametrize("kind", sorted(k for k, rule in KINDS.items() if rule.polarity == "-"))
def test_every_kind_reads_back_as_itself(kind: str) -> None:
    values = denials.values(frozenset({kind}), f"mamigrate: {kind.replace('_', ' ')} on hs")
    assert kind in {one["kind"] for one in read(**values)}
    bare = denials.values(frozenset({kind}), "said so on the phone")
    assert {one["kind"] for one in read(**bare)} <= {"objection", "block", "undeliverable", "org_hold"} | (
        {"source_hold"} if kind == "source_hold" else set()
    )


def test_the_words_of_somebody_else_name_no_kind() -> None:
    assert {one["kind"] for one in read(unsubscribed="true", unsubscribedReason="complaint on hs")} == {"objection"}
