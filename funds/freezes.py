"""Rows about money that may no longer change once money rests on them, as triggers on SQLite and on PostgreSQL.

The ledger itself is append-only (office.append_only); here stands what it refers to: the head of its chain, accounts,
documents and their uses, vouchers, approved lists. See funds.guards for what a new movement must fulfil.
"""
from dataclasses import dataclass

from funds.states import BATCH_STEPS, OPEN_LIST

CHAIN = "ledger"
TABLE = "funds_movement"


@dataclass(frozen=True)
class Rule:
    """A movement for which the condition holds is refused; `m` is the new row, the other letters what it refers to."""

    code: str
    sentence: str
    condition: str = ""


FROZEN_LIST = Rule("list_frozen", "批次已批准，发放名单不能再改动")
FROZEN_BATCH = Rule("batch_frozen", "批次已批准，内容不能再改动，状态只能按规定的步骤前进")
FROZEN_DOCUMENT = Rule("document_frozen", "指标文已入账，不能再改动；如有错误请冲正后重新登记")
FROZEN_VOUCHER = Rule("voucher_frozen", "凭证已入账，不能再改动；如有错误请冲正后重新登记")
FROZEN_ACCOUNT = Rule("account_frozen", "账户的余额只随流水变动，有过流水的账户不能再改动或删除")
FROZEN_HEAD = Rule("head_frozen", "台账链头只随流水变动，不能另行改动")
RULES = (FROZEN_LIST, FROZEN_BATCH, FROZEN_DOCUMENT, FROZEN_VOUCHER, FROZEN_ACCOUNT, FROZEN_HEAD)

_OPEN = "(" + ", ".join(f"'{state}'" for state in OPEN_LIST) + ")"
# Not `card`, which is written anew when keys are changed; `card_index` says whether it is still the same number.
_LIST_COLUMNS = ("batch_id", "position", "household_id", "member_id", "item", "year", "head_name", "beneficiary", "holder",
                 "bank_name", "card_tail", "card_index", "standard", "quantity", "amount")
_BATCH_COLUMNS = ("number", "programme_id", "area_id", "purpose", "item", "year", "unit", "standard", "use", "basis",
                  "account_id", "appropriation_id", "project_id", "investment_id", "lines_count", "total", "recorded_by_id",
                  "approved_by_id", "approved_on")
_ACCOUNT_COLUMNS = ("key", "kind", "area_id", "programme_id", "source", "payer_name", "appropriation_id", "project_id", "year")
_STATE_OF_LIST = "(SELECT state FROM funds_paymentbatch WHERE id = {row}.batch_id) NOT IN " + _OPEN
_STEPS = " OR ".join(
    f"(OLD.state = '{state}' AND NEW.state IN (" + ", ".join(f"'{following}'" for following in (state, *steps)) + "))"
    for state, steps in BATCH_STEPS.items())
_ANY = f"EXISTS (SELECT 1 FROM {TABLE})"
# The head of the chain as it must be: the last row of the ledger, or nothing where there is none.
_NEW_IS_HEAD = (f"(NEW.name = '{CHAIN}' AND ((NEW.sequence = 0 AND NOT {_ANY}) OR EXISTS (SELECT 1 FROM {TABLE} WHERE"
                f" sequence = NEW.sequence AND digest = NEW.digest AND sequence = (SELECT max(sequence) FROM {TABLE}))))")
# SQLite cannot tell whether a trigger is at work: there a balance may only move by the last row.
_MOVED_BY_LAST = (f"EXISTS (SELECT 1 FROM {TABLE} WHERE sequence = (SELECT max(sequence) FROM {TABLE})"
                  " AND ((from_account_id = OLD.id AND NEW.balance = OLD.balance - amount)"
                  " OR (to_account_id = OLD.id AND NEW.balance = OLD.balance + amount)))")


def differs(columns, vendor: str) -> str:
    sign = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    return "(" + " OR ".join(f"OLD.{column} {sign} NEW.{column}" for column in columns) + ")"


def _posted(row: str, column: str = "id", by: str = "appropriation_id") -> str:
    return f"EXISTS (SELECT 1 FROM {TABLE} WHERE {by} = {row}.{column})"


def _used(row: str) -> str:
    return f"({_posted(row, by='from_account_id')} OR {_posted(row, by='to_account_id')})"


def freezes(vendor: str) -> list[tuple[str, str, str, Rule]]:
    """Rows that may no longer change: table, verb, condition over OLD and NEW, and the rule that says so."""
    moved = "pg_trigger_depth() > 1" if vendor == "postgresql" else _MOVED_BY_LAST
    paid = "(SELECT state FROM funds_paymentbatch WHERE id = OLD.batch_id) IN ('paid', 'reconciled', 'closed')"
    unpaid = (f"((OLD.result <> '' AND {differs(('result',), vendor)})"
              " OR (OLD.live AND NOT NEW.live AND NEW.result <> 'failed'))")
    return [
        ("funds_batchline", "INSERT", _STATE_OF_LIST.format(row="NEW"), FROZEN_LIST),
        ("funds_batchline", "UPDATE",
         f"(({differs(_LIST_COLUMNS, vendor)} OR (NEW.live AND NOT OLD.live)) AND {_STATE_OF_LIST.format(row='OLD')})"
         f" OR ({unpaid} AND {paid})", FROZEN_LIST),
        ("funds_batchline", "DELETE", _STATE_OF_LIST.format(row="OLD"), FROZEN_LIST),
        ("funds_paymentbatch", "UPDATE",
         f"(OLD.state NOT IN {_OPEN} AND {differs(_BATCH_COLUMNS, vendor)}) OR NOT ({_STEPS})"
         f" OR (OLD.paid_on IS NOT NULL AND {differs(('paid_on',), vendor)})", FROZEN_BATCH),
        ("funds_paymentbatch", "DELETE", f"OLD.state NOT IN {_OPEN}", FROZEN_BATCH),
        ("funds_appropriation", "UPDATE", _posted("OLD"), FROZEN_DOCUMENT),
        ("funds_appropriation", "DELETE", _posted("OLD"), FROZEN_DOCUMENT),
        ("funds_permitteduse", "INSERT", _posted("NEW", "appropriation_id"), FROZEN_DOCUMENT),
        ("funds_permitteduse", "UPDATE",
         f"{_posted('OLD', 'appropriation_id')} OR {_posted('NEW', 'appropriation_id')}", FROZEN_DOCUMENT),
        ("funds_permitteduse", "DELETE", _posted("OLD", "appropriation_id"), FROZEN_DOCUMENT),
        ("funds_voucher", "UPDATE", _posted("OLD", by="voucher_id"), FROZEN_VOUCHER),
        ("funds_voucher", "DELETE", _posted("OLD", by="voucher_id"), FROZEN_VOUCHER),
        ("funds_account", "INSERT", "NEW.balance <> 0", FROZEN_ACCOUNT),
        ("funds_account", "UPDATE",
         f"({differs(('balance', 'last_in_on'), vendor)} AND NOT {moved})"
         f" OR ({differs(_ACCOUNT_COLUMNS, vendor)} AND {_used('OLD')})", FROZEN_ACCOUNT),
        ("funds_account", "DELETE", _used("OLD"), FROZEN_ACCOUNT),
        ("office_chainhead", "INSERT", f"NEW.name = '{CHAIN}' AND NOT {_NEW_IS_HEAD}", FROZEN_HEAD),
        ("office_chainhead", "UPDATE", f"'{CHAIN}' IN (OLD.name, NEW.name) AND NOT {_NEW_IS_HEAD}", FROZEN_HEAD),
        ("office_chainhead", "DELETE", f"OLD.name = '{CHAIN}' AND {_ANY}", FROZEN_HEAD),
        *(_REPLACING if vendor == "sqlite" else ()),
    ]


# SQLite: INSERT OR REPLACE takes the row that is in its way out without a DELETE that a trigger would see.
_REPLACING = [
    (table, "INSERT_OVER", f"EXISTS (SELECT 1 FROM {table} x WHERE ({same}) AND {frozen})", rule)
    for table, same, frozen, rule in (
        ("funds_appropriation", "x.id = NEW.id OR (x.document_number = NEW.document_number AND x.programme_id = NEW.programme_id"
         " AND x.area_id = NEW.area_id AND x.line = NEW.line)", _posted("x"), FROZEN_DOCUMENT),
        ("funds_permitteduse", "x.id = NEW.id", _posted("x", "appropriation_id"), FROZEN_DOCUMENT),
        ("funds_paymentbatch", "x.id = NEW.id OR x.number = NEW.number", f"x.state NOT IN {_OPEN}", FROZEN_BATCH),
        ("funds_batchline", "x.id = NEW.id OR (x.batch_id = NEW.batch_id AND x.position = NEW.position)"
         " OR (NEW.live AND x.live AND x.item = NEW.item AND x.year = NEW.year AND (x.member_id = NEW.member_id OR"
         " (x.member_id IS NULL AND NEW.member_id IS NULL AND x.household_id = NEW.household_id)))",
         _STATE_OF_LIST.format(row="x"), FROZEN_LIST),
        ("funds_voucher", "x.id = NEW.id", _posted("x", by="voucher_id"), FROZEN_VOUCHER),
        ("funds_account", "x.id = NEW.id OR x.key = NEW.key", _used("x"), FROZEN_ACCOUNT),
    )]


def install(connection) -> None:
    """Put the triggers in place."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        for table, verb, condition, rule in freezes(vendor):
            for statement in _freeze(vendor, table, verb, condition, rule):
                cursor.execute(statement)
        if vendor == "postgresql":
            for table, rule in _tables(vendor).items():
                for statement in _refuse_truncate(table, rule):
                    cursor.execute(statement)


def remove(connection) -> None:
    """Take the triggers away."""
    vendor = connection.vendor
    names = [(_name(table, verb), table) for table, verb, *_ in freezes(vendor)]
    if vendor == "postgresql":
        names += [(_name(table, "TRUNCATE"), table) for table in _tables(vendor)]
    with connection.cursor() as cursor:
        for name, table in names:
            on = f" ON {table}" if vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _name(table: str, verb: str) -> str:
    return f"{table}_frozen_{verb.lower()}"


def _tables(vendor: str) -> dict[str, Rule]:
    return {table: rule for table, _, _, rule in freezes(vendor)}


def _freeze(vendor: str, table: str, verb: str, condition: str, rule: Rule) -> list[str]:
    name = _name(table, verb)
    if vendor != "postgresql":
        return [f"CREATE TRIGGER {name} BEFORE {verb.removesuffix('_OVER')} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{CHAIN}:{rule.code}'); END"]
    back = "OLD" if verb == "DELETE" else "NEW"
    return [f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"{_raise(rule)} END IF; RETURN {back}; END $$",
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"]


def _refuse_truncate(table: str, rule: Rule) -> list[str]:
    """PostgreSQL: no row is taken away as long as the ledger holds one."""
    name = _name(table, "TRUNCATE")
    return [f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {_ANY} THEN "
            f"{_raise(rule)} END IF; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"]


def _raise(rule: Rule) -> str:
    return f"RAISE EXCEPTION '{CHAIN}:{rule.code}' USING ERRCODE = 'check_violation';"
