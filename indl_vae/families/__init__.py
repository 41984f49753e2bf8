"""One folder a family: `params.py` (what can be set, no TensorFlow) and `wiring.py` (builders to model).

The package is also the function `indl_vae.families()`, which returns the families' names: a package and a function
cannot share a name in any other way, because importing a sub-package binds its name in the parent.
"""

from __future__ import annotations

import sys
from types import ModuleType

from indl_vae.registry import family_names


class _CallablePackage(ModuleType):
    def __call__(self) -> tuple[str, ...]:
        """Returns the names of the families that can be made."""
        return family_names()


sys.modules[__name__].__class__ = _CallablePackage
