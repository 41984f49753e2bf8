"""What is random in a pass through `ComplexCell`: noise of the inferred inputs and the dropout masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.complex_step import ComplexDraws
from indl_vae.layers.random import dropout_mask, normal
from indl_vae.layers.sampling_scope import is_sampling

if TYPE_CHECKING:
    from indl_vae.layers.complex_cell import ComplexCell

PLACEMENTS = ("published", "tf1", "lite", "indl")


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


def draw(cell: ComplexCell, batch: Any, bins: Any, training: bool | None) -> tuple[InputMasks, ComplexDraws]:
    """Draws noise and masks for a whole sequence, or for one step.

    Args:
        cell: Whose rate, placement and seed generator are used.
        batch: Number of trials.
        bins: Number of bins T, or None for one step, whose draws have no time axis.
        training: Dropout acts only while training; noise also inside `sampling_scope`.
    """
    draws = _Draws(cell, batch, bins)
    noise = draws.noise() if cell.sampled and is_sampling(training) else draws.no_noise()
    if not training or cell.dropout == 0.0:
        return InputMasks(), ComplexDraws(noise)
    placed = _published(cell, draws, noise)
    if cell.dropout_placement == "tf1":
        return placed[0]._replace(initial_factors=None), placed[1]
    if cell.dropout_placement in ("lite", "indl") and cell.fed_width:
        placed = placed[0], placed[1]._replace(feedback=draws.mask(cell.units_gen))
    return _indl(cell, draws, *placed) if cell.dropout_placement == "indl" else placed


class _Draws(NamedTuple):
    """Draws of one pass, batch first as random numbers are, handed out time first as the recurrence takes them."""

    cell: ComplexCell
    batch: Any
    bins: Any

    def noise(self):
        """Noise of the inferred inputs, `(T, B, Z)`."""
        return self._steps_first(normal(self._shape(self.cell.co_dim), self.cell.seed_generator, self.dtype))

    def no_noise(self):
        """Zeros in its place: the inferred inputs are their means."""
        return self._steps_first(tf.zeros(self._shape(self.cell.co_dim), self.dtype))

    def mask(self, width: int):
        """A mask with an own draw at every step, `(T, B, width)`."""
        return self._steps_first(self._dropout(self._shape(width)))

    def constant_mask(self, width: int):
        """A mask drawn once for all steps, `(B, width)`."""
        return self._dropout((self.batch, width))

    @property
    def dtype(self) -> str:
        return self.cell.compute_dtype

    def _dropout(self, shape: tuple):
        return dropout_mask(shape, tf.convert_to_tensor(self.cell.rate_value), self.cell.seed_generator, self.dtype)

    def _shape(self, width: int) -> tuple:
        return (self.batch, width) if self.bins is None else (self.batch, self.bins, width)

    def _steps_first(self, drawn):
        return drawn if self.bins is None else loops.time_major(drawn)


def _published(cell: ComplexCell, draws: _Draws, noise) -> tuple[InputMasks, ComplexDraws]:
    factors = draws.mask(cell.units_gen)
    initial = draws.constant_mask(cell.units_gen)
    ext = draws.mask(cell.ext_width) if cell.ext_width else None
    if not cell.co_dim:
        return InputMasks(None, ext, initial), ComplexDraws(noise, factors=factors)
    masks = InputMasks(draws.mask(cell.code_width), ext, initial)
    fed = draws.mask(cell.fed_width) if cell.fed_width else None
    return masks, ComplexDraws(noise, con_factors=fed, factors=factors)


def _indl(cell: ComplexCell, draws: _Draws, masks: InputMasks, drawn: ComplexDraws) -> tuple[InputMasks, ComplexDraws]:
    """The GRUs' own input masks are drawn once a sequence, as `keras.layers.GRUCell` does."""
    ext = None if masks.ext is None else tf.zeros_like(masks.ext) + draws.constant_mask(cell.ext_width)
    if not cell.co_dim:
        return masks._replace(ext=ext), drawn
    fed = drawn.con_factors
    return (
        masks._replace(code=masks.code * draws.constant_mask(cell.code_width), ext=ext),
        drawn._replace(
            con_factors=None if fed is None else fed * draws.constant_mask(cell.fed_width),
            gen_input=tf.zeros_like(drawn.noise) + draws.constant_mask(cell.co_dim),
        ),
    )
