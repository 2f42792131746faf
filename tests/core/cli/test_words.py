"""The command line as it is kept: without anybody's address."""

import pytest

from mamigrate.cli import words

RUN = ["run", "--source", "a"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ([*RUN, "--who", "ana@x.example", "--json"], [*RUN, "--json"]),
        ([*RUN, "--who=ana@x.example", "--json"], [*RUN, "--json"]),
        (["--who", "ana@x.example"], []),
        ([*RUN, "--who"], RUN),
        ([*RUN, "--whole", "x"], [*RUN, "--whole", "x"]),
        ([*RUN, "--who", "--who", "--json"], [*RUN, "--json"]),
    ],
)
def test_an_address_is_kept_nowhere(typed: list[str], kept: list[str]) -> None:
    words.keep(typed)
    assert list(words.said()) == kept
    assert "ana@" not in words.typed()
