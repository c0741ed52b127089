"""Loaded into a worker by a journey: it stops for long when a list of payments is posted but not yet stored, so that it
can be killed there. The file that POVERTYAPP_VAR holds then says that it has come so far. Elsewhere it changes nothing.
"""
import os
import time
from pathlib import Path

from celery.signals import worker_ready

from funds import payments

MARK, SECONDS = "posted-not-stored", 120
_advance = payments.advance


def advance(batch, state, *fields):
    _advance(batch, state, *fields)
    if state == "paid":
        Path(os.environ["POVERTYAPP_VAR"], MARK).touch()
        time.sleep(SECONDS)


@worker_ready.connect
def hold_payments(**_):
    payments.advance = advance
