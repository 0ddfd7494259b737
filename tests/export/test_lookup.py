import pyarrow as pa

from tasks.export.lookup import Lookup

TABLE = pa.table({"id": ["a", "b", "b"], "role": ["x", "x", "y"], "start_ns": [1, 2, None]})


def test_a_row_is_found_by_its_whole_key() -> None:
    lookup = Lookup(TABLE, ("id", "role"), ("start_ns",))
    assert lookup.find("b", "x") == {"id": "b", "role": "x", "start_ns": 2}
    assert lookup.find("b", "y") == {"id": "b", "role": "y", "start_ns": None}
    assert lookup.find("a", "y") is None


def test_nothing_is_found_in_an_empty_table() -> None:
    assert Lookup(TABLE.slice(0, 0), ("id", "role"), ()).find("a", "x") is None
