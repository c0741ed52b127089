"""Who speaks to whom in a bulletin: issuer, addressees, copies, and the words for the area and its parts. Pure."""
from collections.abc import Sequence
from dataclasses import dataclass

from office.models import Level

LEADING_GROUP = "扶贫开发领导小组"


@dataclass(frozen=True)
class Address:
    """Words that follow from the area's level and the names of its parts; `superior` is the area above it."""

    name: str
    level: str
    parts: tuple[str, ...]
    superior: str

    @property
    def own(self) -> str:
        """市, 县, 区, 镇, 乡 or 街道: how the area calls itself."""
        if self.name.endswith(("街道", "办事处")):
            return "街道"
        return self.name[-1] if self.name[-1] in "市县区镇乡" else ""

    @property
    def whole(self) -> str:
        """全市, 全县, 全区, …; the name itself where there is no such word."""
        return f"全{self.own}" if self.own else self.name

    @property
    def part(self) -> str:
        """What one part is called: 县（市、区）, 镇, 街道, 镇（街道）, 村（社区）."""
        if self.level == Level.CITY:
            return "县（市、区）"
        if self.level != Level.COUNTY:
            return "村（社区）"
        streets = [name for name in self.parts if name.endswith(("街道", "办事处"))]
        if not streets:
            return "镇"
        return "街道" if len(streets) == len(self.parts) else "镇（街道）"

    @property
    def each(self) -> str:
        return f"各{self.part}"

    @property
    def issuer(self) -> str:
        return f"{self.name}{LEADING_GROUP}办公室"

    @property
    def addressee(self) -> str:
        offices = {"街道": "各街道党工委、办事处", "镇（街道）": "各镇党委、政府，各街道党工委、办事处",
                   "村（社区）": "各村（社区）党组织、村（居）民委员会"}
        first = offices.get(self.part, f"{self.each}党委、政府")
        return first if self.part == "村（社区）" else f"{first}，{self.own}{LEADING_GROUP}各成员单位"

    @property
    def copy_to(self) -> str:
        above = f"{self.superior}{LEADING_GROUP}办公室" if self.superior else ""
        if self.part == "村（社区）":
            return above
        own = "、".join(f"{self.own}{office}" for office in ("委办公室", "人大常委会办公室", "政府办公室", "政协办公室"))
        return "，".join(filter(None, (above, own)))

    @property
    def responsible(self) -> str:
        """The units that answer for what is asked of the places."""
        return {"街道": "各街道党工委、办事处", "镇（街道）": "各镇党委、政府和各街道党工委、办事处",
                "村（社区）": "各村（社区）党组织、村（居）民委员会"}.get(self.part, f"{self.each}党委、政府")


def address_of(name: str, level: str, parts: Sequence[str], superior: str = "") -> Address:
    return Address(name, level, tuple(parts), superior)
