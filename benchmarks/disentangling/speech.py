"""FHVAE on speech: the speaker from the means of sequences, the word from the segments; beside LDA on plain features.

Needs `spoken_digits` and `japanese_vowels` of the data folder that $INDL_VAE_DATA names. A sequence is a session: the
ten digits that a speaker said with one number of the recording, or five utterances of the vowels.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.disentanglement import equal_error_rate, linear_probe
from indl_vae.data import Dataset

#: Utterances of the vowels that make a session.
_BLOCK = 5
_SIZES: dict[str, Any] = {
    "likelihood": "gaussian",
    "f_units": (128, 128),
    "z1_units": 128,
    "z2_units": 128,
    "decoder_units": (128, 128),
    "f_latent_size": 16,
    "z_latent_size": 8,
    "kl_f_weight": 4.0,
    "kl_z_weight": 10.0,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "adam_beta1": 0.95,
    "n_epochs": 60,
    "patience": 0,
    "select_on": "loss",
}
_DIGITS = {**_SIZES, "segment_length": 20, "segment_shift": 8}
_VOWELS = {**_SIZES, "segment_length": 6, "segment_shift": 2, "n_epochs": 100}


def digits(seed: int, left_out: int | None = None) -> Dataset:
    """Returns the spoken digits: numbers 0 to 15 of each train, 16 and 17 validate, 18 and 19 test.

    Args:
        seed: Without effect: the split is by number.
        left_out: A speaker, from 0, whom only the test split has, with all utterances.
    """
    with np.load(_folder() / "spoken_digits" / "spoken_digits_logmel40.npz", allow_pickle=False) as file:
        lengths, digit, index = (file[key] for key in ("lengths", "digit", "index"))
        trials = np.split(file["frames"], np.cumsum(lengths)[:-1])
        speaker = np.unique(file["speaker"], return_inverse=True)[1]
    unseen = speaker == (-1 if left_out is None else left_out)
    number = np.unique(index, return_inverse=True)[1]
    rows = {
        "train": ~unseen & (number < 16),
        "valid": ~unseen & ((number == 16) | (number == 17)),
        "test": unseen | (number >= 18),
    }
    return _dataset(trials, speaker, digit, 100 * speaker + number, rows)


def vowels(seed: int) -> Dataset:
    """Returns the Japanese vowels: the published test set; of the training set every sixth session validates."""
    with np.load(_folder() / "japanese_vowels" / "japanese_vowels.npz", allow_pickle=False) as file:
        x = [*file["train_x"], *file["test_x"]]
        lengths = np.concatenate([file["train_len"], file["test_len"]])
        speaker = np.unique(np.concatenate([file["train_speaker"], file["test_speaker"]]), return_inverse=True)[1]
        tested = np.arange(len(x)) >= len(file["train_x"])
    trials = [one[:length] for one, length in zip(x, lengths, strict=True)]
    place = np.zeros(len(trials), int)
    for group in (tested, ~tested):
        for one in np.unique(speaker):
            rows = np.flatnonzero(group & (speaker == one))
            place[rows] = np.arange(len(rows)) // _BLOCK
    late = ~tested & (place % 6 == 5)
    session = 10_000 * tested + 100 * speaker + place
    return _dataset(
        trials, speaker, np.zeros_like(speaker), session, {"train": ~tested & ~late, "valid": late, "test": tested}
    )


def _folder() -> Path:
    return Path(os.environ["INDL_VAE_DATA"])


def _dataset(trials: list, speaker: np.ndarray, word: np.ndarray, session: np.ndarray, rows: dict) -> Dataset:
    """Features in units of their mean and deviation over the training frames."""
    frames = np.concatenate([trials[i] for i in np.flatnonzero(rows["train"])])
    mean, deviation = frames.mean(0), frames.std(0)
    splits, n_bins = {}, max(map(len, trials))
    for name, chosen in rows.items():
        places = np.flatnonzero(chosen)
        x = [((trials[i] - mean) / deviation).astype("f4") for i in places]
        splits[name] = {
            "x": x,
            "sequence_id": session[places],
            "static_label": speaker[places],
            "dynamic_label": np.repeat(word[places, None], n_bins, 1),
        }
    return Dataset.from_arrays(**splits, likelihood="gaussian", bin_width_s=0.01)


def _score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    train, test = (_codes(run.model, split) for split in (data.train, data.test))
    figures: dict[str, Any] = {}
    known = np.isin(test["speaker"], train["speaker"])
    for name in ("mean", "f", "z"):
        figures[f"speaker_from_{name}"] = linear_probe(
            train[name], train["speaker"], test[name][known], test["speaker"][known]
        )
        figures[f"eer_{name}"] = _eer(test[name], test["speaker"], known)
    if len(np.unique(train["word"])) > 1:
        for name in ("f", "z"):
            wide = (train[f"{name}_all"], train["word"], test[f"{name}_all"][known], test["word"][known])
            figures[f"word_from_{name}"] = linear_probe(*wide)
    return figures | _session_means(run.model, data) | plain_baseline(train, test, known)


def _codes(model: Any, split: Any) -> dict[str, np.ndarray]:
    """Codes of each utterance: its most probable mean; f and z averaged over its segments, and first, mean, last."""
    f, z, counted = model.segment_latents(split)
    count = counted.sum(1)
    found = {"mean": _sum(f, counted) / (count + 0.25)[:, None]}
    for name, code in {"f": f, "z": z}.items():
        middle, last = _sum(code, counted) / count[:, None], code[np.arange(len(code)), count.astype(int) - 1]
        found |= {name: middle, f"{name}_all": np.concatenate([code[:, 0], middle, last], axis=1)}
    seen = split.mask[..., :1] if split.mask is not None else np.ones_like(split.x[..., :1])
    n_frames = seen.sum(1)
    average = (split.x * seen).sum(1) / n_frames
    deviation = np.sqrt((np.square(split.x - average[:, None]) * seen).sum(1) / n_frames)
    word = split.extras["dynamic_label"][:, 0, 0].astype(int)
    plain = np.concatenate([average, deviation], axis=1)
    return {**found, "plain": plain, "speaker": split.extras["static_label"].astype(int), "word": word}


def _sum(codes: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The sum `(B, D)` over the segments that count of codes `(B, S, D)`."""
    return np.einsum("bsd,bs->bd", codes, counted)


def _session_means(model: Any, data: Dataset) -> dict[str, Any]:
    """Speaker from the means of whole test sessions, told by those of the training sessions."""
    found = {}
    for split in (data.train, data.test):
        ids, means = model.sequence_means(split)
        speaker = {i: s for i, s in zip(split.extras["sequence_id"], split.extras["static_label"], strict=True)}
        found[split.name] = (means, np.array([int(speaker[i]) for i in ids]))
    (train, told), (test, truth) = found["train"], found["test"]
    known = np.isin(truth, told)
    return {
        "speaker_from_session_mean": linear_probe(train, told, test[known], truth[known]),
        "eer_session_mean": _eer(test, truth, known),
    }


def _eer(codes: np.ndarray, speaker: np.ndarray, known: np.ndarray) -> Any:
    """Of all, and where a speaker was left out of training, of the pairs that such a speaker is in."""
    if known.all():
        return equal_error_rate(codes, speaker)
    return {"all": equal_error_rate(codes, speaker), "unseen": _eer_of_unseen(codes, speaker, known)}


def _eer_of_unseen(codes: np.ndarray, speaker: np.ndarray, known: np.ndarray) -> float:
    from sklearn.metrics import roc_curve

    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    first, second = np.triu_indices(len(codes), 1)
    pairs = ~known[first] | ~known[second]
    scores = (unit @ unit.T)[first, second][pairs]
    wrong, right, _ = roc_curve((speaker[first] == speaker[second])[pairs], scores)
    place = int(np.argmin(np.abs(wrong - (1.0 - right))))
    return float((wrong[place] + 1.0 - right[place]) / 2.0)


def plain_baseline(train: dict, test: dict, known: np.ndarray) -> dict[str, Any]:
    """Mean and deviation of the features of an utterance, and linear discriminant analysis on the speakers' labels."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    lda = LinearDiscriminantAnalysis().fit(train["plain"], train["speaker"])
    figures: dict[str, Any] = {
        "baseline_speaker": lda.score(test["plain"][known], test["speaker"][known]),
        "baseline_eer": _eer(lda.transform(test["plain"]), test["speaker"], known),
    }
    if len(np.unique(train["word"])) > 1:
        word = LinearDiscriminantAnalysis().fit(train["plain"], train["word"])
        figures["baseline_word"] = word.score(test["plain"][known], test["word"][known])
    return figures


DIGITS = Experiment(
    {
        "lstm": Variant("fhvae_lstm", _DIGITS),
        "no_discrimination": Variant("fhvae_lstm", {**_DIGITS, "discriminative_weight": 0.0}),
        "speaker_left_out": Variant("fhvae_lstm", _DIGITS, {"left_out": 0}),
    },
    digits,
    _score,
)
VOWELS = Experiment({"lstm": Variant("fhvae_lstm", _VOWELS)}, vowels, _score)
