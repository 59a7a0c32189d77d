"""The table of import rules in CONTRIBUTING.md, checked against every import statement of the source."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CONTRIBUTING = REPOSITORY / "CONTRIBUTING.md"

IMPORT_ROOTS = ("backend", "protocol", "plugin/krita", "plugin/gimp/gramarye", "plugin")
"""Folders on the import path, the more specific ones first."""

NOT_IMPORTABLE = {"plugin/__init__.py"}
"""Installed as a package of another name (``gramarye_editors``), with a docstring alone."""

HEAVY = {"torch", "numpy", "scipy", "PIL", "h5py", "rich"}
"""Packages that take long to import."""

MANY_MODULES = 18


def _rules() -> dict[str, set[str]]:
    """Folder (``backend/gramarye/cli/``) -> names in its column "may import"."""
    rows = re.findall(r"^\| `([^`]+/)` \| [^|]+ \|(.*)\|$", CONTRIBUTING.read_text(encoding="utf-8"), re.MULTILINE)
    return {folder: set(re.findall(r"`([^`]+)`", allowed)) for folder, allowed in rows}


RULES = _rules()


def _sources() -> list[str]:
    """Every module of the source, as a path relative to the repository."""
    files = [path for root in ("backend", "protocol", "plugin") for path in (REPOSITORY / root).rglob("*.py")]
    paths = {path.relative_to(REPOSITORY).as_posix() for path in files}
    return sorted(path for path in paths - NOT_IMPORTABLE if ".egg-info" not in path)


SOURCES = _sources()


def _rule_of(path: str) -> str:
    """The most specific folder of the table that holds a module; "" if there is none."""
    return max((folder for folder in RULES if path.startswith(folder)), key=len, default="")


def _module_of(path: str) -> tuple[str, ...]:
    """``("gramarye", "cli", "main")`` of ``backend/gramarye/cli/main.py``; a package for its ``__init__.py``."""
    root = next(root for root in IMPORT_ROOTS if path.startswith(f"{root}/"))
    parts = Path(path).relative_to(root).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


MODULES = {".".join(_module_of(path)): path for path in SOURCES}


@cache
def _imports(path: str) -> tuple[tuple[str, bool], ...]:
    """Absolute names of the modules that a module imports, and whether it does so when it is imported itself."""
    module, is_package = _module_of(path), path.endswith("/__init__.py")
    package = module if is_package else module[:-1]
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    top_level = {id(node) for node in tree.body}
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top_level) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*base, *(node.module or "").split("."))).rstrip(".")
            for alias in node.names:
                full = f"{name}.{alias.name}"
                found.append((full if full in MODULES else name, id(node) in top_level))
    return tuple(found)


def _is_allowed(name: str, path: str) -> bool:
    """Whether the rule of a module's folder allows it to import ``name``."""
    if name.split(".")[0] in sys.stdlib_module_names or name in ("gramarye", "gramarye.errors"):
        return True
    own = ".".join(_module_of(f"{_rule_of(path)}__init__.py"))
    for allowed in (own, *RULES[_rule_of(path)]):
        for prefix in (allowed, f"gramarye.{allowed}"):
            if prefix and (name == prefix or name.startswith(f"{prefix}.")):
                return True
    return False


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_imports_only_what_the_map_allows(path: str) -> None:
    assert _rule_of(path), "CONTRIBUTING.md names no folder for it"
    assert [name for name, _ in _imports(path) if not _is_allowed(name, path)] == []


def test_every_rule_is_of_a_folder_with_modules_and_used() -> None:
    assert len(RULES) > 20
    for folder, allowed in RULES.items():
        paths = [path for path in SOURCES if _rule_of(path) == folder]
        assert paths, folder
        names = {name for path in paths for name, _ in _imports(path)}
        for prefix in allowed:
            used = [name for name in names if f"{name}.".startswith((f"{prefix}.", f"gramarye.{prefix}."))]
            assert used, f"nothing in {folder} imports {prefix}"


def test_every_folder_of_the_repository_is_on_the_map() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    ignored = {"build", "dist", "out", "venv"}
    for folder in REPOSITORY.iterdir():
        if folder.is_dir() and not re.search(r"^\.|\.egg-info$", folder.name) and folder.name not in ignored:
            assert f"| `{folder.name}/" in text, folder.name


def test_folders_of_many_modules_give_the_reason() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8").split("more than eighteen modules")[1].split("##")[0]
    folders = [Path(path).parent for path in SOURCES if not path.endswith("/__init__.py")]
    for folder in {folder for folder in folders if folders.count(folder) > MANY_MODULES}:
        assert f"`{folder.name}/`" in text, folder


@pytest.mark.parametrize("path", [path for path in SOURCES if path.endswith("/__init__.py")])
def test_a_package_lists_its_modules(path: str) -> None:
    docstring = ast.get_docstring(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))) or ""
    assert docstring
    folder = Path(path).parent
    modules = {Path(other).stem for other in SOURCES if Path(other).parent == folder} - {"__init__", "__main__"}
    assert {name for name in modules if not re.search(rf"\b{name}\b", docstring)} == set()


def test_folders_do_not_import_each_other_in_a_circle() -> None:
    """A module beside sub-folders counts by itself: it may tie them together, and they may share what it defines."""
    packages = {name for name, path in MODULES.items() if path.endswith("/__init__.py")}
    parents = {package.rpartition(".")[0] for package in packages}

    def node(module: str) -> str:
        package = module if module in packages else module.rpartition(".")[0]
        return module if package in parents else package

    edges: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        imported = {node(name) for name, _ in _imports(path) if name in MODULES and name != "gramarye"}
        edges.setdefault(node(module), set()).update(imported - {node(module)})

    def reachable(start: str) -> set[str]:
        found, waiting = set[str](), [start]
        while waiting:
            new = edges.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    assert len(edges) > 30
    assert sorted(name for name in edges if name in reachable(name)) == []


def _loaded_with(module: str, seen: set[str]) -> Iterator[str]:
    """Every module of ours that importing ``module`` loads."""
    if module in seen or module not in MODULES:
        return
    seen.add(module)
    yield module
    for name, at_import in _imports(MODULES[module]):
        if at_import:
            yield from _loaded_with(name, seen)


@pytest.mark.parametrize("module", ["gramarye.cli.serve", "gramarye.cli.main", "gramarye.daemon.serve"])
def test_the_front_process_and_the_command_line_start_without_torch_and_numpy(module: str) -> None:
    loaded = list(_loaded_with(module, set()))
    assert len(loaded) > 1
    for name in loaded:
        tops = {top.split(".")[0] for top, at_import in _imports(MODULES[name]) if at_import}
        assert not tops & HEAVY, name


def test_nothing_imports_the_worker() -> None:
    for path in SOURCES:
        if _rule_of(path) != "backend/gramarye/daemon/worker/":
            assert not [name for name, _ in _imports(path) if name.startswith("gramarye.daemon.worker.")], path


def test_only_one_module_of_kritas_plugin_names_a_qt_binding() -> None:
    named = {path for path in SOURCES for name, _ in _imports(path) if name.split(".")[0] in ("PyQt5", "PyQt6")}
    assert named == {"plugin/krita/gramarye_krita/qt.py"}


def test_the_engine_knows_no_sockets_and_no_databases() -> None:
    for path in SOURCES:
        if path.startswith("backend/gramarye/engine/"):
            assert not {name for name, _ in _imports(path)} & {"socket", "sqlite3", "zmq"}, path
