"""One question of choice a file: which recipe, from which scale on, which budget, which run next.

Rule: a decision asks a `Fitted` and answers with a table, its draws and a sentence. It knows no
backtest and no report.
"""
