"""Pure functions on tensors: the time loops of the library.

Time-major (T, B, ...) inside, no weights, no parameters.
"""
