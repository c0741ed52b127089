"""The listings inside an .xlsx: which part is of which type, which part refers to which, which sheets there are."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from office.workbooks.refusal import Unpatchable

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = re.compile(r"<sheets>(.*?)</sheets>", re.DOTALL)
_SHEET = re.compile(r"<sheet\b[^>]*?/>")
_DEFINED = re.compile(r"<definedName\b[^>]*>.*?</definedName>", re.DOTALL)
_LOCAL = re.compile(r'\blocalSheetId="(\d+)"')


@dataclass
class Relations:
    """The parts that one part refers to."""

    base: str
    """Folder of the referring part."""
    entries: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, part: str, xml: bytes | None) -> "Relations":
        relations = cls(posixpath.dirname(part))
        for element in ElementTree.fromstring(xml) if xml else ():
            relations.entries[element.get("Id", "")] = dict(element.attrib)
        return relations

    def target(self, identifier: str) -> str:
        """Name of the part that an identifier refers to."""
        target = self.entries[identifier]["Target"]
        return posixpath.normpath(posixpath.join("/" + self.base, target)).lstrip("/")

    def of_type(self, ending: str) -> Iterator[str]:
        """Identifiers whose type ends in a word, such as ``comments``."""
        return (i for i, e in self.entries.items() if e.get("Type", "").endswith("/" + ending))

    def add(self, kind: str, part: str) -> str:
        """Refers to a part by a new identifier and returns it."""
        number = 9001
        while f"rId{number}" in self.entries:
            number += 1
        identifier = f"rId{number}"
        target = posixpath.relpath("/" + part, "/" + self.base)
        self.entries[identifier] = {"Id": identifier, "Type": f"{OFFICE}/{kind}", "Target": target}
        return identifier

    def xml(self) -> str:
        rows = (
            "<Relationship " + " ".join(f"{name}={quoteattr(value)}" for name, value in entry.items()) + "/>"
            for entry in self.entries.values()
        )
        return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}relationships">{"".join(rows)}</Relationships>'


class Package:
    """An .xlsx open for copying with changes. Parts are found whatever the case of their names."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self._entries = {
            entry.filename.lower().lstrip("/"): entry for entry in archive.infolist() if not entry.is_dir()
        }
        self.written: set[str] = set()
        """Lower-case names of parts that are replaced or dropped."""
        types = ElementTree.fromstring(self.read("[Content_Types].xml"))
        self._types = [(element.tag.rpartition("}")[2], dict(element.attrib)) for element in types]
        book = self.read("xl/workbook.xml").decode("utf-8-sig")
        if f'xmlns:r="{OFFICE}"' not in book or not _SHEETS.search(book):
            raise Unpatchable("workbook.xml")
        self.book = book
        self.relations = Relations.read("xl/workbook.xml", self.read("xl/_rels/workbook.xml.rels"))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        return self.archive.read(self._entries[name.lower()])

    def open(self, name: str) -> zipfile.ZipExtFile:
        return self.archive.open(self._entries[name.lower()])  # type: ignore[return-value]

    def untouched(self) -> Iterator[zipfile.ZipInfo]:
        return (entry for name, entry in self._entries.items() if name not in self.written)

    def relations_of(self, part: str) -> Relations:
        name = self.relations_name(part)
        return Relations.read(part, self.read(name) if name in self else None)

    @staticmethod
    def relations_name(part: str) -> str:
        folder, name = posixpath.split(part)
        return f"{folder}/_rels/{name}.rels"

    def free_name(self, pattern: str) -> str:
        """A part name that is not taken; ``pattern`` holds one {} for a number."""
        number = 901
        while pattern.format(number).lower() in self._entries or pattern.format(number).lower() in self.written:
            number += 1
        self.written.add(pattern.format(number).lower())
        return pattern.format(number)

    def declare(self, part: str, content_type: str) -> None:
        self._types.append(("Override", {"PartName": "/" + part, "ContentType": content_type}))

    def declare_extension(self, extension: str, content_type: str) -> None:
        listed = {a.get("Extension", "").lower() for kind, a in self._types if kind == "Default"}
        if extension not in listed:
            self._types.insert(0, ("Default", {"Extension": extension, "ContentType": content_type}))

    def drop(self, part: str) -> None:
        """Leaves a part and its relations out of the copy."""
        self.written |= {part.lower(), self.relations_name(part).lower()}
        gone = "/" + part.lower()
        self._types = [(kind, a) for kind, a in self._types if a.get("PartName", "").lower() != gone]

    def types_xml(self) -> str:
        rows = (
            f"<{kind} " + " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items()) + "/>"
            for kind, attributes in self._types
        )
        return f'{_DECLARATION}<Types xmlns="{_PACKAGE}content-types">{"".join(rows)}</Types>'

    def sheets(self) -> dict[str, str]:
        """Sheet name to part name, in order."""
        found = {}
        for element in self._sheet_elements():
            attributes = ElementTree.fromstring(element.replace("r:id=", "rid=")).attrib
            found[attributes["name"]] = self.relations.target(attributes["rid"])
        return found

    def _sheet_elements(self) -> list[str]:
        return _SHEET.findall(_SHEETS.search(self.book)[1])

    def put_first(self, name: str, part: str) -> None:
        """Makes ``part`` the first sheet, in place of one with the same name; what the book says by position follows."""
        elements = self._sheet_elements()
        names = list(self.sheets())
        if name in names:
            self.drop(self.sheets()[name])
        kept = [element for element, old in zip(elements, names, strict=True) if old != name]
        moved = {names.index(old): new for new, old in enumerate((old for old in names if old != name), start=1)}
        number = max((int(n) for e in elements for n in re.findall(r'\bsheetId="(\d+)"', e)), default=0) + 1
        identifier = self.relations.add("worksheet", part)
        self.declare(part, SPREADSHEET + "worksheet+xml")
        first = f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="{identifier}"/>'
        book = _SHEETS.sub(lambda _: f"<sheets>{first}{''.join(kept)}</sheets>", self.book, count=1)
        book = _DEFINED.sub(lambda match: _moved_name(match[0], moved), book)
        book = re.sub(r"<definedNames>\s*</definedNames>", "", book)
        book = re.sub(r'(<workbookView\b[^>]*?)\s(?:firstSheet|activeTab)="\d+"', r"\1", book)
        self.book = re.sub(r'(<workbookView\b[^>]*?)\s(?:firstSheet|activeTab)="\d+"', r"\1", book)


def _moved_name(element: str, moved: dict[int, int]) -> str:
    """A defined name whose sheet has another position now; empty when the sheet is gone."""
    local = _LOCAL.search(element)
    if not local:
        return element
    position = moved.get(int(local[1]))
    return "" if position is None else _LOCAL.sub(f'localSheetId="{position}"', element, count=1)
