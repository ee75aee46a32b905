"""The invented people of the demo. Nobody here exists.

Their phone numbers belong to nobody as far as published numbering tells, and yet pass every check of a real number:
- fixed lines 0931-900 0xxx: subscribers' numbers in Lanzhou begin with 2 to 8; 9 is kept for services;
- mobiles 145 9999 0xxx: a range given out for data cards only, and published tables name no place for this block.
The system dials them over the test carrier of the development profile only. Districts are invented too.
"""

from __future__ import annotations

from dataclasses import dataclass

DISTRICTS = ("清水湾街道", "柳荫街道", "望山街道", "东桥街道")


@dataclass(frozen=True)
class DemoElder:
    """One invented elder. `phones` are E.164 with their kind; `age` is reached on the first of January."""

    code: str
    name: str
    sex: str
    age: int
    district: str
    phones: tuple[tuple[str, str], ...]
    payer_class: str = "self_paid"
    caller_class: str = "elder"
    lives_alone: bool = False
    straight_to_person: bool = False
    hearing: str = "normal"
    address: str = ""
    health_notes: str = ""
    contacts: tuple[tuple[str, str, str], ...] = ()
    """Name, relation and E.164 number."""

    @property
    def number(self) -> str:
        """The first phone, E.164."""
        return self.phones[0][0]


def fixed_line(last: int) -> str:
    """Give an invented fixed line, E.164; `last` is 0 to 999."""
    return f"+869319000{last:03d}"


def mobile(last: int) -> str:
    """Give an invented mobile number, E.164; `last` is 0 to 999."""
    return f"+8614599990{last:03d}"


WANG = DemoElder(
    "E0001", "王桂兰", "female", 82, DISTRICTS[0], ((fixed_line(101), "home"),), "assisted", "frail", lives_alone=True,
    address="清水湾街道一号院二单元301室", health_notes="高血压，走路需要拐杖",
    contacts=(("王建国", "儿子", mobile(201)), ("刘芳", "邻居", mobile(202))),
)  # fmt: skip
QUIET = DemoElder("E0002", "李守义", "male", 78, DISTRICTS[1], ((fixed_line(102), "home"),), "subsidised",
                  address="柳荫街道二号院101室")  # fmt: skip
HUSBAND = DemoElder("E0003", "张德厚", "male", 80, DISTRICTS[0], ((fixed_line(103), "home"),),
                    address="清水湾街道五号院402室")  # fmt: skip
WIFE = DemoElder("E0004", "陈玉珍", "female", 79, DISTRICTS[0], ((fixed_line(103), "home"),),
                 address="清水湾街道五号院402室")  # fmt: skip
ONE_KEY = DemoElder(
    "E0005", "赵秀英", "female", 85, DISTRICTS[2], ((fixed_line(104), "one_key"), (mobile(104), "mobile")), "assisted",
    "frail", lives_alone=True, hearing="weak", address="望山街道三号院一单元102室", health_notes="冠心病，独居",
    contacts=(("赵敏", "女儿", mobile(203)),),
)  # fmt: skip
STRAIGHT = DemoElder("E0006", "孙福贵", "male", 88, DISTRICTS[3], ((fixed_line(105), "home"),), "assisted", "frail",
                     straight_to_person=True, address="东桥街道七号院201室")  # fmt: skip

_FEMALE = (
    "周淑芬", "吴桂英", "郑玉兰", "冯秀珍", "褚凤英", "卫淑兰", "蒋桂芳", "沈月英", "韩素珍",
    "杨秀兰", "朱玉梅", "秦淑英", "许桂珍", "何秀芳", "吕凤兰", "施玉英", "欧阳淑华",
)  # fmt: skip
_MALE = (
    "钱德福", "孔庆山", "曹永年", "严守信", "华国栋", "金长贵", "魏振邦", "陶德明", "姜志远",
    "戚永福", "谢德山", "邹国梁", "喻长寿", "柏正义", "窦永康", "章德林", "云志国",
)  # fmt: skip


def _others() -> tuple[DemoElder, ...]:
    """Make the rest of the register: nothing is told of them, they fill lists and queues."""
    elders = []
    for at, (name, sex) in enumerate([(name, "female") for name in _FEMALE] + [(name, "male") for name in _MALE]):
        number, age = 7 + at, 66 + at * 7 % 27
        elders.append(
            DemoElder(
                f"E{number:04d}", name, sex, age, DISTRICTS[at % len(DISTRICTS)],
                ((fixed_line(110 + at), "home"),) if at % 3 else ((mobile(110 + at), "mobile"),),
                ("self_paid", "subsidised", "assisted")[at % 3],
                "frail" if age >= 85 else "elder",
                lives_alone=at % 4 == 0,
                address=f"{DISTRICTS[at % len(DISTRICTS)]}{at + 10}号院101室",
            )
        )  # fmt: skip
    return tuple(elders)


ELDERS = (WANG, QUIET, HUSBAND, WIFE, ONE_KEY, STRAIGHT, *_others())
