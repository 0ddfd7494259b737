"""The bundled sample: a generator of small batches whose truth is known.

reads   nothing: every fact comes from numpy's default_rng with a fixed seed, the voice from espeak-ng
writes  data/batches/<batch>/ and tests/sample_truth.json, by `python -m sample`
"""
