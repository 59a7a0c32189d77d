"""Regions, mixed styles, continuing a painting, and the error messages for invalid arguments."""

from __future__ import annotations

from typing import Any, Dict, List

from gi.repository import Gegl, Gimp, Gio

from .inside import HEIGHT, WIDTH, error_message, filled_layer, new_image, new_layer, paint, pattern, read, write

SRGB_RGBA = "R'G'B'A u8"
REGION = '[{"layer": "%s", "style": "%s", "weight": %s}]'
STRONG = {"strength": 100, "recipe": '{"steps": 16, "sketch": 0, "scales": 1, "recolour": false}'}
RED, BLUE = (220, 20, 20), (20, 20, 220)


def run(folder: str) -> Any:
    """Return the results by name; pictures are written to ``folder``."""
    red, blue = _grainy_picture(folder, "red", RED), _grainy_picture(folder, "blue", BLUE)
    return {
        "regions": _regions(red, blue),
        "group": _group(red),
        "masks": _masks(red),
        "several": _several(),
        "blending": _blending(),
        "mix": _mix(red, blue),
        "go on": _continue_last(),
        "complaints": _error_messages(),
    }


def _regions(red: str, blue: str) -> Dict[str, Any]:
    """Another layer covers the left half: mean colours of both halves, and whether the rest is unchanged."""
    image = new_image()
    layer = filled_layer(image)
    layer.set_offsets(4, 6)
    half = _half(image, WIDTH // 2 + 2)
    half.set_visible(False)
    half.set_offsets(2, 0)
    region = REGION % ("half", red, 1)
    alone = paint(image, [layer], style="swirls", regions=region, keep_rest=True, **STRONG)
    both = paint(image, [layer], second_style=blue, mix=100, style="swirls", regions=region, **STRONG)
    by_number = paint(image, [layer], regions=REGION % (half.get_id(), red, 2), keep_rest=True, **STRONG)
    return {
        "rest is the layer": _half_pixels(alone, right=True) == _half_pixels(layer, right=True),
        "changed": sum(abs(a - b) for a, b in zip(_half_pixels(alone), _half_pixels(layer))) / len(_half_pixels(layer)),
        "left": _mean(_half_pixels(both)),
        "right": _mean(_half_pixels(both, right=True)),
        "by number": _half_pixels(by_number, right=True) == _half_pixels(layer, right=True),
        "title": both.get_name(),
    }


def _group(red: str) -> Dict[str, Any]:
    """Paint the region of a group that has a layer whose mask hides the upper half."""
    image = new_image()
    layer = filled_layer(image)
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    member = new_layer(image, name="member", parent=group)
    write(member, SRGB_RGBA, bytes((0, 0, 0, 255)) * (WIDTH * HEIGHT))
    mask = member.create_mask(Gimp.AddMaskType.WHITE)
    member.add_mask(mask)
    shown = bytes(WIDTH * (HEIGHT // 2)) + b"\xff" * (WIDTH * (HEIGHT - HEIGHT // 2))
    write(mask, "Y u8", shown)
    images = len(Gimp.get_images())
    painted = read(paint(image, [layer], regions=REGION % ("group", red, 1), keep_rest=True, **STRONG), SRGB_RGBA)
    upper = 4 * WIDTH * (HEIGHT // 2)
    return {
        "hidden half is the layer": painted[:upper] == pattern()[:upper],
        "shown half differs": painted[upper:] != pattern()[upper:],
        "images left": len(Gimp.get_images()) - images,
    }


def _several() -> Dict[str, Any]:
    """Paint two layers and a group in one call."""
    image = new_image()
    first, second = filled_layer(image, name="first"), filled_layer(image, name="second")
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    filled_layer(image, name="member", parent=group)
    last = paint(image, [first, second, group], style="swirls", strength=60, recipe='{"steps": 2, "sketch": 0}')
    names = [layer.get_name() for layer in image.get_layers()]
    return {"layers": names, "last": last.get_name(), "size": [last.get_width(), last.get_height()]}


def _blending() -> List[Any]:
    """Paint a half transparent layer in the mode Multiply, and keep both."""
    image = new_image()
    layer = filled_layer(image)
    layer.set_opacity(40.0)
    layer.set_mode(Gimp.LayerMode.MULTIPLY)
    recipe = '{"steps": 1, "sketch": 0}'
    plain = paint(image, [layer], style="swirls", recipe=recipe)
    kept = paint(image, [layer], style="swirls", recipe=recipe, keep_blending=True)
    return [[round(each.get_opacity()), each.get_mode() == Gimp.LayerMode.MULTIPLY] for each in (plain, kept)]


def _masks(red: str) -> Dict[str, Any]:
    """Paint regions from the selection, a channel and a layer mask, each of which covers the upper half."""
    half = WIDTH * (HEIGHT // 2)
    image = new_image()
    layer = filled_layer(image)
    shown = b"\xff" * half + bytes(WIDTH * HEIGHT - half)
    channel = Gimp.Channel.new(image, "hair", 80, 60, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, WIDTH, HEIGHT // 2)
    channel.edit_fill(Gimp.FillType.WHITE)
    masked = filled_layer(image, name="masked")
    masked.set_visible(False)
    mask = masked.create_mask(Gimp.AddMaskType.WHITE)
    masked.add_mask(mask)
    write(mask, "Y u8", shown)
    found = {}
    for key, name in (("selection", "true"), ("channel", '"hair"'), ("mask", '"masked"')):
        if key != "selection":
            Gimp.Selection.none(image)
        text = f'[{{"{key}": {name}, "style": "{red}"}}]'
        painted = read(paint(image, [layer], regions=text, keep_rest=True, **STRONG), SRGB_RGBA)
        found[key] = [painted[: 4 * half] != pattern()[: 4 * half], painted[4 * half :] == pattern()[4 * half :]]
    return found


def _mix(red: str, blue: str) -> Dict[str, Any]:
    image = new_image()
    layer = filled_layer(image)
    found = {}
    for percent in (0, 50, 100):
        painted = paint(image, [layer], style_file=_file(red), second_style=blue, mix=percent, **STRONG)
        found[str(percent)] = {"title": painted.get_name(), "mean": _mean(read(painted, SRGB_RGBA))}
    return found


def _continue_last() -> Dict[str, Any]:
    image = new_image()
    layer = filled_layer(image)
    paint(image, [layer], style="swirls", continues="last", recipe='{"steps": 24, "sketch": 4}')
    paint(image, [layer], style="swirls", continues="last", strength=70, recipe='{"steps": 24, "sketch": 4}')
    note = layer.get_parasite("gramarye-last-job")
    before = bytes(note.get_data()).decode()
    paint(image, [layer], style="swirls", continues="no-such-job", recipe='{"steps": 2, "sketch": 0}')
    return {"job": before, "persistent": note.is_persistent(), "undo": note.is_undoable()}


def _error_messages() -> Dict[str, str]:
    image = new_image()
    layer = filled_layer(image)
    new_layer(image, name="bare")
    bad_regions = {
        "missing": REGION % ("nowhere", "swirls", 1),
        "empty": REGION % ("bare", "swirls", 1),
        "nothing selected": '[{"selection": true, "style": "swirls"}]',
        "no channel": '[{"channel": "hair", "style": "swirls"}]',
        "no mask": '[{"mask": "layer", "style": "swirls"}]',
        "style": REGION % ("layer", "no-such-style", 1),
        "file": REGION % ("layer", "/nowhere/none.png", 1),
        "weight": REGION % ("layer", "swirls", 0),
        "no JSON": "sky",
    }
    found = {what: error_message(image, [layer], style="swirls", regions=text) for what, text in bad_regions.items()}
    found["second"] = error_message(image, [layer], style="swirls", second_style="no-such-style")
    return found


def _half(image: Any, width: int) -> Any:
    layer = Gimp.Layer.new(image, "half", width, 60, Gimp.ImageType.RGB_IMAGE, 30.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    return layer


def _half_pixels(layer: Any, right: bool = False) -> bytes:
    pixels, middle, stride = read(layer, SRGB_RGBA), 4 * (WIDTH // 2), 4 * WIDTH
    rows = [pixels[row * stride : (row + 1) * stride] for row in range(HEIGHT)]
    return b"".join(row[middle:] if right else row[:middle] for row in rows)


def _mean(pixels: bytes) -> List[float]:
    return [sum(pixels[part::4]) / len(pixels[part::4]) for part in range(3)]


def _grainy_picture(folder: str, name: str, colour: Any) -> str:
    """Save a grainy picture of one colour; return its path."""
    image = new_image()
    layer = filled_layer(image, has_alpha=False, name=name)
    grain = b"".join(bytes(min(255, part + (place * 37) % 30) for part in colour) for place in range(WIDTH * HEIGHT))
    write(layer, "R'G'B' u8", grain)
    path = f"{folder}/{name} paper.png"
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, _file(path), None)
    image.delete()
    return path


def _file(path: str) -> Any:
    return Gio.File.new_for_path(path)
