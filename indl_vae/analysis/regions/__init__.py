"""How well models of several regions find states, switches and messages. NumPy arrays in, numbers out."""

from indl_vae.analysis.regions.matched_states import matched_states
from indl_vae.analysis.regions.state_accuracy import adjusted_rand_index, state_accuracy
from indl_vae.analysis.regions.switch_times import switch_f1, switch_time_error

__all__ = ["adjusted_rand_index", "matched_states", "state_accuracy", "switch_f1", "switch_time_error"]
