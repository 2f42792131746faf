"""Fields, topics, brands, stages and staff of the messy estate."""

from mamigrate_sandbox.estates.world import Brand, Field, Staff, Topic

BRANDS = (Brand("minamo", 0, "ミナモ計測機器"), Brand("lab", 41501, "ミナモ環境ラボ"))
_SUBJECTS = (
    ("newsletter", "メールマガジン"),
    ("seminar", "セミナー・ウェビナー案内"),
    ("exhibition", "展示会案内"),
    ("product", "新製品・生産終了のお知らせ"),
    ("campaign", "キャンペーン・価格改定"),
    ("support", "保守・校正のご案内"),
)
TOPICS = tuple(
    Topic(f"{brand.key}/{key}", 90_100 + 100 * place + at, f"{name}（{brand.name}）", brand.key)
    for place, brand in enumerate(BRANDS)
    for at, (key, name) in enumerate(_SUBJECTS, 1)
)
STAGES = (
    ("NEW", "NEW（匿名）"),
    ("MCL", "MCL"),
    ("MEL", "MEL"),
    ("MQL", "MQL"),
    ("SAL", "SAL"),
    ("SQL", "SQL"),
    ("CUSTOMER", "顧客"),
    ("RECYCLE", "リサイクル"),
    ("TRASH", "対象外"),
)
OPPORTUNITY_STAGES = (
    ("hearing", "ヒアリング", 0.1),
    ("demo", "デモ・貸出", 0.3),
    ("quote", "見積提出", 0.5),
    ("approval", "稟議中", 0.7),
    ("order", "受注", 1.0),
    ("lost", "失注", 0.0),
)
STAFF = tuple(
    Staff(700 + at, f"{latin}@minamo.example", family, given, gone=at in (9, 11))
    for at, (family, given, latin) in enumerate(
        (
            ("水本", "志乃", "shino"), ("川瀬", "亮", "ryo"), ("湊", "美里", "misato"), ("渡", "康介", "kosuke"), ("滝", "恵", "megumi"),
            ("入江", "達也", "tatsuya"), ("岸", "由香", "yuka"), ("浦", "誠", "makoto"), ("瀬戸", "さくら", "sakura"), ("沢", "隆", "takashi"),
            ("泉", "玲奈", "rena"), ("沼田", "洋", "hiroshi"),
        )
    )
)  # fmt: skip


def _plain(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in values)


STANDARD = tuple(
    Field(key, key, "longtext" if key == "note" else "text", standard=True)
    for key in (
        "given_name", "family_name", "company_name", "job_title", "phone", "mobile_phone", "fax", "street", "city", "region",
        "postal_code", "country", "website", "industry", "employee_count", "annual_revenue", "language", "lead_status", "note",
        "birthday", "honorific", "lead_source", "owner", "crm_lead_id", "crm_contact_id",
    )
)  # fmt: skip
INTERESTS = _plain("圧力計", "流量計", "温度計", "分光計", "粒度分布", "水質", "大気", "校正サービス")
OWN = (
    Field("sei_kana", "セイ"),
    Field("mei_kana", "メイ"),
    Field("full_name", "氏名（一括）"),
    Field("busho", "部署"),
    Field("tel_annai", "電話案内可（○/×）"),
    Field("dm_fuyo", "郵送DM不要（○＝不要）"),
    Field("minamo_score", "ミナモスコア", "number"),
    Field("stage_moved_on", "ステージ変更日", "date"),
    Field("kyoka_keii", "取得経緯", "choice", _plain("同意", "名刺", "取引関係", "公表")),
    Field("kyoka_date", "取得日", "date"),
    Field("interests", "関心分野", "multi", INTERESTS),
    Field(
        "gyoshu",
        "業種（旧コード）",
        "choice",
        _plain("01 電機", "02 化学", "03 製薬", "04 自動車", "05 官公庁", "06 大学"),
    ),
    Field("kibo", "従業員規模", "choice", _plain("～49名", "50～299名", "300～999名", "1000名～")),
    Field("saishu_tenjikai", "最終来場展示会"),
    Field("raijo_date", "来場日", "date"),
    Field("hoyu_kishu", "保有機種", "multi", _plain("MP-100", "MP-200", "FL-7", "SP-3000", "WQ-1")),
    Field("kosei_kigen", "校正期限", "date"),
    Field("hoshu_keiyaku", "保守契約", "yesno"),
    Field("eigyo_memo", "営業メモ", "longtext"),
    Field("seikyu_kingaku", "年間取引額（円）", "number"),
    Field("jutan_kakudo", "受注角度", "choice", _plain("A", "B", "C", "D")),
    Field("shokai_moto", "紹介元"),
    Field("daiten", "代理店名"),
    Field("tantou_eigyosho", "担当営業所", "choice", _plain("札幌", "仙台", "東京", "名古屋", "大阪", "福岡")),
    Field("kyu_sei", "旧姓"),
    Field("badge_id", "バッジ番号"),
    Field("enq_kaito_date", "アンケート回答日時", "datetime"),
    Field("mail_html_kahi", "HTMLメール可", "yesno"),
    Field("shohin_jutaku", "購入商品コード"),
    Field("yosan", "予算（自由記入）"),
    Field("kizon_kyaku", "既存顧客フラグ", "yesno"),
)
LEGACY = tuple(
    Field(f"q{2014 + at // 15}_{at % 15 + 1:02d}", f"{2014 + at // 15}年アンケート 設問{at % 15 + 1}", group="enquete")
    for at in range(131)
)
SPARE = tuple(Field(f"yobi_{at:03d}", f"予備項目{at}", group="yobi") for at in range(1, 121))
PREFECTURES = ("北海道", "宮城県", "東京都", "神奈川県", "愛知県", "京都府", "大阪府", "兵庫県", "広島県", "福岡県")
CITIES = ("札幌市中央区", "仙台市青葉区", "千代田区", "横浜市港北区", "名古屋市中区", "京都市下京区", "大阪市北区", "神戸市中央区", "広島市中区", "福岡市博多区")  # fmt: skip
TITLES = ("課長", "係長", "部長", "主任", "研究員", "教授", "取締役", "品質保証担当", "Manager", "")
DEPARTMENTS = ("品質保証部", "生産技術課", "研究開発本部", "環境安全室", "購買部", "総務部", "製造一課", "分析センター")
