"""``gramarye weights``: lists, fetches, imports and verifies networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from ..errors import WeightsError
from ..weights.fetch import fetch
from ..weights.importing import Imported, import_network, resolve
from ..weights.infer_convention import INPUT_CONVENTIONS
from ..weights.manifest import PublishedNetwork, manifest
from ..weights.store import DamagedNetwork, NetworkInfo, load, scan_networks
from .output import json_option, print_json


@click.group()
def weights() -> None:
    """List, fetch, import and verify networks."""


@weights.command("list")
@json_option
def list_networks(as_json: bool) -> None:
    """List installed networks, best first, and those that can be fetched."""
    usable, damaged = scan_networks()
    names = {info.name for info in usable}
    missing = [network for network in manifest() if network.name not in names and network.releases]
    if as_json:
        print_json(
            {
                "installed": [_as_dict(info) for info in usable],
                "damaged": [_error_as_dict(broken.name, broken.path, broken.error) for broken in damaged],
                "available": [_published_as_dict(network) for network in missing],
            }
        )
        return
    Console().print(_table(usable, damaged, missing))


@weights.command("fetch")
@click.argument("name", required=False)
@click.option("--url", metavar="URL", help="Fetch from this address instead of the published ones.")
@json_option
def fetch_network(name: str | None, url: str | None, as_json: bool) -> None:
    """Download a published network (see list); without NAME, the recommended one.

    An interrupted download is resumed.
    """
    with _progress_bar() as bar:
        task = bar.add_task(name or "network", total=None)
        imported = fetch(name, url, lambda done, total: bar.update(task, completed=done, total=total or None))
    _report(imported, as_json)


@weights.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the network; default: its published name, or that of the file.")
@click.option(
    "--input",
    "expected_input",
    type=click.Choice(sorted(INPUT_CONVENTIONS)),
    default=None,
    help="Input it was trained on, if the file does not say: caffe (BGR 0..255), rgb (0..255), torchvision.",
)
@json_option
def import_weights(file: Path, name: str | None, expected_input: str | None, as_json: bool) -> None:
    """Install a VGG19 that you have: MatConvNet .mat, Keras .h5, PyTorch .pth, .npz or .safetensors."""
    _report(import_network(file, name, expected_input or ""), as_json)


@weights.command()
@click.argument("name", required=False)
@json_option
def verify(name: str | None, as_json: bool) -> None:
    """Read installed networks completely, and compare them with their checksums; without NAME, all."""
    usable, damaged = scan_networks() if name is None else ([resolve(name)], [])
    errors: list[tuple[str, Path, WeightsError]] = [(broken.name, broken.path, broken.error) for broken in damaged]
    sound: list[NetworkInfo] = []
    for info in usable:
        try:
            load(info)
            sound.append(info)
        except WeightsError as error:
            errors.append((info.name, info.path, error))
    if as_json:
        print_json(
            {"sound": [_as_dict(info) for info in sound], "damaged": [_error_as_dict(*broken) for broken in errors]}
        )
    else:
        for info in sound:
            click.echo(f"{info.name}: sound" + ("" if info.sha256 else "; it has no checksum"))
        for label, _, wrong in errors:
            click.echo(f"{label}: {wrong.message}\n  {wrong.hint}  [{wrong.code}]")
    if errors:
        raise click.exceptions.Exit(WeightsError.exit_status)


def _report(imported: Imported, as_json: bool) -> None:
    info = imported.info
    if as_json:
        print_json({**_as_dict(info), "was_there": imported.was_installed})
        return
    verb = "is installed already" if imported.was_installed else "is installed"
    click.echo(f"{info.name} {verb}: {info.description}\n  lineage: {info.lineage}\n  {info.path}")
    if not info.is_full_depth:
        click.echo("  It does not reach conv5_1, so it is used only when named.")


def _table(usable: list[NetworkInfo], damaged: list[DamagedNetwork], missing: list[PublishedNetwork]) -> Table:
    table = Table(box=None)
    table.add_column("network", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("description")
    published = {network.name: network for network in manifest()}
    for info in usable:
        known = published.get(info.name)
        origin = f"{known.title}; {known.licence}" if known else info.lineage
        table.add_row(info.name, "installed", f"{info.description}\n{origin}")
    for broken in damaged:
        table.add_row(broken.name, "damaged", f"{broken.error.message} {broken.error.hint}")
    for network in missing:
        state = "recommended" if network.recommended else "available"
        table.add_row(network.name, state, f"{network.note} gramarye weights fetch {network.name}")
    return table


def _progress_bar() -> Progress:
    """Create a progress bar on standard error, so that standard output holds only the result."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)


def _as_dict(info: NetworkInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "path": str(info.path),
        "lineage": info.lineage,
        "depth": info.depth,
        "full_depth": info.is_full_depth,
        "widths": list(info.widths),
        "mean": list(info.mean),
        "sha256": info.sha256,
        "source_name": info.source_name,
        "source_sha256": info.source_sha256,
    }


def _published_as_dict(network: PublishedNetwork) -> dict[str, Any]:
    release = network.releases[0]
    return {
        "name": network.name,
        "title": network.title,
        "lineage": network.lineage,
        "licence": network.licence,
        "note": network.note,
        "recommended": network.recommended,
        "file": release.file,
        "size": release.size or None,
        "urls": [url for each in network.releases for url in each.urls],
    }


def _error_as_dict(name: str, path: Path, error: WeightsError) -> dict[str, str]:
    return {"name": name, "path": str(path), "code": error.code, "message": error.message, "hint": error.hint}
