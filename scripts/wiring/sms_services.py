"""The services of SMS, joined: a part of `HotlineServices`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

from routing.numbers import as_dialled, normalise
from routing.outreach.sms import texts
from routing.outreach.sms.carrier import Carrier
from routing.outreach.sms.development import DevelopmentOutbox
from routing.outreach.sms.encoding import Alphabet
from routing.outreach.sms.kannel import KannelGateway
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.policy import SmsRules
from routing.outreach.sms.reports import ReportAddress
from routing.outreach.sms.text_book import LiveTexts, TextBook
from scripts.wiring.company_services import CompanyServices


@dataclass(frozen=True)
class SmsServices(CompanyServices):
    """Made when first asked for."""

    @cached_property
    def carrier(self) -> Carrier | None:
        """Who carries what this process sends; None where the process `sms` has the link and sends."""
        known = self.stores.settings
        if known.smpp_address:
            return None
        if not known.sms_gateway:
            return DevelopmentOutbox()
        user, password = known.sms_account(known.index_key.get_secret_value())
        return KannelGateway(
            known.sms_gateway, user=user, password=password, sender=known.sms_sender, reports=self.sms_reports,
            as_dialled=self.as_dialled, plain=Alphabet(known.sms_plain),
        )  # fmt: skip

    @cached_property
    def sms_reports(self) -> ReportAddress:
        return ReportAddress(self.stores.settings.sms_reports, partial(self.stores.cipher.index, "sms-report"))

    @cached_property
    def sms_texts(self) -> TextBook:
        known, stores = self.stores.settings, self.stores
        base = texts.chosen(known.language, known.sms_texts)
        return TextBook(stores.unit_of_work, stores.reading, self.clock, base)

    @cached_property
    def sms(self) -> Sms:
        return self.sms_by(self.carrier)

    def sms_by(self, carrier: Carrier | None) -> Sms:
        """The outbox, sending by this carrier."""
        stores, known = self.stores, self.stores.settings
        texts.follow(LiveTexts(self.sms_texts).now)
        first, last = known.sms_open(development=known.development)
        return Sms(
            stores.unit_of_work, stores.reading, self.clock, carrier, stores.cipher.number_index,
            rules=SmsRules((first, last), known.zone, known.sms_a_number, known.sms_a_day),
            plain=Alphabet(known.sms_plain), sender=known.sms_sender, country=known.country,
        )  # fmt: skip

    def as_dialled(self, number: str) -> str:
        """Write a number as the carrier wants it."""
        return as_dialled(number, self.stores.settings.country)

    def sms_number_index(self, raw: str) -> bytes:
        """The index of a number as a carrier writes it."""
        known = self.stores.settings
        return self.stores.cipher.number_index(normalise(raw, known.country, known.area_code).number or raw)
