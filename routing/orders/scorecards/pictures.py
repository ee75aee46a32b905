"""Pictures of scorecards, as PNG. Import it only when one is wanted: matplotlib takes a second to load.

Whoever does sets MPLCONFIGDIR first, so that matplotlib keeps its list of fonts where things of run time are kept.
Companies are named by their codes: their names may be in a script for which the machine has no font.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routing.orders.scorecards.policy import Scorecard, Share
from routing.orders.scorecards.service import CompanyCard, MonthCard

MOST_COMPARED = 40
"""Companies of one picture; more cannot be told apart. The lowest scores are shown."""
_SHARES = (
    ("acceptance", "accepted", "#1b5e6b"),
    ("punctuality", "on time", "#8a4b00"),
    ("verified", "verified", "#1f6b3a"),
)


def draw_months(code: str, months: Sequence[MonthCard]) -> bytes:
    """Draw a company's shares, score, and complaints over months."""
    figure = Figure(figsize=(10, 7.5), layout="constrained")
    shares, score, work = figure.subplots(3, 1, sharex=True)
    names = [f"{each.month:%Y-%m}" for each in months]
    at = range(len(months))
    for name, label, colour in _SHARES:
        shares.plot(at, [_percent(getattr(each.card, name)) for each in months], "o-", color=colour, label=label)
    shares.set(ylim=(0, 105), ylabel="%", title=f"{code}: shares of offers and visits")
    shares.legend(loc="lower left", fontsize=8, ncols=3)
    score.plot(at, [_score(each.card) for each in months], "o-", color="#1b5e6b")
    score.set(ylim=(1, 5), ylabel="score, 1 to 5", title="mean score, shrunk toward 4")
    score.axhline(4, color="#b0b0b0", linewidth=0.8)
    work.bar(at, [each.card.counts.done for each in months], color="#c9d8e6", label="orders done")
    work.set_ylim(0, 1.1 * max([1, *(each.card.counts.done for each in months)]))
    work.set_ylabel("orders done")
    complaints = work.twinx()
    complaints.plot(at, [each.card.complaints_per_100 for each in months], "o-", color="#b3121d")
    complaints.set_ylim(0, 1.1 * max([1.0, *(each.card.complaints_per_100 or 0 for each in months)]))
    complaints.set_ylabel("complaints per 100 visits (red)")
    work.set_xticks(at, names, rotation=45)
    return _png(figure)


def draw_comparison(cards: Sequence[CompanyCard]) -> bytes:
    """Draw companies beside each other, the lowest score first: shares as they are, and the shrunk score."""
    shown = sorted(cards, key=lambda each: (each.card.score, each.company_id))[:MOST_COMPARED]
    figure = Figure(figsize=(11, max(3.0, 0.42 * len(shown) + 1.8)), layout="constrained")
    panels = figure.subplots(1, 4, sharey=True)
    at = range(len(shown))
    for panel, (name, label, colour) in zip(panels, _SHARES, strict=False):
        _bars(panel, [_percent(getattr(each.card, name)) for each in shown], label, colour)
        panel.set_xlim(0, 100)
    _bars(panels[3], [each.card.score for each in shown], "score", "#51636d")
    panels[3].set_xlim(1, 5)
    panels[0].set_yticks(at, [f"{each.code}{' (suspended)' if each.suspended else ''}" for each in shown])
    panels[0].invert_yaxis()
    return _png(figure)


def _bars(panel: Axes, values: Sequence[float | None], title: str, colour: str) -> None:
    panel.barh(range(len(values)), [value or 0 for value in values], color=colour)
    panel.set_title(title)
    for at, value in enumerate(values):
        panel.text(1, at, "-" if value is None else "", va="center", ha="left", fontsize=8)


def _percent(share: Share) -> float | None:
    return None if share.value is None else 100 * share.value


def _score(card: Scorecard) -> float | None:
    return card.score if card.counts.score_count else None


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=90)
    return file.getvalue()
