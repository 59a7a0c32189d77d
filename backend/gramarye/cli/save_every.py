"""``--save-every``: writes iterates next to the output while the job runs."""

from __future__ import annotations

from pathlib import Path

import click

from gramarye_protocol.messages import Done, Event, Preview

from ..image_files import write_picture
from .output import print_json

_MAX_LISTED_STEPS = 8


class IterateSaver:
    """Writes iterates as ``OUT-000100.png``; ``every`` is the number of steps between them, 0 for none."""

    def __init__(self, output: Path, every: int, as_json: bool) -> None:
        self._output = output
        self._every = every
        self._as_json = as_json
        self._saved: set[int] = set()

    def save(self, preview: Preview) -> None:
        """Write one iterate. Errors: those of `image_files.write_picture`."""
        path = self._output.with_name(f"{self._output.stem}-{preview.step:06d}{self._output.suffix}")
        write_picture(preview.pixels, path)
        self._saved.add(preview.step)
        if self._as_json:
            print_json({"event": "saved", "step": preview.step, "output": str(path)})

    def report_skipped(self, ending: Event) -> None:
        """Report the iterates that never arrived: the daemon drops previews that are not read in time."""
        if not self._every or not isinstance(ending, Done):
            return
        skipped = [step for step in range(self._every, ending.steps + 1, self._every) if step not in self._saved]
        if not skipped:
            return
        if self._as_json:
            print_json({"event": "skipped", "steps": skipped})
        shown = ", ".join(map(str, skipped[:_MAX_LISTED_STEPS])) + (", ..." if len(skipped) > _MAX_LISTED_STEPS else "")
        click.echo(f"painting was faster than writing; these steps were not saved: {shown}", err=True)
