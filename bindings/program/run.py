#!/usr/bin/env python3
"""Runs a program (see make.py) through the 1:1 layer of Python: run.py PROGRAM > transcript"""

import ctypes
import json
import pathlib
import sys
from typing import Any, Dict, List, Tuple

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python")]
from remit import _abi as abi  # noqa: E402
from words import encode  # noqa: E402


class Text:
    """A cursor over one step."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, stop: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stop:
            self.at += 1
        return self.text[start : self.at]

    def value(self) -> Any:
        first = self.peek()
        if first == "{":
            return dict(self.inside("}", self.named))
        if first == "[":
            return self.inside("]", self.value)
        word = self.take(" ,]}")
        if word == "-":
            return None
        if first == "~":
            return decode(word[1:])
        if first == "@":
            return Reference(word)
        return word if word in ("keep", "hide", "null") else int(word)

    def inside(self, end: str, one: Any) -> List[Any]:
        self.at += 1
        out = []
        while self.peek() != end:
            out.append(one())
            if self.peek() == ",":
                self.at += 1
        self.at += 1
        return out

    def named(self) -> Tuple[str, Any]:
        name = self.take("=")
        self.at += 1
        return name, self.value()


def decode(word: str) -> bytes:
    first, *others = word.encode().split(b"%")
    return first + b"".join(bytes([int(part[:2], 16)]) + part[2:] for part in others)


class Reference:
    def __init__(self, word: str) -> None:
        number, self.path = word[1:].split(".", 1)
        self.step = int(number)


class Interpreter:
    def __init__(self, described: Dict[str, Any]) -> None:
        self.functions = described["functions"]
        self.structs = described["structs"]
        self.library = abi.library()
        self.kept: Dict[Tuple[int, str], Any] = {}
        self.memory: List[Any] = []

    # ---- inputs ----------------------------------------------------------------------------------------------

    def resolve(self, value: Any, role: str) -> Any:
        if not isinstance(value, Reference):
            return value
        got = self.kept.get((value.step, value.path))
        if role in ("text", "bytes"):
            if isinstance(got, ctypes.c_void_p):
                return self.blob(got.value)
            return got if isinstance(got, bytes) else b""
        if isinstance(got, ctypes.c_void_p):
            return got.value
        return got if got is not None else (None if role == "handle" else 0)

    def structure(self, name: str, given: Dict[str, Any]) -> Any:
        made = python_struct(name)()
        for field, about in self.structs[name]["fields"].items():
            if about["role"] == "struct_size":
                setattr(made, field, ctypes.sizeof(made))
            elif about["role"] != "length" and field in given:
                for part, value in self.parts(field, about, given[field]).items():
                    setattr(made, part, value)
        return made

    def parts(self, name: str, about: Dict[str, Any], value: Any) -> Dict[str, Any]:
        """An input as ctypes takes it, with its length if it has one."""
        role, length = about["role"], about.get("length")
        value = self.resolve(value, role)
        if role == "scalar":
            return {name: value or 0}
        if role == "async":
            return {name: ctypes.pointer(self.structure("remit_async", value)) if value is not None else None}
        if role == "struct":
            return {name: ctypes.pointer(self.structure(about["of"], value)) if value is not None else None}
        if role == "structs":
            one = python_struct(about["of"])
            many = (
                None if value is None else (one * max(len(value), 1))(*[self.structure(about["of"], v) for v in value])
            )
            self.memory.append(many)
            return {name: ctypes.cast(many, ctypes.POINTER(one)) if many else None, str(length): len(value or ())}
        if length:
            return {name: value, str(length): len(value or b"")}
        return {name: value}

    # ---- outputs ---------------------------------------------------------------------------------------------

    def blob(self, handle: Any) -> bytes:
        return ctypes.string_at(self.library.blob_data(handle), self.library.blob_len(handle))

    def shown_struct(self, step: int, path: str, name: str, made: Any) -> str:
        out = []
        for field, about in self.structs[name]["fields"].items():
            if about["role"] in ("struct_size", "length"):
                continue
            value = getattr(made, field)
            if about["role"] == "value":
                out.append(f"{field}={self.shown_struct(step, f'{path}.{field}', about['of'], value)}")
                self.kept[step, f"{path}.{field}"] = value.text
                continue
            if about["role"] == "text" and about.get("length"):
                value = None if value is None else ctypes.string_at(value, getattr(made, about["length"]))
            self.kept[step, f"{path}.{field}"] = value
            if about["role"] == "handle":
                out.append(f"{field}={'handle' if value else 'null'}")
            else:
                out.append(f"{field}={'null' if value is None else encode(value)}")
        return "{" + ",".join(out) + "}"

    def output(self, step: int, about: Dict[str, Any], how: str, made: Any, count: int) -> str:
        name, role = about["name"], about["role"]
        if role == "out_scalar":
            self.kept[step, name] = made.value
            shown = str(made.value)
        elif role == "out_id":
            self.kept[step, name] = made.text
            shown = self.shown_struct(step, name, about["of"], made)
        elif role == "out_structs":
            shown = (
                "[" + ",".join(self.shown_struct(step, f"{name}.{i}", about["of"], made[i]) for i in range(count)) + "]"
            )
            self.kept.update({(step, f"{name}.{i}.id"): made[i].id.text for i in range(count)})
        elif about["of"] == "remit_blob":
            shown = encode(self.blob(made.value)) if made.value else "null"
            if how == "keep":
                self.kept[step, name] = made
            else:
                self.library.blob_free(made.value)
        else:
            self.kept[step, name] = made
            shown = "handle" if made.value else "null"
        return f" {name}={'*' if how == 'hide' else shown}"

    def error(self, step: int, how: str, made: Any) -> str:
        if not made.value:
            return ""
        if how == "keep":
            self.kept[step, "out_error"] = made
        status = self.library.status_name(self.library.error_status(made.value)).decode()
        text = "*" if how == "hide" else encode(self.library.error_text(made.value))
        shown = f" error={{status={status},field={encode(self.library.error_field(made.value))},text={text}}}"
        if how != "keep":
            self.library.error_free(made.value)
        return shown

    def result(self, step: int, function: Dict[str, Any], got: Any) -> str:
        returns = function["returns"]
        if function["codes"]:
            return str(self.library.status_name(got).decode())
        if returns == "void":
            return "-"
        if returns == "const char *":
            got = got if isinstance(got, bytes) or got is None else ctypes.string_at(got)
            return "null" if got is None else encode(got)
        name = returns.replace("const ", "").rstrip(" *")
        if name in self.structs:
            return self.shown_struct(step, "return", name, got.contents) if got else "null"
        if "*" in returns:
            self.kept[step, "return"] = ctypes.c_void_p(got)
            return "handle" if got else "null"
        self.kept[step, "return"] = got
        return str(got)

    # ---- one step --------------------------------------------------------------------------------------------

    def step(self, line: str) -> str:
        number, name, *words = line.split(" ")
        step, function = int(number), self.functions[name]
        given = dict(Text(word).named() for word in words)
        arguments: Dict[str, Any] = {}
        outputs: List[Tuple[Dict[str, Any], str, Any]] = []
        for about in function["parameters"]:
            role, what = about["role"], about["name"]
            if role == "error" or role.startswith("out_"):
                how = given.get(what, "usual")
                made = make_output(about, arguments)
                arguments[what] = None if how == "null" else made if role == "out_structs" else ctypes.byref(made)
                outputs.append((about, how, made))
            elif role != "length":
                arguments.update(self.parts(what, about, given[what]))
        ordered = [arguments[about["name"]] for about in function["parameters"]]
        got = getattr(self.library, name[len("remit_") :])(*ordered)
        line = f"{number} {name} {self.result(step, function, got)}"
        left_alone = got == 0 and bool(function["codes"]) and arguments.get("async") is not None
        for about, how, made in outputs:
            if about["role"] == "error":
                line += self.error(step, how, made)
            elif how != "null" and not left_alone:
                count = arguments.get(about.get("length", ""), 0)
                line += self.output(step, about, how, made, count)
        self.memory.clear()
        return line


def python_struct(name: str) -> Any:
    return getattr(abi, "".join(part.capitalize() for part in name[len("remit_") :].split("_")))


def make_output(about: Dict[str, Any], arguments: Dict[str, Any]) -> Any:
    if about["role"] == "out_structs":
        return (python_struct(about["of"]) * max(arguments[about["length"]], 1))()
    if about["role"] in ("out_id", "out_struct"):
        return python_struct(about["of"])()
    if about["role"] in ("out_handle", "error"):
        return ctypes.c_void_p()
    kind = about["type"].rstrip(" *")
    return {"int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t}.get(
        kind, ctypes.c_int32
    )()


def main(program: str) -> None:
    interpreter = Interpreter(json.loads((HERE.parent / "abi.json").read_text(encoding="utf-8")))
    for line in pathlib.Path(program).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            print(interpreter.step(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
