#!/bin/sh
# static.sh OUT: builds the libraries that go inside the wheel and the npm package, from Debian's sources, into OUT.
#
# Of each the version is that of the installed -dev package: what ships is what the tests ran with, Debian's security
# fixes included. apt checks the archive's signature. OpenSSL is not here: Debian's libssl.a and libcrypto.a will do.
# The same call again does nothing while neither this script nor the installed versions change.
set -eu
out=$1
self=$0
jobs=$(nproc 2>/dev/null || echo 2)
dev_packages='libcurl4-openssl-dev libpq-dev libsimdjson-dev libsecp256k1-dev libssl-dev'

# shellcheck disable=SC2086
versions=$(dpkg-query -W -f '${source:Package} ${source:Version} ${Architecture}\n' $dev_packages)
stamp=.ready-$({ echo "$versions"; cat "$self"; } | cksum | tr ' ' -)
[ ! -e "$out/$stamp" ] || exit 0

version_of() { echo "$versions" | sed -n "s/^$1 \([^ ]*\) .*/\1/p"; }
postgresql=$(echo "$versions" | sed -n 's/^\(postgresql-[0-9]*\) .*/\1/p')

work=$out.part
rm -rf "$work"
mkdir -p "$work/src" "$work/lib" "$work/include" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
work=$(cd "$work" && pwd)
out=${work%.part}
flags="-O2 -g0 -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2
    -ffile-prefix-map=$work=."
# shellcheck disable=SC2086,SC2116
flags=$(echo $flags)

apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

# The system's own list of Debian archives, asked for sources; the system's settings stay as they are.
fetch() {
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u |
        sed "s|^|deb-src [signed-by=$keys] |" >"$work/apt/sources.list"
    apt update
    cd "$work/src"
    for source in curl "$postgresql" simdjson libsecp256k1; do
        version=$(version_of "$source")
        apt source "$source=$version" || {
            echo "the archive has no $source $version any more: upgrade the installed packages, then try again"
            return 1
        }
        mv "$source"-*/ "$source"
    done
    cd "$work"
}

# HTTP and HTTPS, a resolver in a thread, OpenSSL; no other protocol and no other library.
build_curl() {
    cmake -S src/curl -B curl -G Ninja -DCMAKE_BUILD_TYPE=None "-DCMAKE_C_FLAGS=$flags" -DCMAKE_INSTALL_PREFIX="$work" \
        -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF \
        -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON -DENABLE_THREADED_RESOLVER=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none \
        -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_ZLIB=OFF -DCURL_DISABLE_NTLM=ON \
        -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_DOH=ON \
        -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_GETOPTIONS=ON
    grep -q '^#define USE_THREADS_POSIX' curl/lib/curl_config.h || { echo "libcurl has no resolver in a thread"; return 1; }
    ninja -C curl -j "$jobs" install
}

# The client's library alone, without Kerberos and LDAP, which would bring libraries of their own.
build_libpq() {
    mkdir postgresql
    cd postgresql
    ../src/"$postgresql"/configure --quiet --prefix=/usr --sysconfdir=/etc/postgresql-common --with-ssl=openssl \
        --without-readline --without-zlib CFLAGS="$flags"
    make -s -j "$jobs" -C src/interfaces/libpq all-static-lib
    cp src/interfaces/libpq/libpq.a src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a "$work/lib"
    cp src/include/pg_config_ext.h ../src/"$postgresql"/src/include/postgres_ext.h \
        ../src/"$postgresql"/src/interfaces/libpq/libpq-fe.h "$work/include"
    cd "$work"
}

build_simdjson() {
    cp -R src/simdjson/include/. include
    # shellcheck disable=SC2086
    c++ -std=c++17 -DNDEBUG $flags -Isrc/simdjson/include -Isrc/simdjson/src -c src/simdjson/src/simdjson.cpp -o simdjson.o
    ar rcs lib/libsimdjson.a simdjson.o
}

# A small table for checking signatures: that is 1 MB less, and a tenth slower in what is rarely done.
build_secp256k1() {
    cp src/libsecp256k1/include/*.h include
    asm=
    [ "$(uname -m)" != x86_64 ] || asm=-DUSE_ASM_X86_64=1
    for part in secp256k1 precomputed_ecmult precomputed_ecmult_gen; do
        # shellcheck disable=SC2086
        cc $flags $asm -DENABLE_MODULE_RECOVERY=1 -DECMULT_WINDOW_SIZE=10 -DECMULT_GEN_PREC_BITS=4 \
            -Isrc/libsecp256k1/include -Isrc/libsecp256k1/src -c "src/libsecp256k1/src/$part.c" -o "$part.o"
        ar rcs lib/libsecp256k1.a "$part.o"
    done
}

# What these libraries ask of those who pass them on: their licences. Goes into the wheel and the npm package.
write_licences() {
    for library in "curl curl COPYING" "libpq $postgresql COPYRIGHT" "simdjson simdjson LICENSE" \
        "libsecp256k1 libsecp256k1 COPYING"; do
        # shellcheck disable=SC2086
        set -- $library
        printf '==== %s, Debian %s ====\n\n' "$1" "$(version_of "$2")"
        cat "src/$2/$3"
        printf '\n'
    done
    printf '==== OpenSSL, Debian %s ====\n\n' "$(version_of openssl)"
    cat /usr/share/doc/libssl-dev/copyright
    printf '\n==== SQLite ====\n\nIn the public domain.\n'
    printf '\n==== libstdc++ ====\n\nGPL-3 with the GCC Runtime Library Exception 3.1.\n'
}

fetch
build_curl
build_libpq
build_simdjson
build_secp256k1
write_licences >third-party.txt
echo "$versions" | sort >versions.txt
rm -rf apt src curl postgresql ./*.o
: >"$stamp"
rm -rf "$out"
mv "$work" "$out"
