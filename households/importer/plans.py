"""What a chunk of the workbook would change: rows of the sheets laid over the rows of the register, checked together."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from households import checks
from households.columns import HOUSEHOLD_COLUMNS, HOUSEHOLDS, MEMBER_COLUMNS, MEMBERS, VILLAGE_COLUMNS, VILLAGES
from households.importer.registered import Registered, Stored, load_households, load_villages
from households.importer.staging import TWICE, WRONG, Group, Row, Scratch
from households.models.household import PROPERTY_PARTS, TRANSFER_PARTS
from office import money
from office.workbooks import Layout

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, REFUSED)


def _places(layout: Layout) -> dict[str, int]:
    return {column.key: place for place, column in enumerate(layout.columns)}


H, M = _places(HOUSEHOLD_COLUMNS), _places(MEMBER_COLUMNS)
_INCOMES = [H[key] for key in ("wage_income", "operating_income", "property_income", "transfer_income")]
_EXPENSES = [H[key] for key in ("operating_expense", "transfer_expense")]
_SUMS = (("property_income", "财产性收入", H["property_income"], [H[key] for key in PROPERTY_PARTS]),
         ("transfer_income", "转移性收入", H["transfer_income"], [H[key] for key in TRANSFER_PARTS]))


class Overlay:
    """Lays a sheet's row over a stored one: columns that the sheet lacks keep what is stored."""

    def __init__(self, layout: Layout, present: frozenset[str] | None) -> None:
        absent = [place for place, column in enumerate(layout.columns)
                  if present is not None and column.key not in present]
        self.complete = not absent
        self._absent = absent

    def __call__(self, content: tuple, stored: Stored | None) -> tuple:
        if self.complete or stored is None:
            return content
        merged = list(content)
        for place in self._absent:
            merged[place] = stored.content[place]
        return tuple(merged)


class Change(NamedTuple):
    """One row and what becomes of it; `stored` is the row of the register, None for a new one."""

    row: Row
    content: tuple
    stored: Stored | None
    outcome: str


@dataclass
class Plan:
    """One household and year, or one village and year: written whole or not at all."""

    sheet: str
    number: str
    year: int
    own: list[Change] = field(default_factory=list)        # rows of the sheet 贫困户 or 村: one, unless repeated
    members: list[Change] = field(default_factory=list)
    household: Stored | None = None
    refused: bool = False
    doubtful: bool = False

    def refuse(self) -> None:
        self.refused = True
        self.own = [change._replace(outcome=REFUSED) for change in self.own]
        self.members = [change._replace(outcome=REFUSED) for change in self.members]

    @property
    def outcome(self) -> str:
        """The whole household's: created with its own row, updated when any of its rows changes."""
        outcomes = {change.outcome for change in (*self.own, *self.members)}
        if self.refused:
            return REFUSED
        if any(change.outcome == CREATED for change in self.own):
            return CREATED
        return UPDATED if outcomes & {CREATED, UPDATED} else UNCHANGED

    @property
    def first(self) -> Row:
        return (self.own or self.members)[0].row


def _change(row: Row, content: tuple, stored: Stored | None) -> Change:
    outcome = CREATED if stored is None else UNCHANGED if content == stored.content else UPDATED
    return Change(row, content, stored, outcome)


class Planner:
    """Plans chunk by chunk; what it finds goes to the scratch file's findings."""

    def __init__(self, scratch: Scratch, present: dict[str, frozenset[str]]) -> None:
        self.scratch = scratch
        self._household = Overlay(HOUSEHOLD_COLUMNS, present.get(HOUSEHOLDS))
        self._member = Overlay(MEMBER_COLUMNS, present.get(MEMBERS))
        self._village = Overlay(VILLAGE_COLUMNS, present.get(VILLAGES))

    def households(self, groups: Sequence[Group]) -> list[Plan]:
        numbers = sorted({group.number for group in groups})
        registered = load_households(numbers, sorted({group.year for group in groups}))
        return [self._plan(group, registered) for group in groups]

    def linked(self, groups: Sequence[Group]) -> list[Plan]:
        """Households that hand over an ID number: who receives one is refused when who gives it up is."""
        plans = self.households(groups)
        refused = {(plan.number, plan.year) for plan in plans if plan.refused}
        waiting = [plan for plan in plans if not plan.refused]
        claims: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for number, year, row, holder in self.scratch.links():
            claims.setdefault((number, year), []).append((row, holder))
        again = True
        while again:
            again = False
            for plan in waiting:
                lost = [row for row, holder in claims.get((plan.number, plan.year), ()) if (holder, plan.year) in refused]
                if plan.refused or not lost:
                    continue
                for row in lost:
                    self.scratch.note(MEMBERS, row, "id_number", "E",
                                      "证件号码仍登记在另一户的人员名下，而该户在本表中被退回，请先改正那一户")
                plan.refuse()
                refused.add((plan.number, plan.year))
                again = True
        return plans

    def villages(self, rows: Sequence[Row]) -> list[Plan]:
        stored = load_villages(sorted({row.number for row in rows}), sorted({row.year for row in rows}))
        plans = []
        for row in rows:
            known = stored.get((row.number, row.year))
            plan = Plan(VILLAGES, row.number, row.year, doubtful=bool(row.state))
            plan.own = [_change(row, self._village(row.content, known), known)]
            if known is not None and not self._village.complete and not row.state & WRONG:
                self._check_roads(plan)
            if row.state & WRONG or plan.refused:
                plan.refuse()
            plans.append(plan)
        return plans

    def _check_roads(self, plan: Plan) -> None:
        """The rule between two columns, of which the sheet may hold one and the register the other."""
        content = plan.own[0].content
        values = {column.key: value for column, value in zip(VILLAGE_COLUMNS.columns, content, strict=True)}
        for issue in checks.village_issues(values, {}, lambda code: None):
            self._note(plan, VILLAGES, plan.own[0].row.row, issue)

    def _note(self, plan: Plan, sheet: str, row: int, issue: checks.Issue) -> None:
        self.scratch.note(sheet, row, issue.column, issue.severity, issue.sentence)
        plan.doubtful = True
        plan.refused = plan.refused or issue.severity == "E"

    def _plan(self, group: Group, registered: Registered) -> Plan:
        key = (group.number, group.year)
        plan = Plan(HOUSEHOLDS, *key, household=registered.households.get(key))
        known = registered.members.get(key, {})
        for row in group.households:
            plan.own.append(_change(row, self._household(row.content, plan.household), plan.household))
        for row in group.members:
            stored = known.get(row.content[M["member_id"]])
            plan.members.append(_change(row, self._member(row.content, stored), stored))
        states = 0
        for row in (*group.households, *group.members):
            states |= row.state
        plan.doubtful = bool(states)
        plan.refused = bool(states & WRONG)
        if plan.household is None and not group.households:
            for row in group.members:
                self._note(plan, MEMBERS, row.row, checks.error(
                    "household_id", f"户编号 {group.number} 在 {group.year} 年度既不在本工作簿“贫困户”表中，也不在登记库中，"
                                    "请补上该户或核对户编号和年度"))
        elif not states & TWICE:
            self._check_together(plan, known)
        if plan.refused:
            plan.refuse()
        return plan

    def _check_together(self, plan: Plan, known: dict[str, Stored]) -> None:
        """The rules of a household over the rows of the workbook and the rows that only the register has."""
        household = plan.own[0].content if plan.own else plan.household.content
        people = [_person(change.content, change.row.row) for change in plan.members]
        listed = {person.number for person in people}
        people += [_person(stored.content, None) for number, stored in known.items() if number not in listed]
        if plan.own and plan.household is not None and not self._household.complete:
            self._check_sums(plan)
        if known and "" in listed:
            return   # a row without a usable number may be any of the members the register has
        if plan.refused and not people:
            return   # most likely the number or the year is what is wrong, and the members stand under the right one
        if all(person.relationship for person in people):   # a label that could not be read has its own finding
            if found := checks.head_issue(household[H["head_name"]], people):
                self._note_head(plan, *found)
        if issue := checks.size_issue(household[H["declared_size"]], people):
            self._note_household(plan, issue)
        if plan.own:
            active = sum(person.active for person in people)
            net = sum(household[place] or 0 for place in _INCOMES) - sum(household[place] or 0 for place in _EXPENSES)
            if not plan.own[0].row.state & WRONG and (
                    issue := checks.income_issue(household[H["declared_pc_income"]], net, active)):
                self._note_household(plan, issue)

    def _check_sums(self, plan: Plan) -> None:
        content = plan.own[0].content
        for heading, label, place, parts in _SUMS:
            filled = [content[part] for part in parts if content[part] is not None]
            if filled and content[place] is not None and content[place] != sum(filled):
                self._note_household(plan, checks.error(heading, checks.sum_sentence(
                    label, money.from_fen(content[place]), money.from_fen(sum(filled)))
                    + "（表中没有的分项列沿用登记库的数，请把各分项列一并列出）"))

    def _note_head(self, plan: Plan, person: checks.Person | None, issue: checks.Issue) -> None:
        if person is not None and person.place is not None:
            self._note(plan, MEMBERS, person.place, issue)
        else:
            self._note_household(plan, issue)

    def _note_household(self, plan: Plan, issue: checks.Issue) -> None:
        """At the household's row; without one, at the first member's household number."""
        if plan.own:
            self._note(plan, HOUSEHOLDS, plan.own[0].row.row, issue)
        else:
            self._note(plan, MEMBERS, plan.members[0].row.row, issue._replace(column="household_id"))


def _person(content: tuple, place: int | None) -> checks.Person:
    return checks.Person(content[M["member_id"]], content[M["name"]], content[M["relationship"]], content[M["status"]],
                         place)
