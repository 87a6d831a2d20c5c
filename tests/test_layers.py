"""The import table of bot/README.md holds: a module imports what its row allows, and the core does no I/O."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
CORE = {
    "quantities",
    "model",
    "text",
    "languages",
    "readability",
    "triage",
    "matching",
    "dosing",
    "schedule",
    "charts",
    "sums",
    "conversation",
    "library",
    "messages",
    "render",
}
DISTRIBUTIONS = {"yaml": "yaml", "PIL": "pillow"}
FORBIDDEN_IN_CORE = {
    "asyncio",
    "socket",
    "os",
    "pathlib",
    "shutil",
    "subprocess",
    "tempfile",
    "logging",
    "time",
    "random",
    "sqlite3",
    "urllib",
    "http",
    "secrets",
}


def table() -> dict[str, tuple[set[str], set[str]]]:
    """Module → (what it may import from bot, from outside), as written in bot/README.md."""
    rows = {}
    for line in (BOT / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 5 or not (name := re.fullmatch(r"`(\w+)`", cells[0])):
            continue
        inside = {"*"} if cells[2] == "all" else {word.strip() for word in cells[2].split(",")} - {"–"}
        outside = {word.strip() for word in cells[3].split(",")} - {"–"}
        rows[name.group(1)] = (inside, outside)
    return rows


TABLE = table()
FILES = sorted(path for path in BOT.rglob("*.py"))


def module_of(path: Path) -> str:
    """The row a file belongs to: `dosing/tables.py` is `dosing`."""
    relative = path.relative_to(BOT)
    return relative.parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Every dotted name a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            found.update(
                f"{node.module}.{alias.name}" if node.module == "bot" else str(node.module) for alias in node.names
            )
    return found


def test_every_module_has_a_row_and_every_row_a_module() -> None:
    modules = {module_of(path) for path in FILES} - {"__init__"}

    assert set(TABLE) == modules


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(BOT).as_posix())
def test_a_module_imports_only_what_its_row_allows(path: Path) -> None:
    module = module_of(path)
    if module == "__init__":
        return
    inside, outside = TABLE[module]
    forbidden = set()
    for name in imports_of(path):
        top = name.split(".")[0]
        if top == "bot":
            other = name.split(".")[1] if "." in name else "__init__"
            if other not in inside | {module, "__init__", "__version__"} and inside != {"*"}:
                forbidden.add(name)
        elif top not in sys.stdlib_module_names and top not in outside and inside != {"*"}:
            forbidden.add(name)

    assert forbidden == set()


@pytest.mark.parametrize(
    "path", [path for path in FILES if module_of(path) in CORE], ids=lambda path: path.relative_to(BOT).as_posix()
)
def test_the_core_does_no_io_reads_no_clock_and_has_no_async(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {name for name in imports_of(path) if name.split(".")[0] in FORBIDDEN_IN_CORE}
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.add(f"async on line {node.lineno}")
        if isinstance(node, ast.Global):
            found.add(f"global on line {node.lineno}")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"open", "print", "input", "eval", "exec"} or called.endswith((".now", ".today", ".utcnow")):
                found.add(f"{called} on line {node.lineno}")

    assert found == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(BOT).as_posix())
def test_a_module_says_first_what_it_answers_and_then_what_it_may_not_know(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

    assert docstring.strip() != ""
    if path.name != "__init__.py" and module_of(path) in CORE:
        assert "ay not know" in docstring
