"""How far groups may spread a priori."""

SPREAD_SHARE = 0.5  # prior scale of the spread of groups, as a share of the prior's own sd
