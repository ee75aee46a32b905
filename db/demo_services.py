"""The invented companies, care workers, service items and logins of the demo."""

from __future__ import annotations

from dataclasses import dataclass

from db.demo_people import DISTRICTS, fixed_line, mobile


@dataclass(frozen=True)
class DemoCompany:
    """One invented company: `number` is E.164, `items` are codes of service items, no `districts` means all."""

    code: str
    name: str
    number: str
    items: tuple[str, ...]
    districts: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoWorker:
    """One invented care worker."""

    code: str
    name: str
    company: str
    number: str
    pin: str
    certificate: str = ""


@dataclass(frozen=True)
class DemoLogin:
    """A login of the console. The password is printed by ``./scripts/up`` and fit for the development profile only."""

    login: str
    name: str
    role: str
    password: str
    extension: str | None = None


KINDS = (
    # Code, name, English name, menu, key in it, served by day and by night.
    ("meals", "送餐", "meals", "daily", 1, False),
    ("cleaning", "保洁", "cleaning", "daily", 2, False),
    ("personal_care", "洗澡护理", "bathing and personal care", "daily", 3, False),
    ("repairs", "维修", "repairs", "daily", 4, True),
    ("medical", "陪诊", "an escort to the doctor", "care", 1, False),
    ("medicines", "代买药", "medicines", "care", 2, False),
    ("companionship", "陪聊", "companionship", "care", 3, False),
)
ITEMS = (
    # Code, kind, name, English name, place among those of its kind, tariff in fen, certificate wanted.
    ("meal", "meals", "送餐", "meal delivery", 1, 1500, ""),
    ("cleaning", "cleaning", "保洁", "cleaning", 1, 4000, ""),
    ("bathing", "personal_care", "助浴", "help with bathing", 1, 8000, "care"),
    ("repair", "repairs", "维修", "repairs", 1, 5000, ""),
    ("escort", "medical", "陪诊", "escort to the doctor", 1, 10000, ""),
    ("medicine", "medicines", "代买药", "medicines fetched", 1, 1000, ""),
    ("companionship", "companionship", "陪聊", "companionship", 1, 3000, ""),
)
TASKS = {
    # By item: code, name, English name, in the order in which they are asked. A meal is brought and has none.
    "cleaning": (
        ("sweeping", "扫地拖地", "sweeping and mopping"),
        ("kitchen", "擦厨房", "cleaning the kitchen"),
        ("rubbish", "倒垃圾", "taking out the rubbish"),
    ),
    "bathing": (
        ("washing", "洗头洗澡", "washing hair and body"),
        ("clothes", "换衣服", "changing clothes"),
        ("nails", "剪指甲", "cutting nails"),
    ),
}
COMPANIES = (
    DemoCompany("C01", "暖阳助餐服务公司", fixed_line(301), ("meal", "medicine", "companionship")),
    DemoCompany("C02", "洁净家护理服务公司", fixed_line(302), ("cleaning", "bathing", "escort", "companionship")),
    DemoCompany("C03", "百事通便民服务公司", fixed_line(303), ("repair", "cleaning", "meal"), DISTRICTS[2:]),
)
WORKERS = (
    DemoWorker("W01", "田小燕", "C01", mobile(401), "204613"),
    DemoWorker("W02", "马志强", "C01", mobile(402), "718352"),
    DemoWorker("W03", "白雪梅", "C02", mobile(403), "395174", "care"),
    DemoWorker("W04", "苏晓琴", "C02", mobile(404), "860427", "care"),
    DemoWorker("W05", "石大勇", "C03", mobile(405), "541968"),
    DemoWorker("W06", "丁海涛", "C03", mobile(406), "672035"),
)
_PASSWORD = "silver-age-demo"  # noqa: S105  # Public by purpose: it opens invented data in the development profile.
LOGINS = (
    DemoLogin("admin", "管理员", "administrator", _PASSWORD),
    DemoLogin("supervisor", "班长", "supervisor", _PASSWORD),
    *(DemoLogin(f"agent{n}", f"坐席{n}", "agent", _PASSWORD, str(1000 + n)) for n in range(1, 7)),
)
