"""bindings/python/remit/_abi.py: the C ABI for ctypes, 1:1."""

import textwrap
from typing import Dict, List, Set

import abi

PATH = "bindings/python/remit/_abi.py"
HEAD = '''# Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
"""The C ABI, 1:1, by ctypes. The names are those of the headers without their remit_ and REMIT_.

The headers are the manual. Nothing is loaded by importing this: library() loads on first use.
Calls release the interpreter's lock.
"""

import ctypes
import os
import threading
from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, List, Optional, Tuple

'''
TAIL = '''

class Library:
    """The functions of one loaded library."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.handle = ctypes.CDLL(path)
        asked = self.handle.remit_abi_version
        asked.restype, asked.argtypes = c_int32, []
        version = asked()
        if version != ABI_VERSION:
            raise ImportError(f"{path} has the ABI version {version}, this package needs {ABI_VERSION}")

    def __getattr__(self, name: str) -> Any:
        """A function at its first use; from then on it is an attribute."""
        if name not in FUNCTIONS:
            raise AttributeError(f"the C ABI has no remit_{name}")
        function = getattr(self.handle, "remit_" + name)
        function.restype, function.argtypes = FUNCTIONS[name]
        setattr(self, name, function)
        return function


def candidates() -> List[str]:
    """REMIT_LIBRARY alone if it is set; else the package's own file; else what the system's loader finds."""
    given = os.environ.get("REMIT_LIBRARY")
    if given:
        return [given]
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", "libremit.so")
    return [own] if os.path.exists(own) else ["libremit.so.0", "libremit.so"]


_loaded: Optional[Library] = None
_loading = threading.Lock()


def library() -> Library:
    global _loaded
    if _loaded is None:
        with _loading:
            if _loaded is None:
                _loaded = _load(candidates())
    return _loaded


def _load(paths: List[str]) -> Library:
    said = []
    for path in paths:
        try:
            return Library(path)
        except OSError as error:
            said.append(f"{path}: {error}")
    raise ImportError("the library of Remit was not found; REMIT_LIBRARY can name it. " + "; ".join(said))
'''
SCALARS = {
    "int32_t": "c_int32",
    "uint32_t": "c_uint32",
    "int64_t": "c_int64",
    "uint64_t": "c_uint64",
    "size_t": "c_size_t",
}


def short(name: str) -> str:
    return name[len("remit_"):] if name.startswith("remit_") else name[len("REMIT_"):]


def class_name(struct: str) -> str:
    return "".join(part.capitalize() for part in short(struct).split("_"))


def scalar(c_type: str, model: abi.Model) -> str:
    if model.enum(c_type):
        return "c_int32"
    return SCALARS[c_type]


def given_out(model: abi.Model) -> Set[str]:
    """Structs that the library fills in: their text is read by address and length, not up to a NUL."""
    return {
        s.name
        for s in model.structs
        for f in model.functions
        if f.returns == f"const {s.name} *" or any(p.role.startswith("out_") and p.of == s.name for p in f.parameters)
    }


def field_type(field: abi.Field, struct: abi.Struct, model: abi.Model) -> str:
    if field.role == "chars":
        return f"c_char * {field.size}"
    if field.role == "value":
        return class_name(field.of)
    if field.role in ("text", "bytes"):
        return "c_void_p" if field.length and struct.name in given_out(model) else "c_char_p"
    if field.role == "handle":
        return "c_void_p"
    if field.role == "async":
        return "POINTER(Async)"
    if field.role in ("structs", "struct"):
        return f"POINTER({class_name(field.of)})"
    return scalar(field.type, model)


def parameter_type(parameter: abi.Parameter, model: abi.Model) -> str:
    role = parameter.role
    if role == "text":
        return "c_char_p"
    if role in ("handle", "bytes"):
        return "c_void_p"
    if role == "async":
        return "POINTER(Async)"
    if role in ("out_handle", "error"):
        return "POINTER(c_void_p)"
    if role == "out_scalar":
        return f"POINTER({scalar(parameter.type.rstrip(' *'), model)})"
    if role in ("structs", "struct", "out_structs", "out_struct", "out_id"):
        return f"POINTER({class_name(parameter.of)})"
    return scalar(parameter.type, model)


def result_type(function: abi.Function, model: abi.Model) -> str:
    if function.returns == "void":
        return "None"
    if function.returns == "const char *":
        # A blob may hold bytes with a NUL among them: its address, not its text up to there.
        return "c_void_p" if function.name == "remit_blob_data" else "c_char_p"
    if "*" in function.returns:
        pointed = function.returns.replace("const ", "").rstrip(" *")
        return "c_void_p" if model.handle(pointed) else f"POINTER({class_name(pointed)})"
    return scalar(function.returns, model)


def comment(text: str, indent: str) -> List[str]:
    return textwrap.wrap(text, 118, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ") if text else []


def constants(model: abi.Model) -> List[str]:
    out = ["# ---- constants ----"]
    for constant in model.constants:
        out += [*comment(constant.doc, ""), f"{short(constant.name)} = {constant.value}"]
    for enum in model.enums:
        out += ["", *comment(f"{enum.name}: {enum.doc}", "")]
        for constant in enum.constants:
            out += [*comment(constant.doc, ""), f"{short(constant.name)} = {constant.value}"]
    out += ["", "# Of every status: its number, its name without E_, its class, its meaning.",
            "STATUSES: Tuple[Tuple[int, str, str, str], ...] = ("]
    out += [
        f'    ({s.number}, "{s.name[2:] if s.name.startswith("E_") else s.name}", "{s.cls}", "{s.text}"),'
        for s in model.statuses
    ]
    return [*out, ")"]


def structs(model: abi.Model) -> List[str]:
    out = ["# ---- structs ----"]
    for struct in model.structs:
        out += ["", "", f"class {class_name(struct.name)}(Structure):", *comment(struct.doc, "    ")]
        out += ["    _fields_ = ["]
        for field in struct.fields:
            out += [*comment(field.doc, " " * 8), f'        ("{field.name}", {field_type(field, struct, model)}),']
        out += ["    ]"]
    sizes = ", ".join(f"{class_name(s.name)}: {s.size}" for s in model.structs)
    out += ["", "", "# As the C compiler has them; a test compares.", *textwrap.wrap(
        f"SIZES: Dict[Any, int] = {{{sizes}}}", 118, subsequent_indent="                         ")]
    return out


def functions(model: abi.Model) -> List[str]:
    out = ["# ---- functions: result, arguments ----", "FUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {"]
    for function in model.functions:
        arguments = ", ".join(parameter_type(p, model) for p in function.parameters)
        whole = f'    "{short(function.name)}": ({result_type(function, model)}, [{arguments}]),'
        out += textwrap.wrap(whole, 118, subsequent_indent=" " * 8, break_long_words=False)
    return [*out, "}"]


def files(model: abi.Model) -> Dict[str, str]:
    body = "\n".join([*constants(model), "", *structs(model), "", "", *functions(model)])
    return {PATH: HEAD + body + "\n" + TAIL}
