"""ICC profiles: whether one fits a picture, and the way from a picture's own colours to sRGB.

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
    """``profile`` where it is whole and describes the colour space of the Pillow ``mode``; else empty."""
    return profile if _open_matching(profile, mode) is not None else b""


def convert_to_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """An L, LA, CMYK or LAB picture as RGB (LA: RGBA) and the profile that it has now.

    With a fitting ``profile`` the colours are converted to sRGB, by relative colorimetric intent with
    black point compensation, and the sRGB profile comes back. CMYK and grey without one are converted
    plainly and have no profile; LAB needs none, being CIE L*a*b* of D50 already.
    """
    source = _open_matching(profile, image.mode)
    if source is None and image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    plain = "RGBA" if image.mode == "LA" else "RGB"
    if source is None:
        return image.convert(plain), b""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    colours = image.convert("L") if image.mode == "LA" else image  # profiles know no alpha
    try:
        converted = ImageCms.profileToProfile(
            colours,
            source,
            srgb,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:  # it opens, but holds no usable curves or tables
        return image.convert(plain), b""
    assert converted is not None  # None only where it works in place
    if image.mode == "LA":
        converted.putalpha(image.getchannel("A"))
    return converted, srgb.tobytes()


def _open_matching(profile: bytes, mode: str) -> ImageCms.ImageCmsProfile | None:
    if len(profile) < 128 or int.from_bytes(profile[:4], "big") > len(profile):
        return None  # lcms opens a cut profile without a word
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
    except OSError:
        return None
    return opened if opened.profile.xcolor_space.strip() == _SPACE_OF_MODE.get(mode) else None
