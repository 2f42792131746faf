"""The pages in a real browser: quiet, self-contained, in three languages, on a narrow screen, whatever stands in names."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from hostile import PAYLOADS
from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.reports import build_sheet, render
from mamigrate.reports.build_sheet import Handed

Facts = dict[str, Any]
Estate = Mapping[Kind, list[EstateObject]]

HOSTILE = (
    "<img src=//evil.example/x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>{{7*7}}"
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and not os.environ.get("MAMIGRATE_CI"), reason="needs chromium and chromedriver"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = Chrome(options=options, service=Service(str(DRIVER)))
    yield started
    started.quit()


@pytest.fixture
def page(tmp_path: Path, loaded: Facts) -> str:
    """The address of a run's page with hostile names."""
    loaded |= {"project": HOSTILE, "signer": HOSTILE}
    loaded["decisions"][0]["why"] = HOSTILE * 3
    loaded["reasons"][0]["rows"][0]["detail"] = HOSTILE + "x" * 500
    loaded["findings"][0]["params"]["detail"] = HOSTILE
    path = tmp_path / "run.html"
    path.write_text(render.run_page(loaded, "en", ()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def sheet(tmp_path: Path, loaded: Facts, estate: Callable[[str], Estate], handed: dict[Kind, list[Handed]]) -> str:
    """The address of a page of build sheets with hostile names."""
    made = build_sheet.sheets(estate(HOSTILE), handed, unmask=True)[Kind.LIST]
    path = tmp_path / "list.html"
    path.write_text(render.build_page(Kind.LIST, made, loaded, "ja", ()), encoding="utf-8")
    return path.as_uri()


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What was logged since the last look."""
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]  # selenium has no types here
    return entries


def open_page(browser: Chrome, url: str, width: int = 1200, theme: str = "light") -> None:
    log(browser, "performance")
    log(browser, "browser")
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(url)


def requests(browser: Chrome, url: str) -> list[str]:
    """What the page at ``url`` asked for; the browser's own first tab asks for things too."""
    messages = (json.loads(entry["message"])["message"] for entry in log(browser, "performance"))
    asked = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [one["request"]["url"] for one in asked if one["documentURL"] == url]


def opened(browser: Chrome) -> None:
    for details in browser.find_elements(By.TAG_NAME, "details"):
        browser.execute_script("arguments[0].open = true", details)


def test_the_page_is_quiet_and_asks_for_nothing(browser: Chrome, page: str, sheet: str) -> None:
    for url in (page, sheet):
        open_page(browser, url)
        opened(browser)
        assert requests(browser, url) == [url]
        assert log(browser, "browser") == []


def test_hostile_names_are_shown_as_text(browser: Chrome, page: str, sheet: str) -> None:
    for url in (page, sheet):
        open_page(browser, url)
        opened(browser)
        assert "hacked" not in browser.title
        assert HOSTILE in browser.find_element(By.TAG_NAME, "body").text
        assert not browser.find_elements(By.CSS_SELECTOR, "img, script")


def test_every_hostile_text_at_once_runs_nothing_and_asks_for_nothing(
    browser: Chrome, tmp_path: Path, loaded: Facts
) -> None:
    params = {"detail": "", "field": "email", "reason": "address_too_long"}
    loaded["findings"] = [
        {"code": "parked", "severity": "warn", "subject": f"old/person/{text}", "params": {**params, "value": text}}
        for text in PAYLOADS
    ]
    loaded["reasons"][0]["rows"] = [{**loaded["reasons"][0]["rows"][0], "detail": text} for text in PAYLOADS]
    path = tmp_path / "run.html"
    path.write_bytes(render.run_page(loaded, "en", ()).encode(errors="backslashreplace"))
    open_page(browser, path.as_uri())
    opened(browser)
    shown = browser.find_element(By.TAG_NAME, "body").get_attribute("textContent") or ""
    assert sum(text in shown for text in PAYLOADS if text.isascii() and text.isprintable()) > 100
    assert requests(browser, path.as_uri()) == [path.as_uri()]
    assert not browser.find_elements(By.CSS_SELECTOR, "img, script, iframe, object, embed, base, form, math")
    assert log(browser, "browser") == []


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "people newly reachable"), ("ja", "新たに配信可能になった人"), ("ko", "새로 발송 가능해진 사람")],
)
def test_the_switch_shows_one_language(browser: Chrome, page: str, lang: str, said: str) -> None:
    open_page(browser, page)
    browser.find_element(By.CSS_SELECTOR, f"label[for=lang-{lang}]").click()
    text = browser.find_element(By.TAG_NAME, "main").text
    shown = [
        one for one in ("people newly reachable", "新たに配信可能になった人", "새로 발송 가능해진 사람") if one in text
    ]
    assert shown == [said]


def test_the_switch_works_from_the_keyboard(browser: Chrome, page: str) -> None:
    open_page(browser, page)
    browser.find_element(By.ID, "lang-en").send_keys("\ue014")
    assert browser.find_element(By.ID, "lang-ja").is_selected()


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_nothing_runs_over_the_edge_of_a_phone(browser: Chrome, page: str, sheet: str, lang: str) -> None:
    for url in (page, sheet):
        open_page(browser, url, width=375)
        browser.execute_script("document.getElementById(arguments[0]).checked = true", f"lang-{lang}")
        opened(browser)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 375


ADRIFT = """
const top = node => node.getBoundingClientRect().top;
return [...document.querySelectorAll('summary > .num')].filter(node => top(node) - top(node.parentElement) > 4).length;
"""
"""Numbers that stand below the first line of their row."""


@pytest.mark.parametrize("width", [390, 320])
def test_a_number_stands_in_the_row_that_it_counts(browser: Chrome, page: str, width: int) -> None:
    open_page(browser, page, width=width)
    opened(browser)
    assert browser.execute_script(ADRIFT) == 0


CONTRAST = """
const seen = [];
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgb = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = ([r, g, b]) => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const behind = node => { for (; node; node = node.parentElement) {
  const found = rgb(getComputedStyle(node).backgroundColor); if (found[3] > 0) return found; } return [255, 255, 255, 255]; };
for (const node of document.querySelectorAll('body *')) {
  if (node.closest('svg, .unseen, .skip') || !node.getClientRects().length) continue;
  if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
  const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) seen.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}`);
}
return seen;
"""
"""Texts with less contrast than WCAG 2 AA asks for (4.5:1)."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_contrast_enough(browser: Chrome, page: str, sheet: str, theme: str) -> None:
    for url in (page, sheet):
        open_page(browser, url, theme=theme)
        opened(browser)
        assert browser.execute_script(CONTRAST) == []


@pytest.mark.parametrize("state", ["planned", "blocked", "stopped", "failed", "incomplete"])
def test_every_state_opens_quietly_and_has_contrast_enough(
    browser: Chrome, tmp_path: Path, states: dict[str, Facts], state: str
) -> None:
    path = tmp_path / "run.html"
    path.write_text(render.run_page(states[state], "en", ()), encoding="utf-8")
    for theme in ("light", "dark"):
        open_page(browser, path.as_uri(), width=375, theme=theme)
        assert browser.execute_script(CONTRAST) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 375
    assert log(browser, "browser") == []
