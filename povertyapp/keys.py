"""Secrets of an installation: from the environment, else made once and kept in a file only the owner can read.

Production sets the variables (see docs/operations.md); the file is for the embedded default, so that a fresh
machine works and no default secret is ever shipped.
"""
import base64
import json
import os
import secrets
from pathlib import Path


def _new_keys() -> dict[str, str]:
    def random_key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"secret_key": secrets.token_urlsafe(50), "field_keys": f"k1:{random_key()}", "index_key": random_key()}


def load_keys(var: Path) -> dict[str, str]:
    """Return secret_key, field_keys and index_key of this installation.

    The file appears under its name only when complete, so two processes that start together agree on one.
    """
    path = var / "keys.json"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f".keys.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(_new_keys(), handle)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
    return json.loads(path.read_text())
