"""Test suite; a package so that helpers import as `tests.<folder>.<module>` whatever else is installed."""
