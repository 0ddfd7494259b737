"""Streaming finds what a parser of the whole file finds, however the blocks are cut."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core import json_buffer
from tasks.core.errors import LabelFormatError
from tasks.core.json_lists import iterate_list
from tasks.core.json_rules import is_utf8
from tasks.core.json_stream import open_json
from tasks.label_formats.reading.json_export import read_json_export

TEXT = st.text('{}[],:"\\ aé\U0001f600\n', max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ELEMENTS = st.lists(st.dictionaries(TEXT, VALUE, max_size=3) | VALUE, max_size=8)


def decode(text: bytes) -> list[Any] | None:
    try:
        return msgspec.json.decode(text, type=list[Any]) if is_utf8(text) else None
    except (msgspec.DecodeError, RecursionError):
        return None


def read_all(path: Path, *, fast: bool) -> Any:
    """The file's value: members and lists as the stream finds them, anything else whole."""
    with open_json(path) as stream:
        if stream.starts_with(b"["):
            value: Any = [one for block in stream.blocks(decode if fast else None) for one in block]
        elif stream.starts_with(b"{"):
            value = {name: read_member(stream, fast=fast) for name in stream.members()}
        else:
            value = stream.value()
        stream.finish()
    return value


def read_member(stream: Any, *, fast: bool) -> Any:
    if stream.starts_with(b"["):
        return [one for block in stream.blocks(decode if fast else None) for one in block]
    return stream.value()


@given(
    value=ELEMENTS | st.dictionaries(TEXT, ELEMENTS | VALUE, max_size=4),
    block_bytes=st.integers(1, 64),
    indent=st.sampled_from([None, 1]),
    escaped=st.booleans(),
    fast=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_blocks_of_any_size_give_what_the_whole_file_holds(
    value: Any, block_bytes: int, indent: int | None, escaped: bool, fast: bool
) -> None:
    with TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_buffer, "BLOCK_BYTES", block_bytes)
        path = Path(temporary) / "a.json"
        path.write_text(json.dumps(value, indent=indent, ensure_ascii=escaped), encoding="utf-8")
        assert read_all(path, fast=fast) == value


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("block_bytes", [7, 2 * 1024 * 1024])
def test_the_conformance_suite_is_read_and_refused_as_by_the_reader_of_whole_files(
    corpora: Path, monkeypatch: pytest.MonkeyPatch, fast: bool, block_bytes: int
) -> None:
    monkeypatch.setattr(json_buffer, "BLOCK_BYTES", block_bytes)
    for path in sorted((corpora / "bad_json" / "test_parsing").glob("*.json")):
        try:
            expected = read_json_export(path)
        except LabelFormatError:
            with pytest.raises(LabelFormatError):
                read_all(path, fast=fast)
        else:
            if path.name not in ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"):
                assert read_all(path, fast=fast) == expected, path


@pytest.mark.parametrize("at", range(1, 40))
def test_a_file_that_is_cut_off_is_refused_wherever_it_is(tmp_path: Path, at: int) -> None:
    text = '{"images": [{"id": 1}, {"id": 22}], "annotations": [{"a": "\\u00e9é", "b": [1, 2.5]}]}'
    path = tmp_path / "a.json"
    path.write_bytes(text.encode()[: 2 * at])
    with pytest.raises(LabelFormatError, match=r"a\.json"):
        read_all(path, fast=at % 2 == 0)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b'[{"a": 1},\n {"b": 2 3}]', r"a\.json:2: not JSON: Expecting ',' delimiter, in column 10"),
        (b'{"a": [1],\n\n "\xc3\xa9" 1}', r"a\.json:3: not JSON: Expecting ':' delimiter, in column 6"),
        (b"[1]\n x", r"a\.json:2: not JSON: Extra data, in column 2"),
        (b'["\xff"]', "expected UTF-8 text, byte 2 is none"),
        (b'[{"a": "\\ud800"}]', "half a character"),
        (b"[NaN]", "NaN is no number of JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' * 100_000, "nested too deeply"),
        (b'{"a": 1, "a": 2}', "the key 'a' is there twice"),
        (b"", "not JSON: Expecting value"),
    ],
)
@pytest.mark.parametrize("fast", [False, True])
def test_what_is_not_json_is_an_error_with_its_line(
    tmp_path: Path, payload: bytes, message: str, fast: bool
) -> None:
    (tmp_path / "a.json").write_bytes(payload)
    with pytest.raises(LabelFormatError, match=message):
        read_all(tmp_path / "a.json", fast=fast)


def test_a_value_that_is_too_large_to_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_buffer, "LARGEST_VALUE_BYTES", 100_000)
    (tmp_path / "a.json").write_text(json.dumps(["a" * 3_000_000]))
    monkeypatch.setattr(json_buffer, "BLOCK_BYTES", 1_000)
    with pytest.raises(LabelFormatError, match="values of at most 100000 bytes, there is a larger one"):
        read_all(tmp_path / "a.json", fast=False)


def test_a_list_is_iterated_at_the_top_or_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"x": [0], "tasks": [1, {"a": 2}], "y": {"tasks": 3}}')
    assert list(iterate_list(path, "tasks")) == [1, {"a": 2}]
    path.write_text(" [1, [2]] ")
    assert list(iterate_list(path, None)) == [1, [2]]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("{}", None, "expected a list"),
        ("[]", "tasks", "expected an object with a list 'tasks'"),
        ('{"tasks": 5}', "tasks", "expected an object with a list 'tasks'"),
        ('{"a": 5}', "tasks", "expected an object with a list 'tasks'"),
        ("[1] 2", None, "Extra data"),
    ],
)
def test_a_file_without_the_list_is_an_error(
    tmp_path: Path, text: str, name: str | None, message: str
) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(LabelFormatError, match=message):
        list(iterate_list(tmp_path / "a.json", name))
