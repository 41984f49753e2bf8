from __future__ import annotations

import pytest

from indl_vae.errors import ConfigError
from indl_vae.params.keys import canonical_key, flatten


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ic_enc_dim", "ic_enc_dim"),
        ("IC_ENC_DIM", "ic_enc_dim"),
        ("MODEL.IC_ENC_DIM", "ic_enc_dim"),
        ("TRAIN.LR.INIT", "lr_init"),
        ("LR.INIT", "lr_init"),
        ("model.co_prior._target_", "co_prior_target"),
        ("_target_", "target"),
        ("train", "train"),
    ],
)
def test_one_spelling_for_each_key(written, expected):
    assert canonical_key(written) == expected


def test_trees_lists_and_references():
    tree = {
        "MODEL": {"CO_DIM": 1},
        "train_aug_stack": {"transforms": [{"cd_rate": 0.3, "ic_enc_seq_len": "${model.ic_enc_seq_len}"}]},
        "f_units": [3, 4],
        "TRAIN.LR": {"INIT": 0.01},
    }
    assert list(flatten(tree)) == [
        ("co_dim", "MODEL.CO_DIM", 1),
        ("cd_rate", "train_aug_stack.transforms.cd_rate", 0.3),
        ("f_units", "f_units", [3, 4]),
        ("lr_init", "TRAIN.LR.INIT", 0.01),
    ]


def test_an_empty_mapping_is_no_value():
    assert list(flatten({"MODEL": {}, "f_units": {}})) == [("f_units", "f_units", {})]


@pytest.mark.parametrize("key", [3, None, "", " "])
def test_keys_are_names(key):
    with pytest.raises(ConfigError, match="expected a name"):
        list(flatten({key: 1}))
