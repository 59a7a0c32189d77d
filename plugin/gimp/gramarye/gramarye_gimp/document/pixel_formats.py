"""Map GIMP's pixel formats to the protocol's: layout, depth and ICC profile."""

from __future__ import annotations

from typing import Any, NamedTuple

from gi.repository import Babl, Gimp

_DEPTHS = {"u8": ("u8", "u8"), "u16": ("u16", "u16"), "half": ("half", "f16"), "float": ("float", "f32")}
"""Component type in Babl -> (type in Babl, depth in the protocol) to transfer it without loss."""

_FALLBACK_DEPTH = ("float", "f32")
"""For all other types: u32 and double."""

_LAYOUTS = {1: "GRAY", 2: "GRAYA", 3: "RGB", 4: "RGBA"}
"""Number of components -> layout."""


class PixelFormat(NamedTuple):
    """The format in which a layer's pixels are read and written, and its layout and depth in the protocol."""

    name: str
    """Babl's name, including the colour space, so that the buffer converts no colours."""
    layout: str
    depth: str


def wire_format(drawable: Any, with_alpha: bool) -> PixelFormat:
    """Return the drawable's own encoding and colour space, in the nearest depth of the protocol.

    ``with_alpha`` adds an alpha channel if there is none.
    """
    own = drawable.get_format()
    model, kind = Babl.format_get_encoding(own).split(" ", 1)
    if with_alpha and not Babl.format_has_alpha(own):
        model += "A"
    kind, depth = _DEPTHS.get(kind, _FALLBACK_DEPTH)
    found = Babl.format_with_space(f"{model} {kind}", Babl.format_get_space(own))
    return PixelFormat(Babl.get_name(found), _LAYOUTS[Babl.format_get_n_components(found)], depth)


def read_icc_profile(image: Any, drawable: Any) -> bytes:
    """Return the ICC profile of the drawable's values; empty for sRGB.

    In a linear image the values are linear, whatever the image's profile; in a perceptual image they have sRGB's
    transfer curve.
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
    """Return GIMP's image type for a layout."""
    return {
        "GRAY": Gimp.ImageType.GRAY_IMAGE,
        "GRAYA": Gimp.ImageType.GRAYA_IMAGE,
        "RGB": Gimp.ImageType.RGB_IMAGE,
        "RGBA": Gimp.ImageType.RGBA_IMAGE,
    }[layout]
