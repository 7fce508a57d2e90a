"""Overshadowing: how often popular knowledge displaces rare knowledge in a model's answers.

    overshadowing_popularity   R(P) = alpha log(P / P_c)
    overshadowing_length       R(L) = beta log(L / L_c)
    overshadowing_size         R(S) = gamma log(S / S_c)
    overshadowing              logit R = eta + alpha log(P / 10) + beta log(L / 10)
                                         + gamma log(S / 1e9)                         (proposed)

P   samples of the popular fact for each of the rare one
L   length of what their prompts share, relative to what is the rare one's own
S   parameters
R   relative hallucination rate: rare prompts answered with the popular fact, over popular prompts
    answered with it

Logs are natural; the paper does not say. P_c, L_c and S_c are where R would be zero, far outside
the runs, so the priors sit on R inside them. The lines leave the range from 0 to 1; the logistic
form, which is proposed here, does not.

Source: Zhang et al. (2025), arXiv:2502.16143, which prints no values: those given are of the
lines of its figure 2, read off, for Llama-2 7B, Phi 2.8B and Pythia 160M, and for ten models.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import logistic


def by_popularity(xp: Namespace, P, *, alpha, P_c):
    """Rate by relative popularity."""
    return alpha * xp.log(P / P_c)


def by_length(xp: Namespace, L, *, beta, L_c):
    """Rate by relative length."""
    return beta * xp.log(L / L_c)


def by_size(xp: Namespace, S, *, gamma, S_c):
    """Rate by size."""
    return gamma * xp.log(S / S_c)


def joint(xp: Namespace, P, L, S, *, eta, alpha, beta, gamma):
    """Rate by all three, between 0 and 1."""
    of_prompt = alpha * xp.log(P / 10) + beta * xp.log(L / 10)
    return logistic(xp, eta + of_prompt + gamma * xp.log(S / 1e9))


def popularity_for(xp: Namespace, rate, *, alpha, P_c):
    """Relative popularity at which a rate is reached."""
    return P_c * xp.exp(rate / alpha)


def size_for(xp: Namespace, rate, *, gamma, S_c):
    """Parameters at which a rate is reached."""
    return S_c * xp.exp(rate / gamma)


P = Input("P", unit="ratio", seen=(2, 100))
L = Input("L", unit="ratio", seen=(2, 100))
S = Input("S", unit="parameters", seen=(1.6e8, 1.3e10))
RATE = Response("R", unit="share", noise=Normal("identity", LogNormal(0.03, 0.7)))


def slope(name: str) -> Param:
    """Prior of a slope per e-fold."""
    return Param(name, LogNormal(median=0.06, log_sd=0.5), pool="partial")


def zero(name: str, at: dict[str, float], exponent: str) -> Param:
    """Prior of a zero from that of the rate inside the runs, 0.35 give or take 0.15."""
    return Param(name, RatioSize(LogNormal(0.7, 0.15), at, exponent), pool="partial")


LAWS = (
    Law(
        name="overshadowing_popularity",
        domain="behaviour",
        formula=by_popularity,
        inputs=[P],
        response=RATE,
        params=[slope("alpha"), zero("P_c", {"P": 10}, "alpha")],
        published=[
            Estimate("zhang2025", alpha=0.060098, P_c=0.00401),
            Estimate("zhang2025", alpha=0.072275, P_c=0.0657),
            Estimate("zhang2025", alpha=0.0386, P_c=0.0154),
        ],
        derived=[Derived("popularity_for", popularity_for)],
    ),
    Law(
        name="overshadowing_length",
        domain="behaviour",
        formula=by_length,
        inputs=[L],
        response=RATE,
        params=[slope("beta"), zero("L_c", {"L": 10}, "beta")],
        published=[
            Estimate("zhang2025", beta=0.074925, L_c=0.0137),
            Estimate("zhang2025", beta=0.0496, L_c=0.00791),
            Estimate("zhang2025", beta=0.0307, L_c=0.00198),
        ],
    ),
    Law(
        name="overshadowing_size",
        domain="behaviour",
        formula=by_size,
        inputs=[S],
        response=RATE,
        params=[slope("gamma"), zero("S_c", {"S": 1e9}, "gamma")],
        published=[Estimate("zhang2025", gamma=0.050260, S_c=3.6294e6)],
        derived=[Derived("size_for", size_for, unit="parameters")],
    ),
    Law(
        name="overshadowing",
        domain="behaviour",
        status="proposed",
        formula=joint,
        inputs=[P, L, S],
        response=Response("R", unit="share", noise=StudentT("logit", LogNormal(0.1, 0.7))),
        params=[
            Param("eta", NormalPrior(mean=-0.6, sd=0.8), pool="partial"),
            Param("alpha", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
            Param("beta", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
            Param("gamma", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
        ],
    ),
)
