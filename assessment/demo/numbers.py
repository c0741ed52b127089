"""Numbers of made-up people that pass every check: citizen numbers (GB 11643), bank cards (Luhn), telephones."""
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from assessment.demo.shares import BANKS, FAR_AWAY, FORMER_PREFIXES, PHONE_STARTS
from office.identity import check_character, known_prefixes, passes_luhn

ORDERS = 500     # order numbers per day and sex in a citizen number

_BANK_NAMES, _BANK_WEIGHTS = list(BANKS), list(accumulate(share for share, _ in BANKS.values()))


class CitizenNumbers:
    """Numbers of one village. No two villages of a register share (order number, day), so none needs to know another.

    `position` of `total` villages: with up to 500 villages each has order numbers of its own, as police stations do;
    with more, villages that share an order number use different days.
    """

    def __init__(self, rng: Random, county: str, neighbours: list[str], position: int, total: int):
        self.rng, self.county, self.neighbours = rng, county, neighbours
        share = max(1, ORDERS // total)
        first = position % (ORDERS // share) * share
        self.orders = range(first, first + share)
        self.stripes = -(-total // (ORDERS // share))
        self.stripe = position // (ORDERS // share)
        self.issued: set[str] = set()

    def issue(self, year: int, sex: str, elsewhere: bool) -> str:
        """A new number for somebody born in the year, here or in another county."""
        rng, days = self.rng, 365 // self.stripes
        while True:
            first = date(year, 1, 1)
            skip = (self.stripe - first.toordinal()) % self.stripes
            for _ in range(40):
                born = first + timedelta(days=skip + rng.randrange(days) * self.stripes)
                order = rng.choice(self.orders) * 2 + (sex == "male")
                body = f"{self._prefix(year, elsewhere)}{born:%Y%m%d}{order:03d}"
                if body not in self.issued:
                    self.issued.add(body)
                    return body + check_character(body)
            year -= 1    # a year that is full: somebody a year older

    def _prefix(self, year: int, elsewhere: bool) -> str:
        code = self.county
        if elsewhere:
            code = self.rng.choice(_far_counties() if self.rng.random() < FAR_AWAY else self.neighbours)
        former, until = FORMER_PREFIXES.get(code, (code, 0))
        return former if year < until else code


_far: list[str] = []


def _far_counties() -> list[str]:
    """Counties of the provinces next to Guangdong, where wives of the region also come from."""
    if not _far:
        _far.extend(sorted(p for p in known_prefixes() if p[:2] in ("36", "43", "45") and p[4] in "23"))
    return _far


def phone(rng: Random) -> str:
    return rng.choice(PHONE_STARTS) + f"{rng.randrange(10**8):08d}"


def bank_card(rng: Random) -> tuple[str, str]:
    """Bank and a card number of 19 digits."""
    bank = rng.choices(_BANK_NAMES, cum_weights=_BANK_WEIGHTS)[0]
    body = BANKS[bank][1] + f"{rng.randrange(10**12):012d}"
    return bank, next(body + str(d) for d in range(10) if passes_luhn(body + str(d)))
