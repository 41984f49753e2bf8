"""What is random in a pass through `ComplexCell`: noise of the inferred inputs and the dropout masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from indl_vae.inference.complex_scan import ComplexDraws
from indl_vae.layers.random import dropout_mask, normal
from indl_vae.layers.sampling_scope import is_sampling

if TYPE_CHECKING:
    from indl_vae.layers.complex_cell import ComplexCell

PLACEMENTS = ("published", "indl")


class InputMasks(NamedTuple):
    """Masks on what is known before the loop; None means no dropout.

    Attributes:
        code: On the encoder code, `(T, B, K)`.
        ext: On the external input, `(T, B, U)`.
        initial_factors: On the initial generator state on its way to the initial factors, `(B, G)`.
    """

    code: Any = None
    ext: Any = None
    initial_factors: Any = None

    def apply_code(self, code):
        """Returns the code with its dropout."""
        return code if self.code is None else code * self.code

    def apply_ext(self, ext):
        """Returns the external input with its dropout."""
        return ext if self.ext is None else ext * self.ext


def draw(cell: ComplexCell, lead: tuple, training: bool | None) -> tuple[InputMasks, ComplexDraws]:
    """Draws noise and masks for a whole sequence, or for one step.

    Args:
        cell: Whose rate, placement and seed generator are used.
        lead: Leading axes, `(T, B)` for a sequence or `(B,)` for a step.
        training: Dropout acts only while training; noise also inside `sampling_scope`.
    """
    noise_shape = (*lead, cell.co_dim)
    if is_sampling(training):
        noise = normal(noise_shape, cell.seed_generator, cell.compute_dtype)
    else:
        noise = tf.zeros(noise_shape, cell.compute_dtype)
    if not training or cell.dropout == 0.0:
        return InputMasks(), ComplexDraws(noise)
    if cell.dropout_placement == "published":
        return _published(cell, lead, noise)
    return _indl(cell, lead, noise)


def _mask(cell: ComplexCell, *shape):
    return dropout_mask(shape, cell.dropout, cell.seed_generator, cell.compute_dtype)


def _published(cell: ComplexCell, lead: tuple, noise) -> tuple[InputMasks, ComplexDraws]:
    factors = _mask(cell, *lead, cell.units_gen)
    initial = _mask(cell, lead[-1], cell.units_gen)
    ext = _mask(cell, *lead, cell.ext_width) if cell.ext_width else None
    if not cell.co_dim:
        return InputMasks(None, ext, initial), ComplexDraws(noise, factors=factors)
    masks = InputMasks(_mask(cell, *lead, cell.code_width), ext, initial)
    return masks, ComplexDraws(noise, con_factors=_mask(cell, *lead, cell.factors_dim), factors=factors)


def _indl(cell: ComplexCell, lead: tuple, noise) -> tuple[InputMasks, ComplexDraws]:
    """The GRUs' own input masks are drawn once a sequence, as `keras.layers.GRUCell` does."""
    masks, draws = _published(cell, lead, noise)
    batch = lead[-1]
    ext = None if masks.ext is None else tf.zeros_like(masks.ext) + _mask(cell, batch, cell.ext_width)
    if not cell.co_dim:
        return masks._replace(ext=ext), draws
    return (
        masks._replace(code=masks.code * _mask(cell, batch, cell.code_width), ext=ext),
        draws._replace(
            con_factors=draws.con_factors * _mask(cell, batch, cell.factors_dim),
            gen_input=tf.zeros_like(noise) + _mask(cell, batch, cell.co_dim),
            feedback=_mask(cell, *lead, cell.units_gen),
        ),
    )
