"""What a model of neurons with identities tells: of whole recordings, of neurons not shown, of behaviour."""

from indl_vae.analysis.neurons.baselines import baselines
from indl_vae.analysis.neurons.by_identity import ByIdentity, by_identity, class_r2, identity_groups
from indl_vae.analysis.neurons.canonical import CanonicalCorrelations, canonical_correlations
from indl_vae.analysis.neurons.found import identity_vectors, latents_of, values_of
from indl_vae.analysis.neurons.hidden_values import hidden_values
from indl_vae.analysis.neurons.imputation import ImputationScores, hide, imputation_scores
from indl_vae.analysis.neurons.join import covering_starts, join_windows
from indl_vae.analysis.neurons.latent_use import active_units, kl_per_latent, latent_variance
from indl_vae.analysis.neurons.tuning import latent_traversal, observed_tuning, tuning
from indl_vae.analysis.neurons.whole_recording import WholeRecording, whole_recording, worm_arrays

__all__ = [
    "ByIdentity",
    "CanonicalCorrelations",
    "ImputationScores",
    "WholeRecording",
    "active_units",
    "baselines",
    "by_identity",
    "canonical_correlations",
    "class_r2",
    "covering_starts",
    "hidden_values",
    "hide",
    "identity_groups",
    "identity_vectors",
    "imputation_scores",
    "join_windows",
    "kl_per_latent",
    "latent_traversal",
    "latent_variance",
    "latents_of",
    "observed_tuning",
    "tuning",
    "values_of",
    "whole_recording",
    "worm_arrays",
]
