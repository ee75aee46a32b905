"""Models by subject. Import them from here, so that all tables are known together."""

from db.models.administration import ElderDeparture, ElderImport, ElderMerge, SettingChange, SmsTextChange
from db.models.announcements import Announcement, AnnouncementHeard
from db.models.base import Base, UtcDateTime
from db.models.bulletins import Bulletin, BulletinRead
from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.models.campaigns import Campaign, CampaignMove, CampaignRecipient
from db.models.cases import Case, CaseEvent
from db.models.certificates import WorkerCertificate
from db.models.companies import (
    CompanyAvailability,
    CompanyPhone,
    CompanyPin,
    CompanyStanding,
    CompanySuggestion,
    CompanySuspension,
)
from db.models.consents import Consent, NeverCall
from db.models.escalations import OrderEscalation
from db.models.evv import ItemTask, LateVisit, VisitCorrection, VisitException, VisitTask
from db.models.hours import DutyNumber, ExceptionHours, OpeningHours
from db.models.medicine import MedicineDose, MedicineReminder
from db.models.orders import DispatchDecision, Offer, Order, OrderEvent, Visit
from db.models.outreach import CallAttempt, Callback, OptOut, Rating, SmsMessage
from db.models.people import Contact, Elder, ElderManner, ElderPhone
from db.models.photos import ElderPhoto
from db.models.plans import OrderPlan, PlanException, PlanPause
from db.models.prices import PayerClass, PayerRule, QuotaEntry, QuotaMonth, Tariff
from db.models.providers import Company, CompanyItem, ServiceItem, ServiceKind, Worker
from db.models.quality import CallMark, CallScore, RecordingPlay, ScoreCriterion, ScoreForm
from db.models.reports import AgentSpell, ReportRun, ReportSchedule
from db.models.search import ElderSearchKey
from db.models.sms_link import SmsPart, SmsReport, SmsSegment
from db.models.staff import Agent, ApiToken, AuditEntry, User, UserSession
from db.models.wellbeing import LookIn, WellBeingCheck, WellBeingEnrolment, WellBeingPause
from db.models.worklists import TaskClaim
from db.models.workload import CompanyDay

__all__ = [
    "Agent", "AgentSpell", "Announcement", "AnnouncementHeard", "ApiToken", "AuditEntry", "Base", "Bulletin",
    "BulletinRead", "CallAttempt", "CallMark", "CallRecord", "CallScore", "Callback", "Campaign", "CampaignMove",
    "CampaignRecipient", "Case", "CaseEvent", "Company", "CompanyAvailability", "CompanyDay", "CompanyItem",
    "CompanyPhone", "CompanyPin", "CompanyStanding", "CompanySuggestion", "CompanySuspension", "Consent", "Contact",
    "DispatchDecision", "DutyNumber", "Elder", "ElderDeparture", "ElderImport", "ElderManner", "ElderMerge",
    "ElderPhone", "ElderPhoto", "ElderSearchKey", "ExceptionHours", "ItemTask", "JourneyEvent", "LateVisit", "LookIn",
    "MedicineDose", "MedicineReminder", "NeverCall", "Offer", "OpeningHours", "OptOut", "Order", "OrderEscalation",
    "OrderEvent", "OrderPlan", "PayerClass", "PayerRule", "PlanException", "PlanPause", "QuotaEntry", "QuotaMonth",
    "Rating", "RecordingPlay", "ReportRun", "ReportSchedule", "ScoreCriterion", "ScoreForm", "ServiceItem",
    "ServiceKind", "SettingChange", "SmsMessage", "SmsPart", "SmsReport", "SmsSegment", "SmsTextChange", "Tariff",
    "TaskClaim", "TicketRecord", "User", "UserSession", "UtcDateTime", "Visit", "VisitCorrection", "VisitException",
    "VisitTask", "WellBeingCheck", "WellBeingEnrolment", "WellBeingPause", "Worker", "WorkerCertificate",
]  # fmt: skip
