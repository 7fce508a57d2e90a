"""The report in a browser: drawn, quiet, and the same in dark, on a phone and on paper."""

import base64
import json

import pytest
from backtests import ABOUT, made_up
from selenium.webdriver import ActionChains
from selenium.webdriver.support.ui import WebDriverWait
from test_report import CHARTS, HOSTILE, of_recipes


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The address of a report with all its sections, open in the browser."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    made_up().export(path.with_name("backtest.csv"))
    of_recipes().report(path, path.with_name("backtest.csv"))
    browser.get_log("browser")
    browser.get_log("performance")
    show(browser, path.as_uri())
    return path.as_uri()


def show(browser, address, width=1100, scheme="light"):
    """Open a page in a window of this width, and wait for its charts."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(address)
    drawn(browser)


def drawn(browser):
    WebDriverWait(browser, 20).until(lambda b: of(b, "root.hasAttribute('data-drawn')"))


def of(browser, expression):
    return browser.execute_script(f"const root = document.documentElement; return {expression}")


def all_of(browser, selector, what):
    return of(browser, f"[...document.querySelectorAll({selector!r})].map((one) => {what})")


def test_every_chart_is_drawn_without_an_error_or_a_request(browser, page):
    assert browser.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {
        message["params"]["request"]["url"].partition(":")[0]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    assert asked <= {"file", "data", "blob"}
    assert set(all_of(browser, ".chart", "one.id")) == set(CHARTS)
    lines = all_of(browser, ".chart", "one.querySelectorAll('.scatterlayer path').length")
    assert min(lines) >= 2
    assert min(all_of(browser, ".chart .main-svg", "one.getBoundingClientRect().width")) > 300
    ticks = all_of(browser, "#spending-chart .xtick", "one.textContent")
    assert {"100M", "1B"} <= set(ticks)


def test_hovering_shows_values_and_a_hostile_name_as_it_is(browser, page):
    [place] = of(
        browser,
        "[...document.querySelectorAll('#fan-chart .trace')].map((one) => "
        "one.querySelector('.point')).filter((one) => one).slice(0, 1)",
    )
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
    ActionChains(browser).move_to_element(place).perform()
    WebDriverWait(browser, 10).until(lambda b: of(b, "document.querySelector('.hovertext')"))
    name, told = all_of(browser, "#fan-chart .hovertext tspan.line", "one.textContent")[:2]
    assert " ".join(name.split()) == " ".join(HOSTILE.split())
    assert told.startswith("run: loss ")
    assert told.endswith("FLOP])")


def test_a_backtest_is_shown_by_level_and_by_distance(browser, page):
    title = of(browser, "document.querySelector('#calibration h2').textContent")
    assert title == "Backtest"
    for chart in ("coverage-chart", "distance-chart"):
        lines = all_of(browser, f"#{chart} .scatterlayer .trace", "one.querySelectorAll('.point')")
        assert len(lines) == 2  # a line a law
        assert min(len(points) for points in lines) >= 4
    cells = all_of(browser, f"#calibration [aria-label='{ABOUT}'] td", "one.textContent")
    assert sum(cell.endswith("%") for cell in cells) == 2 * (5 + 2)  # laws; along compute and N
    assert sum(cell.endswith("×") for cell in cells) == 2 * (5 + 2)


def test_a_hostile_name_makes_no_element(browser, page):
    assert of(browser, "document.querySelectorAll('img, main b').length") == 0
    assert HOSTILE in all_of(browser, "#fan .legend button", "one.textContent")
    assert HOSTILE in all_of(browser, "#parameters tbody th", "one.textContent")


def test_a_group_is_taken_out_and_brought_back(browser, page):
    button = browser.find_element("css selector", "#fan .legend button")
    count = "document.querySelectorAll('#fan-chart .points path').length"
    before = of(browser, count)
    browser.execute_script("arguments[0].click()", button)
    assert button.get_attribute("aria-pressed") == "false"
    assert of(browser, count) == before - 24
    browser.execute_script("arguments[0].click()", button)
    assert button.get_attribute("aria-pressed") == "true"
    assert of(browser, count) == before


def test_charts_follow_when_the_scheme_turns_dark(browser, page):
    def colours():
        text = all_of(browser, ".chart .xtick text", "getComputedStyle(one).fill")
        return {*text}, of(browser, "getComputedStyle(document.body).backgroundColor")

    show(browser, page)
    assert colours() == ({"rgb(29, 33, 38)"}, "rgb(255, 255, 255)")
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    WebDriverWait(browser, 10).until(lambda _: "rgb(230, 232, 234)" in colours()[0])
    assert colours() == ({"rgb(230, 232, 234)"}, "rgb(22, 25, 29)")


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, page):
    show(browser, page, width=390)
    assert of(browser, "root.scrollWidth - root.clientWidth") == 0
    assert max(all_of(browser, ".chart .main-svg", "one.getBoundingClientRect().right")) <= 390


def test_when_a_phone_is_turned_no_caption_covers_a_chart(browser, page):
    show(browser, page, width=390)
    chart = "one.querySelector('.main-svg').getBoundingClientRect()"
    caption = "one.closest('figure').querySelector('figcaption').getBoundingClientRect().top"
    for width in (800, 390):
        size = {"width": width, "height": 1190 - width, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        WebDriverWait(browser, 10).until(
            lambda b: abs(of(b, "innerWidth") - max(all_of(b, ".chart", f"{chart}.right"))) < 99
        )
        assert min(all_of(browser, ".chart", f"{chart}.height")) >= 400
        assert max(all_of(browser, ".chart", f"{chart}.bottom - {caption}")) <= 1


def test_on_paper_it_is_light_and_fits(browser, page):
    show(browser, page, scheme="dark")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.7})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    widths = all_of(browser, ".chart .main-svg", "one.getBoundingClientRect().width")
    assert max(widths) == 680
    assert of(browser, "getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert of(browser, "getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 29)"
    assert browser.get_log("browser") == []
