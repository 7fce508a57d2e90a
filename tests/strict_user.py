# pyright: strict
"""What a user writes, under the strictest rules of the type checker; never run."""

from typing import Any

import lawbook
from lawbook import (
    Derived,
    Estimate,
    Input,
    Law,
    Namespace,
    Param,
    Response,
    Result,
    StudentT,
)
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, N: Any, *, E: Any, A: Any, alpha: Any) -> Any:
    return E + A * power(xp, N, -alpha)


def size_for(xp: Namespace, loss: Any, *, E: Any, A: Any, alpha: Any) -> Any:
    return power(xp, (loss - E) / A, -1 / alpha)


def keep(result: Result) -> None:
    result.export("result.csv")
    print(result.headline, result.provenance)


law = Law(
    name="mine",
    formula=loss,
    inputs=[Input("N", "parameters", seen=(1e6, 1e9))],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(1.8, 0.3), pool="partial"),
        Param("A", TermSize(LogNormal(0.4, 0.5), at={"N": 1e8}, decay="alpha")),
        Param("alpha", LogNormal(0.35, 0.25)),
    ],
    published=[Estimate("hoffmann2022", E=1.8, A=400.0, alpha=0.3)],
    derived=[Derived("size_for", size_for, unit="parameters")],
)
law = law.with_pooling("partial").with_priors(alpha=LogNormal(0.4, 0.1))
runs = lawbook.simulate(law, n=40, groups=["gru", "lstm"], seed=1)
print(lawbook.check(law, runs).table)
fit = lawbook.fit(law, runs, by="recipe", discrepancy=lawbook.Discrepancy(), progress=True)
prediction = fit.predict({"N": 1e10}, prob=0.9, kind="run")
keep(prediction)
print(prediction.table, prediction.draws)
comparison = fit.compare(along=lawbook.OneInput("N"), reference="gru")
crossing = fit.crossover("gru", "lstm", along=lawbook.OneInput("N"))
quantity = fit.derive("size_for", loss=2.0)
plan = fit.plan(target={"N": 1e11}, n=2)
alone = fit.project()
print(alone.identified(), alone.summary(), fit.allocate(1e24), fit.report("page.html"))
fit.save("fit.nc")
again = lawbook.load("fit.nc", law)
print(again.diagnostics.trusted, again.model, again.law.version)
backtest = lawbook.backtest(law, runs)
found = lawbook.compare_laws([fit, again])
average = lawbook.average([fit, again], [0.5, 0.5])
together = lawbook.fit(["chinchilla", law], runs, by="recipe", seed=1)
usual = lawbook.fit("auto", runs, discrepancy="none")
print(together.weights, together.fits["mine"].summary(), usual.table, usual.doubts)
keep(together.predict({"N": 1e10, "D": 1e11}))
print(usual.compare({"N": 1e10}).law.name, usual.allocate(1e24).law, together.trusted)
usual.save("fits.nc")
print(lawbook.load_together("fits.nc", [law]).fits["mine"].identified())
print(
    backtest,
    found,
    average.fits["mine"].summary(),
    average,
    lawbook.cite(law, "hoffmann2022"),
    lawbook.find("loss")[0],
)
