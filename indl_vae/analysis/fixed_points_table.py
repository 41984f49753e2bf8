"""Fixed points as lines of text."""

from __future__ import annotations

from indl_vae.analysis.fixed_points import FixedPoints

MAX_ROWS = 20


def fixed_points_table(found: FixedPoints) -> list[str]:
    """Returns a heading and a line for each point (the first 20): kind, speed, its slowest modes.

    "slowest" is the mode of the largest modulus; "rotation" the frequency of the slowest mode that turns.
    """
    if not len(found):
        return ["No fixed point found. Raise --max-speed to see slow points, or --starts."]
    unit, rate = ("bins", "per bin") if found.bin_width_s is None else ("s", "Hz")
    times = found.time_constants if found.time_constants_s is None else found.time_constants_s
    turns = found.frequencies if found.frequencies_hz is None else found.frequencies_hz
    heading = f"{'point':>5}  {'kind':<8}  {'growing':>7}  {'q':>8}  {f'slowest ({unit})':>14}"
    lines = [f"{heading}  {f'rotation ({rate})':>18}  {'distance':>8}"]
    for i in range(min(len(found), MAX_ROWS)):
        turning = turns[i][found.eigenvalues[i].imag != 0]
        rotation = f"{turning[0]:.3g}" if turning.size else "none"
        lines.append(
            f"{i:>5}  {found.kinds[i]:<8}  {found.n_unstable[i]:>7}  {found.speed[i]:>8.1e}  {times[i][0]:>14.3g}  "
            f"{rotation:>18}  {found.distances[i]:>8.3g}"
        )
    if len(found) > MAX_ROWS:
        lines.append(f"... and {len(found) - MAX_ROWS} more in the file")
    return lines
