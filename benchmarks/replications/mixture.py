"""Mixtures: the loss of unseen mixtures, foretold from those that were trained.

Ye et al. (2024), arXiv:2403.16952, train models of 70e6 parameters on 26 mixtures of five domains
of the Pile; their released notebook prints the law for the loss on each domain, and misses the
overall loss, the losses weighed as in the validation set, by 0.0086 on average. It fits all 26 and
judges 6 of them; here every mixture is foretold by a fit to about 20 others.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import draws_of, fitted, headline, recovered, table

import lawbook
from lawbook.models.mixture import LARGEST

LAW = lawbook.load_law("mixture").with_pooling("full")
FOLDS = 4
NOTEBOOK = "Ye et al. (2024), released notebook"
OUT_OF_SAMPLE = "the notebook judges mixtures that it has fitted, this mixtures that it has not"
FEW = "26 runs for six parameters: floor and exponent trade off; what the law misses is no noise"
# characters of each part of the validation set, in units of 1/6480 of it
WEIGHTS = {
    "academic": {
        "arxiv": 660,
        "pubmed_abstracts": 155,
        "philpapers": 32.5,
        "nih_exporter": 12.5,
        "freelaw": 352.5,
        "uspto_backgrounds": 185,
        "pubmed_central": 810,
    },
    "prose": {"pg19": 120, "books3": 820, "bookcorpus2": 45},
    "dialogue": {
        "ubuntu_irc": 52.5,
        "opensubtitles": 102.5,
        "europarl": 52.5,
        "enron_emails": 7.5,
        "hackernews": 47.5,
        "youtubesubtitles": 62.5,
    },
    "symbolic": {"dm_mathematics": 140, "github": 617.5},
    "internet": {
        "pile_cc": 1017.5,
        "openwebtext2": 587.5,
        "stackexchange": 357.5,
        "wikipedia_en": 242.5,
    },
}


def replicate(folder: Path) -> pd.DataFrame:
    """Hold the coefficients of each domain's law, and the error on mixtures left out."""
    runs, rows = mixtures(folder), []
    fold = np.random.default_rng(20240325).permutation(len(runs)) % FOLDS
    overall = np.zeros(len(runs))
    for number, (domain, parts) in enumerate(WEIGHTS.items()):
        fit, published = fit_domain(runs, domain), dict(LAW.published[number].at)
        for name in ("c", f"t_{domain}"):
            drawn = draws_of(fit, name)
            rows.append(
                recovered(f"{name}, loss on {domain}", published[name], NOTEBOOK, drawn, FEW)
            )
        for left in range(FOLDS):
            unseen = runs[fold == left]
            at = unseen[list(LAW.input_names)].reset_index(drop=True)
            found = fit_domain(runs[fold != left], domain).predict(at)
            overall[fold == left] += sum(parts.values()) / 6480 * found.table["median"]
    missed = np.abs(overall - runs.overall)
    quantity = "mean error of the overall loss on mixtures left out, nats"
    error = missed.mean()
    last = headline(quantity, 0.0086, NOTEBOOK, error, error <= 0.0086, OUT_OF_SAMPLE)
    return table("mixture", [*rows, last])


def mixtures(folder: Path) -> pd.DataFrame:
    """Return the 26 mixtures, shares and losses, of 70e6 parameters after 30,000 steps."""
    losses = pd.read_csv(folder / "mixture_laws_losses.csv.gz").query(
        "mixture_set == 'mix5' and size_label == '70M' and step == 30000"
    )
    losses = losses.pivot(index="mixture", columns="validation_domain", values="loss")
    shares = pd.read_csv(folder / "mixture_laws_proportions.csv").query("mixture_set == 'mix5'")
    shares = shares.pivot(index="mixture", columns="domain", values="proportion")
    sums = {domain: losses[list(parts)] @ pd.Series(parts) for domain, parts in WEIGHTS.items()}
    means = {domain: sums[domain] / sum(parts.values()) for domain, parts in WEIGHTS.items()}
    return (
        pd.DataFrame(means)
        .assign(overall=sum(sums.values()) / 6480)
        .join(shares[list(LARGEST)].add_prefix("r_"))
    )


def fit_domain(runs: pd.DataFrame, domain: str) -> lawbook.Fit:
    """Fit the law to the loss on one domain."""
    read = lawbook.read_runs(runs, LAW, columns={"loss": domain}, allow="sizes")
    return fitted(LAW, read, draws=500)
