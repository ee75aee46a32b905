"""How a caller fares in a conversation, counted as it goes. No I/O: whoever ends the call asks for the sum."""

from datetime import date

from ivr.answers import Answer, NoInput, NoMatch, PersonWanted
from ivr.call import Delivery
from routing.manners.fares import LATE_SECONDS, End, Fare
from routing.manners.manner import Manner, Source


class Tally:
    """Counts what the dialogue tells it. Never more than numbers: no key that was pressed is kept."""

    def __init__(self) -> None:
        self.questions = 0
        self._hints = 0
        self._wrong_keys = 0
        self._silences = 0
        self._deliveries = 0
        self._latest: float | None = None
        self._how_to_person = End.PERSON

    def asked(self) -> None:
        """A question is asked."""
        self.questions += 1

    def passed(self) -> None:
        """What was said in passing got no answer: it was no question."""
        self.questions -= 1

    def hinted(self, waited: float, into_hint: float | None) -> None:
        """There was a hint after a silence of `waited` seconds, and a key `into_hint` seconds after its beginning.

        Who presses within its first words was merely late: nobody has understood a sentence by then.
        """
        if into_hint is not None and into_hint <= LATE_SECONDS:
            self._latest = max(self._latest or 0.0, waited + into_hint)
        else:
            self._hints += 1

    def wrong_key(self) -> None:
        """A key came that means nothing."""
        self._wrong_keys += 1

    def delivered(self) -> None:
        """# was pressed."""
        self._deliveries += 1

    def answered(self, answer: Answer[object]) -> None:
        """The question is over."""
        match answer:
            case NoInput():
                self._silences += 1
                self._how_to_person = End.PERSON_BY_SILENCE
            case PersonWanted():
                self._how_to_person = End.PERSON_BY_KEY
            case NoMatch():
                self._how_to_person = End.PERSON
            case _:
                pass

    def person_asked(self) -> None:
        """0 was pressed over words. Over those that answer a silence it changes nothing: the silence came first."""
        if self._how_to_person is not End.PERSON_BY_SILENCE:
            self._how_to_person = End.PERSON_BY_KEY

    def fare(self, day: date, end: End | None, delivery: Delivery, manner: Manner) -> Fare:
        """The sum, for a talk held in this manner. Without an `end` they went to a person, and this knows how."""
        chosen = self._deliveries > 0 or manner.origin("slow").source is Source.LEARNT
        by_hand = manner.origin("key_seconds").source is Source.SET  # Then who is late tells nothing of the usual time.
        return Fare(
            day=day, questions=self.questions, hints=self._hints, wrong_keys=self._wrong_keys, silences=self._silences,
            deliveries=self._deliveries, slow=delivery.slow, loud=delivery.loud, delivery_chosen=chosen,
            latest_key_seconds=None if by_hand else self._latest,
            end=end or self._how_to_person, eased=manner.eased, patience=manner.patience,
        )  # fmt: skip
