"""What the recurrent networks of encoders and generator have in common."""

from __future__ import annotations

from indl_vae.params.field import When, param
from indl_vae.params.groups.shared import DropoutGroup, SeedGroup
from indl_vae.params.translate import COMPLEX

_CELLS = ("GRUClip", "GRU", "LSTM", "SimpleRNN")
#: Names of recurrent networks: a cell, with "Bidirectional" in front for one that also runs backwards.
RNN_TYPES = tuple(prefix + cell for prefix in ("", "Bidirectional") for cell in _CELLS)

_CLIPPED = (
    When(("f_rnn_type", "z1_rnn_type", "z2_rnn_type", "gen_cell_type"), ("GRUClip", "BidirectionalGRUClip", COMPLEX)),
    When("rec_model", ("encoder",), absent=True),
    When("sequence_encoder", ("rnn",), absent=True),
)


class RNNGroup(DropoutGroup, SeedGroup):
    """Parameters of every recurrent network."""

    gru_clip_value: float = param(
        5.0,
        "Limit of the absolute value of a GRUClip's state; .inf for none.",
        gt=0.0,
        search=(1.0, 20.0, "log"),
        tune=True,
        when=_CLIPPED,
        allow_inf=True,
        aliases=("cell_clip_value", "cell_clip", "clip_value"),
    )
    rnn_route: str = param(
        "fused",
        "How recurrences run: our fused loop; keras.layers.RNN or a plain loop to check and to measure against.",
        choices=("fused", "keras", "loop"),
    )
    remat: int = param(
        0,
        "Bins of a segment that the backward pass of a GRUClip computes again instead of keeping its values: less "
        "memory for long trials, more time; 0 keeps everything.",
        unit="bins",
        ge=0,
    )
    learn_initial_states: bool = param(
        False, "Whether initial states of encoders and controller are learnt rather than zero."
    )
    gate_bias: str = param(
        "ones",
        "Initial biases of a GRUClip's gates: 1 for both, 1 for the update gate alone as the first LFADS has it, or 0.",
        choices=("ones", "forget", "zeros"),
    )
    cell_weight_scale: float = param(
        1.0,
        "Factor of the initial weights of a GRUClip's gates, and of all weights of LFADS's controller; the candidate's "
        "stay as they are.",
        gt=0.0,
    )
    kernel_init: str = param(
        "lecun_normal",
        "Initial distribution of the encoders' weights, by its Keras name; joint_normal has variance 1 / (inputs + "
        "units), as the encoders of AutoLFADS and lfads-torch.",
        choices=(
            "lecun_normal",
            "lecun_uniform",
            "glorot_normal",
            "glorot_uniform",
            "he_normal",
            "he_uniform",
            "orthogonal",
            "joint_normal",
        ),
    )
