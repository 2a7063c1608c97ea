"""package.py BUILD DEPS OUT: the wheel, the npm package and the program, of what `./dev package` built, into OUT.

A wheel is a zip with a list of its files, and an npm package a tarball: both are written here, with no build backend, and
are the same bytes for the same inputs.
"""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import platform
import re
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
GLIBC = (2, 34)  # the oldest that these run on: docs/packaging.md; tests/package/artefacts.py reads every symbol
SUMMARY = "Embeddable payment engine: idempotency keys and payouts that survive crashes"
NODE_ARCH = {"x86_64": "x64", "aarch64": "arm64"}

METADATA = """\
Metadata-Version: 2.1
Name: remit
Version: {version}
Summary: {summary}
License: MIT
Requires-Python: >=3.9
Classifier: License :: OSI Approved :: MIT License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
License-File: LICENSE
License-File: THIRD-PARTY.txt
"""


def files_of(folder):
    """Relative name and bytes, in order, without what a run left behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def write_wheel(out, version, library, notices):
    platform_tag = f"manylinux_{GLIBC[0]}_{GLIBC[1]}_{platform.machine()}"
    info = f"remit-{version}.dist-info"
    files = {f"remit/{name}": data for name, data in files_of(ROOT / "bindings/python/remit")}
    files["remit/_lib/libremit.so"] = library
    files.update({f"{info}/licenses/{name}": data for name, data in notices.items()})
    files[f"{info}/METADATA"] = METADATA.format(version=version, summary=SUMMARY).encode()
    files[f"{info}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: remit\nRoot-Is-Purelib: false\nTag: py3-none-{platform_tag}\n").encode()

    def row(name, data):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        return f"{name},sha256={digest},{len(data)}\n"

    record = "".join(row(name, data) for name, data in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    path = out / f"remit-{version}-py3-none-{platform_tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    return path


def write_tarball(path, files, executable=()):
    """`files` by name; the same bytes whoever makes it, and when."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o755 if name in executable else 0o644
            tar.addfile(entry, io.BytesIO(data))
    path.write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))
    return path


def write_npm(out, version, staged, notices):
    manifest = json.loads((staged / "package.json").read_text())
    if manifest["version"] != version:
        raise SystemExit(f"bindings/node/package.json has the version {manifest['version']}, the library {version}")
    arch = NODE_ARCH[platform.machine()]
    manifest["cpu"] = [arch]
    files = {"package/package.json": (json.dumps(manifest, indent=2) + "\n").encode()}
    files.update({f"package/dist/{name}": data for name, data in files_of(staged / "dist")})
    addon = f"prebuilds/linux-{arch}/remit.node"
    files[f"package/{addon}"] = (staged / addon).read_bytes()
    files.update({f"package/{name}": data for name, data in notices.items()})
    return write_tarball(out / f"remit-node-{version}.tgz", files)


def write_program(out, version, program, notices):
    top = f"remit-{version}-linux-{platform.machine()}"
    files = {f"{top}/remit": program, **{f"{top}/{name}": data for name, data in notices.items()}}
    return write_tarball(out / f"{top}.tar.gz", files, {f"{top}/remit"})


def main():
    build, deps, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    version = re.search(r"project\(remit VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    notices = {"LICENSE": (ROOT / "LICENSE").read_bytes(), "THIRD-PARTY.txt": (deps / "static/third-party.txt").read_bytes()}
    made = [
        write_wheel(out, version, (build / "libremit.so").read_bytes(), notices),
        write_npm(out, version, build / "bindings/node/package", notices),
        write_program(out, version, (build / "remit").read_bytes(), notices),
    ]
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (out / "SHA256SUMS").write_text("".join(sums))
    for path in made:
        print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")


main()
