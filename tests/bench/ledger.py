"""The benchmark of the ledger: posting, exporting, balances and the chain, in that order on one database."""
from pathlib import Path

from tests.bench.databases import Databases
from tests.bench.rounds import Failed, Figure, alternate, child
from tests.bench.sizes import SIZES, Size

POST_BOUND, EXPORT_BOUND, VERIFY_BOUND, BALANCE_SECONDS = 3.0, 1.5, 2.0, 0.15
POST_ROUNDS, ACCOUNTS = 3, 2000


def measure(databases: Databases, folder: Path, size: Size) -> list[Figure]:
    """Lists of one line per person are paid in turn with COPY; then everything that was posted is read."""
    database, share = databases.own(size, "bench_ledger"), size.shares[0]
    made = child("ledger", "ready", database, area=share.area, batches=POST_ROUNDS + 1)
    whole = size.households >= SIZES["county"].households      # below, fixed costs are most of every figure

    def figure(name: str, times: tuple[float, float, float], floor: str, bound: float | None = None, rows: int = 0,
               limit: float | None = None) -> Figure:
        seconds, floor_seconds, peak = times
        return Figure(f"ledger: {name}", size.name, size.households, seconds, floor, floor_seconds, peak,
                      bound=bound if whole else None, limit=limit, note=f"{rows:,} rows")

    paid = alternate(lambda: child("ledger", "pay", database), lambda: child("ledger", "copy", database), POST_ROUNDS)
    path = folder / f"ledger-{size.name}.xlsx"
    asked = {"programme": share.programme, "area": share.area}
    exported = child("ledger_out", "product", database, **asked, path=str(path)) and alternate(
        lambda: child("ledger_out", "product", database, **asked, path=str(path.with_suffix(".again.xlsx"))),
        lambda: child("register_out", "floor", database, source=str(path), path=str(path.with_suffix(".floor.xlsx"))),
        size.rounds, warm_up=False)
    found = [child("ledger", what, database, limit=ACCOUNTS) for what in ("held", "held_by_hand")]
    if found[0]["fen"] != found[1]["fen"]:
        raise Failed(f"balances differ: {found[0]['fen']} and {found[1]['fen']} fen")
    held = alternate(lambda: child("ledger", "held", database, limit=ACCOUNTS),
                     lambda: child("ledger", "held_by_hand", database, limit=ACCOUNTS), size.rounds)
    verified, read = (alternate(lambda: child("ledger", "verify", database), lambda floor=floor: child("ledger", floor, database),
                                size.rounds) for floor in ("hashed", "read"))
    posted = sum(made["lines"])
    return [figure("post", paid, "COPY, same rows", POST_BOUND, made["lines"][-1]),
            figure("export", exported, "XlsxWriter, same cells", EXPORT_BOUND, posted),
            figure("balances", held, "plain SQL, GROUP BY", rows=found[0]["accounts"], limit=BALANCE_SECONDS),
            figure("verify", verified, "SHA-256, same bytes", VERIFY_BOUND, posted + made["transfers"]),
            figure("verify, read", read, "COPY, not hashed", rows=posted + made["transfers"])]
