"""The field values of a person in the messy estate, tidy first and then spoilt the way real data is."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mamigrate_sandbox.estates import messy_fields
from mamigrate_sandbox.estates.names import Name, company_spelling, has_kana, old_form
from mamigrate_sandbox.estates.scatter import below, dice

Values = dict[str, str]
_COUNTRIES = ("日本", "Japan", "JP", "日本国", "ジャパン", "韓国", "Germany", "ドイツ", "UAE", "United States")
_CIRCLES = ("○", "×", "〇", "○", "", "×", "◯", "不可", "○ ", "？", "要確認", "1")
_REVERSED = ("○", "×", "", "", "〇", "×", "不要", "要", "ｘ", "-", "○(2019)", "")
_LONG_NOTE = "打合せメモ：流量計の更新時期について。次回は現地で校正の立会い。株式会社ミナモ計測機器、担当 水本。"
_FULL_DIGITS = str.maketrans("0123456789-", "０１２３４５６７８９－")


def tidy(
    seed: int, number: int, name: Name, company: str | None, moved: datetime, score: int, today: datetime
) -> Values:
    """Values as everybody wishes they were; empty ones are left out."""
    at = dice(seed, number, "values")
    values: Values = {"family_name": name.family, "given_name": name.given, "minamo_score": str(score)}
    values["stage_moved_on"] = moved.date().isoformat()
    if has_kana(seed, number):
        values |= {"sei_kana": name.family_kana, "mei_kana": name.given_kana}
    if company is not None:
        values["company_name"] = company_spelling(company, at % 11)
    _place(values, seed, number)
    _work(values, at)
    _basis(values, seed, number, today)
    _history(values, seed, number, today)
    return {key: value for key, value in values.items() if value}


def _place(values: Values, seed: int, number: int) -> None:
    at = dice(seed, number, "place")
    where = at % len(messy_fields.PREFECTURES)
    if below(seed, number, "country", 0.30):  # blank for 70 %: a regime cannot be read off these records
        values["country"] = _COUNTRIES[(at >> 8) % len(_COUNTRIES)]
    if below(seed, number, "address", 0.6):
        values["region"], values["city"] = messy_fields.PREFECTURES[where], messy_fields.CITIES[where]
        values["street"] = f"{(at >> 12) % 9 + 1}-{(at >> 16) % 30 + 1}-{(at >> 20) % 20 + 1}"
        values["postal_code"] = f"{(at >> 24) % 900 + 100}-{(at >> 34) % 9000 + 1000}"
    if below(seed, number, "phone", 0.7):
        values["phone"] = f"0{(at >> 8) % 8 + 2}-{(at >> 14) % 9000 + 1000}-{(at >> 28) % 9000 + 1000}"
    if below(seed, number, "mobile", 0.2):
        values["mobile_phone"] = f"090-{(at >> 18) % 9000 + 1000}-{(at >> 32) % 9000 + 1000}"


def _work(values: Values, at: int) -> None:
    values["job_title"] = messy_fields.TITLES[at % len(messy_fields.TITLES)]
    values["busho"] = messy_fields.DEPARTMENTS[(at >> 4) % len(messy_fields.DEPARTMENTS)]
    values["tantou_eigyosho"] = ("札幌", "仙台", "東京", "名古屋", "大阪", "福岡")[(at >> 8) % 6]
    values["gyoshu"] = messy_fields.OWN[11].options[(at >> 12) % 6][0]
    values["kibo"] = messy_fields.OWN[12].options[(at >> 15) % 4][0]
    values["owner"] = str(messy_fields.STAFF[(at >> 18) % len(messy_fields.STAFF)].number)
    values["tel_annai"] = _CIRCLES[(at >> 22) % len(_CIRCLES)]
    values["dm_fuyo"] = _REVERSED[(at >> 26) % len(_REVERSED)]
    wanted = [option for place, (option, _) in enumerate(messy_fields.INTERESTS) if at >> (30 + place) & 3 == 3]
    values["interests"] = ";".join(wanted)
    values["hoyu_kishu"] = ";".join(("MP-100", "FL-7", "WQ-1")[: (at >> 44) % 4])
    values["hoshu_keiyaku"] = ("true", "false", "", "")[(at >> 47) % 4]
    values["lead_status"] = ("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED", "", "")[(at >> 49) % 6]


def _basis(values: Values, seed: int, number: int, today: datetime) -> None:
    at = dice(seed, number, "basis")
    if below(seed, number, "has basis", 0.8):
        values["kyoka_keii"] = ("同意", "名刺", "名刺", "取引関係", "公表")[at % 5]
        if values["kyoka_keii"] != "名刺" or at >> 8 & 1:  # half of the business cards carry no date
            values["kyoka_date"] = (today - timedelta(days=(at >> 12) % 2400)).date().isoformat()


def _history(values: Values, seed: int, number: int, today: datetime) -> None:
    """Answers to old questionnaires (three of many a person, so that each field is filled by somebody) and rare fields."""
    at = dice(seed, number, "legacy")
    for turn in range(3):
        question = messy_fields.LEGACY[(number * 3 + turn) % len(messy_fields.LEGACY)]
        values[question.key] = ("はい", "いいえ", "検討中", "1年以内", "予算未定", "ー")[(at >> turn * 3) % 6]
    for place, rare in enumerate(_RARE):
        if at >> (12 + place) & 7 == 0 or number == place:
            values[rare] = _RARE[rare](at, today)


def _day(at: int, today: datetime) -> str:
    return (today - timedelta(days=at % 1500 - 200)).date().isoformat()


_RARE: dict[str, Callable[[int, datetime], str]] = {
    "saishu_tenjikai": lambda at, _: ("JASIS", "計測展", "INTERPHEX", "N-EXPO", "ものづくりワールド")[at % 5],
    "raijo_date": _day,
    "kosei_kigen": _day,
    "seikyu_kingaku": lambda at, _: str(at % 900 * 10_000),
    "jutan_kakudo": lambda at, _: "ABCD"[at % 4],
    "shokai_moto": lambda at, _: ("代理店", "既存顧客", "展示会", "Web")[at % 4],
    "daiten": lambda at, _: ("東計商会", "西日本測器", "Nordmess GmbH")[at % 3],
    "kyu_sei": lambda at, _: ("旧姓 佐藤", "鈴木", "（旧：田中）")[at % 3],
    "badge_id": lambda at, _: f"JASIS-{at % 100_000:05d}",
    "enq_kaito_date": lambda at, today: (today - timedelta(minutes=at % 2_000_000)).strftime("%Y-%m-%dT%H:%M:00.000Z"),
    "mail_html_kahi": lambda at, _: "true" if at & 1 else "false",
    "shohin_jutaku": lambda at, _: f"{at % 9000 + 1000:04d}-00{at % 7}",
    "kizon_kyaku": lambda at, _: "true" if at & 3 == 0 else "false",
    "eigyo_memo": lambda at, _: f"訪問済み（{at % 12 + 1}月）。\r\n次回：校正 & 見積、\t担当“川瀬”",
    "fax": lambda at, _: f"03-{at % 9000 + 1000}-{at // 7 % 9000 + 1000}",
    "website": lambda at, _: "https://www.minamo.example/?q=計測&x=1",
    "industry": lambda at, _: ("電気機器", "化学", "医薬品", "Automotive")[at % 4],
    "employee_count": lambda at, _: ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000")[at % 6],
    "annual_revenue": lambda at, _: str(at % 5000 * 1_000_000),
    "language": lambda at, _: ("ja", "en", "ko", "de")[at % 4],
    "honorific": lambda at, _: ("様", "先生", "殿", "Dr.")[at % 4],
    "birthday": lambda at, _: f"19{at % 40 + 55}/{at % 12 + 1}/{at % 28 + 1}",
    "lead_source": lambda at, _: ("ORGANIC_SEARCH", "OFFLINE", "EMAIL_MARKETING", "REFERRALS", "DIRECT_TRAFFIC")[
        at % 5
    ],
    "full_name": lambda at, _: "",
}

# (quirk, people at 5,000). Each is one kind of bad input; they fall on anybody, whatever the part in consent.
QUIRKS = (
    ("emoji", 8),
    ("formula", 5),
    ("script", 4),
    ("one_field", 60),
    ("swapped", 45),
    ("kana_as_kanji", 50),
    ("no_family", 35),
    ("no_company", 80),
    ("long_note", 3),
    ("unmapped_choice", 70),
    ("bad_date", 24),
    ("bad_number", 16),
    ("wide_digits", 120),
    ("blanks", 40),
    ("many_choices", 20),
    ("control", 4),
)


def spoilt(values: Values, quirk: str, ordinal: int) -> Values:
    """``values`` with the one bad input that ``quirk`` names."""
    return _SPOIL[quirk](dict(values), ordinal) if quirk else values


def _emoji(values: Values, ordinal: int) -> Values:
    return values | {"given_name": values["given_name"] + ("😀", "🎌", "👩🏽‍🔬", "❤️")[ordinal % 4]}


def _formula(values: Values, ordinal: int) -> Values:
    text = ('=HYPERLINK("http://x.example","請求書")', "+1+1", "-2+3", "@SUM(A1:A9)", "=cmd|' /C calc'!A0")[ordinal % 5]
    return values | {"family_name": text}


def _script(values: Values, ordinal: int) -> Values:
    text = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "'; drop table contacts; --")[
        ordinal % 4
    ]
    return values | {"company_name": text}


def _one_field(values: Values, ordinal: int) -> Values:
    both = values["family_name"] + ("　", " ", "")[ordinal % 3] + values["given_name"]
    if ordinal % 2:
        return _without(values, "given_name") | {"family_name": both}
    return _without(values, "given_name", "family_name") | {"full_name": both}


def _swapped(values: Values, ordinal: int) -> Values:
    return values | {"given_name": values["family_name"], "family_name": values["given_name"]}


def _kana_as_kanji(values: Values, ordinal: int) -> Values:
    family = values.get("sei_kana", "ミナモト")
    return values | {"family_name": family, "given_name": values.get("mei_kana", "ﾊﾅｺ")}


def _unmapped_choice(values: Values, ordinal: int) -> Values:
    return values | {"gyoshu": ("99 その他", "07 食品", "電機", "不明", "")[ordinal % 5] or "N/A", "kibo": "３００～"}


def _bad_date(values: Values, ordinal: int) -> Values:
    text = ("1980/13/45", "平成3年5月", "2024-02-30", "0000-00-00", "20240501", "R6.4.1", "先月", "2024/5")[ordinal % 8]
    return values | {"birthday": text, "raijo_date": text, "shokai_moto": text}


def _bad_number(values: Values, ordinal: int) -> Values:
    text = ("14c", "１２万", "1,234,567", "約500万", "∞", "-", "1e9", " 42 ")[ordinal % 8]
    return values | {"yosan": text, "seikyu_kingaku": text}


def _blanks(values: Values, ordinal: int) -> Values:
    return values | {"family_name": f"　{values['family_name']} ", "busho": "\u3000", "job_title": " "}


def _without(values: Values, *keys: str) -> Values:
    return {key: value for key, value in values.items() if key not in keys}


_SPOIL: dict[str, Callable[[Values, int], Values]] = {
    "emoji": _emoji,
    "formula": _formula,
    "script": _script,
    "one_field": _one_field,
    "swapped": _swapped,
    "kana_as_kanji": _kana_as_kanji,
    "no_family": lambda values, _: _without(values, "family_name", "sei_kana"),
    "no_company": lambda values, _: _without(values, "company_name"),
    "long_note": lambda values, _: values | dict.fromkeys(("note", "eigyo_memo"), (_LONG_NOTE * 1400)[:65_536]),
    "unmapped_choice": _unmapped_choice,
    "bad_date": _bad_date,
    "bad_number": _bad_number,
    "wide_digits": lambda values, _: values | {"phone": "０３-1234-５６７８", "postal_code": "〒１００－０００１"},
    "blanks": _blanks,
    "many_choices": lambda values, _: (
        values | {"interests": ";".join(key for key, _ in messy_fields.INTERESTS) + ";振動計"}
    ),
    "control": lambda values, _: values | {"eigyo_memo": "行1\x0b行2\u2028行3\x07", "busho": "\ufeff品証"},
}


def variant(values: Values, ordinal: int) -> Values:
    """The record of the same person once more: another character, another spelling of the company, another job."""
    again = values | {"family_name": old_form(values.get("family_name", ""))}
    if ordinal % 3 == 1:
        again["company_name"] = company_spelling("星野精機", ordinal)
    if ordinal % 3 == 2:
        again["busho"], again["job_title"] = "グローバル調達部", "次長"
    return {key: value for key, value in again.items() if value}
