"""Population-based training: a population of runs that copy the better ones and vary their hyperparameters.

Reference: Jaderberg et al., "Population based training of neural networks" (2017); as AutoLFADS has it: Keshtkaran et
al., Nature Methods 19 (2022).
"""
