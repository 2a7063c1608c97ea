"""What is allowed where. Each exception says why."""

import re

# ---- includes ------------------------------------------------------------------------------------------------------

STD = set(
    """algorithm any array atomic bit bitset cctype cerrno charconv chrono cinttypes climits cmath compare concepts
    condition_variable csignal cstddef cstdint cstdio cstdlib cstring ctime cwchar deque exception filesystem fstream
    functional initializer_list iomanip ios iostream istream iterator limits list locale map memory mutex new numeric
    optional ostream queue random ranges set shared_mutex source_location span sstream stack stdexcept stop_token
    streambuf string string_view system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set
    utility variant vector version""".split()
)
C_STD = {"stddef.h", "stdint.h"}

# Headers that are not the standard library's: who may see them, and what for.
FOREIGN = [
    (r"simdjson\.h", {"core", "chain_evm"}, "reads JSON; a node's large answers are read where they arrive"),
    (r"openssl/.+", {"crypto"}, "hashes, AES-GCM, key derivation"),
    (r"secp256k1\w*\.h", {"crypto", "testing"}, "signs; the simulated chain recovers senders with code of its own"),
    (r"sqlite3\.h", {"sql", "testing"}, "the adapter; the crash-simulating file system"),
    (r"libpq-fe\.h", {"sql_postgres"}, "the adapter"),
    (r"curl/curl\.h", {"net"}, "the adapter"),
    (r"CLI/CLI\.hpp", {"cli"}, "reads the command line"),
    (r"(unistd|fcntl|dirent|sys/stat)\.h", {"sql", "sql_postgres", "engine", "capi", "cli", "crypto", "port"},
     "process ids, locks and files of the adapters; the size of a page"),
    (r"sys/mman\.h", {"crypto", "port"}, "memory that is locked and wiped, by us or by fork"),
    (r"sys/random\.h", {"engine"}, "the system's randomness"),
    (r"(poll|sys/eventfd)\.h", {"capi", "sql_postgres"}, "the queue's file descriptor; a server that answers late or never"),
    (r"(termios|sys/ioctl)\.h", {"cli"}, "the terminal"),
]

# Public headers that not everybody may include.
PUBLIC_FOR = [
    (r"remit/testing/.+", {"testing", "world", "engine", "capi"}, "simulated parts belong to tests and the simulated world"),
    (r"remit/(?!status)\w+\.h", {"capi"}, "the C ABI is a face, nothing stands on it"),
]

# ---- words ---------------------------------------------------------------------------------------------------------


class Ban:
    """A pattern that may stand only in the places named; a place is the beginning of a path."""

    def __init__(self, name, pattern, places=None):
        self.name = name
        self.pattern = re.compile(pattern)
        self.places = places or {}


FREE = r"(?<![\w.>])(?:std::|::)?"  # a call of a free function, not of a member

BANS = [
    Ban("a clock", r"\bchrono::\w+_clock\b|\busing\s+namespace\s+std::chrono\b|" + FREE +
        r"(time\s*\(\s*(NULL|nullptr|0|&)|(gettimeofday|clock_gettime|timespec_get|ftime)\s*\()|\bstd::clock\s*\(",
        {"src/engine/system_ports.cpp": "the Clock port's adapter"}),
    Ban("randomness", FREE + r"(rand|srand|drand48|arc4random\w*|getrandom|getentropy|RAND_bytes|RAND_priv_bytes)\s*\(|"
        r"\brandom_device\b|\bmt19937|\bdefault_random_engine\b",
        {"src/engine/system_ports.cpp": "the Random port's adapter"}),
    Ban("a socket", FREE + r"(socket|getaddrinfo|gethostbyname|epoll_create1?|sendto|recvfrom)\s*\(|(?<!\w)::(bind|connect|accept)\s*\("),
    Ban("a thread", r"\bstd::(jthread|async|thread(?!::id))\b|\bpthread_create\b",
        {"src/engine/engine.cpp": "start() ticks on a thread", "src/engine/instance.hpp": "the same thread",
         "src/engine/job_pool.": "blocking calls of others run in a bounded pool",
         "src/sql/sqlite/group_commit.": "start() gives the database its writer",
         "src/sql/postgres/submitted.": "start() gives the database its writers",
         "src/testing/database_kit.hpp": "what a database promises to threads that write at once"}),
    Ban("a sleep", r"\bsleep_(for|until)\b|" + FREE + r"(sleep|usleep|nanosleep)\s*\(",
        {"src/sql/sqlite/owner_locks.cpp": "another process's sweep holds a lock file for a moment and tells nobody",
         "src/sql/postgres/pool.cpp": "a server that starts or is full is tried again, twice",
         "src/sql/postgres/database.cpp": "after its third deadlock a transaction lets the others go first"}),
    Ban("printing", r"\bstd::(cout|cerr|clog)\b|" + FREE +
        r"(printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|perror)\s*\(", {"src/cli/": "the program's work"}),
    Ban("an end of the process", FREE + r"(abort|exit|_exit|_Exit|quick_exit|terminate|assert)\s*\(",
        {"src/cli/terminal.cpp": "a signal during a hidden prompt: the echo is restored, then the program ends"}),
    Ban("catch", r"\bcatch\s*\(",
        {"src/capi/guard.hpp": "the one guard", "src/cli/main.cpp": "CLI11 tells of wrong words by exceptions"}),
    Ban("throw", r"\bthrow\b"),
    Ban("floating point", r"\b(float|double|strto[fd]|stof|stod|atof)\b",
        {"src/cli/": "rates and ages, shown only", "src/core/canonical.cpp": "RFC 8785 writes numbers as doubles; none is money",
         "src/testing/crash_vfs.cpp": "SQLite asks a file system for days"}),
    Ban("the environment", r"\b(secure_)?getenv\b|\bsetenv\b|\bputenv\b",
        {"src/cli/": "the program's work", "src/capi/engine.cpp": "when the host's options ask for it"}),
]

# ---- sizes ---------------------------------------------------------------------------------------------------------

FUNCTION_LINES = 60
FILE_LINES = 450
README_LINES = 200

# ---- documents -----------------------------------------------------------------------------------------------------

# Written in pieces, so that this file does not contain what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(" + "|".join(["wo" "rk", "ro" "ot", "fa" "rm", "tmp/br" "ief"]) + r")(?=[/\s\"')]|$)", re.M)
REGISTRY_HOSTS = re.compile("|".join(
    ["registry" r"\.npmjs", "pypi" r"\.org", "files" r"\.pythonhosted", "deb" r"\.debian", "proxy" r"\.golang",
     "crates" r"\.io", "center" r"\.conan"]))
# Kept as they were published, or as their tool writes them.
NOT_OURS = ("tests/vectors/",)
