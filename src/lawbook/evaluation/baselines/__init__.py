"""What is in use today: point fits by optimisation, with bootstrap bands.

Each takes the fitted points and the inputs to predict at, and returns the median forecast, or
predictive draws if asked for: ``m4(x, y, at)``, ``m4(x, y, at, rng, draws=200)``. They are here
to be compared with, side by side, and share nothing with `lawbook.fit`.
"""

from lawbook.evaluation.baselines.breaks import broken
from lawbook.evaluation.baselines.learning_curves import m1, m2, m3, m4
from lawbook.evaluation.baselines.robust import huber

__all__ = ["CURVES", "broken", "huber", "m1", "m2", "m3", "m4"]

# those for curves of one input, by the names under which a backtest lists them
CURVES = {"m1": m1, "m2": m2, "m3": m3, "m4": m4, "broken": broken}
