"""What is shipped: the wheel and the source archive, and a fit with the wheel alone."""

import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = (".py", ".csv", ".json", ".jinja", ".css", ".js")

FIT = """
import json, sys
import lawbook

law = lawbook.load_law("compute")
fit = lawbook.fit(law, lawbook.simulate(law, n=30, noise=0.005, seed=1), draws=200)
models = sys.modules["lawbook.models"]
print(json.dumps({
    "package": lawbook.__file__,
    "models": list(models.__path__),
    "laws": [law.name for law in lawbook.all_laws()],
    "trusted": fit.diagnostics.trusted,
    "version": lawbook.__version__,
    "cited": lawbook.cite("chinchilla"),
}))
"""


def run(*command, **options):
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with the source archive, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "-o", folder, REPOSITORY)
    return folder


def contents(built):
    [wheel], [archive] = built.glob("*.whl"), built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = [name.partition("/")[2] for name in tar.getnames()]
    return set(zipfile.ZipFile(wheel).namelist()), set(names)


def test_the_archives_hold_the_package_and_its_laws(built):
    wheel, source = contents(built)
    for path in (*REPOSITORY.glob("models/*.py"), REPOSITORY / "models" / "references.bib"):
        assert f"lawbook/models/{path.name}" in wheel
        assert f"models/{path.name}" in source
    for path in (REPOSITORY / "src").rglob("*.*"):
        if path.suffix in SHIPPED and "egg-info" not in str(path):
            name = str(path.relative_to(REPOSITORY / "src"))
            assert name in wheel
            assert f"src/{name}" in source
    assert {"LICENSE", "README.md", "pyproject.toml"} <= source
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_the_wheel_holds_nothing_else(built):
    wheel, _ = contents(built)
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"lawbook"}
    tests = [name for name in wheel if re.search(r"(^|/)(tests?/|test_|conftest)", name.lower())]
    assert not [*tests, *(name for name in wheel if name.endswith(".pyc"))]


def test_the_wheel_fits_a_law_in_an_environment_of_its_own(built, tmp_path):
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    fresh = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    [wheel] = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", python, "-qq"]
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    # the libraries, without those .pth files that point back at the sources
    (fresh / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    said = json.loads(run(python, "-c", FIT, cwd=tmp_path).splitlines()[-1])
    assert Path(said["package"]).is_relative_to(fresh)
    assert [Path(path) for path in said["models"]] == [fresh / "lawbook" / "models"]
    assert "chinchilla" in said["laws"]
    assert said["trusted"]
    assert said["cited"].startswith("@article{hoffmann2022,")
    listed = json.loads(run(fresh.parents[2] / "bin" / "lawbook", "laws", "--json", cwd=tmp_path))
    assert [law["name"] for law in listed] == said["laws"]
