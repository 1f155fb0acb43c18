#!/bin/sh
# a disk that is full: save_model, run_audit, run_scoring and training end with an error, lose nothing, and go on when there is room
. "$(dirname "$0")/lib.sh"

disk=$SERVER_STATE/disk
as_owner mkdir -p "$disk"
if ! [ "$(id -u)" = 0 ] || ! mount -t tmpfs -o size=64m tmpfs "$disk" 2>/dev/null; then
  echo "ok - a disk that is full # skip making a small one takes root"
  exit
fi
# Only the database lies on it: a full disk of the log ends the whole server, whatever runs.
finish() {
  end_servers
  umount "$disk" 2>/dev/null || umount -l "$disk"
}
new_server full "max_wal_size = '64MB'"
trap finish EXIT
PGHOST=$SERVER_STATE/full
export PGHOST
chown "${SERVER_USER:-postgres}" "$disk"
sql -d postgres -c "create tablespace small location '$disk'" -c "create database small tablespace small"
PGDATABASE=small
export PGDATABASE
sql >/dev/null <<'SQL'
create extension fairdb;
alter database small set search_path = public, fairdb;
set search_path to public, fairdb;
create table decisions as select i as id, timestamptz '2024-01-01' + i * interval '1 hour' as at, i % 2 = 0 as y, i % 3 = 0 as p, 'g' || i % 40 as g, (i * 7919 % 1009) / 1009.0 as s, i % 7 as x from generate_series(1, 4000) as i;
create table made as select train_kernel('select * from decisions where id <= 900', 'y', null, '{x,s}', fairness => 'none') as m;
select save_model('first', m) from made;
select create_audit('monthly', 'decisions', 'y', 'p', '{g}', at => 'at', score => 's', every => '1 month', starts => '2024-01-01');
select count(*) from run_audit('monthly', '2024-01-01', '2024-02-01');
select create_scoring_job('scores', 'decisions', 'id', 'first', 'decision_scores');
SQL
kept() { sql -c "select name, version, active, digest = digest(model) from models order by 1, 2" -c "select number, n, confusion from runs order by 1" -c "select verify_runs('monthly')" -c "select count(*) from pg_class where relname = 'decision_scores'"; }
before=$(kept)
dd if=/dev/zero of="$disk/ballast" bs=8k >/dev/null 2>&1 || true
refused() { is "$1" "$(error "$2" | sed 's/:.*//')" 53100; }
refused "save_model has no room" "select save_model('second', m) from made, generate_series(1, 50)"
refused "run_audit has no room" "select run_audit('monthly', '2024-02-01', '2024-06-01') from generate_series(1, 50)"
refused "run_scoring has no room" "select run_scoring('scores')"
refused "a graph that is written into a table has no room" "select train_graph('select g as h, ''r'' as r, x as t from decisions', 'h', 'r', 't', dimensions => 64, epochs => 1, into_table => 'vectors') from generate_series(1, 200)"
is "nothing is lost, and nothing is half there" "$(kept)" "$before"
is "what only reads goes on" "$(sql -c "select count(*) from audit('decisions', 'y', 'p', '{g}')" -c "select predict('first', d) is not null from decisions as d limit 1")" "40
t"
rm "$disk/ballast"
is "with room again all of it goes on" "$(sql -c "select save_model('second', m) from made" -c "select count(*) from run_audit('monthly', '2024-02-01', '2024-06-01')" -c "select verify_runs('monthly')" -c "select count(*) > 0 from run_scoring('scores')" -c "select count(*) from decision_scores")" "1
4
t
4000"
