"""The 152 lists of the messy estate: 64 static ones, 12 of them exclusions, and 88 active ones."""

from mamigrate_sandbox.estates.messy_consent import EXCLUSIONS
from mamigrate_sandbox.estates.messy_fields import LEGACY, STAGES
from mamigrate_sandbox.estates.world import Condition, PeopleList

_EXCLUSION_NAMES = (
    "競合他社", "営業NG", "社員・グループ会社", "代理店", "プレス関係者", "学生", "採用応募者", "顧問・OB", "係争中", "テスト用アドレス", "クレーム対応中", "海外（法務確認待ち）",
)  # fmt: skip
_SHOWS = ("JASIS", "計測展OSAKA", "INTERPHEX", "N-EXPO", "ものづくりワールド", "水素EXPO", "分析展（中部）", "SEMICON")
_AND = tuple[Condition, ...]
_Named = list[tuple[str, tuple[_AND, ...]]]


def _field(name: str, operator: str, *values: str, number: float = 0) -> Condition:
    return Condition("field", name, operator, values, number)


def static_lists() -> tuple[PeopleList, ...]:
    held = [
        PeopleList(key, 11 + at, _EXCLUSION_NAMES[at], exclusion=True, share=0) for at, key in enumerate(EXCLUSIONS)
    ]
    shows = [f"{year} {show} 来場者" for year in (2021, 2022, 2023, 2024, 2025) for show in _SHOWS]
    others = [
        "名刺取込 2019",
        "休眠掘り起こし_old",
        "コピー ～ 休眠掘り起こし_old",
        "【使用禁止】全件",
        "キャンペーン当選者",
        "VIP",
        "校正案内 郵送済み",
        "=SUM(1,1)",
        "😀 テスト",
        "Webinar <b>No.7</b>",
        "空のリスト",
        "社内報 宛先",
    ]
    names = shows + others
    made = [
        PeopleList(f"static_{at:02d}", 31 + at, name, share=0 if name == "空のリスト" else 0.004 * (1 + at % 9))
        for at, name in enumerate(names)
    ]
    return (*held, *made[: 64 - len(held)])


def active_lists() -> tuple[PeopleList, ...]:
    rules: list[tuple[str, tuple[_AND, ...]]] = []
    rules += [(f"ステージ：{label}", ((_field("stage", "any_of", key),),)) for key, label in STAGES]
    rules += [
        (f"担当：{where}営業所", ((_field("tantou_eigyosho", "any_of", where),),))
        for where in ("札幌", "仙台", "東京", "名古屋", "大阪", "福岡")
    ]
    rules += [
        (f"スコア{score}以上", ((_field("minamo_score", "at_least", number=score),),)) for score in (30, 50, 80, 120)
    ]
    rules += [
        (f"関心：{what}", ((_field("interests", "contains_any", what), _field("stage", "none_of", "TRASH")),))
        for what in ("圧力計", "流量計", "温度計", "分光計", "水質", "大気")
    ]
    rules += [(f"{LEGACY[at].label} 検討中", ((_field(LEGACY[at].key, "equals", "検討中"),),)) for at in range(60, 72)]
    rules += _dated() + _mixed() + _eventful()
    return tuple(PeopleList(f"active_{at:02d}", 201 + at, name, any_of) for at, (name, any_of) in enumerate(rules[:88]))


def _dated() -> _Named:
    rolling: _Named = [
        (f"{days}日以上ステージ未変更", ((_field("stage_moved_on", "older_than_days", number=days),),))
        for days in (30, 60, 90, 180, 365)
    ]
    fresh: _Named = [(f"登録{days}日以内", ((_field("created", "within_days", number=days),),)) for days in (7, 30, 90)]
    due: _Named = [
        ("校正期限 30日以内", ((_field("kosei_kigen", "next_days", number=30),),)),
        ("校正期限切れ", ((_field("kosei_kigen", "older_than_days", number=0),),)),
    ]
    since: _Named = [
        ("2024年度に来場", ((_field("raijo_date", "between", "2024-04-01", "2025-03-31"),),)),
        ("今年度（4月始まり）来場", ((_field("raijo_date", "fiscal_year"),),)),
    ]
    return rolling + fresh + due + since


def _mixed() -> _Named:
    japan = _field("country", "any_of_text", "日本", "Japan", "JP", "日本国")
    return [
        ("メールあり・国内", ((_field("email", "known"), japan),)),
        ("国 未入力", ((_field("country", "unknown"),),)),
        ("国内（空欄含む）", ((japan,), (_field("country", "unknown"),))),
        ("海外", ((_field("country", "known"), _field("country", "none_of_text", "日本", "Japan", "JP", "日本国")),)),
        ("課長以上", ((_field("job_title", "contains", "課長"),), (_field("job_title", "contains", "部長"),), (_field("job_title", "contains", "取締役"),))),
        ("品質・分析系部署", ((_field("busho", "contains", "品質"),), (_field("busho", "contains", "分析"),))),
        ("電話OK", ((_field("tel_annai", "any_of_text", "○", "〇", "◯", "○ "),),)),
        ("郵送不要でない", ((_field("dm_fuyo", "none_of_text", "○", "〇", "不要"),),)),
        ("保守契約あり", ((_field("hoshu_keiyaku", "is_true"),),)),
        ("保守契約なし（空欄含む）", ((_field("hoshu_keiyaku", "not_true"),),)),
        ("年間取引 100万円以上", ((_field("seikyu_kingaku", "at_least", number=1_000_000),),)),
        ("年間取引 10万～100万円", ((_field("seikyu_kingaku", "between_numbers", "100000", "1000000"),),)),
        ("MEL スコア50未満", ((_field("stage", "any_of", "MEL"), _field("minamo_score", "below", number=50)),)),
        ("MQL 候補", ((_field("stage", "any_of", "MEL"), _field("minamo_score", "at_least", number=50), Condition("list", "kyogo", "not_in")),)),
        ("配信可・競合除く", ((_field("email", "known"), Condition("list", "kyogo", "not_in"), Condition("list", "eigyo_ng", "not_in")),)),
        ("営業NG または 係争中", ((Condition("list", "eigyo_ng", "in"),), (Condition("list", "soshou", "in"),))),
        ("VIP", ((Condition("list", "static_45", "in"),),)),
        ("株式会社で始まる", ((_field("company_name", "starts", "株式会社"),),)),
        ("会社名なし", ((_field("company_name", "unknown"),),)),
        ("取得経緯 名刺・日付なし", ((_field("kyoka_keii", "any_of", "名刺"), _field("kyoka_date", "unknown")),)),
        ("同意あり", ((_field("kyoka_keii", "any_of", "同意"), _field("kyoka_date", "known")),)),
    ]  # fmt: skip


def _eventful() -> _Named:
    """Rules that rest on events, forms, emails, pages, accounts and topics: their members are invented, by share."""
    return [
        ("資料請求フォーム送信", ((Condition("form", "1", "filled"),),)),
        ("問い合わせ 未送信", ((Condition("form", "2", "not_filled"), _field("stage", "any_of", "MCL")),)),
        ("フォーム3回以上", ((Condition("form", "3", "filled", number=3),),)),
        ("メール開封あり", ((Condition("email", "3", "opened"),),)),
        ("メールクリックあり", ((Condition("email", "5", "clicked"),),)),
        ("90日開封なし", ((Condition("email", "8", "not_opened", number=90),),)),
        ("価格ページ閲覧", ((Condition("page", "https://www.minamo.example/price", "viewed"),),)),
        ("製品ページ 5回", ((Condition("page", "https://www.minamo.example/products/", "viewed_part", number=5),),)),
        ("展示会登録イベント", ((Condition("event", "4-68559", "completed"),),)),
        ("取引先ランクA", ((Condition("account", "rank", "any_of", ("A",)),),)),
        ("購読：メルマガ", ((Condition("topic", "minamo/newsletter", "wanted"),),)),
        ("購読停止：セミナー", ((Condition("topic", "minamo/seminar", "declined"),),)),
        ("ハードバウンス", ((Condition("hard_bounce", "", "is"),),)),
        ("壊れた参照：削除済みリスト", ((Condition("list", "deleted_list", "in"),),)),
        ("壊れた参照：削除済みフォーム", ((Condition("form", "99", "filled"),),)),
        ("Webサイト流入", ((_field("lead_source", "any_of", "ORGANIC_SEARCH", "REFERRALS"),),)),
        ("言語：英語", ((_field("language", "any_of", "en"),),)),
        ("アンケート回答 直近1年", ((_field("enq_kaito_date", "within_days", number=365),),)),
        ("リード状況：新規", ((_field("lead_status", "any_of", "NEW"),),)),
    ]  # fmt: skip
