"""A picture of a table, as SVG. Import it only when one is wanted: matplotlib takes a second to load.

Whoever does sets MPLCONFIGDIR first. Words stay words in the picture, as in routing/orders/scorecards/pictures.py.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from math import nan

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routing.reports.sheets import Say, shown
from routing.reports.tables import Kind, Table, Value

_COLOURS = ("#1b5e6b", "#8a4b00", "#1f6b3a", "#b3121d")
_LABELS_MOST = 24
_MARKED_MOST = 100


def draw(table: Table, say: Say) -> bytes:
    """Draw what the table says is drawn: shares as lines, counts as bars. Raises ValueError for a table without."""
    wanted = table.picture
    if wanted is None:
        raise ValueError(f"nothing of {table.name} is drawn")
    number = bool(wanted.lines) + bool(wanted.bars)
    figure = Figure(figsize=(9, 1.2 + 2.6 * number), layout="constrained")
    panels = list(figure.subplots(number, 1, sharex=True, squeeze=False)[:, 0])
    if wanted.lines:
        _lines(panels[0], table, wanted.lines, say)
        if wanted.goal is not None:
            panels[0].axhline(100 * wanted.goal, color="#51636d", linewidth=0.9, linestyle="--")
    if wanted.bars:
        _bars(panels[-1], table, wanted.bars, say)
    labels = [_label(row[0], table, say) for row in table.rows]
    step = max(1, -(-len(labels) // _LABELS_MOST))
    panels[-1].set_xticks(range(0, len(labels), step), labels[::step], rotation=60, ha="right", fontsize=8)
    return _svg(figure)


def _lines(panel: Axes, table: Table, codes: Sequence[str], say: Say) -> None:
    mark = "o-" if len(table.rows) <= _MARKED_MOST else "-"
    scaled = 1
    for code, colour in zip(codes, _COLOURS, strict=False):
        at = next(number for number, column in enumerate(table.columns) if column.code == code)
        scaled = 100 if table.columns[at].kind is Kind.SHARE else 1
        values = [scaled * value if isinstance(value := row[at], (int, float)) else nan for row in table.rows]
        panel.plot(range(len(values)), values, mark, color=colour, label=say("report_column", code), markersize=4)
    if scaled == 100:
        panel.set(ylim=(0, 105), ylabel="%")
    panel.legend(loc="lower left", fontsize=8, ncols=3)


def _bars(panel: Axes, table: Table, codes: Sequence[str], say: Say) -> None:
    width = 0.8 / len(codes)
    for number, (code, colour) in enumerate(zip(codes, _COLOURS, strict=False)):
        at = next(place for place, column in enumerate(table.columns) if column.code == code)
        heights = [value if isinstance(value := row[at], (int, float)) else 0 for row in table.rows]
        places = [each + (number - (len(codes) - 1) / 2) * width for each in range(len(heights))]
        panel.bar(places, heights, width, color=colour, label=say("report_column", code))
    panel.legend(fontsize=8)


def _label(value: Value, table: Table, say: Say) -> str:
    column = table.columns[0]
    said = shown(value, column, say)
    return said if len(said) <= 22 else f"{said[:21]}…"


def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = "none", "elderline"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)  # The browser has them.
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
