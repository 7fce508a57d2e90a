"""Capacity gap (capacity_gap): the best teacher for a student grows in proportion to it.

    T* = max(r S + c, S)

S     student size, in millions of parameters
T*    size of the teacher that distils best, likewise

A larger teacher than T* makes a worse student, and one smaller than the student is none; that holds
below 10 million parameters only. The intercept means something below a few hundred millions only.
T* is the best of a few sizes that were tried, so it is known to a factor, as its noise is.

Source: Zhang et al. (2023), arXiv:2311.07052, with R**2 of 0.9957; rounded to T* = 2.5 S.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal


def best_teacher(xp: Namespace, S, *, r, c):
    """Size of the teacher that distils best."""
    return xp.maximum(r * S + c, S)


def best_student(xp: Namespace, T, *, r, c):
    """Student size for which a teacher is the best one, in millions of parameters."""
    return (T - c) / r


LAW = Law(
    name="capacity_gap",
    domain="compression",
    formula=best_teacher,
    inputs=[Input("S", unit="million parameters", seen=(50, 3000))],
    response=Response("T", "million parameters", StudentT("log", LogNormal(0.1, 0.8))),
    params=[
        Param("r", LogNormal(median=2.5, log_sd=0.3), pool="partial"),
        Param("c", Normal(mean=0.0, sd=25.0), unit="million parameters"),
    ],
    published=[Estimate("zhang2023", r=2.498, c=-11.498)],
    derived=[Derived("best_student", best_student, unit="million parameters")],
)
