"""A mapping file with a slip of the pen: each is told where it is, in words that say what to write."""

import pytest

from mamigrate.mapping.load import load

HEAD = "source: a\ntarget: b\n"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "1:1", "the file is empty"),
        ("# nothing\n", "1:1", "the file is empty"),
        ("- a\n", "1:1", "the file must be a table of keys"),
        (f"{HEAD}persn: []\n", "3:1", 'there is no key "persn" here; did you mean "person"?'),
        (f"{HEAD}person:\n", "3:1", '"person" is empty: write [] where nothing shall stand'),
        (f"{HEAD}person: {{a: b}}\n", "3:1", '"person" must be a list'),
        (f"{HEAD}person:\n- x\n", "4:3", 'an entry of "person" must be a table of keys (found: "x")'),
        (f"{HEAD}person:\n- {{from: x, drop: }}\n", "4:3", '"drop" is empty'),
        (f"{HEAD}person:\n- {{from: x, drop: ' '}}\n", "4:13", '"drop" is empty'),
        (f"{HEAD}person:\n- {{from: x, dorp: y}}\n", "4:13", 'there is no key "dorp" here; did you mean "drop"?'),
        (f"{HEAD}person:\n- {{from: 1, to: x}}\n", "4:4", '"from" must be text: write it in quotes (found: "1")'),
        (f"{HEAD}person:\n- {{from: x, to: y, drop: z}}\n", "4:3", "give exactly one of to, create, drop"),
        (
            f"{HEAD}person:\n- {{from: x, to: y, values: {{01: a}}}}\n",
            "4:29",
            '"values" must be text: write the key in quotes (found: "1")',
        ),
        (f"{HEAD}person:\n- {{from: x, to: y, values: {{a: ''}}}}\n", "4:29", '"a" is empty'),
        (f"{HEAD}signed: {{who: me, when: 1 March}}\n", "3:19", '"when" must be a day: YYYY-MM-DD'),
        (f"{HEAD}signed: {{who: me, when: 2026-13-01}}\n", "3:19", "no calendar has this day: 2026-13-01"),
        (f"{HEAD}signed: {{who: '', when: 2026-01-01}}\n", "3:10", '"who" is empty'),
        ("target: b\n", "1:1", 'the key "source" is missing'),
        ("source: a\nsource: b\n", "2:1", "a key stands here twice"),
        ("source:\n\t- a\n", "2:1", "a tab stands here: indent with spaces"),
        ("source: a: b\n", "1:10", "a colon too many: write the text in quotes"),
        ("source: a\n---\ntarget: b\n", "2:1", "a second document begins here; one is allowed"),
        (f"{HEAD}person: [\n", "4:1", "the file ends inside a bracket or a quotation"),
        (f"{HEAD}1: 2\n", "3:1", 'a key must be text: write it in quotes (found: "1")'),
    ],
)
def test_a_slip_is_told_with_its_place(text: str, place: str, said: str) -> None:
    mapping, (found, *more) = load(text, "mapping.yaml")
    assert mapping is None
    assert (found.subject, found.params["problem"], more) == (f"mapping.yaml:{place}", said, [])


@pytest.mark.parametrize("text", ["a: \x01", "a: !!int x", "[" * 5000, "{{a: b}: c}: d", "a: !!int "])
def test_what_the_parser_itself_stumbles_over_is_no_bug(text: str) -> None:
    mapping, found = load(text, "mapping.yaml")
    assert mapping is None
    assert {one.subject.partition(":")[0] for one in found} == {"mapping.yaml"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{from: '1', to: y}", 'say "polarity": opt_out (true denies) or opt_in (only true allows)'),
        (
            "{from: '1', create: {name: a, label: b, type: text}, polarity: opt_in}",
            '"create" makes a field of type text: a subscription type needs boolean',
        ),
        (
            "{from: '1', to: y, polarity: optout}",
            '"polarity" must be \'opt_out\' or \'opt_in\'; did you mean "opt_out"? (found: "optout")',
        ),
        ("{from: '1', deny_all: ''}", '"deny_all" is empty'),
    ],
)
def test_a_subscription_type_says_what_its_field_means(rule: str, said: str) -> None:
    mapping, (found,) = load(f"{HEAD}topics:\n- {rule}\n", "mapping.yaml")
    assert mapping is None
    assert found.params["problem"] == said


def test_a_type_that_is_denied_as_a_whole_needs_no_polarity() -> None:
    mapping, found = load(f"{HEAD}topics:\n- {{from: '1', deny_all: old}}\n", "mapping.yaml")
    assert mapping is not None
    assert list(found) == []
