"""The field groups. A family inherits the ones it needs; a builder narrows to the one it reads."""

from indl_vae.params.groups.annealing import AnnealingGroup
from indl_vae.params.groups.attractor import AttractorGroup
from indl_vae.params.groups.decoder import DecoderGroup
from indl_vae.params.groups.f_latent import FEncoderGroup, FPosteriorGroup, FPriorGroup
from indl_vae.params.groups.features import FeaturesGroup, ImageGroup
from indl_vae.params.groups.forcing import ForcingGroup
from indl_vae.params.groups.generator import GeneratorCellGroup, GeneratorGroup, RecurrentGeneratorGroup
from indl_vae.params.groups.inputs import InputsGroup
from indl_vae.params.groups.keeping import KeepingGroup
from indl_vae.params.groups.latent_step import LatentStepGroup
from indl_vae.params.groups.neurons import (
    NeuronDecoderGroup,
    NeuronEncoderGroup,
    NeuronLatentGroup,
    NeuronsGroup,
)
from indl_vae.params.groups.observation import ObservationGroup
from indl_vae.params.groups.optimizer import OptimizerGroup
from indl_vae.params.groups.output import OutputGroup
from indl_vae.params.groups.ramp import RampGroup
from indl_vae.params.groups.recognition import RecognitionGroup
from indl_vae.params.groups.region_emission import RegionEmissionGroup
from indl_vae.params.groups.region_encoder import RegionEncoderGroup
from indl_vae.params.groups.region_posterior import RegionPosteriorGroup
from indl_vae.params.groups.region_training import (
    CyclicalBetaGroup,
    OvershootGroup,
    RegionMaskingGroup,
    RegionStartGroup,
    StateGuardGroup,
)
from indl_vae.params.groups.regions import RegionDynamicsGroup, RegionSizesGroup, stack_of
from indl_vae.params.groups.rnn import RNN_TYPES, RNNGroup
from indl_vae.params.groups.run import RunGroup
from indl_vae.params.groups.segments import SegmentsGroup, SequenceMeansGroup
from indl_vae.params.groups.sessions import SessionsGroup
from indl_vae.params.groups.shared import DropoutGroup, FSizeGroup, HeldOutGroup, SeedGroup, ZInCellGroup, ZSizeGroup
from indl_vae.params.groups.stages import SecondStageGroup, StagesGroup, StepsGroup
from indl_vae.params.groups.terms import TermsGroup
from indl_vae.params.groups.windows import DynamicsScoresGroup, WindowsGroup
from indl_vae.params.groups.worm_data import WormDataGroup
from indl_vae.params.groups.z_latent import ZEncoderGroup, ZPosteriorGroup, ZPriorGroup

#: Every group a builder, term or callback narrows to, in the order in which parameters are listed.
ALL_GROUPS = (
    RunGroup,
    KeepingGroup,
    StagesGroup,
    StepsGroup,
    SecondStageGroup,
    OptimizerGroup,
    RampGroup,
    TermsGroup,
    InputsGroup,
    SessionsGroup,
    RNNGroup,
    FEncoderGroup,
    FPosteriorGroup,
    FPriorGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ZPriorGroup,
    GeneratorGroup,
    FeaturesGroup,
    DecoderGroup,
    SegmentsGroup,
    SequenceMeansGroup,
    OutputGroup,
    AnnealingGroup,
    AttractorGroup,
    ForcingGroup,
    LatentStepGroup,
    ObservationGroup,
    RecognitionGroup,
    WindowsGroup,
    DynamicsScoresGroup,
    RegionDynamicsGroup,
    RegionEncoderGroup,
    RegionEmissionGroup,
    RegionPosteriorGroup,
    RegionMaskingGroup,
    OvershootGroup,
    StateGuardGroup,
    CyclicalBetaGroup,
    RegionStartGroup,
    NeuronEncoderGroup,
    NeuronLatentGroup,
    NeuronDecoderGroup,
    WormDataGroup,
)

__all__ = [
    "ALL_GROUPS",
    "RNN_TYPES",
    "AnnealingGroup",
    "AttractorGroup",
    "CyclicalBetaGroup",
    "DecoderGroup",
    "DropoutGroup",
    "DynamicsScoresGroup",
    "FEncoderGroup",
    "FPosteriorGroup",
    "FPriorGroup",
    "FSizeGroup",
    "FeaturesGroup",
    "ForcingGroup",
    "GeneratorCellGroup",
    "GeneratorGroup",
    "HeldOutGroup",
    "ImageGroup",
    "InputsGroup",
    "KeepingGroup",
    "LatentStepGroup",
    "NeuronDecoderGroup",
    "NeuronEncoderGroup",
    "NeuronLatentGroup",
    "NeuronsGroup",
    "ObservationGroup",
    "OptimizerGroup",
    "OutputGroup",
    "OvershootGroup",
    "RNNGroup",
    "RampGroup",
    "RecognitionGroup",
    "RecurrentGeneratorGroup",
    "RegionDynamicsGroup",
    "RegionEmissionGroup",
    "RegionEncoderGroup",
    "RegionMaskingGroup",
    "RegionPosteriorGroup",
    "RegionSizesGroup",
    "RegionStartGroup",
    "RunGroup",
    "SecondStageGroup",
    "SeedGroup",
    "SegmentsGroup",
    "SequenceMeansGroup",
    "SessionsGroup",
    "StagesGroup",
    "StateGuardGroup",
    "StepsGroup",
    "TermsGroup",
    "WindowsGroup",
    "WormDataGroup",
    "ZEncoderGroup",
    "ZInCellGroup",
    "ZPosteriorGroup",
    "ZPriorGroup",
    "ZSizeGroup",
    "stack_of",
]
