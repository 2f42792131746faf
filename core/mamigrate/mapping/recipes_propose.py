"""First recipes, from nothing but what was read: words of a name to a channel, assets of a program to evidence. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import count

from mamigrate.contract.programs import ProgramRoom
from mamigrate.mapping.recipes import Attribution, Cost, MemberRule, Recipe, Recipes
from mamigrate.mapping.recipes_check import reachable
from mamigrate.model.estate import Channel, Program
from mamigrate.model.kinds import Kind

WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"webinar|ウェビナー|オンラインセミナー|웨비나", ("webinar",)),
    (r"exhibition|trade ?show|\bfair\b|messe|展示会|展\d|전시회|박람회", ("tradeshow", "trade show", "exhibition")),
    (r"seminar|workshop|セミナー|세미나", ("seminar", "workshop")),
    (r"conference|summit|カンファレンス|年次|컨퍼런스", ("conference", "roadshow")),
    (r"paper|e-?book|whitepaper|資料|ホワイトペーパー|백서", ("content", "download")),
    (r"newsletter|mail ?magazine|メルマガ|ニュースレター|뉴스레터", ("newsletter", "email blast")),
    (r"nurtur|drip|ナーチャリング|ナーチャー|育成|너처", ("nurture", "engagement")),
    (r"enquir|inquir|contact us|お?問い?合わ?せ|문의", ("web request", "contact")),
)
"""Words of a program's name, and words of the channel's name that such a program goes to, the better ones first."""
STATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("REGISTERED", ("registered",)),
    ("CANCELLED", ("cancel",)),
    ("NO_SHOW", ("no show", "no-show")),
    ("ATTENDED", ("attended", "visited")),
)
"""States of taking part, and words of the status that stands for each."""
_EMAIL, _FORM = "email/", "form/"


@dataclass(frozen=True, slots=True)
class Sides:
    """What proposals are made of. ``taken`` are names of programs of the target, ``states`` those that the source tells."""

    source: str
    target: str
    programs: Sequence[Program]
    channels: Sequence[Channel]
    room: ProgramRoom
    taken: Collection[str]
    stages: Sequence[str] = ()
    amount: str = ""


def propose(known: Sides) -> tuple[Recipes, list[Program]]:
    """Recipes that nobody has signed, and the programs for which no channel was found."""
    names = {name.strip().casefold() for name in known.taken}
    made, left = list[Recipe](), list[Program]()
    currencies = {one.currency for one in known.programs if one.currency and _money(one.cost)}
    currency = next(iter(currencies)) if len(currencies) == 1 else ""
    for program in sorted(known.programs, key=lambda one: (one.starts_on or "", one.key)):
        channel = _channel(program, known.channels)
        if channel is None:
            left.append(program)
        else:
            made.append(_recipe(program, channel, known, names, currency))
    won = Attribution(won_stages=tuple(known.stages), amount=known.amount) if known.stages and known.amount else None
    recipes = Recipes(
        source=known.source, target=known.target, currency=currency, attribution=won, programs=tuple(made)
    )
    return recipes, left


def _channel(program: Program, channels: Sequence[Channel]) -> Channel | None:
    """By the words of the name, or of the source's own channel; one with more than a single status."""
    told = f"{program.name} {program.channel}"
    usable = [one for one in channels if one.program_types and len(reachable(one)) > 1]
    for pattern, wanted in WORDS:
        if re.search(pattern, told, re.IGNORECASE):
            for word in wanted:
                found = [one for one in usable if word in one.name.casefold()]
                if found:
                    return min(found, key=lambda one: len(one.name))
    return None


def _recipe(program: Program, channel: Channel, known: Sides, names: set[str], currency: str) -> Recipe:
    type = channel.program_types[0]
    dated = type in known.room.dated
    starts, ends = (program.starts_on, program.ends_on) if dated else (None, None)
    tags = {name: rule.values[0] for name, rule in known.room.tags.items() if type in rule.required and rule.values}
    content = {
        "from": [program.key],
        "name": _free(program.name, names, known.room.name),
        "type": type,
        "channel": channel.name,
        "folder": _folder(known.room.folders),
        "starts": starts,
        "ends": ends if ends and starts and ends >= starts else None,
        "costs": _costs(program, currency, cents=known.room.cents),
        "tags": tags,
        "members": list(_rules(program, channel)),
    }
    return Recipe.model_validate(content)


def _free(name: str, names: set[str], most: int | None) -> str:
    """A name that no program has: with a number behind it where it is taken."""
    plain = " ".join(name.split()) or "Program"
    for number in count(1):
        more = f" ({number})" if number > 1 else ""
        chosen = (plain[: most - len(more)] if most else plain) + more
        if chosen.casefold() not in names:
            break
    names.add(chosen.casefold())
    return chosen


def _folder(folders: Sequence[str]) -> str:
    """The deepest of the shortest paths' children that is there for programs: where people put them by hand."""
    named = [one for one in folders if one.rpartition("/")[2].casefold() in ("programs", "default")]
    return max(named or folders or ("/",), key=lambda one: (one.count("/"), -len(one)))


def _costs(program: Program, currency: str, *, cents: bool) -> list[Cost]:
    amount = _money(program.cost)
    fits = amount is not None and (cents or amount == amount.to_integral_value())
    if not (fits and currency and program.starts_on):
        return []
    return [Cost.model_validate({"on": program.starts_on, "amount": amount})]


def _money(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "0").quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount > 0 else None


def _rules(program: Program, channel: Channel) -> Iterator[MemberRule]:
    """States of taking part by their words. Else lists to the first step, clicks to a step of clicks, forms to success."""
    ladder = list(reachable(channel))
    success = next(iter(channel.success_statuses), ladder[-1])
    if program.program_type == "marketing event":
        for state, words in STATES:
            status = _named(ladder, words) or (success if state == "ATTENDED" else None)
            if status:
                yield _rule("participation", state, status)
        return
    for reference in program.references:
        if reference.kind is Kind.LIST:
            yield _rule("list", reference.key, ladder[0])
        elif reference.kind is Kind.ASSET and reference.key.startswith(_FORM):
            yield _rule("form", reference.key, _named(ladder, ("registered",)) or success)
        elif reference.key.startswith(_EMAIL) and (status := _named(ladder, ("clicked", "engaged"))):
            yield _rule("click", reference.key, status)


def _rule(what: str, of: str, status: str) -> MemberRule:
    return MemberRule.model_validate({what: of, "status": status})


def _named(ladder: Sequence[str], words: Sequence[str]) -> str | None:
    return next((one for one in ladder if any(word in one.casefold() for word in words)), None)
