#!/bin/sh
# a cancel is answered in every phase, and leaves no memory behind
. "$(dirname "$0")/lib.sh"
fresh_database cancel
sql <<'SQL'
create extension fairdb;
alter database cancel set search_path = public, fairdb;
alter database cancel set maintenance_work_mem = '2GB';
alter database cancel set max_parallel_workers_per_gather = 0;  -- all is computed where it is measured
SQL
sql <<'SQL'
create unlogged table wide as
select (select array_agg(random()) from generate_series(1, 20) where i > 0) as x, i, i % 3 as g, random() < 0.5 as y
from generate_series(1, 400000) as i;
SQL
columns=; for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do columns="$columns x[$k] as x$k,"; done
sql -c "create unlogged table rows as select $columns i, g, y from wide" -c "drop table wide" -c "vacuum analyze rows"

# What a backend has computed, in ms: the processor's time, which does not run while others do.
computed() { awk '{ print 10 * ($14 + $15) }' "/proc/$1/stat" 2>/dev/null || echo 0; }
sql <<'SQL'
create function cpu() returns bigint language sql as $$
  select 10 * (split_part(stat, ' ', 14)::bigint + split_part(stat, ' ', 15)::bigint) from pg_read_file('/proc/self/stat') as stat $$;
SQL

slowest=0 slowest_is=none
# late NAME MS SQL: cancelled when it has computed for so long, the statement must end with 57014 and soon. Answers are
# meant to come within 0.2 s, and the slowest is printed; what the test asks is ten times that, since a busy machine delays
# the signal itself while the backend computes on.
late() {
  : >"$SERVER_STATE/late"
  psql -X -A -t -q -v VERBOSITY=sqlstate -c "select pg_backend_pid(), cpu()" -c "$3" -c "select cpu()" \
    >"$SERVER_STATE/late" 2>"$SERVER_STATE/late.errors" &
  client=$!
  until [ -s "$SERVER_STATE/late" ] || ! kill -0 $client 2>/dev/null; do sleep 0.01; done
  pid=$(sed -n '1s/|.*//p' "$SERVER_STATE/late") start=$(sed -n '1s/.*|//p' "$SERVER_STATE/late")
  until [ $(($(computed "$pid") - start)) -ge "$2" ] || ! kill -0 $client 2>/dev/null; do sleep 0.01; done
  at=$(computed "$pid")
  kill -s INT "$pid" 2>/dev/null || true
  wait $client || true
  more=$(($(tail -n 1 "$SERVER_STATE/late") - at))
  is "$1: cancelled" "$(sed -n 's/^ERROR:  //p' "$SERVER_STATE/late.errors")" 57014
  ok "$1: answered soon" test $more -lt 2000
  if [ $more -ge "$slowest" ]; then slowest=$more slowest_is=$1; fi
}
late "reading" 100 "select train_linear('rows', 'y', '{g}', c => 1)"
late "solving" 2000 "select train_linear('select r.* from rows as r, generate_series(1, 10)', 'y', '{g}', c => 1000)"
late "squared loss" 400 "select train_linear('select r.* from rows as r, generate_series(1, 20)', 'i', '{g}', loss => 'squared', fairness => 'demographic_parity')"
sql -c "create table clusters as select r.*, x1 + x2 * x3 + x4 > 0.9 + random() / 2 as z from rows as r limit 12000"
late "hinge" 1500 "select train_linear('rows', 'y', '{g}', loss => 'hinge')"
late "kernel" 1500 "set maintenance_work_mem = '1GB'; select train_kernel('clusters', 'z', '{g}', '{x1,x2,x3,x4}', c => 1000, gamma => 3)"
late "landmarks" 1000 "set maintenance_work_mem = '1GB'; select train_kernel('clusters', 'z', '{g}', '{x1,x2,x3,x4}', components => 500)"
late "streaming" 1000 "set maintenance_work_mem = '1MB'; select train_linear('select r.* from rows as r, generate_series(1, 5)', 'y', '{g}')"
late "cross-validation" 1500 "set maintenance_work_mem = '1GB'; select count(*) from cross_validate('rows', 'y', '{g}', epsilon => '{0,0.01,0.02,0.05,0.1}')"
late "tradeoff" 1500 "set maintenance_work_mem = '1GB'; select count(*) from tradeoff('clusters', 'z', '{g}', '{x1,x2,x3,x4}', kernel => 'rbf')"
sql -c "create unlogged table many as select (select array_agg(random()) from generate_series(1, 600) where i > 0) as x, i % 200 as g, i::float8 as y from generate_series(1, 30000) as i"
late "a constraint of 4000 directions" 1500 "set maintenance_work_mem = '4GB'; select train_linear('many', 'y', '{g}', loss => 'squared', fairness => 'equalized_odds', bins => 20, method => 'elimination')"
late "fair_features" 400 "select count(*) from fair_features('select r.* from rows as r, generate_series(1, 10)', 'i', '{g}')"
sql -c "create table laws as select (select distribution_agg(random(), 'g' || i % 1000) from generate_series(1, 300000) as i) as many, distribution_agg(random(), 'g' || i % 2) as large from generate_series(1, 1500000) as i" \
  -c "create table drawn as select '{\"groups\": {\"a\": {\"scores\": [1, 2], \"counts\": [400000000, 400000000]}, \"b\": [1, 2]}}'::distribution as d"
late "distances of 1000 groups" 200 "select count(*) from (select distribution_agg(random(), 'g' || i % 900) as d from generate_series(1, 90000) as i) as t, distances(d)"
late "distances of all pairs of 1000 groups" 300 "select wasserstein_distance(many) from laws"
late "a report of 1000 groups" 1500 "select count(*) from laws, adjustment_report(many)"
late "a report of 1.5 million points" 400 "select count(*) from laws, adjustment_report(large)"
late "steps in sequence" 300 "select adjust(distribution_agg(random(), row(i % 2, i % 3)), 0.5, row(1, 1), alphas => '{0.1,0.2}') from generate_series(1, 1000000) as i"
late "split calibration" 400 "select adjust(d, 1, 'a', calibration => 'split') from drawn"
late "the text of 1.5 million scores" 100 "select large::text from laws"
late "fair scores" 350 "select count(*) from barycenter_scores('select * from rows union all select * from rows', 'i', 'x1', '{g}')"
sql -c "create table counts as select confusion_agg(i % 3 = 0, i % 2 = 0, 'g' || sqrt(i)::int % 150) as c from rows" \
  -c "create table cells as select a, b, 3 as n from generate_series(1, 29) as a, generate_series(1, 29) as b"
late "intervals of 150 groups" 500 "select count(*) from counts, metrics(c)"
late "permutation tests" 300 "select count(*) from generate_series(1, 1000) as i, lateral metrics(('{\"groups\": {\"a\": {\"tp\": ' || i % 5 || ', \"fn\": 3}, \"b\": {\"tp\": 2, \"fn\": 4}, \"c\": {\"tp\": 1}}}')::confusion)"
late "Fisher's test" 100 "select sum(p_fisher) from generate_series(1, 1000) as i, lateral impact_ratios(('{\"groups\": {\"a\": {\"tp\": ' || 5000000000000 + i || ', \"fn\": 5000000000000}, \"b\": {\"tp\": 5000000000000, \"fn\": 5000000000000}}}')::confusion)"
late "an audit" 100 "select count(*) from audit('select r.* from rows as r, generate_series(1, 10)', 'y', 'y', '{g}')"
late "hiding small groups" 300 "select count(*) from generate_series(1, 100) as i, lateral audit('select * from cells, generate_series(1, case when a % 2 = b % 2 then 3 else 30 end + a)', null, null, '{a,b}', min_group => 20 + i)"

sql -c "create unlogged table vectors as select vector_sample_agg(array[x1, x2, x3], g, 100000) as v from rows" \
  -c "create table wide_rows as select i as id, i % 3 as g, i % 2 = 0 as y, i % 5 < 2 as z, i % 200 as h, (select array_agg(sin(i * j * 0.37)) from generate_series(1, 300) as j) as x from generate_series(1, 4000) as i"
late "vectors by group" 200 "select vector_sample_agg(array[x1, x2, x3, x4, x5, x6], g) from rows, generate_series(1, 10)"
late "the median of many vectors" 60 "select mmd(v) from vectors"
late "pairs of many vectors" 700 "select mmd(v) from vectors"
late "the energy distance of many vectors" 500 "select energy_distance(v) from vectors"
late "a transport" 800 "set maintenance_work_mem = '4GB'; select sinkhorn_divergence(vector_sample_agg(array[x1, x2, x3], g, 8000)) from rows"
sql -c "create unlogged table triples as select i % 60000 as h, 'r' || i % 50 as r, i::bigint * 7919 % 50000 as t from generate_series(1, 1500000) as i" \
  -c "create table graphs as select train_graph('select * from triples where h < 30000 limit 100000', 'h', 'r', 't', dimensions => 50, epochs => 1, batch => 10000) as g"
late "a graph, reading" 300 "select train_graph('triples', 'h', 'r', 't')"
late "a graph, training" 4000 "select train_graph('triples', 'h', 'r', 't')"
late "a graph, training in two threads" 6000 "select train_graph('triples', 'h', 'r', 't', threads => 2)"
late "a graph, large batches" 6000 "set maintenance_work_mem = '8GB'; select train_graph('triples', 'h', 'r', 't', batch => 20000, negatives => 10000, dimensions => 400, threads => 2)"
late "more of a graph" 4000 "select graph_extend(g, 'triples') from graphs"
late "ranks" 2000 "select graph_evaluate(g, 'triples') from graphs"
late "a graph, heeding persons" 4000 "select train_graph('triples', 'h', 'r', 't', sensitive => '{r1}')"
sql -c "create unlogged table wide as select graph_import(\$\$select i::text as entity, (select array_agg(sin(i * j * .37)::real) from generate_series(1, 1500) as j) as embedding from generate_series(0, 3999) as i\$\$, \$\$select 'r1' as relation, b as inverse, array_fill(0.1::real, array[1500]) as vector from unnest(array[false, true]) as b\$\$, 'transe', 'h', 'r', 't') as g"
late "erasure" 1500 "set maintenance_work_mem = '2GB'; select graph_debias(g, 'select i as h, \$\$r1\$\$ as r, i % 1200 as t from generate_series(1200, 3999) as i', '{r1}', top => '{1200}') from wide"
late "projection" 1500 "set maintenance_work_mem = '2GB'; select graph_debias(g, 'select i as h, \$\$r1\$\$ as r, i % 1200 as t from generate_series(1200, 3999) as i', '{r1}', 'project', top => '{1200}') from wide"
late "readers of vectors" 1500 "set maintenance_work_mem = '2GB'; select graph_leakage(g, 'select i as h, \$\$r1\$\$ as r, i % 20 as t from generate_series(1200, 3999) as i', 'r1') from wide"
sql -c "create unlogged table told as select train_graph('select i as h, r, i % 5000 + 10000 as t from generate_series(1, 9999) as i, unnest(\$\${r1,r2}\$\$::text[]) as r', 'h', 'r', 't', dimensions => 4, epochs => 1, sensitive => '{r1}', top => '{5000}', whitelist => 'select \$\$r1\$\$ as attribute, \$\$r2\$\$ as relation') as g, jsonb_build_object('r1', (select jsonb_agg(10000 + i % 5000) from generate_series(1, 2000000) as i)) as values"
late "values of a person" 200 "select graph_score(g, '1', 'r2', '10001', attributes => values) from told"
late "a test of vectors" 400 "select * from vectors, divergence_test(v, permutations => 50000)"
late "a test by transport" 500 "select * from vectors, divergence_test(v, 'sinkhorn', permutations => 1000)"
late "a representation" 700 "select train_representation('rows', '{y,i}', '{g}', gamma => 1)"
late "a representation by transport" 700 "select train_representation('select * from rows limit 20000', '{y,i}', '{g}', divergence => 'sinkhorn')"
late "a representation of hidden units, in large batches" 1500 "set maintenance_work_mem = '4GB'; select train_representation('wide_rows', '{y,z}', '{g}', '{x}', hidden => 1024, dimensions => 256, batch => 10000)"
late "a representation of means" 500 "select train_representation('wide_rows', '{y,z}', '{g,h}', '{x}', divergence => 'mean', attributes => 'each') from generate_series(1, 10)"
late "a representation without a divergence" 700 "select train_representation('rows', '{y,i}', '{g}', gamma => 0)"
late "transformed rows" 300 "select count(*) from (select train_representation('select * from rows limit 1000', '{y}', '{g}', '{x1,x2,x3}', epochs => 1) as m) as t, transform_rows('select r.* from rows as r, generate_series(1, 10)', 'i', m)"

# What need not take long: intervals and tests of many small groups.
sql -c "create table people as select confusion_agg(i % 3 = 0, i % 2 = 0, 'g' || i) as c from generate_series(1, 300) as i"
more=$(sql -c "select cpu()" -c "select count(*) from people, metrics(c)" -c "select (metrics(c)).* from people" -c "select cpu()" | sed -n '1h; $ { G; s/\n/-/; p; }')
ok "metrics of 300 groups of one row, called nine times, need not be cancelled" test $(($more)) -lt 3000
echo "# $(($more)) ms of computing"

# Values of many groups, and many values.
sql -c "create table groups as select confusion_agg(i % 3 = 0, i % (2 + i % 7) = 0, 'g' || i % 9999) as c from generate_series(1, 200000) as i" \
  -c "create table strata as select confusion_agg(i % 3 = 0, j % 2 = 0, 'g' || j % 2) as c from generate_series(1, 500000) as i, generate_series(1, 4) as j group by i" \
  -c "create table cells5 as select i % 10 as a, i / 10 % 10 as b, i / 100 % 10 as c, i / 1000 % 10 as d, i / 10000 % 8 as e, i / 80000 as f, i % 3 = 0 as y from generate_series(1, 90000) as i" \
  -c "create table uneven as select (select distribution_agg(i % 1000, case when i % 10 = 0 then 'g' || i % 9990 else 'large' end) from generate_series(1, 400000) as i) as d"
sql -c "create table apart as select i, kept from (select train_linear('rows', 'y', 'g', 'x1', held_out => 0.2, fairness => 'none') as kept) as t, generate_series(1, 1) as i" \
  -c "create table judged as select distribution_agg(random(), row(i * 7919::bigint % (1 + i % 900), i % 7 < 3)) as many from generate_series(1, 1000000) as i" \
  -c "create table crossed as select confusion_agg(y, y, row(a, b, c, d)) as c from cells5"
late "held-out rows" 300 "select count(*) from apart, held_out_rows(kept, 'select r.* from rows as r, generate_series(1, 10)', 'i')"
late "an audit of a stored intersection" 100 "select count(*) from crossed, generate_series(1, 10000), audit(c, '{a,b,c,d}')"
late "single thresholds of 900 groups" 300 "select thresholds(many, 'demographic_parity', tolerance => 0.01, randomised => false) from judged"
late "thresholds" 200 "select count(thresholds(many, 'demographic_parity', selection_rate => 0.3 + i / 1e6)) from judged, generate_series(1, 1000) as i"
late "places without chance" 200 "select count(thresholds(many, 'demographic_parity', selection_rate => 0.3 + i / 1e6, randomised => false)) from judged, generate_series(1, 1000) as i"
late "gaps of errors of 9000 groups" 600 "select count(*) from regression_gaps('select i % 9000 as g, 0 as t, random() as e from generate_series(1, 100000) as i', 't', 'e', 'g')"
late "a threshold table" 200 "select count(*) from judged, threshold_table(many, (select array_agg(i / 1000.0::float8) from generate_series(1, 20000) as i))"
late "impact ratios of 9999 groups" 20 "select count(*) from groups, generate_series(1, 100) as i, impact_ratios(c, 0, 0.5 + i / 1000.0)"
sql -c "create table packed as select array_agg(c) as list from strata"
late "500000 strata" 300 "select s.* from packed, stratified(list, 'selection_rate', 'g0') as s"
late "confusions of five attributes" 300 "select count(*) from audit_confusions('cells5', 'y', 'y', '{a,b,c,d}', '{e,f}')"
late "a report of one large group among many" 400 "select count(*) from uneven, adjustment_report(d, barycenter => 'w1')"
many="(select array_agg((jsonb_build_object('groups', g.list))::confusion) from (select jsonb_object_agg('g' || g, jsonb_build_object('tp', 30 + g % 40, 'fn', 70 - g % 40)) as list from generate_series(1, 190) as g) as g, generate_series(1, 200))"
late "limits of many groups, pair by pair" 400 "select count(*) from judge($many, 'demographic_parity_ratio', at_least => 0.9, rule => 'spending')"
late "evidence of many groups" 400 "select count(*) from judge($many, 'demographic_parity_difference', at_most => 0.1, rule => 'anytime')"

# A session that trains and fails again and again does not grow.
grown=$(psql -X -A -t -q <<'SQL' 2>/dev/null
create function rss() returns bigint language sql as $$
  select substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s+(\d+)')::bigint $$;
create table small as select * from rows limit 2000;
create table few as select confusion_agg(y, i % 2 = 0, g) as c from small;
do $$
declare before bigint;
begin
  for i in 1 .. 600 loop
    perform train_linear('small', 'y', '{g}', '{x1,x2,x3}');
    if i % 10 = 0 then
      perform train_linear('small', 'y', '{g}', '{x1,x2,x3}', loss => 'hinge', epsilon => 0.1);
      perform train_kernel('select * from small limit 300', 'y', '{g}', '{x1,x2,x3}');
      perform count(*) from cross_validate('select * from small limit 300', 'y', '{g}', '{x1,x2,x3}', c => '{1}', folds => 2);
      perform train_moments(moments_agg(x3, g, array[x1, x2])) from small;
    end if;
    begin perform train_linear('select x1 / 0 as x1, y, g from small', 'y', '{g}'); exception when others then null; end;
    begin perform train_linear('small', 'y', '{g}', '{x1}', fairness => 'nothing'); exception when others then null; end;
    if i <= 300 then
      perform count(*) from audit('small', 'y', 'y', '{g}', min_group => 5);
      perform count(*) from metrics((select c from few));
      begin perform count(*) from audit('small', 'i', 'y', '{g}'); exception when others then null; end;
      begin perform count(*) from metrics((select c from few), 0.95, 'nobody'); exception when others then null; end;
    end if;
    if i = 100 then before := rss(); end if;
  end loop;
  perform set_config('test.grown', (rss() - before)::text, false);
end $$;
select current_setting('test.grown');
SQL
)
ok "500 trainings, 400 audits and 1400 failing ones do not grow the backend (${grown} kB)" test "$grown" -lt 2000
echo "# the slowest answer: $slowest_is, after $slowest ms of computing; meant are 200, and asked of the test 2000"
