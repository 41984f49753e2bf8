"""The steps against their formulas as plain loops, their Jacobians against automatic ones, their numbers of weights."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers.latent_steps import (
    LATENT_STEPS,
    AlmostLinearStep,
    ClippedDendriticStep,
    ClippedShallowStep,
    DendriticStep,
    PlainStep,
    ShallowStep,
)
from indl_vae.layers.latent_steps.initializers import NearIdentity

M, S = 4, 2
STEPS = {
    "plain": lambda **k: PlainStep(M, input_dim=S, **k),
    "plain centred": lambda **k: PlainStep(M, input_dim=S, mean_centering=True, **k),
    "dendritic": lambda **k: DendriticStep(M, 3, input_dim=S, **k),
    "clipped dendritic": lambda **k: ClippedDendriticStep(M, 3, input_dim=S, **k),
    "clipped dendritic of width 5": lambda **k: ClippedDendriticStep(M, 3, 5.0, input_dim=S, **k),
    "shallow": lambda **k: ShallowStep(M, 6, input_dim=S, **k),
    "shallow centred": lambda **k: ShallowStep(M, 6, input_dim=S, mean_centering=True, **k),
    "clipped shallow": lambda **k: ClippedShallowStep(M, 6, input_dim=S, **k),
    "almost linear": lambda **k: AlmostLinearStep(M, 2, input_dim=S, **k),
}


def rectifier(u, slope):
    return u if u > 0 else slope * u


def basis(step, z):
    """phi unit by unit, as it stands in the papers."""
    if step.mean_centering:
        z = [one - sum(z) / len(z) for one in z]
    r = lambda u: rectifier(u, step.slope)  # noqa: E731
    if isinstance(step, ShallowStep):
        hidden, bias = step.hidden_kernel.numpy(), step.hidden_bias.numpy()
        u = [sum(z[m] * hidden[m, h] for m in range(M)) for h in range(step.n_hidden)]
        less = r if isinstance(step, ClippedShallowStep) else lambda _: 0.0
        return [r(u[h] + bias[h]) - less(u[h]) for h in range(step.n_hidden)]
    if isinstance(step, DendriticStep):
        thetas, alphas = step.thetas.numpy(), step.alphas.numpy()
        total = []
        for m in range(M):
            total.append(0.0)
            for b in range(step.n_bases):
                branch = r(z[m] - thetas[m, b])
                if isinstance(step, ClippedDendriticStep):
                    branch -= r(z[m]) if step.width is None else r(z[m] - thetas[m, b] + step.width)
                total[-1] += alphas[b] * branch
        return total
    linear = M - step.n_rectified if isinstance(step, AlmostLinearStep) else 0
    return [z[m] if m < linear else r(z[m]) for m in range(M)]


def plain(step, z, s):
    """The new states, one by one, from the weights as they are stored."""
    phi, new = basis(step, z), []
    for m in range(M):
        if isinstance(step, (ShallowStep, AlmostLinearStep)):
            own = step.diagonal.numpy()[m]
            kernel = step.output_kernel if isinstance(step, ShallowStep) else step.kernel
            row = kernel.numpy()[:, m]
        else:
            square = step.square.numpy()
            own, row = square[m, m], square[m] * (1 - np.eye(M)[m])
        value = own * z[m] + sum(w * p for w, p in zip(row, phi, strict=True)) + step.bias.numpy()[m]
        value += sum(s[i] * step.input_kernel.numpy()[i, m] for i in range(S))
        new.append(value if step.clip_range is None else min(max(value, -step.clip_range), step.clip_range))
    return new


@pytest.mark.parametrize("start", ["variational", "teacher_forcing"])
@pytest.mark.parametrize("slope", [0.0, 0.18])
@pytest.mark.parametrize("name", STEPS)
def test_new_states_follow_the_formula(rng, name, slope, start):
    step = STEPS[name](slope=slope, start=start, seed=1, clip_range=2.0)
    z, s = rng.normal(size=(6, M)) * 2, rng.normal(size=(6, S))
    expected = [plain(step, *pair) for pair in zip(z, s, strict=True)]
    np.testing.assert_allclose(step(z.astype("f4"), s.astype("f4")), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("clip", [None, 1.5], ids=["free", "clipped"])
@pytest.mark.parametrize("name", STEPS)
def test_jacobians_are_the_automatic_ones(rng, name, clip):
    step = STEPS[name](seed=1, clip_range=clip)
    z, s = (tf.constant(rng.normal(size=(7, width)), tf.float32) for width in (M, S))
    with tf.GradientTape() as tape:
        tape.watch(z)
        new = step(z, s)
    np.testing.assert_allclose(step.jacobian(z, s), tape.batch_jacobian(new, z), rtol=1e-4, atol=1e-5)
    assert step.jacobian(tf.reshape(z, (7, 1, M))).shape == (7, 1, M, M)


@pytest.mark.parametrize(("dim", "bases", "weights"), [(22, 20, 966), (26, 50, 2052), (42, 50, 3956), (12, 5, 221)])
def test_numbers_of_weights_are_those_published(dim, bases, weights):
    step = ClippedDendriticStep(dim, bases)
    assert step.count_params() == weights == dim**2 + dim + dim * bases + bases


def test_clipped_dendrites_keep_every_orbit_bounded(rng):
    step = ClippedDendriticStep(M, 5, seed=3)
    step.square.assign(np.where(np.eye(M) > 0, 0.9, step.square))
    z = tf.constant(rng.normal(size=(20, M)) * 50, tf.float32)
    for _ in range(300):
        z = step(z)
    assert np.abs(z).max() < 1000


@pytest.mark.parametrize(("start", "divisor"), [("variational", M**2), ("teacher_forcing", M)])
def test_the_square_starts_near_the_identity_with_spectral_radius_one(start, divisor):
    square = np.asarray(NearIdentity(start, seed=5)((M, M), "float32"))
    draws = np.random.default_rng(5).normal(size=(M, M))
    raw = np.eye(M) + draws @ draws.T / divisor
    np.testing.assert_allclose(square, raw / np.abs(np.linalg.eigvals(raw)).max(), rtol=1e-5)
    assert np.abs(np.linalg.eigvals(square)).max() == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: PlainStep(0), "PlainStep: `dim` must be at least 1, got 0"),
        (lambda: PlainStep(2, clip_range=0.0), "`clip_range` must be above 0, or None for no limit, got 0.0"),
        (lambda: PlainStep(2, slope=1.0), r"`slope` must be in \[0, 1\), got 1.0"),
        (lambda: PlainStep(2, start="cold"), "`start` must be one of .*, got 'cold'"),
        (lambda: DendriticStep(2, 0), "DendriticStep: `n_bases` must be at least 1, got 0"),
        (lambda: ClippedDendriticStep(2, 2, -1.0), "`width` must be above 0, or None for the paper's form, got -1.0"),
        (lambda: ShallowStep(2, 0), "ShallowStep: `n_hidden` must be at least 1, got 0"),
        (lambda: AlmostLinearStep(2, 3), "`n_rectified` must be from 1 to dim = 2, got 3"),
    ],
)
def test_what_cannot_be_is_refused(made, message):
    with pytest.raises(ConfigError, match=message):
        made()


def test_published_names_are_known():
    published = {"PLRNN": PlainStep, "dendr-PLRNN": DendriticStep, "clipped-PLRNN": ClippedDendriticStep}
    assert {name: LATENT_STEPS.get(name) for name in published} == published
