"""The 74 workflows of the messy estate: journeys, scoring, lifecycle, routing, disguised data jobs, and dead ones."""

from mamigrate_sandbox.estates.messy_consent import EXCLUSIONS
from mamigrate_sandbox.estates.world import Condition, Journey, Step

_Group = tuple[tuple[Condition, ...], ...]
IN_FLIGHT = 212


def journeys() -> tuple[Journey, ...]:
    made = (*_nurtures(), *_scoring(), *_lifecycle(), *_routing(), *_etl(), *_dead())
    return tuple(
        Journey(
            f"flow_{at:02d}",
            3_001 + at,
            j.name,
            j.family,
            j.enabled,
            j.steps,
            j.start,
            j.on,
            j.held_back,
            j.about,
            j.in_flight,
        )
        for at, j in enumerate(made)
    )


def chain(*steps: Step) -> tuple[Step, ...]:
    """Steps one after the other; the last one ends. Steps that say where they lead keep that."""
    return tuple(
        Step(s.kind, s.what, s.values, s.then or ((at + 1,) if at + 1 < len(steps) else ()))
        for at, s in enumerate(steps)
    )


def _made(name: str, family: str, steps: tuple[Step, ...], **more: object) -> Journey:
    return Journey("", 0, name, family, family != "dead", steps, **more)  # type: ignore[arg-type]  # keywords of Journey


def _rule(name: str, operator: str, *values: str, number: float = 0) -> _Group:
    return ((Condition("field", name, operator, values, number),),)


def _nurtures() -> list[Journey]:
    """18 journeys with people in flight: waits, branches on values and lists, goals, A/B tests and a merge of branches."""
    named = (
        "資料DL後フォロー",
        "展示会来場お礼",
        "ウェビナー事前案内",
        "ウェビナー欠席者",
        "新規登録ウェルカム",
        "校正期限のお知らせ",
        "休眠掘り起こし",
        "見積後フォロー",
        "デモ貸出後",
        "新製品 MP-200",
        "代理店向け",
        "Lab 分析受託",
        "Lab 水質セミナー",
        "入門講座（全5回）",
        "アンケート回答お礼",
        "価格改定のご案内",
        "海外向け Welcome",
        "😀 テスト配信（本番利用中）",
    )
    made = []
    for at, name in enumerate(named):
        mails = (str(10 + 3 * at), str(11 + 3 * at), str(12 + 3 * at))
        steps = (
            Step("send", mails[0], then=(1,)),
            Step("wait", "4320", then=(2,)),
            Step("branch", "active_14" if at % 2 else "interests", ("関心あり",), then=(3, 5)),
            Step("send", mails[1], then=(4,)),
            Step("wait_until_open", mails[1], ("10080",), then=(6,)),
            Step("set", "lead_status", ("OPEN",), then=(6,)),
            Step("choose" if at % 3 else "split", "tantou_eigyosho", ("東京", "大阪"), then=(7, 8, 8)),
            Step("task", f"{name}：電話フォロー", ("3",), then=()),
            Step("send", mails[2], then=()),
        )
        start = _rule("stage", "any_of", "MCL", "MEL") if at % 2 else ()
        on = None if start else (("form", str(1 + at)) if at % 4 else ("page", "https://www.minamo.example/download"))
        held = tuple(EXCLUSIONS[(at + turn) % 12] for turn in range(2 + at % 3))
        flight = IN_FLIGHT // 18 + (1 if at < IN_FLIGHT % 18 else 0)
        made.append(
            _made(f"J{at + 1:02d} {name}", "journey", steps, start=start, on=on, held_back=held, in_flight=flight)
        )
    return made


def _scoring() -> list[Journey]:
    acts = (
        ("form", "1", 20),
        ("open", "3", 1),
        ("click", "5", 3),
        ("page", "https://www.minamo.example/price", 15),
        ("event", "4-68559", 25),
        ("form", "2", 30),
        ("page", "https://www.minamo.example/products/", 2),
    )
    up = [
        _made(
            f"スコア +{points} {kind} {what[-12:]}",
            "scoring",
            chain(Step("add", "minamo_score", (str(points),))),
            on=(kind, what),
        )
        for kind, what, points in acts
    ]
    titles = [
        _made(
            f"スコア 役職：{word}",
            "scoring",
            chain(Step("add", "minamo_score", (points,))),
            start=_rule("job_title", "contains", word),
        )
        for word, points in (("部長", "10"), ("課長", "5"), ("学生", "-50"))
    ]
    decay = [
        _made(
            f"スコア減衰 {days}日",
            "scoring",
            chain(Step("add", "minamo_score", (f"-{points}",)), Step("wait", "43200"), Step("again", "0")),
            start=_rule("stage_moved_on", "older_than_days", number=days),
        )
        for days, points in ((90, 5), (180, 10), (365, 30))
    ]
    return [
        *up,
        *titles,
        *decay,
        _made(
            "スコア 上限100",
            "scoring",
            chain(Step("set", "minamo_score", ("100",))),
            start=_rule("minamo_score", "at_least", number=100),
        ),
    ]


def _lifecycle() -> list[Journey]:
    mql: _Group = (
        (Condition("field", "stage", "any_of", ("MEL",)), Condition("field", "minamo_score", "at_least", number=50)),
    )
    moves: tuple[tuple[str, str, _Group], ...] = (
        ("MCL→MEL", "MEL", _rule("minamo_score", "at_least", number=20)),
        ("MEL→MQL（50点）", "MQL", mql),
        ("MQL→SAL", "SAL", _rule("lead_status", "any_of", "IN_PROGRESS")),
        ("SAL→SQL", "SQL", _rule("lead_status", "any_of", "OPEN_DEAL")),
        ("SQL→顧客", "CUSTOMER", _rule("kizon_kyaku", "is_true")),
        (
            "90日停滞→リサイクル",
            "RECYCLE",
            (
                (
                    Condition("field", "stage", "any_of", ("SAL",)),
                    Condition("field", "stage_moved_on", "older_than_days", number=90),
                ),
            ),
        ),
        (
            "リサイクル→MEL",
            "MEL",
            ((Condition("field", "stage", "any_of", ("RECYCLE",)), Condition("email", "3", "opened")),),
        ),
        ("学生→対象外", "TRASH", ((Condition("list", "gakusei", "in"),),)),
        ("競合→対象外", "TRASH", ((Condition("list", "kyogo", "in"),),)),
    )
    return [
        _made(
            f"LC {name}",
            "lifecycle",
            chain(Step("clear", "stage"), Step("set", "stage", (to,)), Step("stamp", "stage_moved_on")),
            start=start,
        )
        for name, to, start in moves
    ]


def _routing() -> list[Journey]:
    offices = [
        _made(
            f"担当割当 {where}",
            "routing",
            chain(
                Step("rotate", "owner", (str(700 + at), str(701 + at))),
                Step("notify", f"{where}営業所に新しいMQL", (str(700 + at),)),
            ),
            start=(
                (
                    Condition("field", "tantou_eigyosho", "any_of", (where,)),
                    Condition("field", "stage", "any_of", ("MQL",)),
                ),
            ),
        )
        for at, where in enumerate(("札幌", "仙台", "東京", "名古屋", "大阪", "福岡"))
    ]
    more = [
        _made(
            "問い合わせ即時通知",
            "routing",
            chain(Step("notify", "問い合わせ", ("702",)), Step("chat", "#inbound")),
            on=("form", "2"),
        ),
        _made(
            "CRM タスク作成",
            "routing",
            chain(Step("crm_task", "電話"), Step("crm_campaign", "展示会")),
            start=_rule("stage", "any_of", "SAL"),
        ),
        _made(
            "担当不在の再割当", "routing", chain(Step("set", "owner", ("709",))), start=_rule("owner", "any_of", "711")
        ),
        _made(
            "代理店へ転送",
            "routing",
            chain(Step("mail_to", "58", ("agent@daiten.example",))),
            start=((Condition("list", "daiten", "in"),),),
        ),
        _made(
            "商談停滞 180日 通知",
            "routing",
            chain(Step("notify", "商談が動いていません", ("700",))),
            start=_rule("stage_moved_on", "older_than_days", number=180),
            about="opportunity",
        ),
    ]
    return offices + more


def _etl() -> list[Journey]:
    """Ten workflows that are really data jobs."""
    code = "exports.main = async (event, callback) => { callback({ outputFields: { value: event.inputFields.value.normalize('NFKC') } }); };"
    return [
        _made("ETL 電話番号を半角に", "etl", chain(Step("code", code, ("phone",)), Step("copy_output", "phone")), start=_rule("phone", "known")),
        _made("ETL 郵便番号→都道府県", "etl", chain(Step("choose", "postal_code", ("100", "530"), then=(1, 2, 3)), Step("set", "region", ("東京都",), then=(3,)), Step("set", "region", ("大阪府",), then=(3,)), Step("stamp", "enq_kaito_date")), start=_rule("region", "unknown")),
        _made("ETL 名刺スキャナ受信", "etl", chain(Step("webhook", "https://cards.minamo.example/in"), Step("copy", "badge_id", ("shokai_moto",))), on=("form", "7")),
        _made("ETL 倉庫へ送信", "etl", chain(Step("webhook", "https://dwh.minamo.example/push?table=contacts")), start=_rule("email", "known")),
        _made("ETL 商談集計", "etl", chain(Step("roll_up", "seikyu_kingaku", ("amount",))), start=_rule("amount", "known"), about="opportunity"),
        _made("ETL 会社名コピー", "etl", chain(Step("copy", "company_name", ("daiten",))), start=_rule("company_name", "known")),
        _made("ETL 取引先ランク更新", "etl", chain(Step("set", "rank", ("B",))), start=_rule("rank", "unknown"), about="account"),
        _made("ETL 配信停止→電話×", "etl", chain(Step("set", "tel_annai", ("×",)), Step("opt_out", "minamo/campaign")), start=((Condition("topic", "minamo/newsletter", "declined"),),)),
        _made("ETL 配信対象フラグ", "etl", chain(Step("marketable", "false"), Step("to_list", "static_40")), start=_rule("email", "unknown")),
        _made("ETL 旧姓コピー", "etl", chain(Step("copy", "family_name", ("kyu_sei",)), Step("from_list", "static_41")), start=_rule("kyu_sei", "known")),
    ]  # fmt: skip


def _dead() -> list[Journey]:
    """Twelve that nobody switched off in a tidy way: no start, no end, an orphan, a dangling mail, a loop, strange kinds."""
    names = (
        "旧 ウェルカム v1",
        "コピー ～ 旧 ウェルカム v1",
        "2018キャンペーン",
        "テスト",
        "テスト2",
        "test-delete-me",
        "無効：参照先なし",
        "無効：ループ",
        "無効：空",
        "未知のアクション",
        "退職者の通知",
        "日付アンカー（終了）",
    )
    odd: tuple[tuple[Step, ...], ...] = (
        chain(Step("send", "1"), Step("wait", "1440")),
        chain(Step("send", "1"), Step("wait", "1440")),
        chain(Step("send", "2"), Step("to_list", "static_39")),
        chain(Step("set", "lead_status", ("存在しない値",))),
        chain(Step("set", "no_such_field", ("1",))),
        chain(Step("send", "99999")),
        chain(Step("to_list", "deleted_list"), Step("send", "99998")),
        (Step("wait", "60", then=(1,)), Step("set", "lead_status", ("OPEN",), then=(0,))),
        (),
        chain(Step("unknown", "0-20"), Step("unknown", "0-172351286")),
        chain(Step("notify", "退職者へ", ("711",))),
        chain(Step("wait_for_date", "kosei_kigen", ("-30",)), Step("send", "3")),
    )
    return [
        _made(f"【停止】{name}", "dead", steps, start=_rule("email", "known") if at % 2 else ())
        for at, (name, steps) in enumerate(zip(names, odd, strict=True))
    ]
