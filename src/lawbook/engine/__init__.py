"""From a PyMC model to judged draws.

Rule: the engine knows `pymc.Model` and nothing of laws, runs or results. Data are arguments of what
it compiles, so that one program serves every table of the same shape.
"""
