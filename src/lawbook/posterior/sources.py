"""What informs a fit: estimates, earlier fits and other tables as sources of its population."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.door import runs_of
from lawbook.data.groups import row_digests
from lawbook.data.reading import is_table
from lawbook.data.runs import Runs
from lawbook.errors import FitError, LawError, argument, given, listed
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.estimates import Estimate
from lawbook.laws.law import Law
from lawbook.laws.signatures import with_called, written
from lawbook.laws.sources import Source, as_text, carried, of_estimate, on_link
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.saving import load_fitted
from lawbook.posterior.told_by_runs import likelihood_of

type Informant = str | os.PathLike[str] | Estimate | Fitted | Runs | pd.DataFrame


def with_tables_read(
    informed_by: Informant | Sequence[Informant],
    law: Law,
    runs: Any,
    by: str | Sequence[str],
    columns: Mapping[str, str] | None,
) -> list[Any]:
    """Return what informs a fit, with tables read as the one that is fitted.

    Parameters
    ----------
    informed_by
        As for `sources_of`; its tables may be paths or data frames.
    law
        As it is declared.
    runs
        That are fitted, as they were given.
    by, columns
        As they were given with these.

    Raises
    ------
    FitError
        If the one is a table and the other runs that are already read.
    RunsError
        If a table does not fit the law.
    """
    found: list[Any] = []
    for one in _each(informed_by):
        if isinstance(one, Runs):
            found.append(runs_of(law, one, (), None))
        elif not is_table(one) or (isinstance(one, str) and one in law.sources):
            found.append(one)
        elif isinstance(runs, Runs):
            name = str(one) if isinstance(one, str | os.PathLike) else "data frame"
            raise FitError(
                f"{given('informed_by')}: {name} is a table, while the runs that are fitted are "
                "already read; expected runs that are read, for nobody says what their columns "
                "are; read it with lawbook.read_runs, and give its runs"
            )
        else:
            found.append(runs_of(law, one, by, columns))
    return found


def _each(informed_by: Informant | Sequence[Informant]) -> Sequence[Any]:
    """Return informants as a sequence, of which text is none."""
    if isinstance(informed_by, Sequence) and not isinstance(informed_by, str | pd.DataFrame):
        return informed_by
    return [informed_by]


def sources_of(
    informed_by: Informant | Sequence[Informant],
    law: Law,
    runs: Runs,
    pool: str | Mapping[str, Any] | None,
    fit_of: Callable[[Runs], Fitted],
) -> tuple[Source, ...]:
    """Return what informs the fit of a law to runs.

    Parameters
    ----------
    informed_by
        Names of the law's published values, `Estimate`, fits, paths of saved ones, or `Runs`.
    law
        As it is fitted.
    runs
        That it is fitted to.
    pool
        Pooling that was asked for in place of the law's own.
    fit_of
        Fits the law to other runs, as an earlier fit would have been.

    Raises
    ------
    FitError
        If a source is none, does not go with the law, is given twice, or was made from the same
        runs, or if the pooling leaves nothing that it could tell.
    """
    found: list[Source] = []
    tables: dict[str, Runs] = {}  # fitted once all that can be refused before is known to be good
    for one in _each(informed_by):
        if isinstance(one, Runs):
            found.append(_announced(one, law))
            tables[found[-1].identity] = one
        else:
            found += _read(one, law)
    _check_twice(found, runs)
    _check_pooling(found, law, runs, pool)
    told: list[Source] = []
    for source in found:
        table = tables.get(source.identity)
        told += [source] if table is None else _of_fit(fit_of(table), source.name, law)
    return tuple(told)


def _announced(runs: Runs, law: Law) -> Source:
    """Return what is known of the source that runs will be once they are fitted."""
    name = f"fit of {runs.source}"
    _check_columns(name, runs)
    return Source(name, f"runs {runs.sha256}", law.param_names, (), (), (), (), row_digests(runs))


def _read(one: Any, law: Law) -> list[Source]:
    if isinstance(one, Fitted):
        return _of_fit(one, f"fit of {one.runs.source}", law)
    if isinstance(one, Estimate):
        return [of_estimate(law, one, f"{one.key} {one.label}".strip())]
    if not isinstance(one, str | os.PathLike):
        raise FitError(
            f"{given('informed_by')}: it has a {type(one).__name__}; expected names of published "
            "values, estimates, fits or paths of saved ones, or runs; give one of these"
        )
    path = Path(one)
    if str(one) in law.sources or not (path.suffix or path.exists()):
        try:
            return [of_estimate(law, law.estimate(str(one)), str(one))]
        except LawError as error:
            if isinstance(error, FitError):
                raise
            raise FitError(
                f"{given('informed_by', str(one))}: it is neither a file nor the name of published "
                f"values of law {law.name!r}; expected one of {listed(law.sources)}, or the path "
                "of a saved fit or of a table; correct it"
            ) from None
    return _of_fit(load_fitted(path, law if _is_own(law) else None), str(one), law)


def _is_own(law: Law) -> bool:
    """Whether a law is none of the book's, so that a saved fit of it needs to be given it."""
    from lawbook.laws.catalogue import all_laws

    return all(known.name != law.name for known in all_laws())


def _of_fit(fit: Fitted, name: str, law: Law) -> list[Source]:
    """Return an earlier fit as a source, and those that informed it."""
    culprit = f"{given('informed_by')}: {name}"
    if not _same_formula(fit.law, law):
        raise FitError(
            f"{culprit} is of law {fit.law.name!r}; expected a fit of {law.name!r}, with the same "
            "formula and response; fit that law to its runs"
        )
    _check_columns(name, fit.runs)
    if fit.origin.projected_from or not fit.diagnostics.trusted:
        why, repair = (
            ("a projection", "give the fit that was projected")
            if fit.origin.projected_from
            else ("not to be trusted", "fit its runs by themselves with more draws, and give that")
        )
        raise FitError(
            f"{culprit} is {why}; expected a fit whose draws can be trusted, for they are taken "
            f"for what its runs say; {repair}"
        )
    own = Source(name, f"runs {fit.runs.sha256}", *likelihood_of(fit), row_digests(fit.runs))
    found = []
    for source in (own, *fit.origin.informed_by):
        known = _without(source, fit.law, _unknown(fit.law, law))
        if known.params:
            found.append(carried(known, fit.law, law))
    return found


def _check_columns(name: str, runs: Runs) -> None:
    if len(runs.by) > 1:
        raise FitError(
            f"{given('informed_by')}: {name} is grouped by {listed(runs.by)}; expected one "
            "grouping column or none, for its groups become those of one population; fit it with "
            f"{argument('by')} one of them"
        )


def _same_formula(first: Law, second: Law) -> bool:
    def said(law: Law) -> tuple:
        code = "".join(map(written, with_called(law.formula)))
        return code, law.input_names, law.response.name, law.response.unit

    return said(first) == said(second)


def _unknown(before: Law, law: Law) -> list[str]:
    """Return parameters of the noise that the two laws do not have in common."""
    noises = before.response.noise, law.response.noise
    alike = type(noises[0]) is type(noises[1]) and noises[0].on == noises[1].on
    if alike and isinstance(noises[0], Discrepancy) and isinstance(noises[1], Discrepancy):
        alike = (noises[0].kernel, noises[0].over) == (noises[1].kernel, noises[1].over)
    there = {p.name for p in law.noise_params} if alike else set()
    return [p.name for p in before.noise_params if p.name not in there]


def _without(source: Source, law: Law, params: Sequence[str]) -> Source:
    """Return a source without some parameters, which are integrated out under their priors."""
    out = np.array([name in params for name in source.params])
    if not out.any():
        return source
    at, slope, precision = (np.array(x) for x in (source.at, source.slope, source.precision))
    priors = [
        on_link(law.param(name).prior_of_pooled)
        for name, gone in zip(source.params, out, strict=True)
        if gone
    ]
    mean, sd = np.array(priors).T
    inside = precision[np.ix_(out, out)] + np.diag(sd**-2.0)
    pull, across = slope[out] + (mean - at[out]) / sd**2, precision[np.ix_(~out, out)]
    kept = np.flatnonzero(~out)
    return Source(
        source.name,
        source.identity,
        tuple(source.params[i] for i in kept),
        tuple(source.groups[i] for i in kept),
        as_text(at[~out]),
        as_text(slope[~out] - across @ np.linalg.solve(inside, pull)),
        as_text(precision[np.ix_(~out, ~out)] - across @ np.linalg.solve(inside, across.T)),
        source.runs,
    )


def _check_twice(found: Sequence[Source], runs: Runs) -> None:
    """Refuse evidence that would count twice."""
    seen: dict[str, str] = {}
    owners = dict.fromkeys(row_digests(runs), "the runs that are fitted")
    for source in found:
        if source.identity in seen:
            same = seen[source.identity]
            also = "twice" if same == source.name else f"as {same} and as {source.name}"
            raise FitError(
                f"{given('informed_by')}: {source.name} is given {also}; expected each source "
                "once, itself or inside an earlier fit that it informed, for evidence counts once; "
                "leave one out"
            )
        seen[source.identity] = source.name
        shared = [digest for digest in dict.fromkeys(source.runs) if digest in owners]
        if shared:
            raise FitError(
                f"{given('informed_by')}: {len(shared):,} of the {len(source.runs):,} runs of "
                f"{source.name} are also among {owners[shared[0]]}; expected runs that are "
                "nowhere else, for evidence counts once; leave them out on one side"
            )
        owners |= dict.fromkeys(source.runs, f"those of {source.name}")


def _check_pooling(
    found: Sequence[Source], law: Law, runs: Runs, pool: str | Mapping[str, Any] | None
) -> None:
    """Refuse a pooling that leaves nothing to tell, or that says more than was asked for."""
    known = [p for p in law.params if any(p.name in source.known for source in found)]
    if explained := [p.name for p in known if p.explained_by]:
        raise FitError(
            f"{given('informed_by')}: {listed(explained)} of law {law.name!r} are explained by "
            "columns of the runs, which sources do not have; expected parameters that are not "
            f"explained; leave them out of {argument('explained_by')}"
        )
    asked = law.param_names if isinstance(pool, str) else tuple(pool or ())
    modes = {p.name: {p.pooling(column) for column in runs.by} for p in known}
    same = [n for n, mode in modes.items() if mode == {"full"} and n not in asked]
    if same:
        one_each = argument("pool", dict.fromkeys(same, "partial"))
        raise FitError(
            f"{given('informed_by')}: {listed(same)} of law {law.name!r} have one value for all "
            "groups (full pooling), and a source would need the very same; expected partial "
            f"pooling, in which a source is one more group of the population; give {one_each}, or "
            f"{argument('pool', 'full')} if it is the same for certain"
        )
    if found and all(mode == {"none"} for mode in modes.values()):
        raise FitError(
            f"{given('informed_by')}: without pooling, groups of law {law.name!r} learn nothing "
            "from one another, nor from a source; expected partial pooling of some of "
            f"{listed(modes)}; give {argument('pool', 'partial')}"
        )
