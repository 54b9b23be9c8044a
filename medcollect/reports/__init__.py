"""Reports as tables for people, CSV, JSON and spreadsheets.

A report is the document of the contract: ``{"report", "as_of", "parameters", "columns", "rows",
"totals"}``, where a column is ``{"name", "type", "means"}``. This room renders, it never adds up:
every figure, the totals included, was computed by whoever made the report.
"""

from __future__ import annotations
