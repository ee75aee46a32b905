"""Pictures of scorecards, as SVG. Import it only when one is wanted: matplotlib takes a second to load.

Whoever does sets MPLCONFIGDIR first, so that matplotlib keeps its list of fonts where things of run time are kept.
Words stay words in the picture: the browser, which shows the page in the same script, has the letters that this machine
may lack. The words are the page's, by the names in `ENGLISH`.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routing.orders.scorecards.policy import Scorecard, Share
from routing.orders.scorecards.service import CompanyCard, MonthCard

MOST_COMPARED = 40
"""Companies of one picture; more cannot be told apart. The lowest scores are shown."""
_SHARES = (("acceptance", "#1b5e6b"), ("punctuality", "#8a4b00"), ("verified", "#1f6b3a"))
ENGLISH: Mapping[str, str] = {
    "acceptance": "accepted %", "punctuality": "on time %", "verified": "verified %", "score": "score, 1 to 5",
    "mean": "mean score, shrunk toward 4", "done": "orders done", "complaints": "complaints per 100 visits",
    "suspended": "suspended",
}  # fmt: skip
"""What must be said in a picture, as the command line says it."""


def draw_months(name: str, months: Sequence[MonthCard], words: Mapping[str, str]) -> bytes:
    """Draw a company's shares, score, and complaints over months."""
    figure = Figure(figsize=(7, 6.2), layout="constrained")
    shares, score, work = figure.subplots(3, 1, sharex=True)
    names_of_months = [f"{each.month:%Y-%m}" for each in months]
    at = range(len(months))
    for part, colour in _SHARES:
        shares.plot(at, [_percent(getattr(each.card, part)) for each in months], "o-", color=colour, label=words[part])
    shares.set(ylim=(0, 105), ylabel="%", title=name)
    shares.legend(loc="lower left", fontsize=8, ncols=3)
    score.plot(at, [_score(each.card) for each in months], "o-", color="#1b5e6b")
    score.set(ylim=(1, 5), ylabel=words["score"], title=words["mean"])
    score.axhline(4, color="#b0b0b0", linewidth=0.8)
    work.bar(at, [each.card.counts.done for each in months], color="#c9d8e6")
    work.set_ylim(0, 1.1 * max([1, *(each.card.counts.done for each in months)]))
    work.set_ylabel(words["done"])
    complaints = work.twinx()
    complaints.plot(at, [each.card.complaints_per_100 for each in months], "o-", color="#b3121d")
    complaints.set_ylim(0, 1.1 * max([1.0, *(each.card.complaints_per_100 or 0 for each in months)]))
    complaints.set_ylabel(words["complaints"], color="#b3121d")
    work.set_xticks(at, names_of_months, rotation=45)
    return _svg(figure)


def draw_comparison(cards: Sequence[CompanyCard], words: Mapping[str, str]) -> bytes:
    """Draw companies beside each other, the lowest score first: shares as they are, and the shrunk score."""
    shown = sorted(cards, key=lambda each: (each.card.score, each.company_id))[:MOST_COMPARED]
    figure = Figure(figsize=(9, max(2.6, 0.34 * len(shown) + 1.4)), layout="constrained")
    panels = figure.subplots(1, 4, sharey=True)
    at = range(len(shown))
    for panel, (part, colour) in zip(panels, _SHARES, strict=False):
        _bars(panel, [_percent(getattr(each.card, part)) for each in shown], words[part], colour)
        panel.set_xlim(0, 100)
    _bars(panels[3], [each.card.score for each in shown], words["score"], "#51636d")
    panels[3].set_xlim(1, 5)
    suspended = f" ({words['suspended']})"
    panels[0].set_yticks(at, [each.name + (suspended if each.suspended else "") for each in shown])
    panels[0].invert_yaxis()
    return _svg(figure)


def _bars(panel: Axes, values: Sequence[float | None], title: str, colour: str) -> None:
    panel.barh(range(len(values)), [value or 0 for value in values], color=colour)
    panel.set_title(title)
    for at, value in enumerate(values):
        panel.text(1, at, "-" if value is None else "", va="center", ha="left", fontsize=8)


def _percent(share: Share) -> float | None:
    return None if share.value is None else 100 * share.value


def _score(card: Scorecard) -> float | None:
    return card.score if card.counts.score_count else None


def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = "none", "elderline"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)  # The browser has them.
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
