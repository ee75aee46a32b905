"""Import of elders from CSV and XLSX files, a batch at a time, with a report that names each bad row."""

from db.elders_import.columns import MissingColumns
from db.elders_import.files import UnreadableFile
from db.elders_import.report import ImportReport, RowFault
from db.elders_import.run import import_elders

__all__ = ["ImportReport", "MissingColumns", "RowFault", "UnreadableFile", "import_elders"]
