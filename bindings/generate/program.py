"""bindings/program/calls.hpp: each function of the C ABI called by name, for the C++ interpreter of random programs."""

from typing import Dict, List

import abi

PATH = "bindings/program/calls.hpp"
HEAD = """// Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
// Each function of the C ABI, called with the named values of a step and written as a line (make.py has the form).
#pragma once

#include "step.hpp"

#include <remit/remit.h>

"""


def input_structs(model: abi.Model) -> List[abi.Struct]:
    """Those that are given to the library, inner ones first (the headers keep that order)."""
    wanted = {p.of for f in model.functions for p in f.parameters if p.role in ("struct", "structs")} | {"remit_async"}
    for struct in reversed(model.structs):
        if struct.name in wanted:
            wanted |= {f.of for f in struct.fields if f.role in ("struct", "structs", "value")}
    return [s for s in model.structs if s.name in wanted]


def shown_structs(model: abi.Model) -> List[abi.Struct]:
    wanted = {p.of for f in model.functions for p in f.parameters if p.role in ("out_id", "out_struct", "out_structs")}
    wanted |= {s.name for s in model.structs for f in model.functions if f.returns == f"const {s.name} *"}
    for struct in reversed(model.structs):
        if struct.name in wanted:
            wanted |= {f.of for f in struct.fields if f.role == "value"}
    return [s for s in model.structs if s.name in wanted]


def fill(struct: abi.Struct) -> List[str]:
    out = [f"inline void fill(Run &run, const Value &given, {struct.name} &made) {{", f"    made = {struct.name}{{}};"]
    for field in struct.fields:
        if field.role == "struct_size":
            out.append("    made.struct_size = static_cast<std::uint32_t>(sizeof made);")
        elif field.role == "length":
            continue
        elif field.role == "handle":
            out.append(f'    made.{field.name} = run.handle<{field.of}>(given["{field.name}"]);')
        elif field.role in ("text", "bytes"):
            out.append(f'    run.bytes(given["{field.name}"], made.{field.name}, made.{field.length});')
        elif field.role == "async":
            out.append(f'    made.{field.name} = run.structure<remit_async>(given["{field.name}"]);')
        elif field.role == "structs":
            out.append(f'    run.structures(given["{field.name}"], made.{field.name}, made.{field.length});')
        elif field.role == "struct":
            out.append(f'    made.{field.name} = run.structure<{field.of}>(given["{field.name}"]);')
        else:
            out.append(f'    run.number(given["{field.name}"], made.{field.name});')
    return [*out, "}"]


def show(struct: abi.Struct) -> List[str]:
    out = [f"inline std::string show(Run &run, const Name &name, const {struct.name} &made) {{",
           "    Fields out(run, name);"]
    for field in struct.fields:
        if field.role in ("struct_size", "length"):
            continue
        if field.role == "value":
            out.append(f'    out.add("{field.name}", show(run, name / "{field.name}", made.{field.name}));')
            out.append(f'    run.keep(name / "{field.name}", std::string(made.{field.name}.text));')
        elif field.role in ("text", "bytes") and field.length:
            out.append(f'    out.text("{field.name}", made.{field.name}, made.{field.length});')
        elif field.role in ("text", "chars"):
            out.append(f'    out.text("{field.name}", made.{field.name});')
        elif field.role == "handle":
            out.append(f'    out.handle("{field.name}", made.{field.name});')
        else:
            out.append(f'    out.number("{field.name}", made.{field.name});')
    return [*out, "    return out.done();", "}"]


# The names of ours end in _, so that no parameter's is the same.
def given(p: abi.Parameter) -> List[str]:
    at = f'step_["{p.name}"]'
    if p.role == "handle":
        return [f"    {p.of} *const {p.name} = run_.handle<{p.of}>({at});"]
    if p.role in ("text", "bytes"):
        return [
            f"    {p.type}{p.name} = nullptr;",
            f"    std::size_t {p.length} = 0;",
            f"    run_.bytes({at}, {p.name}, {p.length});",
        ]
    if p.role == "structs":
        return [
            f"    {p.type}{p.name} = nullptr;",
            f"    std::size_t {p.length} = 0;",
            f"    run_.structures({at}, {p.name}, {p.length});",
        ]
    if p.role == "struct":
        return [f"    {p.type}{p.name} = run_.structure<{p.of}>({at});"]
    if p.role == "async":
        return [f"    const remit_async *{p.name} = run_.structure<remit_async>({at});"]
    if p.role == "length":
        return []
    if p.role == "scalar":
        return [f"    {p.type} {p.name} = 0;", f"    run_.number({at}, {p.name});"]
    if p.role == "out_structs":
        return [f"    std::vector<{p.of}> {p.name}(std::max<std::size_t>({p.length}, 1));"]
    return [f"    {p.type[:-1].strip()} {p.name}{{}};"]


def passed(p: abi.Parameter) -> str:
    if p.role == "out_structs":
        return f"{p.name}.data()"
    if p.role == "error" or p.role.startswith("out_"):
        return f'step_.null("{p.name}") ? nullptr : &{p.name}'
    return p.name


def written(p: abi.Parameter) -> List[str]:
    if p.role == "error":
        return [f"    line_.error({p.name});"]
    if p.role == "out_structs":
        return [f'    line_.structures("{p.name}", {p.name}, {p.length});']
    if p.role in ("out_id", "out_struct"):
        return [f'    line_.structure("{p.name}", {p.name});']
    if p.role == "out_scalar":
        return [f'    line_.number("{p.name}", {p.name});']
    if p.role == "out_handle":
        return [f'    line_.{"blob" if p.of == "remit_blob" else "handle"}("{p.name}", {p.name});']
    return []


def call(f: abi.Function, model: abi.Model) -> List[str]:
    out = [f"inline std::string call_{f.name[len('remit_'):]}(Run &run_, const Step &step_) {{"]
    for p in f.parameters:
        out += given(p)
    invoked = f"{f.name}({', '.join(passed(p) for p in f.parameters)})"
    waits = "async" if f.waits else "nullptr"
    if f.returns == "void":
        out += [f"    {invoked};", '    Line line_(run_, step_, "-");']
    elif f.status:
        out += [f"    const remit_status got_ = {invoked};", f"    Line line_(run_, step_, got_, {waits});"]
    elif f.returns == "const char *":
        out += [f"    Line line_(run_, step_, shown({invoked}));"]
    elif "*" in f.returns and not model.handle(f.returns.replace("const ", "").rstrip(" *")):
        out += [f"    const auto *const got_ = {invoked};",
                '    Line line_(run_, step_, got_ ? show(run_, {step_.number, "return"}, *got_) : "null");']
    elif "*" in f.returns:
        out += [f"    auto *const got_ = {invoked};", '    run_.keep({step_.number, "return"}, got_);',
                '    Line line_(run_, step_, got_ ? "handle" : "null");']
    else:
        out += [f"    Line line_(run_, step_, std::to_string({invoked}));"]
    for p in f.parameters:
        out += written(p)
    return [*out, "    return line_.done();", "}"]


def files(model: abi.Model) -> Dict[str, str]:
    parts = [fill(s) for s in input_structs(model)] + [show(s) for s in shown_structs(model)]
    parts += [call(f, model) for f in model.functions]
    table = ["struct Called {", "    const char *name;", "    std::string (*call)(Run &, const Step &);", "};",
             "inline constexpr Called kCalls[] = {"]
    table += [f'    {{"{f.name}", call_{f.name[len("remit_"):]}}},' for f in model.functions]
    parts.append([*table, "};"])
    return {PATH: HEAD + "\n\n".join("\n".join(part) for part in parts) + "\n"}
