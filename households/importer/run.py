"""The import of one workbook from the file to the register, for the command and for the browser's jobs alike.

Reading and checking need no turn. Writing does: rows are judged and written chunk by chunk, each chunk of households in
one transaction, so that a killed worker leaves whole households, and the same file sent again finishes the work.
"""
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES
from households.importer import duplicates, outcomes
from households.importer.plans import OUTCOMES, Plan, Planner
from households.importer.reading import UnusableSheet, stage
from households.importer.staging import Scratch
from households.importer.territory import Territory
from households.importer.turns import turn
from households.importer.writing import Writer
from households.models import Household, HouseholdYear, ImportBatch, Member, MemberYear
from office import history
from office.models import Officer, Programme
from office.workbooks import Inspection, inspect_file, mark, open_register
from villages.models import VillageYear

CHUNK = 2000   # household-years or villages in one transaction
WORTH_ANALYSING = 1000
Progress = Callable[[int, int, str], None]


class ImportRefused(Exception):
    """Nothing was written; the sentence says why and what to do."""


class ImportInterrupted(Exception):
    """The work stopped half way: whole households were written, the rest waits for the same file to be sent again."""


def _silent(done: int, total: int, message: str) -> None:
    """Nobody watches."""


@dataclass
class Import:
    """One workbook, one programme. `officer` bounds the area and signs the changes; None: the operator's command."""

    path: Path
    programme: Programme
    officer: Officer | None = None
    batch: ImportBatch | None = None
    dry_run: bool = False
    all_or_nothing: bool = False
    report: Path | None = None
    file_name: str = ""
    progress: Progress = _silent
    counts: outcomes.Counts = field(default_factory=outcomes.no_counts)
    _done: int = 0
    _total: int = 1
    _written: int = 0

    def run(self) -> dict:
        """The contract's JSON. Raises WorkbookRefused, ImportRefused or ImportInterrupted, each with its sentence."""
        inspection = inspect_file(self.path, settings.UPLOAD_LIMIT_BYTES)
        self._total = 2 * sum(scan.filled_rows for scan in inspection.scans.values()) + 1
        try:
            self._scratch = Scratch(settings.VAR / "scratch")
            try:
                return self._run(inspection)
            finally:
                self._scratch.close()
        except sqlite3.Error as error:
            raise ImportRefused("检查时临时文件无法写入，可能磁盘已满，请清理磁盘后重试"
                                + (f"；已写入 {self._written} 户，各户完整" if self._written else "")) from error

    def _run(self, inspection: Inspection) -> dict:
        territory = Territory(self.programme, self.officer)
        try:
            with open_register(self.path, inspection=inspection) as book:
                present = stage(book, self._scratch, territory, lambda rows: self._step(rows, "读取"))
        except UnusableSheet as unusable:
            self._write_report(inspection, refused=True)
            raise ImportRefused(str(unusable)) from unusable
        self._planner = Planner(self._scratch, present)
        if self.dry_run:
            duplicates.find(self._scratch, self.officer)
            self._go_through(write=False)
            self._refuse_whole_if_asked(inspection)
        else:
            with turn(lambda: self._step(0, "等待另一份上传写入完毕")):
                self._apply(inspection)
        try:
            self._write_report(inspection)
        except OSError as error:
            if self.dry_run:
                raise
            raise ImportInterrupted(f"数据已写入（退回的除外），但检查报告无法写出（{error.strerror}），"
                                    "请检查磁盘空间和权限后再导入同一文件，已写入的不会重复") from error
        self.progress(self._total, self._total, "完成")
        return self.answer

    @property
    def answer(self) -> dict:
        return {**self.counts, "findings": self._scratch.finding_counts()}

    def _apply(self, inspection: Inspection) -> None:
        duplicates.find(self._scratch, self.officer)
        whole = nullcontext()
        if self.all_or_nothing:
            before = self._scratch.last_finding()
            self._go_through(write=False)
            self._refuse_whole_if_asked(inspection)
            self._scratch.forget_since(before)
            self.counts = outcomes.no_counts()
            whole = transaction.atomic()
        try:
            with whole:
                self._go_through(write=True)
        except IntegrityError as error:
            raise ImportInterrupted(self._so_far("登记库中的有关数据刚刚被别人改动")) from error
        except DatabaseError as error:
            raise ImportInterrupted(self._so_far("数据库中断或拒绝写入")) from error
        if sum(self._scratch.counts().values()) >= WORTH_ANALYSING:
            history.analyse(Household, Member, HouseholdYear, MemberYear, VillageYear)

    def _so_far(self, reason: str) -> str:
        if not self._written or self.all_or_nothing:
            return f"{reason}，未作任何改动，请稍后再导入同一文件"
        return f"{reason}；已写入 {self._written} 户，各户数据完整，请稍后再导入同一文件，已写入的不会重复"

    def _refuse_whole_if_asked(self, inspection: Inspection) -> None:
        errors = self._scratch.finding_counts()["errors"]
        if self.all_or_nothing and errors:
            self._write_report(inspection, refused=True)
            raise ImportRefused(f"按“全部通过才写入”的要求，发现 {errors} 处错误，整份未写入；请按检查报告改正后重新导入")

    def _step(self, rows: int, message: str) -> None:
        self._done += rows
        self.progress(min(self._done, self._total - 1), self._total, message)

    # Chunk by chunk

    def _go_through(self, *, write: bool) -> None:
        """Judge everything, and write it when asked."""
        listing = outcomes.Listing(self.batch, self._scratch) if self.batch else None
        if listing:
            listing.note_heads()
        resumed = bool(self.batch and self.batch.applied) and write
        if resumed:
            self.counts = self.batch.applied
        elif listing:
            self.batch.rows.all().delete()
        large = sum(self._scratch.counts().values()) >= WORTH_ANALYSING
        writer = Writer(self.officer, f"导入工作簿 {self.file_name or self.path.name}")
        for save, plans in self._chunks(writer):
            rows = sum(len(plan.own) + len(plan.members) for plan in plans)
            done = listing.listed(plans) if resumed else set()
            plans = [plan for plan in plans if (plan.number, plan.year) not in done]
            outcomes.count(self.counts, plans)
            with transaction.atomic():
                if write and large:
                    history.without_waiting()
                if write:
                    save(plans)
                if listing:
                    listing.add(plans)
                    self._keep_counts(write)
            if write:
                self._written += sum(plan.sheet == HOUSEHOLDS and not plan.refused for plan in plans)
            self._step(rows, "写入" if write else "检查")
        if not resumed:
            self._count_loose(listing)

    def _chunks(self, writer: Writer) -> Iterator[tuple[Callable[[Iterable[Plan]], None], list[Plan]]]:
        linked = list(chain.from_iterable(self._scratch.groups(linked=True)))
        if linked:
            yield writer.households, self._planner.linked(linked)
        households = self._scratch.groups()
        while chunk := list(chain.from_iterable(islice(households, CHUNK))):
            yield writer.households, self._planner.households(chunk)
        villages = self._scratch.villages()
        while rows := list(islice(villages, CHUNK)):
            yield writer.villages, self._planner.villages(rows)

    def _count_loose(self, listing: outcomes.Listing | None) -> None:
        """Rows without a usable number or year are refused on their own."""
        for sheet in (HOUSEHOLDS, MEMBERS, VILLAGES):
            loose = list(self._scratch.loose(sheet))
            self.counts[outcomes.KINDS[sheet]]["refused"] += len(loose)
            if listing:
                listing.add_loose(sheet, loose)

    def _keep_counts(self, write: bool) -> None:
        """What this upload has written so far, in the same transaction as the rows, for an attempt that resumes it."""
        if write:
            ImportBatch.objects.filter(pk=self.batch.pk).update(applied=self.counts)

    def _write_report(self, inspection: Inspection, *, refused: bool = False) -> None:
        if self.report is None:
            return
        draft = self.report.with_name(f".{self.report.name}.{os.getpid()}.part")
        try:
            mark(self.path, draft, self._scratch.findings(), self._totals(refused), SHEETS, inspection)
            os.replace(draft, self.report)
        finally:
            draft.unlink(missing_ok=True)

    def _totals(self, refused: bool) -> dict[str, str]:
        words = dict(zip(OUTCOMES, ("新增", "修改", "不变", "退回"), strict=True))
        result = "仅检查，未写入" if self.dry_run else "已写入（退回的除外）"
        lines = {"结果": "整份退回，未写入；下面是检查结果" if refused else result}
        for sheet, kind in outcomes.KINDS.items():
            lines[sheet] = "，".join(f"{words[outcome]} {self.counts[kind][outcome]} 行" for outcome in OUTCOMES)
        return lines
