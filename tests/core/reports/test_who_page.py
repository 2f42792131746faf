"""The page about one person: what it says, in which language, and that nothing in the data becomes more than text."""

import copy
from typing import Any

import pytest

from hostile import PAYLOADS, UNSEEN
from mamigrate.reports import render, whose
from mamigrate.reports.messages import LANGUAGES, Messages
from mamigrate.reports.phrases import Phrasebook
from markup import elements, words

Facts = dict[str, Any]
READ = "2026-04-01T00:00:00+00:00"


def fact(word: str, *, counts: bool, **more: Any) -> Facts:
    blank: Facts = {
        "key": "f", "polarity": "-", "kind": "objection", "holder": "address", "person_key": "5", "address_strict": "a@x.example",
        "address_loose": "a@x.example", "channel": "email", "brand": "*", "topic": "*", "asset_class": "MKT", "lo": None, "hi": None,
        "until": None, "actor": "subject", "proof": 3, "source_ref": "old/status/1", "raw": "UNSUBSCRIBED", "denies": [],
        "lifted_by": {}, "lifts": [], "repeats": None, "from_file": False,
    }  # fmt: skip
    return {**blank, "word": word, "counts": counts, **more}


@pytest.fixture
def somebody() -> Facts:
    """A person of two records, denied, written, and asked for again."""
    record = {
        "key": "5", "how": ["address", "further_address"], "becomes": "6", "read": True, "email": "a@x.example", "other_emails": ["b@x.example"],
        "archived": False, "created_at": READ, "updated_at": READ, "owner_key": None, "stage": None, "merged_keys": [], "same_spelling": True,
        "values": {"city": "京都"},
    }  # fmt: skip
    planned = {
        "kind": "person", "key": "6", "bucket": "updated", "reason": "address", "detail": "", "target_key": "71", "as_sealed": False,
        "values": {"city": "京都", "unsubscribed": "true"}, "before": {"city": None}, "permission": {}, "kept": ["phone"], "shown": ["company"],
        "lost": [],
    }  # fmt: skip
    person = {
        "key": "6", "records": ["5", "6"], "address": "a@x.example", "denied": True, "cause": "objection", "field": "", "kinds": ["objection"],
        "parked": "", "shares_with": ["9"], "writes": {"unsubscribed": "true"}, "closed": [], "granted": [], "widened": ["8"],
        "topics": [{"topic": "news", "brand": "main", "word": "all_denied", "field": "noNews", "value": None, "open": False}],
    }  # fmt: skip
    return {
        "report": "who",
        "run": "20260401-090000-000",
        "run_command": "run",
        "run_status": "done",
        "wrote": True,
        "plan": "20260401-090000-000-1",
        "version": "0.1.0",
        "model_version": "1.0",
        "project": "minamo",
        "time_zone": "Asia/Tokyo",
        "source": {"name": "old", "title": "Old Platform"},
        "target": {"name": "new", "title": "New Platform"},
        "source_snapshot": "old-1",
        "target_snapshot": "new-1",
        "read_at": READ,
        "made_at": READ,
        "changed": ["mapping.yaml"],
        "address": "a@x.example",
        "found": "person",
        "records": [record, {"key": "4", "how": ["merged"], "becomes": None, "read": False}],
        "facts": [
            fact("denies", counts=True, lo=READ, hi=READ, repeats={"state": "objection", "since": READ}),
            fact("lifted", counts=False, lo=READ, lifted_by={"main|news": "yes"}, from_file=True),
            fact("over", counts=False, hi=READ, until=READ, brand="main", topic="news"),
            fact("other_channel", counts=False, lo=READ, hi="2026-05-01T00:00:00+00:00", channel="sms", holder="person"),
            fact("grants", counts=True, polarity="+", kind="grant", lifts=["f"]),
        ],
        "holds": [{"person_key": "5", "why": "list", "what": "never"}],
        "people": [person],
        "planned": [planned],
        "target_records": [
            {"key": "71", "before": {"city": None}, "now": {"city": "京都"}, "mailable_before": True, "mailable_now": False},
            {"key": "72", "before": None, "now": None, "mailable_before": None, "mailable_now": None},
        ],
        "target_asked": {"at": READ, "trouble": ""},
        "outcomes": [{"kind": "person", "source_key": "6", "bucket": "updated", "reason": "address", "detail": "", "target_key": "71"}],
        "ids": [{"kind": "person", "source_key": "6", "target_key": "71", "made": "adopted", "run_id": "r", "undone": True}],
        "belongings": [
            {"kind": "list_membership", "key": "9/5", "name": "VIP", "person_key": "5", "bucket": "", "reason": "", "arrived": False},
            {"kind": "account", "key": "a1", "name": "", "person_key": "5", "bucket": "left", "reason": "archived", "arrived": False},
        ],
        "lost": [{"key": "6", "field": "score", "why": "type_lost", "value": "about 3", "detail": "x"}],
        "findings": [{"code": "type_lost", "severity": "warn", "subject": "old/person/6", "params": {"field": "score", "value": "about 3"}}],
    }  # fmt: skip


def shown(facts: Facts, lang: str = "en") -> str:
    return "\n".join(words(render.who_page(facts, lang, ()), lang))


@pytest.fixture
def nobody(somebody: Facts) -> Facts:
    empty: Facts = {
        name: [] for name in ("records", "facts", "holds", "people", "planned", "target_records", "outcomes", "ids")
    }
    return somebody | empty | {"belongings": [], "lost": [], "findings": [], "changed": [], "found": "unknown"}


def test_it_says_who_may_not_be_mailed_and_why(somebody: Facts) -> None:
    said = shown(somebody)
    assert "6 may not be mailed: Opted out of everything." in said
    assert "Not as it was when this was judged: mapping.yaml." in said
    assert "are not the ones that the plan was sealed with" in said
    assert "This page shows one person in clear." in said


@pytest.mark.parametrize(
    "line",
    [
        "repeats only: opted out of everything, since 2026-04-01 09:00 (Asia/Tokyo)",
        "no ended by a later grant of the person",
        "ended for main / news by yes",
        "no its time is over",
        "2026-04-01 09:00 (Asia/Tokyo) or earlier, until 2026-04-01 09:00 (Asia/Tokyo)",
        "everything, sms",
        "between 2026-04-01 09:00 (Asia/Tokyo) and 2026-05-01 09:00 (Asia/Tokyo)",
        "no about another channel than email",
        "yes says yes",
        "nobody knows when",
        "5 is held: member of a list that the source leaves out of its mail (never).",
        "Can be mailed: before yes, now no.",
        "Can be mailed: before unknown, now unknown.",
        "6 is 71 on the target: found by r. A rollback undid it.",
        "planned when applied",
        "no record of its own any more",
    ],
)
def test_every_kind_of_line_is_worded(somebody: Facts, line: str) -> None:
    assert line in shown(somebody)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("found", ["person", "tombstone", "suppressed", "mentioned", "unknown"])
def test_every_state_has_a_headline_in_every_language(nobody: Facts, lang: str, found: str) -> None:
    said = shown(nobody | {"found": found}, lang)
    assert Phrasebook(Messages.of()).word("found", found).in_(lang) in said


def test_a_target_that_was_not_asked_is_no_target_without_the_person(nobody: Facts) -> None:
    assert "No record there has this address." in shown(nobody)
    said = shown(nobody | {"target_asked": {"at": READ, "trouble": "unreachable"}})
    assert "New Platform could not be asked now: it did not answer." in said
    assert "No record there had this address when the plan was made." in said


def test_only_a_denied_person_who_can_be_mailed_is_an_alarm(somebody: Facts, nobody: Facts) -> None:
    assert whose.tone(somebody) == "calm"
    somebody["target_records"][0]["mailable_now"] = True
    assert whose.tone(somebody) == "bad"
    somebody["people"].append(somebody["people"][0] | {"key": "8", "denied": False})
    assert whose.tone(somebody) == "calm"
    open_there = nobody | {"target_records": somebody["target_records"]}
    assert whose.tone(open_there) == "calm"
    assert whose.tone(open_there | {"facts": [fact("denies_address", counts=True)]}) == "bad"
    assert whose.tone(open_there | {"facts": [fact("over", counts=False)]}) == "calm"
    assert whose.tone(open_there | {"facts": [fact("denies_address", counts=True, topic="news", brand="b")]}) == "calm"


# --- nothing in the data is more than text -------------------------------------------------------------------------------

OURS = frozenset(
    {
        "made_at",
        "read_at",
        "at",
        "created_at",
        "updated_at",
        "lo",
        "hi",
        "until",
        "since",
        "time_zone",
        "severity",
        "polarity",
    }
)


def filled(tree: Any, text: str) -> Any:
    """``tree`` with every text in it replaced, names of fields too; but moments and what the program itself words."""
    if isinstance(tree, dict):
        named = {"values", "before", "now", "writes", "lifted_by"}
        return {
            key: ({text: text} if key in named and inner else inner if key in OURS else filled(inner, text))
            for key, inner in tree.items()
        }
    if isinstance(tree, list):
        return [filled(inner, text) for inner in tree]
    return text if isinstance(tree, str) else tree


def test_no_text_about_a_person_becomes_an_element_or_a_handler(somebody: Facts) -> None:
    facts = copy.deepcopy(somebody)
    plain = elements(render.who_page(filled(facts, "plain text"), "en", ())).found
    for payload in PAYLOADS:
        page = render.who_page(filled(facts, payload), "en", ())
        assert elements(page).found == plain, payload
        assert not any(char in page for char in UNSEEN), payload


def test_nothing_is_loaded_and_nothing_runs(somebody: Facts) -> None:
    page = render.who_page(somebody, "en", ())
    found = elements(page)
    assert not {tag for tag, _ in found.found} & {"script", "iframe", "object", "embed", "link", "base", "form", "img"}
    assert not any(name.startswith("on") for _, names in found.found for name in names)
    assert found.links == ["#main"]
    assert "default-src &#39;none&#39;" in page


def test_the_page_has_landmarks_and_headed_tables(somebody: Facts) -> None:
    found = elements(render.who_page(somebody, "en", ())).found
    tags = [tag for tag, _ in found]
    assert [tags.count(name) for name in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert all("aria-labelledby" in names for tag, names in found if tag == "section")
    assert all("scope" in names for tag, names in found if tag == "th")
