"""What a replication found: one row for each coefficient or headline of a paper.

law                   of the book, whose page shows the row
quantity              what the paper reports
published             its value
source                where it says so; ends in `RECALLED` where that was not read
median, lower, upper  ours, with the 90% equal-tailed interval
holds                 whether the published value lies in that interval, or, for a headline,
                      whether its own criterion is met; empty where that value is recalled, which
                      decides nothing
note                  where it does not hold, the reason
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

import lawbook

RECALLED = "recalled"
COLUMNS = ("law", "quantity", "published", "source", "median", "lower", "upper", "holds", "note")


def fitted(law, runs: lawbook.Runs, **options) -> lawbook.Fit:
    """Fit the law alone, as papers do; raise `FitError` where draws must not be trusted."""
    fit = lawbook.fit(law, runs, **{"discrepancy": "none", **options})
    if not fit.diagnostics.trusted:
        raise lawbook.FitError(f"{fit}; expected draws to judge a paper by; give it more draws")
    return fit


def draws_of(fit: lawbook.Fit, name: str, **group: str) -> np.ndarray:
    """Return the draws of a parameter, shape ``(draws,)``, of one group where groups differ."""
    draws = fit.posterior["posterior"].dataset[name]
    return draws.sel(
        {dim: label for dim, label in group.items() if dim in draws.dims}
    ).values.ravel()


def coefficients(
    fit: lawbook.Fit,
    published: Mapping[str, float],
    source: str,
    *,
    of: str = "",
    why: Mapping[str, str] | None = None,
    **group: str,
) -> list[dict]:
    """Hold the published coefficients of a law against a fit's draws.

    Parameters
    ----------
    published
        By the law's parameters.
    of
        What sets these rows apart from others of the law, as in ``"RedPajama"``.
    why
        Why a parameter's value should not be found again, by parameter.
    group
        Label of the group, by grouping column.
    """
    why, told = why or {}, f", {of}" if of else ""
    return [
        recovered(f"{name}{told}", value, source, draws_of(fit, name, **group), why.get(name, ""))
        for name, value in published.items()
    ]


def recovered(quantity: str, published: float, source: str, draws, why: str = "") -> dict:
    """Hold a published value against draws: it holds inside their 90% interval."""
    lower, upper = np.quantile(draws, (0.05, 0.95))
    return headline(quantity, published, source, draws, bool(lower <= published <= upper), why)


def headline(
    quantity: str,
    published: float,
    source: str,
    draws,
    holds: bool,
    why: str = "",
    *,
    median: float | None = None,
) -> dict:
    """Report a claim that has a criterion of its own.

    Parameters
    ----------
    draws
        Ours; may be one number.
    median
        Where ours is that of the median prediction, which is not the median over draws.
    """
    lower, middle, upper = np.quantile(draws, (0.05, 0.5, 0.95))
    middle = middle if median is None else median
    ends = min(lower, middle), max(upper, middle)
    judged = None if source.endswith(RECALLED) else bool(holds)
    values = (quantity, published, source, middle, *ends, judged, why if judged is False else "")
    return dict(zip(COLUMNS[1:], values, strict=True))


def about(law: str, rows: Iterable[dict]) -> list[dict]:
    """Say of rows which law of the book they are about, if not that of their replication."""
    return [row | {"law": law} for row in rows]


def table(law: str, rows: Iterable[dict]) -> pd.DataFrame:
    """Return rows as a replication returns them, all of one law unless they say otherwise."""
    found = pd.DataFrame([{"law": law} | row for row in rows], columns=list(COLUMNS))
    return found.astype({"holds": "boolean"})


def foretold(
    quantity: str,
    error: float,
    source: str,
    fit: lawbook.Fit,
    held: pd.DataFrame,
    why: str = "",
) -> dict:
    """Hold the error of forecasts on the log (RMSLE) against a published one: no larger holds.

    Parameters
    ----------
    error
        The published one.
    held
        Runs that the fit has not seen, in the columns of its law.
    """
    law = fit.law
    found = np.log(held[law.response.name].to_numpy())
    places = [*law.input_names, *fit.runs.by]
    predicted = fit.predict(held[places])
    drawn = np.log(predicted.draws.transpose("chain", "draw", "point").to_numpy())
    each = np.sqrt(((drawn - found) ** 2).mean(axis=-1)).ravel()
    middle = np.sqrt(((np.log(predicted.table["median"].to_numpy()) - found) ** 2).mean())
    return headline(quantity, error, source, each, middle <= error, why, median=middle)
