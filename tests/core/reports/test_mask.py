"""Masking and making visible."""

from typing import Any

import pytest

from mamigrate.findings import Finding, Severity
from mamigrate.reports import mask
from mamigrate.stages import consent_facts


def finding(subject: str, **params: str) -> Finding:
    return mask.finding(Finding("type_lost", Severity.WARN, subject, params))


@pytest.mark.parametrize(
    ("clear", "masked"),
    [("山田", "山•••"), ("Al", "A•••"), ("", ""), ("é!", "é•••"), ("e\u0301x", "e\u0301•••")],
)
def test_a_name_keeps_its_first_character(clear: str, masked: str) -> None:
    assert mask.text(clear) == masked


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("taro@minamo.example", "t•••@minamo.example"),
        ("taro＠minamo.example", "t•••@minamo.example"),
        ('"a b"@minamo.example', '"•••@minamo.example'),
        ("no address", "n•••"),
        ("@minamo.example", "@•••"),
    ],
)
def test_an_address_keeps_its_domain(clear: str, masked: str) -> None:
    assert mask.address(clear) == masked


def test_addresses_are_masked_wherever_they_stand_in_a_text() -> None:
    said = "a@b.example, <c.d@e.example> and mailto:f@g.example#12"
    assert mask.addresses(said) == "a•••@b.example, <c•••@e.example> and mailto:f•••@g.example#12"


def test_a_persons_value_is_masked_and_its_field_is_not() -> None:
    shown = finding("old/person/17", field="birthday", value="1980-05-06", message="bad date 1980-05-06 given")
    assert shown.params == {"field": "birthday", "value": "1•••", "message": "bad date 1••• given"}
    assert shown.subject == "old/person/17"


def test_a_value_of_the_mapping_is_no_personal_data() -> None:
    assert finding("mapping.yaml/person/birthday", value="nonsense").params["value"] == "nonsense"


def test_a_row_of_a_file_of_denials_is_personal_data() -> None:
    assert finding("facts/crm.csv/3", value="taro@minamo.example").params["value"] == "t•••@minamo.example"


def test_the_key_of_a_denied_address_is_masked() -> None:
    assert "taro" not in finding("old/suppressed_address/taro@minamo.example#55").subject


MEMO = "打合せメモ：来期の予算" * 30


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        (f"Invalid value for field 'memo' and value '{MEMO}'", "Invalid value for field 'memo' and value '打•••'"),
        (f"Invalid value for field 'memo' and value '{MEMO}"[:90], "Invalid value for field 'memo' and value '打•••"),
        (
            f"Invalid value for field 'memo' and value '{MEMO[:20]}...'",
            "Invalid value for field 'memo' and value '打•••'",
        ),
        ("value 'O'Brien's' of 'memo' is bad", "value 'O•••' is bad"),
        ('no "x y" please', 'no "x•••" please'),
        (f"{MEMO[:9]} is too long", "打••• is too long"),
        (f"too long: {MEMO}", "too long: 打•••"),
        ("it doesn't fit", "it doesn't fit"),
    ],
)
def test_a_vendors_message_shows_nothing_of_what_it_quotes_but_the_fields_name(message: str, masked: str) -> None:
    assert finding("old/person/17", field="memo", value=MEMO[:200], message=message).params["message"] == masked


def test_a_fragment_keeps_its_keys_and_numbers() -> None:
    raw = {"to@x.example": ["a@b.example", 3, None, {"lastName": "山田"}]}
    assert mask.fragment(raw, names=frozenset({"lastName"})) == {
        "to@x.example": ["a•••@b.example", 3, None, {"lastName": "山•••"}]
    }


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\x00b\rc", "a\\x00b\\x0dc"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud83d", "half \\ud83d"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_characters_that_deceive_are_shown_as_escapes(raw: str, shown: str) -> None:
    assert mask.visible(raw) == shown


@pytest.mark.parametrize("harmless", ["株式会社ミナモ", "👩‍🔬", "می‌خواهم", "line\nfeed\ttab", "Ünïcödé", "髙﨑"])
def test_ordinary_text_of_any_language_stays(harmless: str) -> None:
    assert mask.visible(harmless) == harmless


def test_a_name_beside_an_address_is_masked_with_it() -> None:
    assert mask.reference("old/status/Ana Silva <ana@x.example>/unsubscribed") == f"old/status/A{mask.DOTS}"
    assert mask.reference("old/status/ana@x.example/unsubscribed") == f"old/status/a{mask.DOTS}@x.example/unsubscribed"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("old/status/taro.kato53 at a.example/unread/statuses", f"old/status/t{mask.DOTS}"),
        ("old/opt_out/taro.kato53 at a.example/x", f"old/opt_out/t{mask.DOTS}"),
        ("old/contact/山田太郎/email", f"old/contact/山{mask.DOTS}"),
        ("old/contact/taro kato", f"old/contact/t{mask.DOTS}"),
        ("old/form/ana@x.example/7", f"old/form/a{mask.DOTS}@x.example/7"),
        ("old/contact/5501/hs_email_optout", "old/contact/5501/hs_email_optout"),
        ("old/form/3f2a-99_b/news", "old/form/3f2a-99_b/news"),
        ("facts/dm refused.csv/3", "facts/dm refused.csv/3"),
        ("old/contact", "old/contact"),
        ("", ""),
    ],
)
def test_what_a_fact_was_read_from_names_nobody(raw: str, shown: str) -> None:
    assert mask.fact(raw) == shown


@pytest.mark.parametrize("kind", ["person", "contact"])
def test_the_id_of_a_record_that_is_plainly_none_is_masked(kind: str) -> None:
    assert mask.reference(f"old/{kind}/55-a_b") == f"old/{kind}/55-a_b"
    assert mask.reference(f"old/{kind}/taro.kato53 at a.example/x") == f"old/{kind}/t{mask.DOTS}"


def test_a_finding_masks_the_facts_that_it_refers_to() -> None:
    odd = "old/status/taro.kato53 at a.example/unread"
    told = mask.finding(
        Finding("denial_lifted", Severity.NOTE, f"old/consent_fact/{odd}", {"denial": odd, "proof": odd})
    )
    assert "kato" not in told.subject + "".join(told.params.values())
    said = mask.finding(Finding("time_zone_differs", Severity.WARN, "old", {"source": "a b", "proof": "x/y"}))
    assert said.params == {"source": "a b", "proof": "x/y"}


def test_rows_of_the_consent_report_name_nobody() -> None:
    """A text that was entered as an address and is none stands in the reference of what could not be read."""
    odd = "old/status/taro.kato53 at a.example/unread/statuses"
    rows: list[dict[str, Any]] = [
        {"source_ref": odd, "raw": "perhaps"},
        {"topic": "t", "denied": odd, "proof": odd, "proven_at": None},
    ]
    assert "kato" not in str([consent_facts.masked(row) for row in rows])
    assert consent_facts.masked(rows[0])["raw"] == "perhaps"


def test_a_row_of_the_proof_names_nobody() -> None:
    odd = "old/status/taro.kato53 at a.example/unread"
    for row in (odd, f"5501/email/main/news, {odd}"):
        told = mask.finding(Finding("invariant_broken", Severity.BLOCK, f"new/consent/1/{row}", {"row": row}))
        assert "kato" not in told.params["row"]
    assert mask.reference(f"new/consent/1/{odd}") == f"new/consent/1/old/status/t{mask.DOTS}"
    plain = Finding(
        "invariant_broken", Severity.BLOCK, "new/consent/7/5501/email/main/news", {"row": "5501/email/main/news"}
    )
    assert mask.finding(plain) == plain
