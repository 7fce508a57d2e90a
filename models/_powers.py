"""Power laws of one input that only rise or fall: what several rules of thumb share."""

from lawbook import Estimate, Input, Law, Param, Response, StudentT
from lawbook.laws.signatures import Formula
from lawbook.priors import LogNormal, Normal, TermSize


def rule(
    name: str, formula: Formula, x: Input, response: tuple[str, str], *, level, slope, published
) -> Law:
    """Return the law ``y = c x**b``: its usual level in mid-range, its slope, and an estimate."""
    middle = float(f"{x.spread(0.5):.1g}")
    return Law(
        name=name,
        domain="optimisation",
        formula=formula,
        inputs=[x],
        response=Response(*response, StudentT("log", LogNormal(0.15, 0.6))),
        params=[
            Param("c", TermSize(LogNormal(level, 0.7), {x.name: middle}, growth="b"), "partial"),
            Param("b", Normal(mean=slope, sd=0.1)),
        ],
        published=[Estimate(**published, recalled=True)],
    )
