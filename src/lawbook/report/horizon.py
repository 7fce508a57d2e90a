"""Where a report looks: the path of its odds, and the draws that it is made of."""

import math
from dataclasses import replace

import numpy as np

from lawbook.decisions.paths import FixedRatio, OneInput, Path, growth, scale_name
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.values import priced
from lawbook.posterior.fitted import Fitted

DRAWS = 1000  # of a process over the runs, which takes its time at each of them


def usual_path(fit: Fitted) -> Path:
    """Return the path that goes on as the runs do.

    Two inputs that cost something grow in the ratio that the runs have in the geometric mean;
    where it is one, or none, that input or the first grows alone. All others keep the runs'
    median.
    """
    law, inputs = fit.law, fit.runs.inputs
    growing = priced(law)[:2] or [law.input_names[0]]
    held = {n: float(np.median(values)) for n, values in inputs.items() if n not in growing}
    if len(growing) == 1:
        return OneInput(growing[0], **held)
    per, of = growing
    ratio = math.exp(float(np.mean(np.log(inputs[of] / inputs[per]))))
    return FixedRatio(of, per, float(f"{ratio:.3g}"), held)


def horizon(fit: Fitted, path: Path) -> float:
    """Return the scale where a report ends.

    That is 100 times the largest run's, or that itself where the one input that grows has an end
    or is a loss.
    """
    name = scale_name(fit.law, path)
    return growth(fit.law, name) * fit.runs.largest[name]


def thinned(fit: Fitted) -> Fitted:
    """Return a fit with so few draws that a report does not take minutes."""
    sizes = fit.posterior["posterior"].sizes
    step = sizes["chain"] * sizes["draw"] // DRAWS
    if not isinstance(fit.law.response.noise, Discrepancy) or step < 2:
        return fit
    return replace(fit, posterior=fit.posterior.isel(draw=slice(None, None, step)))
