"""Classes in a Parquet file by their names: Hugging Face's `datasets` writes numbers and, beside them, names.

Format: the schema's metadata has a key `huggingface` with JSON: info.features.<column> is
{"_type": "ClassLabel", "names": [...]}; a number counts in `names` from 0, and -1 or nothing is no class.
"""

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

_METADATA_KEY = b"huggingface"


def class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """The names of the classes by column; metadata that say it in another way say nothing."""
    try:
        features = json.loads((metadata or {})[_METADATA_KEY])["info"]["features"]
        return {
            name: feature["names"]
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and _are_names(feature)
        }
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def to_named(column: pa.Array, names: list[str] | None) -> pa.Array:
    """The column, its numbers replaced by names where it has any; a number without a name stays a number."""
    if names is None or not pa.types.is_integer(column.type):
        return column
    named = [
        None if number is None or number < 0 else names[number] if number < len(names) else str(number)
        for number in column.to_pylist()
    ]
    return pa.array(named, pa.string())


def _are_names(feature: Mapping[str, Any]) -> bool:
    names = feature.get("names")
    return isinstance(names, list) and all(isinstance(name, str) for name in names)
