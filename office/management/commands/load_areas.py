"""Load administrative areas from a CSV."""
from pathlib import Path

from office.management.command import ContractCommand, Refusal
from office.registers import RegisterError, load_areas


class Command(ContractCommand):
    help = "载入行政区划（CSV：code,name,level,parent_code）"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def answer(self, *, file, **options) -> dict:
        try:
            return load_areas(file).as_dict()
        except RegisterError as error:
            raise Refusal(str(error)) from error
