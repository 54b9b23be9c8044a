"""The HTTP door of medcollect: JSON under ``/api/v1`` (DESIGN section 8.2)."""
