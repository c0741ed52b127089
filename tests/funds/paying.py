"""Sixteen workers that pay from one budget at the same time, some of them killed. Run as a program on a database that
the test has prepared: `python -m tests.funds.paying FOLDER SECONDS ACCOUNT BATCH CLERK CHIEF VOUCHER…`.

Every worker writes down what it was told had been paid, after it was told so: `FOLDER/<worker>.log`.
"""
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import django

WORKERS = 16
KILLED_EVERY = 0.7      # seconds


def work(number: int, folder: Path, until: float, account: int, batch: int, clerk: int, chief: int, shared: list[int]) -> None:
    """Pay random sums until the time is over; also try to approve the shared vouchers and to pay the shared batch."""
    chance = random.Random(number)
    with (folder / f"{number}.log").open("a", buffering=1) as log:
        try:
            clerk, chief = Officer.objects.get(pk=clerk), Officer.objects.get(pk=chief)
            for pk in chance.sample(shared, len(shared)):
                movement = actions.approve(Voucher.objects.get(pk=pk), chief)
                log.write(f"shared {pk} {movement.pk}\n")
            log.write(f"batch {payments.pay(PaymentBatch.objects.get(pk=batch), clerk)}\n")
            while time.time() < until:
                _pay_one(chance, log, Account.objects.get(pk=account), clerk, chief)
        except Exception:
            (folder / f"{number}.error").write_text(traceback.format_exc())


def _pay_one(chance: random.Random, log, account, clerk, chief) -> None:
    amount = from_fen(chance.randint(1, 300_00))
    try:
        voucher = actions.record_payment(clerk, account=account, amount=amount, on=timezone.localdate(), payee="甲")
        movement = actions.approve(voucher, chief)
    except ledger.Refused as refusal:
        log.write(f"refused {refusal}\n")
        return
    log.write(f"paid {movement.pk} {movement.amount}\n")


def main(folder: Path, seconds: float, *numbers: int) -> None:
    fork = multiprocessing.get_context("fork")
    until = time.time() + seconds
    account, batch, clerk, chief, *shared = numbers

    def start(number: int):
        worker = fork.Process(target=work, args=(number, folder, until, account, batch, clerk, chief, shared))
        worker.start()
        return worker

    workers = {number: start(number) for number in range(WORKERS)}
    chance = random.Random(0)
    following = WORKERS
    while time.time() < until:
        time.sleep(KILLED_EVERY)
        victim = chance.choice(sorted(workers))
        os.kill(workers[victim].pid, signal.SIGKILL)
        workers.pop(victim).join()
        (folder / "killed").open("a").write(f"{victim}\n")
        workers[following] = start(following)
        following += 1
    for worker in workers.values():
        worker.join()


if __name__ == "__main__":
    django.setup()
    # Only now are the models there; the workers are forked with everything loaded and no connection open.
    from django.utils import timezone

    from funds import actions, ledger, payments
    from funds.models import Account, PaymentBatch, Voucher
    from office.models import Officer
    from office.money import from_fen

    main(Path(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:]))
