"""Who may be written to in the messy estate, and how that came about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from mamigrate_sandbox.estates import addresses
from mamigrate_sandbox.estates.census import Census, Part
from mamigrate_sandbox.estates.messy_fields import TOPICS
from mamigrate_sandbox.estates.scatter import below, dice
from mamigrate_sandbox.estates.world import (
    OWN_RETURN,
    Bounce,
    Choice,
    CrmOptOut,
    LooseDenial,
    PastChange,
    Person,
    WideDenial,
)

EXCLUSIONS = (
    "kyogo", "eigyo_ng", "shain", "daiten", "press", "gakusei", "saiyo", "kumon", "soshou", "test", "claim", "kaigai_ng",
)  # fmt: skip
_NO_HOW = ("Recipient", "Unsubscribe page", "Public status API, App ID:1120", "List import", "CRM UI")
_YES_HOW = ("Form: 資料請求", "Form: 展示会アンケート", OWN_RETURN, "Imported", "Form: セミナー申込")
_BASIS = ("CONSENT_WITH_NOTICE", "LEGITIMATE_INTEREST_CLIENT", "LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_OTHER", "PROCESS_AND_STORE", "NON_GDPR", None)  # fmt: skip
_NOTES = ("展示会で名刺を頂戴", "フォーム版 2023-04 に同意", "取引先", None, "同意文 v3（2022/06）", "営業より依頼")
_BOUNCES = ("UNKNOWN_USER", "UNKNOWN_USER", "MAILBOX_FULL", "POLICY", "SPAM", "CONTENT", "OTHER")
_QUARANTINES = ("HIGH_HARD_BOUNCE_RATE", "ON_LIST_IMPORT", "FORM_ABUSE", "RECIPIENT_COMPLAINT", "OTHER")
LIFTED_AT = range(5, 8)  # players of "wide" who said no to all, later yes to one topic by a form


class Consents:
    """Adds to a person what its role says about permission."""

    def __init__(self, census: Census, seed: int, today: datetime) -> None:
        self._census, self._seed, self._today = census, seed, today

    def added(self, person: Person, part: Part) -> Person:
        return _ADDERS.get(part.role, _nothing)(self, person, part.ordinal)

    def ago(self, number: int, what: str, days: int, least: int = 3) -> datetime:
        at = dice(self._seed, number, what)
        return self._today - timedelta(days=least + at % days, seconds=(at >> 24) % 86_400)

    def yes(self, number: int) -> tuple[Choice, ...]:
        """45 % of people once said yes to something; the others were never asked."""
        if not below(self._seed, number, "asked", 0.45):
            return ()
        at = dice(self._seed, number, "yes")
        return tuple(
            self._choice(number, topic.key, wanted=True)
            for place, topic in enumerate(TOPICS)
            if at >> (3 * place) & 7 > 4
        )

    def no(self, number: int) -> tuple[Choice, ...]:
        """One to four topics declined, of twelve; yes to some of the rest."""
        at = dice(self._seed, number, "no")
        declined = {TOPICS[(at >> (4 * turn)) % len(TOPICS)].key for turn in range(1 + at % 4)}
        kept = tuple(choice for choice in self.yes(number) if choice.topic not in declined)
        return kept + tuple(self._choice(number, key, wanted=False) for key in sorted(declined))

    def _choice(self, number: int, topic: str, *, wanted: bool) -> Choice:
        at = dice(self._seed, number, topic)
        how = (_YES_HOW if wanted else _NO_HOW)[at % 5]
        basis = _BASIS[(at >> 8) % len(_BASIS)] if wanted else None
        note = _NOTES[(at >> 16) % len(_NOTES)] if wanted else None
        return Choice(topic, wanted, self.ago(number, topic, 2_000), how, basis, note)

    def topic(self, person: Person, ordinal: int) -> Person:
        """Declined topics; the first some declined a whole brand; a few were lifted again by the person or by an import."""
        brand = "lab" if ordinal % 2 else "minamo"
        first = self._census.scaled(40 if person.marketing else 10)
        if ordinal < first:
            return self._denied(person, WideDenial(brand, self.ago(person.number, "wide", 1_500), "Recipient"))
        choices = self.no(person.number)
        if person.marketing and ordinal < first + 5:
            return self._came_back(person, choices, OWN_RETURN if ordinal % 2 else "Import: 名刺一括取込")
        return replace(person, choices=choices)

    def _came_back(self, person: Person, choices: tuple[Choice, ...], how: str) -> Person:
        """No in the log, yes today: by the person (which counts) or by somebody's import (which does not)."""
        declined = {choice.topic for choice in choices if not choice.wanted}
        topic = next(topic.key for topic in TOPICS if topic.key not in declined)
        yes, no = self.ago(person.number, "back", 300), self.ago(person.number, "gone", 900, least=400)
        again = Choice(topic, True, yes, how, "CONSENT_WITH_NOTICE", "申込フォーム v5")
        kept = tuple(choice for choice in choices if choice.topic != topic)
        return replace(person, choices=(*kept, again), past=(PastChange(topic, False, no, "Recipient"),))

    def wide(self, person: Person, ordinal: int) -> Person:
        at = self.ago(person.number, "wide", 2_300)
        if person.marketing and ordinal in LIFTED_AT:
            at = self._today - timedelta(days=1_500 + ordinal)
            yes = Choice(
                "minamo/seminar",
                True,
                self._today - timedelta(days=200 + ordinal),
                OWN_RETURN,
                "CONSENT_WITH_NOTICE",
                "申込フォーム v5",
            )
            return replace(person, wide=WideDenial(None, at, "Recipient"), choices=(yes,))
        how = _NO_HOW[dice(self._seed, person.number, "how") % len(_NO_HOW)]
        return self._denied(person, WideDenial(None, at, how))

    def _denied(self, person: Person, wide: WideDenial) -> Person:
        """With the grants that came before; a later one would lift the denial."""
        before = tuple(choice for choice in self.yes(person.number) if choice.at < wide.at)
        return replace(person, wide=wide, choices=before)

    def bounced(self, person: Person, ordinal: int) -> Person:
        reason = _BOUNCES[dice(self._seed, person.number, "bounce") % len(_BOUNCES)]
        return replace(
            person, bounce=Bounce(self.ago(person.number, "bounce", 700), reason), choices=self.yes(person.number)
        )

    def complained(self, person: Person, ordinal: int) -> Person:
        """Reported a mail as spam; half filled in a form afterwards, which does not undo it."""
        when = self.ago(person.number, "spam", 500, least=60)
        later = Choice(
            "minamo/newsletter", True, when + timedelta(days=30), "Form: 資料請求", "CONSENT_WITH_NOTICE", None
        )
        return replace(person, complaint=when, choices=(later,) if ordinal % 2 else ())

    def quarantined(self, person: Person, ordinal: int) -> Person:
        return replace(person, quarantined=_QUARANTINES[ordinal % len(_QUARANTINES)], choices=self.yes(person.number))

    def excluded(self, person: Person, ordinal: int) -> Person:
        more = (EXCLUSIONS[(ordinal + 5) % 12],) if ordinal % 7 == 0 else ()
        return replace(person, exclusions=(EXCLUSIONS[ordinal % 12], *more), choices=self.yes(person.number))

    def twin(self, person: Person, ordinal: int) -> Person:
        """The second record of a mailable person: some of them opted out, the rest are only not marketed to."""
        return self.wide(person, 99) if ordinal < self._census.scaled(6) else person

    def loose_denials(self, address_of: Callable[[str, int], str]) -> tuple[LooseDenial, ...]:
        """180 at 5,000: ten of archived people, two in another spelling of a living address, the rest unknown to us.

        ``address_of(role, ordinal)`` gives the address of a part.
        """
        total, orphans = self._census.scaled(180), self._census.roles.count("orphan_twin")
        known = [addresses.full_width(address_of("orphan_twin", at)) for at in range(orphans)]
        known += [f"old.{address_of('open', at)}" for at in range(min(2, self._census.scaled(40)))]
        known += [address_of("archived", at) for at in range(max(1, self._census.scaled(10)))]
        unknown = [
            f"gone{at:05d}@{('kaisan', 'kyu-sha', 'mukashi')[at % 3]}.example" for at in range(total - len(known))
        ]
        return tuple(
            LooseDenial(
                address,
                "lab" if at % 20 == 19 else None,
                self.ago(at, "loose", 2_500),
                ("List import", "Recipient")[at % 2],
            )
            for at, address in enumerate((known + unknown)[:total])
        )

    def crm_opt_outs(self, crm_of: Callable[[int], tuple[str, str]]) -> tuple[CrmOptOut, ...]:
        """95 at 5,000, 40 of them on converted leads. ``crm_of(ordinal)`` gives (address, CRM id)."""
        converted = self._census.scaled(40)
        silent = range(self._census.roles.count("crm_optout"))
        return tuple(CrmOptOut(*crm_of(at), self.ago(at, "crm", 1_200), at < converted) for at in silent)


def _nothing(consents: Consents, person: Person, ordinal: int) -> Person:
    return person


def _open(consents: Consents, person: Person, ordinal: int) -> Person:
    return replace(person, choices=consents.yes(person.number))


def _graymail(consents: Consents, person: Person, ordinal: int) -> Person:
    return replace(person, ineligible=True, choices=consents.yes(person.number))


_ADDERS: dict[str, Callable[[Consents, Person, int], Person]] = {
    **dict.fromkeys(("open", "twin_first", "orphan_twin", "fold_open", "crm_optout", "fuzzy_first"), _open),
    **dict.fromkeys(("topic", "cold_topic"), Consents.topic),
    **dict.fromkeys(("wide", "cold_wide"), Consents.wide),
    **dict.fromkeys(("bounced", "cold_bounced"), Consents.bounced),
    **dict.fromkeys(("complained", "cold_complained"), Consents.complained),
    **dict.fromkeys(("quarantined", "cold_quarantined"), Consents.quarantined),
    **dict.fromkeys(("graymail", "cold_graymail"), _graymail),
    **dict.fromkeys(("excluded", "cold_excluded"), Consents.excluded),
    "twin_second": Consents.twin,
}
