"""Every finding that an adapter makes has a sentence in each language."""

import re
from pathlib import Path
from string import Formatter

import pytest
from ruamel.yaml import YAML

ADAPTERS = Path(__file__).parents[2] / "adapters"
WORDS = "page_reason_"
"""How words for the vendor's own codes begin, which stand in reports."""
_MADE = re.compile(r"""(?:Finding|_finding)\(\s*"([a-z_]+)\"""")


def sentences(vendor: str, lang: str) -> dict[str, str]:
    path = ADAPTERS / f"mamigrate_{vendor}" / "messages" / f"{lang}.yaml"
    found: dict[str, str] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("vendor", ["hubspot", "marketo"])
def test_codes_and_sentences_are_the_same_set(vendor: str) -> None:
    sources = (ADAPTERS / f"mamigrate_{vendor}").rglob("*.py")
    made = {code for source in sources for code in _MADE.findall(source.read_text(encoding="utf-8"))}
    assert made == {code for code in sentences(vendor, "en") if not code.startswith(WORDS)}


@pytest.mark.parametrize("vendor", ["hubspot", "marketo"])
@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_languages_hold_the_same_keys_and_placeholders(vendor: str, lang: str) -> None:
    english, other = sentences(vendor, "en"), sentences(vendor, lang)
    assert other.keys() == english.keys()
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_code_of_both_vendors_has_one_sentence(lang: str) -> None:
    """A run reads the files of both sides; which was read last must not matter."""
    hubspot, marketo = sentences("hubspot", lang), sentences("marketo", lang)
    assert {code: hubspot[code] for code in hubspot.keys() & marketo.keys()} == {
        code: marketo[code] for code in hubspot.keys() & marketo.keys()
    }
