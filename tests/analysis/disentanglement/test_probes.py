"""Linear probes: what codes tell of labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.disentanglement import CodeSet, ProbeTable, chance_level, leakage, linear_probe, probe_table
from indl_vae.errors import DataError


def separated(rng, n=200, classes=3):
    """Codes `(n, 4)` whose largest of the first entries is the label, by a margin."""
    labels = rng.integers(classes, size=n)
    return np.eye(4)[labels] + 0.02 * rng.normal(size=(n, 4)), labels


def test_a_linear_label_is_read_without_error(rng):
    codes, labels = separated(rng)
    names = np.array(["left", "right", "up"])[labels]
    assert linear_probe(codes[:100], labels[:100], codes[100:], labels[100:]) == 1.0
    assert linear_probe(codes[:100], names[:100], codes[100:], names[100:]) == 1.0


def test_codes_of_any_unit_and_constant_dimensions_do_as_well(rng):
    codes, labels = separated(rng)
    codes = codes * [1e-6, 1e6, 1.0, 0.0] + [0, 5e6, -3, 7]
    assert linear_probe(codes[:100], labels[:100], codes[100:], labels[100:]) == 1.0


def test_codes_that_know_nothing_are_at_chance(rng):
    codes, labels = rng.normal(size=(1200, 3)), rng.integers(4, size=1200)
    assert linear_probe(codes[:600], labels[:600], codes[600:], labels[600:]) == pytest.approx(0.25, abs=0.07)


def test_a_sequence_is_read_bin_by_bin(rng):
    labels = rng.integers(2, size=200)
    z = 0.01 * rng.normal(size=(200, 2, 1))
    z[:, :, 0] += np.stack([labels, -labels], axis=1)  # the mean over time is the same for both
    assert linear_probe(z[:100], labels[:100], z[100:], labels[100:]) == 1.0
    mean = z.mean(axis=1)
    assert linear_probe(mean[:100], labels[:100], mean[100:], labels[100:]) < 0.7


def test_labels_that_training_lacks_are_errors(rng):
    codes, labels = separated(rng)
    known = labels < 2
    accuracy = linear_probe(codes[known], labels[known], codes, labels)
    assert accuracy == known.mean()


def test_chance_is_the_share_of_the_most_frequent_label():
    assert chance_level([0, 0, 0, 1]) == 0.75
    assert chance_level(["a", "b", "c", "d"]) == 0.25
    assert chance_level([1]) == 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.randoms())
def test_chance_does_not_ask_for_order_or_names(labels, random):
    shuffled = labels.copy()
    random.shuffle(shuffled)
    chance = chance_level(labels)
    assert 1 / len(set(labels)) - 1e-12 <= chance <= 1.0
    assert chance_level([f"class {label}" for label in shuffled]) == chance


def codes_of(rng, static, dynamic, leak_f=0.0, leak_z=0.0):
    """f holds the static label, z the dynamic one as the bin that is high; each a share of the other."""
    n = len(static)
    f = np.concatenate([np.eye(2)[static], leak_f * np.eye(3)[dynamic]], axis=1)
    z = np.concatenate([np.eye(3)[dynamic][:, :, None], leak_z * np.eye(2)[static][:, None].repeat(3, axis=1)], axis=2)
    return CodeSet(f + 0.02 * rng.normal(size=f.shape), z + 0.02 * rng.normal(size=z.shape), static, dynamic), n


def test_the_table_holds_all_six_probes(rng):
    static, dynamic = rng.integers(2, size=(2, 300)), rng.integers(3, size=(2, 300))
    table = probe_table(*(codes_of(rng, static[i], dynamic[i])[0] for i in range(2)))
    assert table.f_static == table.z_dynamic == 1.0
    for accuracy in (table.z_static, table.z_mean_static):
        assert accuracy == pytest.approx(0.5, abs=0.1)
    for accuracy in (table.f_dynamic, table.z_mean_dynamic):
        assert accuracy == pytest.approx(1 / 3, abs=0.1)
    assert (table.static_chance, table.dynamic_chance) == (chance_level(static[1]), chance_level(dynamic[1]))
    assert leakage(table) == pytest.approx((0.0, 0.0), abs=0.15)


def test_leaks_are_found(rng):
    static, dynamic = rng.integers(2, size=(2, 300)), rng.integers(3, size=(2, 300))
    table = probe_table(*(codes_of(rng, static[i], dynamic[i], leak_f=1.0, leak_z=1.0)[0] for i in range(2)))
    assert leakage(table) == (1.0, 1.0)


def test_leakage_is_the_share_beyond_chance():
    table = ProbeTable(1.0, 0.7, 0.6, 0.4, 0.5, 0.9, static_chance=0.5, dynamic_chance=0.2)
    assert leakage(table) == pytest.approx((0.4, 0.25))
    below = ProbeTable(1.0, 0.4, 0.4, 0.1, 0.5, 0.9, static_chance=0.5, dynamic_chance=0.2)
    assert leakage(below) == pytest.approx((-0.2, -0.125))


def test_errors(rng):
    codes, labels = separated(rng, 10)
    good = (codes, labels, codes, labels)

    def changed(index, value):
        return (*good[:index], value, *good[index + 1 :])

    for index, value, message in (
        (0, codes[:, :0], r"train_codes: expected an array of at least 2 axes.*got shape \(10, 0\)"),
        (0, codes[:, 0], r"train_codes: expected an array of at least 2 axes"),
        (2, np.full_like(codes, np.nan), "test_codes: expected finite numbers, got 40 entries of NaN"),
        (2, codes[:, :3], r"test_codes: expected sequences of shape \(4,\), as in training, got \(3,\)"),
        (1, labels[:9], "train_labels: expected the labels of 10 sequences, got 9"),
        (1, labels * 0, "train_codes: expected training sequences of at least two classes, got the label .*0.* alone"),
        (3, codes, r"test_labels: expected labels of shape \(sequences,\), got shape \(10, 4\).*once for each"),
        (3, np.full(10, np.nan), "test_labels: expected a label for each sequence, got NaN"),
    ):
        with pytest.raises(DataError, match=message):
            linear_probe(*changed(index, value))
    with pytest.raises(DataError, match=r"labels: expected labels of shape \(sequences,\), got shape \(0,\)"):
        chance_level([])


def test_errors_of_the_table(rng):
    codes, _ = codes_of(rng, rng.integers(2, size=30), rng.integers(3, size=30))
    with pytest.raises(DataError, match=r"train.f: expected .* \(sequences, dimensions\) .* got \(30, 3, 3\)"):
        probe_table(codes._replace(f=codes.z), codes)
    with pytest.raises(DataError, match=r"test.z: expected .* \(sequences, bins, dimensions\) .* got \(30, 3, 0\)"):
        probe_table(codes, codes._replace(z=codes.z[..., :0]))
    with pytest.raises(DataError, match="leakage: expected test sequences of at least two dynamic labels, got .* of 1"):
        leakage(ProbeTable(1, 1, 1, 1, 1, 1, static_chance=0.5, dynamic_chance=1.0))
