"""How fast the library is: `make bench`, or `python benchmarks/run.py --help`."""
