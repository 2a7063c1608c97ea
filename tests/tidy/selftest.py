#!/usr/bin/env python3
"""Plants one violation of each kind in a small tree and shows that its check sees it, and nothing else does."""

import os
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

import abi
import checks
import rules
import tidy
from source import Tree, functions, strip

CLEAN = {
    "CMakeLists.txt": "remit_room(core DIR core USES LINKS simdjson::simdjson)\n"
                      "remit_room(sql DIR sql USES core)\n"
                      "remit_room(chain_evm DIR chain/evm USES core)\n"
                      "remit_room(capi DIR capi USES)\n",
    "include/remit/base.h": "#ifndef REMIT_BASE_H\n#define REMIT_BASE_H\n#include <stddef.h>\n#include <stdint.h>\n"
                            "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
                            "#define REMIT_API __attribute__((visibility(\"default\")))\n"
                            "enum { REMIT_OK = 0, REMIT_E_MISUSE = -1 };\n"
                            "typedef struct remit_options {\n    uint32_t struct_size;\n    uint32_t flags;\n    const char *name;\n"
                            "    void (*done)(int, void *);\n    uint8_t raw[8];\n} remit_options;\n"
                            "REMIT_API int32_t remit_open(const char *path, size_t path_len, const remit_options *options);\n"
                            "#ifdef __cplusplus\n}\n#endif\n#endif\n",
    "include/remit/core.hpp": "#pragma once\n\n#include <string>\n\nnamespace remit {\nstd::string name();\n}\n",
    "src/core/a.hpp": "#pragma once\n",
    "src/core/a.cpp": "#include \"core/a.hpp\"\n\n#include <remit/core.hpp>\n\n#include <simdjson.h>\n\n"
                      "namespace remit {\n// abort() in a comment\nstd::string name() {\n    return \"catch (double) abort() \\\" rand()\";\n}\n}\n",
    "src/sql/b.cpp": "#include \"core/a.hpp\"\nint b = 1'000;\n",
    "src/chain/evm/c.cpp": "#include \"core/a.hpp\"\n",
    "src/capi/guard.hpp": "#pragma once\n#include <remit/base.h>\ninline void f() {\n    try {\n    } catch (...) {\n    }\n}\n",
    "src/capi/guard.cpp": "#include \"capi/guard.hpp\"\n",
    "README.md": "# Remit\n\n```sh\n# not a title\n```\n",
}


def function_of(lines):
    return "int f() {\n" + "    ;\n" * (lines - 2) + "}\n"


class Planted(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        for name, text in CLEAN.items():
            self.write(name, text)

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def append(self, name, text):
        self.write(name, CLEAN[name] + text)

    def offences(self, check, library=None):
        return tidy.CHECKS[check](Tree(self.root), types.SimpleNamespace(library=library))

    def sees(self, check, where, what):
        found = self.offences(check)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where + ":"), found[0])
        self.assertIn(what, found[0])


class Includes(Planted):
    def test_clean(self):
        self.assertEqual(self.offences("include_graph"), [])

    def test_edge_between_rooms(self):
        self.write("src/sql/b.hpp", "")
        self.append("src/core/a.cpp", '#include "sql/b.hpp"\n')
        self.sees("include_graph", "src/core/a.cpp:13", "core -> sql")

    def test_room_in_a_subfolder(self):
        self.write("src/chain/evm/c.hpp", "")
        self.append("src/sql/b.cpp", '  #  include "chain/evm/c.hpp"\n')
        self.sees("include_graph", "src/sql/b.cpp:3", "sql -> chain_evm")

    def test_capi_sees_no_room(self):
        self.append("src/capi/guard.cpp", '#include "core/a.hpp"\n')
        self.sees("include_graph", "src/capi/guard.cpp:2", "capi -> core")

    def test_relative_name(self):
        self.append("src/core/a.cpp", '#include "a.hpp"\n')
        self.sees("include_graph", "src/core/a.cpp:13", "no file below src/")

    def test_folder_without_a_room(self):
        self.write("src/cellar/x.cpp", "")
        self.sees("include_graph", "src/cellar/x.cpp:1", "no room")

    def test_foreign_header(self):
        self.append("src/sql/b.cpp", "#include <simdjson.h>\n")
        self.sees("include_graph", "src/sql/b.cpp:3", "for chain_evm, core only")

    def test_unheard_of_header(self):
        self.append("src/core/a.cpp", "#include <zlib.h>\n")
        self.sees("include_graph", "src/core/a.cpp:13", "no table")

    def test_public_header(self):
        self.append("include/remit/core.hpp", "#include <simdjson.h>\n")
        self.sees("include_graph", "include/remit/core.hpp:8", "not the standard library")

    def test_c_header_in_a_room(self):
        self.append("src/core/a.cpp", "#include <remit/base.h>\n")
        self.sees("include_graph", "src/core/a.cpp:13", "for capi only")

    def test_cpp_header_in_a_c_header(self):
        self.append("include/remit/base.h", "#include <remit/core.hpp>\n")
        self.sees("include_graph", "include/remit/base.h:22", "core.hpp")

    def test_limit_program(self):
        self.write("tests/bench/limit/x.cpp", "#include <remit/core.hpp>\n")
        self.sees("include_graph", "tests/bench/limit/x.cpp:1", "must not know us")

    def test_commented_out(self):
        self.append("src/core/a.cpp", '// #include "sql/b.hpp"\n/*\n#include <zlib.h>\n*/\n')
        self.assertEqual(self.offences("include_graph"), [])


class Words(Planted):
    PLANTS = {
        "a clock": ["auto t = std::chrono::steady_clock::now();", "time(nullptr);", "clock_gettime(0, &t);", "std::clock();"],
        "randomness": ["std::rand();", "std::random_device d;", "std::mt19937_64 m;", "getrandom(p, 1, 0);", "RAND_bytes(p, 1);"],
        "a socket": ["int s = socket(AF_INET, 0, 0);", "::connect(s, p, n);", "getaddrinfo(a, b, c, d);"],
        "a thread": ["std::thread t(f);", "std::jthread t(f);", "auto x = std::async(f);", "pthread_create(a, b, c, d);"],
        "a sleep": ["std::this_thread::sleep_for(x);", "usleep(5);"],
        "printing": ["printf(a);", "std::cout << 1;", "std::cerr << 1;", "fprintf(f, a);", "puts(a);"],
        "an end of the process": ["abort();", "std::exit(1);", "std::terminate();", "assert(x);"],
        "catch": ["try { } catch (int) { }"],
        "throw": ["throw 1;"],
        "floating point": ["double d = 1;", "float f;", "std::stod(s);"],
        "the environment": ["std::getenv(n);"],
    }
    INNOCENT = ("x.time(0); a.send(b); p->abort(); static_assert(true); snprintf(a, n, f); std::thread::id i; doubled = 1;"
                " auto c = 'a'; int n = 1'000'000; const char *s = R\"(abort() \" catch (double))\"; // std::rand()\n"
                "Result<void> Service::accept(SqlTx &tx);\n")

    def test_clean(self):
        found = [f for f in self.offences("ban_list") if not f.startswith("tests/tidy/rules.py")]
        self.assertEqual(found, [])

    def test_each_word(self):
        self.assertEqual(set(self.PLANTS), {ban.name for ban in rules.BANS})
        for ban, plants in self.PLANTS.items():
            for plant in plants:
                self.append("src/sql/b.cpp", plant + "\n")
                found = [f for f in self.offences("ban_list") if f.startswith("src/sql/b.cpp:3: " + ban)]
                self.assertEqual(len(found), 1, plant)

    def test_innocent(self):
        self.append("src/sql/b.cpp", self.INNOCENT)
        self.assertEqual([f for f in self.offences("ban_list") if not f.startswith("tests/tidy/rules.py")], [])

    def test_place_that_is_gone(self):
        self.assertTrue(any("does not exist" in f for f in self.offences("ban_list")))

    def test_allowed_place(self):
        self.write("src/cli/main.cpp", "void f() { std::cout << 1; }\n")
        self.assertEqual([f for f in self.offences("ban_list") if f.startswith("src/")], [])


class Sizes(Planted):
    def test_function(self):
        self.append("src/sql/b.cpp", function_of(60))
        self.assertEqual(self.offences("function_length"), [])
        self.append("src/sql/b.cpp", function_of(61))
        self.sees("function_length", "src/sql/b.cpp:3", "61 lines")

    def test_method_in_a_class_and_constructor(self):
        body = "    ;\n" * 70
        for head in ("struct S : T<U> {\n    int f() const noexcept {\n" + body + "    }\n};\n",
                     "S::S(int x)\n    : a_{x}, b_(x) {\n" + body + "}\n",
                     "namespace a::b {\nstruct X f() {\n" + body + "}\n}\n",
                     "extern \"C\" {\nint f(void) {\n" + body + "}\n}\n",
                     "const auto f = [](int x) {\n" + body + "};\n",
                     "template <class T>\nauto f(T t) -> T {\n" + body + "}\n"):
            self.append("src/sql/b.cpp", head)
            self.assertEqual(len(self.offences("function_length")), 1, head[:60])

    def test_tables_are_not_functions(self):
        rows = "    {1, f(2)},\n" * 70
        for table in ("constexpr T kT[] = {\n" + rows + "};\n", "enum class E : int {\n" + "    a,\n" * 70 + "};\n",
                      "constexpr std::array<T, 2> kT{{\n" + rows + "}};\n"):
            self.append("src/sql/b.cpp", table)
            self.assertEqual(self.offences("function_length"), [], table[:40])

    def test_ratchet_only_shrinks(self):
        self.append("src/sql/b.cpp", function_of(70))
        self.write("tests/tidy/function_length.txt", "# why\nsrc/sql/b.cpp 70\n")
        self.assertEqual(self.offences("function_length"), [])
        self.append("src/sql/b.cpp", function_of(71))
        self.sees("function_length", "src/sql/b.cpp:3", "71 lines; 70 are allowed")
        self.append("src/sql/b.cpp", function_of(65))
        self.sees("function_length", "tests/tidy/function_length.txt:1", "come down to 65")
        self.write("src/sql/b.cpp", CLEAN["src/sql/b.cpp"])
        self.sees("function_length", "tests/tidy/function_length.txt:1", "come down")

    def test_file(self):
        self.write("src/sql/b.cpp", "\n" * 450)
        self.assertEqual(self.offences("function_length"), [])
        self.write("src/sql/b.cpp", "\n" * 451)
        self.sees("function_length", "src/sql/b.cpp:451", "451 lines")


class Documents(Planted):
    def test_clean(self):
        self.assertEqual(self.offences("documents"), [])

    def test_titles(self):
        self.append("README.md", "# Again\n")
        self.sees("documents", "README.md:6", "2 titles")
        self.write("README.md", "no title\n")
        self.sees("documents", "README.md:1", "0 titles")

    def test_long_readme(self):
        self.append("README.md", "\n" * 195)
        self.assertEqual(self.offences("documents"), [])
        self.append("README.md", "\n" * 196)
        self.sees("documents", "README.md:201", "201 lines")

    def test_machine_path_and_registry(self):
        self.write("dev", "cd /wo" "rk/here\n")
        self.sees("documents", "dev:1", "machine")
        self.write("dev", "see docs/wo" "rk/x and ~/ro" "ot/y\ncurl https://registry" ".npmjs.org/x\n")
        self.sees("documents", "dev:2", "registry")

    def test_dead_file(self):
        self.assertEqual(self.offences("dead_files"), [])
        self.write("src/sql/unused.hpp", "")
        self.sees("dead_files", "src/sql/unused.hpp:1", "nothing includes it")

    def test_format(self):
        self.write(".clang-format", "BasedOnStyle: LLVM\n")
        self.write("src/core/a.cpp", "int  a;\n")
        self.assertTrue(any(f.startswith("src/core/a.cpp:1:") for f in self.offences("format")))


class Abi(Planted):
    def test_headers_alone(self):
        self.assertEqual(self.offences("headers_alone"), [])
        # Each of these is wrong in one language, by one compiler's word, or by its padding only.
        for plant in ("typedef struct remit_gap {\n    uint32_t a;\n    uint64_t b;\n} remit_gap;\n", "inline int remit_i(void);\n",
                      "REMIT_API int remit_new(int class);\n", "REMIT_API remit_nothing remit_x(void);\n"):
            self.write("include/remit/base.h", CLEAN["include/remit/base.h"].replace("REMIT_API int32_t", plant + "REMIT_API int32_t"))
            self.assertNotEqual(self.offences("headers_alone"), [], plant)
        self.write("include/remit/base.h", CLEAN["include/remit/base.h"])
        self.append("include/remit/core.hpp", "std::vector<int> missing_include();\n")
        self.assertEqual(len(self.offences("headers_alone")), 1)

    def library(self, text):
        path = os.path.join(self.root, "lib.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-fvisibility=hidden", "-x", "c", "-o", path, "-"], input=text, text=True, check=True)
        return path

    def test_exported_symbols(self):
        ours = '__attribute__((visibility("default"))) int remit_open(void) { return 0; }\n'
        self.assertEqual(self.offences("exported_symbols", self.library(ours)), [])
        self.assertIn("does not export", self.offences("exported_symbols", self.library("int x;\n"))[0])
        leak = '__attribute__((visibility("default"))) int leak;\n'
        self.assertIn("exports leak", self.offences("exported_symbols", self.library(ours + leak))[0])

    def base(self, old, new):
        self.write("include/remit/base.h", CLEAN["include/remit/base.h"].replace(old, new))

    def test_layout_and_freeze(self):
        self.assertIn("is new", self.offences("layout")[0])
        self.assertEqual(self.offences("freeze"), [])
        self.assertEqual(self.offences("layout"), [])
        with open(os.path.join(self.root, abi.FROZEN), encoding="utf-8") as file:
            text = file.read()
        for line in ("size remit_options 32\n", "field remit_options.done 16 8\n", "field remit_options.raw 24 8\n",
                     "code REMIT_E_MISUSE -1\n", "call remit_open int32_t remit_open(const char *, size_t, const remit_options *)\n"):
            self.assertIn(line, text)

    def test_each_change_of_what_is_frozen(self):
        self.offences("freeze")
        for old, new in (("MISUSE = -1", "MISUSE = -2"), (", REMIT_E_MISUSE = -1", ""), ("uint8_t raw[8]", "uint8_t raw[16]"),
                         ("uint32_t flags;", "uint64_t flags;"), ("    uint8_t raw[8];\n", ""), ("size_t path_len", "int path_len"),
                         ("remit_open", "remit_opened")):
            self.base(old, new)
            self.assertNotEqual(self.offences("layout"), [], new)
            self.assertNotEqual(self.offences("freeze"), [], new)

    def test_growth_at_the_end(self):
        self.offences("freeze")
        self.base("raw[8];\n", "raw[8];\n    uint64_t more;\n")
        self.assertNotEqual(self.offences("layout"), [])
        self.assertEqual(self.offences("freeze"), [])
        self.assertEqual(self.offences("layout"), [])


class Reading(unittest.TestCase):
    def test_strip_keeps_lines(self):
        text = 'a /* x\ny */ b\n"s\\"t" \'"\' R"x(\n)")x" 1\'0 c // d\n'
        self.assertEqual(strip(text).count("\n"), text.count("\n"))
        self.assertEqual(strip(text).split()[0:2], ["a", "b"])
        self.assertNotIn("t", strip(text))

    def test_functions_of_nested_scopes(self):
        code = "namespace a {\nclass B {\n    int f() {\n        if (x) {\n        }\n    }\n    int v{3};\n};\nint g()\n{\n}\n}\n"
        self.assertEqual(list(functions(code)), [(3, 6), (9, 11)])

    def test_every_check_is_tested(self):
        with open(__file__, encoding="utf-8") as file:
            text = file.read()
        for name in tidy.CHECKS:
            self.assertIn(f'"{name}"', text)
        self.assertTrue(checks.ROOM.search("remit_room(a      DIR a/b            USES)"))


if __name__ == "__main__":
    sys.exit(unittest.main())
