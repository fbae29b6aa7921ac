"""Worked examples, which the documentation shows."""
