"""What set-up says: one sentence in Chinese, the same in English."""
import sys


def say(chinese: str, english: str) -> None:
    print(f"· {chinese} / {english}", flush=True)


def warn(chinese: str, english: str) -> None:
    print(f"! {chinese} / {english}", file=sys.stderr, flush=True)


class Refused(Exception):
    """Set-up cannot go on. The message says in both languages what is wrong and what to do."""

    def __init__(self, chinese: str, english: str):
        super().__init__(f"{chinese} / {english}")
