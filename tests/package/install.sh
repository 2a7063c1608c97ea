#!/bin/sh
# install.sh BUILD SOURCE: installs what was built, and uses it as strangers do: find_package, and pkg-config.
set -eu
build=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/usr" >/dev/null
cmake -S "$source/tests/package/stranger" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$folder/usr" >/dev/null
cmake --build "$folder/build" >/dev/null
export LD_LIBRARY_PATH="$folder/usr/lib:$(echo "$folder"/usr/lib/*-linux-gnu)"
expected='0.1.0 E_INVALID chains[0].id'
said=$("$folder/build/stranger_c")
[ "$said" = "$expected" ] || { echo "find_package, C: $said"; exit 1; }
said=$("$folder/build/stranger_cpp")
[ "$said" = 'chains[0].id' ] || { echo "find_package, C++: $said"; exit 1; }

PKG_CONFIG_PATH=$(dirname "$(find "$folder/usr" -name remit.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc "$source/tests/package/stranger/stranger.c" -o "$folder/by_pkg_config" $(pkg-config --define-prefix --cflags --libs remit)
said=$("$folder/by_pkg_config")
[ "$said" = "$expected" ] || { echo "pkg-config: $said"; exit 1; }
"$folder/usr/bin/remit" --version | grep -q '^0\.1\.0$' || { echo "the program does not run from where it was installed"; exit 1; }
