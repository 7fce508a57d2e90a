"""Tables become matplotlib figures.

Rule: nothing is computed here that a table could hold, and no result class is known: what is drawn
comes as a law, names, numbers and data frames.
"""
