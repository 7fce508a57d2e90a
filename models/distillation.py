"""Distillation: a student's loss by its size, its tokens and the loss of its teacher.

    distillation   L_S = L_T + L_T**-c_0 (1 + (L_T / (d_1 L))**(1 / f_1))**(-c_1 f_1)
                               (A / N**alpha + B / D**beta)**gamma

N, D   parameters and tokens of the student
L      its loss when trained without a teacher, from distillation_supervised
L_T    the teacher's loss, through which alone it acts
L_S    the student's loss, nats per token, as are the others

The bracket with L_T switches from one power law to another where the teacher gets so good that
the student cannot follow. The symbols are the paper's with a prime. The likelihood is flat: sets
of values that differ by orders of magnitude fit alike.

Source: Busbridge et al. (2025), arXiv:2502.08606, eq. 8. Its values were not found.
"""

from lawbook import Derived, Input, Law, Namespace, Param
from lawbook.models.distillation_supervised import LOSS, D, N, shortage, term  # pyright: ignore
from lawbook.priors import LogNormal, Normal
from lawbook.terms import logistic, power, root, smooth_break


def distilled(xp: Namespace, N, D, L, L_T, *, A, B, alpha, beta, gamma, c_0, c_1, d_1, f_1):
    """Loss of the student."""
    follows = power(xp, L_T, -c_0) * xp.exp(-smooth_break(xp, L_T / L, c_1, d_1, f_1))
    return L_T + follows * shortage(xp, N, D, A=A, B=B, alpha=alpha, beta=beta, gamma=gamma)


def best_teacher(xp: Namespace, N, D, L, *, A, B, alpha, beta, gamma, c_0, c_1, d_1, f_1):
    """Loss of the teacher that is best for a student; better ones it cannot follow."""
    of_student = shortage(xp, N, D, A=A, B=B, alpha=alpha, beta=beta, gamma=gamma)

    def slope(log_L_T):
        """Return what a worse teacher costs, per e-fold, less what is followed better."""
        ratio = log_L_T - xp.log(L)
        switch = xp.exp(-smooth_break(xp, xp.exp(ratio), c_1, d_1, f_1))
        steepness = c_0 + c_1 * logistic(xp, (ratio - xp.log(d_1)) / f_1)
        return xp.exp(log_L_T) - of_student * xp.exp(-c_0 * log_L_T) * switch * steepness

    return xp.exp(root(xp, slope, xp.log(L) - 3.0, xp.log(L) + 3.0))


LAW = Law(
    name="distillation",
    domain="compression",
    formula=distilled,
    inputs=[
        N,
        D,
        Input("L", unit="nats/token", seen=(1.9, 2.9)),
        Input("L_T", unit="nats/token", seen=(1.9, 2.76)),
    ],
    response=LOSS,
    params=[
        term("A", 3.0, {"N": 1e9}, "alpha"),
        term("B", 3.0, {"D": 3e10}, "beta"),
        Param("alpha", LogNormal(median=0.4, log_sd=0.3)),
        Param("beta", LogNormal(median=0.45, log_sd=0.3)),
        Param("gamma", LogNormal(median=0.6, log_sd=0.3)),
        Param("c_0", Normal(mean=2.5, sd=0.5), pool="partial"),
        Param("c_1", LogNormal(median=500, log_sd=1.5)),
        Param("d_1", LogNormal(median=1.4, log_sd=0.2)),
        Param("f_1", LogNormal(median=0.1, log_sd=0.3)),
    ],
    derived=[Derived("best_teacher", best_teacher, unit="nats/token")],
)
