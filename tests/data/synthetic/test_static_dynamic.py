from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.disentanglement import TemplateJudge
from indl_vae.data import load_dataset, synthetic
from indl_vae.data.inspection import inspect_data
from indl_vae.data.synthetic.static_dynamic import NOISE_STD, REST, templates
from indl_vae.errors import ConfigError

SMALL = {"n_train": 300, "n_valid": 20, "n_test": 200}


def labels(split):
    return split.extras["static_label"].astype(int), split.extras["dynamic_label"][:, 0, 0].astype(int)


@pytest.mark.parametrize("noise", ["poisson", "gaussian"])
def test_an_ideal_observer_tells_both_classes(noise):
    split = synthetic.make("static-dynamic", seed=1, noise=noise, **SMALL).dataset().test
    judge, (static, dynamic) = TemplateJudge(templates(1), likelihood=noise), labels(split)
    assert (judge.static(split.x) == static).mean() >= 0.98
    assert (judge.dynamic(split.x) == dynamic).mean() >= 0.98


@pytest.mark.parametrize("noise", ["poisson", "gaussian"])
def test_truth_is_the_template_of_the_labels_and_the_mean_of_the_data(noise):
    made = synthetic.make("static-dynamic", seed=2, noise=noise, **SMALL)
    split = made.dataset().train
    static, dynamic = labels(split)
    np.testing.assert_allclose(split.truth, templates(2)[static, dynamic], rtol=1e-5)
    deviation = np.sqrt(split.truth) if noise == "poisson" else np.full_like(split.truth, NOISE_STD)
    standard = ((split.x - split.truth) / deviation).ravel()
    assert abs(standard.mean()) < 5 / np.sqrt(standard.size) and standard.std() == pytest.approx(1.0, abs=0.03)
    assert (split.condition == 4 * static + dynamic).all()
    assert abs(np.corrcoef(static, dynamic)[0, 1]) < 0.2


def test_templates_rise_at_the_onset_of_their_class():
    means = templates(0)
    assert means.shape == (5, 4, 25, 16)
    for dynamic, onset in enumerate((4, 9, 14, 19)):
        full = means[:, 0, -1:]
        np.testing.assert_allclose(means[:, dynamic, :onset], (full * REST / (1 + REST)).repeat(onset, 1))
        assert (means[:, dynamic, onset] > means[:, dynamic, onset - 1]).all()
        np.testing.assert_allclose(means[:, dynamic, onset + 3 :], full.repeat(25 - onset - 3, 1))


def test_a_file_keeps_labels_and_the_seed_decides(tmp_path):
    (file,) = synthetic.write("static-dynamic", tmp_path / "s.h5", seed=3, **SMALL)
    found, expected = load_dataset(file), synthetic.make("static-dynamic", seed=3, **SMALL).dataset()
    np.testing.assert_array_equal(found.test.x, expected.test.x)
    for name in ("static_label", "dynamic_label"):
        np.testing.assert_array_equal(found.test.extras[name], expected.test.extras[name])
    other = synthetic.make("static-dynamic", seed=4, **SMALL).dataset()
    assert not np.array_equal(other.test.x, expected.test.x)
    (summary,) = inspect_data(file).sessions
    assert summary.problem is None and summary.warnings == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": "laplace"}, "noise: 'laplace', expected one of poisson, gaussian"),
        ({"n_bins": 22}, "n_bins: 22, expected at least 23, for the last of 4 dynamic classes"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make("static-dynamic", **options)
