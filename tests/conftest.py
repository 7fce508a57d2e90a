"""Options and fixtures that all tests share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
# read when PyTensor is imported: constants of its graphs are not worth a C compiler, which on a new
# machine takes a second for each kind
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
# files that compile the most go first, so that no process is left with a long one at the end;
# seconds of a processor's time with an empty cache
LONGEST = {
    "test_examples.py": 75,
    "test_cli.py": 65,
    "test_law_comparison.py": 60,
    "test_all_laws.py": 45,
    "test_engine.py": 40,
    "test_messages.py": 35,
    "test_projection.py": 35,
    "test_references.py": 35,
    "test_adequacy.py": 30,
    "test_baselines.py": 35,
    "test_process.py": 30,
    "test_backtesting.py": 30,
    "test_start.py": 25,
    "test_others.py": 20,
    "test_gallery.py": 15,
    "test_relatives.py": 15,
}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow, too")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: -LONGEST.get(item.path.name, 0))
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow; run with --slow"))


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the public run tables."""
    folder = Path(os.environ.get("LAWBOOK_DATA", REPOSITORY.parent / "shared" / "data"))
    if folder.is_dir():
        return folder
    reason = f"{folder}: there is no such folder; set LAWBOOK_DATA to that of the public tables"
    if os.environ.get("LAWBOOK_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def client():
    """Client of a Dask cluster of two processes here."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with (
        distributed.LocalCluster(**options, silence_logs=50) as started,
        distributed.Client(started) as found,
    ):
        yield found


CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium under selenium; ``browser.get_log("browser")`` is what pages logged."""
    if absent := [path for path in (CHROMIUM, DRIVER) if not Path(path).exists()]:
        reason = f"{absent[0]}: there is no such program; install chromium and chromium-driver"
        if os.environ.get("LAWBOOK_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = f"--user-data-dir={tmp_path_factory.mktemp('browser')}"
    for flag in (*FLAGS, profile):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.get("about:blank")  # the page of a new tab makes requests of its own
    driver.get_log("performance")
    yield driver
    driver.quit()
