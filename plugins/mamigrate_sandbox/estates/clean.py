"""A small tidy company for tutorials: one brand, three topics, everybody has an address, nothing is broken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mamigrate_sandbox.estates import addresses, messy_fields
from mamigrate_sandbox.estates.names import Names, company, has_kana
from mamigrate_sandbox.estates.scatter import dice
from mamigrate_sandbox.estates.world import (
    Account,
    Asset,
    Brand,
    Choice,
    Condition,
    CrmOptOut,
    Estate,
    Event,
    Field,
    Journey,
    LooseDenial,
    Opportunity,
    PeopleList,
    Person,
    Program,
    Step,
    Topic,
    WideDenial,
)

_BRAND = Brand("komorebi", 0, "こもれび文具")
_TOPICS = tuple(
    Topic(f"komorebi/{key}", 95_001 + at, name, "komorebi")
    for at, (key, name) in enumerate((("news", "お知らせ"), ("events", "イベント"), ("offers", "お得情報")))
)
_FIELDS = (
    *messy_fields.STANDARD,
    Field("sei_kana", "セイ"),
    Field("mei_kana", "メイ"),
    Field("minamo_score", "スコア", "number"),
    Field("interests", "関心", "multi", (("ノート", "ノート"), ("万年筆", "万年筆"), ("手帳", "手帳"))),
)


@dataclass(frozen=True)
class Clean:
    """One person in ten declined everything, one in seven a topic."""

    people_count: int
    seed: int
    today: datetime
    name: str = "こもれび文具"
    estate: Estate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "estate", _estate(self.today))

    def people(self) -> Iterator[Person]:
        names = Names(self.seed)
        for number in range(self.people_count):
            name, at = names.of(number), dice(self.seed, number, "clean")
            created = self.today - timedelta(days=900 - number * 800 // self.people_count)
            bare, host = company(number % 40)
            values = {
                "family_name": name.family, "given_name": name.given, "company_name": f"株式会社{bare}", "country": "日本",
                "minamo_score": str(at % 90), "interests": ("ノート", "万年筆", "手帳", "")[at % 4],
            }  # fmt: skip
            if has_kana(self.seed, number):
                values |= {"sei_kana": name.family_kana, "mei_kana": name.given_kana}
            moves = ((created, "MCL"), (created + timedelta(days=9), "MEL"))
            yield Person(
                number, "clean", addresses.tidy(name, number, f"{host}.example"), {k: v for k, v in values.items() if v},
                "MEL", moves, created, created + timedelta(days=10), marketing=True, account=number % 40,
                choices=self._choices(number, created), wide=WideDenial(None, created + timedelta(days=40), "Recipient") if number % 10 == 9 else None,
            )  # fmt: skip

    def _choices(self, number: int, created: datetime) -> tuple[Choice, ...]:
        yes = Choice("komorebi/news", True, created, "Form: メルマガ登録", "CONSENT_WITH_NOTICE", "登録フォーム v1")
        no = Choice("komorebi/offers", False, created + timedelta(days=20), "Recipient")
        return (yes, no) if number % 7 == 0 else (yes,)

    def accounts(self) -> Iterator[Account]:
        for number in range(40):
            bare, host = company(number)
            yield Account(
                number, f"株式会社{bare}", f"{host}.example", {}, self.today - timedelta(days=950), f"CLEAN{number:03d}"
            )

    def opportunities(self) -> Iterator[Opportunity]:
        for number in range(min(12, self.people_count)):
            moved = self.today - timedelta(days=10 + number)
            yield Opportunity(
                number,
                f"文具一式 {number + 1}",
                "quote",
                50_000 * (number + 1),
                number,
                (number,),
                moved,
                self.today + timedelta(days=30),
                moved,
                f"CLEANOPP{number:03d}",
            )

    def events(self) -> Iterator[Event]:
        for number, person in enumerate(self.people()):
            if person.address:
                yield Event(number, person.number, person.address, "SENT", self.today - timedelta(days=5), 1)

    def loose_denials(self) -> Iterator[LooseDenial]:
        yield LooseDenial("moved@minna.example", None, self.today - timedelta(days=99), "Recipient")

    def crm_opt_outs(self) -> Iterator[CrmOptOut]:
        return iter(())

    def erased(self) -> Iterator[tuple[str, datetime]]:
        return iter(())


def _estate(today: datetime) -> Estate:
    known = Condition("field", "interests", "contains_any", ("万年筆",))
    mail = Asset(
        "email_001",
        1,
        "email",
        "月刊こもれび",
        "今月のお知らせ",
        "<p>[[family]] 様</p><p>[[unsubscribe]]</p>",
        "komorebi/news",
        "komorebi",
        to=(201,),
    )
    flow = Journey(
        "flow_00",
        3_001,
        "ウェルカム",
        "journey",
        True,
        (Step("wait", "1440", then=(1,)), Step("send", "1")),
        start=((known,),),
    )
    show = Program(
        "program_01",
        1,
        "文具フェア",
        "exhibition",
        "komorebi",
        today - timedelta(days=60),
        today - timedelta(days=59),
        True,
        100_000,
        12,
        emails=(1,),
        forms=(1,),
        lists=(31,),
    )
    return Estate(
        brands=(_BRAND,), topics=_TOPICS, fields=_FIELDS, stages=messy_fields.STAGES, staff=messy_fields.STAFF[:3],
        lists=(PeopleList("fans", 31, "文具フェア来場者", share=0.2), PeopleList("pens", 201, "万年筆が好き", ((known,),))),
        journeys=(flow,), programs=(show,), assets=(mail, Asset("form_01", 1, "form", "メルマガ登録", topic="komorebi/news", brand="komorebi", parts=("email", "family_name"))),
        opportunity_stages=messy_fields.OPPORTUNITY_STAGES,
    )  # fmt: skip
