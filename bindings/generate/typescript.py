"""bindings/node/src/abi.ts: the types of the C ABI as node.py brings it to JavaScript."""

import json
import re
import textwrap
from typing import List, Tuple, Union

import abi

PATH = "bindings/node/src/abi.ts"
BANNER = "// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.\n"
LATER = ("remit_engine_open", "remit_engine_open_file", "remit_engine_start", "remit_engine_tick", "remit_engine_free")
HIDDEN = ("length", "struct_size", "error")  # parameters and fields that JavaScript does not see


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def pointed(c_type: str) -> str:
    return c_type.replace("const ", "").rstrip("* ")


def inputs(function: abi.Function) -> List[abi.Parameter]:
    return [p for p in function.parameters if p.role not in HIDDEN and not p.role.startswith("out_")]


def outputs(function: abi.Function) -> List[abi.Parameter]:
    return [p for p in function.parameters if p.role.startswith("out_")]


def is_bytes(function: abi.Function, model: abi.Model) -> str:
    """The function that tells how long a returned text is, or ''."""
    length = re.sub(r"_data$", "_len", function.name)
    known = any(f.name == length for f in model.functions)
    return length if function.returns == "const char *" and length != function.name and known else ""


def needed(model: abi.Model) -> Tuple[List[abi.Struct], List[abi.Struct]]:
    """The structs that are read from JavaScript, and those that are written for it, the inner ones first."""
    read: List[str] = []
    written: List[str] = []

    def visit(name: str, seen: List[str]) -> None:
        if name in seen:
            return
        for field in model.struct(name).fields:
            inner = "remit_async" if field.role == "async" else field.of
            if field.role in ("value", "struct", "structs", "async") and inner != "remit_id":
                visit(inner, seen)
        seen.append(name)

    for function in model.functions:
        for p in function.parameters:
            if p.role in ("struct", "structs", "async"):
                visit("remit_async" if p.role == "async" else p.of, read)
            elif p.role in ("out_struct", "out_structs"):
                visit(p.of, written)
        if "*" in function.returns and any(s.name == pointed(function.returns) for s in model.structs):
            visit(pointed(function.returns), written)
    return [model.struct(n) for n in read], [model.struct(n) for n in written]


def doc(text: str, indent: str = "") -> List[str]:
    text = text.replace("*/", "* /")
    if not text:
        return []
    lines = textwrap.wrap(text, 114 - len(indent))
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}" for line in lines), f"{indent} */"]


def ts_scalar(c_type: str, of: str) -> str:
    if of and of != "remit_status":
        return camel(of)
    return "bigint" if c_type in ("int64_t", "uint64_t") else "number"


def ts_in(p: Union[abi.Parameter, abi.Field]) -> str:
    if p.role in ("text", "bytes"):
        return "Bytes"
    if p.role == "handle":
        return camel(p.of)
    if p.role == "async":
        return "RemitAsync"
    if p.role == "struct":
        return camel(p.of)
    if p.role == "structs":
        return f"readonly {camel(p.of)}[]"
    return ts_scalar(p.type, p.of)


def ts_out(p: abi.Parameter) -> str:
    if p.role == "out_id":
        return "string"
    if p.role == "out_structs":
        return f"{camel(p.of)}[]"
    if p.role in ("out_handle", "out_struct"):
        return camel(p.of)
    return ts_scalar(pointed(p.type), p.of)


def ts_result(function: abi.Function, model: abi.Model) -> str:
    values = [(p.name, ts_out(p)) for p in outputs(function)]
    if not function.status and function.returns != "void":
        if is_bytes(function, model):
            result = "Uint8Array"
        elif function.returns == "const char *":
            result = "string"
        elif "*" in function.returns:
            result = f"{camel(pointed(function.returns))} | null"
        else:
            enum = function.returns if model.enum(function.returns) else ""
            result = ts_scalar(function.returns, enum)
        values.insert(0, ("result", result))
    if len(values) > 1:
        return "[" + ", ".join(f"{name}: {type_}" for name, type_ in values) + "]"
    return values[0][1] if values else "void"


def signature(function: abi.Function, model: abi.Model, async_: str) -> str:
    """async_: '' for the call that waits, 'async' for the one that does not, 'later' for the promise."""
    parts: List[str] = []
    optional = async_ != "async"
    for p in reversed(inputs(function)):
        type_ = ts_in(p)
        if p.role == "async":
            parts.insert(0, "async: RemitAsync" if async_ == "async" else "async?: null")
            continue
        optional = optional and p.nullable and p.role != "handle"
        nullable = p.nullable or p.role == "handle" and function.frees != ""
        parts.insert(0, f"{p.name}{'?' if optional else ''}: {type_}{' | null' if nullable else ''}")
    result = "void" if async_ == "async" else ts_result(function, model)
    suffix = ""
    if async_ == "later":
        suffix, result = "_later", f"Promise<{result}>"
    return f"    {function.name}{suffix}({', '.join(parts)}): {result};"


def ts_functions(model: abi.Model) -> List[str]:
    out = ["/** Every function of the C ABI under its own name. */", "export interface Abi {"]
    for f in model.functions:
        codes = ", ".join(code for code in f.codes if code != "OK")
        said = f.doc + (f" Throws {codes}." if codes else "")
        out += doc(said, "    ")
        out.append(signature(f, model, ""))
        if f.waits:
            out.append(signature(f, model, "async"))
        if f.name in LATER:
            out.append(signature(f, model, "later"))
    return [*out, "}", ""]


def ts_structs(model: abi.Model) -> List[str]:
    read, written = needed(model)
    out = []
    for struct in model.structs:
        if struct.name == "remit_id":
            continue
        is_out = struct in written
        out += [*doc(struct.doc), f"export interface {camel(struct.name)} {{"]
        for field in struct.fields:
            if field.role in HIDDEN:
                continue
            if field.role == "value":
                type_ = "string" if field.of == "remit_id" else camel(field.of)
            elif is_out and field.role in ("text", "bytes"):
                type_ = "Uint8Array" if field.length else "string"
            elif field.role == "chars":
                type_ = "string"
            else:
                type_ = ts_in(field)
            required = is_out or field.role == "handle" or struct.name == "remit_async"
            out += doc(field.doc, "    ")
            out.append(f"    readonly {field.name}{'' if required else '?'}: {type_}{'' if required else ' | null | undefined'};")
        out += ["}", ""]
    return out


def ts_enum(enum: abi.Enum) -> List[str]:
    prefixes = [c.name.split("_") for c in enum.constants]
    shared = 0
    while len({tuple(p[: shared + 1]) for p in prefixes}) == 1 and all(len(p) > shared + 1 for p in prefixes):
        shared += 1
    name = camel(enum.name)
    out = [*doc(enum.doc), f"export const {name} = {{"]
    for constant in enum.constants:
        out += doc(constant.doc, "    ")
        out.append(f"    {'_'.join(constant.name.split('_')[shared:])}: {constant.value},")
    return [*out, "} as const;", f"export type {name} = (typeof {name})[keyof typeof {name}];", ""]


def ts_statuses(model: abi.Model) -> List[str]:
    out = ["/** Every status: its number, the class that says what to do about it, and its meaning. */", "export const STATUSES = {"]
    for s in model.statuses:
        out.append(f"    {s.name}: {{ number: {s.number}, class: '{s.cls.lower()}', text: {json.dumps(s.text)} }},")
    names = "export type StatusName = keyof typeof STATUSES;"
    return [*out, "} as const;", names, "export type StatusClass = (typeof STATUSES)[StatusName]['class'];", ""]


def abi_ts(model: abi.Model) -> str:
    out = [BANNER + "// The C ABI, 1:1; the headers are the manual. How its types become JavaScript's stands in",
           "// bindings/generate/node.py.", "", "declare const type: unique symbol;", ""]
    for constant in model.constants:
        big = "n" if constant.value > 2**53 - 1 else ""
        out += [*doc(constant.doc), f"export const {constant.name} = {constant.value}{big};"]
    out += ["", *ts_statuses(model)]
    for enum in model.enums:
        if enum.name != "remit_status" and enum.constants:
            out += ts_enum(enum)
    out += ["/** Text or bytes; a string is given as UTF-8. */", "export type Bytes = string | Uint8Array;", ""]
    for handle in model.handles:
        out += [*doc(handle.doc), f"export interface {camel(handle.name)} {{", f"    readonly [type]: '{handle.name}';", "}", ""]
    out += [*ts_structs(model), *ts_functions(model)]
    return "\n".join(out)
