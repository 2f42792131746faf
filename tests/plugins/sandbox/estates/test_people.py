from datetime import UTC, datetime

from mamigrate.plan import crm_id
from mamigrate_sandbox.estates import crm_ids, truth
from mamigrate_sandbox.estates.clean import Clean
from mamigrate_sandbox.estates.lived import Lived
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.world import Person

TODAY = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_same_seed_gives_the_same_people_and_another_gives_others() -> None:
    first, again, other = (list(Messy(300, seed, TODAY).people()) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_person_can_be_asked_for_out_of_order(minamo: Messy, everybody: list[Person]) -> None:
    walked = everybody[:60]
    assert [minamo.person(number) for number in range(60)] == walked


def test_no_address_stands_on_two_living_records(everybody: list[Person]) -> None:
    found = [p.address.lower() for p in everybody if p.address and p.archived is None]
    assert len(found) == len(set(found))


def test_one_hundred_and_twenty_surplus_records_share_a_loose_address(
    minamo: Messy, judged: dict[str, truth.Verdict]
) -> None:
    pairs = [v for v in judged.values() if len(v.records) > 1]
    assert len(pairs) == 120 + 1  # and straße/strasse
    assert any("straße" in (minamo.person(n).address or "") for v in pairs for n in v.records)


def test_twins_differ_by_width_by_invisible_characters_and_by_the_form_of_the_host(everybody: list[Person]) -> None:
    seconds = [p.address or "" for p in everybody if p.role in ("twin_second", "cold_twin_second")]
    assert any("\u200b" in address for address in seconds)
    assert any("ａ" <= letter <= "ｚ" for address in seconds for letter in address)
    assert any("@xn--" in address for address in seconds)


def test_addresses_that_platforms_refuse_occur(everybody: list[Person]) -> None:
    found = [p.address for p in everybody if p.address]
    assert any(len(address) > 255 for address in found)
    assert any(";" in address for address in found)
    assert any("@" not in address for address in found)
    assert any(not address.rpartition("@")[0].isascii() for address in found)


def test_all_hosts_are_reserved_ones(everybody: list[Person]) -> None:
    hosts = {p.address.rpartition("@")[2] for p in everybody if p.address and "@" in p.address and ";" not in p.address}
    assert {host.rpartition(".")[2] for host in hosts} == {"example"}


def test_scripts_of_several_languages_occur(everybody: list[Person]) -> None:
    families = {p.values.get("family_name", "") for p in everybody}
    text = "".join(families)
    assert any("가" <= letter <= "힣" for letter in text)
    assert any("\u0600" <= letter <= "\u06ff" for letter in text)
    assert any(letter in text for letter in "äöüß")
    assert any("一" <= letter <= "龯" for letter in text)


def test_somebody_elses_platform_knows_one_person_in_twenty_and_some_opted_out_there(
    everybody: list[Person], judged: dict[str, truth.Verdict]
) -> None:
    lived = list(Lived(5_000, 7, TODAY).people())
    shared = [p for p in lived if p.role == "shared"]
    assert 200 <= len(shared) <= 250
    assert {p.address for p in shared} <= {p.address for p in everybody}
    newly = [p for p in shared if p.wide and judged[truth.loose(p.address or "")].ceiling]
    assert len(newly) >= 3
    assert len([p for p in lived if p.role == "own"]) == 100


def test_the_crm_knows_people_of_both_sides_some_of_them_by_another_address(everybody: list[Person]) -> None:
    lived = list(Lived(5_000, 7, TODAY).people())
    source = {p.crm.id[:15]: p for p in everybody if p.crm}
    both = [(p, source[p.crm.id[:15]]) for p in lived if p.crm]
    assert {len(p.crm.id) for p, _ in both if p.crm} == {15, 18}
    same = [p for p, other in both if p.address == other.address]
    apart = [(p, other) for p, other in both if p.address != other.address]
    assert len(same) > 100 and {p.role for p in same} == {"shared"}
    assert {p.role for p, _ in apart} == {"own"}
    here = {p.address for p in lived}
    assert {(bool(other.wide), other.address in here) for _, other in apart} == {
        (True, False),
        (False, False),
        (False, True),
    }
    assert len([other for _, other in apart if other.address in here]) == 1


def test_ids_of_the_crm_are_ids_and_some_differ_by_case_alone() -> None:
    ids = [crm_ids.made("lead", number) for number in range(5_000)]
    assert [crm_id.canonical(one, "lead") for one in ids] == ids
    assert crm_ids.made("contact", 4) == "0035g0000000004AAA"
    assert len({one.lower() for one in ids}) == len(set(ids)) == 5_000
    assert len({crm_ids.short(one).lower() for one in ids}) < 5_000


def test_the_tidy_company_fits_any_number_of_people() -> None:
    for people in (1, 10, 200):
        found = list(Clean(people, 1, TODAY).people())
        assert len(found) == people and all(p.address for p in found)
