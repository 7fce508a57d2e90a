"""What a fit is made of: parameters, pooling, diagnostics, and where everything comes from."""

import json
from typing import Any

import numpy as np

from lawbook.decisions.identification import IDENTIFIED, contraction
from lawbook.engine.diagnostics import LIMITS
from lawbook.laws.catalogue import page
from lawbook.plots.axes import by_group
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.projection import own
from lawbook.posterior.shrinkage import pooling_factors
from lawbook.posterior.summaries import summarise_parameters, summarised
from lawbook.report.content import Section, Table
from lawbook.report.recipes import interval
from lawbook.wording import brief, records


def parameters(fit: Fitted) -> Section:
    """Show each parameter, how it is pooled, and whether the runs identify it."""
    of_law = own(fit)
    (narrowed, _), drawn = contraction(of_law), pooling_factors(fit)
    drawn |= {n: share for n, share in pooling_factors(of_law).items() if n in narrowed.index}
    rows = []
    for param in (*fit.law.params, *fit.law.noise_params):
        cells = [param.name, param.unit or "–", repr(param.prior), param.pool_in_words]
        if param.name in narrowed.index:
            row = narrowed.loc[param.name]
            cells += ["yes" if row["identified"] else "no", f"{row['contraction']:.0%}"]
        else:
            cells += ["–", "–"]
        cells += [f"{drawn[param.name]:.0%}" if param.name in drawn else "–"]
        rows.append(cells)
    columns = ["parameter", "unit", "prior", "pooling", "identified", "contraction"]
    about = Table([*columns, "pooling factor"], rows, labels=5)
    said = [
        "The prior-to-posterior contraction is the share of a parameter's prior variance that the "
        f"runs took away. Below {IDENTIFIED:.0%} a parameter is not identified: its prior still "
        "decides much of what is said of it.",
    ]
    if drawn:
        said.append(
            "The pooling factor says how far groups are drawn to their population: at 0% a "
            "group's value comes from its own runs alone, at 100% from those of the other groups."
        )
    if of_law is not fit:
        said.append(
            "Parameters of the law are its own: those with which it comes nearest to law and model "
            "discrepancy together. Parameters of the noise are those beside the discrepancy."
        )
    return Section("parameters", "Parameters", tuple(said), (), (about, _values(fit, of_law)))


def _values(fit: Fitted, of_law: Fitted) -> Table:
    """Return the value of each parameter in each group."""
    law, runs = fit.law, fit.runs
    values = parameters_at(fit, runs.groups, np.random.default_rng(0))
    if of_law is not fit:
        found = parameters_at(of_law, runs.groups, np.random.default_rng(0))
        values |= {name: found[name] for name in law.param_names}
    tables = {n: summarised(np.moveaxis(v, -1, 0), (0.9,)) for n, v in values.items()}
    units = {p.name: f" [{p.unit}]" if p.unit else "" for p in (*law.params, *law.noise_params)}
    if not runs.by:  # parameters below each other: there is but one value of each
        rows = [[f"{n}{units[n]}", *_told(t.iloc[0], "\n").split("\n")] for n, t in tables.items()]
        caption = "Posterior means, with 90% credible intervals"
        return Table(["parameter", "mean", "90% interval"], rows, caption)
    rows = [
        [*map(str, label), *(_told(t.iloc[i], "\n") for t in tables.values())]
        for i, label in enumerate(runs.groups.to_numpy(dtype=object).tolist())
    ]
    caption = "Posterior means by group, with 90% credible intervals"
    return Table([*runs.by, *(f"{n}{units[n]}" for n in tables)], rows, caption, len(runs.by))


def _told(row: Any, between: str) -> str:
    return f"{brief(float(row['mean']))}{between}{interval(row, 'eti90')}"


def diagnostics(fit: Fitted) -> Section:
    """Show whether the draws can be trusted, and the summary that ArviZ makes of them."""
    found, sizes = fit.diagnostics, fit.posterior["posterior"].sizes
    rows = [
        ["largest R-hat", f"{found.rhat:.4f}", f"at most {LIMITS.rhat}"],
        ["fewest effective draws, bulk", f"{found.ess_bulk:,.0f}", f"at least {LIMITS.ess}"],
        ["fewest effective draws, tail", f"{found.ess_tail:,.0f}", f"at least {LIMITS.ess}"],
        ["divergences", f"{found.divergences:,}", f"at most {LIMITS.divergences} in 1,000"],
        ["smallest energy fraction (BFMI)", f"{found.bfmi:.2f}", f"at least {LIMITS.bfmi}"],
    ]
    said = [
        f"{sizes['chain']} chains of {sizes['draw']:,} draws; {found.worst} has the fewest "
        "effective ones. "
        + ("The draws can be trusted." if found.trusted else "The draws must not be trusted:"),
        *found.problems,
    ]
    judged = Table(["judged", "found", "expected"], rows, "The draws")
    said += _of_law(fit)
    tables = [judged, *([_checks(fit)] if fit.adequacy.statistics else []), _summary(fit)]
    return Section("diagnostics", "Diagnostics", tuple(said), (), tuple(tables))


def _of_law(fit: Fitted) -> list[str]:
    found = fit.adequacy
    if not found.statistics:
        return []
    verdict = "The law fits the runs." if found.fits else "The law does not fit the runs:"
    return [verdict, *found.problems]


def _checks(fit: Fitted) -> Table:
    """Return what was looked at to judge whether the law fits."""
    rows = [
        [s.name, brief(s.observed), f"{brief(s.low)} to {brief(s.high)}", f"{s.p:.3f}"]
        for s in fit.adequacy.statistics
    ]
    columns = ["checked", "observed", "expected (99%)", "tail probability"]
    return Table(columns, rows, "The law: what a fit of a right law would show")


def _summary(fit: Fitted) -> Table:
    table = summarise_parameters(fit)
    columns = {
        "mean": "mean",
        "sd": "sd",
        "eti90_lb": "5%",
        "eti90_ub": "95%",
        "ess_bulk": "ESS bulk",
        "ess_tail": "ESS tail",
        "r_hat": "R-hat",
        "mcse_mean": "MCSE",
    }
    rows = [
        [str(row["quantity"]), *(brief(float(row[column])) for column in columns)]
        for row in records(table.rename_axis("quantity"))
    ]
    return Table(["quantity", *columns.values()], rows, "All quantities", folded=True)


def origin(fit: Fitted) -> Section:
    """Show the law's page, the runs, and the versions, seed and digests behind the fit."""
    runs = fit.runs
    rows = [[name, _one_line(value)] for name, value in provenance(fit).items()]
    tables = [Table(["item", "value"], rows, "Provenance", labels=2)]
    if runs.by:
        counted = [[name, f"{len(rows):,}"] for name, rows in by_group(runs.frame, runs.by)]
        tables.append(Table([" | ".join(runs.by), "runs"], counted, "Runs by group"))
    text = page(fit.law) or str(fit.law)
    return Section("origin", "Provenance", (repr(runs),), (), tuple(tables), text)


def _one_line(value: object) -> str:
    """Return a value as text: what JSON holds as pairs."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = value
    if isinstance(found, dict):
        return ", ".join(f"{name} {_one_line(held)}" for name, held in found.items())
    return str(value)
