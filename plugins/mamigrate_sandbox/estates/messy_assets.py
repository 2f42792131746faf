"""Programs, emails, forms, pages and images of the messy estate."""

from datetime import datetime, timedelta

from mamigrate_sandbox.estates.messy_fields import BRANDS, TOPICS
from mamigrate_sandbox.estates.world import Asset, Program

_KINDS = (("exhibition", "展示会", 6), ("webinar", "ウェビナー", 14), ("seminar", "セミナー", 4), ("paper", "技術資料", 5), ("nurture", "育成", 3), ("newsletter", "メルマガ", 2), ("conference", "カンファレンス", 1), ("enquiry", "問い合わせ", 1))  # fmt: skip
_SUBJECTS = (
    "【ミナモ】圧力計の選び方",
    "校正期限のお知らせ",
    "★ウェビナー開催★ 流量計入門",
    "[[family]]様 展示会ご来場のお礼",
    "新製品 MP-200 発売",
    "Minamo News vol.{n}",
    "📈 測定データ活用セミナー",
    "【重要】価格改定のご案内",
)
_BODY = (
    "<p>[[family]] [[given]] 様</p><p>いつもお世話になっております。{brand}でございます。</p>"
    '<p><a href="https://www.minamo.example/lp/{n}?utm_campaign=c{n}">詳しくはこちら</a></p>'
    '<img src="https://img.minamo.example/banner-{family:02d}-{variant:02d}.png" alt="案内">'
    "{more}<p>[[if interests=流量計]]流量計をご検討の方へ[[end]]</p>"
    '<p>[[company_line]]<br><a href="[[unsubscribe]]">配信停止</a></p>'
)
_MORE = (
    "",
    "<script>track()</script>",
    "<p>[[no_such_field]]</p>",
    '<img src="https://www.minamo.example/up/消えた画像.jpg">',
)
_DATED = 9


def emails(today: datetime) -> tuple[Asset, ...]:
    """240; every seventh is a draft. The exclusion lists 11 to 22 are held back in turn."""
    made = []
    for n in range(1, 241):
        topic = TOPICS[n % len(TOPICS)]
        brand = next(each for each in BRANDS if each.key == topic.brand)
        body = _BODY.format(
            n=n, brand=brand.name, family=n % 26 + 1, variant=n % 12 + 1, more=_MORE[n % 4 if n % 10 == 0 else 0]
        )
        made.append(
            Asset(
                f"email_{n:03d}", n, "email", f"{2019 + n // 35}-{n % 12 + 1:02d} {_SUBJECTS[n % 8].format(n=n)}",
                _SUBJECTS[(n + 3) % 8].format(n=n), body, topic.key, brand.key, n % 7 != 0,
                to=(201 + n % 88,), held_back=(11 + n % 12, 11 + (n + 1) % 12), at=today - timedelta(days=2400 - 9 * n),
            )
        )  # fmt: skip
    return tuple(made)


def forms() -> tuple[Asset, ...]:
    """28; the last six are used nowhere."""
    names = (
        "資料請求",
        "お問い合わせ",
        "セミナー申込",
        "展示会事前登録",
        "メルマガ登録",
        "校正依頼",
        "名刺スキャナ連携",
        "デモ機申込",
        "アンケート",
    )
    asked = (
        "email",
        "family_name",
        "given_name",
        "company_name",
        "busho",
        "phone",
        "interests",
        "kyoka_keii",
        "eigyo_memo",
    )
    return tuple(
        Asset(
            f"form_{n:02d}", n, "form", f"{names[(n - 1) % len(names)]}{'' if n <= 9 else f'（{n}）'}{'【未使用】' if n > 22 else ''}",
            topic=TOPICS[n % 12].key if n % 3 else None, brand=BRANDS[n % 2].key, parts=asked[: 3 + n % 7],
        )
        for n in range(1, 29)
    )  # fmt: skip


def pages() -> tuple[Asset, ...]:
    """45: 30 landing pages, 15 site pages."""
    return tuple(
        Asset(
            f"page_{n:02d}", n, "landing-page" if n <= 30 else "site-page", f"LP{n:02d} {_SUBJECTS[n % 8].format(n=n)}",
            _SUBJECTS[n % 8].format(n=n), f"<h1>{_SUBJECTS[n % 8].format(n=n)}</h1><p>[[form:{(n - 1) % 22 + 1}]]</p>",
            brand=BRANDS[n % 2].key, published=n % 9 != 0, parts=(f"form_{(n - 1) % 22 + 1:02d}",),
        )
        for n in range(1, 46)
    )  # fmt: skip


def images() -> tuple[Asset, ...]:
    """26 families x 12 variants."""
    sizes = ("600x200", "1200x400", "320x320", "640x640")
    return tuple(
        Asset(
            f"image_{f:02d}_{v:02d}",
            f * 100 + v,
            "image",
            f"banner-{f:02d}-{v:02d}",
            f"バナー{f} {sizes[v % 4]} {('ja', 'en', 'ko')[v % 3]}",
        )
        for f in range(1, 27)
        for v in range(1, 13)
    )


def programs(today: datetime) -> tuple[Program, ...]:
    """36 programs; nine are marketing events, the others only a campaign with its forms, lists and emails."""
    made: list[Program] = []
    for kind, label, count in _KINDS:
        for at in range(count):
            n = len(made)
            began = today - timedelta(days=60 + 47 * n)
            made.append(
                Program(
                    f"program_{n + 1:02d}", n + 1, f"{began.year} {label}{at + 1:02d}", kind, BRANDS[n % 2].key,
                    began, began + timedelta(hours=2 if kind == "webinar" else 72), n % 4 == 1 and n // 4 < _DATED, 100_000 * (n % 9), 20 + 7 * (n % 11),
                    emails=tuple(range(6 * n + 1, 6 * n + 7)), forms=(n % 22 + 1,), lists=(31 + n, 201 + n), pages=(n % 45 + 1,),
                )
            )  # fmt: skip
    return tuple(made)
