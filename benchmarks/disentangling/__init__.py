"""Experiments that say how well models separate what stays from what moves: `python -m benchmarks.disentangling`."""
