"""Which columns may hold a permission, by their names and values."""

import pytest

from mamigrate.mapping.columns import of_marks, says_no, suspicious


@pytest.mark.parametrize(
    "names",
    [
        ("newsletter_ok", ""),
        ("opt_in", "Opt in"),
        ("optin_date", ""),
        ("mailing", ""),
        ("c12", "メール配信"),
        ("c13", "メルマガ希望"),
        ("No_Marketing__c", "No Marketing"),
        ("optOutPartner", ""),
        ("do_not_contact", ""),
        ("c14", "営業NG"),
        ("c15", "メール不要"),
        ("c16", "마케팅 수신 동의"),
        ("c17", "이메일 수신거부"),
        ("gdpr_consent", ""),
        ("tel_annai", "電話案内可（○/×）"),
        ("dm_fuyo", "郵送DM不要（○＝不要）"),
    ],
)
def test_names_that_speak_of_mail_or_consent(names: tuple[str, str]) -> None:
    assert suspicious(*names)


@pytest.mark.parametrize(
    "names",
    [
        ("minamo_score", "ミナモスコア"),
        ("hoshu_keiyaku", "保守契約"),
        ("kizon_kyaku", "既存顧客フラグ"),
        ("knows_product", "Knows the product"),
        ("notebook", "Notebook"),
        ("no_of_employees", "No. of employees"),
        ("is_partner", "Partner"),
        ("admin_stop", ""),
    ],
)
def test_names_that_do_not(names: tuple[str, str]) -> None:
    assert not suspicious(*names)


@pytest.mark.parametrize("name", ["No_Marketing__c", "noMail", "opt_out", "unsub", "DNC", "配信停止", "メール不要", "拒否", "営業NG", "수신거부"])  # fmt: skip
def test_names_whose_true_is_a_no(name: str) -> None:
    assert says_no(name)


@pytest.mark.parametrize(
    "name", ["newsletter_ok", "mmYesTopicnews", "opt_in_news", "メール配信", "수신동의", "notify", "knows_us"]
)
def test_names_whose_true_is_a_yes(name: str) -> None:
    assert not says_no(name)


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ({"○": 12, "×": 3}, True),
        ({"TRUE ": 1, "Ja": 2, "ＯＫ": 1}, True),
        ({"不要": 9, "電話のみ": 1}, True),
        ({"不要": 8, "電話のみ": 2}, False),
        ({"weekly": 4, "monthly": 2}, False),
        ({}, False),
    ],
)
def test_a_column_of_marks_holds_hardly_anything_else(values: dict[str, int], marks: bool) -> None:
    assert of_marks(values) is marks
