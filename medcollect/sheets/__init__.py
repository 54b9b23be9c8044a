"""Tables that people bring: CSV and XLSX, read by a mapping of their columns."""

from __future__ import annotations

from medcollect.sheets.grid import sheet_names
from medcollect.sheets.mapping import Mapping, mapping_of
from medcollect.sheets.table import Row, Table, money_cents

__all__ = ["Mapping", "Row", "Table", "mapping_of", "money_cents", "sheet_names"]
