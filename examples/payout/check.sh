#!/bin/sh
# check.sh EXPECTED FIRST SECOND THIRD: runs three programs one after the other on one folder, and compares what
# they say. They may be the same program, or those of several languages; each is one word of the shell, as
# "node payout.js".
set -u
expected=$1
shift
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/world"
for program in "$@"; do
    echo "\$ payout folder"
    $program "$folder/world" 2>"$folder/errors"
    code=$?
    if [ $code -eq 137 ]; then
        echo "Killed"
    elif [ $code -ne 0 ]; then
        echo "exit code $code"
        cat "$folder/errors"
    fi
done >"$folder/said" 2>/dev/null
diff -u "$expected" "$folder/said"
