"""The vocabulary: frozen records that every room shares, without behaviour beyond arithmetic."""
