"""Run tables that ship with the package, and readers of public ones."""
