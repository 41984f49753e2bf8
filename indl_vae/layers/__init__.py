"""Keras layers with explicit arguments, one concept a file."""

from indl_vae.layers.beside import Beside
from indl_vae.layers.channel_dropout import ChannelDropout
from indl_vae.layers.channel_scale import ChannelScale
from indl_vae.layers.clipped_gru import ClippedGRU
from indl_vae.layers.clipped_gru_cell import ClippedGRUCell
from indl_vae.layers.complete_state import CompleteState
from indl_vae.layers.complex_cell import ComplexCell
from indl_vae.layers.complex_rnn import ComplexRNN
from indl_vae.layers.coordinated_dropout import CoordinatedDropout
from indl_vae.layers.counted_bins import CountedBins
from indl_vae.layers.dropout import Dropout
from indl_vae.layers.empty_codes import EmptyCodes
from indl_vae.layers.encoded_paths import LogStdSum, PathDistance
from indl_vae.layers.encoder_view import EncoderView
from indl_vae.layers.first_states import FirstStates
from indl_vae.layers.forced_rollout import ForcedRollout
from indl_vae.layers.forcing_targets import ForcingTargets, InverseReadout
from indl_vae.layers.frames import BatchToFrames, FramesToBatch
from indl_vae.layers.gradient_gate import GradientGate
from indl_vae.layers.heard_bins import HeardBins
from indl_vae.layers.latent_steps import (
    AlmostLinearStep,
    ClippedDendriticStep,
    ClippedShallowStep,
    DendriticStep,
    LatentStep,
    PlainStep,
    ShallowStep,
)
from indl_vae.layers.learned_state import LearnedState
from indl_vae.layers.manifold_attractor import ManifoldAttractor
from indl_vae.layers.mean_correlation import MeanCorrelation
from indl_vae.layers.neighbour_smoothing import NeighbourSmoothing
from indl_vae.layers.neurons import (
    BehaviorDropout,
    FiLM,
    HiddenNeurons,
    IdentityReadIn,
    IdentityReadOut,
    IdentityTable,
    LatentKL,
    MeanOverTime,
    NeuronReadout,
    NeuronTokens,
    TemporalBlock,
)
from indl_vae.layers.noise_scale import NoiseScale
from indl_vae.layers.path_roughness import PathRoughness
from indl_vae.layers.positions import Positions
from indl_vae.layers.rate_readout import RateReadout
from indl_vae.layers.regions import (
    DiscreteTransition,
    MessageSize,
    Overshooting,
    OvershootLoss,
    PairNetworks,
    PathKL,
    PotentialsPosterior,
    PredictedPath,
    RegionDynamics,
    RolledPosterior,
    StatePath,
    SwitchingDynamics,
    SwitchingStart,
)
from indl_vae.layers.roll_forward import RollForward
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.layers.scaled_readout import ScaledReadout
from indl_vae.layers.scales import LogVariance, StandardDeviation
from indl_vae.layers.segments import BySequence, CutSegments, FoldSegments, JoinSegments, SegmentSteps
from indl_vae.layers.sequence_means import AboutMean, SequenceMeans
from indl_vae.layers.session_channels import SessionChannels
from indl_vae.layers.session_read_in import SessionReadIn
from indl_vae.layers.session_read_out import SessionReadOut
from indl_vae.layers.slice_bins import SliceBins
from indl_vae.layers.spike_jitter import SpikeJitter
from indl_vae.layers.step_mask import StepMask
from indl_vae.layers.temporal_shift import TemporalShift
from indl_vae.layers.tile_over_time import TileOverTime
from indl_vae.layers.time_lag import TimeLag
from indl_vae.layers.trained_constant import TrainedConstant
from indl_vae.layers.transformer_block import TransformerBlock
from indl_vae.layers.visible_mask import VisibleMask

__all__ = [
    "AboutMean",
    "AlmostLinearStep",
    "BatchToFrames",
    "BehaviorDropout",
    "Beside",
    "BySequence",
    "ChannelDropout",
    "ChannelScale",
    "ClippedDendriticStep",
    "ClippedGRU",
    "ClippedGRUCell",
    "ClippedShallowStep",
    "CompleteState",
    "ComplexCell",
    "ComplexRNN",
    "CoordinatedDropout",
    "CountedBins",
    "CutSegments",
    "DendriticStep",
    "DiscreteTransition",
    "Dropout",
    "EmptyCodes",
    "EncoderView",
    "FiLM",
    "FirstStates",
    "FoldSegments",
    "ForcedRollout",
    "ForcingTargets",
    "FramesToBatch",
    "GradientGate",
    "HeardBins",
    "HiddenNeurons",
    "IdentityReadIn",
    "IdentityReadOut",
    "IdentityTable",
    "InverseReadout",
    "JoinSegments",
    "LatentKL",
    "LatentStep",
    "LearnedState",
    "LogStdSum",
    "LogVariance",
    "ManifoldAttractor",
    "MeanCorrelation",
    "MeanOverTime",
    "MessageSize",
    "NeighbourSmoothing",
    "NeuronReadout",
    "NeuronTokens",
    "NoiseScale",
    "OvershootLoss",
    "Overshooting",
    "PairNetworks",
    "PathDistance",
    "PathKL",
    "PathRoughness",
    "PlainStep",
    "Positions",
    "PotentialsPosterior",
    "PredictedPath",
    "RateReadout",
    "RegionDynamics",
    "RollForward",
    "RolledPosterior",
    "ScaledReadout",
    "SegmentSteps",
    "SequenceMeans",
    "SessionChannels",
    "SessionReadIn",
    "SessionReadOut",
    "ShallowStep",
    "SliceBins",
    "SpikeJitter",
    "StandardDeviation",
    "StatePath",
    "StepMask",
    "SwitchingDynamics",
    "SwitchingStart",
    "TemporalBlock",
    "TemporalShift",
    "TileOverTime",
    "TimeLag",
    "TrainedConstant",
    "TransformerBlock",
    "VisibleMask",
    "sampling_scope",
]
