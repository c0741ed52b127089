"""What a password must be, and the ones a person has used before."""
import secrets

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from office.models import FormerPassword

KINDS_WANTED = 3
SYMBOLS = "!#%+-=@_"
# Without the characters that are mistaken for each other when a password is read out or copied by hand.
LOWER = "abcdefghijkmnpqrstuvwxyz"
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"


def kinds_of(password: str) -> int:
    """How many of the four kinds of characters occur: lower case, upper case, digits, everything else."""
    return sum(any(test(c) for c in password) for test in
               (str.islower, str.isupper, str.isdigit, lambda c: not c.islower() and not c.isupper() and not c.isdigit()))


class LongEnough(MinimumLengthValidator):
    """Django's own check, in words of ours: its sentence has no Chinese translation in this version."""

    def get_error_message(self):
        return f"密码太短，至少{self.min_length}个字符"

    def get_help_text(self):
        return f"至少{self.min_length}个字符。"


class ThreeKindsOfCharacters:
    """Three of lower case, upper case, digits and others (GB/T 22239-2019, third grade: complexity of passwords)."""

    def validate(self, password, user=None):
        if kinds_of(password) < KINDS_WANTED:
            raise ValidationError("密码须包含大写字母、小写字母、数字、其他符号中的至少三种", code="password_too_simple")

    def get_help_text(self):
        return "须包含大写字母、小写字母、数字、其他符号中的至少三种。"


class NotUsedRecently:
    """None of the last `PASSWORD_HISTORY` passwords of the person, the present one included."""

    def validate(self, password, user=None):
        if user is None or user.pk is None or not user.password:
            return
        former = user.former_passwords.values_list("hash", flat=True)[:settings.PASSWORD_HISTORY - 1]
        if any(check_password(password, used) for used in (user.password, *former)):
            raise ValidationError(f"不能使用最近{settings.PASSWORD_HISTORY}次用过的密码", code="password_used_recently")

    def get_help_text(self):
        return f"不能与最近{settings.PASSWORD_HISTORY}次用过的密码相同。"


def retire(officer) -> None:
    """Remember the present password as a used one and forget the oldest; call before another one is set."""
    if officer.pk is None or not officer.has_usable_password() or not officer.password:
        return
    FormerPassword.objects.create(officer=officer, hash=officer.password)
    kept = officer.former_passwords.values_list("pk", flat=True)[:settings.PASSWORD_HISTORY]
    officer.former_passwords.exclude(pk__in=list(kept)).delete()


def temporary_password() -> str:
    """A random password for the first login: twelve characters, all four kinds."""
    drawn = [secrets.choice(kind) for kind in (LOWER, UPPER, DIGITS, SYMBOLS)]
    drawn += [secrets.choice(LOWER + UPPER + DIGITS) for _ in range(8)]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)
