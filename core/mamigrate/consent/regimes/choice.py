"""Which packs bind mail to a person: by the country of the record, as people write it."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mamigrate.consent.regimes.pack import Pack


@dataclass(frozen=True)
class Regime:
    """The packs of a project. ``default`` binds where the country is unknown or has no pack; None: the source alone."""

    packs: tuple[Pack, ...] = ()
    default: Pack | None = None

    def of(self, country: str | None) -> tuple[Pack, ...]:
        """The packs that bind for a country. All of them bind: the strictest decides."""
        bound = self._by_name.get(folded(country or ""), ())
        return bound or ((self.default,) if self.default else ())

    @property
    def all(self) -> tuple[Pack, ...]:
        more = (self.default,) if self.default and self.default not in self.packs else ()
        return (*self.packs, *more)

    def bound(self, countries: Iterable[str | None]) -> Iterator[tuple[str, str]]:
        """(text, pack) for texts of countries as a population holds them; nothing counts as the empty text."""
        for text in dict.fromkeys(country or "" for country in countries):
            for pack in self.of(text):
                yield text, pack.name

    @cached_property
    def _by_name(self) -> dict[str, tuple[Pack, ...]]:
        """Packs by every spelling of a country."""
        found: dict[str, tuple[Pack, ...]] = {}
        for pack in self.packs:
            for name in {folded(name) for code, names in pack.countries.items() for name in (code, *names)}:
                found[name] = (*found.get(name, ()), pack)
        return found


def folded(country: str) -> str:
    """One spelling for all: width, case, dots and blanks do not count."""
    plain = unicodedata.normalize("NFKC", country).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
