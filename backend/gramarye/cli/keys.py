"""``gramarye keys``: who may come from other machines."""

from __future__ import annotations

from pathlib import Path

import click

from ..access.curve import KeyFolder
from ..access.passes import new_pass, write_pass
from ..errors import InputError
from ..files.paths import keys_dir
from .output import json_option, print_json


@click.group()
def keys() -> None:
    """Let clients on other machines in, and shut them out."""


@keys.command("add")
@click.argument("name")
@click.option("--address", required=True, help="Where the client finds this daemon: tcp://HOST:PORT.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The pass: the file to write.")
def add(name: str, address: str, output: Path) -> None:
    """Make keys for a client and write its pass.

    Whoever has the pass can paint with this daemon, see its jobs, and stop it. Move it to the other machine by scp,
    and keep no copy: its secret is nowhere else.
    """
    folder = KeyFolder(keys_dir())
    daemon = folder.daemon_pair()
    if output.exists():
        raise InputError("pass-exists", f"{output} is there already.", "Name another file, or delete that one.")
    pair = folder.add(name)
    try:
        write_pass(new_pass(address, daemon, pair), output)
    except BaseException as error:
        folder.remove(name)  # nobody has its secret
        if isinstance(error, OSError):
            raise InputError("pass-failed", f"{output} cannot be written: {error}.", "Name another place.") from None
        raise
    click.echo(str(output))


@keys.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """Name the clients that may come."""
    clients = list(KeyFolder(keys_dir()).clients())
    if as_json:
        print_json([{"name": client.name, "public": client.public} for client in clients])
        return
    for client in clients:
        click.echo(f"{client.name}  {client.public}")


@keys.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Shut a client out: at once, also where it is connected."""
    KeyFolder(keys_dir()).remove(name)
    click.echo(f"{name}: shut out")
