"""How values are written in programs and transcripts; make.py has the form."""

from typing import Any


class Word:
    """Written as it is: a reference to an output, or keep, hide, null."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def plain(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or chr(byte) in '_.:/"-'


def encode(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return "~" + "".join(chr(b) if plain(b) else f"%{b:02X}" for b in value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}={encode(v)}" for name, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encode(v) for v in value) + "]"
    return str(value)


KEEP, HIDE, NULL = Word("keep"), Word("hide"), Word("null")
