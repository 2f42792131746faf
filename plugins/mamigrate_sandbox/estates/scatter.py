"""Chance that can be asked out of order: a permutation of numbers and dice that depend on the seed only."""

from dataclasses import dataclass
from math import gcd

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Scatter:
    """A permutation of ``range(size)`` in constant memory: exact counts stay exact, but neighbours are spread out."""

    size: int
    salt: int
    step: int
    inverse: int

    @classmethod
    def over(cls, size: int, salt: int) -> "Scatter":
        """``size`` 1 or more; another ``salt`` gives another permutation."""
        step = max(1, dice(salt, size, "step") % size)
        while gcd(step, size) != 1:
            step += 1
        return cls(size, salt % size, step, pow(step, -1, size) if size > 1 else 0)

    def __call__(self, slot: int) -> int:
        return (slot * self.step + self.salt) % self.size

    def back(self, number: int) -> int:
        """The slot that was sent to ``number``."""
        return (number - self.salt) * self.inverse % self.size


def dice(seed: int, number: int, what: str) -> int:
    """64 even bits for (seed, number, what). The same on every machine (unlike ``hash``)."""
    x = (seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) & _MASK
    for letter in what.encode():
        x = ((x ^ letter) * 0x100000001B3) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def below(seed: int, number: int, what: str, share: float) -> bool:
    """True for ``share`` of the numbers."""
    return (dice(seed, number, what) & 0xFFFFFF) < share * 0x1000000
