"""The first bytes of media formats, and what file suffixes promise.

Sources: the formats' own specifications; RFC 9559 (Matroska), RFC 2361 (RIFF), ISO 14496-12 (ftyp brands).
"""

from tasks.core.mpeg_audio import id3_bytes, is_adts
from tasks.core.pictures import is_heif
from tasks.core.series import SERIES_MARK, SERIES_TYPE

# Where it stands, what stands there, the media type. The first that fits counts.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"8BPS\x00", "image/vnd.adobe.photoshop"),
    (0, b"DDS \x7c\x00\x00\x00", "image/vnd-ms.dds"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"qoif\x00", "image/qoi"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b".snd\x00", "audio/basic"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
    (0, b"caff\x00\x01", "audio/x-caf"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"\x1a\x45\xdf\xa3", "video/matroska"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (0, SERIES_MARK + b"\0\0", SERIES_TYPE),
)
# What the first page of an Ogg with pictures holds: Theora, VP8.
_OGG_PICTURES = (b"theora", b"OVP80")
# The first box of a QuickTime film from before there was ftyp; its size keeps it apart from text.
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide")
# A mark at byte 8 counts only inside one of these containers.
_CONTAINERS = (b"RIFF", b"RIFX", b"RF64", b"FORM")

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"mif1": "image/avif",  # where it is no HEIF
    b"msf1": "image/avif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}

# Marks so short that printable text could carry them: they count where the bytes are no text.
_WEAK_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"BM", "image/bmp"),
    (0, b"P4", "image/x-portable-anymap"),
    (0, b"P5", "image/x-portable-anymap"),
    (0, b"P6", "image/x-portable-anymap"),
    (0, b"\x01\xda", "image/sgi"),
    (4, b"\x11\xaf", "image/x-fli"),
    (4, b"\x12\xaf", "image/x-fli"),
    *((0, b"\xff" + bytes([second]), "audio/mpeg") for second in b"\xfb\xfa\xf3\xf2\xe3\xe2\xfd\xfc"),
    *((0, b"\xff" + bytes([second]), "audio/aac") for second in b"\xf1\xf9"),
)
_TRANSPORT_PACKET_BYTES = 188

_SUFFIXES = {
    "image": ".jpg .jpeg .jpe .png .gif .webp .tif .tiff .bmp .jp2 .j2k .ico .psd .dds .fli .sgi .tga .avif"
    " .heic .heif .jxl .qoi .mpo .ppm .pgm .pbm .pnm .svg .eps",
    "audio": ".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .m4a .aac .wma .amr",
    "video": ".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .ogv .flv .wmv .mts .m2ts",
    "text": ".txt .text .md .rst .html .htm",
}
SUFFIX_MODALITIES = {
    suffix: modality for modality, suffixes in _SUFFIXES.items() for suffix in suffixes.split()
}


def media_type_of(payload: bytes) -> str | None:
    """The media type of a signature that cannot be anything else; None where there is none."""
    if payload.startswith(b"ID3"):
        return _tagged_type(payload[id3_bytes(payload) :][:4])
    for position, mark, media_type in _SIGNATURES:
        if payload.startswith(mark, position) and (position == 0 or payload.startswith(_CONTAINERS)):
            return media_type
    if payload[4:8] == b"ftyp":
        return "image/heic" if is_heif(payload) else _BRANDS.get(payload[8:12], "video/mp4")
    if payload[:1] == b"\0" and payload[4:8] in _OLD_QUICKTIME:
        return "video/quicktime"
    if payload.startswith(b"OggS"):
        return "video/ogg" if any(mark in payload[:512] for mark in _OGG_PICTURES) else "audio/ogg"
    return None


def _tagged_type(behind: bytes) -> str:
    """Of a file with an ID3 tag in front, by what follows the tag: mostly MP3."""
    if is_adts(behind):
        return "audio/aac"
    return {b"OggS": "audio/ogg", b"fLaC": "audio/flac"}.get(behind, "audio/mpeg")


def weak_media_type_of(payload: bytes, suffix: str) -> str | None:
    """The media type of bytes that are no text, by a short mark; TGA by its suffix, as it has no mark."""
    for position, mark, media_type in _WEAK_SIGNATURES:
        if payload.startswith(mark, position):
            return media_type
    if payload[:1] == payload[_TRANSPORT_PACKET_BYTES : _TRANSPORT_PACKET_BYTES + 1] == b"G":
        return "video/mp2t"
    return "image/x-tga" if suffix == ".tga" else None
