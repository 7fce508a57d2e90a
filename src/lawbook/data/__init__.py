"""Tables of runs and points, checked when they are read: all faults are reported at once.

Rule: it knows laws, and no posterior. Nothing is dropped, scaled or guessed in silence.
"""
