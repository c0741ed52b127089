"""Where things lie. POVERTYAPP_VAR names the directory of everything mutable; .venv stays in the project."""
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("POVERTYAPP_VAR") or PROJECT / "var").absolute()
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
VENDOR = Path(os.environ.get("POVERTYAPP_VENDOR") or VAR / "vendor").absolute()
FONTS = Path(os.environ.get("POVERTYAPP_FONTS") or VAR / "fonts").absolute()
LOGS = VAR / "log"
MANAGE = [str(PYTHON), str(PROJECT / "manage.py")]


def environment() -> dict[str, str]:
    """The environment every program starts with: this one, with the three directories as absolute paths."""
    return {**os.environ, "POVERTYAPP_VAR": str(VAR), "POVERTYAPP_VENDOR": str(VENDOR), "POVERTYAPP_FONTS": str(FONTS),
            "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "povertyapp.settings"}
