"""The model class and what builds it. Importing this room registers every class, so that saved models load."""

import indl_vae.distributions
import indl_vae.layers  # noqa: F401
from indl_vae.models.build import build_model, make_optimizer
from indl_vae.models.parts import VAEParts
from indl_vae.models.sequential_vae import SequentialVAE
from indl_vae.models.term import Term

__all__ = ["SequentialVAE", "Term", "VAEParts", "build_model", "make_optimizer"]
