"""Dynamical systems reconstructed: experiments with their figures, and what a step costs."""
