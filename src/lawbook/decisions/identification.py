"""Which parameters the runs identify, and which still say what the prior said.

On the scale of its prior's link, the prior-to-posterior contraction of a parameter is

    contraction = 1 - (posterior sd / prior sd)^2

the share of the prior's variance that the runs took away. Below `IDENTIFIED` a parameter is not
identified: the prior still decides much of what the fit says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.decisions.information import link_draws
from lawbook.decisions.planning import Plan, plan
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.projection import own
from lawbook.result import Result, doubts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

IDENTIFIED = 0.75  # least contraction: the posterior's sd is at most half of the prior's
PROPOSED = 2  # runs


@dataclass(frozen=True, eq=False, repr=False)
class Identification(Result):
    """How far the runs narrowed each parameter of a law.

    Attributes
    ----------
    law
        The law.
    table
        Indexed by parameter: ``prior_sd`` and ``posterior_sd`` of what its prior is of, on the
        prior's link scale; ``contraction``, one less the squared ratio of the two, and negative
        where the posterior is the wider one; ``identified``, whether that is at least 0.75, which
        is a posterior at most half as wide. Where groups are pooled partially, of the population;
        where they are not pooled, of their mean.
    draws
        Of each parameter on that scale, dims ``(chain, draw)``.
    provenance
        What it was made of; it travels with every export.
    next_runs
        The two runs, at up to ten times the largest run's cost, that are expected to narrow the
        least identified parameter most; None where every parameter is identified.
    """

    law: Law
    table: pd.DataFrame
    draws: xr.Dataset
    provenance: Mapping[str, Any]
    next_runs: Plan | None

    @property
    def headline(self) -> str:
        """Which parameters are not identified, in one line."""
        weak = self.table["contraction"].loc[~self.table["identified"]].sort_values()
        if weak.empty:
            return "All parameters are identified by the runs"
        found = [f"{name} (contraction {share:.0%})" for name, share in weak.items()]
        return f"Not identified by the runs: {', '.join(found)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Which runs would help, and what speaks against the fit."""
        runs = () if self.next_runs is None else (f"{self.next_runs.headline}.",)
        return (*runs, *doubts(self.provenance))

    def sentence(self) -> str:
        """Say what is not identified, and which runs would help; empty if all is well."""
        if self.next_runs is None:
            return ""
        return (
            f"{self.headline}. Their priors still decide much of what the fit says of them, and "
            f"predictions far beyond the runs rest on that. {self.next_runs.sentence()}"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The table with its index as a column."""
        return self.table.reset_index()

    def plot(self) -> "Figure":
        """Draw the contraction; see `lawbook.plots.identification.draw_identification`."""
        from lawbook.plots.identification import draw_identification

        return draw_identification(self.law, self.table, IDENTIFIED)


def identify(fit: Fitted) -> Identification:
    """Judge which parameters the runs identify, and propose runs for those that they do not.

    Parameters
    ----------
    fit
        A fitted law. With a discrepancy, the law's own parameters are judged, those of the
        projection; see `lawbook.posterior.projection`.

    Returns
    -------
    Identification
        Of the law's parameters; those of the noise are left out.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> list(fit.identified().table)
    ['prior_sd', 'posterior_sd', 'contraction', 'identified']
    """
    fit = own(fit)
    table, draws = contraction(fit)
    said = provenance(fit, result="identification")
    weakest = str(table["contraction"].idxmin())
    well = bool(np.all(table["identified"]))
    runs = None if well else plan(fit, target=weakest, n=PROPOSED)
    return Identification(fit.law, table, draws, said, runs)


def contraction(fit: Fitted) -> tuple[pd.DataFrame, xr.Dataset]:
    """Return how far the runs narrowed each parameter: table and draws of `Identification`."""
    posterior = fit.posterior["posterior"]
    coords = {name: posterior[name].to_numpy() for name in ("chain", "draw")}
    drawn = {name: link_draws(fit, name) for name in fit.law.param_names}
    before = pd.Series({p.name: p.prior_of_pooled.spread for p in fit.law.params})
    after = pd.Series({name: values.std() for name, values in drawn.items()})
    left = 1 - (after / before) ** 2
    columns = {"prior_sd": before, "posterior_sd": after, "contraction": left}
    table = pd.DataFrame(columns | {"identified": left >= IDENTIFIED}).rename_axis("parameter")
    draws = xr.Dataset({n: (("chain", "draw"), values) for n, values in drawn.items()}, coords)
    return table, draws
