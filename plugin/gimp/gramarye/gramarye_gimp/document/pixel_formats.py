"""Between GIMP's pixel formats and the protocol's: names, depths, and the profile that the numbers are meant in."""

from __future__ import annotations

from typing import Any, NamedTuple

from gi.repository import Babl, Gimp

_DEPTHS = {"u8": ("u8", "u8"), "u16": ("u16", "u16"), "half": ("half", "f16"), "float": ("float", "f32")}
"""Of GIMP's types, those that travel as they are: Babl's name and the protocol's."""

_FALLBACK_DEPTH = ("float", "f32")
"""How all others travel: u32 and double."""

_LAYOUTS = {1: "GRAY", 2: "GRAYA", 3: "RGB", 4: "RGBA"}
"""By the number of components."""


class PixelFormat(NamedTuple):
    """How a layer's pixels are read and written, and what they are called on the wire."""

    name: str
    """Babl's name with its colour space, which a buffer reads and writes without conversion."""
    layout: str
    depth: str


def wire_format(drawable: Any, with_alpha: bool) -> PixelFormat:
    """The drawable's own encoding and colour space, in the nearest depth that the protocol has.

    ``with_alpha`` adds alpha where it has none.
    """
    own = drawable.get_format()
    model, kind = Babl.format_get_encoding(own).split(" ", 1)
    if with_alpha and not Babl.format_has_alpha(own):
        model += "A"
    kind, depth = _DEPTHS.get(kind, _FALLBACK_DEPTH)
    found = Babl.format_with_space(f"{model} {kind}", Babl.format_get_space(own))
    return PixelFormat(Babl.get_name(found), _LAYOUTS[Babl.format_get_n_components(found)], depth)


def read_icc_profile(image: Any, drawable: Any) -> bytes:
    """The ICC profile that the drawable's numbers are meant in; empty for sRGB.

    In a linear image they are linear whatever the image's profile says, in a perceptual one sRGB's curve is theirs.
    """
    model = Babl.format_get_encoding(drawable.get_format()).split(" ", 1)[0]
    own = image.get_color_profile()
    is_linear = "'" not in model and "~" not in model
    if own is None and not is_linear:
        return b""
    profile = image.get_effective_color_profile() if own is None else own
    if is_linear:
        profile = profile.new_linear_from_color_profile() or profile
    elif "~" in model:
        profile = profile.new_srgb_trc_from_color_profile() or profile
    return bytes(profile.get_icc_profile())


def layer_type(layout: str) -> Any:
    """GIMP's type of a layer with this layout."""
    return {
        "GRAY": Gimp.ImageType.GRAY_IMAGE,
        "GRAYA": Gimp.ImageType.GRAYA_IMAGE,
        "RGB": Gimp.ImageType.RGB_IMAGE,
        "RGBA": Gimp.ImageType.RGBA_IMAGE,
    }[layout]
