"""Which parameters the runs tell, and which still say what the prior said.

On the scale of its prior's link, a parameter keeps the share

    kept = posterior sd / prior sd

of what was uncertain before the runs. Above `HARDLY` the runs hardly narrowed it: what the fit
says of it is what the prior says.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.decisions.information import link_draws
from lawbook.decisions.planning import Plan, plan
from lawbook.posterior.fitted import Fitted

HARDLY = 0.5
RUNS = 2  # that are proposed


@dataclass(frozen=True, eq=False)
class Identification:
    """How far the runs narrowed each parameter of a law.

    Attributes
    ----------
    table
        Indexed by parameter: ``prior_sd`` and ``posterior_sd`` of what its prior is of, on the
        prior's link scale; ``kept``, the ratio of the two; ``identified``, whether that is at
        most one half. Where groups are pooled partially, of the population.
    next_runs
        The two runs, at up to ten times the largest run's cost, that are expected to narrow the
        least identified parameter most; None where every parameter is identified.
    """

    table: pd.DataFrame
    next_runs: Plan | None

    def sentence(self) -> str:
        """Say what is not identified, and which runs would help; empty if all is well."""
        weak = self.table.loc[~self.table["identified"]].sort_values("kept", ascending=False)
        if self.next_runs is None:
            return ""
        found = [f"{name} ({row['kept']:.0%})" for name, row in weak.iterrows()]
        said = self.next_runs.sentence()
        return (
            f"Not identified: {', '.join(found)}. These runs leave that share of the prior's "
            "width, so what is said of them is mostly the prior; predictions far beyond the runs "
            f"rest on it. {said}"
        )

    def __repr__(self) -> str:
        text = self.table.to_string(float_format="{:.3g}".format)
        return f"{text}\n{self.sentence() or 'Every parameter is identified by the runs.'}"


def identify(fit: Fitted) -> Identification:
    """Judge which parameters the runs tell, and propose runs for those that they do not.

    Parameters
    ----------
    fit
        A fitted law. With a discrepancy, its projection (`Fit.project`) says what the runs tell of
        the law's own parameters.

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
    ['prior_sd', 'posterior_sd', 'kept', 'identified']
    """
    table = narrowed(fit)
    if bool(np.all(table["identified"])):
        return Identification(table, None)
    return Identification(table, plan(fit, target=str(table["kept"].idxmax()), n=RUNS))


def narrowed(fit: Fitted) -> pd.DataFrame:
    """Return how far the runs narrowed each parameter: the table of `Identification`."""
    rows = {}
    for param in fit.law.params:
        before, after = param.prior_of_pooled.spread, float(link_draws(fit, param.name).std())
        rows[param.name] = (before, after, after / before, after <= HARDLY * before)
    columns = ["prior_sd", "posterior_sd", "kept", "identified"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("parameter")
