"""Over-training, error: the error on tasks that follows from a model's loss.

    overtraining_error    Err(L) = epsilon - k exp(-gamma L)

L       validation cross-entropy, nats per token
Err     mean top-1 error over a fixed set of tasks, fraction

epsilon is the error of guessing on the tasks at hand; k and gamma are told apart by runs far apart
in loss. Errors of tasks above chance only: of the others the law knows nothing. Join it to
overtraining_loss with `lawbook.Chain`.

Source: Gadre et al. (2024), arXiv:2403.08540, and its released fitting code, refitted to the
losses on C4 and the errors on 17 tasks of models trained on C4, RedPajama and RefinedWeb.
"""

from lawbook import Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogitNormal, LogNormal


def error(xp: Namespace, L, *, epsilon, k, gamma):
    """Fall from guessing, at high losses, exponentially in the loss."""
    return epsilon - k * xp.exp(-gamma * L)


LAW = Law(
    name="overtraining_error",
    domain="pre-training",
    formula=error,
    inputs=[Input("L", unit="nats/token", seen=(2.38, 6.1))],
    response=Response("error", unit="fraction", noise=Normal(on="identity")),
    params=[
        Param("epsilon", LogitNormal(median=0.83, logit_sd=0.3), pool="partial"),
        Param("k", LogNormal(median=2.0, log_sd=0.4), pool="partial"),
        Param("gamma", LogNormal(median=0.75, log_sd=0.25)),
    ],
    published=[
        Estimate("gadre2024", "C4", epsilon=0.849742, k=2.07891, gamma=0.756121),
        Estimate("gadre2024", "RedPajama", epsilon=0.856992, k=2.20649, gamma=0.714591),
        Estimate("gadre2024", "RefinedWeb", epsilon=0.865280, k=2.21481, gamma=0.707049),
    ],
)
