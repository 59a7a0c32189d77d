"""``gramarye keys``: controls which clients on other machines may use the daemon."""

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
    """Grant or revoke the access of clients on other machines."""


@keys.command("add")
@click.argument("name")
@click.option("--address", required=True, help="Address at which the client reaches this daemon: tcp://HOST:PORT.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="File to write the pass to.")
def add(name: str, address: str, output: Path) -> None:
    """Make keys for a client and write its pass.

    Anyone who has the pass can paint with this daemon, see its jobs, and stop it. Move it to the other machine by scp,
    and keep no copy: its secret is stored nowhere else.
    """
    folder = KeyFolder(keys_dir())
    daemon = folder.daemon_pair()
    if output.exists():
        raise InputError("pass-exists", f"{output} already exists.", "Choose another file, or delete this one.")
    pair = folder.add(name)
    try:
        write_pass(new_pass(address, daemon, pair), output)
    except BaseException as error:
        folder.remove(name)  # its secret is lost
        if isinstance(error, OSError):
            raise InputError("pass-failed", f"{output} cannot be written: {error}.", "Choose another file.") from None
        raise
    click.echo(str(output))


@keys.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the clients that have access."""
    clients = list(KeyFolder(keys_dir()).clients())
    if as_json:
        print_json([{"name": client.name, "public": client.public} for client in clients])
        return
    for client in clients:
        click.echo(f"{client.name}  {client.public}")


@keys.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Revoke a client's access at once, even while it is connected."""
    KeyFolder(keys_dir()).remove(name)
    click.echo(f"{name}: access revoked")
