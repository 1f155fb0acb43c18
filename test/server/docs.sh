#!/bin/sh
# the SQL of README.md and of doc/ runs and prints what they say, and the reference is complete
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"

# Each page starts from the demo's data in a database of its own. Each ```sql block is followed by the ```text block
# that it prints, if it prints anything. With FILL set, the blocks found are written into the page instead.
for page in README.md doc/*.md; do
  name=$(basename "$page" .md)
  fresh_database "docs"
  # As in ./run psql, where the manual sends its readers.
  [ "$name" = README ] || (cd test && PGOPTIONS='-c search_path=public,fairdb' psql -X -q -v ON_ERROR_STOP=1 -f demo/load.sql -f demo/tables.sql >/dev/null)
  [ "$name" != README ] || sql -c "create extension fairdb"
  rm -f "$SERVER_STATE/docs_"*
  awk -v dir="$SERVER_STATE" '
    /^```sql$/ { n++; file = dir "/docs_" n ".sql"; printf "" > file; inside = 1; next }
    /^```text$/ && n { file = dir "/docs_" n ".expected"; printf "" > file; inside = 1; next }
    /^```/ { inside = 0; next }
    inside { print > file }
    END { print n + 0 }' "$page" >"$SERVER_STATE/docs_count"
  blocks=$(cat "$SERVER_STATE/docs_count") n=1 wrong=0
  while [ "$n" -le "$blocks" ]; do
    block=$SERVER_STATE/docs_$n
    PGOPTIONS='-c search_path=public,fairdb -c extra_float_digits=-11' psql -X -q -v ON_ERROR_STOP=1 -f "$block.sql" >"$block.found" 2>&1 || true
    # An error's place is that of a file.
    sed -i 's/^psql:[^ ]*: //; s/[ ]*$//; /^$/d' "$block.found"
    [ -f "$block.expected" ] || : >"$block.expected"
    sed 's/[ ]*$//; /^$/d' "$block.expected" >"$block.wanted"
    if ! diff "$block.wanted" "$block.found" >"$block.diff"; then
      wrong=$((wrong + 1))
      echo "# $page, block $n: $(head -n 1 "$block.sql")"
      cat "$block.diff"
    fi
    n=$((n + 1))
  done
  if [ -n "${FILL:-}" ]; then
    awk -v dir="$SERVER_STATE" '
      /^```sql$/ { n++ }
      /^```text$/ && n { print; while ((getline line < (dir "/docs_" n ".found")) > 0) print line; skip = 1; next }
      /^```/ { skip = 0 }
      !skip { print }' "$page" >"$SERVER_STATE/page" && cat "$SERVER_STATE/page" >"$page"
  fi
  is "$page: $blocks blocks print what it says" "$wrong" 0
done

# The reference has every function and aggregate that users see, with the signature of the catalog.
fresh_database docs
sql -c "create extension fairdb"
sql >"$SERVER_STATE/signatures" <<'SQL'
set search_path to fairdb, pg_catalog;
select format('%s(%s) → %s', p.proname, pg_get_function_arguments(p.oid),
  case when pg_get_function_result(p.oid) like 'TABLE(%' then 'rows' else coalesce(pg_get_function_result(p.oid), 'nothing') end)
from pg_proc as p where p.pronamespace = 'fairdb'::regnamespace order by 1;
SQL
while IFS= read -r signature; do
  ok "the reference has $(printf '%s' "$signature" | cut -c 1-60)" grep -q -x -F -e "$signature" doc/reference.md
done <"$SERVER_STATE/signatures"
is "and no other" "$(grep -E '^[a-z0-9_]+\(.*\) → ' doc/reference.md | sort | grep -v -x -F -f "$SERVER_STATE/signatures" || true)" ""
is "README.md is short" "$(test "$(wc -l <README.md)" -le 150 && echo yes)" yes
