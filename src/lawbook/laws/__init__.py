"""What a law says: its formula, the meaning of its symbols, their priors, its noise.

Rule: NumPy at most. A law knows no runs, no PyMC and no posterior; whatever else the house wants to
know of a law or a noise, it asks the law or the noise.
"""
