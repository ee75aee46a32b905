"""Who a caller is: what the directory answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from routing.calls.messages import CallerClass
from routing.manners.manner import USUAL, Manner


class CallerKind(StrEnum):
    """What a number says about who calls. An elder comes before all others: workers call from elders' phones."""

    ELDER = "elder"
    HOUSEHOLD = "household"
    """Two or more elders share the number: ask which, greet nobody by name."""
    FORMER = "former"
    """Only elders who died, moved away or left the register had the number: greet nobody by name."""
    WORKER = "worker"
    COMPANY = "company"
    CONTACT = "contact"
    """A relative or neighbour of an elder."""
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    FOREIGN = "foreign"
    """A foreign number that nobody is registered with."""
    MALFORMED = "malformed"


@dataclass(frozen=True)
class KnownElder:
    """What a call needs to know of an elder. Name and number do not show in logs."""

    id: int
    name: str = field(repr=False)
    """Empty when it cannot be decrypted."""
    surname: str = field(repr=False)
    """王 of 王桂兰, 欧阳 of 欧阳明; empty when the name is not of that form."""
    form_of_address: str
    """奶奶, 爷爷, 女士, 先生, or empty when sex is not known. Spoken after the surname."""
    sex: str
    age: int | None
    caller_class: CallerClass
    straight_to_person: bool
    """By the record or as learnt: as in `manner`."""
    language: str
    dialect: str
    hearing: str
    payer_class: str
    district: str
    lives_alone: bool
    phone_kind: str
    """home, mobile or one_key: the phone that calls now."""
    manner: Manner = USUAL
    """How they are spoken with."""


@dataclass(frozen=True)
class Caller:
    """Who calls. `elders` holds active elders only, in order of their ids."""

    kind: CallerKind
    number: str | None = field(default=None, repr=False)
    """E.164, or the digits of a short number."""
    number_index: bytes | None = field(default=None, repr=False)
    elders: tuple[KnownElder, ...] = ()
    worker_id: int | None = None
    """The one active worker with this phone; workers who share a phone are told apart by PIN only."""
    company_id: int | None = None
    contact_of: tuple[int, ...] = ()
    """Ids of the elders whose relative or neighbour this is."""
    company_ids: tuple[int, ...] = ()
    """All active companies with this telephone; `company_id` is the first of them."""

    @property
    def elder(self) -> KnownElder | None:
        """The elder, if it can be only one."""
        return self.elders[0] if len(self.elders) == 1 else None

    @property
    def elder_id(self) -> int | None:
        return self.elder.id if self.elder else None

    @property
    def caller_class(self) -> CallerClass:
        """Frail if anyone on this number is; relatives and all others wait as others."""
        if any(elder.caller_class is CallerClass.FRAIL for elder in self.elders):
            return CallerClass.FRAIL
        return CallerClass.ELDER if self.elders else CallerClass.OTHER

    @property
    def straight_to_person(self) -> bool:
        return any(elder.straight_to_person for elder in self.elders)

    @property
    def language(self) -> str | None:
        """The language that all on this number share; None: the house's."""
        languages = {elder.language for elder in self.elders}
        return languages.pop() if len(languages) == 1 else None
