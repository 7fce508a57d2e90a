"""What was learned from public runs: the door to the constants of `lawbook.laws`.

`COVERAGE` and `COVERAGE_ALONE` say how often 90% intervals held new runs beyond the fitted ones,
with the usual model discrepancy and without one: by what the distance is in, then by distance.
"""

from lawbook.laws.public_tables import COVERAGE, COVERAGE_ALONE, Held

__all__ = ["COVERAGE", "COVERAGE_ALONE", "Held"]
