"""Tests: each says what the product must do."""
