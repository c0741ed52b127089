"""The contract every command keeps: JSON last on stdout, progress on stderr, exit 0, 1 or 2, never a traceback."""
import argparse
import json
import logging
import re
import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError

log = logging.getLogger(__name__)


class Refusal(Exception):
    """Nothing was done, and the sentence says why and what to do: exit 1."""


class Answer(dict):
    """The JSON of a command; `refused` when some input was not taken: exit 2."""

    refused = False

    @classmethod
    def with_refusals(cls, content: dict, refused: bool) -> "Answer":
        answer = cls(content)
        answer.refused = refused
        return answer


class Progress:
    """Progress on stderr: one line that is rewritten on a terminal, plain lines otherwise."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        self.last = -1

    def __call__(self, done: int, total: int, message: str = "") -> None:
        percent = done * 100 // total if total else 0
        if percent == self.last and done < total:
            return
        if self.terminal:
            self.stream.write(f"\r{percent:3d}% {message}\033[K" + ("\n" if done >= total else ""))
        elif percent // 10 != self.last // 10 or done >= total:
            self.stream.write(f"{percent}% {message}\n")
        self.last = percent
        self.stream.flush()


class ContractCommand(BaseCommand):
    """Subclasses implement `answer(**options) -> dict`; they raise Refusal for exit 1."""

    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name, subcommand, **kwargs):
        parser = super().create_parser(prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter)

        def refuse(message):
            parser.exit(1, f"参数有误：{in_chinese(message)}；用法见 python {parser.prog} --help\n")

        if self._called_from_command_line:
            parser.error = refuse
            sys.unraisablehook = _log_quietly
        return parser

    def handle(self, *args, **options):
        if not all(_is_utf8(value) for value in options.values()):
            self.fail("参数里有不是 UTF-8 编码的文字（常见于 GBK 编码的文件名），未作任何改动；请改名后重试")
        try:
            answer = self.answer(**options)
        except Refusal as refusal:
            self.fail(str(refusal))
        except ValidationError as error:
            self.fail("；".join(error.messages))
        except FileNotFoundError as error:
            self.fail(f"找不到文件 {error.filename}，请核对路径")
        except PermissionError as error:
            self.fail(f"没有权限读写 {error.filename}，请检查文件权限")
        except IsADirectoryError as error:
            self.fail(f"{error.filename} 是文件夹，请给出文件")
        except OSError as error:
            self.fail(f"读写文件时出错（{error.strerror}），未作任何改动；请检查磁盘空间和权限后重试")
        except OperationalError as error:
            log.info("database", exc_info=True)
            self.fail(f"数据库无法使用，未作任何改动；请检查 DATABASE_URL 和数据库服务，并已执行 migrate（{_first_line(error)}）")
        except DatabaseError as error:
            log.info("database", exc_info=True)
            self.fail(f"数据库拒绝了这次操作，未作任何改动（{_first_line(error)}）")
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if getattr(answer, "refused", False):
            sys.exit(2)

    def fail(self, sentence: str):
        self.stderr.write(sentence)
        sys.exit(1)

    def answer(self, **options) -> dict:
        raise NotImplementedError(type(self).__name__)


# What argparse says, and how it is said here; its own words stay where it says something else.
_PHRASES = (
    (r"argument (\S+): invalid choice: (.+) \(choose from (.+)\)", r"\1 的值 \2 不在可选的范围内，可选：\3"),
    (r"argument (\S+): invalid int value: (.+)", r"\1 的值 \2 不是整数"),
    (r"argument (\S+): invalid \S+ value: (.+)", r"\1 的值 \2 无法识别"),
    (r"argument (\S+): expected (?:one|at least one) arguments?", r"\1 后面缺少值"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 不能与 \2 同时使用"),
    (r"argument (\S+): ignored explicit argument (.+)", r"\1 不需要值 \2"),
    (r"the following arguments are required: (.+)", r"缺少 \1"),
    (r"one of the arguments (.+) is required", r"\1 至少给出一个"),
    (r"unrecognized arguments: (.+)", r"没有参数 \1"),
)


def in_chinese(message: str) -> str:
    """A refusal of argparse in the language of the product."""
    for phrase, words in _PHRASES:
        found = re.fullmatch(phrase, message)
        if found:
            return found.expand(words)
    return message


def _is_utf8(value: object) -> bool:
    try:
        str(value).encode()
    except UnicodeEncodeError:   # bytes of the shell that are no UTF-8 arrive as lone surrogates
        return False
    return True


def _log_quietly(ignored) -> None:
    """What a library fails to close on a full disk goes to the log: the sentence on stderr has said it."""
    log.info("ignored", exc_info=ignored.exc_value)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
