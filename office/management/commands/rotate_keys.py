"""Write every encrypted value anew under the current key."""
from office import trail
from office.management.command import ContractCommand, Progress
from office.rotation import rotate


class Command(ContractCommand):
    help = "密钥轮换：用第一把密钥重新加密证件号码、银行卡号和电话"

    def answer(self, **options) -> dict:
        counts = rotate(Progress())
        trail.record(None, "密钥轮换", detail=counts)
        return counts
