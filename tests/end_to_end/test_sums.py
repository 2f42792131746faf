"""Sums that close, and sums that must not: what is read and where it ended are counted apart; two vendors in memory."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from mamigrate.contract import Change, Outcome
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Account
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import OptOut
from markup import words
from pair import Pair, Said, everything, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture(params=["suppressed_address", "person", "account"])
def forgetful(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ledger forgets where one object of a kind ended."""
    kind, close = str(request.param), Ledger.close_batch

    def forget(
        ledger: Ledger, id: int, state: str, outcomes: Sequence[object], ids: Iterable[object], rows: Sequence[Account]
    ) -> None:
        close(ledger, id, state, outcomes, ids, [row for row in rows if row.kind != kind])  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(Ledger, "close_batch", forget)
    yield kind


def test_an_object_that_is_lost_on_the_way_leaves_a_sum_open_and_fails_the_run(pair: Pair, forgetful: str) -> None:
    everything(pair)
    said = pair.run()
    assert said.code == 3
    assert "open_sum" in said.blocking
    accounts = said.report["accounts"]
    assert not accounts[forgetful]["closed"]
    assert accounts[forgetful]["read"] > sum(accounts[forgetful]["buckets"].values())
    assert "accounted for" in said.err.splitlines()[0]
    page = Path(pair.folder, "reports", said.report["run"], "run.html").read_text()
    assert "INCOMPLETE: not every object is accounted for" in words(page, "en")[:12]


def test_a_denial_whose_holder_got_lost_leaves_the_sum_of_facts_open(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ana's denial is held by Ana: where the ledger has no Ana, her denial ended nowhere."""
    everything(pair)
    accounts = Ledger.accounts

    def without_ana(ledger: Ledger, run_id: str, kind: str | None = None) -> Iterator[Account]:
        return (row for row in accounts(ledger, run_id, kind) if (row.kind, row.source_key) != (Kind.PERSON, "5"))

    monkeypatch.setattr(Ledger, "accounts", without_ana)
    said = pair.run()
    assert (said.code, said.report["accounts"]["consent_fact"]["closed"]) == (3, False)


def test_sums_close_where_denials_take_every_way(pair: Pair) -> None:
    """Merged, archived, parked, erased, unknown, on the target several times, in a file, of nobody."""
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="1", unsubscribed="true")
    pair.source.person("ANA@x.example", id="2")
    pair.source.person("old@x.example", id="3", archived=True, unsubscribed="true")
    pair.source.person("ben@x.example", id="4", opt_out_news="true").merged.append("99")
    pair.source.person("straße@x.example", id="5", unsubscribed="true")
    pair.source.person("strasse@x.example", id="6")
    pair.source.person(None, id="7", archived=True, unsubscribed="true")
    pair.target.quirks.durable_opt_out = False
    for id, address in (("71", "two@x.example"), ("72", "Two@x.example"), ("73", "strasse@x.example")):
        pair.target.person(address, id=id)
    pair.source.opt_outs += [OptOut(address="two@x.example"), OptOut(address="nobody#1@x.example")]
    facts(
        pair,
        "gone@x.example,,erasure,2024-01-01,register",
        "josé@x.example,,objection,2024-01-01,CRM",
        ",99,objection,2024-01-01,CRM",
        ",404,objection,2024-01-01,CRM",
        "nobody#1@x.example,,objection,2024-01-01,CRM",
    )
    said = pair.run()
    accounts = said.report["accounts"]
    assert {kind: one for kind, one in accounts.items() if not one["closed"]} == {}
    assert accounts["consent_fact"]["buckets"]["parked"] >= 1
    because = said.reasons("consent_fact")
    assert said.buckets("consent_fact") == {name: summed(because, name) for name, _ in because}
    assert (because["parked", "holder_unknown"], because["left", "archived"]) == (1, 1)
    assert held(said) == said.report["census"]["suppressed_addresses"]
    again = pair.run()
    assert again.report["census"]["suppressed_addresses"] == held(again) == held(said)
    del pair.source.people["4"]  # type: ignore[attr-defined]  # the state keeps a plain dict
    said = pair.run()
    accounts = said.report["accounts"]
    assert {kind: one for kind, one in accounts.items() if not one["closed"]} == {}
    assert said.reasons("suppressed_address").get(("equal", "departed")) == 1


def summed(because: dict[tuple[str, str], int], bucket: str) -> int:
    return sum(n for (name, _), n in because.items() if name == bucket)


def held(said: Said) -> int:
    """Denied addresses that the accounts call written or there already, but for those that were erased and stand nowhere."""
    absent = said.reasons("suppressed_address").get(("equal", "erased_and_absent"), 0)
    return sum(said.buckets("suppressed_address").get(name, 0) for name in ("created", "updated", "equal")) - absent


def test_who_is_refused_with_a_denial_stands_there_and_is_counted(pair: Pair) -> None:
    """Ana's record is refused and her denial is not: she is added, judged, and deleted by a rollback."""
    pair.source.person("ana@x.example", id="5", unsubscribed="true", city="Atlantis")
    pair.source.person("ben@x.example", id="6")
    pair.source.person("carl@x.example", id="7", city="Atlantis")
    pair.target.quirks.refuse["city"] = "Atlantis"
    said = pair.run()
    assert (said.code, said.buckets()) == (0, {"created": 1, "rejected": 2})
    assert said.reasons()["rejected", "only_denial"] == 1
    assert "rejected" not in said.buckets("consent_fact")
    assert (said.report["people"]["new"], said.report["people"]["new_refused"], len(pair.target.people)) == (2, 1, 2)
    census = said.report["census"]
    assert (census["refused_there"], census["people_absent"], census["denied_not_mailable"]) == (1, 1, 1)
    page = " ".join(words(Path(pair.folder, "reports", said.report["run"], "run.html").read_text(), "en"))
    assert "merged 0, left behind 0, parked 0, refused 1 and not read back 0 that is everybody" in page
    assert "of the refused 1, have a record on the target all the same" in page
    assert "Among the people are 1 whose record the target refused" in page
    pair.say("rollback", "--source", "old", "--target", "new", "--yes")
    assert not pair.target.people


def test_the_figures_of_the_page_are_those_of_the_accounts(pair: Pair) -> None:
    """Also for a run that was interrupted: what its first half made is told by its second."""
    everything(pair)
    pair.target.quirks.calls_left = 20
    assert pair.run().code == 5
    pair.target.quirks.calls_left = None
    report = pair.moved().report
    accounts = report["accounts"]
    new = sum(accounts[kind]["buckets"].get("created", 0) for kind in ("person", "suppressed_address"))
    assert (report["people"]["new"], new) == (new, 3)
    assert len(report["created_fields"]) > 5
    census = report["census"]
    assert census["allowed_and_mailable"] + census["denied_but_mailable"] == report["reach"]["after"] == 1
    again = pair.moved().report
    assert (again["people"]["new"], again["created_fields"], again["effects"]["sent"]) == (0, [], [])
    assert again["command"] == f"mamigrate run --source old --target new --json --project {pair.folder}"


def test_a_file_of_facts_that_grows_meanwhile_is_told_and_opens_no_sum(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")
    facts(pair, "ben@x.example,,objection,,CRM")
    path, write = pair.folder / "facts.csv", MemoryInstance.write

    def grown(self: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        path.write_text("address,id,what,when,source\nben@x.example,,objection,,CRM\nana@x.example,,objection,,CRM\n")
        return write(self, kind, changes)

    monkeypatch.setattr(MemoryInstance, "write", grown)
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"facts_changed"})
    assert said.report["accounts"]["consent_fact"]["closed"]
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
