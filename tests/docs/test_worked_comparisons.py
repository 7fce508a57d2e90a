"""The worked comparisons of the documentation: run from top to bottom, without an error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

PAGES = sorted((REPOSITORY / "docs" / "comparisons").glob("*.ipynb"))


def cells(page: Path) -> list[dict]:
    return [c for c in json.loads(page.read_text())["cells"] if c["cell_type"] == "code"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_holds_what_one_run_printed(page):
    found = cells(page)
    assert [cell["execution_count"] for cell in found] == list(range(1, len(found) + 1))
    outputs = [output for cell in found for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert all(output["output_type"] != "error" for output in outputs)
    assert all(output.get("name") != "stderr" for output in outputs)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_again(page, data):
    text = "\n".join("".join(cell["source"]) for cell in cells(page))
    program = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=os.environ | {"LAWBOOK_DATA": str(data)}
    )
