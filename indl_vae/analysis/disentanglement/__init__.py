"""How well a static latent f and a dynamic latent z keep apart what they are to hold: probes, swaps, resampling."""

from indl_vae.analysis.disentanglement.classifier_judge import ClassifierJudge
from indl_vae.analysis.disentanglement.equal_error_rate import equal_error_rate
from indl_vae.analysis.disentanglement.judge import Judge
from indl_vae.analysis.disentanglement.linear_probe import chance_level, linear_probe
from indl_vae.analysis.disentanglement.prior_resampling import PriorResampling, prior_resampling_test
from indl_vae.analysis.disentanglement.probe_table import CodeSet, Leakage, ProbeTable, leakage, probe_table
from indl_vae.analysis.disentanglement.swap_test import SwapScores, swap_test
from indl_vae.analysis.disentanglement.template_judge import TemplateJudge

__all__ = [
    "ClassifierJudge",
    "CodeSet",
    "Judge",
    "Leakage",
    "PriorResampling",
    "ProbeTable",
    "SwapScores",
    "TemplateJudge",
    "chance_level",
    "equal_error_rate",
    "leakage",
    "linear_probe",
    "prior_resampling_test",
    "probe_table",
    "swap_test",
]
