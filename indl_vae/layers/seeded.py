"""A mixin that keeps the state of random number generators in saved files."""

from __future__ import annotations

from typing import Any


class Seeded:
    """Saves and restores the state of a layer's own `keras.random.SeedGenerator`s with its weights.

    Keras leaves that state out of `.keras` and `.weights.h5` files, so that a resumed run would repeat the noise of its
    first epoch. Put the mixin before `keras.layers.Layer` in the bases and hold each generator as an attribute:

        class Noise(Seeded, keras.layers.Layer):
            def __init__(self, seed=None, **kwargs):
                super().__init__(**kwargs)
                self.seed_generator = keras.random.SeedGenerator(seed)

    A file written before the layer had a generator still loads; the generator then keeps the state of its seed.
    """

    _seed_generators: list[Any]

    def save_own_variables(self, store: Any) -> None:
        """Writes the weights as Keras does, and after them one entry `seed_<i>` per generator."""
        super().save_own_variables(store)  # type: ignore[misc]
        for index, generator in enumerate(self._seed_generators):
            store[f"seed_{index}"] = generator.state.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote; Keras itself checks the number and shapes of the weights."""
        keys = list(store.keys())
        for index, generator in enumerate(self._seed_generators):
            if f"seed_{index}" in keys:
                generator.state.assign(store[f"seed_{index}"])
        weights = {key: store[key] for key in keys if not key.startswith("seed_")}
        super().load_own_variables(weights)  # type: ignore[misc]
