"""Draws inferred inputs beside the true pulses of a synthetic set, trials sorted by the bin of their pulse (dots).

python examples/plot_pulses.py --data inputs_g2p5.h5 --posterior posterior.h5 --out pulses.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import h5py
import numpy as np

from indl_vae.analysis.plots import plot_inputs


def main() -> None:
    """Reads data and posterior and writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="data file with valid_input_truth")
    parser.add_argument("--posterior", type=Path, required=True, help="file of `indl-vae posterior`")
    parser.add_argument("--out", type=Path, required=True, help="PNG file")
    args = parser.parse_args()
    with h5py.File(args.data) as data, h5py.File(args.posterior) as posterior:
        pulses = np.abs(data["valid_input_truth"][:]).sum(-1)
        inputs, width = posterior["valid_controller_outputs"][:], float(posterior.attrs["bin_width_s"])
    plot_inputs(inputs, event=pulses.argmax(1), bin_width_s=width).savefig(args.out, dpi=110)


if __name__ == "__main__":
    main()
