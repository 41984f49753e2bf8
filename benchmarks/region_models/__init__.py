"""Experiments with models of several regions: simulations with a known truth, and recordings."""
