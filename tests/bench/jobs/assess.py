"""The assessment: the product's engine, and one hand-written INSERT … SELECT that judges the same households."""
from django.db import connection, transaction

from assessment import engine
from assessment.models import Result, Run
from office.mandate import LineInForce
from office.models import Area, Programme, code_range
from tests.bench.jobs import answer, timed
from tests.bench.sizes import YEAR

PRODUCT, FLOOR = Result._meta.db_table, "floor_result"
RESULT = ("run_id, household_id, household_year_id, village_id, members, school_age_members, net_income, residence, "
          "category, labour_capacity, main_cause, in_poor_village, income, dibao, food, clothing, education, medical, "
          "housing, met")

# Not met 0, met 1, unknown 2, not applicable 3. The line is in millionths of a fen.
STATEMENT = f"""
INSERT INTO {FLOOR} ({RESULT})
SELECT judged.*, income IN (1, 3) AND dibao IN (1, 3) AND food IN (1, 3) AND clothing IN (1, 3) AND education IN (1, 3)
       AND medical IN (1, 3) AND housing IN (1, 3)
FROM (
    SELECT %(run)s, f.household_id, f.id, f.village_id, f.members, f.school_age, f.net_income,
           CASE WHEN f.residence = 'urban' THEN 'urban' ELSE 'rural' END, f.category, f.labour_capacity,
           f.main_cause, f.in_poor_village,
           CASE WHEN NOT f.labour_capacity THEN 3 WHEN f.net_income * 1000000 >= %(line)s * f.members THEN 1 ELSE 0 END
               AS income,
           CASE WHEN f.labour_capacity THEN 3 WHEN f.category IN ('dibao', 'tekun') OR f.on_dibao THEN 1
                WHEN f.on_dibao IS NULL THEN 2 ELSE 0 END AS dibao,
           CASE WHEN f.food_secure IS NULL THEN 2 WHEN f.food_secure THEN 1 ELSE 0 END AS food,
           CASE WHEN f.clothing_secure IS NULL THEN 2 WHEN f.clothing_secure THEN 1 ELSE 0 END AS clothing,
           CASE WHEN f.school_age = 0 THEN 3 WHEN f.education_secure IS NULL THEN 2 WHEN f.education_secure THEN 1
                ELSE 0 END AS education,
           CASE WHEN f.medical_secure IS NULL THEN 2 WHEN f.medical_secure THEN 1 ELSE 0 END AS medical,
           CASE WHEN f.housing_secure IS NULL THEN 2 WHEN f.housing_secure THEN 1 ELSE 0 END AS housing
    FROM (
        SELECT h.*, coalesce(m.members, 0) AS members, coalesce(m.school_age, 0) AS school_age,
               h.wage_income + h.operating_income - h.operating_expense + h.property_income + h.transfer_income
                   - h.transfer_expense AS net_income,
               v.id IS NOT NULL AS in_poor_village
        FROM households_householdyear h
        LEFT JOIN (
            SELECT household_year_id, count(*) AS members,
                   count(*) FILTER (WHERE birth_year BETWEEN %(year)s - 15 AND %(year)s - 6) AS school_age
            FROM households_memberyear
            WHERE year = %(year)s AND status IN ('normal', 'added')
            GROUP BY household_year_id
        ) m ON m.household_year_id = h.id
        LEFT JOIN villages_villageyear v ON v.village_id = h.village_id AND v.year = h.year AND v.is_poor_village
        WHERE h.year = %(year)s AND h.village_id >= %(lo)s AND h.village_id < %(hi)s
    ) f
) judged
"""


def product(shares: list[dict]) -> dict:
    """Prepare and execute a run for each share: facts, results, summaries."""
    connection.ensure_connection()
    with timed() as clock:
        runs = []
        for share in shares:
            run = engine.prepare(programme=Programme.objects.select_related("area").get(pk=share["programme"]),
                                 year=YEAR, area=Area.objects.get(pk=share["area"]), reason="bench")
            engine.execute(run)
            runs.append(run.pk)
    return {"seconds": clock.seconds, "runs": runs}


def table() -> dict:
    """A table like that of the results: columns, constraints, indexes, foreign keys, and the same rows in it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {FLOOR}")
        cursor.execute(f"CREATE TABLE {FLOOR} (LIKE {PRODUCT} INCLUDING ALL)")
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                       f"WHERE contype = 'f' AND conrelid = '{PRODUCT}'::regclass")
        for name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {FLOOR} ADD CONSTRAINT "floor_{name[-50:]}" {definition}')
        cursor.execute(f"INSERT INTO {FLOOR} ({RESULT}) SELECT {RESULT} FROM {PRODUCT}")
    return {}


def floor(runs: list[int]) -> dict:
    """The statement, once for each of these finished runs."""
    asked = [_parameters(Run.objects.select_related("area").get(pk=pk)) for pk in runs]
    with timed() as clock, transaction.atomic(), connection.cursor() as cursor:
        for parameters in asked:
            cursor.execute(STATEMENT, parameters)
    return {"seconds": clock.seconds}


def _parameters(run: Run) -> dict:
    (line,) = [line for line in map(LineInForce.from_json, run.numbers) if line.subject == "household"]
    lo, hi = code_range(run.area_id)
    return {"run": run.pk, "year": run.year, "line": line.scaled, "lo": lo, "hi": hi}


def differences(runs: list[int]) -> dict:
    """Rows that only one of the two found: none, or the comparison is worth nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ((TABLE a EXCEPT TABLE b) UNION ALL (TABLE b EXCEPT TABLE a)) d"
                       .replace("TABLE a", f"SELECT {RESULT} FROM {PRODUCT} WHERE run_id = ANY(%(runs)s)")
                       .replace("TABLE b", f"SELECT {RESULT} FROM {FLOOR} WHERE run_id = ANY(%(runs)s)"), {"runs": runs})
        return {"rows": cursor.fetchone()[0]}


if __name__ == "__main__":
    answer({"product": product, "floor": floor, "table": table, "differences": differences})
