"""XML that would hurt is refused by name; what is read is what ElementTree reads, in bounded memory."""

import tracemalloc
import xml.etree.ElementTree as ET
from pathlib import Path

import defusedxml
import defusedxml.ElementTree
import pytest

from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading import xml_export
from tasks.label_formats.reading.xml_export import read_elements, read_tree

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b0 "ha">'
    + "".join(f'<!ENTITY b{n} "&b{n - 1};&b{n - 1};">' for n in range(1, 40))
    + "]><a>&b39;</a>"
)
REFUSED = {
    "entity bomb": BOMB,
    "quadratic bomb": f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 50_000}</a>',
    "external entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/b"> %b;]><a/>',
    "external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "bare DTD": "<!DOCTYPE a><a/>",
    "DTD after a comment": f"<!-- {'x' * 9000} --><!DOCTYPE a><a/>",
}
BROKEN = [
    (b"", "expected an element, there is none"),
    (b"<!-- nothing -->", "expected an element, there is none"),
    (b"\x89PNG\r\n\x1a\n\x00", "not XML"),
    (b"<a><b></a>", "1: not XML: mismatched tag"),
    (b"<a>", "not XML: no element found"),
    (b"<a/>\n<a/>", "2: not XML: junk after document element"),
    (b"<a>&b;</a>", "not XML: undefined entity"),
    (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff</a>', "not XML: not well-formed"),
    (b'<?xml version="1.0" encoding="klingon"?><a/>', "not XML|not of its encoding"),
    (b'<?xml version="1.0" encoding="utf-7"?><a/>', "not XML|not of its encoding"),
    (b'<?xml version="1.0" encoding="big5"?><a/>', "not XML|not of its encoding"),
    (b"<b/>", "expected the outermost element <a>, got <b>"),
    (b"<a>" * 100_000 + b"</a>" * 100_000, "at most 64 elements inside one another"),
    (b"<a>" + b"<b>" * 100_000 + b"</b>" * 100_000 + b"</a>", "at most 64 elements inside one another"),
]


def written(folder: Path, content: bytes) -> Path:
    (folder / "a.xml").write_bytes(content)
    return folder / "a.xml"


@pytest.mark.parametrize("name", REFUSED)
def test_every_document_type_is_refused_and_defusedxml_refuses_it_too(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, REFUSED[name].encode())
    for read in (lambda: read_tree(path, "a"), lambda: list(read_elements(path, "a", {"b"}))):
        with pytest.raises(LabelFormatError, match=r"a\.xml:1: it has a document type"):
            read()
    with pytest.raises(defusedxml.DefusedXmlException):
        defusedxml.ElementTree.parse(path, forbid_dtd=True)


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_what_is_no_such_xml_is_an_error_that_says_where(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = written(tmp_path, content)
    for read in (lambda: read_tree(path, "a"), lambda: list(read_elements(path, "a", {"b"}))):
        with pytest.raises(LabelFormatError, match=message):
            read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_text_is_read_in_the_encoding_that_the_file_declares(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a name="café"><b>naïve &amp; &#233;</b></a>'
    tree = read_tree(written(tmp_path, text.encode(encoding)), "a")
    assert (tree.get("name"), tree.findtext("b")) == ("café", "naïve & é")


def test_elements_come_in_order_and_those_inside_them_stay_in_them(tmp_path: Path) -> None:
    path = written(tmp_path, b"<a><x><b n='1'/></x><b n='2'>two<b n='3'/></b><c><b n='4'/></c></a>")
    found = [(one.get("n"), len(one), one.text) for one in read_elements(path, "a", {"b"})]
    assert found == [("1", 0, None), ("2", 1, "two"), ("4", 0, None)]


def test_the_tree_is_what_element_tree_reads(tmp_path: Path) -> None:
    path = written(tmp_path, b"<a n='1'>one<b>two</b>three<c/></a>")
    peer = defusedxml.ElementTree.parse(path).getroot()
    assert peer is not None
    assert ET.tostring(read_tree(path, "a")) == ET.tostring(peer)


def test_a_reader_that_stops_early_leaves_no_open_file(tmp_path: Path) -> None:
    elements = read_elements(written(tmp_path, b"<a><b/><b/></a>"), "a", {"b"})
    assert next(elements).tag == "b"


def test_limits_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b"<a><b>" + b"<c/>" * 60 + b"</b><d>" + b"x" * 200_000 + b"</d></a>")
    monkeypatch.setattr(xml_export, "LARGEST_TEXT_BYTES", 100_000)
    with pytest.raises(LabelFormatError, match="at most 100000 bytes in one text"):
        list(read_elements(path, "a", {"b"}))
    monkeypatch.setattr(xml_export, "MOST_INSIDE", 50)
    with pytest.raises(LabelFormatError, match="at most 50 elements in one <b>"):
        list(read_elements(path, "a", {"b"}))
    with pytest.raises(LabelFormatError, match="at most 50 elements; split"):
        read_tree(written(tmp_path, b"<a>" + b"<c/>" * 120 + b"</a>"), "a")
    monkeypatch.setattr(xml_export, "LARGEST_BYTES", 300)
    with pytest.raises(LabelFormatError, match="at most 300 bytes of XML"):
        list(read_elements(path, "a", {"b"}))


def test_memory_is_for_one_element_and_not_for_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"<a>" + b"<b n='1'><c>text</c></b>" * 200_000 + b"</a>")
    tracemalloc.start()
    assert sum(len(one) for one in read_elements(path, "a", {"b"})) == 200_000
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 2_000_000 < path.stat().st_size
