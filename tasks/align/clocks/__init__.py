"""Clocks of a batch on the reference clock: solved from what batch.yaml gives, and told in figures."""
