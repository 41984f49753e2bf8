"""Runs that are killed and go on: what `benchmarks/exact_resume.py` is made of."""
