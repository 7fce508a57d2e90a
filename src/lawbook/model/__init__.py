"""A law and its runs become one `pymc.Model`.

Rule: it knows laws and data, and nothing of how draws are made or what is done with them.
"""
