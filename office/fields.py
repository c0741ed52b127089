"""Field types that keep a promise of the house: money as whole fen, personal numbers encrypted."""
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import SimpleLazyObject

from office.secrets import KeyRing

HUNDRED = Decimal(100)
# Ten billion yuan; keeps income × 10⁶ (scaled comparison in the engine) inside a 64-bit integer.
MONEY_LIMIT = Decimal("9999999999.99")

ring: KeyRing = SimpleLazyObject(
    lambda: KeyRing.parse(settings.POVERTYAPP_FIELD_KEYS, settings.POVERTYAPP_INDEX_KEY))


class MoneyField(models.BigIntegerField):
    """Yuan as Decimal in Python, fen as big integer in the database; anything finer than a fen is refused."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else Decimal(value).scaleb(-2)

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value).replace(",", ""))
        except ArithmeticError as error:
            raise ValidationError(f"“{value}”不是金额，请填以元为单位的数，例如 1234.50") from error

    def get_prep_value(self, value):
        if value is None or hasattr(value, "resolve_expression"):
            return value
        fen = self.to_python(value) * HUNDRED
        if fen != fen.to_integral_value():
            raise ValidationError(f"金额 {value} 超过两位小数，最小单位是分")
        if abs(fen) > MONEY_LIMIT * HUNDRED:
            raise ValidationError(f"金额 {value} 过大，请核对单位是否为元")
        return int(fen)

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        self.get_prep_value(value)

    def run_validators(self, value):
        # The integer limits of the column speak of fen, the value is in yuan.
        if value not in self.empty_values and abs(value) > MONEY_LIMIT:
            raise ValidationError(f"金额 {value} 过大，请核对单位是否为元")


class EncryptedField(models.TextField):
    """Text that is ciphertext in the database; the table and column are bound into it, the key's name stands in front.

    Not searchable: a sibling column holds the blind index for exact search. An empty text stays empty.
    """

    @property
    def context(self) -> str:
        # History tables carry the same ciphertext, so they share the context of the table they follow.
        return f"{self.model._meta.db_table.replace('historical', '')}.{self.column}"

    def from_db_value(self, value, expression, connection):
        return ring.decrypt(value, self.context) if value else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return ring.encrypt(value, self.context) if value else value
