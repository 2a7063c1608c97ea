#!/bin/sh
# check.sh EXPECTED DATABASE FIRST SECOND THIRD: runs three programs one after the other on one folder and database,
# and compares what they say. They may be the same quickstart, or those of several languages; each is one word of the
# shell, as "node quickstart.js". DATABASE is "sqlite", the URL of a PostgreSQL server, or "postgres", the one that
# REMIT_TEST_POSTGRES names.
set -u
expected=$1
database=$2
shift 2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/gateway"
[ "$database" != sqlite ] || database=$folder/remit.db
[ "$database" != postgres ] || database=$REMIT_TEST_POSTGRES
for program in "$@"; do
    echo "\$ quickstart folder database"
    $program "$folder/gateway" "$database" 2>"$folder/errors"
    code=$?
    if [ $code -eq 137 ]; then
        echo "Killed"
    elif [ $code -ne 0 ]; then
        echo "exit code $code"
        cat "$folder/errors"
    fi
done >"$folder/said" 2>/dev/null
echo "charges: $(ls "$folder/gateway" | wc -l)" >>"$folder/said"
diff -u "$expected" "$folder/said"
