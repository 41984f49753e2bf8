"""Baselines that see the same split as the model: means, condition averages, smoothing with Poisson regression."""

from __future__ import annotations

from indl_vae.analysis.baselines.psth import ConditionPSTH
from indl_vae.analysis.baselines.smoothing_glm import SmoothingGLM
from indl_vae.analysis.baselines.train_mean import TrainMean
from indl_vae.registry import Registry

#: Classes with `applies(train, target)`, `fit(train, held_out)` and `predict(split)`; their names are evaluate's keys.
BASELINES = Registry("baseline")
BASELINES.register("train_mean")(TrainMean)
BASELINES.register("psth")(ConditionPSTH)
BASELINES.register("smoothing_glm")(SmoothingGLM)

__all__ = ["BASELINES", "ConditionPSTH", "SmoothingGLM", "TrainMean"]
