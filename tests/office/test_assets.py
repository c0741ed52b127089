"""Front-end files: what pages ask for is on the list of what is fetched."""
import re
from pathlib import Path

import pytest
from django.conf import settings

from office.management.commands.fetch_assets import ICONS, PACKAGE_FILES, manifest, put
from office.templatetags.components import JOB_STATES, STATES, TONE_ICONS
from povertyapp.navigation import ACCOUNT, MENU

ICON_TAG = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']|icon(?:_name)?=["']([a-z0-9-]+)["']""")
VENDOR = re.compile(r"""["']vendor/([\w./-]+\.(?:css|js))["']""")


def templates() -> list[Path]:
    return sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def test_every_icon_in_a_template_is_fetched():
    found = [pair for path in templates() for pair in ICON_TAG.findall(path.read_text(encoding="utf-8"))]
    assert {tag or argument for tag, argument in found} - set(ICONS) == set()


def test_every_third_party_file_in_a_template_is_fetched():
    used = {name for path in templates() for name in VENDOR.findall(path.read_text(encoding="utf-8"))}
    assert used - set(manifest(Path())) == set()


def test_the_lock_file_names_exact_versions_and_no_host():
    text = (settings.BASE_DIR / "package-lock.json").read_text(encoding="utf-8")
    assert "http" not in text
    assert {name.split("/dist")[0].rsplit("/LICENSE")[0].rsplit("/NOTICE")[0] for name in PACKAGE_FILES} == {
        "@tabler/core", "@tabler/icons", "echarts"}


@pytest.mark.parametrize("ending", [b"\n//# sourceMappingURL=a.js.map", b"\n/*# sourceMappingURL=a.css.map */\n"])
def test_copies_do_not_point_to_maps_that_are_not_there(tmp_path, ending):
    source, target = tmp_path / "source", tmp_path / "vendor" / "a"
    source.write_bytes(b"content" + ending)
    assert put(source, target)
    assert target.read_bytes() == b"content\n"
    assert not put(source, target)


def test_every_icon_of_the_menu_and_of_states_is_fetched():
    used = {entry[-1] for entry in (*MENU, *ACCOUNT)} | {row[2] for row in (*STATES.values(), *JOB_STATES.values())}
    assert (used | set(TONE_ICONS.values())) - set(ICONS) == set()
