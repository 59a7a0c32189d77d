"""Who may know whom: the arrows of CONTRIBUTING.md, read from every import statement."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
BACKEND = REPOSITORY / "backend"
PROTOCOL = REPOSITORY / "protocol"
PLUGIN = REPOSITORY / "plugin"


def _modules(root: Path, folder: str) -> list[Path]:
    found = sorted((root / folder).rglob("*.py"))
    assert found, f"no modules in {folder}"
    return found


def _imports(path: Path, root: Path) -> Iterator[tuple[str, bool]]:
    """Absolute names of what a module imports, and whether at import time."""
    package = path.relative_to(root).with_suffix("").parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_import = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module or "") if part)
            yield name, id(node) in at_import
            yield from ((f"{name}.{alias.name}", id(node) in at_import) for alias in node.names)


def _loaded_torch_free(module: str, seen: set[str]) -> Iterator[str]:
    """Every module of ours that importing ``module`` loads."""
    parts = module.split(".")
    path = BACKEND.joinpath(*parts)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if module in seen or not file.exists():
        return
    seen.add(module)
    yield module
    for name, at_import in _imports(file, BACKEND):
        if at_import and name.startswith("gramarye."):
            yield from _loaded_torch_free(name, seen)


@pytest.mark.parametrize("path", _modules(PROTOCOL, "gramarye_protocol"), ids=lambda path: path.name)
def test_the_protocol_knows_the_standard_library_alone(path: Path) -> None:
    for name, _ in _imports(path, PROTOCOL):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or top == "gramarye_protocol", name


@pytest.mark.parametrize("path", _modules(PLUGIN, "gramarye_plugin"), ids=lambda path: path.name)
def test_the_plugins_shared_part_knows_the_standard_library_and_the_protocol_alone(path: Path) -> None:
    for name, _ in _imports(path, PLUGIN):
        top = name.split(".")[0]
        assert top in {*sys.stdlib_module_names, "gramarye_protocol", "gramarye_plugin"}, name


@pytest.mark.parametrize("path", _modules(PLUGIN, "krita"), ids=lambda path: path.name)
def test_kritas_plugin_knows_krita_its_qt_and_what_plugins_share_alone(path: Path) -> None:
    for name, _ in _imports(path, PLUGIN / "krita"):
        top = name.split(".")[0]
        known = {*sys.stdlib_module_names, "krita", "gramarye_protocol", "gramarye_plugin", "gramarye_krita"}
        assert top in known or (top in ("PyQt5", "PyQt6") and path.name == "qt.py"), name


@pytest.mark.parametrize("path", _modules(PLUGIN, "gimp"), ids=lambda path: path.name)
def test_gimps_plugin_knows_what_gimps_python_has_and_the_shared_part_alone(path: Path) -> None:
    own = {"gi", "gramarye_gimp", "gramarye_plugin", "gramarye_protocol"}
    for name, _ in _imports(path, PLUGIN / "gimp" / "gramarye"):
        assert name.split(".")[0] in {*sys.stdlib_module_names, *own}, name


@pytest.mark.parametrize("path", _modules(BACKEND, "gramarye/engine"), ids=lambda path: path.name)
def test_the_engine_knows_numpy_torch_and_errors_alone(path: Path) -> None:
    """And NVIDIA's bindings, which come with torch."""
    for name, _ in _imports(path, BACKEND):
        top = name.split(".")[0]
        known = top in ("numpy", "torch", "cuda", "tomli") or top in sys.stdlib_module_names - {"socket", "sqlite3"}
        assert known or name.startswith(("gramarye.engine", "gramarye.errors")), name


@pytest.mark.parametrize("module", ["gramarye.cli.serve", "gramarye.cli.main", "gramarye.daemon.serve"])
def test_the_front_loads_no_torch_and_no_numpy(module: str) -> None:
    loaded = list(_loaded_torch_free(module, set()))
    assert len(loaded) > 1
    for name in loaded:
        path = BACKEND.joinpath(*name.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        tops = {top.split(".")[0] for top, at_import in _imports(file, BACKEND) if at_import}
        assert not tops & {"torch", "numpy", "scipy", "PIL", "h5py", "rich"}, name


@pytest.mark.parametrize("folder", ["gramarye/client", "gramarye/cli"])
def test_client_and_command_line_leave_the_painting_to_workers(folder: str) -> None:
    torch_free = ("gramarye.engine.recipe",)
    for path in _modules(BACKEND, folder):
        for name, _ in _imports(path, BACKEND):
            assert name.split(".")[0] != "torch", (path, name)
            if name.startswith("gramarye.engine."):
                assert name.startswith(torch_free), (path, name)


@pytest.mark.parametrize("path", _modules(BACKEND, "gramarye/daemon"), ids=lambda path: path.name)
def test_only_the_workers_half_of_the_daemon_knows_the_engine(path: Path) -> None:
    if path.parent.name == "worker":
        return
    for name, _ in _imports(path, BACKEND):
        if name.startswith("gramarye.engine."):
            assert name.startswith(("gramarye.engine.recipe", "gramarye.engine.warm_start")), name
        assert not name.startswith(("gramarye.daemon.worker.run_job", "gramarye.client", "gramarye.cli")), name


@pytest.mark.parametrize("path", _modules(BACKEND, "gramarye/colour"), ids=lambda path: path.name)
def test_colour_handling_knows_numpy_alone(path: Path) -> None:
    for name, _ in _imports(path, BACKEND):
        known = name.split(".")[0] in {*sys.stdlib_module_names, "numpy"}
        assert known or name.startswith("gramarye.colour"), name


@pytest.mark.parametrize("path", _modules(BACKEND, "gramarye/access"), ids=lambda path: path.name)
def test_access_knows_the_protocol_zeromq_files_and_errors_alone(path: Path) -> None:
    for name, _ in _imports(path, BACKEND):
        known = name.split(".")[0] in {*sys.stdlib_module_names, "zmq", "gramarye_protocol"}
        assert known or name.startswith(("gramarye.access", "gramarye.errors", "gramarye.files.atomic_write")), name
