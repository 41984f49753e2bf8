"""Three-dimensional axes in the house style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator


def add_space(
    figure: Any, rectangle: tuple[float, float, float, float], names: Sequence[str], zoom: float = 1.1
) -> Any:
    """Adds three-dimensional axes to a figure or subfigure.

    Args:
        figure: Figure or subfigure.
        rectangle: Left, bottom, width and height as shares of the figure; a fixed place, because the automatic layout
            leaves half of the space around such axes empty.
        names: Labels of the three axes.
        zoom: Size of the box within the rectangle.
    """
    ax = figure.add_axes(rectangle, projection="3d", facecolor="none")
    ax.set_box_aspect((1.25, 1.0, 0.85), zoom=zoom)
    ax.view_init(elev=18, azim=-60)
    ax.tick_params(labelsize=7, pad=-1)
    for axis, name in zip((ax.xaxis, ax.yaxis, ax.zaxis), names, strict=True):
        axis.set_label_text(name, fontsize=8.5)
        axis.set_major_locator(MaxNLocator(4))
        axis.set_pane_color((1, 1, 1, 0))
        axis._axinfo["grid"].update(color="#e3e6ea", linewidth=0.6)
    return ax
