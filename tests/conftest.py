"""Options and fixtures that all tests share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow, too")


def pytest_collection_modifyitems(config, items):
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
