"""Numbered schema migrations of the book."""
