"""The names of the package ceneurovae over this library's model, so that scripts written for it run with other imports.

Each of its modules has one of the same name here: `model`, `import_data`, `data`, `optimizer`, `train`.
"""

from __future__ import annotations

from indl_vae.families.ceneurovae.compat.config import VAEConfig
from indl_vae.families.ceneurovae.compat.data import build_loaders
from indl_vae.families.ceneurovae.compat.history import History
from indl_vae.families.ceneurovae.compat.import_data import import_h5
from indl_vae.families.ceneurovae.compat.kl_schedule import KLSchedule
from indl_vae.families.ceneurovae.compat.model import NeuroBehaviorVAE
from indl_vae.families.ceneurovae.compat.optimizer import build_optimizer, build_scheduler
from indl_vae.families.ceneurovae.compat.train import fit_model

__all__ = [
    "History",
    "KLSchedule",
    "NeuroBehaviorVAE",
    "VAEConfig",
    "build_loaders",
    "build_optimizer",
    "build_scheduler",
    "fit_model",
    "import_h5",
]
