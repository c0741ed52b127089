"""`{% icon "home" %}`: an outline icon drawn into the page itself, so that it takes the colour of its text."""
import re
from functools import lru_cache

from django import template
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NAME = re.compile(r"[a-z0-9-]+")
SVG = re.compile(r"<svg[^>]*>(?P<strokes>.*)</svg>", re.DOTALL)


@lru_cache(maxsize=256)
def strokes(name: str) -> str:
    """What stands between the svg tags of vendor/icons/<name>.svg. LookupError when the file is not installed."""
    path = finders.find(f"vendor/icons/{name}.svg") if NAME.fullmatch(name) else None
    if not path:
        raise LookupError(f"icon {name!r} is not among the installed ones (vendor/icons)")
    with open(path, encoding="utf-8") as file:
        return SVG.search(file.read())["strokes"].strip()


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Inline svg; silent for screen readers unless `label` says what it means. `size`: "", "sm", "lg".

    An icon that is not installed leaves its space empty: every icon of ours stands beside a word, so the page keeps
    its meaning, and the next start with the assets in place shows it.
    """
    try:
        drawing = mark_safe(strokes(name))  # our own installed file, not user input
    except LookupError:
        drawing = ""
    meaning = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        f" icon-{size}" if size else "", meaning, drawing)
