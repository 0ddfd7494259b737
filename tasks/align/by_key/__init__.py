"""Align by key: what has one session belongs together."""
