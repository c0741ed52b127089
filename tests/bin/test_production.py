"""The production stack: no secret has a default, and nothing starts without them."""
import re
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
SECRETS = ("POVERTYAPP_SECRET_KEY", "POVERTYAPP_FIELD_KEYS", "POVERTYAPP_INDEX_KEY", "POSTGRES_PASSWORD",
           "REDIS_PASSWORD")
COMPLETE = {"POVERTYAPP_SECRET_KEY": "s", "POVERTYAPP_FIELD_KEYS": "f", "POVERTYAPP_INDEX_KEY": "i",
            "DATABASE_URL": "postgres://", "CELERY_BROKER_URL": "redis://", "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))


def container(*words: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROJECT / "bin" / "container", *words], env=environment, capture_output=True, text=True,
                          check=False, timeout=30)


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_come_from_the_environment_without_default(name):
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"${{{name}-}}" in text
    assert not re.search(rf"\$\{{{name}:?-[^}}]", text)
    assert f"\n{name}=\n" in (PROJECT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"PATH"}))
def test_a_container_without_a_secret_says_which(name):
    done = container("web", **{key: value for key, value in COMPLETE.items() if key != name})
    assert done.returncode == 1
    assert f"缺少环境变量 {name}" in done.stderr


def test_an_unknown_word_is_refused():
    done = container("dance", **COMPLETE)
    assert done.returncode == 1
    assert "不认识 dance" in done.stderr


def test_every_service_that_stays_has_a_health_check(compose):
    staying = {name for name, service in compose["services"].items() if service.get("restart") != "no"}
    assert staying == {"web", "worker", "scheduler", "database", "redis"}
    assert all("healthcheck" in compose["services"][name] for name in staying)


def test_only_the_web_server_is_reachable_and_only_from_this_machine_unless_asked(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["${POVERTYAPP_LISTEN:-127.0.0.1:8000}:8000"]}
