"""What a rollback leaves, in every language."""

import re

import pytest

from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.undone import stays

BOOK = Phrasebook(Messages.of())
ADAPTERS_OWN = "things stay after a rollback"


@pytest.mark.parametrize("kind", ["account", "opportunity", "list", "person"])
@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_why_something_stays_is_said_in_the_language_of_the_page(kind: str, lang: str) -> None:
    ((number, why),) = stays([("not_deleted", kind, 3, ADAPTERS_OWN)], BOOK)
    assert number == 3
    assert re.search("[A-Za-z]{3}", why.in_(lang)) is None, why.in_(lang)
    assert len(why.in_("en")) > len("that we created ()")


def test_a_kind_without_a_word_gives_the_adapter_s_own_reason() -> None:
    ((_, why),) = stays([("not_deleted", "ruleset", 1, ADAPTERS_OWN)], BOOK)
    assert ADAPTERS_OWN in why.in_("ja")
