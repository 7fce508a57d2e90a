"""One fit for each law, to runs that the law itself produced, kept between builds."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import lawbook
import lawbook.engine
from lawbook.errors import FitError
from lawbook.fitting import Fit
from lawbook.laws.law import Law
from lawbook.laws.values import medians

RUNS = 80
DRAWS, MOST_DRAWS = 500, 2000  # a chain
SEED = 0


@dataclass(frozen=True)
class Example:
    """A fit, and the values that its runs came from."""

    fit: Fit
    truth: dict[str, float]
    key: str  # of the paper that reports them; empty where they are the priors' medians


def example(law: Law, folder: Path) -> Example:
    """Return the fit of a law to simulated runs, from a folder where it is there already.

    Parameters
    ----------
    law
        Its runs come from the first published values that were read in their source, or from
        the medians of its priors.
    folder
        Of the fits that were made before. A file's name tells the law, its runs, the engine and
        the settings, so that none is ever out of date; those that are get deleted.
    """
    law = law.with_pooling("full")  # one table without groups
    known = next((e for e in law.published if not e.recalled), None)
    truth = dict(known.at) if known else {n: float(v) for n, v in medians(law).items()}
    runs = lawbook.simulate(law, truth, n=RUNS, seed=SEED)
    made_of = [law.version, runs.sha256, engine_version(), RUNS, DRAWS, MOST_DRAWS, SEED]
    digits = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]
    path = folder / f"{law.name}-{digits}.nc"
    found = _loaded(law, path) or _fitted(law, runs, path)
    return Example(found, truth, known.key if known else "")


def engine_version() -> str:
    """Return digits that change with the engine's code and with the package's version."""
    files = sorted(Path(lawbook.engine.__path__[0]).glob("*.py"))
    written = lawbook.__version__.encode() + b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(written).hexdigest()[:12]


def _loaded(law: Law, path: Path) -> Fit | None:
    if not path.exists():
        return None
    try:
        return lawbook.load(path, law)
    except FitError:  # cut short or by another version: made anew
        return None


def _fitted(law: Law, runs: lawbook.Runs, path: Path) -> Fit:
    options = {"draws": DRAWS, "max_draws": MOST_DRAWS, "discrepancy": "none"}
    found = lawbook.fit(law, runs, **options, seed=SEED)
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{law.name}-????????????.nc"):
        old.unlink()
    found.save(path)
    return found
