"""Checks of the C ABI: headers that compile alone, exported symbols, frozen layout."""

import concurrent.futures
import os
import re
import subprocess
import tempfile

from source import strip

FROZEN = "tests/abi/frozen.txt"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
C_FORMS = [("c", "c99"), ("c", "c11"), ("c", "c17"), ("c++", "c++17"), ("c++", "c++20")]
COMPILERS = ["gcc", "clang-14"]


def run(command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def c_headers(tree):
    return [f for f in tree.under("include/remit/", ends=(".h",))]


def headers_alone(tree, _):
    forms = [(compiler, lang, std) for compiler in COMPILERS for lang, std in C_FORMS]
    jobs = [(name, [compiler, "-x", lang, f"-std={std}", "-Wpadded"]) for name in c_headers(tree)
            for compiler, lang, std in forms]
    # One compiler each: the other one sees these headers in every build.
    for name in tree.under("include/remit/", ends=(".hpp",)):
        jobs.append((name, ["gcc", "-x", "c++", "-std=c++20", "-Wconversion", "-Wshadow"]))

    def compile_alone(job):
        name, command = job
        # C forbids an empty translation unit, and status.h is macros only.
        text = f"#include <{name[len('include/'):]}>\ntypedef int remit_alone;\n"
        done = run([*command, *STRICT, "-fsyntax-only", "-I", tree.path("include"), "-"], text)
        if done.returncode == 0:
            return None
        return f"{name}:1: does not compile alone with {' '.join(command)}\n{done.stderr.strip()}"

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [problem for problem in pool.map(compile_alone, jobs) if problem]


def declared(tree):
    """name -> prototype without the parameters' names, of every REMIT_API function."""
    out = {}
    for name in c_headers(tree):
        code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", strip(tree.text(name)), flags=re.M)
        for result, function, parameters in re.findall(r"\bREMIT_API\b([^;(]*?)\b(\w+)\s*\(([^;]*)\)\s*;", code):
            result = " ".join(result.replace("REMIT_NODISCARD", "").split())
            types = [unnamed(parameter) for parameter in parameters.split(",")]
            out[function] = re.sub(r"\* (?=\*)", "*", f"{result} {function}({', '.join(types)})")
    return out


def unnamed(parameter):
    parameter = " ".join(parameter.split())
    named = re.fullmatch(r"(.*[\w*]\s*?[ *])(\w+)(\s*\[.*\])?", parameter)
    if not named or parameter in ("unsigned int", "unsigned char", "long long"):
        return parameter
    return (named.group(1).rstrip() + (named.group(3) or "")).strip()


def exported_symbols(tree, args):
    if not args.library:
        return ["tidy.py:1: --library is needed"]
    done = run(["nm", "-D", "--defined-only", "--format=posix", args.library])
    if done.returncode != 0:
        return [f"{args.library}:1: {done.stderr.strip()}"]
    exported = {line.split()[0].split("@")[0] for line in done.stdout.splitlines() if line.split()[1] != "A"}
    public = set(declared(tree))
    found = [f"include/remit:1: {s} is declared but the library does not export it" for s in sorted(public - exported)]
    found += [f"{args.library}:1: exports {s}, which no header declares" for s in sorted(exported - public)]
    found += [f"include/remit:1: {s} does not begin with remit_" for s in sorted(public) if not s.startswith("remit_")]
    return found


def preprocessed(tree):
    text = "".join(f"#include <{name[len('include/'):]}>\n" for name in c_headers(tree))
    done = run(["gcc", "-E", "-P", "-x", "c", "-std=c11", "-I", tree.path("include"), "-"], text)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def layout_program(tree):
    """A C program that prints one line for each size, offset and code that the headers define."""
    text = preprocessed(tree)
    lines = []
    for struct, body in re.findall(r"\bstruct\s+(remit_\w+)\s*\{([^{}]*)\}", text):
        lines.append(f'    printf("size {struct} %zu\\n", sizeof(struct {struct}));')
        for field in fields(body):
            where = f"offsetof(struct {struct}, {field}), sizeof(((struct {struct} *)0)->{field})"
            lines.append(f'    printf("field {struct}.{field} %zu %zu\\n", {where});')
    for body in re.findall(r"\benum\b\s*\w*\s*\{([^{}]*)\}", text):
        for code in re.findall(r"\b(REMIT_\w+)\s*(?:=[^,]*)?(?:,|$)", body):
            lines.append(f'    printf("code {code} %lld\\n", (long long){code});')
    heads = "".join(f"#include <{name[len('include/'):]}>\n" for name in c_headers(tree))
    return f"#include <stdio.h>\n{heads}int main(void) {{\n" + "\n".join(lines) + "\n    return 0;\n}\n"


def fields(body):
    for declaration in body.split(";"):
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", declaration)
        if pointer:
            yield pointer.group(1)
        elif declaration.strip():
            for part in declaration.split(","):
                yield re.search(r"(\w+)\s*(\[.*\])?\s*$", part.strip()).group(1)


def present(tree):
    """What the headers say now: (kind, name) -> the rest of the line."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "layout")
        done = run(["gcc", "-x", "c", "-std=c11", "-I", tree.path("include"), "-o", program, "-"], layout_program(tree))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        lines = run([program]).stdout.splitlines()
    lines += [f"call {name} {prototype}" for name, prototype in sorted(declared(tree).items())]
    return parse(lines)


def parse(lines):
    out = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            kind, name, rest = line.split(" ", 2)
            out[kind, name] = rest
    return out


def frozen(tree):
    return parse((tree.text(FROZEN) or "").splitlines()) if FROZEN in tree.files else {}


def layout(tree, _):
    now, was = present(tree), frozen(tree)
    found = [f"{FROZEN}:1: {' '.join(key)} is frozen as {rest}, the headers give {now.get(key, 'nothing')}"
             for key, rest in was.items() if now.get(key) != rest]
    found += [f"{FROZEN}:1: {' '.join(key)} {rest} is new: run tests/tidy/tidy.py freeze" for key, rest in now.items()
              if key not in was]
    return found


def freeze(tree, _):
    """Adds what is new. What is frozen stays, but for the size of an options struct that grew at its end."""
    now, was = present(tree), frozen(tree)
    found = []
    for key, rest in was.items():
        kind, name = key
        grows = kind == "size" and ("field", f"{name}.struct_size") in was and key in now and int(now[key]) > int(rest)
        if now.get(key) != rest and not grows:
            found.append(f"{FROZEN}:1: {kind} {name} is frozen as {rest} and stays so; the headers give {now.get(key, 'nothing')}")
    if not found:
        os.makedirs(os.path.dirname(tree.path(FROZEN)), exist_ok=True)
        with open(tree.path(FROZEN), "w", encoding="utf-8") as file:
            file.write("# Sizes, fields (offset, size), codes and calls of the C ABI on 64-bit Linux. Grown by tidy.py freeze,\n"
                       "# which changes no line that stands here.\n")
            file.writelines(f"{kind} {name} {rest}\n" for (kind, name), rest in now.items())
    return found
