from funds.models.account import Account
from funds.models.appropriation import Appropriation, PermittedUse, Pledge, VillageSupport
from funds.models.batch import BankReturn, BatchLine, PaymentBatch
from funds.models.export import ExportRecord
from funds.models.movement import Movement
from funds.models.project import Investment, Project
from funds.models.voucher import Voucher

__all__ = ["Account", "Appropriation", "BankReturn", "BatchLine", "ExportRecord", "Investment", "Movement", "PaymentBatch",
           "PermittedUse", "Pledge", "Project", "VillageSupport", "Voucher"]
