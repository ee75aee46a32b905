"""Import of elders: good rows in, bad rows named, again and again with the same outcome, on both databases."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.elders_import import MissingColumns, UnreadableFile
from db.encryption import FieldCipher
from db.models import Contact, Elder, ElderPhone, PayerClass, PayerRule
from db.session import UnitOfWork
from routing.calls.directory import CallerDirectory, CallerKind
from tests.db.elders_import.conftest import HEADER, LI, WANG, Import, Rows

ReadElder = Callable[[str], Elder]
IDENTITY = "11010119490101123X"  # Made up; its check digit is right.


@pytest.fixture
def elder(reading: UnitOfWork) -> ReadElder:
    def read(code: str) -> Elder:
        with reading() as session:
            found = session.scalars(select(Elder).where(Elder.code == code)).one()
            assert found.phones is not None
            assert found.contacts is not None
            return found

    return read


def test_good_rows_go_in_and_callers_are_known(
    write: Callable[..., Path], bring_in: Import, unit_of_work: UnitOfWork, cipher: FieldCipher, elder: ReadElder
) -> None:
    report = bring_in(write([HEADER, WANG, LI]))
    assert (report.rows, report.added, report.refused, report.faults) == (2, 2, 0, [])
    wang, li = elder("L001"), elder("L002")
    assert (wang.name, wang.sex, wang.birth_date) == ("王桂兰", "female", date(1944, 1, 5))
    assert [(phone.number, phone.kind) for phone in wang.phones] == [("+869319000101", "home")]
    assert {phone.number: phone.kind for phone in li.phones} == {"+869319000102": "home", "+8614599990102": "mobile"}
    with unit_of_work() as session:
        directory = CallerDirectory(session.get_bind().engine, cipher)  # type: ignore[union-attr]
    caller = directory.look_up("014599990102")
    assert caller.kind is CallerKind.ELDER
    assert caller.elder_id == li.id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_any_encoding_that_chinese_registers_come_in(
    write: Callable[..., Path], bring_in: Import, elder: ReadElder, encoding: str, delimiter: str
) -> None:
    report = bring_in(write([HEADER, WANG], encoding, delimiter))
    assert (report.added, report.faults) == (1, [])
    assert elder("L001").name == "王桂兰"


def test_english_headers_and_words(write: Callable[..., Path], bring_in: Import, elder: ReadElder) -> None:
    rows = [("Registration Number", "Full name", "Gender", "Date of birth", "Phone 1", "Phone 2", "Lives alone"),
            ("L001", "王桂兰", "Female", "19440105", "+86 931 900 0101", "145-9999-0101", "yes")]  # fmt: skip
    assert bring_in(write(rows)).faults == []
    wang = elder("L001")
    assert (wang.sex, wang.lives_alone) == ("female", True)
    assert {phone.number for phone in wang.phones} == {"+869319000101", "+8614599990101"}


def test_xlsx_with_a_title_above_and_cells_typed_as_numbers_and_dates(
    write_xlsx: Callable[[Rows], Path], bring_in: Import, elder: ReadElder
) -> None:
    rows = [("老人信息登记表", None, None, None, None), (None,) * 5,
            ("编号*", "姓名（必填）", "性别", "出生日期", "电话"),
            (1001, "王桂兰", "女", datetime(1944, 1, 5), 9319000101.0), (None,) * 5,  # noqa: DTZ001  # As Excel has it.
            ("L002", "李守义", "男", None, 14599990102)]  # fmt: skip
    report = bring_in(write_xlsx(rows))
    assert (report.rows, report.added, report.faults) == (2, 2, [])
    assert elder("1001").birth_date == date(1944, 1, 5)
    assert elder("1001").phones[0].number == "+869319000101"
    assert elder("L002").phones[0].number == "+8614599990102"


def test_everything_that_a_row_can_tell(write: Callable[..., Path], bring_in: Import, elder: ReadElder) -> None:
    rows = [
        ("编号", "姓名", "身份证号", "电话", "一键通", "地址", "街道", "健康状况", "听力", "方言", "补贴类别",
         "体弱", "独居", "直接人工", "纬度", "经度",
         "联系人1姓名", "联系人1关系", "联系人1电话", "联系人2姓名", "联系人2电话", "备注"),
        ("L001", "王桂兰", IDENTITY, "9000101", "9000102", "一号院", "清水湾", "高血压", "重听", "兰州话", "特困",
         "是", "√", "否", "36.06", "103.83", "王建国", "儿子", "14599990201", "刘芳", "14599990202", "无"),
    ]  # fmt: skip
    report = bring_in(write(rows))
    assert report.faults == []
    assert report.ignored_columns == ("备注",)
    wang = elder("L001")
    assert (wang.identity_number, wang.birth_date, wang.sex) == (IDENTITY, date(1949, 1, 1), "male")
    assert {phone.number: phone.kind for phone in wang.phones} == {"+869319000101": "home", "+869319000102": "one_key"}
    assert (wang.address, wang.district, wang.health_notes, wang.hearing) == ("一号院", "清水湾", "高血压", "weak")
    assert (wang.payer_class, wang.caller_class, wang.lives_alone, wang.straight_to_person) == (
        "assisted", "frail", True, False)  # fmt: skip
    assert (wang.latitude, wang.longitude) == (36.06, 103.83)
    assert [(each.name, each.relation, each.number, each.priority) for each in wang.contacts] == [
        ("王建国", "儿子", "+8614599990201", 1), ("刘芳", "", "+8614599990202", 2)]  # fmt: skip


def test_how_the_door_is_found_and_opened_and_who_had_a_key_keeps_it(
    write: Callable[..., Path], bring_in: Import, elder: ReadElder, unit_of_work: UnitOfWork
) -> None:
    header = (
        *HEADER,
        "一键通",
        "怎么找",
        "钥匙",
        "呼叫器位置",
        "联系人1姓名",
        "联系人1电话",
        "联系人2姓名",
        "联系人2电话",
    )
    told = ("9000102", "蓝色大门", "门卫室", "女儿家", "王建国", "14599990201", "刘芳", "14599990202")
    assert bring_in(write([header, (*WANG, *told)])).faults == []
    wang = elder("L001")
    assert (wang.landmarks, wang.way_in) == ("蓝色大门", "门卫室")
    assert {phone.kind: phone.place for phone in wang.phones} == {"home": None, "one_key": "女儿家"}
    with unit_of_work() as session:
        session.scalars(select(Contact).where(Contact.name.is_not(None))).all()[1].has_key = True
    again = ("9000102", "", "", "儿子家", "王建国", "14599990203", "刘芳", "14599990202")
    assert bring_in(write([header, (*WANG, *again)])).changed == 1
    wang = elder("L001")
    assert (wang.landmarks, [phone.place for phone in wang.phones if phone.place]) == ("蓝色大门", ["儿子家"])
    assert [(each.name, each.has_key) for each in wang.contacts] == [("王建国", False), ("刘芳", True)]
    assert bring_in(write([header, (*WANG, *again)])).unchanged == 1


def test_importing_again_changes_nothing(
    write: Callable[..., Path], bring_in: Import, elder: ReadElder, reading: UnitOfWork
) -> None:
    rows = [(*HEADER, "联系人", "联系人电话"), (*WANG, "王建国", "14599990201"), (*LI, "", "")]
    bring_in(write(rows))

    def everything() -> list[object]:
        with reading() as session:
            return [session.execute(select(table.__table__)).all() for table in (Elder, ElderPhone, Contact)]

    before = everything()
    report = bring_in(write(rows, "gbk", name="again.csv"))
    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert everything() == before


def test_what_changed_is_brought_up_to_date_and_the_rest_left_alone(
    write: Callable[..., Path], bring_in: Import, elder: ReadElder, unit_of_work: UnitOfWork, cipher: FieldCipher
) -> None:
    bring_in(write([HEADER, WANG, LI]))
    with unit_of_work() as session:
        one_key = ElderPhone(number="+869319000109", number_index=cipher.number_index("+869319000109"), kind="one_key")
        wang = session.scalars(select(Elder).where(Elder.code == "L001")).one()
        wang.health_notes = "写在坐席页面上"
        wang.phones.append(one_key)
    rows = [HEADER, ("L001", "王桂兰兰", "", "", "9000105"), LI]
    report = bring_in(write(rows))
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    wang = elder("L001")
    assert (wang.name, wang.sex, wang.birth_date) == ("王桂兰兰", "female", date(1944, 1, 5))
    assert wang.name_index == cipher.name_index("王桂兰兰")
    assert wang.health_notes == "写在坐席页面上"
    assert {phone.number: phone.kind for phone in wang.phones} == {"+869319000105": "home", "+869319000109": "one_key"}
    assert wang.updated_at > wang.created_at


def test_each_bad_row_is_named_with_every_reason_and_good_rows_go_in(
    write: Callable[..., Path], bring_in: Import, tmp_path: Path, reading: UnitOfWork, caplog: pytest.LogCaptureFixture
) -> None:
    rows: Rows = [
        (*HEADER, "身份证号", "独居", "听力"),
        (*WANG, "", "", ""),
        ("", "无编号", "女", "", "9000111", "", "", ""),
        ("L003", "", "女", "", "9000112", "", "", ""),
        ("L004", "周淑芬", "阿姨", "1944-13-45", "12ab", "110101194901011230", "也许", "还行"),
        ("L005", "吴桂英", "女", "2030-01-01", "1.39E+10", "", "", ""),
        ("L006", "郑玉兰", "女", "", "", "", "", ""),
        ("L007", "冯秀珍", "女", "", "10086", "", "", ""),
        (IDENTITY, "褚凤英", "女", "", "9000113", "", "", ""),
        ("L001", "王桂兰", "女", "", "9000114", "", "", ""),
        ("L008" * 20, "卫淑兰", "女", "", "9000115", "", "", ""),
        (*LI, "", "", ""),
    ]
    with caplog.at_level(logging.DEBUG):
        report = bring_in(write(rows, "gbk"), tmp_path / "report.csv")
    assert (report.rows, report.added, report.refused) == (11, 2, 9)
    assert [(fault.row, fault.column, fault.code, fault.why) for fault in report.faults] == [
        (3, "编号", "", "empty"),
        (4, "姓名", "L003", "empty"),
        (5, "性别", "L004", "choice"), (5, "出生日期", "L004", "date"), (5, "电话", "L004", "phone"),
        (5, "身份证号", "L004", "identity"), (5, "独居", "L004", "yes_no"), (5, "听力", "L004", "choice"),
        (6, "出生日期", "L005", "date"), (6, "电话", "L005", "phone"),
        (7, "", "L006", "no_phone"),
        (8, "电话", "L007", "phone"),
        (9, "编号", "", "code_personal"),
        (10, "", "L001", "duplicate"),
        (11, "编号", "", "too_long"),
    ]  # fmt: skip
    assert "第 2 行" in report.faults[13].reason("zh-CN")
    assert "row 2" in report.faults[13].reason("en")
    sheet = list(csv.reader((tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(sheet) == 1 + len(report.faults)
    assert sheet[1] == ["3", "编号", "", "必填，但是空的", "must be given, but is empty", "否 no"]
    told = (tmp_path / "report.csv").read_text(encoding="utf-8-sig") + caplog.text + report.summary()
    for personal in ("周淑芬", IDENTITY, "110101194901011230", "9000111", "12ab"):
        assert personal not in told
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Elder)) == 2


def test_a_contact_that_is_not_whole_is_left_out_and_the_elder_goes_in(
    write: Callable[..., Path], bring_in: Import, elder: ReadElder
) -> None:
    rows = [(*HEADER, "联系人1姓名", "联系人1电话", "联系人2姓名", "联系人2电话"),
            (*WANG, "王建国", "不知道", "刘芳", "14599990202")]  # fmt: skip
    report = bring_in(write(rows))
    assert (report.added, report.refused) == (1, 0)
    assert [(fault.column, fault.why, fault.taken) for fault in report.faults] == [("联系人1电话", "contact", True)]
    assert [each.name for each in elder("L001").contacts] == ["刘芳"]


def test_an_elder_without_a_phone_needs_a_contact_with_one(write: Callable[..., Path], bring_in: Import) -> None:
    rows = [(*HEADER, "联系人", "联系人电话"), ("L001", "王桂兰", "女", "", "", "王建国", "14599990201")]
    assert bring_in(write(rows)).added == 1


def test_missing_columns_are_one_clear_error(write: Callable[..., Path], bring_in: Import, reading: UnitOfWork) -> None:
    with pytest.raises(MissingColumns) as caught:
        bring_in(write([("姓名", "年龄"), ("王桂兰", "82")]))
    assert "编号 (elder code)、电话 (home phone)" in str(caught.value)
    assert "年龄" in str(caught.value)
    with pytest.raises(MissingColumns, match="姓名"):
        bring_in(write([("",)], name="none.csv"))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "xlsx"), (b"PK\x03\x04 no workbook", "damaged"),
     ("编号,姓名\n".encode() + b"\xff\xff\xff", "GB18030")],
)  # fmt: skip
def test_files_that_are_no_table_are_told(tmp_path: Path, bring_in: Import, content: bytes, said: str) -> None:
    path = tmp_path / "elders.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=said):
        bring_in(path)


def test_an_unreadable_line_costs_only_itself(tmp_path: Path, bring_in: Import) -> None:
    path = tmp_path / "elders.csv"
    huge = "x" * 200_000  # Longer than a field of the csv module may be.
    path.write_text(
        f"编号,姓名,电话\nL001,王桂兰,9000101\nL002,{huge},9000102\nL003,李守义,9000103\n", encoding="utf-8"
    )
    report = bring_in(path)
    assert report.added == 2
    assert [(fault.row, fault.why) for fault in report.faults] == [(3, "unreadable")]


def test_a_report_brings_no_formula_into_a_spreadsheet(
    write: Callable[..., Path], bring_in: Import, tmp_path: Path
) -> None:
    bring_in(write([HEADER, ("=cmd|' /C calc'!A0", "王桂兰", "？", "", "9000101")]), tmp_path / "report.csv")
    assert ",=cmd" not in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")


def test_an_identity_number_that_a_spreadsheet_spoilt_is_told(
    write_xlsx: Callable[[Rows], Path], bring_in: Import
) -> None:
    report = bring_in(write_xlsx([(*HEADER, "身份证号"), (*WANG, int(IDENTITY[:17] + "4"))]))
    assert [(fault.column, fault.why) for fault in report.faults] == [("身份证号", "spoilt")]


def test_payer_classes_are_those_of_the_price_book(
    write: Callable[..., Path], bring_in: Import, unit_of_work: UnitOfWork, elder: ReadElder
) -> None:
    """By code, by name, or by a word that registers use; one that has ended is refused with those that there are."""
    with unit_of_work() as session:
        session.add(PayerClass(code="veterans", name="优抚对象", name_en="veterans"))
        session.flush()
        session.add_all(
            PayerRule(payer_class=code, elder_percent=20, valid_from=date(2026, 1, 1), valid_to=last,
                      made_at=datetime.now().astimezone(), made_by="test")
            for code, last in (("veterans", None),)
        )  # fmt: skip
        session.query(PayerRule).filter(PayerRule.payer_class == "subsidised").one().valid_to = date(2026, 3, 1)
    rows = [(f"P{at}", "王桂兰", "女", "1944-01-05", f"0931900010{at}", payer)
            for at, payer in enumerate(("veterans", "优抚对象", "政府购买", "自费", "补贴", "皇亲"))]  # fmt: skip
    report = bring_in(write([(*HEADER, "付费类别"), *rows]))
    assert [(fault.code, fault.why) for fault in report.faults] == [("P4", "choice"), ("P5", "choice")]
    assert "优抚对象" in report.faults[0].reason("zh-CN")
    assert [elder(f"P{at}").payer_class for at in range(4)] == ["veterans", "veterans", "assisted", "self_paid"]
