"""Tables of runs and points, checked at the door: everything found wrong is said at once.

Rule: it knows laws, and no posterior. Nothing is dropped, scaled or guessed in silence.
"""
