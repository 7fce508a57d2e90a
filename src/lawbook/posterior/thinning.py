"""Fewer draws, evenly spaced, for what would take too long with all of them."""

from dataclasses import replace

from lawbook.posterior.fitted import Fitted


def thinned[AFit: Fitted](fit: AFit, draws: int) -> AFit:
    """Return a fit with at most so many draws over all chains; itself where it has no more.

    Parameters
    ----------
    fit
        A fitted law.
    draws
        At least one a chain is kept.
    """
    sizes = fit.posterior["posterior"].sizes
    step = -(-sizes["chain"] * sizes["draw"] // draws)
    if step < 2:
        return fit
    return replace(fit, posterior=fit.posterior.isel(draw=slice(None, None, step)))


def step_to(draws: int, of: int) -> int:
    """Return the step that leaves about so many of all draws, and no fewer where there are more."""
    return max(1, of // draws)
