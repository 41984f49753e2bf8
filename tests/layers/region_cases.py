"""The layers of several regions, for the contract tests."""

from __future__ import annotations

from indl_vae import layers
from indl_vae.distributions.likelihoods import GaussianLikelihood
from tests.layers.case import B, Case, N, T, float32, seeded, trained, unseeded, unseeded32

X = {"x": (B, T, N)}
LATENTS = {"x": (B, T, 4), "ext_input": (B, T, 2)}
POSTERIOR = {"loc": (B, T, 4), "scale": (B, T, 4)}


def _switching(kind=None, n_states=2, input_dim=2, triangular=False, correction_dim=0, dropout=0.0, noise=0.1):
    """Makes a system of two regions with two latents each, or a layer that takes one."""

    def make(seed=1, dtype=None, **kwargs):
        system = layers.SwitchingDynamics(
            layers.RegionDynamics(
                2,
                2,
                n_states,
                input_dim,
                (5,),
                ("tanh", None),
                correction_dim=correction_dim,
                dropout=dropout,
                seed=seed,
            ),
            layers.DiscreteTransition(n_states, 4, input_dim, units=6, seed=seed),
            layers.SwitchingStart(n_states, 4, triangular, seed=seed),
            triangular,
            noise,
            **({} if kind else kwargs),
        )
        return kind(system, seed=seed, **kwargs) if kind else system

    return make


def _unseeded_kind(cls, **options):
    return lambda system, seed=1, **kwargs: cls(system, **options, **kwargs)


def _overshoot_loss(seed=1, dtype=None, **kwargs):
    return layers.OvershootLoss(GaussianLikelihood(4, "per_bin"), (0.7, 0.3), **kwargs)


def _gain(system, seed=1, **kwargs):
    return layers.RolledPosterior(system, "gain", seed=seed, **kwargs)


def _path_cost(layer, *, training=False, x, loc, scale, ext_input, steps):
    return layer(x, loc, scale, ext_input, steps, training=training)


def _rolled(layer, *, training=False, loc, scale, ext_input=None, steps=None, state_logits=None):
    return layer(loc, scale, ext_input, steps, state_logits, training=training)


REGION_CASES: dict[str, Case] = {
    "DiscreteTransition": Case(float32(layers.DiscreteTransition, n_states=3, dim=4, input_dim=2, units=5), LATENTS),
    "NoiseScale": Case(unseeded32(layers.NoiseScale, dim=4), {"x": (B, T, 4)}),
    "NoiseScale full": Case(unseeded32(layers.NoiseScale, dim=4, triangular=True), {"x": (B, T, 4)}),
    "MessageSize": Case(
        _switching(_unseeded_kind(layers.MessageSize)),
        {"x": (B, T, 4), "state_probs": (B, T, 2), "ext_input": (B, T, 2), "steps": (B, T)},
        elsewhere=("discrete_transition", "switching_start", "process_noise", "start_noise", "from_inputs"),
    ),
    "OvershootLoss": Case(
        _overshoot_loss,
        {"raw": (2 * B, T, 2 * N), "x": (B, T, N), "counted": (B, T, N), "visible": (B, T, N)},
    ),
    "Overshooting": Case(
        _switching(_unseeded_kind(layers.Overshooting, weights=(0.7, 0.3))),
        {"x": (B, T, 4), "state_probs": (B, T, 2), "ext_input": (B, T, 2), "steps": (B, T)},
        elsewhere=("discrete_transition", "switching_start", "start_noise"),
    ),
    "PairNetworks": Case(
        seeded(
            layers.PairNetworks,
            n_targets=3,
            n_sources=3,
            in_dim=2,
            out_dim=3,
            units=[5],
            activations=["tanh", None],
            n_states=2,
            state_as_input=True,
            context_dim=2,
            cross="linear",
        ),
        {"sources": (B, 3, 2), "context": (B, 3, 2)},
    ),
    "PathKL": Case(
        _switching(_unseeded_kind(layers.PathKL)),
        {"x": (B, T, 4), **POSTERIOR, "ext_input": (B, T, 2), "steps": (B, T)},
        _path_cost,
    ),
    "Positions": Case(unseeded(layers.Positions), X),
    "PotentialsPosterior": Case(
        _switching(layers.PotentialsPosterior, noise=1.0),
        {"loc": (B, T, 4), "scale": (B, T, 4), "ext_input": (B, T, 2), "steps": (B, T)},
        trained,
        random=True,
    ),
    "PredictedPath": Case(
        _switching(_unseeded_kind(layers.PredictedPath)),
        {"x": (B, T, 4), "state_probs": (B, T, 2), "ext_input": (B, T, 2)},
        elsewhere=("discrete_transition", "switching_start", "switching_dynamics", "process_noise", "start_noise"),
    ),
    "RegionDynamics": Case(float32(layers.RegionDynamics, n_regions=2, dim=2, n_states=3, input_dim=2), LATENTS),
    "RegionDynamics conditional": Case(
        float32(
            layers.RegionDynamics,
            n_regions=2,
            dim=2,
            n_states=3,
            input_dim=2,
            communication="conditional",
            state_as_input=True,
            input_networks="together",
            input_units=[5],
            input_activations=["tanh", None],
            conditional_inputs=True,
            residual=True,
        ),
        LATENTS,
    ),
    "RegionDynamics corrected": Case(
        float32(layers.RegionDynamics, n_regions=2, dim=2, correction_dim=2, communication="additive-nonlinear"),
        {"x": (B, T, 4), "loc": (B, T, 4)},
        lambda layer, *, training=False, x, loc: layer(x, None, loc),
    ),
    "RolledPosterior": Case(
        _switching(layers.RolledPosterior, dropout=0.3), {**POSTERIOR, "ext_input": (B, T, 2)}, _rolled, random=True
    ),
    "RolledPosterior gain": Case(
        _switching(_gain, correction_dim=2), {**POSTERIOR, "ext_input": (B, T, 2)}, _rolled, random=True
    ),
    "RolledPosterior given": Case(
        _switching(layers.RolledPosterior, triangular=True, correction_dim=2),
        {"loc": (B, T, 4), "scale": (B, T, 4), "ext_input": (B, T, 2), "steps": (B, T), "state_logits": (B, T, 2)},
        _rolled,
        random=True,
    ),
    "RolledPosterior alone": Case(
        _switching(layers.RolledPosterior, n_states=1, input_dim=0), POSTERIOR, _rolled, random=True
    ),
    "StatePath": Case(
        _switching(_unseeded_kind(layers.StatePath)), {"x": (B, T, 4), "ext_input": (B, T, 2), "steps": (B, T)}
    ),
    "SwitchingDynamics": Case(_switching(), LATENTS),
    "SwitchingStart": Case(float32(layers.SwitchingStart, n_states=3, dim=4), {"x": (B, 4)}),
    "TransformerBlock": Case(
        seeded(layers.TransformerBlock, n_heads=2, head_size=3, units=5, dropout=0.3),
        {"x": (B, T, N), "steps": (B, T)},
        trained,
        random=True,
    ),
}
