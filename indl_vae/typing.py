"""Named tuples and small value types that travel between rooms. No TensorFlow here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from indl_vae.errors import ConfigError


class Latent(NamedTuple):
    """A posterior and the one draw from it that both the KL and the decoder see.

    Attributes:
        sample: `(B, D)` or `(B, T, D)`: a draw while training, the mean otherwise.
        loc: Posterior mean, same shape; None where the latent is made inside a recurrent cell.
        scale: Posterior standard deviation, same shape, or `(..., D, D)` lower-triangular.
    """

    sample: Any
    loc: Any = None
    scale: Any = None


@dataclass(frozen=True)
class SessionSpec:
    """A recording session whose channels are its own.

    Attributes:
        name: Its name.
        n_channels: Number of its channels.
        aligned: Width of the common space that the session's file brings a matrix into, 0 where it has none.
    """

    name: str
    n_channels: int
    aligned: int = 0


@dataclass(frozen=True)
class Sessions:
    """The sessions of a model, as its builders need them.

    Attributes:
        specs: The sessions.
        number: `(B,)`: number of each trial's session, from 0; None where there is but one.
        read_in: Width of the read-in.
    """

    specs: tuple[SessionSpec, ...]
    number: Any = None
    read_in: int = 0


@dataclass(frozen=True)
class DataSpec:
    """What a model must know of its data before it can be built.

    Attributes:
        n_channels: Number of observed channels N.
        n_bins: Number of time bins T, or None when trials of any length are to be accepted.
        ext_input_dim: Width U of the measured external input, 0 without one.
        bin_width_s: Width of a bin in seconds, or None when unknown.
        n_sequences: Number of sequences in the training data, 0 when unknown.
        sessions: The sessions, each with a read-in and a read-out of its own; N is then the largest of their channel
            numbers. Empty for one session without an alignment matrix.
        region_sizes: Channels of each region, in order; empty where they are not told apart.
        n_identities: Number of identities of channels, that of unknown ones (0) counted; 0 where data have none.
    """

    n_channels: int
    n_bins: int | None = None
    ext_input_dim: int = 0
    bin_width_s: float | None = None
    sessions: tuple[SessionSpec, ...] = ()
    n_sequences: int = 0
    region_sizes: tuple[int, ...] = ()
    n_identities: int = 0

    def __post_init__(self) -> None:
        made = tuple(s if isinstance(s, SessionSpec) else SessionSpec(**s) for s in self.sessions)
        object.__setattr__(self, "sessions", made)
        object.__setattr__(self, "region_sizes", tuple(int(size) for size in self.region_sizes))

    def number_of(self, session: str) -> int:
        """Returns the number of a session.

        Raises:
            ConfigError: There is none of this name.
        """
        names = [one.name for one in self.sessions]
        if session not in names:
            raise ConfigError(
                f"session: {session!r}, expected one of {', '.join(names) or 'none: the data have but one'}."
            )
        return names.index(session)

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as plain Python values."""
        return asdict(self)
