"""Prices and statements on the pages and in the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from db.demo import DEMO
from db.models import AuditEntry, Company, Elder, Order, PayerClass, PayerRule, Tariff
from routing.orders.lifecycle import Act, load, move
from routing.orders.policy import OrderState
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/prices"


def audited(desk: Desk) -> list[str]:
    with desk.services.reading() as work:
        return [row.action for row in work.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def meals(desk: Desk) -> list[Tariff]:
    with desk.services.reading() as work:
        return list(work.scalars(select(Tariff).where(Tariff.item_id == desk.item_id()).order_by(Tariff.id)))


def form(desk: Desk, yuan: str, **more: str) -> dict[str, str]:
    return {
        "item": str(desk.item_id()), "company": "", "unit": "piece", "yuan": yuan, "smallest": "1", "usual": "1",
        "largest": "20", "from": desk.services.prices.today().isoformat(), "to": "",
    } | more  # fmt: skip


def placed(desk: Desk) -> Order:
    """An order of the demo's elder that is done, by the first company."""
    services = desk.services
    view = services.orders.place(desk.elder_id(), desk.item_id(), key="prices-1", source="desk")
    with services.unit_of_work() as work:
        order = load(work, view.id)
        order.company_id = work.scalar(select(Company.id).where(Company.code == "C01"))
        for state in (OrderState.UNASSIGNED, OrderState.ACCEPTED, OrderState.VISITING, OrderState.DONE):
            move(work, order, state, Act("system", "job", services.clock()))
        return order


def test_a_supervisor_changes_a_price_from_a_day_on(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    token = {"csrf_token": csrf(client, PAGE)}
    page = client.post(f"{PAGE}/tariffs", data=form(desk, "18.5") | token, follow_redirects=True).get_data(as_text=True)
    assert "已保存" in page and "18.50 / 次" in page and "15.00 / 次" in page
    assert [row.price_fen for row in meals(desk)] == [1500, 1850]
    assert "price.tariff" in audited(desk)


def test_absurd_prices_are_refused_in_the_words_of_the_page(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    token = {"csrf_token": csrf(client, PAGE)}
    tomorrow = (desk.services.prices.today() - timedelta(days=1)).isoformat()
    for given, words in (
        (form(desk, "-15"), "负数"), (form(desk, "1000000"), "超过上限"), (form(desk, "0"), "确认无误"),
        (form(desk, "1500"), "变化很大"), (form(desk, "15.005"), "请填写数字和日期"),
        (form(desk, "十五"), "请填写数字和日期"),
        (form(desk, "NaN"), "请填写数字和日期"), (form(desk, "1e400"), "超过上限"),
        (form(desk, "16", **{"from": tomorrow}), "已经过去"), (form(desk, "16", **{"from": "soon"}), "日期"),
        (form(desk, "16", unit="moon"), "请填写数字和日期"), (form(desk, "16", smallest="21"), "依次递增"),
    ):  # fmt: skip
        refused = client.post(f"{PAGE}/tariffs", data=given | token)
        assert (refused.status_code, words in refused.get_data(as_text=True)) == (422, True), given
    rule = {"class": "assisted", "percent": "101", "monthly": "", "from": form(desk, "1")["from"], **token}
    assert "不在 0 到 100" in client.post(f"{PAGE}/rules", data=rule).get_data(as_text=True)
    assert len(meals(desk)) == 1
    assert "price.tariff" not in audited(desk)


def test_a_rule_and_a_company_s_own_price(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    token = {"csrf_token": csrf(client, PAGE)}
    rule = {"class": "assisted", "percent": "10", "monthly": "250", "from": form(desk, "1")["from"], **token}
    assert "250.00" in client.post(f"{PAGE}/rules", data=rule, follow_redirects=True).get_data(as_text=True)
    own = form(desk, "13", company="1") | token
    assert DEMO.company.name in client.post(f"{PAGE}/tariffs", data=own, follow_redirects=True).get_data(as_text=True)
    end = {"item": own["item"], "company": "1", "last": own["from"], **token}
    assert client.post(f"{PAGE}/tariffs/end", data=end).status_code == 302
    assert meals(desk)[-1].valid_to is not None
    assert audited(desk)[-3:] == ["price.rule", "price.tariff", "price.tariff_ended"]


def test_a_class_of_payers_is_added_given_an_elder_and_ended_on_the_page(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    token = {"csrf_token": csrf(client, PAGE)}
    today = desk.services.prices.today().isoformat()
    new = {"code": "veterans", "name": "优抚对象", "percent": "20", "monthly": "100", "from": today, "to": "", **token}
    page = client.post(f"{PAGE}/classes", data=new, follow_redirects=True).get_data(as_text=True)
    assert "优抚对象" in page and "veterans" in page and "100.00" in page
    again = client.post(f"{PAGE}/classes", data=new | {"code": "veterans2"})
    assert (again.status_code, "已经有这个代码或名称" in again.get_data(as_text=True)) == (422, True)
    with desk.services.unit_of_work() as work:
        work.get_one(Elder, desk.elder_id()).payer_class = "veterans"
    record = client.get(f"/desk?elder={desk.elder_id()}").get_data(as_text=True)
    assert "优抚对象" in record
    quoted = desk.services.orders.quote(desk.elder_id(), desk.item_id())
    assert quoted.elder_pays_fen == 300
    end = {"class": "veterans", "last": today, **token}
    refused = client.post(f"{PAGE}/classes/end", data=end)
    assert (refused.status_code, "还有 1 位老人" in refused.get_data(as_text=True)) == (422, True)
    assert client.post(f"{PAGE}/classes/end", data=end | {"sure": "yes"}).status_code == 302
    assert "不用再停用" in client.post(f"{PAGE}/classes/end", data=end | {"sure": "yes"}).get_data(as_text=True)
    later = desk.services.clock() + timedelta(days=2)
    assert desk.services.orders.quote(desk.elder_id(), desk.item_id(), due_at=later).elder_pays_fen == 1500
    assert [each for each in audited(desk) if "class" in each] == ["price.class_added", "price.class_ended"]
    with desk.services.unit_of_work() as work:  # The console is shared: other tests count on its classes.
        work.get_one(Elder, desk.elder_id()).payer_class = "assisted"
        work.execute(delete(PayerRule).where(PayerRule.payer_class == "veterans"))
        work.execute(delete(PayerClass).where(PayerClass.code == "veterans"))


def test_classes_and_quotes_through_the_api(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    today = desk.services.prices.today().isoformat()
    new = {"code": "centenarians", "name": "百岁老人", "elder_percent": 0, "valid_from": today}
    made = client.post("/api/v1/prices/classes", headers=headers, json=new)
    assert (made.status_code, made.get_json()["rules"][0]["stands"]) == (201, "now")
    taken = client.post("/api/v1/prices/classes", headers=headers, json=new)
    assert (taken.status_code, taken.get_json()["type"]) == (409, "urn:elderline:problem:class_taken")
    for bad, says in (({"code": "Ü"}, "no code of a class"), ({"name": " "}, "has a name"),
                      ({"valid_from": "2020-01-01"}, "is past"),
                      ({"elder_percent": 101}, "between 0 and 100")):  # fmt: skip
        refused = client.post("/api/v1/prices/classes", headers=headers, json=new | {"code": "other"} | bad)
        assert (refused.status_code, says in refused.get_json()["detail"]) == (422, True), bad
    end = {"payer_class": "assisted", "last": today}
    refused = client.post("/api/v1/prices/classes/end", headers=headers, json=end)
    assert (refused.status_code, "elders are of this class" in refused.get_json()["detail"]) == (422, True)
    end["payer_class"] = "centenarians"
    ended = client.post("/api/v1/prices/classes/end", headers=headers, json=end).get_json()
    rules = next(each["rules"] for each in ended["classes"] if each["code"] == "centenarians")
    assert rules[0]["valid_to"] == today
    assert client.post("/api/v1/prices/classes/end", headers=headers, json=end).status_code == 409
    assert (
        client.post("/api/v1/prices/classes/end", headers=headers, json=end | {"payer_class": "x"}).status_code == 404
    )
    wish = {"elder_id": desk.elder_id(), "item_id": desk.item_id(), "quantity": 2}
    quote = client.post("/api/v1/orders/quote", headers=desk.bearer("agent"), json=wish).get_json()
    assert (quote["price_fen"], quote["elder_pays_fen"], quote["unit"], quote["largest"]) == (3000, 0, "piece", 20)
    assert [each["code"] for each in quote["reasons"]] == ["tariff.piece", "payer.free", "quota.within"]
    assert quote["nobody_serves"] == ""
    for wrong, status in (({"quantity": 0}, 422), ({"item_id": 999}, 404), ({"due_at": "2020-01-01T00:00:00Z"}, 422)):
        assert client.post("/api/v1/orders/quote", headers=headers, json=wish | wrong).status_code == status
    assert client.post("/api/v1/orders/quote", headers=desk.bearer("auditor"), json=wish).status_code == 403
    assert "order.quoted" in audited(desk)


def test_who_does_not_lead_changes_nothing(desk: Desk) -> None:
    assert desk.logged_in("agent").get(PAGE).status_code == 403
    client = desk.logged_in("auditor")
    assert "prices/tariffs" not in client.get(PAGE).get_data(as_text=True)
    token = {"csrf_token": csrf(client, PAGE)}
    assert client.post(f"{PAGE}/tariffs", data=form(desk, "16") | token).status_code == 403


def test_the_order_page_says_why_it_costs_what_it_costs(desk: Desk) -> None:
    order = placed(desk)
    page = desk.logged_in("supervisor").get(f"/supervisor/orders/{order.id}").get_data(as_text=True)
    assert "单价 15.00 元 × 1，共 15.00 元" in page
    assert "用本月额度 15.00 元（每月 300.00 元），还剩 285.00 元" in page
    assert "实际结算" in page


def test_prices_through_the_api(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    today = desk.services.prices.today().isoformat()
    book = client.get("/api/v1/prices", headers=headers).get_json()
    meal = next(each for each in book["items"] if each["code"] == "meal")
    assert [(each["price_fen"], each["stands"]) for each in meal["tariffs"]] == [(1500, "now")]
    new = {
        "item_id": meal["id"], "unit": "piece", "price_fen": 1700, "smallest": 1, "usual": 1, "largest": 5,
        "valid_from": today,
    }  # fmt: skip
    assert client.post("/api/v1/prices/tariffs", headers=headers, json=new).status_code == 201
    bad = client.post("/api/v1/prices/tariffs", headers=headers, json=new | {"price_fen": -1})
    assert (bad.status_code, bad.get_json()["type"]) == (422, "urn:elderline:problem:price_refused")
    assert "is negative" in bad.get_json()["detail"]
    rule = {"payer_class": "assisted", "elder_percent": 0, "monthly_fen": 1700, "valid_from": today}
    assert client.post("/api/v1/prices/rules", headers=headers, json=rule).status_code == 201
    for role in ("agent", "auditor"):
        refused = client.post("/api/v1/prices/rules", headers=desk.bearer(role), json=rule)
        assert refused.status_code == 403
    body = {"elder_id": desk.elder_id(), "item_id": meal["id"], "told_fen": 0}
    first = client.post("/api/v1/orders", headers=headers | {"Idempotency-Key": "prices-01"}, json=body)
    assert first.get_json()["elder_pays_fen"] == 0
    assert [each["code"] for each in first.get_json()["reasons"]] == ["tariff.piece", "payer.free", "quota.within"]
    body["confirm_repeat"] = True
    second = client.post("/api/v1/orders", headers=headers | {"Idempotency-Key": "prices-02"}, json=body)
    assert (second.status_code, second.get_json()["type"]) == (409, "urn:elderline:problem:price_changed")
    many = body | {"quantity": 6}
    refused = client.post("/api/v1/orders", headers=headers | {"Idempotency-Key": "prices-03"}, json=many)
    assert (refused.status_code, "give 1 to 5 pieces" in refused.get_json()["detail"]) == (422, True)
    month = datetime.now(UTC).astimezone(desk.services.settings.zone).strftime("%Y-%m")
    quotas = client.get(f"/api/v1/prices/quotas/{desk.elder_id()}?month={month}", headers=headers).get_json()
    assert sum(each["taken_fen"] for each in quotas["items"]) in {0, 1700}, "0: it is due tomorrow, in the next month"


def test_statements_are_handed_out_by_role_and_audited(desk: Desk) -> None:
    order = placed(desk)
    month = f"{desk.services.prices.today():%Y-%m}"
    for role, seen in (("supervisor", "王桂兰"), ("auditor", "王**")):
        client = desk.logged_in(role)
        asked = {"code": "C01", "month": month, "form": "csv", "csrf_token": csrf(client, "/supervisor/statements")}
        sheet = client.post("/supervisor/statements/company", data=asked)
        assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
        told = sheet.get_data().decode("utf-8-sig")
        assert order.number in told and seen in told and ("王桂兰" in told) == (role == "supervisor")
        asked |= {"code": DEMO.wang.code, "form": "xlsx"}
        assert client.post("/supervisor/statements/elder", data=asked).get_data()[:2] == b"PK"
        api = client.get(
            f"/api/v1/statements/companies/{order.company_id}?month={month}", headers=desk.bearer(role)
        ).get_json()
        assert (api["totals"]["owed_fen"], api["lines"][0]["elder_name"]) == (1500, seen)
    assert audited(desk).count("statement.drawn") == 6
    assert desk.logged_in("agent").get("/supervisor/statements").status_code == 403
    supervisor = desk.logged_in("supervisor")
    bad = {"code": "C99", "month": month, "form": "csv", "csrf_token": csrf(supervisor, "/supervisor/statements")}
    assert supervisor.post("/supervisor/statements/company", data=bad).status_code == 404
    assert supervisor.post("/supervisor/statements/company", data=bad | {"month": "2026"}).status_code == 422
    assert supervisor.post("/supervisor/statements/company", data=bad | {"form": "exe"}).status_code == 400
    elder = desk.anonymous().get(
        f"/api/v1/statements/elders/{order.elder_id}?month={month}", headers=desk.bearer("supervisor")
    )
    assert elder.get_json()["quotas"][0]["payer_class"] == "assisted"
