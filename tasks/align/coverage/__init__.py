"""Alignment told in figures: what was matched, how well, and what of the reference time it covers."""
