"""AutoLFADS: LFADS with coordinated dropout, sample validation and population-based training.

Reference: Keshtkaran et al., Nature Methods 19 (2022).
"""
