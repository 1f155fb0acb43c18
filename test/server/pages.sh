#!/bin/sh
# pages of reports in a browser: wide and narrow, light, dark and printed; axe-core; no request
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"

fresh_database pages
(cd test && PGOPTIONS='-c search_path=public,fairdb' psql -X -q -v ON_ERROR_STOP=1 -f demo/load.sql -f demo/tables.sql >/dev/null)
work=$SERVER_STATE
page() { PGOPTIONS='-c search_path=public,fairdb' psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$2" >"$work/$1.html"; }

# The demo's own page; one of an audit over time; one of many groups with names that are long, hostile or written from
# right to left, of which some are withheld; and one of a single group without labels and scores.
sql <<'SQL'
set search_path to public, fairdb;
create table scored as select a.*, probability(model, a) as score from demo_models, applications as a where fairness = 'none';
create table tradeoffs as select * from tradeoff('training', 'approved', '{race}');
create table decided as
select *, timestamptz '2024-01-01 00:00+00' + row_number() over (order by id) * interval '1 hour' as decided_at from scored;
do $$ begin
  perform create_audit('approvals', 'decided', null, 'approved', '{race,single}', at => 'decided_at', score => 'score', starts => '2024-01-01', time_zone => 'UTC', min_group => 0);
  perform add_limit('approvals', 'demographic_parity_difference', at_most => 0.1, attributes => '{race}', min_n => 10, looks => 20, budget => 0.2);
  perform run_audit('approvals', '2024-01-01', '2024-04-01');
end $$;
create table many as
select case i % 20 when 0 then repeat('Wide Name ', 20) when 1 then '<script>alert(1)</script>' when 2 then E'a\u202Eb' when 3 then 'שלום עולם' when 4 then ''
    when 5 then ']]>"''&' else 'group ' || i % 20 end as "group", (i * 7919 % 1009) < 400 + 20 * (i % 20) as approved, i % 3 > 0 as repaid,
  (i * 7919 % 1009) / 1009.0 as score, 1000000000 as weight
from generate_series(1, 9000 + 20 * 3) as i where i % 20 <> 19 or i < 100;
SQL
page demo "select report('scored', 'approved', 'approved', 'score', '{race,single}', 'Mortgage approvals, Boston 1990', people => 'applicants', selected => 'approved', threshold => 0.9, limits => '{\"demographic_parity_difference\": 0.1, \"auc_difference\": 0.1}', tradeoff => (select jsonb_agg(t) from tradeoffs as t), history => (select jsonb_agg(v) from verdicts as v where audit_name = 'approvals'))"
page audit "select report('approvals', people => 'applicants', selected => 'approved')"
page many "select report('many', 'repaid', 'approved', 'score', 'group', threshold => 0.5, weight => 'weight', min_group => 10)"
page one "select report(confusion_agg(null, approved, 'everybody'), title => 'One group') from applications"
for name in demo audit many one; do
  ok "the page $name was made" grep -q '</html>' "$work/$name.html"
done
is "the page of the demo has all figures" "$(grep -o '<h3' "$work/demo.html" | wc -l)" 6

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ] || ! command -v node >/dev/null; then
  echo "ok - pages in a browser # skip no chromium or no node is installed (apt-get install chromium nodejs npm)"
  exit 0
fi
mkdir -p "$work/axe" "$work/looked"
axe=
if command -v npm >/dev/null && (cd "$work/axe" && npm install --silent --no-audit --no-fund axe-core) >"$work/npm.log" 2>&1; then
  axe=$work/axe/node_modules/axe-core/axe.min.js
else
  echo "ok - axe-core # skip npm cannot install it here"
fi
timeout 300 node test/pages/look.js "$browser" "$work/looked" "$axe" "$work/demo.html" "$work/audit.html" "$work/many.html" "$work/one.html" ||
  echo "not ok - Chromium looked at the pages in time"
ls "$work/looked"/*.png >/dev/null 2>&1 || echo "not ok - there are screenshots"
# The picture of the README: PICTURE=doc/report.png ./run check server pages
[ -z "${PICTURE:-}" ] || cp "$work/looked/demo-1180-light.png" "$PICTURE"
