"""Missing samples as lfads-torch's SelectiveBackpropThruTime treats them."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.models.objective import entry_nll
from tests.models.helpers import QUIET, counts, gradients_of, loss_of, tiny


@pytest.fixture(scope="module")
def model():
    return tiny(**QUIET, nll_reduction="mean", kl_f_weight=0.0, kl_z_weight=0.0)


@pytest.fixture(scope="module")
def batch():
    mask = (np.random.default_rng(3).random(counts().shape) < 0.7).astype("f4")
    return {"x": np.where(mask > 0, counts(), np.nan).astype("f4"), "mask": mask}


def test_the_encoders_see_zeros(model, batch):
    filled = {**batch, "x": np.nan_to_num(batch["x"])}
    np.testing.assert_array_equal(model(batch)["rates"], model(filled)["rates"])
    view = model.core.get_layer("encoder_view")
    np.testing.assert_array_equal(view(batch["x"], observed=batch["mask"]), filled["x"])


def test_the_loss_is_the_mean_over_observed_entries(model, batch):
    loss, outputs = loss_of(model, batch)
    values = entry_nll(model.likelihood, np.nan_to_num(batch["x"]), outputs["raw"], np.ones_like(batch["mask"])).numpy()
    assert float(loss) == pytest.approx(values[batch["mask"] > 0].mean(), rel=1e-5)
    # as there: zeros where missing, and the mean over all entries divided by the share that is observed
    assert float(loss) == pytest.approx((values * batch["mask"]).mean() / batch["mask"].mean(), rel=1e-5)


def test_no_gradient_comes_from_a_missing_sample(model, batch):
    gradients = gradients_of(model, batch, training=True)
    assert all(np.isfinite(g).all() for g in gradients.values() if g is not None)
    missing = np.argwhere(batch["mask"] == 0)[:, 2]
    only_missing = {**batch, "mask": np.ones_like(batch["mask"])}
    only_missing["mask"][:, :, missing[0]] = 0.0
    only_missing["x"] = counts()
    bias = next(g for path, g in gradients_of(model, only_missing).items() if path.startswith("readout/bias"))
    assert bias[missing[0]] == 0.0 and np.abs(bias).max() > 0
