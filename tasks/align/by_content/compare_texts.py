"""Compare by words: TF-IDF of words, pairs of words and letter groups, over the texts that are compared.

reads   members of one role, the reference, texts
writes  one Comparison

Words and pairs of words, and groups of 3 to 5 letters within words, are counted by hash into 2^20 columns
each, so that memory does not grow with the vocabulary; a count tf weighs 1 + ln tf, times the smoothed
inverse document frequency ln((1 + n) / (1 + df)) + 1 (scikit-learn's). The two halves count the same.
Likeness is from 0, no word and no letter group in common, to 1.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.align.by_content.comparison import Comparison, Evidence, left_out_for, positions
from tasks.align.by_content.rows import SparseRows
from tasks.core.rejects import Reason

_COLUMNS = 2**20
_WORD = r"(?u)\b\w+\b"  # words of one letter too: "a" and "I" are words


def compare_texts(members: pa.Table, reference: pa.Table, evidence: Evidence) -> Iterator[Comparison]:
    """The members and the reference members that have a text."""
    ids = sorted(evidence.texts)
    own, _, strangers = positions(members, ids)
    targets, _, _ = positions(reference, ids)
    texts = [_text(evidence.texts, table) for table in (own, targets)]
    matrix = weigh([*texts[0], *texts[1]])
    yield Comparison(
        own,
        SparseRows(matrix[: own.num_rows]),
        targets,
        SparseRows(matrix[own.num_rows :]),
        left_out_for(strangers, Reason.NO_VECTOR, "it has no text to compare"),
    )


def _text(texts: Mapping[str, str], members: pa.Table) -> list[str]:
    return [texts[name] for name in members["member_id"].to_pylist()]


def weigh(texts: list[str]) -> Any:
    """Rows of unit length, or of zeros for a text without a word character: a SciPy matrix."""
    from scipy.sparse import csr_array, hstack
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.preprocessing import normalize

    if not texts:  # scikit-learn's hasher cannot look at the first of none
        return csr_array((0, 2 * _COLUMNS), dtype=np.float32)
    form = {"n_features": _COLUMNS, "alternate_sign": False, "norm": None, "dtype": np.float32}
    words = HashingVectorizer(ngram_range=(1, 2), token_pattern=_WORD, **form)
    letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **form)
    halves = [
        TfidfTransformer(sublinear_tf=True).fit_transform(counter.transform(texts))
        for counter in (words, letters)
    ]
    return csr_array(normalize(hstack(halves, format="csr"))).astype(np.float32)
