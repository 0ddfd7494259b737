"""Align by time: what happens at one time belongs together."""
