"""bin/bench: the benchmarks of tests/bench on a private PostgreSQL and Redis; the results end in var/bench.json."""
import os
import shutil
import sys

import check
import installation
import services
from children import Stopped, run, stop_on_signals
from console import Refused, say
from layout import PROJECT, PYTHON, VAR

# As a small production server would be set; the floor of every figure is measured on the same server.
SERVER = {"shared_buffers": "1GB", "work_mem": "64MB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB",
          "checkpoint_timeout": "30min", "random_page_cost": "1.1", "effective_cache_size": "4GB", "jit": "off"}


def main() -> int:
    stop_on_signals()
    try:
        installation.prepare("requirements-dev.txt", services.PACKAGES)
        say("启动专用的 PostgreSQL 和 Redis", "starting a private PostgreSQL and Redis")
        with check.temporary_var() as var, services.postgresql(SERVER) as database, services.redis() as broker:
            environment = check.test_environment(var, DATABASE_URL=database, CELERY_BROKER_URL=f"{broker}/0",
                                                 CACHE_URL=f"{broker}/1")
            code = run([PYTHON, "-m", "tests.bench", *sys.argv[1:]], env=environment)
            if (var / "bench.json").exists():
                shutil.copyfile(var / "bench.json", VAR / "bench.json")
            return code
    except Refused as refusal:
        print(f"! {refusal}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    os.chdir(PROJECT)
    sys.exit(main())
