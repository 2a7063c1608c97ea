"""Reads the C ABI out of include/remit/*.h into a plain model, for everything that is generated from it.

The headers keep a strict form (remit/base.h has the law, tests/abi/slots.py checks the slots of each comment and lends
its patterns here), so that a few patterns read all of them. Whatever does not fit the form is an error, not a guess.
Offsets and sizes are those of LP64; tests/tidy compares them with what a compiler says.

    abi.read(folder) -> Model

Model       version, statuses, classes, constants, enums, handles, structs, functions; the last five keep the order of
            the headers, each carries `header` ("payouts.h") and `doc` (its comment without the slots).
Parameter   role  handle     `of` is the handle's type
                  text       const char *, `length` names the size_t behind it
                  bytes      const uint8_t * or const void *, `length` names the size_t behind it
                  structs    const S *, `of` is S, `length` names the size_t ..._count behind it
                  struct     const S * alone, `of` is S: options and replies
                  async      const remit_async *
                  length     the size_t of the parameter named in `length_of`
                  scalar     a number; `of` is the enum's type when it is one
                  out_handle remit_x **, `of` is the handle's type (remit_blob too); the caller frees it
                  out_scalar T *, `of` is the enum's type when it is one
                  out_id     remit_id *
                  out_struct S *, `of` is S: one struct of the caller's own
                  out_structs S *, `of` is S: as many as the parameter named in `length` counts
                  error      remit_error **out_error
            nullable: its comment begins with NULL, or says it is taken.
Field       the same roles (text, bytes, structs, struct, async, length, scalar) and struct_size, chars (char[n]),
            value (a struct held by value, `of`).
Function    status: it gives a remit_status about the call (not remit_error_status, which asks for one);
            waits: it has an async parameter; item_value, item_payload: which output the item of a call that does not
            wait carries as `value` and `payload` (item_payload_text: what the comment says when that is no output);
            frees: the handle that it ends; returns: the C type; codes: the statuses it names, with their E_.
"""

import dataclasses
import pathlib
import re
import sys
from typing import Dict, List, Optional, Tuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "abi"))
import slots  # noqa: E402  the patterns of the headers' form

SCALARS = {"int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8, "size_t": 8}
POINTER = 8


class FormError(ValueError):
    """A header that does not keep the form."""


@dataclasses.dataclass(frozen=True)
class Status:
    name: str  # "E_MISUSE"
    cpp: str
    number: int
    cls: str  # "FIX"
    text: str


@dataclasses.dataclass(frozen=True)
class Constant:
    name: str
    value: int
    doc: str


@dataclasses.dataclass(frozen=True)
class Enum:
    name: str
    header: str
    doc: str
    constants: Tuple[Constant, ...]


@dataclasses.dataclass(frozen=True)
class Handle:
    name: str
    header: str
    doc: str
    free: str


@dataclasses.dataclass(frozen=True)
class Field:
    name: str
    type: str
    doc: str
    role: str
    offset: int
    size: int
    of: str = ""
    length: str = ""
    length_of: str = ""


@dataclasses.dataclass(frozen=True)
class Struct:
    name: str
    header: str
    doc: str
    size: int
    fields: Tuple[Field, ...]

    @property
    def sized(self) -> bool:
        """It begins with struct_size and may grow."""
        return self.fields[0].role == "struct_size"


@dataclasses.dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    doc: str
    role: str
    nullable: bool
    of: str = ""
    length: str = ""
    length_of: str = ""


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    header: str
    doc: str
    returns: str
    returns_doc: str
    parameters: Tuple[Parameter, ...]
    codes: Tuple[str, ...]
    status: bool
    waits: bool
    frees: str = ""
    item_value: str = ""
    item_payload: str = ""
    item_payload_text: str = ""


@dataclasses.dataclass(frozen=True)
class Model:
    version: int
    statuses: Tuple[Status, ...]
    classes: Tuple[Constant, ...]
    constants: Tuple[Constant, ...]
    enums: Tuple[Enum, ...]
    handles: Tuple[Handle, ...]
    structs: Tuple[Struct, ...]
    functions: Tuple[Function, ...]

    def struct(self, name: str) -> Struct:
        return next(s for s in self.structs if s.name == name)

    def enum(self, name: str) -> Optional[Enum]:
        return next((e for e in self.enums if e.name == name), None)

    def handle(self, name: str) -> Optional[Handle]:
        return next((h for h in self.handles if h.name == name), None)

    def function(self, name: str) -> Function:
        return next(f for f in self.functions if f.name == name)


def sentence(comment: str) -> str:
    """A comment as one line of text, without its stars and its Since."""
    text = " ".join(line.strip().lstrip("*").strip() for line in comment.splitlines())
    return re.sub(r"\s*Since \d+\.\d+\s*$", "", " ".join(text.split()))


def head(comment: str) -> str:
    """The part of a function's comment in front of its slots."""
    return sentence(re.split(r"^ \*\s*\n(?= \* \w+ {2,}\S)", comment, maxsplit=1, flags=re.M)[0])


def slot_texts(comment: str) -> Dict[str, str]:
    parts = re.split(r"^ \* (\w+) {2,}(?=\S)", comment, flags=re.M)
    return {name: sentence(text) for name, text in zip(parts[1::2], parts[2::2])}


def squeeze(c_type: str) -> str:
    return re.sub(r"\s*\*\s*", " *", " ".join(c_type.split())).replace("* *", "**").strip()


def split_declaration(text: str) -> Tuple[str, str]:
    named = re.fullmatch(r"(.*?[\s*])(\w+)(\[\d+\])?", " ".join(text.split()), re.S)
    if not named:
        raise FormError(f"not a declaration: {text!r}")
    return squeeze(named.group(1)) + (named.group(3) or ""), named.group(2)


class Reader:
    """One pass over all headers. Types must stand before their use, across headers by name."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.h"))}
        self.statuses = self.read_statuses(self.texts["status.h"])
        self.enums: List[Enum] = []
        self.handles: List[Handle] = []
        self.structs: Dict[str, Struct] = {}
        self.functions: List[Function] = []
        self.constants: List[Constant] = []
        self.read()

    # base.h first, then by name: a struct's fields need the sizes of the values they hold.
    def order(self) -> List[str]:
        return ["base.h", *(name for name in self.texts if name not in ("base.h", "status.h", "remit.h"))]

    def read(self) -> None:
        for header in self.order():
            self.constants += self.read_constants(self.texts[header])
            self.enums += self.read_enums(header)
        frees = {
            name
            for text in self.texts.values()
            for _, name, _ in slots.FUNCTION.findall(text)
            if name.endswith("_free")
        }
        for header in self.order():
            self.handles += self.read_handles(header, frees)
        for header in self.order():
            for struct in self.read_structs(header):
                self.structs[struct.name] = struct
        for header in self.order():
            self.functions += self.read_functions(header)

    @staticmethod
    def read_statuses(text: str) -> Tuple[Status, ...]:
        table = slots.STATUSES.search(text)
        if not table:
            raise FormError("status.h: there is no REMIT_STATUS_TABLE")
        rows = re.findall(r"X\((\w+),\s*(\w+),\s*(-?\d+),\s*(\w+),\s*\"([^\"]*)\"\)", table.group())
        return tuple(Status(name, cpp, int(number), cls, said) for name, cpp, number, cls, said in rows)

    @staticmethod
    def read_constants(text: str) -> List[Constant]:
        found = []
        for comment, name, value in re.findall(slots.COMMENT + r"#define (REMIT_\w+)[ \t]+([^\n]+)", text, re.S):
            number = re.fullmatch(r"\(?(?:\((\w+)\))?(-?\d+)\)?", value.strip())
            if number:
                wraps = number.group(1) == "size_t"
                found.append(Constant(name, int(number.group(2)) % (1 << 64 if wraps else 1 << 128), sentence(comment)))
        return found

    def read_enums(self, header: str) -> List[Enum]:
        found = []
        pattern = slots.COMMENT + r"typedef int32_t (remit_\w+);(?:\s*enum \{(.*?)\n\};)?"
        for comment, name, body in re.findall(pattern, self.texts[header], re.S):
            constants = (
                [Constant(f"REMIT_{s.name}", s.number, s.text) for s in self.statuses] if name == "remit_status" else []
            )
            constants += [Constant(c, int(value, 0), sentence(doc)) for c, value, doc in re.findall(
                r"^\s*(REMIT_\w+)\s*=\s*(-?\w+),?\s*/\*((?:(?!\*/).)*)\*/", body, re.M | re.S)]
            found.append(Enum(name, header, sentence(comment), tuple(constants)))
        return found

    def read_handles(self, header: str, frees: set) -> List[Handle]:
        found = []
        for comment, name in re.findall(slots.COMMENT + r"typedef struct (remit_\w+) \2;", self.texts[header], re.S):
            if f"{name}_free" not in frees:
                raise FormError(f"{header}: {name} has no {name}_free")
            found.append(Handle(name, header, sentence(comment), f"{name}_free"))
        return found

    def read_structs(self, header: str) -> List[Struct]:
        pattern = slots.COMMENT + r"typedef struct (remit_\w+) \{(.*?)\n\} \2;"
        return [self.struct(header, *match) for match in re.findall(pattern, self.texts[header], re.S)]

    def struct(self, header: str, comment: str, name: str, body: str) -> Struct:
        rows = re.findall(r"([^;/]+);\s*/\*((?:(?!\*/).)*)\*/", body, re.S)
        if re.sub(r"([^;/]+);\s*/\*((?:(?!\*/).)*)\*/", "", body, flags=re.S).strip():
            raise FormError(f"{header}: {name}: a field without a comment")
        declared = [(*split_declaration(text), doc) for text, doc in rows]
        fields: List[Field] = []
        offset = widest = 0
        for at, (c_type, field, doc) in enumerate(declared):
            size, align = self.measure(c_type, name)
            offset = -(-offset // align) * align
            widest = max(widest, align)
            after = declared[at + 1] if at + 1 < len(declared) else ("", "", "")
            role, of, length, length_of = self.field_role(c_type, field, after, fields, f"{header}: {name}.{field}")
            fields.append(Field(field, c_type, sentence(doc), role, offset, size, of, length, length_of))
            offset += size
        return Struct(name, header, sentence(comment), -(-offset // widest) * widest, tuple(fields))

    def measure(self, c_type: str, inside: str) -> Tuple[int, int]:
        if "*" in c_type:
            return POINTER, POINTER
        array = re.fullmatch(r"char\[(\d+)\]", c_type)
        if array:
            return int(array.group(1)), 1
        if any(e.name == c_type for e in self.enums):
            return 4, 4
        if c_type in SCALARS:
            return SCALARS[c_type], SCALARS[c_type]
        if c_type in self.structs:
            return self.structs[c_type].size, max(self.measure(f.type, inside)[1] for f in self.structs[c_type].fields)
        raise FormError(f"{inside}: the type {c_type!r} is not known here")

    def field_role(self, c_type: str, name: str, after: Tuple[str, ...], before: List[Field],
                   where: str) -> Tuple[str, str, str, str]:
        if not before and name == "struct_size":
            return "struct_size", "", "", ""
        if c_type.startswith("char["):
            return "chars", "", "", ""
        if c_type in self.structs:
            return "value", c_type, "", ""
        if "*" not in c_type:
            return self.number_role(c_type, before)
        return self.pointer_role(c_type, name, after, where)

    def number_role(self, c_type: str, before: list) -> Tuple[str, str, str, str]:
        if c_type == "size_t" and before and before[-1].length:
            return "length", "", "", before[-1].name
        return "scalar", c_type if any(e.name == c_type for e in self.enums) else "", "", ""

    def pointer_role(self, c_type: str, name: str, after: Tuple[str, ...], where: str) -> Tuple[str, str, str, str]:
        pointed = c_type.replace("const ", "").replace(" *", "")
        counted = after[1] if after[0] == "size_t" and re.search(r"_(len|count)$", after[1]) else ""
        if c_type == "const remit_async *":
            return "async", "", "", ""
        if pointed in ("char", "uint8_t", "void") and c_type.startswith("const "):
            if counted == f"{name}_len":
                return ("text" if pointed == "char" else "bytes"), "", counted, ""
            if not counted and pointed == "char":
                return "text", "", "", ""  # ends in its NUL: a library's own text
        if any(h.name == pointed for h in self.handles):
            return "handle", pointed, "", ""
        if pointed in self.structs or pointed.startswith("remit_"):
            return ("structs" if counted.endswith("_count") else "struct"), pointed, counted, ""
        raise FormError(f"{where}: a pointer {c_type!r} without a role")

    def read_functions(self, header: str) -> List[Function]:
        text = self.texts[header]
        pattern = re.compile(
            slots.COMMENT + r"REMIT_API\s+(?:REMIT_NODISCARD\s+)?([\w\s\*]*?)(remit_\w+)\(([^;]*)\);", re.S
        )
        found = [self.function(header, *match) for match in pattern.findall(text)]
        if [f.name for f in found] != [name for _, name, _ in slots.FUNCTION.findall(text)]:
            raise FormError(f"{header}: not every function could be read")
        return found

    def function(self, header: str, comment: str, returns: str, name: str, given: str) -> Function:
        said = slot_texts(comment)
        parts = [] if given.strip() in ("", "void") else [split_declaration(part) for part in given.split(",")]
        parameters: List[Parameter] = []
        for at, (c_type, parameter) in enumerate(parts):
            after = parts[at + 1] if at + 1 < len(parts) else ("", "")
            parameters.append(
                self.parameter(c_type, parameter, after, parameters, said[parameter], f"{header}: {name}")
            )
        codes = re.findall(r"\b(?:OK|[A-Z][A-Z_]{3,})\b", said["Returns"])
        known = {re.sub(r"^E_", "", s.name): s.name for s in self.statuses}
        status = squeeze(returns) == "remit_status" and not name == "remit_error_status"
        value, payload, payload_text = item_of(said.get("async", ""))
        return Function(
            name,
            header,
            head(comment),
            squeeze(returns),
            said["Returns"],
            tuple(parameters),
            tuple(dict.fromkeys(known[c] for c in codes if c in known)) if status else (),
            status,
            "async" in said,
            parameters[0].of if name.endswith("_free") else "",
            value,
            payload,
            payload_text,
        )

    def parameter(self, c_type: str, name: str, after: Tuple[str, str], before: List[Parameter], doc: str,
                  where: str) -> Parameter:
        nullable = bool(re.search(r"\bNULL\b", doc)) or name == "async"
        if name == "out_error":
            return Parameter(name, c_type, doc, "error", True, "remit_error")
        if name.startswith("out_"):
            role, of, length = self.out_role(c_type, before, f"{where}: {name}")
            return Parameter(name, c_type, doc, role, nullable, of, length)
        if "*" in c_type:
            role, of, length, length_of = self.pointer_role(c_type, name, after, f"{where}: {name}")
        else:
            role, of, length, length_of = self.number_role(c_type, before)
        return Parameter(name, c_type, doc, role, nullable, of, length, length_of)

    def out_role(self, c_type: str, before: List[Parameter], where: str) -> Tuple[str, str, str]:
        pointed = c_type.replace("const ", "").rstrip("* ")
        if any(h.name == pointed for h in self.handles) and c_type.endswith("**"):
            return "out_handle", pointed, ""
        if c_type == "remit_id *":
            return "out_id", pointed, ""
        if pointed in self.structs and c_type.endswith(" *"):
            counted = [p.length for p in before if p.role == "structs"]
            return ("out_structs", pointed, counted[0]) if counted else ("out_struct", pointed, "")
        if pointed in SCALARS or any(e.name == pointed for e in self.enums):
            return "out_scalar", pointed if pointed not in SCALARS else "", ""
        raise FormError(f"{where}: an output {c_type!r} without a role")


def item_of(doc: str) -> Tuple[str, str, str]:
    """What a call that does not wait puts into its item: the outputs by name, or the payload in words."""
    value = re.search(r"\bvalue is (out_\w+)", doc)
    payload = re.search(r"\bpayload (?:is )?(out_\w+)", doc)
    other = re.search(r"\bpayload is ([^o].*)", doc)
    return (
        value.group(1) if value else "",
        payload.group(1) if payload else "",
        other.group(1).rstrip(".") if other else "",
    )


def read(folder: str) -> Model:
    got = Reader(pathlib.Path(folder))
    version = next(c.value for c in got.constants if c.name == "REMIT_ABI_VERSION")
    classes = next(e.constants for e in got.enums if e.name == "remit_class")
    return Model(version, got.statuses, classes, tuple(got.constants), tuple(got.enums), tuple(got.handles),
                 tuple(got.structs.values()), tuple(got.functions))
