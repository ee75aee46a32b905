"""Play the story: ``./scripts/demo`` runs this once the hotline is up. Exit status 1 if a step did not happen."""

from __future__ import annotations

import os
import sys

from db.demo import DEMO
from routing.settings import load_settings
from scripts.story.meal import called_back, company_accepts, order_by_phone, visit
from scripts.story.people import at_the_desk, presses_nothing, sos_goes_first
from scripts.story.score_by_sms import order_at_the_desk, score_by_sms
from scripts.story.stage import LineTaken, open_stage
from scripts.story.timeline import StoryFailed, Timeline


def main() -> int:
    """Play it on the hotline of this checkout; give the exit status."""
    _keep_stdout()
    settings, timeline = load_settings(), Timeline()
    if not settings.development:
        sys.stderr.write("demo: the story is played by invented people, in the development profile only\n")
        return 1
    try:
        with open_stage(settings, timeline) as stage:
            stage.clear_up()
            stage.somebody(DEMO.company.number)
            timeline.act("1. An elder orders a meal")
            order = order_by_phone(stage)
            timeline.act("2. The company is called, and accepts")
            order = company_accepts(stage, order)
            timeline.act("3. The care worker checks in and out")
            visit(stage, order, DEMO.wang.number)
            timeline.act("4. The elder is called back")
            called_back(stage, order)
            timeline.act("5. Another order, whose elder cannot be reached")
            other = order_at_the_desk(stage, order["item_id"])
            timeline.act("6. A caller who presses nothing reaches a person")
            agent = at_the_desk(stage)
            presses_nothing(stage, agent)
            timeline.act("7. An SOS goes before everyone")
            sos_goes_first(stage, agent)
            timeline.act("8. The score comes by SMS")
            score_by_sms(stage, other)
    except LineTaken as taken:
        sys.stderr.write(f"demo: {taken}\n")
        return 1
    except StoryFailed as failed:
        sys.stderr.write(f"\ndemo: the story does not hold: {failed}\n")
        return 1
    timeline.end()
    return 0


def _keep_stdout() -> None:
    """Keep stdout for the timeline: PJSIP writes there too, whatever it is told, before its log can be turned off."""
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
