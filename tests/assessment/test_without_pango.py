"""A machine without Pango (no administrator to install it): everything but the bulletin works, and that says why."""
import os
import subprocess
import sys

from django.conf import settings

NO_PANGO = """
import sys, types
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint" or name.startswith("weasyprint."):
            raise OSError("cannot load library 'libpango-1.0-0'")
sys.meta_path.insert(0, Missing())
import django
django.setup()
from django.urls import reverse
from assessment import pdf
print(reverse("home"))
try:
    pdf.render(None)
except pdf.CannotRender as error:
    print(error)
"""


def test_pages_work_and_the_bulletin_names_the_packages(tmp_path):
    done = subprocess.run([sys.executable, "-c", NO_PANGO], cwd=settings.BASE_DIR, capture_output=True, text=True,
                          check=False, env={**os.environ, "POVERTYAPP_VAR": str(tmp_path),
                                            "DJANGO_SETTINGS_MODULE": "povertyapp.settings"})
    assert done.stderr == ""
    home, sentence = done.stdout.splitlines()
    assert home == "/"
    assert "libpango-1.0-0" in sentence
