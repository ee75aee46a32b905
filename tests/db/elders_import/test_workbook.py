"""What is particular to XLSX: shared texts, and damage that shows only further down."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl.xml.constants import SHEET_MAIN_NS
from sqlalchemy import func, select

from db.elders_import import UnreadableFile
from db.elders_import.workbook import SharedTexts
from db.models import Elder
from db.session import UnitOfWork
from tests.db.elders_import.conftest import HEADER, WANG, Import


def test_texts_in_runs_of_different_looks_are_read_whole_and_what_tells_their_sound_is_not(tmp_path: Path) -> None:
    runs = "<r><t>王</t></r><r><rPr/><t xml:space='preserve'>桂兰 </t></r><rPh sb='0' eb='1'><t>wang</t></rPh>"
    source = io.BytesIO(f"<sst xmlns='{SHEET_MAIN_NS}'><si>{runs}</si><si/><si><t>女</t></si></sst>".encode())
    texts = SharedTexts(source)
    assert ([texts[at] for at in range(3)], len(texts)) == (["王桂兰 ", "", "女"], 3)
    for beyond in (3, -1):
        with pytest.raises(IndexError):
            texts[beyond]


@pytest.mark.parametrize("damage", ["cut off", "points at nothing"])
def test_a_workbook_that_is_damaged_further_down_says_where_and_the_rows_before_are_in(
    write_xlsx: Callable[..., Path], bring_in: Import, reading: UnitOfWork, tmp_path: Path, damage: str
) -> None:
    whole = write_xlsx([HEADER, *[(f"L{at:04d}", *WANG[1:]) for at in range(600)]])
    with zipfile.ZipFile(whole) as file, zipfile.ZipFile(tmp_path / "damaged.xlsx", "w") as damaged:
        for name in file.namelist():
            content = file.read(name)
            if name == "xl/worksheets/sheet1.xml":
                before, _, after = content.partition(b'<row r="550"')
                cell = b'<row r="550"><c r="A550" t="s"><v>99999</v></c></row>' + after.partition(b"</row>")[2]
                content = before if damage == "cut off" else before + cell
            damaged.writestr(name, content)
    with pytest.raises(UnreadableFile, match="damaged after row 549"):
        bring_in(tmp_path / "damaged.xlsx")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Elder)) == 500  # Two whole batches.
