"""bindings/abi.json: the C ABI as data, without its comments. It is frozen: it may grow, never change."""

import json
import pathlib
from typing import Any, Dict, List

import abi

PATH = "bindings/abi.json"
BANNER = "Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit; what stands here is frozen."


def plain(model: abi.Model) -> Dict[str, Any]:
    """By name, so that two descriptions can be compared."""
    return {
        "statuses": {s.name: {"number": s.number, "class": s.cls} for s in model.statuses},
        "constants": {c.name: c.value for e in model.enums for c in e.constants if e.name != "remit_status"},
        "handles": {h.name: {"header": h.header, "free": h.free} for h in model.handles},
        "structs": {
            s.name: {
                "header": s.header,
                "size": s.size,
                "grows": s.sized,
                "fields": {
                    f.name: filled(type=f.type, role=f.role, offset=f.offset, size=f.size, of=f.of, length=f.length)
                    for f in s.fields
                },
            }
            for s in model.structs
        },
        "functions": {
            f.name: filled(
                header=f.header,
                returns=f.returns,
                codes=list(f.codes),
                item_value=f.item_value,
                item_payload=f.item_payload,
                parameters=[
                    filled(name=p.name, type=p.type, role=p.role, of=p.of, length=p.length, nullable=p.nullable)
                    for p in f.parameters
                ],
            )
            for f in model.functions
        },
    }


def filled(**given: Any) -> Dict[str, Any]:
    return {key: value for key, value in given.items() if value not in ("", False)}


def rows(indent: str, items: Dict[str, Any]) -> str:
    return ",\n".join(f"{indent}{json.dumps(name)}: {json.dumps(value)}" for name, value in items.items())


def files(model: abi.Model) -> Dict[str, str]:
    described = plain(model)
    parts = [f'  "banner": {json.dumps(BANNER)}', f'  "version": {model.version}']
    parts += [f'  "{kind}": {{\n{rows("    ", items)}\n  }}' for kind, items in described.items()]
    return {PATH: "{\n" + ",\n".join(parts) + "\n}\n"}


def broken(root: pathlib.Path, model: abi.Model) -> List[str]:
    """What the committed description says and the headers no longer do."""
    path = root / PATH
    if not path.exists():
        return []
    was, now = json.loads(path.read_text(encoding="utf-8")), plain(model)
    found = []
    for kind, items in now.items():
        for name, old in was[kind].items():
            new = items.get(name)
            if new != old and not (new and kind == "structs" and grown(old, new)) and not (new and same_call(old, new)):
                found.append(f"{PATH}:1: {name} is frozen as {json.dumps(old)}, the headers give "
                             f"{json.dumps(new)}; what was never released can be thawed by deleting its line")
    return found


def grown(old: Dict[str, Any], new: Dict[str, Any]) -> bool:
    """An options struct may get more fields behind its last."""
    return bool(old["grows"]) and list(new["fields"].items())[: len(old["fields"])] == list(old["fields"].items())


def same_call(old: Any, new: Any) -> bool:
    """Comments may become clearer: a return list may name more codes, a parameter may take NULL from now on."""
    def shape(function: Dict[str, Any]) -> Any:
        return function["returns"], [(p["name"], p["type"], p["role"]) for p in function["parameters"]]
    if not isinstance(old, dict) or "parameters" not in old:
        return False
    return bool(shape(old) == shape(new) and set(old["codes"]) <= set(new["codes"]))
