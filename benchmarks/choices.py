"""Public recipes whose order at scale is known: small runs, and larger ones to be asked about.

Every source was given its law by its inputs, before any score was seen: `chinchilla` where size and
tokens vary, `learning_curve` where one input does, in its units: multiples of the largest fitted
input and of the mean response there.

Checkpoints of long runs are thinned as `gemstones` and `mixture_slimpajama` say; nothing else is.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
TWO = {"params": "N", "tokens": "D"}
SIZES = {"130m": 130e6, "300m": 300e6, "520m": 520e6, "1.2b": 1.2e9}


@dataclass(frozen=True, eq=False)
class Question:
    """Which recipes are better at a scale that was hidden.

    Attributes
    ----------
    source, name
        Where the runs come from, and what was cut or measured.
    law
        Of the book.
    fitted, asked
        Small and large runs: ``recipe``, the law's inputs and ``loss``; seeds are rows.
    """

    source: str
    name: str
    law: str
    fitted: pd.DataFrame
    asked: pd.DataFrame

    @property
    def inputs(self) -> list[str]:
        """Names of the law's inputs."""
        return [name for name in ("N", "D", "x") if name in self.fitted]

    def truths(self) -> Iterator[tuple[dict[str, float], pd.DataFrame]]:
        """Yield each point with two recipes or more: mean, runs and sd of each recipe there."""
        for at, rows in self.asked.groupby(self.inputs):
            found = rows.groupby("recipe").loss.agg(["mean", "size", "std"])
            if len(found) > 1:
                yield dict(zip(self.inputs, at, strict=True)), found


def two_inputs(source: str, name: str, fitted: pd.DataFrame, asked: pd.DataFrame) -> Question:
    """Ask in size and tokens."""
    columns = ["recipe", "N", "D", "loss"]
    parts = [table[columns].dropna().reset_index(drop=True) for table in (fitted, asked)]
    return Question(source, name, "chinchilla", *parts)


def one_input(source: str, name: str, fitted: pd.DataFrame, asked: pd.DataFrame) -> Question:
    """Ask in one input, in multiples of the largest fitted one and of the response there."""
    top = fitted.x.max()
    level = fitted.loss[fitted.x == top].mean()
    parts = [
        pd.DataFrame({"recipe": t.recipe, "x": t.x / top, "loss": t.loss / level}).dropna()
        for t in (fitted, asked)
    ]
    return Question(source, name, "learning_curve", *(p.reset_index(drop=True) for p in parts))


def datadecide() -> Iterator[Question]:
    """Fifteen corpora with three seeds: ranks at 1B parameters; 750M is off the trajectory."""
    table = pd.read_csv(DATA / "datadecide.csv").rename(
        columns={"params": "x", "nll_per_char": "loss"}
    )
    for label, top in {"150M": 1.5e8, "300M": 3e8, "530M": 5.3e8}.items():
        fitted = table[table.x <= top]
        yield one_input("datadecide", f"up to {label}", fitted, table[table.size_label == "1B"])


def optimizers() -> Iterator[Question]:
    """Eleven optimizers, each tuned: up to 300M asked at 520M, and up to 520M asked at 1.2B."""
    table = pd.read_csv(DATA / "optimizers.csv").rename(columns={"optimizer": "recipe"})
    table["N"] = table.size_label.map(SIZES)
    table["D"] = 20 * table.chinchilla_multiplier * table.N
    for top, asked in (("300m", "520m"), ("520m", "1.2b")):
        fitted = table[SIZES[top] >= table.N]
        yield two_inputs("optimizers", f"up to {top}", fitted, table[table.size_label == asked])


def dclm() -> Iterator[Question]:
    """Corpora at 7B and one token budget a parameter, from runs of 0.4B and 1.4B."""
    table = pd.read_csv(DATA / "dclm.csv").rename(columns={"dataset": "recipe"})
    table = table[(table.tokens / table.params).between(19.9, 20.1)]
    table["x"], table["loss"] = table.params, 1 - table.core
    asked = table[table.params > 6e9]
    fitted = table[table.params < 2e9]
    both = set(asked.recipe) & set(fitted.recipe[fitted.params > 1e9])
    fitted, asked = (t[t.recipe.isin(both)] for t in (fitted, asked))
    yield one_input("dclm", "core error at 7B", fitted, asked)


def loss_to_loss() -> Iterator[Question]:
    """Six corpora on three validation sets: up to 4e18 FLOP, asked at 1e21."""
    table = pd.read_csv(DATA / "loss_to_loss.csv").rename(columns=TWO)
    asked = table[table.split == "held_out"]
    asked = asked.assign(N=asked.N.median(), D=asked.D.median())  # alike to 1%
    fitted = table[table.flops_6nd <= 4e18]
    for name in ("loss_c4", "loss_slimpajama", "loss_fineweb_100b"):
        parts = (t.assign(loss=t[name]) for t in (fitted, asked))
        yield two_inputs("loss_to_loss", name, *parts)


def gemstones() -> Iterator[Question]:
    """Constant rate, half of it, and cooled down: up to 0.6B parameters, asked at 2B.

    Of checkpoints those nearest to multiples of 22B tokens, up to 88B, where all recipes have one.
    """
    table = pd.read_csv(DATA / "gemstones.csv").rename(columns=TWO)
    table = table[table.recipe != "cooldown_start"]
    nearest = (table.D / 22e9).round()
    table = table[nearest.between(1, 4) & ((table.D / (22e9 * nearest) - 1).abs() < 0.001)]
    table = table.assign(D=22e9 * (table.D / 22e9).round())
    yield two_inputs("gemstones", "at 2B", table[table.N < 6e8], table[table.N > 1.5e9])


def vision_models() -> Iterator[Question]:
    """Architectures by images seen, with seeds: up to 0.1M and 0.17M, asked at all of a set."""
    table = pd.read_csv(DATA / "vision_models.csv")
    flags = [name for name in table if name.startswith("is_")]
    table = table[~table[flags].any(axis=1)].rename(columns={"arch": "recipe", "n_samples": "x"})
    table = table.assign(loss=1 - table.accuracy)
    for name, top, most in (("imagenet", 1e5, 1_281_167), ("ecoset", 169_500, 1_444_911)):
        here = table[table.dataset == name]
        fitted = here[here.x <= top]
        fitted = fitted[fitted.x > 0]
        asked = here[(here.x == most) & here.recipe.isin(fitted.recipe)]
        yield one_input("vision_models", name, fitted, asked)


def overtraining() -> Iterator[Question]:
    """Three corpora on four validation sets: up to 0.4B parameters, asked at 1.4B and 7B."""
    table = pd.read_csv(DATA / "overtraining_models.csv")
    table = table.rename(columns=TWO | {"dataset": "recipe"})
    fitted, asked = (
        table[table.N < 6e8],
        table[(table.N > 1e9) & (table.chinchilla_multiplier == 1)],
    )
    for name in ("c4_val", "openlm", "paloma_redpajama", "paloma_falcon_refinedweb"):
        parts = (t.assign(loss=t[f"loss_{name}"]) for t in (fitted, asked))
        yield two_inputs("overtraining", name, *parts)


def mixture_slimpajama() -> Iterator[Question]:
    """Twenty mixtures of domains, mean loss over the seven: up to 310M, asked at 1.2B.

    Every second checkpoint is fitted, and the last one of the larger model asked about.
    """
    table = pd.read_csv(DATA / "mixture_slimpajama.csv").rename(
        columns={"model_size": "N", "n_tokens": "D"}
    )
    weights = [name for name in table if name.startswith("weight_")]
    losses = [f"{name.removeprefix('weight_')}_loss" for name in weights]
    mixture = table.groupby(weights).ngroup().astype(str)
    table = table.assign(recipe="mixture " + mixture, loss=table[losses].mean(axis=1))
    table["checkpoint"] = table.groupby(["recipe", "N"]).D.rank(method="dense")
    asked = table[table.N == 1.235e9]
    asked = asked[asked.D == asked.D.max()]
    small = table[(table.N <= 3.1e8) & table.recipe.isin(asked.recipe)]
    yield two_inputs("mixture_slimpajama", "at 1.2B", small[small.checkpoint % 2 == 0], asked)


SOURCES: dict[str, Callable[[], Iterator[Question]]] = {
    one.__name__: one
    for one in (
        datadecide,
        optimizers,
        dclm,
        loss_to_loss,
        gemstones,
        vision_models,
        overtraining,
        mixture_slimpajama,
    )
}
