#!/bin/sh
# the SQL of README.md runs and prints what it says
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
fresh_database readme
(cd "$top/test" && psql -X -q -v ON_ERROR_STOP=1 -f demo/load.sql >/dev/null)
# Each ```sql block is followed by the ```text block that it prints, if it prints anything.
awk -v dir="$SERVER_STATE" '
  /^```sql$/ { n++; file = dir "/readme_" n ".sql"; printf "" > file; inside = 1; next }
  /^```text$/ && n { file = dir "/readme_" n ".expected"; printf "" > file; inside = 1; next }
  /^```/ { inside = 0; next }
  inside { print > file }
  END { print n }' "$top/README.md" >"$SERVER_STATE/readme_count"
n=1
while [ "$n" -le "$(cat "$SERVER_STATE/readme_count")" ]; do
  block=$SERVER_STATE/readme_$n
  PGOPTIONS='-c search_path=public,fairdb' psql -X -q -v ON_ERROR_STOP=1 -f "$block.sql" >"$block.found" 2>&1 || true
  [ -f "$block.expected" ] || : >"$block.expected"
  sed 's/[ ]*$//' "$block.found" | sed '/^$/d' >"$block.a"
  sed 's/[ ]*$//' "$block.expected" | sed '/^$/d' >"$block.b"
  if diff "$block.b" "$block.a" >"$block.diff"; then
    echo "ok - block $n: $(head -n 1 "$block.sql")"
  else
    echo "not ok - block $n: $(head -n 1 "$block.sql")"
    cat "$block.diff"
  fi
  n=$((n + 1))
done
# Every function and aggregate that users see stands in the reference.
for name in $(sql -c "select distinct proname from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e'
    join pg_extension e on e.oid = d.refobjid and extname = 'fairdb'
    where proname !~ '_(in|out|send|recv|final|count|accumulate|combine|serialize|deserialize|uncount|merge|unmerge|plus|minus|eq|ne|hash|hash_extended)\$' order by 1"); do
  ok "README names $name" grep -q "\`$name" "$top/README.md"
done
