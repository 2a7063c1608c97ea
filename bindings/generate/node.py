"""The C ABI for Node, 1:1: the types of src/abi.ts and the C++ between N-API and the library in native/glue/.

What a function of the header becomes in JavaScript, under its own name:
  its inputs   in order, each pointer with its length as one value: text and bytes are a string (as UTF-8) or a
               Uint8Array, structs are objects with the fields' own names, 64-bit numbers are bigints, other numbers are
               numbers, handles are opaque; undefined and null are NULL and 0
  its outputs  the result: nothing, the one output, or an array of them in order. A remit_id is its text, text with a
               length is a Buffer. With async there is no result
  a refusal    throws {status, field, text, error}; a value of the wrong type is MISUSE with its name
NAME_later runs on a thread of Node's pool and gives a promise, for what may block and has no async.
"""

from typing import Dict, List

import abi
import typescript
from typescript import BANNER, HIDDEN, LATER, camel, inputs, is_bytes, needed, outputs, pointed

GLUE = "bindings/node/native/glue/"
CPP_BANNER = BANNER + "// clang-format off\n"


def kind(handle: str) -> str:
    return "k" + camel(handle[len("remit_"):])


def stem(header: str) -> str:
    return header[: -len(".h")]


def kinds_hpp(model: abi.Model) -> str:
    out = [CPP_BANNER + '#pragma once\n\n#include "../handle.hpp"\n\n#include <remit/remit.h>\n\nnamespace remit::node {\n']
    for h in model.handles:
        end = f"[](void *data) {{ {h.free}(static_cast<{h.name} *>(data)); }}"
        out.append(f'inline constexpr Kind {kind(h.name)}{{"{camel(h.name)}", {end}}};')
    out.append("\n}  // namespace remit::node\n")
    return "\n".join(out)


def reading(field: str, role: str, c_type: str, of: str, value: str, target: str) -> List[str]:
    """Statements that read one value of JavaScript into `target`."""
    name = f'"{field}"'
    if role == "handle":
        return [f"in.handle({value}, {name}, {kind(of)}, {target});"]
    if role in ("struct", "async"):
        return [f"{target} = in.object<{'remit_async' if role == 'async' else of}>({value}, {name});"]
    if c_type == "size_t":
        return [f"in.size({value}, {name}, {target});"]
    return [f"in.number({value}, {name}, {target});"]


def struct_reader(struct: abi.Struct) -> List[str]:
    out = [f"inline void read(Reader &in, napi_value object, {struct.name} &out) noexcept {{"]
    if struct.sized:
        out.append("    out.struct_size = sizeof out;")
    for field in struct.fields:
        if field.role in HIDDEN:
            continue
        value = f'in.field(object, "{field.name}")'
        if field.role in ("text", "bytes"):
            pointer = "data" if field.role == "text" else f"reinterpret_cast<const {pointed(field.type)} *>({{}}.data)"
            local = f"bytes_of_{field.name}"
            out += [f"    Bytes {local};", f'    in.bytes({value}, "{field.name}", {local});']
            cast = f"{local}.data" if pointed(field.type) in ("char", "void") else pointer.format(local)
            out += [f"    out.{field.name} = {cast};", f"    out.{field.length} = {local}.length;"]
        elif field.role == "structs":
            out.append(f'    out.{field.name} = in.objects<{field.of}>({value}, "{field.name}", out.{field.length});')
        else:
            out += ["    " + line for line in reading(field.name, field.role, field.type, field.of, value, f"out.{field.name}")]
    return [*out, "}", ""]


def written_field(field: abi.Field, model: abi.Model) -> str:
    at = f"from.{field.name}"
    if field.role == "chars":
        return f"text(env, {at})"
    if field.role == "value":
        return f"text(env, {at}.text)" if field.of == "remit_id" else f"write(env, {at})"
    if field.role in ("text", "bytes"):
        return f"bytes(env, {at}, from.{field.length})" if field.length else f"text(env, {at})"
    if field.role == "structs":
        return f"objects(env, {at}, from.{field.length})"
    return f"size(env, {at})" if field.type == "size_t" else f"number(env, {at})"


def struct_writer(struct: abi.Struct, model: abi.Model) -> List[str]:
    out = ["template <>", f"inline napi_value write(napi_env env, const {struct.name} &from) noexcept {{", "    return object(env, {"]
    for field in struct.fields:
        if field.role not in HIDDEN:
            out.append(f'        {{"{field.name}", {written_field(field, model)}}},')
    return [*out, "    });", "}", ""]


def structs_hpp(model: abi.Model) -> str:
    read, written = needed(model)
    out = [CPP_BANNER + '#pragma once\n\n#include "../call.hpp"\n#include "kinds.hpp"\n\nnamespace remit::node {\n']
    out += [f"void read(Reader &in, napi_value object, {s.name} &out) noexcept;" for s in read] + [""]
    for struct in read:
        out += struct_reader(struct)
    for struct in written:
        out += struct_writer(struct, model)
    out.append("}  // namespace remit::node\n")
    return "\n".join(out)


def members(function: abi.Function) -> List[str]:
    out = []
    for p in function.parameters:
        if p.role in ("text", "bytes"):
            out.append(f"    Bytes {p.name};")
        elif p.role == "length":
            if any(q.length == p.name and q.role == "structs" for q in function.parameters):
                out.append(f"    size_t {p.name} = 0;")
        elif p.role in ("structs", "struct", "async", "out_structs"):
            out.append(f"    {p.type}{p.name} = nullptr;")
        elif p.role in ("handle", "out_handle", "error"):
            out.append(f"    {pointed(p.type)} *{p.name} = nullptr;")
        elif p.role.startswith("out_"):
            out.append(f"    {pointed(p.type)} {p.name}{{}};")
        else:
            out.append(f"    {p.type} {p.name} = 0;")
    if function.returns != "void":
        out.append(f"    {function.returns if '*' in function.returns else function.returns + ' '}result{{}};")
    return out


def read_body(function: abi.Function) -> List[str]:
    out = []
    for index, p in enumerate(inputs(function)):
        value = f"in.argument({index})"
        if p.role in ("text", "bytes"):
            out.append(f'        in.bytes({value}, "{p.name}", {p.name});')
        elif p.role == "structs":
            out.append(f'        {p.name} = in.objects<{p.of}>({value}, "{p.name}", {p.length});')
        else:
            out += ["        " + line for line in reading(p.name, p.role, p.type, p.of, value, p.name)]
    for p in outputs(function):
        if p.role == "out_structs":
            out.append(f"        if (!in.failed()) {p.name} = in.zeroed<{p.of}>({p.length} + 1);")
    return out


def passed(p: abi.Parameter, function: abi.Function) -> str:
    if p.role == "text":
        return f"{p.name}.data"
    if p.role == "bytes":
        return f"reinterpret_cast<{p.type}>({p.name}.data)" if "uint8_t" in p.type else f"{p.name}.data"
    if p.role == "length":
        owner = next(q for q in function.parameters if q.length == p.name)
        return p.name if owner.role == "structs" else f"{owner.name}.length"
    if p.role in ("out_handle", "out_scalar", "out_id", "out_struct", "error"):
        return f"&{p.name}"
    return p.name


def given(p: abi.Parameter) -> str:
    """An output as a value of JavaScript."""
    if p.role == "out_handle":
        return f"handle(env, {kind(p.of)}, {p.name})"
    if p.role == "out_id":
        return f"text(env, {p.name}.text)"
    if p.role == "out_structs":
        return f"objects(env, {p.name}, {p.length})"
    if p.role == "out_struct":
        return f"write(env, {p.name})"
    return f"size(env, {p.name})" if pointed(p.type) == "size_t" else f"number(env, {p.name})"


def give_body(function: abi.Function, model: abi.Model) -> List[str]:
    values = [given(p) for p in outputs(function)]
    if function.status:
        error = "out_error" if any(p.role == "error" for p in function.parameters) else "nullptr"
        out = [f"        if (result != REMIT_OK) return refuse(env, result, {error});"]
        if function.waits and values:
            out.append("        if (async != nullptr) return undefined(env);")
    else:
        out, values = [], [returned(function, model), *values] if function.returns != "void" else values
    if len(values) > 1:
        out.append(f"        return array(env, {{{', '.join(values)}}});")
    else:
        out.append(f"        return {values[0] if values else 'undefined(env)'};")
    return out


def returned(function: abi.Function, model: abi.Model) -> str:
    length = is_bytes(function, model)
    if length:
        return f"bytes(env, result, {length}({passed(function.parameters[0], function)}))"
    if function.returns == "const char *":
        return "text(env, result)"
    if "*" in function.returns:
        of = pointed(function.returns)
        if model.handle(of):
            return f"handle(env, {kind(of)}, result)"
        return "result == nullptr ? null(env) : write(env, *result)"
    return "size(env, result)" if function.returns == "size_t" else "number(env, result)"


def call_struct(function: abi.Function, model: abi.Model) -> List[str]:
    name = camel(function.name)
    arguments = ", ".join(passed(p, function) for p in function.parameters)
    result = "" if function.returns == "void" else "result = "
    read = read_body(function)
    return [f"struct {name} {{", *members(function), "",
            f"    void read(Reader &{'in' if read else ''}) noexcept {{", *read, "    }",
            f"    void run() noexcept {{ {result}{function.name}({arguments}); }}",
            "    napi_value give(napi_env env) noexcept {", *give_body(function, model), "    }", "};", ""]


def glue_cpp(header: str, model: abi.Model) -> str:
    out = [CPP_BANNER + '#include "structs.hpp"\n#include "tables.hpp"\n\nnamespace remit::node {\nnamespace {\n']
    entries = []
    for function in (f for f in model.functions if f.header == header):
        if function.frees:
            calls = f"free_now<{kind(function.frees)}>", f"free_later<{kind(function.frees)}>"
        else:
            out += call_struct(function, model)
            calls = f"now<{camel(function.name)}>", f"later<{camel(function.name)}>"
        entries.append(f'    {{"{function.name}", {calls[0]}}},')
        if function.name in LATER:
            entries.append(f'    {{"{function.name}_later", {calls[1]}}},')
    out += ["constexpr Entry kEntries[] = {", *entries, "};", "", "}  // namespace", "",
            f"Table {stem(header)}_calls() noexcept {{", "    return {kEntries, sizeof kEntries / sizeof *kEntries};", "}",
            "", "}  // namespace remit::node", ""]
    return "\n".join(out)


def headers(model: abi.Model) -> List[str]:
    return list(dict.fromkeys(f.header for f in model.functions))


def tables_hpp(model: abi.Model) -> str:
    names = [stem(h) for h in headers(model)]
    declared = "\n".join(f"Table {name}_calls() noexcept;" for name in names)
    listed = ", ".join(f"{name}_calls()" for name in names)
    return (CPP_BANNER + '#pragma once\n\n#include "../call.hpp"\n\n#include <array>\n\nnamespace remit::node {\n\n' + declared +
            f"\n\ninline std::array<Table, {len(names)}> glue_tables() noexcept {{\n    return {{{listed}}};\n}}\n\n"
            "}  // namespace remit::node\n")


def files(model: abi.Model) -> Dict[str, str]:
    out = {typescript.PATH: typescript.abi_ts(model), GLUE + "kinds.hpp": kinds_hpp(model), GLUE + "structs.hpp": structs_hpp(model),
           GLUE + "tables.hpp": tables_hpp(model)}
    for header in headers(model):
        out[GLUE + stem(header) + ".cpp"] = glue_cpp(header, model)
    return out
