"""What the database itself refuses about money, on SQLite and on PostgreSQL, whoever writes and by whatever way.

`RULES` are written once, as conditions over the new row and what it refers to. PostgreSQL checks them once for all
rows of a statement, SQLite row by row. The same triggers move the balances of the accounts and the head of the chain,
so that a movement without its effect cannot exist; the CHECK on the balance then refuses overdrawing.

Installed after every `migrate` and taken away before it (SQLite cannot rebuild a table that a trigger mentions).
"""
import re
from dataclasses import dataclass

from funds import freezes
from funds.freezes import CHAIN, TABLE, Rule
from funds.states import ROUTES, SPENDING
from office.append_only import PROTECTED, protect, unprotect


@dataclass(frozen=True)
class Check:
    """Rules that look at the same things. `columns`: what they need of the new row when many rows share it, so that
    fifty thousand payments out of one account are looked at once (None: every row is its own)."""

    columns: tuple[str, ...] | None
    joins: str
    rules: tuple[Rule, ...]
    only: str = "TRUE"


def _listed(values) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


_ROUTE = " OR ".join(f"(m.kind = '{kind}' AND f.kind = '{a}' AND t.kind = '{b}')"
                     for kind, ways in ROUTES.items() for a, b in ways)

CHECKS = (
    Check(("kind", '"on"', "from_account_id", "to_account_id", "appropriation_id", "document", "use", "project_id", "batch_id",
           "recorded_by_id", "approved_by_id"), """
    LEFT JOIN funds_account f ON f.id = m.from_account_id
    LEFT JOIN funds_account t ON t.id = m.to_account_id
    LEFT JOIN funds_appropriation a ON a.id = m.appropriation_id
    LEFT JOIN funds_permitteduse u ON u.appropriation_id = m.appropriation_id AND u.name = m.use
    LEFT JOIN funds_project p ON p.id = m.project_id
    LEFT JOIN funds_paymentbatch b ON b.id = m.batch_id
    LEFT JOIN office_officer x ON x.id = m.recorded_by_id
    LEFT JOIN office_officer y ON y.id = m.approved_by_id""", (
        Rule("unknown", "流水引用的账户、指标文、项目、批次、发放明细、区域或人员不存在",
             "f.id IS NULL OR t.id IS NULL OR a.id IS NULL OR x.id IS NULL OR y.id IS NULL"
             " OR (m.project_id IS NOT NULL AND p.id IS NULL) OR (m.batch_id IS NOT NULL AND b.id IS NULL)"),
        Rule("route", "这类流水不能在这两种账户之间发生", f"m.kind <> 'reversal' AND NOT ({_ROUTE})"),
        Rule("document", "收付双方账户不属于同一指标文，专款只能专用",
             "(f.kind <> 'source' AND f.appropriation_id <> m.appropriation_id)"
             " OR (t.kind <> 'source' AND t.appropriation_id <> m.appropriation_id) OR m.document <> a.document_number"),
        Rule("early", "日期早于指标文下达日期，依据尚未成立", 'm."on" < a.issued_on'),
        Rule("before_money", "日期早于付方账户最近一笔收入的日期，当时资金尚未到位",
             "f.kind <> 'source' AND m.\"on\" < f.last_in_on"),
        Rule("use", "用途不在指标文允许的范围内", f"m.kind IN {_listed(SPENDING)} AND u.id IS NULL"),
        Rule("project", "流水所列项目与项目账户不一致",
             "(f.kind = 'project' AND (m.project_id IS NULL OR f.project_id <> m.project_id))"
             " OR (t.kind = 'project' AND (m.project_id IS NULL OR t.project_id <> m.project_id))"),
        Rule("library", "项目尚未入库，或日期早于入库日期；无项目入库不得安排资金",
             f"m.kind IN {_listed(SPENDING)} AND m.project_id IS NOT NULL"
             " AND (p.entered_on IS NULL OR m.\"on\" < p.entered_on OR p.state = 'removed')"),
        Rule("list_early", "发放日期早于批次批准日期",
             "m.kind = 'household_payment' AND (b.approved_on IS NULL OR m.\"on\" < b.approved_on)"),
        Rule("list", "发放批次没有批准，或账户、用途、经办人、批准人与批准的批次不符",
             "m.kind = 'household_payment' AND (b.state <> 'approved' OR b.account_id <> m.from_account_id OR b.use <> m.use"
             " OR b.recorded_by_id <> m.recorded_by_id OR b.approved_by_id <> m.approved_by_id)"),
        Rule("carry_over", "结转只能转入同一地区、同一项目的下一年度账户",
             "m.kind = 'carry_over' AND (t.year <> f.year + 1 OR t.area_id <> f.area_id"
             " OR COALESCE(t.project_id, 0) <> COALESCE(f.project_id, 0))"),
    )),
    Check(None, """
    LEFT JOIN office_area z ON z.code = m.area_id
    LEFT JOIN funds_batchline l ON l.id = m.batch_line_id""", (
        Rule("unknown_own", "流水引用的账户、指标文、项目、批次、发放明细、区域或人员不存在",
             "z.code IS NULL OR (m.batch_line_id IS NOT NULL AND l.id IS NULL)"
             " OR (m.batch_line_id IS NULL AND (m.household_id IS NOT NULL OR m.member_id IS NOT NULL))"),
        Rule("line", "该户不在已批准的发放名单内，或金额与批准的名单不符",
             "m.kind = 'household_payment' AND (l.batch_id <> m.batch_id OR NOT l.live OR l.household_id <> m.household_id"
             " OR COALESCE(l.member_id, '') <> COALESCE(m.member_id, '') OR l.amount <> m.amount)"),
    )),
    Check(None, """
    LEFT JOIN funds_account f ON f.id = m.from_account_id
    LEFT JOIN funds_account t ON t.id = m.to_account_id
    LEFT JOIN funds_appropriation a ON a.id = m.appropriation_id
    LEFT JOIN funds_movement r ON r.sequence = m.reverses_id""", (
        Rule("appropriation", "入账金额、收入区域或来源与指标文不符",
             "m.kind = 'appropriation' AND (m.amount <> a.amount OR t.area_id <> a.area_id OR f.source <> a.source)"),
        Rule("line_refund", "退回的发放明细没有对应的发放，或金额不符",
             "m.kind = 'refund' AND m.batch_line_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_movement q"
             " WHERE q.batch_line_id = m.batch_line_id AND q.kind = 'household_payment' AND q.amount = m.amount"
             " AND q.from_account_id = m.to_account_id AND q.to_account_id = m.from_account_id"
             " AND q.household_id = m.household_id)"),
        Rule("reversal", "冲正须与被冲正的流水金额相同、方向相反，且冲正本身不能再冲正",
             "m.kind = 'reversal' AND (r.sequence IS NULL OR r.kind = 'reversal' OR r.from_account_id <> m.to_account_id"
             " OR r.to_account_id <> m.from_account_id OR r.amount <> m.amount OR r.\"on\" > m.\"on\""
             " OR r.appropriation_id <> m.appropriation_id)"),
    ), only="m.kind IN ('appropriation', 'refund', 'reversal')"),
)
RULES = tuple(rule for check in CHECKS for rule in check.rules)
SEQUENCE = Rule("sequence", "流水序号不连续")
SENTENCES = {rule.code: rule.sentence for rule in (*RULES, SEQUENCE, *freezes.RULES)}


def install(connection) -> None:
    """Put the triggers in place; harmless when they are there already."""
    if TABLE not in connection.introspection.table_names():
        return
    remove(connection)
    vendor = connection.vendor
    with connection.cursor() as cursor:
        for statement in (_POSTGRESQL if vendor == "postgresql" else _SQLITE):
            cursor.execute(statement)
    freezes.install(connection)
    protect(connection, TABLE, refuse=PROTECTED[TABLE])


def remove(connection) -> None:
    """Take the triggers away (before a migration, or for a test that empties its own database)."""
    if TABLE not in connection.introspection.table_names():
        return
    unprotect(connection, TABLE)
    freezes.remove(connection)
    with connection.cursor() as cursor:
        for name in (f"{TABLE}_guard", f"{TABLE}_effect"):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _cases(check: Check, refusal: str) -> str:
    """`CASE WHEN … END` that answers for the first rule that refuses; `refusal` is filled with its code."""
    return f"CASE {' '.join(f'WHEN {rule.condition} THEN {refusal.format(rule.code)}' for rule in check.rules)} END"


def _check_of_statement(check: Check) -> str:
    """PL/pgSQL: look at all added rows at once, at each combination of `columns` only once."""
    rows = f"(SELECT DISTINCT {', '.join(check.columns)} FROM added)" if check.columns else "added"
    return f"""
    SELECT code INTO refused
      FROM (SELECT {_cases(check, "'{}'")} AS code FROM {rows} m {check.joins} WHERE {check.only}) checked
     WHERE code IS NOT NULL LIMIT 1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '{CHAIN}:%', refused USING ERRCODE = 'check_violation';
    END IF;"""


# The head first: its row is the lock that puts all writers in one line.
_POSTGRESQL = [
    f"""
CREATE OR REPLACE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first bigint; last bigint; rows bigint; refused text;
BEGIN
    SELECT min(sequence), max(sequence), count(*) INTO first, last, rows FROM added;
    IF rows = 0 THEN RETURN NULL; END IF;
    UPDATE office_chainhead SET sequence = last, digest = (SELECT digest FROM added WHERE sequence = last)
     WHERE name = '{CHAIN}' AND sequence = first - 1;
    IF NOT FOUND OR last - first + 1 <> rows THEN
        RAISE EXCEPTION '{CHAIN}:{SEQUENCE.code}' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE funds_account SET balance = balance + moved.amount, last_in_on = greatest(last_in_on, moved.in_on)
      FROM (SELECT account, sum(amount) AS amount, max(in_on) AS in_on
              FROM (SELECT to_account_id AS account, amount, "on" AS in_on FROM added
                    UNION ALL SELECT from_account_id, -amount, NULL FROM added) sides
             GROUP BY account) moved
     WHERE funds_account.id = moved.account;
    {''.join(map(_check_of_statement, CHECKS))}
    RETURN NULL;
END $$""",
    f"CREATE TRIGGER {TABLE}_guard AFTER INSERT ON {TABLE} REFERENCING NEW TABLE AS added "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_guard()",
]


def _check_of_row(check: Check) -> str:
    """The same for SQLite, where NEW is the row."""
    refusal = f"RAISE(ABORT, '{CHAIN}:{{}}')"
    sql = f"SELECT {_cases(check, refusal)} FROM (SELECT 1) {check.joins} WHERE {check.only};"
    return re.sub(r"\bm\.", "NEW.", sql)


# What must be there once, by the columns that SQLite names when it is there twice. INSERT OR REPLACE would take the earlier
# row away unseen, so it is refused before SQLite looks itself. The conditions are those of the unique indexes.
_ONCE = {
    "voucher_id": "x.voucher_id = NEW.voucher_id",
    "reverses_id": "x.reverses_id = NEW.reverses_id",
    "appropriation_id": "NEW.kind = 'appropriation' AND x.kind = 'appropriation' AND x.appropriation_id = NEW.appropriation_id",
    f"batch_line_id, {TABLE}.kind": "NEW.kind <> 'reversal' AND x.batch_line_id = NEW.batch_line_id AND x.kind = NEW.kind"
                                    " AND NOT (x.kind = 'reversal')",
}


def _there_already() -> str:
    return "SELECT CASE " + " ".join(
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} x WHERE {same}) THEN RAISE(ABORT, 'UNIQUE constraint failed: {TABLE}.{columns}')"
        for columns, same in _ONCE.items()) + " END;"


_SQLITE = [
    f"""
CREATE TRIGGER {TABLE}_guard BEFORE INSERT ON {TABLE}
BEGIN
    SELECT CASE WHEN NEW.sequence IS NOT (SELECT sequence + 1 FROM office_chainhead WHERE name = '{CHAIN}')
           THEN RAISE(ABORT, '{CHAIN}:{SEQUENCE.code}') END;
    {_there_already()}
    {''.join(map(_check_of_row, CHECKS))}
END""",
    f"""
CREATE TRIGGER {TABLE}_effect AFTER INSERT ON {TABLE}
BEGIN
    UPDATE office_chainhead SET sequence = NEW.sequence, digest = NEW.digest WHERE name = '{CHAIN}';
    UPDATE funds_account SET balance = balance - NEW.amount WHERE id = NEW.from_account_id;
    UPDATE funds_account SET balance = balance + NEW.amount,
           last_in_on = max(COALESCE(last_in_on, NEW."on"), NEW."on") WHERE id = NEW.to_account_id;
END""",
]
