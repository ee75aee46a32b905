"""Knowledge cards: all load, say the same in both languages, are short, and are found by what an agent types."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from sqlalchemy import select

from agent_console.catalogue import CHINESE, ENGLISH
from agent_console.desk.cards import LONGEST, MOST_STEPS, cards_of, find, suggested
from db.demo import DEMO
from db.models import ServiceItem
from routing.orders.cases import KINDS
from tests.agent_console.console import Desk, make_services
from tests.agent_console.test_texts import HAN

WANTED = {
    "heatstroke", "fall", "gas", "chest_pain", "stroke", "choking", "fire", "lost", "fraud", "suicidal_words",
    "power_cut", "low_sugar",
}  # fmt: skip
WHOLE = """
- code: fall
  title: 自己的卡
  words: [摔]
  cases: [sos]
  orders: []
  number: "120"
  call_when: 打 120。
  say: [别动。]
  never: [别拉。]
  source: 本院急诊科
"""


def test_all_cards_are_there_in_both_languages_and_short() -> None:
    chinese, english = cards_of(CHINESE), cards_of(ENGLISH)
    assert {each.code for each in chinese} == WANTED
    assert [each.code for each in chinese] == [each.code for each in english]
    for one, other in zip(chinese, english, strict=True):
        assert (one.number, one.cases, one.orders) == (other.number, other.cases, other.orders), one.code
        assert len(one.say) == len(other.say) <= MOST_STEPS, one.code
        assert len(one.never) == len(other.never), one.code
        assert set(one.cases) <= KINDS
        assert all(HAN.search(line) and len(line) <= 60 for line in (*one.say, *one.never, one.title)), one.code
        assert not any(HAN.search(line) for line in (*other.say, *other.never, other.title, *other.words)), one.code
        assert all(len(line) <= LONGEST for line in other.say)
        assert not (one.source or other.source), "nobody claims a source that was not asked"


def test_the_items_that_they_are_suggested_for_exist(desk: Desk) -> None:
    with desk.services.reading() as work:
        codes = set(work.scalars(select(ServiceItem.code)))
    assert {code for each in cards_of(CHINESE) for code in each.orders} <= codes


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("摔倒", "fall"), ("老人摔倒了起不来", "fall"), ("煤气", "gas"), ("家里煤气味道很大", "gas"),
        ("中暑", "heatstroke"), ("胸口闷，胸痛", "chest_pain"), ("嘴歪", "stroke"), ("说话不清 手没劲", "stroke"),
        ("噎住", "choking"),
        ("着火", "fire"), ("走失", "lost"), ("验证码", "fraud"), ("他说不想活了", "suicidal_words"),
        ("停电", "power_cut"), ("低血糖", "low_sugar"),
    ],
)  # fmt: skip
def test_the_first_card_is_the_one_that_an_agent_means(typed: str, code: str) -> None:
    assert find(cards_of(CHINESE), typed)[0].code == code


@pytest.mark.parametrize(
    ("typed", "code"), [("FALL", "fall"), ("cannot get up", "fall"), ("smell of gas", "gas"), ("slurr", "stroke"),
                        ("wandered off", "lost"), ("scam", "fraud"), ("choking on food", "choking")],
)  # fmt: skip
def test_and_in_english(typed: str, code: str) -> None:
    assert find(cards_of(ENGLISH), typed)[0].code == code


def test_nothing_is_found_for_nothing_and_all_for_no_word() -> None:
    cards = cards_of(CHINESE)
    assert find(cards, "木星") == ()
    assert find(cards, " ") == cards


def test_cards_are_suggested_by_the_case_and_the_orders() -> None:
    cards = cards_of(CHINESE)
    assert {each.code for each in suggested(cards, {"sos"}, ())} >= {"chest_pain", "stroke", "fall"}
    assert {each.code for each in suggested(cards, (), {"meal"})} == {"choking", "low_sugar"}
    assert suggested(cards, {"complaint"}, ()) == ()


def test_the_pane_has_the_fitting_cards_first_and_all_the_others(desk: Desk) -> None:
    elder = desk.elder_id(DEMO.wang.code)
    client = desk.logged_in("agent")
    assert "适合这个个案" not in client.get(f"/desk/cards/pane?elder={elder}").get_data(as_text=True)
    desk.services.cases.open("daily-1", "wellbeing", elder_id=elder)
    pane = client.get(f"/desk/cards/pane?elder={elder}").get_data(as_text=True)
    order = [part.split('"')[0] for part in pane.split('data-code="')[1:]]
    assert set(order) == WANTED
    fitting = {each.code for each in suggested(cards_of(CHINESE), {"wellbeing"}, ())}
    assert set(order[: len(fitting)]) == fitting


def test_the_page_finds_and_says_who_is_to_check(desk: Desk) -> None:
    page = html.unescape(desk.logged_in("agent").get("/desk/cards?word=摔倒").get_data(as_text=True))
    assert "您先别急着起来" in page and "医学顾问" in page and 'data-code="gas"' not in page
    assert 'id="cards"' in page, "and Alt+K opens them on every page"


def test_a_deployments_own_card_replaces_ours(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "zh.yaml").write_text(WHOLE, encoding="utf-8")
    mine = Desk(make_services(desk.services.settings.model_copy(update={"cards_dir": tmp_path})))
    page = mine.logged_in("agent").get("/desk/cards").get_data(as_text=True)
    assert "自己的卡" in page and "本院急诊科" in page and 'data-code="gas"' in page and "摔倒了" not in page
    mine.close()


@pytest.mark.parametrize(
    "broken",
    [
        "fall: x", "- {code: fall}", WHOLE.replace('"120"', '"12"'), WHOLE.replace("[别动。]", "[]"),
        WHOLE.replace("[别动。]", "[" + "别动," * 7 + "]"), WHOLE.replace("别动。", "长" * 141), WHOLE + WHOLE, "- [",
        WHOLE.replace("[摔]", "摔"), WHOLE + "  more: x",
    ],
)  # fmt: skip
def test_a_card_that_is_not_whole_is_refused_with_its_file(tmp_path: Path, broken: str) -> None:
    (tmp_path / "zh.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ValueError, match=r"zh\.yaml"):
        cards_of(CHINESE, tmp_path)
