"""Names of people and companies in several scripts. The pools are drawn once a seed."""

from dataclasses import dataclass
from functools import lru_cache

from faker import Faker

from mamigrate_sandbox.estates.scatter import below, dice

_POOL = 160
_SHARES = (("en", 0.06), ("ko", 0.03), ("de", 0.03), ("ar", 0.01))
_HEADS = (
    ("星野", "hoshino"), ("瑞穂", "mizuho"), ("青葉", "aoba"), ("北斗", "hokuto"), ("東雲", "shinonome"), ("三輪", "miwa"),
    ("白川", "shirakawa"), ("大和田", "owada"), ("日向", "hyuga"), ("若葉", "wakaba"), ("神原", "kanbara"), ("藤代", "fujishiro"),
    ("常盤", "tokiwa"), ("金城", "kaneshiro"), ("長門", "nagato"), ("磐田", "iwata"), ("相模", "sagami"), ("播磨", "harima"),
    ("信濃", "shinano"), ("伊吹", "ibuki"), ("鳴海", "narumi"), ("雲仙", "unzen"), ("阿蘇", "aso"), ("十勝", "tokachi"),
    ("ヒカリ", "hikari"), ("ミライ", "mirai"), ("ナノ", "nano"), ("テラ", "tera"), ("オプト", "opto"), ("センテック", "sentech"),
)  # fmt: skip
_TAILS = (
    ("精機", "seiki"), ("電機", "denki"), ("化学", "kagaku"), ("製薬", "seiyaku"), ("光学", "kogaku"), ("工業", "kogyo"),
    ("製作所", "seisakusho"), ("計器", "keiki"), ("金属", "kinzoku"), ("樹脂", "jushi"), ("分析センター", "bunseki"),
    ("環境技研", "kankyo"), ("半導体", "handotai"), ("食品", "shokuhin"), ("建設", "kensetsu"), ("商事", "shoji"),
    ("システムズ", "systems"), ("研究所", "kenkyujo"), ("自動車部品", "jidosha"), ("大学", "daigaku"),
)  # fmt: skip
_OLD_FORMS = str.maketrans(
    {"高": "髙", "崎": "﨑", "斉": "齊", "辺": "邊", "沢": "澤", "浜": "濱", "吉": "𠮷", "藤": "籐"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """``kana`` are empty outside Japanese; ``latin`` are ASCII letters for an address."""

    language: str
    family: str
    given: str
    family_kana: str
    given_kana: str
    latin_family: str
    latin_given: str


class Names:
    """Deterministic names by number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pools = _pools(seed)

    def of(self, number: int) -> Name:
        language = _language(self._seed, number)
        families, givens = self._pools[language]
        family = families[dice(self._seed, number, "family") % len(families)]
        given = givens[dice(self._seed, number, "given") % len(givens)]
        return Name(language, family[0], given[0], family[1], given[1], family[2], given[2])


def old_form(text: str) -> str:
    """The same name with a variant character (髙 for 高); unchanged when it has none."""
    return text.translate(_OLD_FORMS)


def company(number: int) -> tuple[str, str]:
    """(bare name, host without suffix). Host names end in .example, which nobody can own (RFC 2606)."""
    head, tail = _HEADS[number % len(_HEADS)], _TAILS[number // len(_HEADS) % len(_TAILS)]
    lap = number // (len(_HEADS) * len(_TAILS))
    more = "" if lap == 0 else f"第{lap + 1}"
    return f"{head[0]}{tail[0]}{more}", f"{head[1]}-{tail[1]}{'' if lap == 0 else lap + 1}"


def company_spelling(bare: str, way: int) -> str:
    """The ways in which people write one and the same company."""
    return (f"株式会社{bare}", f"{bare}株式会社", f"㈱{bare}", f"(株){bare}", f"（株）　{bare}", bare)[way % 6]


def _language(seed: int, number: int) -> str:
    at = (dice(seed, number, "language") & 0xFFFF) / 0x10000
    for language, share in _SHARES:
        if at < share:
            return language
        at -= share
    return "ja"


_Part = tuple[str, str, str]
_Pools = dict[str, tuple[list[_Part], list[_Part]]]


@lru_cache(maxsize=4)
def _pools(seed: int) -> _Pools:
    japanese, english = _faker("ja_JP", seed), _faker("en_US", seed)
    pools: _Pools = {
        "ja": (
            [_pair(japanese.last_name_pair()) for _ in range(_POOL)],
            [_pair(japanese.first_name_pair()) for _ in range(_POOL)],
        )
    }
    for language, locale in (("en", "en_US"), ("de", "de_DE"), ("ko", "ko_KR"), ("ar", "ar_AA")):
        fake = _faker(locale, seed)
        pools[language] = (
            [(fake.last_name(), "", _letters(english.last_name())) for _ in range(_POOL)],
            [(fake.first_name(), "", _letters(english.first_name())) for _ in range(_POOL)],
        )
    return pools


def _faker(locale: str, seed: int) -> Faker:
    fake = Faker(locale)
    fake.seed_instance(seed)
    return fake


def _pair(pair: tuple[str, str, str]) -> _Part:
    return pair[0], pair[1], _letters(pair[2])


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if "a" <= letter <= "z") or "x"


def minority(seed: int, number: int) -> bool:
    """True where the name is not Japanese."""
    return _language(seed, number) != "ja"


def has_kana(seed: int, number: int) -> bool:
    """Half of the Japanese records carry a reading."""
    return not minority(seed, number) and below(seed, number, "kana", 0.5)
