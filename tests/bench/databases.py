"""Databases of one benchmark run, all on the server that DATABASE_URL names; each size is filled once and copied."""
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2.extensions import quote_ident

from tests.bench.rounds import child
from tests.bench.sizes import Size


class Databases:
    """Makes databases by name. Those of a size stay until the run ends; copies are dropped after use."""

    def __init__(self) -> None:
        self._url = urlsplit(os.environ.get("DATABASE_URL", ""))
        if not self._url.scheme.startswith("postgres"):
            raise SystemExit("请用 bin/bench 运行：性能测试需要它启动的专用 PostgreSQL / run bin/bench: it starts the "
                             "private PostgreSQL that the benchmarks need")
        self._filled: set[str] = set()

    def url(self, name: str) -> str:
        return urlunsplit(self._url._replace(path=f"/{name}"))

    def _execute(self, statement: str, *names: str) -> None:
        connection = psycopg2.connect(urlunsplit(self._url))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement.format(*(quote_ident(name, connection) for name in names)))
        finally:
            connection.close()

    def _copy(self, template: str, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {}", name)
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)

    def empty(self) -> str:
        """URL of an installation without a register; nothing may stay connected to it."""
        name = "bench_empty"
        if name not in self._filled:
            self._copy("template0", name)
            child("prepare", "installation", self.url(name))
            self._filled.add(name)
        return self.url(name)

    def filled(self, size: Size) -> str:
        """URL of an installation with the register of this size."""
        name = f"bench_{size.name}"
        if name not in self._filled:
            print(f"  {size.name}: {size.households:,} 户 / households …", flush=True)
            self.empty()
            self._copy("bench_empty", name)
            child("prepare", "register", self.url(name), shares=[asdict(share) for share in size.shares])
            self._filled.add(name)
        return self.url(name)

    def own(self, size: Size, name: str) -> str:
        """URL of a copy of the installation with the register of this size, for one benchmark that writes into it."""
        self.filled(size)
        self._copy(f"bench_{size.name}", name)
        return self.url(name)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """URL of a new copy of the empty installation, dropped at the end."""
        self.empty()
        self._copy("bench_empty", "bench_fresh")
        try:
            yield self.url("bench_fresh")
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", "bench_fresh")
