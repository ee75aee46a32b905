"""An action on its way, and when it counts as answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panoramisk.actions import Action

from routing.asterisk.errors import AmiOverloaded
from routing.asterisk.headers import Headers
from routing.asterisk.wire import HEADERS_SENT, refuse_unsafe

Field = str | int | float | bool | Sequence[str] | None
"""What an action's header may be: a bool is written true or false, a sequence as one line each, None not at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The node's response to an action, and the events that follow it when the action asks for a list."""

    response: Headers
    items: tuple[Headers, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the node did as asked."""
        return self.response.text("Response").lower() in {"success", "follows", "goodbye"}


class PendingAction(Action):  # type: ignore[misc]  # panoramisk has no annotations.
    """An action that is answered by its response, or by the event that ends its list, and by nothing else.

    The library guesses from the words of the response, and so takes the acknowledgement of an Originate with
    `Async: true` for the beginning of a list that only the end of the call completes.
    """

    def __init__(
        self,
        name: str,
        fields: Mapping[str, Field],
        *,
        end_event: str = "",
        most_items: int = 0,
        settled: Callable[[Answer], None] | None = None,
    ) -> None:
        """Raise ValueError if a header's name or value could not be sent as it is; nothing has been sent then."""
        headers = {"Action": name} | {key: _written(value) for key, value in fields.items() if value is not None}
        super().__init__(headers)
        self.end_event = end_event
        self.most_items = most_items
        self.settled = settled
        self.refuse_unsafe()

    def refuse_unsafe(self) -> None:
        """Raise ValueError if any header is unfit for the wire."""
        count = 0
        for name, value in self.items():
            for line in value if isinstance(value, (list, tuple)) else (value,):
                refuse_unsafe(name, str(line))
                count += 1
        if count > HEADERS_SENT:
            raise ValueError(f"an action of {count} headers is more than a node reads ({HEADERS_SENT})")

    def takes(self, message: Headers) -> bool:
        """Whether a packet with this action's id is part of its answer, and not an event of its own.

        An event may have a header called Response: OriginateResponse has one, and the id of its Originate besides.
        """
        return bool(self.end_event) if "Event" in message else "Response" in message

    def add_message(self, message: Headers) -> bool:
        """Take a part of the answer; True when nothing more is to come."""
        self.responses.append(message)
        if self.future.done():
            return True
        first = self.responses[0]
        answer = Answer(first, tuple(self.responses[1:])) if self._complete(message) else None
        if answer is not None:
            self.future.set_result(answer)
            if self.settled is not None:
                self.settled(answer)
            return True
        if len(self.responses) > self.most_items + 1:
            self.future.set_exception(AmiOverloaded(f"the list is longer than {self.most_items} items"))
            return True
        return False

    def _complete(self, message: Headers) -> bool:
        if "Event" not in message:
            return not self.end_event or not Answer(message).success
        return message.text("Event").lower() == self.end_event.lower()


def _written(value: Field) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value
