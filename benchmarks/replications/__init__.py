"""Published laws on public tables, one file a law; `benchmarks/replicate.py` runs them."""
