"""Check that nothing in the hash chains was altered."""
from office import chains
from office.management.command import Answer, ContractCommand


class Command(ContractCommand):
    help = "核对操作日志（和台账）的摘要链；有不符时退出码为 2"

    def answer(self, **options) -> dict:
        found = chains.verify_all()
        return Answer.with_refusals(found, refused=not found["ok"])
