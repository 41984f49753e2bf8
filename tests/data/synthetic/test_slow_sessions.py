from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.inspection import inspect_data
from indl_vae.errors import ConfigError


def test_means_stay_and_states_change():
    made = synthetic.make("slow-sessions", seed=1)
    dataset = made.dataset()
    assert [split.x.shape for split in dataset.splits.values()] == [(416, 20, 30), (96, 20, 30), (128, 20, 30)]
    latents = np.concatenate([split.extras["latent"] for split in dataset.splits.values()])
    sequence = np.concatenate([split.extras["sequence_id"] for split in dataset.splits.values()])
    assert (latents == latents[:, :1]).all()
    for number in range(40):
        of_sequence = latents[sequence == number, 0]
        assert len(of_sequence) == 16
        assert (of_sequence[:, :4] == of_sequence[:1, :4]).all()
        assert len(np.unique(of_sequence[:, 4:], axis=0)) == 16
    m = np.array([latents[sequence == number, 0, :4][0] for number in range(40)])
    assert m.std() == pytest.approx(1.0, abs=0.2)
    assert latents[:, 0, 4:].var() == pytest.approx(0.5, abs=0.05)


def test_log_rates_are_linear_in_means_and_states():
    split = synthetic.make("slow-sessions", seed=2).dataset().train
    design = np.concatenate([split.extras["latent"][:, 0], np.ones((split.n_trials, 1))], axis=1)
    log_rates = np.log(split.truth[:, 0])
    fitted = design @ np.linalg.lstsq(design, log_rates, rcond=None)[0]
    np.testing.assert_allclose(fitted, log_rates, atol=1e-4)
    standard = ((split.x - split.truth) / np.sqrt(split.truth)).ravel()
    assert abs(standard.mean()) < 5 / np.sqrt(standard.size) and standard.std() == pytest.approx(1.0, abs=0.02)


def test_sequences_of_the_test_split_are_new():
    dataset = synthetic.make("slow-sessions").dataset()
    known = set(dataset.train.extras["sequence_id"])
    assert set(dataset.valid.extras["sequence_id"]) == known and dataset.spec.n_sequences == len(known) == 32
    assert not known & set(dataset.test.extras["sequence_id"])
    assert set(dataset.test.sequence) == {-1}
    for split in (dataset.train, dataset.valid):
        np.testing.assert_array_equal(split.sequence, split.extras["sequence_id"])


def test_a_file_keeps_the_ids(tmp_path):
    (file,) = synthetic.write("slow-sessions", tmp_path / "s.h5", seed=3)
    found, expected = load_dataset(file), synthetic.make("slow-sessions", seed=3).dataset()
    np.testing.assert_array_equal(found.test.x, expected.test.x)
    np.testing.assert_array_equal(found.train.sequence, expected.train.sequence)
    (summary,) = inspect_data(file).sessions
    assert summary.problem is None and summary.warnings == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_test_sequences": 40}, "n_test_sequences: 40 of 40 sequences, expected some but not all"),
        ({"n_valid_segments": 16}, "n_valid_segments: 16 of 16 segments, expected some but not all"),
    ],
)
def test_options_that_leave_nothing(options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make("slow-sessions", **options)
