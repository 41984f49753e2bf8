"""The baseline of the field: smooth the spikes, then regress every channel on the smoothed activity of the others."""

from __future__ import annotations

import numpy as np

from indl_vae.analysis.baselines.poisson_glm import PoissonGLM, fit_poisson_glm
from indl_vae.analysis.baselines.smoothed_features import SmoothedFeatures, Trials
from indl_vae.analysis.baselines.train_mean import channel_means
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import is_counts, observed_entries
from indl_vae.analysis.smoothing import smoothed_rates
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from indl_vae.numerics import RATE_FLOOR, derive_seed

#: Widths of the Gaussian that are tried, in bins; the second is the default.
SIGMAS_BINS = (1.5, 3.0, 6.0, 12.0)
#: Prior precisions of the weights that are tried; the second is the default.
PRECISIONS = (30.0, 300.0, 3000.0)
#: Further ones for the held-out bins, whose regressions see one bin a trial and so need stronger priors.
FORWARD_PRECISIONS = (30_000.0, 300_000.0)
#: The choice among them looks at so many held-out bins.
N_BINS_TO_CHOOSE = 4
#: The average rate of a held-out bin counts its own spikes and this many at the channel's mean rate.
PRIOR_SPIKES = 10.0
#: Entries (bins x channels) of training data that a fit may see; beyond that whole trials are drawn.
MAX_ENTRIES = 4_000_000
#: As many may be seen by each of the fits that only serve to choose width and penalty.
MAX_ENTRIES_TO_CHOOSE = 1_000_000
#: Below this number of trials none is kept back and the defaults are taken.
MIN_TRIALS = 5


class SmoothingGLM:
    """Poisson regression on log Gaussian-smoothed counts: the smoothing baseline of Pei et al. (2021), made stricter.

    What it sees when it predicts the count of channel n in bin t:

    - held-out channel: the smoothed counts of all seen channels, around and in bin t;
    - seen channel: the same of the *other* seen channels, and its own counts smoothed with bin t left out. It never
      sees the count that it is scored on, whereas a sequential autoencoder does;
    - held-out bin: the smoothed counts of the seen channels at the last seen bin, one regression for each held-out bin.

    Width and penalty are chosen on one fifth of the training trials, after which all are fitted; no other split is
    looked at. No prediction exceeds the largest count that the channel had in training.

    Args:
        seed: Seed of the choice of trials kept back and, for data over `max_entries`, of those fitted.
        max_entries: Largest number of training entries in one fit: bounds memory (about 30 bytes an entry) and time.

    Attributes:
        sigma_bins: Chosen width of the Gaussian in bins.
        precision: Chosen prior precision of the weights.
    """

    def __init__(self, seed: int = 0, max_entries: int = MAX_ENTRIES) -> None:
        self.seed = seed
        self.max_entries = max_entries

    def applies(self, train: Split, target: Split) -> bool:
        """Says whether the training data are counts."""
        return is_counts(train.x[observed_entries(train)])

    def fit(self, train: Split, held_out: HeldOut | None = None) -> SmoothingGLM:
        """Chooses width and penalty, then fits the seen bins and each held-out bin.

        Raises:
            DataError: If the observed data are not counts.
        """
        if not self.applies(train, train):
            raise DataError(
                "SmoothingGLM: expected counts (whole numbers of at least 0), got other values; it is Poisson."
            )
        held_out = held_out or HeldOut()
        self.sources = held_out.seen_channels(train.n_channels)
        self.n_late = held_out.bins
        self.means = channel_means(train)
        trials = _trials(train)
        self.largest = trials.x.max(axis=(0, 1)).clip(min=self.means)
        order = np.random.default_rng(derive_seed(self.seed, "smoothing_glm")).permutation(train.n_trials)
        trials = trials.take(order[: self._chunk(train)])
        self.sigma_bins, self.precision = self._choose(
            trials.take(slice(max(MIN_TRIALS, self._chunk(train, MAX_ENTRIES_TO_CHOOSE))))
        )
        self.features = self._features(trials, self.sigma_bins)
        self.glm = self._fit_seen(self.features, trials, self.precision)
        late = np.arange(train.n_bins - self.n_late, train.n_bins)
        self.forward = self._fit_forward(trials, self._choose_forward(trials), late)
        return self

    def predict(self, split: Split) -> np.ndarray:
        """Returns expected counts per bin `(B, T, N)`, made in chunks of trials."""
        rates = np.empty(split.x.shape, dtype=np.float32)
        step = self._chunk(split)
        for first in range(0, split.n_trials, step):
            part = slice(first, first + step)
            trials = _trials(split, part)
            n_seen = split.n_bins - self.n_late
            rates[part, :n_seen] = self._seen_rates(self.glm, self.features, trials)
            last = self.features.last(trials)
            for index, glm in enumerate(self.forward):
                rates[part, n_seen + index] = np.exp(glm.log_rates(last))
        return np.minimum(rates, self.largest)

    def _chunk(self, split: Split, max_entries: int | None = None) -> int:
        return max(1, (max_entries or self.max_entries) // max(1, split.n_bins * split.n_channels))

    def _features(self, trials: Trials, sigma_bins: float) -> SmoothedFeatures:
        return SmoothedFeatures(trials, sigma_bins, self.sources, self.n_late, self.means)

    def _seen(self, trials: Trials) -> Trials:
        n_seen = trials.x.shape[1] - self.n_late
        return Trials(trials.x[:, :n_seen], trials.observed[:, :n_seen])

    def _fit_seen(self, features: SmoothedFeatures, trials: Trials, precision: float) -> PoissonGLM:
        counts, observed = (array.reshape(-1, array.shape[2]) for array in self._seen(trials))
        return fit_poisson_glm(features.design(trials), counts, observed, self.sources, precision)

    def _seen_rates(self, glm: PoissonGLM, features: SmoothedFeatures, trials: Trials) -> np.ndarray:
        return np.exp(glm.log_rates(features.design(trials))).reshape(self._seen(trials).x.shape)

    def _fit_forward(self, trials: Trials, precision: float, bins: np.ndarray) -> list[PoissonGLM]:
        """Fits one regression for each of `bins`, its bias drawn to the smoothed average of the training trials."""
        last = self.features.last(trials)
        average = smoothed_rates(trials.x, 0.0, observed=trials.observed, fill=self.means).mean(axis=0)
        average = smoothed_rates(average[None], self.sigma_bins)[0]
        exposure = len(trials.x) * 2.0 * np.sqrt(np.pi) * self.sigma_bins  # bins under the Gaussian, over all trials
        prior = (average * exposure + PRIOR_SPIKES) / (exposure + PRIOR_SPIKES / self.means)
        return [
            fit_poisson_glm(last, trials.x[:, t], trials.observed[:, t], self.sources, precision, prior_rates=prior[t])
            for t in bins
        ]

    def _choose_forward(self, trials: Trials) -> float:
        """Returns the precision that predicts a few held-out bins of the trials kept back best."""
        n_back = len(trials.x) // 5
        if len(trials.x) < MIN_TRIALS or not self.n_late:
            return self.precision
        back, fitted = trials.take(slice(n_back)), trials.take(slice(n_back, None))
        n_bins = trials.x.shape[1]
        bins = np.unique(np.linspace(n_bins - self.n_late, n_bins - 1, N_BINS_TO_CHOOSE).round().astype(int))
        losses = {}
        for precision in (*PRECISIONS, *FORWARD_PRECISIONS):
            glms = self._fit_forward(fitted, precision, bins)
            rates = np.stack([np.exp(glm.log_rates(self.features.last(back))) for glm in glms], axis=1)
            losses[precision] = _loss(np.minimum(rates, self.largest), back.x[:, bins], back.observed[:, bins])
        return min(losses, key=losses.__getitem__)

    def _choose(self, trials: Trials) -> tuple[float, float]:
        """Returns the width, then the precision, that predict the trials kept back best."""
        if len(trials.x) < MIN_TRIALS:
            return SIGMAS_BINS[1], PRECISIONS[1]
        n_back = len(trials.x) // 5
        back, fitted = trials.take(slice(n_back)), trials.take(slice(n_back, None))
        widths = [sigma for sigma in SIGMAS_BINS if sigma <= max(SIGMAS_BINS[0], (trials.x.shape[1] - self.n_late) / 2)]
        losses = {(sigma, PRECISIONS[1]): self._seen_loss(fitted, back, sigma, PRECISIONS[1]) for sigma in widths}
        best = min(losses, key=losses.__getitem__)[0]
        for precision in (PRECISIONS[0], *PRECISIONS[2:]):
            losses[best, precision] = self._seen_loss(fitted, back, best, precision)
        return min(losses, key=losses.__getitem__)

    def _seen_loss(self, fitted: Trials, back: Trials, sigma: float, precision: float) -> float:
        features = self._features(fitted, sigma)
        glm = self._fit_seen(features, fitted, precision)
        rates = np.minimum(self._seen_rates(glm, features, back), self.largest)
        return _loss(rates, *self._seen(back))


def _loss(rates: np.ndarray, counts: np.ndarray, observed: np.ndarray) -> float:
    """Returns the mean Poisson negative log-likelihood without log k!."""
    return float(np.mean((rates - counts * np.log(np.maximum(rates, RATE_FLOOR)))[observed]))


def _trials(split: Split, part: slice = slice(None)) -> Trials:
    observed = observed_entries(split)[part]
    return Trials(np.where(observed, split.x[part], 0.0).astype(np.float32), observed)
