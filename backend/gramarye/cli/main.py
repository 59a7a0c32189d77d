"""The ``gramarye`` command: finds the subcommand, and turns errors into messages and exit statuses.

Exit statuses: 0 success, 1 internal error, 2 wrong usage, 3 input, 4 weights, 5 daemon, 6 job, 7 device,
130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
import traceback

import click

from gramarye_protocol.errors import ProtocolError

from .. import __version__
from ..errors import GramaryeError
from .daemon_option import daemon_option
from .interrupts import repeat_ignored_interrupts
from .output import Output, debug_option, print_error

_COMMANDS = {
    "stylize": "stylize:stylize",
    "variations": "variations:variations_command",
    "demo": "demo:demo",
    "serve": "serve:serve_command",
    "status": "jobs:status",
    "jobs": "jobs:jobs",
    "fetch": "jobs:fetch",
    "cancel": "jobs:cancel",
    "stop": "jobs:stop",
    "styles": "styles:styles",
    "weights": "weights:weights",
    "plugin": "plugin:plugin",
    "keys": "keys:keys",
    "doctor": "doctor:doctor",
    "diagnostics": "diagnostics:diagnostics",
}
"""Name -> module:object. Modules are imported on demand, so that the daemon loads only what it needs."""

INTERRUPTED = 130


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"gramarye.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gramarye")
@debug_option
@daemon_option
def cli() -> None:
    """Paint pictures in the style of other pictures."""


def main() -> None:
    """Run the command line and exit with its status."""
    output = Output()
    try:
        with repeat_ignored_interrupts():
            status = cli.main(prog_name="gramarye", standalone_mode=False, obj=output)
        sys.exit(status if isinstance(status, int) else 0)  # click returns the status that a command exits with
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except GramaryeError as error:
        _show_traceback(output)
        print_error(error.code, error.message, error.hint, output.as_json)
        sys.exit(error.exit_status)
    except ProtocolError as error:
        _show_traceback(output)
        print_error(error.code, error.message, error.hint, output.as_json)
        sys.exit(3)
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        sys.exit(0)
    except Exception as error:
        _show_traceback(output)
        kind = traceback.format_exception_only(error)[-1].strip()
        hint = "Please report it, with the output of gramarye --debug."
        print_error("internal-error", f"Gramarye made a mistake: {kind}", hint, output.as_json)
        sys.exit(1)


def _show_traceback(output: Output) -> None:
    if output.debug:
        traceback.print_exc()
