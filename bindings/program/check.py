#!/usr/bin/env python3
"""Runs random programs in several languages and compares their transcripts: check.py NAME=COMMAND... [-- SEED...]

Each COMMAND is given the program as its last argument. With REMIT_LONG=1 there are many more seeds. Of a difference the
step and both lines are told, and the program and all transcripts stay in the folder that is named.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
from typing import Dict, List

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import make  # noqa: E402

DESCRIBED = json.loads((pathlib.Path(__file__).resolve().parents[1] / "abi.json").read_text(encoding="utf-8"))


def run(name: str, command: str, program: pathlib.Path) -> List[str]:
    """The transcript. Each run has a folder of its own, because engines make files in it."""
    folder = program.with_name(name)
    folder.mkdir()
    done = subprocess.run(
        [*shlex.split(command), str(program)], cwd=folder, capture_output=True, timeout=120, check=False
    )
    program.with_suffix(f".{name}").write_bytes(done.stdout)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode != 0:
        raise SystemExit(f"{name} ended with {done.returncode} after step {lines[-1][:80] if lines else 'none'}\n"
                         f"{done.stderr.decode('utf-8', 'replace')[-2000:]}\nprogram: {program}")
    return lines


def compare(seed: int, commands: Dict[str, str]) -> int:
    made = make.make(seed, DESCRIBED)
    missing = make.missing(made)
    if missing:
        raise SystemExit(
            f"seed {seed} never calls {', '.join(sorted(missing))}: give bindings/program/scenes.py a scene for it"
        )
    program = pathlib.Path(tempfile.mkdtemp(prefix="remit-program-")) / f"{seed}.program"
    program.write_text("\n".join(made.lines) + "\n", encoding="utf-8")
    transcripts = {name: run(name, command, program) for name, command in commands.items()}
    first, *others = transcripts
    if len(transcripts[first]) != len(made.lines):
        raise SystemExit(
            f"{first} wrote {len(transcripts[first])} lines for {len(made.lines)} steps\nprogram: {program}"
        )
    for other in others:
        for step, one, two in zip(made.lines, transcripts[first], transcripts[other]):
            if one != two:
                raise SystemExit(
                    f"seed {seed}: the transcripts differ at\n  {step}\n  {first}: {one}\n"
                    f"  {other}: {two}\nprogram: {program}"
                )
        if len(transcripts[first]) != len(transcripts[other]):
            raise SystemExit(f"seed {seed}: {first} and {other} wrote different numbers of lines\nprogram: {program}")
    shutil.rmtree(program.parent)
    return len(made.lines)


def main(arguments: List[str]) -> None:
    given, _, seeds = " ".join(map(shlex.quote, arguments)).partition(" -- ")
    commands = dict(word.split("=", 1) for word in shlex.split(given))
    chosen = list(map(int, seeds.split())) or list(range(1, 101 if os.environ.get("REMIT_LONG") == "1" else 7))
    calls = sum(compare(seed, commands) for seed in chosen)
    print(f"{len(chosen)} programs, {calls} calls, the same in {', '.join(commands)}")


if __name__ == "__main__":
    main(sys.argv[1:])
