"""Load published figures from a CSV."""
from pathlib import Path

from office.management.command import ContractCommand, Refusal
from office.registers import RegisterError, load_statistics


class Command(ContractCommand):
    help = "载入统计数（CSV：key,area_code,year,basis,value,known_on,source）"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def answer(self, *, file, **options) -> dict:
        try:
            loaded, _ = load_statistics(file)
        except RegisterError as error:
            raise Refusal(str(error)) from error
        return loaded.as_dict()
