"""Load the programmes shipped with the product."""
from office.management.command import ContractCommand, Refusal
from office.programme_files import ProgrammeFileError
from office.registers import RegisterError, load_programmes, shipped_programmes


class Command(ContractCommand):
    help = "载入政策文件的参数"

    def add_arguments(self, parser):
        parser.add_argument("keys", nargs="*", metavar="KEY")
        parser.add_argument("--all", action="store_true", help="载入全部政策文件")

    def answer(self, *, keys, **options) -> dict:
        keys = shipped_programmes() if options["all"] else keys
        if not keys:
            raise Refusal(f"请给出政策文件代号（{' '.join(shipped_programmes())}）或 --all")
        try:
            return {"loaded": load_programmes(keys)}
        except (RegisterError, ProgrammeFileError) as error:
            raise Refusal(str(error)) from error
