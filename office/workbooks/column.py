"""One column of a sheet, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal["text", "digits", "integer", "number", "money", "yesno", "date", "choice", "choices"]


@dataclass(frozen=True)
class Column:
    """One column of a sheet: how it is headed, read and written.

    ``choices`` maps each accepted label to the value it stands for, synonyms included; of several labels of one value the
    first is written. A sequence of labels stands for itself. Of an unknown label ``choice_error`` makes an error, otherwise
    a warning that keeps the text. ``min`` and ``max`` bound numbers, money (yuan) and dates; ``places`` rounds numbers half
    up; ``width`` is in characters; ``may_be_blank`` allows empty cells in a column that the sheet must have.
    """

    key: str
    label: str
    kind: Kind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Any] | Sequence[str] = field(default=(), hash=False)
    choice_error: bool = False
    min: Any = None
    max: Any = None
    places: int | None = None
    max_length: int = 200
    width: float = 12
    may_be_blank: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.choices, Mapping):
            object.__setattr__(self, "choices", {label: label for label in self.choices})
        if self.kind in ("choice", "choices") and not self.choices:
            raise ValueError(f"column {self.key} has no choices")

    @cached_property
    def labels(self) -> dict[Any, str]:
        """The label that each value is written with."""
        labels: dict[Any, str] = {}
        for label, value in self.choices.items():
            labels.setdefault(value, label)
        return labels
