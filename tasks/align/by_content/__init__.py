"""Align by content: what is alike belongs together."""
