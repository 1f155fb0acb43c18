# What the server tests share. Each prints TAP lines: ok - NAME, not ok - NAME, ok - NAME # skip WHY.
set -eu

sql() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }

is() {  # is NAME FOUND EXPECTED
  if [ "$2" = "$3" ]; then
    echo "ok - $1"
  else
    printf 'not ok - %s\n  found:    %s\n  expected: %s\n' "$1" "$2" "$3"
  fi
}

ok() {  # ok NAME COMMAND...
  name=$1
  shift
  if "$@"; then echo "ok - $name"; else echo "not ok - $name ($*)"; fi
}

# error SQL: the SQLSTATE and message of a statement that must fail.
error() {
  psql -X -q -v VERBOSITY=verbose -c "$1" 2>&1 >/dev/null | sed -n 's/^[^:]*ERROR:  //p' | head -n 1
}

fresh_database() {
  sql -d postgres -c "set client_min_messages to warning" -c "drop database if exists $1" -c "create database $1"
  PGDATABASE=$1
  export PGDATABASE
}
