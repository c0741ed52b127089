from funds.models.account import Account
from funds.models.appropriation import Appropriation, PermittedUse, Pledge, VillageSupport
from funds.models.audit import Audit, AuditFinding, Procurement
from funds.models.batch import BankReturn, BatchLine, PaymentBatch
from funds.models.export import ExportRecord
from funds.models.movement import Movement
from funds.models.project import Investment, Project
from funds.models.publication import NetworkReference, Publication, Supervisor
from funds.models.voucher import Voucher

__all__ = ["Account", "Appropriation", "Audit", "AuditFinding", "BankReturn", "BatchLine", "ExportRecord", "Investment",
           "Movement", "NetworkReference", "PaymentBatch", "PermittedUse", "Pledge", "Procurement", "Project", "Publication",
           "Supervisor", "VillageSupport", "Voucher"]
