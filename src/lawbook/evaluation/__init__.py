"""Does a law hold? Runs are hidden, forecast and scored; laws are weighed against each other.

Rule: it knows no decisions. What is hidden from a fit is hidden from everything that chooses.
"""
