"""What the variables of a model are called: the one place that spells it.

A                 the parameter, as in the paper
A_size            what is pooled in place of A, where the prior is on a term's size
A_size_population the centre of its groups
A_size_spread_k   the sd of groups around it on the link scale, per grouping column k
A_size_offset_k   groups as offsets from the centre, in units of the spread (non-centred)
A_size_level_k    groups themselves (centred)
A_size_effect     what explains the groups: a coefficient per number, an effect per label
"""

from lawbook.data.groups import dim_of
from lawbook.laws.symbols import Param

POPULATION, SPREAD, OFFSET, LEVEL = "_population", "_spread_", "_offset_", "_level_"
SIZE, EFFECT = "_size", "_effect"
NOISE, NOISE_RATIO = "log_noise", "log_noise_ratio"  # of `lawbook.model.two_noises`
SHARED_MODES = "shared_modes"  # of the process that groups share, in units of its amplitude
SHARED_EVEN = "shared_even"  # from which the sampler moves to these


def pooled(param: Param) -> str:
    """Return the name of what is pooled: the parameter itself, or that from which it follows."""
    return param.name if param.prior is param.prior_of_pooled else f"{param.name}{SIZE}"


def parameter(variable: str) -> str:
    """Return the parameter that a pooled variable belongs to: the inverse of `pooled`."""
    return variable.removesuffix(SIZE)


def population(variable: str) -> str:
    """Return the name of the centre of a variable's groups."""
    return f"{variable}{POPULATION}"


def spread(variable: str, column: str) -> str:
    """Return the name of the sd of groups over a grouping column."""
    return f"{variable}{SPREAD}{dim_of(column)}"


def offset(variable: str, column: str) -> str:
    """Return the name of the offsets of groups from the centre."""
    return f"{variable}{OFFSET}{dim_of(column)}"


def level(variable: str, column: str) -> str:
    """Return the name of groups that are sampled themselves."""
    return f"{variable}{LEVEL}{dim_of(column)}"


def effect(variable: str) -> str:
    """Return the name of the coefficients of what explains a variable's groups."""
    return f"{variable}{EFFECT}"


def is_spread(variable: str) -> bool:
    """Return whether a variable is a spread of groups."""
    return SPREAD in variable


def is_offset(variable: str) -> bool:
    """Return whether a variable holds offsets."""
    return OFFSET in variable


def spread_of(offset: str) -> str:
    """Return the spread that offsets are in units of."""
    return offset.replace(OFFSET, SPREAD)


def root(variable: str) -> str:
    """Return what a population, a spread or an effect belongs to, else the variable itself."""
    return variable.split(SPREAD)[0].removesuffix(POPULATION).removesuffix(EFFECT)


def is_inner(variable: str) -> bool:
    """Return whether a variable is the sampler's alone: groups stand under the own name."""
    return OFFSET in variable or LEVEL in variable or variable in (SHARED_EVEN, NOISE, NOISE_RATIO)


INNER = (offset, level)
