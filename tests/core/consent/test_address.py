"""Address keys: strict for grants, loose for denials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.consent.address import LONGEST, careful, exact, found_in, keys, understood


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User@X.com", "user@x.com"),
        ("us\u200ber@x.com", "user@x.com"),
        ("ｕｓｅｒ＠ｘ．ｃｏｍ", "user@x.com"),
        ("straße@x.de", "strasse@x.de"),
        ("a@straße.de", "a@xn--strae-oqa.de"),
        ("a@straße.de", "a@strasse.de"),
        (" user@x.com ", "user@x.com"),
    ],
)
def test_what_a_person_would_call_the_same_address_has_one_loose_key(one: str, other: str) -> None:
    assert keys(one).loose == keys(other).loose


def test_the_local_part_of_the_strict_key_is_byte_exact_and_the_domain_ascii() -> None:
    assert keys("User@Bücher.example").strict == "User@xn--bcher-kva.example"


def test_the_folded_key_keeps_doubtful_twins_apart() -> None:
    assert keys("straße@x.de").folded != keys("strasse@x.de").folded
    assert keys("User@x.de").folded == keys("user@X.de").folded


@pytest.mark.parametrize(
    "text", ["a@b, c@d.com", "mailto:a@b.com", "a@b", "a b@x.com", "@x.com", "a@x.com.", "a" * 330 + "@x.com"]
)
def test_what_is_no_single_address_has_no_strict_key_but_a_loose_one_for_its_denial(text: str) -> None:
    found = keys(text)
    assert (found.strict, found.valid) == (None, False)
    assert found.loose


@pytest.mark.parametrize("text", [None, "", "  ", "\u200b"])
def test_nothing_has_no_key_at_all(text: str | None) -> None:
    assert keys(text).loose is None


@given(st.text(max_size=60))
def test_any_text_gets_keys_without_an_error_and_its_loose_key_is_stable(text: str) -> None:
    found = keys(text)
    if found.valid and found.loose:
        assert keys(found.loose).loose == found.loose


PLAIN = st.text(st.sampled_from("aZ.-+_'!xn0@: ,;<"), max_size=24)


@given(st.one_of(st.builds("{}@{}.{}".format, PLAIN, PLAIN, PLAIN), PLAIN, st.emails(), st.text(max_size=30)))
def test_the_quick_way_ends_where_the_careful_one_ends(text: str) -> None:
    assert keys(text) == careful(text)


def test_a_long_plain_address_is_refused_either_way() -> None:
    for length in (LONGEST, LONGEST + 1):
        text = "a" * (length - len("@x.example")) + "@x.example"
        assert keys(text) == careful(text)
        assert keys(text).valid is (length == LONGEST)


# --- domains that the standards do not know ---------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["ａ-.example", "\u0300x.example", "xn--ß.example", f"{'ü' * 70}.example"])
def test_a_domain_that_no_standard_takes_is_compared_as_it_is_folded(domain: str) -> None:
    known = keys(f"Ana@{domain}")
    assert known.loose is not None
    assert known == keys(f"Ana@{domain}")
    assert known.loose != keys(f"Ben@{domain}").loose
    assert keys(f"ANA@{domain.upper()}").loose == keys(f"ana@{domain.upper()}").loose


@pytest.mark.parametrize(
    ("text", "whole"),
    [("ana@x.example", True), ("Ana <ana@x.example>", True), ("ana@x.example; ben@x", False), ("ana", False), (None, False)],
)  # fmt: skip
def test_a_text_is_understood_when_it_names_nobody_but_addresses(text: str | None, whole: bool) -> None:
    assert understood(text) is whole


@pytest.mark.parametrize("between", [*"\x1c\x1d\x1e\x1f", "\x1f\u200b", " \x00", "\n", "\x0b"])
def test_separators_part_addresses_as_white_space_does(between: str) -> None:
    found = found_in(f"a@x.example{between}b@x.example")
    assert (found.addresses, found.unclear) == (("a@x.example", "b@x.example"), ())
    assert keys(f"a@x.example{between}").loose == "a@x.example"


@pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\x7f", "\u200b"])
def test_what_nobody_sees_parts_nothing(unseen: str) -> None:
    assert found_in(f"a{unseen}na@x.example").addresses == ("ana@x.example",)


def test_two_that_only_fold_alike_are_told_apart_and_case_is_not() -> None:
    one, other = keys("Straße@X.example"), keys("strasse@x.example")
    assert one.loose == other.loose
    assert exact(one.strict, one.loose) == "straße@x.example" != exact(other.strict, other.loose)
    assert exact(None, "no address") == "no address"
    assert exact(None, None) == ""
