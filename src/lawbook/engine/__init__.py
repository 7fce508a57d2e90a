"""From a PyMC model to draws: this package knows no laws."""
