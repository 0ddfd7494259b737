import pytest

from tests.media.making import facts, reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_without_its_byte_order_mark(encoding: str) -> None:
    found = facts("Grüße,\r\n世界".encode(encoding), "note.txt")
    assert (found.modality, found.text, found.fault) == ("text", "Grüße,\r\n世界", None)


def test_another_encoding_is_refused_and_not_guessed() -> None:
    fault = facts("Grüße".encode("latin-1"), "note.txt").fault
    assert str(fault) == "wrong_encoding: expected UTF-8, byte 2 is none; convert the file to UTF-8"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b"", "file_empty"), (b" \n\t", "file_empty"), (b"a" * 1_001, "too_large"), (b"a" * 1_000, None)],
)
def test_a_text_is_neither_blank_nor_too_long(payload: bytes, expected: str | None) -> None:
    assert reason(payload, "note.txt") == expected
    assert reason(payload, "table.csv#7", "text") == expected


def test_a_cell_of_text_is_text_whatever_it_looks_like() -> None:
    assert (
        facts(b"GIF89a is my favourite format", "table.csv#7", "text").text == "GIF89a is my favourite format"
    )


def test_the_numbers_of_a_row_are_channels() -> None:
    found = facts(b"1.2334,-.5,+3e-2,7.,12", "poses.txt#line 4", "signal")
    assert (found.media_type, found.channels, found.fault) == ("text/csv", 5, None)


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "1_000", "", "0x1f", "eleven", "1,5;2"])
def test_what_is_no_finite_number_is_named(cell: str) -> None:
    assert reason(f"1.5,{cell}".encode(), "poses.txt#line 4", "signal") == "not_a_number"
