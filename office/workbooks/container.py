"""The .xlsx file as a container: refuses what is not a plain workbook before any library opens it.

Every part is inflated once, with the size counted while inflating (sizes written in the file can lie); heads of XML parts are
searched for a DTD, sheets are scanned on the way (see ``scan``).
"""

import codecs
import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import SheetScan

DEFAULT_MAX_BYTES = 100 * 2**20
MAX_UNPACKED = 10**9
MAX_ROWS = 500_000
MAX_PARTS = 10_000
CHUNK = 2**20
MAX_HEAD = 2**16
MAX_SMALL_PART = 16 * 2**20

RATIO_FROM = 50 * 2**20
MAX_RATIO = 250
"""Sheets pack at 10 to 60 to one; from RATIO_FROM bytes on, more than this is a decompression bomb."""

WORKBOOK_PART = "xl/workbook.xml"
_KEPT = {"[content_types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
_MACRO = ("vbaproject", "vbadata", "/macrosheets/", "/dialogsheets/")
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_DAMAGED = "文件已损坏，无法读取，请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传"
_RESAVE = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传"
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:([\w.-]+):)?([\w.-]+)[\s/>]")
_ENCODING = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_ENCODINGS = {"utf-8", "utf8", "utf-16", "us-ascii", "ascii"}


@dataclass
class Inspection:
    """What is known of a workbook that was not refused."""

    path: Path
    parts: frozenset[str] = frozenset()
    """Lower-case names of all parts."""
    scans: dict[str, SheetScan] = field(default_factory=dict)
    """Lower-case part name to the scan of the sheet in it."""
    kept: dict[str, bytes] = field(default_factory=dict)
    """Lower-case name to content of the small parts that say which sheet is where."""
    transcoded: bool = False
    """Whether any part is written in UTF-16, which only the streaming reader understands."""


def inspect_file(path: str | Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Inspection:
    """Checks the whole container; raises WorkbookRefused with one sentence and its remedy."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise WorkbookRefused(f"文件大于 {max_bytes / 2**20:g} MB 的上限，请按镇或按村拆成几个文件再上传")
        with path.open("rb") as file:
            _check_kind(file, size)
            return _inspect_parts(path, file)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, UnicodeError, NotImplementedError) as error:
        raise WorkbookRefused(_DAMAGED) from error
    except OSError as error:
        raise WorkbookRefused(f"无法打开文件 {path.name}，请检查文件是否存在") from error


def _check_kind(file: BinaryIO, size: int) -> None:
    head = file.read(512)
    if not head:
        raise WorkbookRefused("文件是空的，请重新导出后再上传")
    if head.startswith(_OLE):
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
                raise WorkbookRefused("文件设有打开密码，请取消密码（文件—信息—保护工作簿）后再上传")
        raise WorkbookRefused("文件是旧版 .xls 格式，" + _RESAVE)
    if not head.startswith(b"PK"):
        raise WorkbookRefused("文件不是 .xlsx 工作簿（可能是改了扩展名的网页、CSV 或其他文件），" + _RESAVE)
    if size < 22:
        raise WorkbookRefused(_DAMAGED)


def _inspect_parts(path: Path, file: BinaryIO) -> Inspection:
    with zipfile.ZipFile(file) as archive:
        parts = [part for part in archive.infolist() if not part.is_dir()]
    _check_listing(parts)
    inspection = Inspection(path, frozenset(part.filename.lower().lstrip("/") for part in parts))
    budget = MAX_UNPACKED
    for part in sorted(parts, key=lambda p: p.filename.lower() != "[content_types].xml"):
        budget -= _inspect_part(inspection, file, part, budget)
    if WORKBOOK_PART not in inspection.kept:
        raise WorkbookRefused("文件不是 .xlsx 工作簿，" + _RESAVE)
    return inspection


def _check_listing(parts: list[zipfile.ZipInfo]) -> None:
    """What the table of contents alone tells."""
    names = [part.filename.lower().lstrip("/") for part in parts]
    if any(part.flag_bits & 0x1 for part in parts):
        raise WorkbookRefused("文件已加密，请取消密码后再上传")
    if "[content_types].xml" not in names:
        raise WorkbookRefused("文件不是 .xlsx 工作簿（是普通压缩包），" + _RESAVE)
    if any(word in name for name in names for word in _MACRO):
        raise WorkbookRefused("文件含有宏，不能上传，" + _RESAVE)
    if len(set(names)) != len(names) or len(names) > MAX_PARTS:
        raise WorkbookRefused(_DAMAGED)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise WorkbookRefused(_DAMAGED)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        raise WorkbookRefused(_TOO_LARGE)


_TOO_LARGE = "文件解压后过大，无法安全读取，请删除空白行列和多余格式，或按镇拆成几个文件再上传"


def _inspect_part(inspection: Inspection, file: BinaryIO, part: zipfile.ZipInfo, budget: int) -> int:
    """Inflates one part, checks its head, scans it when it is a sheet; returns its size."""
    name = part.filename.lower().lstrip("/")
    chunks = inflate(file, part, budget)
    head, root = b"", None
    for chunk in chunks:
        head += chunk
        root = _root_of(head)
        if root or root == "":
            break
        if len(head) > MAX_HEAD:
            raise WorkbookRefused(_DAMAGED)
    size = len(head)
    encoding = _encoding_of(head) if root else "utf-8"
    wide = encoding != "utf-8"
    inspection.transcoded |= wide
    kept = bytearray(head) if name in _KEPT else None
    scan = None
    if root and root.rpartition(":")[2] == "worksheet":
        prefix = root.rpartition(":")[0]
        scan = SheetScan(prefix=f"{prefix}:".encode() if prefix else b"", transcoded=wide)
        inspection.scans[name] = scan
        decoder = codecs.getincrementaldecoder(encoding)() if wide else None
        scan.feed(decoder.decode(head).encode() if decoder else head)
    for chunk in chunks:
        size += len(chunk)
        if scan:
            scan.feed(decoder.decode(chunk).encode() if decoder else chunk)
            if scan.filled_rows > MAX_ROWS + 1:
                break
        elif kept is not None:
            kept += chunk
            if len(kept) > MAX_SMALL_PART:
                raise WorkbookRefused(_DAMAGED)
    if scan:
        scan.close()
        if scan.filled_rows > MAX_ROWS + 1:  # the header does not count
            raise WorkbookRefused(f"工作表超过 {MAX_ROWS // 10000} 万行，请按镇或按年度拆成几个文件再上传")
    if kept is not None:
        _keep(inspection, name, bytes(kept), encoding)
    return size


def _keep(inspection: Inspection, name: str, content: bytes, encoding: str) -> None:
    if encoding != "utf-8":
        content = re.sub(r"^\s*<\?xml.*?\?>", "", content.decode(encoding)).encode()
    inspection.kept[name] = content
    if name == "[content_types].xml":
        types = content.lower()
        if b"macroenabled" in types or b"vbaproject" in types or b"ms-excel.intlmacrosheet" in types:
            raise WorkbookRefused("文件含有宏，不能上传，" + _RESAVE)
        if b"spreadsheetml.sheet.main+xml" not in types:
            raise WorkbookRefused("文件不是 .xlsx 工作簿，" + _RESAVE)


def inflate(file: BinaryIO, part: zipfile.ZipInfo, budget: int = MAX_UNPACKED) -> Iterator[bytes]:
    """The content of a part in pieces; refuses when it is not exactly what the table of contents promised."""
    file.seek(part.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise WorkbookRefused(_DAMAGED)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    engine = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    left, size, checksum, rest = part.compress_size, 0, 0, b""
    while left or rest:
        if not rest:
            rest = file.read(min(CHUNK, left))
            if not rest:
                raise WorkbookRefused(_DAMAGED)
            left -= len(rest)
        chunk, rest = (engine.decompress(rest, CHUNK), engine.unconsumed_tail) if engine else (rest, b"")
        size += len(chunk)
        if size > budget:
            raise WorkbookRefused(_TOO_LARGE)
        checksum = zlib.crc32(chunk, checksum)
        if chunk:
            yield chunk
    if engine:
        chunk = engine.flush()
        size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
        if chunk:
            yield chunk
    if size != part.file_size or checksum != part.CRC or (engine and not engine.eof):
        raise WorkbookRefused(_DAMAGED)


def _encoding_of(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(head[:2], "utf-8")


def _root_of(head: bytes) -> str | None:
    """Name of the root element; empty when the part is no XML, None when the head is too short to tell.

    Raises WorkbookRefused for a DTD (it can only stand before the root) and for encodings that a workbook never has.
    """
    encoding = _encoding_of(head)
    text = head[:MAX_HEAD].decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="ignore")
    if text and not text.lstrip().startswith("<"):
        return ""
    declared = _ENCODING.match(text.lstrip())
    if declared and declared[1].lower() not in _ENCODINGS:
        raise WorkbookRefused(_DAMAGED)
    position = 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    rest = text[position:]
    if rest.startswith("<!") and not "<!--".startswith(rest[:4]):
        if "<!DOCTYPE".startswith(rest[:9]) and len(rest) < 9:
            return None
        raise WorkbookRefused("文件含有文档类型定义（DTD）或外部实体，不能读取，" + _RESAVE)
    root = _ROOT.match(rest)
    if root:
        return f"{root[1]}:{root[2]}" if root[1] else root[2]
    return None
