"""`contact_sheet`: a grid of pictures with titles, each optionally with its style in a corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_GAP = 12
_LABEL = 26
_TEXT = 16
_INSET_FRACTION = 0.3
"""Side of the style's inset, relative to the height of the picture."""

_TEXT_COLOUR = (40, 40, 40)


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture with its title below it; ``style``, if given, is shown in a corner."""

    picture: Image.Image
    title: str
    style: Image.Image | None = None


def contact_sheet(cells: Sequence[Cell], columns: int, places: int = 0) -> Image.Image:
    """Draw the cells on white, in rows of ``columns``, each picture resized to the size of the first one.

    The sheet has room for ``places`` cells, if there are fewer.
    """
    width, height = cells[0].picture.size
    rows = -(-max(len(cells), places) // columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _LABEL) + _GAP)
    sheet = Image.new("RGB", size, "white")
    for place, cell in enumerate(cells):
        row, column = divmod(place, columns)
        _draw_cell(sheet, cell, (width, height), (_GAP + column * (width + _GAP), _GAP + row * (height + _LABEL)))
    return sheet


def _draw_cell(sheet: Image.Image, cell: Cell, size: tuple[int, int], corner: tuple[int, int]) -> None:
    left, top = corner
    sheet.paste(cell.picture.convert("RGB").resize(size, Image.Resampling.LANCZOS), corner)
    if cell.style is not None:
        side = round(_INSET_FRACTION * size[1])
        inset = Image.new("RGB", (side + 4, side + 4), "white")
        inset.paste(cell.style.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), (2, 2))
        sheet.paste(inset, (left, top + size[1] - side - 4))
    text = ImageDraw.Draw(sheet)
    text.text((left + 2, top + size[1] + 3), cell.title, fill=_TEXT_COLOUR, font=ImageFont.load_default(_TEXT))
