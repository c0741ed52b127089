"""The project held against its own rules: what a reviewer would have to look for in every file."""
import ast
import csv
import re
import subprocess
from functools import cache
from pathlib import Path

import allauth
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command, get_commands, load_command_class
from django.db.migrations.loader import MigrationLoader
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver

from tests.requirements_plugin import read_requirements

PROJECT = Path(settings.BASE_DIR)
ROOMS = ("office", "villages", "households", "funds", "assessment", "povertyapp")
REGISTER = {"HouseholdYear", "MemberYear", "VillageYear"}
# The contract of the commands: name and options. More options are welcome.
COMMANDS = {
    "load_areas": set(), "load_programme": {"--all"}, "load_statistics": set(),
    "import_workbook": {"--programme", "--dry-run", "--report", "--all-or-nothing"},
    "assess": {"--programme", "--year", "--area", "--basis", "--known-by"},
    "export_register": {"--programme", "--year", "--area", "--out"},
    "export_ledger": {"--programme", "--kind", "--area", "--year", "--out"},
    "verify_chain": {"--file"}, "bulletin": {"--programme", "--area", "--period", "--out", "--run"},
    "create_officer": {"--name", "--role", "--area"}, "demo": {"--county", "--households", "--seed"},
}
# Models of the register's rooms that keep no history, and why.
WITHOUT_HISTORY = {
    "Household": "nothing but its number and place", "Member": "nothing but its number and household",
    "ImportBatch": "an upload; what it changed stands in the history of the rows",
    "ImportRow": "a line of an upload's difference",
}


MADE = {"var", ".venv", "node_modules", "__pycache__", ".git", ".pytest_cache", ".ruff_cache", ".hypothesis",
        ".import_linter_cache", ".env", ".setup.lock"}     # as .gitignore says


@cache
def whole_tree() -> list[Path]:
    """Files under version control; where there is no git, all that set-up and running do not make."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True)
        found = [PROJECT / name for name in listed.stdout.split("\0") if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = [path for path in PROJECT.rglob("*") if not MADE.intersection(path.relative_to(PROJECT).parts)]
    return sorted(path for path in found if path.is_file())


def tracked(*endings: str, under: str = "") -> list[Path]:
    """Files of the project with these endings, in one folder or everywhere."""
    return [path for path in whole_tree() if path.name.endswith(endings or ("",)) and shown(path).startswith(under)]


def shown(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def modules() -> list[Path]:
    """Python of the product, tests left out."""
    return [path for path in tracked(".py") if shown(path).split("/")[0] in (*ROOMS, "bin")]


def written() -> list[Path]:
    """Modules that somebody wrote, without migrations."""
    return [path for path in modules() if "migrations" not in path.parts]


def functions(path: Path):
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


TEMPLATES = PROJECT / "templates"


@cache
def templates() -> dict[str, str]:
    """Name → text of every template."""
    return {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in tracked(under="templates/")}


def found_in(texts: dict[str, str], pattern: str) -> list[str]:
    """Where the pattern occurs: name, line, the words."""
    return [f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0][:80]}"
            for name, text in texts.items() for match in re.finditer(pattern, text)]


# --- Python

def test_imports_stand_at_the_top():
    """Only `ready` of an app may import late: models do not exist before it is called."""
    inside = [f"{shown(path)}:{node.lineno}" for path in modules() for function in functions(path)
              if (path.name, function.name) != ("apps.py", "ready")
              for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not inside


def test_no_module_is_a_drawer_for_everything():
    names = {"utils", "util", "helpers", "helper", "common", "signals", "misc", "tools"}
    assert not [shown(path) for path in tracked(".py") if names & {path.stem, *path.relative_to(PROJECT).parts}]


def test_nothing_is_left_for_later():
    texts = {shown(path): path.read_text("utf-8") for path in tracked(".py", ".html", ".js", ".css", ".md", ".toml")}
    assert not found_in(texts, r"\b(TO" r"DO|FIX" r"ME|X{3})\b")


def is_empty(function: ast.FunctionDef) -> bool:
    """Does nothing and does not say why, or has only the news that it is not written."""
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if not body or all(isinstance(node, ast.Pass) for node in body):
        return ast.get_docstring(function) is None
    return isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.unparse(body[0])


def test_no_function_is_a_stub():
    abstract = {"office/management/command.py:answer"}
    stubs = {f"{shown(path)}:{function.name}" for path in written() for function in functions(path) if is_empty(function)}
    assert stubs <= abstract


def test_modules_and_functions_stay_readable():
    long_modules = [shown(path) for path in written() if len(path.read_text("utf-8").splitlines()) > 330]
    long_functions = [f"{shown(path)}:{function.name}" for path in written() for function in functions(path)
                      if function.end_lineno - function.lineno > 55]
    assert not long_modules + long_functions


def test_every_module_says_what_it_is_for():
    speaking = [path for path in written() if path.name not in ("apps.py", "__init__.py")]
    assert not [shown(path) for path in speaking if not ast.get_docstring(tree_of(path))]


def test_register_rows_are_not_written_past_their_history():
    """Bulk writes of register rows go through office.history, which writes the history with them."""
    on_their_way = {"households/importer/writing.py:update"}    # set aside inside the transaction that then writes them
    stray = set()
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (
                    "update", "bulk_create", "bulk_update", "delete") and any(
                    re.match(rf"{model}\.(_base_manager|_default_manager|objects)\b", ast.unparse(node.func))
                    for model in REGISTER):
                stray.add(f"{shown(path)}:{node.func.attr}")
    assert stray <= on_their_way


@pytest.mark.parametrize("model", [m for room in ("villages", "households") for m in apps.get_app_config(room).get_models()
                                   if not m.__name__.startswith("Historical")], ids=lambda model: model.__name__)
def test_register_models_keep_history(model):
    assert hasattr(model, "history") != (model.__name__ in WITHOUT_HISTORY)


# --- Templates

def python_strings() -> list[str]:
    """Strings of the product's code, formatted ones as patterns."""
    found = []
    for path in written():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(re.escape(part.value) if isinstance(part, ast.Constant) else "[^/]+"
                                     for part in node.values))
    return found


def test_every_template_is_used():
    named = {match[1] for text in templates().values() for match in re.finditer(r"""["']([\w/]+\.html)["']""", text)}
    patterns = [re.compile(text) for text in python_strings() if text.endswith((r"\.html", r"\.txt"))]
    of_allauth = "".join(path.read_text("utf-8") for path in Path(allauth.__file__).parent.rglob("*.py"))
    unused = [name for name in templates() if name not in named
              and not any(pattern.fullmatch(name) for pattern in patterns)
              and name.rsplit(".", 1)[0] not in of_allauth]
    assert not unused


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_template_can_be_read(name):
    assert get_template(name)


def test_pages_keep_to_the_security_policy():
    """No style or script inside a page: the browser would refuse it, in front of the person."""
    shown_pages = {name: text for name, text in templates().items() if not name.startswith("pdf/")}
    assert not found_in(shown_pages, r"\sstyle\s*=|<style\b|<script(?![^>]*\bsrc=)|\s(hx-)?on[a-z:-]*\s*=\s*[\"']|javascript:")


FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\".*?</form>", re.DOTALL)


def test_every_form_that_posts_carries_its_token():
    assert not [f"{name}: {form[0][:80]}" for name, text in templates().items() for form in FORM.finditer(text)
                if "{% csrf_token %}" not in form[0]]


def test_no_form_is_included_without_its_token():
    """`only` takes the token from an included template."""
    with_forms = {name for name, text in templates().items() if "{% csrf_token %}" in text}
    includes = re.compile(r"{%\s*include\s+\"([\w/]+\.html)\"[^%]*\bonly\s*%}")
    assert not [f"{name}: {match[1]}" for name, text in templates().items() for match in includes.finditer(text)
                if match[1] in with_forms]


def test_the_inside_of_a_form_has_a_form_around_it():
    inside = [name for name, text in templates().items() if 'include "_components/form.html"' in text
              and not any('include "_components/form.html"' in form[0] for form in FORM.finditer(text))]
    assert not inside


def names_of(resolver, prefix="") -> set[str]:
    names = {prefix + name for name in resolver.reverse_dict if isinstance(name, str)}
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            names |= names_of(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
    return names


def test_addresses_named_in_templates_exist():
    """`{% url … as %}` stays silent about a name that does not exist."""
    known = names_of(get_resolver())
    asked = {(name, match[1]) for name, text in templates().items()
             for match in re.finditer(r"{%\s*url\s+[\"']([\w:]+)[\"']", text)}
    assert not {(name, url) for name, url in asked if url not in known}


def test_files_named_in_templates_exist():
    asked = {match[1] for text in templates().values() for match in re.finditer(r"{%\s*static\s+[\"']([^\"']+)[\"']", text)}
    assert not [name for name in asked if not name.startswith("vendor/") and not finders.find(name)]


# --- Commands, migrations, requirements

@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_of_the_contract_exist(name):
    command = load_command_class(get_commands()[name], name)
    offered = {option for action in command.create_parser("manage.py", name)._actions for option in action.option_strings}
    assert COMMANDS[name] <= offered
    assert command.help


@pytest.mark.django_db
def test_migrations_are_complete(capsys):
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes" in capsys.readouterr().out


@pytest.mark.parametrize("room", ROOMS[:-1])
def test_migrations_follow_one_another(room):
    graph = MigrationLoader(None).graph
    own = sorted(name for app, name in graph.nodes if app == room)
    for before, after in zip(own, own[1:], strict=False):
        assert int(after[:4]) == int(before[:4]) + 1
        assert (room, before) in graph.node_map[room, after].parents


def test_marked_requirements_exist():
    marked = {argument.value for path in tracked(".py", under="tests/") for node in ast.walk(tree_of(path))
              if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.req" for argument in node.args}
    with (PROJECT / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        numbers = [row["id"] for row in csv.DictReader(file)]
    assert len(numbers) == len(set(numbers)) == len(read_requirements())
    assert marked <= set(numbers)


# --- The whole tree

def everything() -> dict[str, str]:
    """All text under version control."""
    texts = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            texts[shown(path)] = content.decode("utf-8")
    return texts


def test_the_project_stands_alone():
    """It names no package registry or mirror, no place on somebody's machine, nothing beside itself."""
    hosts = (r"\bpypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|npmmirror[.]com|mirrors?[.][\w-]+[.](com|cn|edu|org)"
             r"|deb[.]debian[.]org|proxy[.]golang[.]org")
    machine = r"(?<![\w./-])/(work|home|root|Users)/\w+"
    beside = r"(?<!\.)\.\./(shared|work)\b"
    assert not found_in(everything(), f"{hosts}|{machine}|{beside}")


def test_no_secret_is_kept():
    assert not [shown(path) for path in tracked(".env", "keys.json", ".pem", ".key", ".sqlite3")]
    assert not found_in(everything(), r"BEGIN (RSA |EC |OPENSSH )?PRIVATE" r" KEY")
