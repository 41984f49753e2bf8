from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data import inspect_data, load_dataset, load_worms, render_summary, synthetic
from indl_vae.errors import DataError
from tests.data.worms.worm_sets import assert_equal_sets

SMALL = {"n_animals": 3, "n_bins": 450, "n_classes": 8, "n_latents": 2}


@pytest.mark.filterwarnings("error")
def test_the_file_holds_the_animals_and_their_truth(tmp_path):
    (file,) = synthetic.write("worms", tmp_path, seed=4, **SMALL)
    made = synthetic.make("worms", seed=4, **SMALL)
    assert file == tmp_path / "worms.h5"
    assert_equal_sets(load_worms(file), made.made.worms)
    with h5py.File(file) as handle:
        np.testing.assert_array_equal(handle["truth/worm-02/latents"], made.made.latents["worm-02"])
        np.testing.assert_array_equal(handle["truth/worm-03/true_identity"], made.made.true_identity["worm-03"])
        np.testing.assert_array_equal(handle["truth/classes/loadings"], made.made.classes.loadings)
        assert handle["truth/worm-01/clean"].shape == handle["truth/worm-01/full"].shape == (450, 8)
    found, expected = load_dataset(file, likelihood="gaussian"), made.dataset()
    np.testing.assert_array_equal(found.train.x, expected.train.x)
    assert made.dataset(window_T=50).train.n_bins == 50 and found.spec.n_identities == 9
    with pytest.raises(DataError, match="worms: no session 'a', expected None"):
        made.dataset("a")


def test_inspection_tells_of_animals_labels_and_behaviours(tmp_path):
    (file,) = synthetic.write("worms", tmp_path, **SMALL)
    text = render_summary(inspect_data(file))
    assert "holds      3 animals, 8 labels, of which" in text and "velocity (divided by 0.06031)" in text
    one = load_worms(file).recordings["worm-01"]
    counts = f"{one.n_neurons} neurons, {(one.identity > 0).sum()} labelled"
    assert f"worm-01: 450 frames of 0.6 s (segments 0 to 224, 225 to 449); {counts}\n" in text
    assert "train_identity" in text and "loads (likelihood gaussian)" in text and "suspicious" not in text


def test_inspection_tells_why_there_are_no_windows(tmp_path):
    (file,) = synthetic.write("worms", tmp_path, **SMALL | {"n_bins": 60})
    (summary,) = inspect_data(file).sessions
    assert summary.notes[0].startswith("3 animals") and not summary.arrays
    assert "does not load: window_T: no animal has" in render_summary(inspect_data(file))
