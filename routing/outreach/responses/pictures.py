"""A picture of who answered over weeks, as SVG. Import it only when one is wanted: matplotlib takes a second to load.

Whoever does sets MPLCONFIGDIR first. Words stay words in the picture, as in routing/orders/scorecards/pictures.py.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

from matplotlib import rcParams
from matplotlib.figure import Figure

from routing.outreach.responses.policy import share
from routing.outreach.responses.service import Responses

LINES = (
    ("call_answered", "#1b5e6b"), ("call_scored", "#4c9aa8"), ("sms_answered", "#8a4b00"), ("sms_scored", "#c98a3a"),
    ("confirmed", "#1f6b3a"),
)  # fmt: skip


def draw_weeks(found: Responses, words: Mapping[str, str]) -> bytes:
    """Draw the shares of each week, and how many were asked."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    shares, asked = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    at = range(len(found.weeks))
    for part, colour in LINES:
        values = [share(each.counts, part) for each in found.weeks]
        shown = [None if value is None else 100 * value for value in values]
        shares.plot(at, shown, "o-", color=colour, label=words[part])  # None is a gap.
    shares.set(ylim=(0, 105), ylabel="%")
    shares.legend(loc="lower left", fontsize=8, ncols=3)
    asked.bar([each - 0.2 for each in at], [each.counts.call_asked for each in found.weeks], 0.4, color="#1b5e6b",
              label=words["call_asked"])  # fmt: skip
    asked.bar([each + 0.2 for each in at], [each.counts.sms_asked for each in found.weeks], 0.4, color="#8a4b00",
              label=words["sms_asked"])  # fmt: skip
    asked.legend(fontsize=8)
    asked.set_xticks(at, [each.key[5:] for each in found.weeks], rotation=45)
    file = io.BytesIO()
    rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = "none", "elderline"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)  # The browser has them.
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
