"""Checks of ICC profiles, and conversion of Pillow images to sRGB.

Source of the header fields: ICC.1:2022, section 7.2 (profile size, data colour space).
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms

_SPACE_OF_MODE = {
    "L": "GRAY",
    "LA": "GRAY",
    "I;16": "GRAY",
    "F": "GRAY",
    "RGB": "RGB",
    "RGBA": "RGB",
    "CMYK": "CMYK",
    "LAB": "Lab",
}


def matching_profile(profile: bytes, mode: str) -> bytes:
    """Return ``profile`` if it is complete and its colour space is that of the Pillow ``mode``, else empty bytes."""
    return profile if _open_matching(profile, mode) is not None else b""


def convert_to_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """Return an L, LA, CMYK or LAB image as RGB (LA: RGBA), and its new profile.

    With a matching ``profile`` the colours are converted to sRGB (relative colorimetric intent, black point
    compensation) and the sRGB profile is returned. Without one, CMYK and grey are converted by Pillow's formula and
    the profile is empty. LAB needs no profile: it is CIE L*a*b* under D50.
    """
    source = _open_matching(profile, image.mode)
    if source is None and image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    plain = "RGBA" if image.mode == "LA" else "RGB"
    if source is None:
        return image.convert(plain), b""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    colours = image.convert("L") if image.mode == "LA" else image  # profiles do not cover alpha
    try:
        converted = ImageCms.profileToProfile(
            colours,
            source,
            srgb,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:  # the profile opens but has no usable curves or tables
        return image.convert(plain), b""
    assert converted is not None  # None only if converted in place
    if image.mode == "LA":
        converted.putalpha(image.getchannel("A"))
    return converted, srgb.tobytes()


def _open_matching(profile: bytes, mode: str) -> ImageCms.ImageCmsProfile | None:
    if len(profile) < 128 or int.from_bytes(profile[:4], "big") > len(profile):
        return None  # LittleCMS opens truncated profiles without an error
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
    except OSError:
        return None
    return opened if opened.profile.xcolor_space.strip() == _SPACE_OF_MODE.get(mode) else None
