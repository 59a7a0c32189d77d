"""Dataclasses to JSON and back; pixels and profiles travel as separate payload frames (SPEC, "Body").

Decoding checks every known field strictly and ignores unknown fields, so that a newer peer can add some.
"""

from __future__ import annotations

import json
import math
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Dict, List, NoReturn, Sequence, Tuple, Type, TypeVar, Union, get_type_hints

from .errors import malformed
from .pixels import Buffer, PixelBuffer

T = TypeVar("T")


def encode(value: Any, payloads: List[Buffer]) -> Any:
    """Return ``value`` as data for JSON; append pixel and profile bytes to ``payloads``."""
    if isinstance(value, PixelBuffer):
        return _encode_pixels(value, payloads)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name), payloads) for f in fields(value)}
    if isinstance(value, (list, tuple)):
        return [encode(item, payloads) for item in value]
    if isinstance(value, dict):
        return {key: encode(item, payloads) for key, item in value.items()}
    return value


def decode(kind: Type[T], data: Any, payloads: Sequence[Buffer], where: str) -> T:
    """Return an instance of the dataclass ``kind`` from JSON data; ``where`` names the data in errors.

    Errors: ``message-malformed`` for a missing or wrongly typed field, and those of `PixelBuffer`.
    """
    value: T = _decode(kind, data, payloads, where)
    return value


def parse_json(frame: Buffer, where: str) -> Dict[str, Any]:
    """Parse one JSON object (RFC 8259: no NaN, no infinities). Errors: ``message-malformed``."""
    try:
        value = json.loads(bytes(frame).decode("utf-8"), parse_constant=_refuse_constant, parse_float=_parse_finite)
    except (ValueError, RecursionError) as error:
        raise malformed(f"The {where} is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise malformed(f"The {where} is not a JSON object.")
    return value


def dump_json(value: Dict[str, Any]) -> bytes:
    """Return ``value`` as compact ASCII JSON."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _parse_finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):  # 1e999
        raise ValueError(f"{number} is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _encode_pixels(pixels: PixelBuffer, payloads: List[Buffer]) -> Dict[str, Any]:
    body: Dict[str, Any] = {
        "width": pixels.width,
        "height": pixels.height,
        "layout": pixels.layout,
        "depth": pixels.depth,
        "offset": list(pixels.offset),
        "data": len(payloads),
    }
    payloads.append(pixels.data)
    if pixels.profile:
        body["profile"] = len(payloads)
        payloads.append(pixels.profile)
    return body


def _decode(kind: Any, data: Any, payloads: Sequence[Buffer], where: str) -> Any:
    if kind is Any:
        return data
    if kind is PixelBuffer:
        return _decode_pixels(data, payloads, where)
    if is_dataclass(kind):
        return _decode_dataclass(kind, data, payloads, where)
    origin, arguments = getattr(kind, "__origin__", None), getattr(kind, "__args__", ())
    if origin is Union:  # Optional[X]
        inner = next(a for a in arguments if a is not type(None))
        return None if data is None else _decode(inner, data, payloads, where)
    if origin in (tuple, list):
        return _decode_sequence(arguments, data, payloads, where)
    if origin is dict:
        return _expect(dict, data, where)
    return _decode_scalar(kind, data, where)


def _decode_dataclass(kind: Any, data: Any, payloads: Sequence[Buffer], where: str) -> Any:
    _expect(dict, data, where)
    hints = get_type_hints(kind)
    values: Dict[str, Any] = {}
    for field in fields(kind):
        field_path = f"{where}.{field.name}"
        if field.name in data:
            values[field.name] = _decode(hints[field.name], data[field.name], payloads, field_path)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise malformed(f"{field_path} is missing.")
    return kind(**values)


def _decode_pixels(data: Any, payloads: Sequence[Buffer], where: str) -> PixelBuffer:
    _expect(dict, data, where)
    offset = _decode_sequence((int, int), data.get("offset", [0, 0]), payloads, f"{where}.offset")
    profile = data.get("profile")
    return PixelBuffer(
        width=_decode_scalar(int, data.get("width"), f"{where}.width"),
        height=_decode_scalar(int, data.get("height"), f"{where}.height"),
        layout=_decode_scalar(str, data.get("layout"), f"{where}.layout"),
        depth=_decode_scalar(str, data.get("depth"), f"{where}.depth"),
        data=_payload(data.get("data"), payloads, f"{where}.data"),
        profile=b"" if profile is None else bytes(_payload(profile, payloads, f"{where}.profile")),
        offset=offset,
    )


def _payload(index: Any, payloads: Sequence[Buffer], where: str) -> Buffer:
    number: int = _decode_scalar(int, index, where)
    if not 0 <= number < len(payloads):
        raise malformed(f"{where} refers to payload {number}, but the message has {len(payloads)}.")
    return payloads[number]


def _decode_sequence(arguments: Tuple[Any, ...], data: Any, payloads: Sequence[Buffer], where: str) -> Any:
    _expect(list, data, where)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], item, payloads, f"{where}[{i}]") for i, item in enumerate(data))
    if len(data) != len(arguments):
        raise malformed(f"{where} must have {len(arguments)} items, got {len(data)}.")
    return tuple(_decode(kind, item, payloads, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(arguments, data)))


def _decode_scalar(kind: Any, data: Any, where: str) -> Any:
    if kind is float and type(data) is int:
        data = float(data) if abs(data) < 1 << 53 else data
    if type(data) is not kind:  # bool is not accepted as int
        raise malformed(f"{where} must be {kind.__name__}, got {_type_name(data)}.")
    if kind is float and not math.isfinite(data):  # JSON's 1e999
        raise malformed(f"{where} is not a finite number.")
    if kind is str and not _is_encodable(data):
        raise malformed(f"{where} is not Unicode text.")
    return data


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON escapes can contain
        return False
    return True


def _expect(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, kind):
        raise malformed(f"{where} must be {kind.__name__}, got {_type_name(data)}.")
    return data


def _type_name(data: Any) -> str:
    return "nothing" if data is None else type(data).__name__
