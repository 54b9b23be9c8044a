"""Keeping the book in step with its facts: what import, undo and decisions have in common."""
