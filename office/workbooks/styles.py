"""Adds the look of marked cells to a workbook's styles.xml, keeping every format that is there."""

import re

from office.workbooks.refusal import Unpatchable

ERROR_COLOUR = "FFFFC2C2"
WARNING_COLOUR = "FFFFF0A3"
"""Fills of refused and doubtful cells; unusual shades, so that marks of an earlier check are recognised and taken off."""

_BLOCK = {name: re.compile(rf"<{name}\b[^>]*>.*?</{name}>", re.DOTALL) for name in ("fills", "fonts", "cellXfs")}
_FORMAT = re.compile(r"<xf\b(?:[^>]*/>|[^>]*[^/]>.*?</xf>)", re.DOTALL)
_FILL = re.compile(r"<fill\b(?:[^>]*/>|[^>]*[^/]>.*?</fill>|>.*?</fill>)", re.DOTALL)
_FONT = re.compile(r"<font\b(?:[^>]*/>|[^>]*[^/]>.*?</font>|>.*?</font>)", re.DOTALL)


class Styles:
    """The cell formats of one workbook; formats for marked cells are added as they are asked for."""

    def __init__(self, xml: str) -> None:
        """Raises Unpatchable when the part is not laid out the way spreadsheet programs write it."""
        self._xml = xml
        blocks = {name: pattern.search(xml) for name, pattern in _BLOCK.items()}
        if not all(blocks.values()):
            raise Unpatchable("styles.xml")
        self._fills = _FILL.findall(blocks["fills"][0].partition(">")[2])
        self._fonts = _FONT.findall(blocks["fonts"][0].partition(">")[2])
        self._formats = _FORMAT.findall(blocks["cellXfs"][0])
        if not self._formats or not self._fills or not self._fonts:
            raise Unpatchable("styles.xml")
        old = {i for i, f in enumerate(self._fills) if ERROR_COLOUR in f or WARNING_COLOUR in f}
        self.marked_before = {i for i, f in enumerate(self._formats) if int(_attribute(f, "fillId") or 0) in old}
        """Formats that an earlier check gave to cells."""
        self._fill_of = {"E": self._add_fill(ERROR_COLOUR), "W": self._add_fill(WARNING_COLOUR)}
        self._bold, self._link = self._add_font("<b/>"), self._add_font('<u/><color rgb="FF0563C1"/>')
        self._known: dict[tuple[int, str], int] = {}

    def marked(self, style: int, severity: str) -> int:
        """The format ``style`` with the fill of a severity."""
        return self._variant(style, severity, self._fill_of[severity])

    def unmarked(self, style: int) -> int:
        """The format ``style`` without a fill, for cells that an earlier check had marked."""
        return self._variant(style, "", 0)

    def _variant(self, style: int, name: str, fill: int) -> int:
        key = (style, name)
        if key not in self._known:
            base = self._formats[style if style < len(self._formats) else 0]
            self._known[key] = self._add_format(_with(_with(base, "fillId", fill), "applyFill", 1))
        return self._known[key]

    def plain(self, look: str) -> int:
        """A format for the result sheet: ``text``, ``number``, ``line`` (not wrapped), ``bold``, ``link``, ``E`` or ``W``."""
        key = (-1, look)
        if key not in self._known:
            wrap = "" if look in ("line", "bold") else ' wrapText="1"'
            font = {"bold": self._bold, "link": self._link}.get(look, 0)
            fill = self._fill_of.get(look, 0)
            number = 0 if look == "number" else 49
            self._known[key] = self._add_format(
                f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyFont="1" applyFill="1" '
                f'applyAlignment="1"><alignment vertical="top"{wrap}/></xf>'
            )
        return self._known[key]

    def _add_fill(self, colour: str) -> int:
        return _add(
            self._fills,
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>',
        )

    def _add_font(self, look: str) -> int:
        """The workbook's first font with another look; its elements in the order that the format prescribes."""
        first = self._fonts[0]
        size, *others = (_element(first, name) for name in ("sz", "name", "rFont", "family", "charset", "scheme"))
        colour = _element(look, "color")
        return _add(self._fonts, f"<font>{look.replace(colour, '')}{size}{colour}{''.join(others)}</font>")

    def _add_format(self, xml: str) -> int:
        return _add(self._formats, xml)

    def xml(self) -> str:
        """The part with everything that was added."""
        text = self._xml
        for name, entries in (("fonts", self._fonts), ("fills", self._fills), ("cellXfs", self._formats)):
            block = f'<{name} count="{len(entries)}">{"".join(entries)}</{name}>'
            text = _BLOCK[name].sub(lambda _, block=block: block, text, count=1)
        return text


def _add(entries: list[str], xml: str) -> int:
    if xml not in entries:
        entries.append(xml)
    return entries.index(xml)


def _element(xml: str, name: str) -> str:
    """An empty child element as it stands, or nothing."""
    match = re.search(rf"<{name}\b[^>]*/>", xml)
    return match[0] if match else ""


def _attribute(xml: str, name: str) -> str | None:
    match = re.search(rf'\b{name}="([^"]*)"', xml.partition(">")[0])
    return match[1] if match else None


def _with(xml: str, name: str, value: int) -> str:
    """The element with one attribute set in its start tag."""
    tag, angle, rest = xml.partition(">")
    if re.search(rf'\b{name}="', tag):
        return re.sub(rf'\b{name}="[^"]*"', f'{name}="{value}"', tag) + angle + rest
    slash = "/" if tag.endswith("/") else ""
    return f'{tag.removesuffix("/")} {name}="{value}"{slash}{angle}{rest}'
