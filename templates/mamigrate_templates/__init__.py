"""Jinja templates, message files and starters: data of the product."""

from functools import cache
from importlib import resources


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are message files for. English, which the others fall back on, comes first."""
    names = [file.name for file in (resources.files(__name__) / "messages").iterdir()]
    found = [name.removesuffix(".yaml") for name in names if name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda lang: (lang != "en", lang)))
