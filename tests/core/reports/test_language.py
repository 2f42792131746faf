"""Which language a page opens in."""

import pytest

from mamigrate.reports.language import choose


@pytest.mark.parametrize(
    ("asked", "project", "environment", "chosen"),
    [
        ("ko", "ja", {"LANG": "en_US.UTF-8"}, "ko"),
        (None, "ja", {"LANG": "ko_KR.UTF-8"}, "ja"),
        (None, None, {"LANG": "ko_KR.UTF-8"}, "ko"),
        (None, None, {"LC_ALL": "ja_JP", "LANG": "ko_KR"}, "ja"),
        (None, None, {"LC_ALL": "", "LANG": "ja"}, "ja"),
        (None, None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, None, {"LANG": "C.UTF-8"}, "en"),
        ("fr", None, {}, "en"),
    ],
)
def test_what_was_asked_for_wins_then_the_project_then_the_environment(
    asked: str | None, project: str | None, environment: dict[str, str], chosen: str
) -> None:
    assert choose(asked, project, environment) == chosen
