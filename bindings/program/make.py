#!/usr/bin/env python3
"""A random program of API calls: make.py SEED > program

The same program is run in C++ (run.cpp), Python (run.py) and Node (run.mjs), each through its 1:1 layer, on the
simulated world. Each interpreter writes a transcript, and the transcripts must be equal byte for byte (check.py).
An interpreter is called as `run PROGRAM`, in an empty folder of its own, and writes the transcript to its standard
output. It knows the functions from bindings/abi.json (C++: from calls.hpp, made from the same headers), nothing else.

A program is text, one step per line; a line that begins with # is skipped.

    STEP   = NUMBER " " FUNCTION { " " NAME "=" VALUE }      12 remit_payout_get engine=@3.out_engine id=~po_1 async=-
    VALUE  = "-"                          NULL, for any pointer
           | ["-"] DIGITS                 a number, to 64 bits
           | "~" { BYTE | "%" HEX HEX }   bytes or text; "~" alone is empty, which is not NULL
           | "@" NUMBER "." PATH          an output of an earlier step: see below
           | "{" NAME "=" VALUE { "," ... } "}"       a struct; fields that are not named are zero; "{}" all zero
           | "[" VALUE { "," ... } "]"    an array, of structs or values; "[]" is empty, pointer not NULL, count 0
           | "keep" | "hide" | "null"     only for an output, see below

Bytes other than A-Z a-z 0-9 _ . : / " and - are written as % and two upper case hex digits, there and in transcripts.
NUMBER counts from 1. Every input parameter but the lengths is named, in the order of the headers. The lengths (role
"length") are never named: they follow from the bytes or the array. struct_size is set by the interpreter.

An output (role out_*, error) is named only when it is not treated in the usual way:
    usual   a pointer is given. Afterwards the output is written to the transcript; a blob and an error are then freed,
            any other handle is kept under @N.out_name until a step frees it.
    keep    a blob or an error is not freed: a later step reads and frees it.
    hide    given, but "*" is written in place of what came out (times, descriptors, random bytes). An error's text too.
    null    NULL is given, and nothing is written.

PATH is the name of an output, or "return" for what the function returns, then ".INDEX" into an array and ".FIELD" into
a struct: @7.out_accepted.0.id is the id of the first accepted payout as text, @9.return.token a number. A handle that
was not made, or whose step failed, is NULL; a number that was not made is 0, and text that was not made is empty. A blob
that is kept can be used as a handle and as text: which, the parameter tells. Handles are freed by steps, each once, in
any order. No step uses a handle behind its free.

The transcript has one line for each step:

    NUMBER " " FUNCTION " " RESULT { " " NAME "=" SHOWN }

    RESULT   a status function: the status' name by remit_status_name. "-" for void; a number in decimal; text as in a
             program (~...), NULL as "null"; a handle as "handle" or "null"; a pointer to a struct as that or "null".
    SHOWN    the outputs in the order of the parameters, then the error. Numbers in decimal; a blob as its bytes (~...)
             or "null"; other handles as "handle" or "null"; structs as {name=...,name=...} with every field but
             struct_size and lengths; out_structs as [..,..] with as many as were given. Text in a struct is ~..., and
             NULL there "null"; a char array its text up to the NUL; a handle in a struct "handle" or "null".
    error    when an error came out: error={status=E_NAME,field=~...,text=~...}, else nothing. With hide: text=*.
    On a call that did not wait (async is not NULL) and gave OK, no output is written. On every other call all are,
    also when it failed: an output is then NULL or zero.

A work answer must not be late by chance: items are fetched with a timeout of 0 only, so nothing depends on time.
"""

import json
import pathlib
import random
import sys
from typing import Any, Callable, Dict, List, Optional, Set

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from scenes import Scenes  # noqa: E402
from words import Word, encode  # noqa: E402

STEPS = 260
# Called when the program ends.
LAST = {"remit_engine_free", "remit_queue_free", "remit_world_free", "remit_claim_free"}


class Program:
    """The steps, with every parameter checked against the description of the ABI."""

    def __init__(self, described: Dict[str, Any]) -> None:
        self.functions = described["functions"]
        self.lines: List[str] = []
        self.called: List[str] = []

    def call(self, function: str, **given: Any) -> Callable[[str], Word]:
        name = "remit_" + function
        parameters = self.functions[name]["parameters"]
        known = {p["name"] for p in parameters}
        unknown = set(given) - known
        if unknown:
            raise KeyError(f"{name} has no {', '.join(sorted(unknown))}")
        said = []
        for p in parameters:
            output = p["name"].startswith("out_")
            if p["role"] == "length" or output and p["name"] not in given:
                continue
            value = given.get(p["name"], 0 if p["role"] == "scalar" else None)
            said.append(f" {p['name']}={encode(value)}")
        number = len(self.lines) + 1
        self.lines.append(f"{number} {name}{''.join(said)}")
        self.called.append(name)
        return lambda path: Word(f"@{number}.{path}")


def make(seed: int, described: Dict[str, Any]) -> Program:
    program = Program(described)
    scenes = Scenes(program, random.Random(seed), seed)
    scenes.begin()
    todo = list(scenes.all())
    scenes.random.shuffle(todo)
    for scene in todo:  # each once, so that every function appears
        scene()
    scenes.every = False
    while len(program.lines) < STEPS or missing(program) - LAST:
        scenes.random.choices(scenes.all(), scenes.weights())[0]()
    scenes.end()
    return program


def missing(program: Program) -> Set[str]:
    """Functions of the ABI that the program does not call. There is no list of exceptions: all can be called."""
    return set(program.functions) - set(program.called)


def main(argv: List[str]) -> Optional[str]:
    if len(argv) != 1:
        return __doc__
    described = json.loads((pathlib.Path(__file__).resolve().parents[1] / "abi.json").read_text(encoding="utf-8"))
    program = make(int(argv[0]), described)
    print("\n".join(program.lines))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
