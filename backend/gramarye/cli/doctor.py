"""``gramarye doctor``: finds problems on this machine, and shows the command that fixes each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import click

from ..client import Client
from ..daemon.store.inspect_state import folder_bytes, inspect_state
from ..errors import DaemonError, WeightsError
from ..files.paths import log_path, state_dir
from ..plugin_install import gimp, krita
from ..weights.store import choose_default, scan_networks
from .output import json_option, print_json

_MIN_FREE_BYTES = 2 << 30


@dataclass(frozen=True)
class Finding:
    """Result of one check: ``verdict`` is ok, note or bad; ``mend`` is a command or an instruction that fixes it."""

    what: str
    verdict: str
    found: str
    mend: str = ""


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check everything that painting needs, and show how to fix what is wrong.

    The exit status is 1 if something is bad.
    """
    findings = run_checks()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{finding.verdict:>4}  {finding.what}: {finding.found}")
            if finding.mend:
                click.echo(f"      {finding.mend}")
    if any(finding.verdict == "bad" for finding in findings):
        raise click.exceptions.Exit(1)


def run_checks() -> list[Finding]:
    """Run all checks; return one finding each."""
    return [run_check() for run_check in _CHECKS]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", "ok", f"{version} at {sys.executable}")


_TORCH_PROBE = """
import sys
sys.path = [entry for entry in sys.path if entry]  # nothing from the user's current folder
import json, torch
xpu = getattr(torch, "xpu", None)
devices = [f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count())]
devices += ["mps"] if torch.backends.mps.is_available() else []
devices += ["xpu"] if xpu is not None and xpu.is_available() else []
print(json.dumps({"version": torch.__version__, "devices": devices, "threads": torch.get_num_threads()}))
"""


def _torch() -> Finding:
    """Check torch in a separate process, because a broken driver may crash it."""
    probe = subprocess.run([sys.executable, "-c", _TORCH_PROBE], capture_output=True, text=True, check=False)
    if probe.returncode:
        last = (probe.stderr.strip().splitlines() or ["it crashed"])[-1]
        return Finding("torch", "bad", last, "pip install -c constraints.txt torch")
    probe_result = json.loads(probe.stdout.splitlines()[-1])
    devices = ", ".join(probe_result["devices"]) or f"only the CPU, {probe_result['threads']} threads"
    return Finding("torch", "ok", f"{probe_result['version']} on {devices}")


def _networks() -> Finding:
    usable, damaged = scan_networks()
    try:
        default = choose_default(usable, damaged)
    except WeightsError as error:
        return Finding("networks", "bad", error.message, error.hint)
    names = ", ".join(info.name for info in usable)
    if default.problem is not None:
        found = f"{default.info.name} paints instead of VGG19: {default.problem.message}"
        return Finding("networks", "bad", found, default.problem.hint)
    return Finding("networks", "ok", f"{names}; {default.info.name} is the default")


def _daemon() -> Finding:
    try:
        with Client(start=False) as client:
            return Finding("daemon", "ok", f"{client.welcome.daemon}, process {client.welcome.pid}")
    except DaemonError as error:
        if error.code == "no-daemon":
            return Finding("daemon", "ok", "not running; it starts when something is painted")
        return Finding("daemon", "bad", f"{error.message} Log: {log_path()}", error.hint)


def _disk() -> Finding:
    folder = state_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GiB free at {folder}"
    if not os.access(folder, os.W_OK):
        return Finding(
            "disk", "bad", f"{folder} cannot be written", "Set GRAMARYE_STATE_DIR to a folder that you can write to."
        )
    return Finding("disk", "ok", found) if free > _MIN_FREE_BYTES else Finding("disk", "bad", found, "Free some space.")


def _jobs() -> Finding:
    """Check the list of jobs and the disk space they use; note a list that was set aside."""
    try:
        found = inspect_state(state_dir())
    except DaemonError as error:
        mend = "When the daemon starts, it sets a damaged list and its jobs aside and begins a new list."
        return Finding("jobs", "bad", error.message, mend)
    counted = f"{sum(found.states.values())} listed, {_gigabytes(found.nbytes)} on disk"
    if found.set_aside:
        held = _gigabytes(sum(map(folder_bytes, found.set_aside)))
        latest = found.set_aside[-1]
        said = f"{counted}; a damaged or missing list was set aside with its jobs, most recently in {latest}"
        return Finding("jobs", "note", said, f"Delete {latest.parent} ({held}) when you no longer need its contents.")
    return Finding("jobs", "ok", f"{counted}, {found.unfetched} done and not yet fetched")


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.2g} GB"


def _krita() -> Finding:
    profiles = krita.profiles(os.environ)
    have = [profile for profile in profiles if krita.is_installed(profile)]
    if not have:
        seen = "Krita is on the PATH" if shutil.which("krita") else "no Krita on the PATH"
        return Finding("Krita", "note", f"{seen}; the plugin is not installed", "gramarye plugin install krita")
    stale = [profile for profile in have if not krita.is_up_to_date(profile)]
    if stale:
        found = f"the plugin in {stale[0].resources} has another version, or uses another installation"
        return Finding("Krita", "bad", found, "gramarye plugin install krita")
    return Finding("Krita", "ok", "the plugin is in " + ", ".join(str(profile.resources) for profile in have))


def _gimp() -> Finding:
    have = [profile for profile in gimp.profiles(os.environ) if gimp.is_installed(profile)]
    if not have:
        seen = "GIMP is on the PATH" if any(map(shutil.which, _GIMP_COMMANDS)) else "no GIMP on the PATH"
        return Finding("GIMP", "note", f"{seen}; the plugin is not installed", "gramarye plugin install gimp")
    stale = [profile for profile in have if not gimp.is_up_to_date(profile)]
    if stale:
        found = f"the plugin in {stale[0].plugins} has another version, uses another installation, or cannot be run"
        return Finding("GIMP", "bad", found, "gramarye plugin install gimp")
    return Finding("GIMP", "ok", "the plugin is in " + ", ".join(str(profile.plugins) for profile in have))


def _gimp_python() -> Finding:
    """Check that the first Python on the PATH has GIMP's bindings.

    Otherwise GIMP's other Python plugins fail, and so does our plugin if it was unpacked by hand from an archive.
    """
    first = gimp.python_without_bindings(os.environ)
    if first is None:
        return Finding("GIMP's Python", "ok", gimp.interpreter() or "its own, or none")
    found = f"{first} comes first on the PATH and lacks GIMP's bindings, which {gimp.interpreter()} has"
    return Finding("GIMP's Python", "note", found, "Start GIMP with the system's python3 first on the PATH.")


_GIMP_COMMANDS = ("gimp", "gimp-3.0", "gimp-3.2", "gimp-console-3.0", "gimp-console-3.2")

_CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _torch,
    _networks,
    _daemon,
    _disk,
    _jobs,
    _krita,
    _gimp,
    _gimp_python,
)
