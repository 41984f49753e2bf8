"""Experiments with models of neurons with identities: made worms with a known truth, and recordings."""
