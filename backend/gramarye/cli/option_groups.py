"""Help of the commands that paint, with their options under headings."""

from __future__ import annotations

import click

SECTIONS = {
    "Styles": ("styles", "regions", "mix", "sliders", "blend"),
    "Output": ("output", "size", "save_every", "as_json"),
    "Colours": ("colour", "colour_space", "colour_match"),
    "Forms and strokes": (
        "content_weight",
        "style_weight",
        "tv_weight",
        "laplacian_weight",
        "histogram_weight",
        "statistic",
        "stroke_sizes",
        "any_direction",
        "style_fit",
    ),
    "Starting picture": ("continues", "start", "init", "init_noise", "recolour", "sketch", "seed"),
    "Network and optimisation": (
        "preset",
        "network",
        "steps",
        "scales",
        "optimiser",
        "learning_rate",
        "history",
        "precision",
        "clamp",
        "margin",
    ),
    "Layers and statistics": ("content_layers", "style_layers", "style_layer_weights", "normalisation", "centre"),
}
"""Heading -> names of its options, in the order of the help. All others are listed under "Options"."""


class SectionedCommand(click.Command):
    """Command whose help lists each option under its heading in `SECTIONS`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options to the help; overrides click's method."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = {option.name: record for option in options if (record := option.get_help_record(ctx))}
        for heading, names in SECTIONS.items():
            _write(formatter, heading, [records.pop(name) for name in names if name in records])
        _write(formatter, "Options", list(records.values()))


def _write(formatter: click.HelpFormatter, heading: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows)
