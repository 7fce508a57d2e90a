"""What a law and its runs say together: the draws, and their value anywhere.

Rule: it describes and chooses nothing. Functions take a `lawbook.posterior.fitted.Fitted`, the
record of a fit; the front door's `lawbook.Fit` is the same record with methods.
"""
