# Writes the SQL of the six named gaps: each a function of a confusion, and an aggregate over rows in
# four forms (group as text or as any type; with or without weight) that share their state with
# confusion_agg. Read by make.
gap() { # gap NAME LABELLED DESCRIPTION
  if [ "$2" = yes ]; then
    count=confusion labels="y_true bool, "
  else
    count=prediction labels=
  fi
  cat <<SQL

CREATE FUNCTION $1(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_$1'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION $1(confusion confusion) IS
  '$3';

CREATE FUNCTION $1_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_$1_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION $1_final(confusion) IS
  'aggregate final function of $1';
SQL
  for group in text anyelement; do
    for weight in "" ", weight float8"; do
      space=$([ -z "$weight" ] && echo 128 || echo 1400)
      cat <<SQL

CREATE AGGREGATE $1(${labels}y_pred bool, sensitive $group$weight) (
  SFUNC = ${count}_count, STYPE = confusion, SSPACE = $space,
  FINALFUNC = $1_final, COMBINEFUNC = confusion_merge,
  MSFUNC = ${count}_count, MINVFUNC = ${count}_uncount, MSTYPE = confusion, MSSPACE = $space,
  MFINALFUNC = $1_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE $1(${labels}y_pred bool, sensitive $group$weight) IS
  '$3 Several of these aggregates with the same arguments in one query count the rows once.';
SQL
    done
  done
}

none='NULL with fewer than two groups that have the rate'
echo "-- The six named gaps. Made by src/sql/21-gaps.sql.sh."
gap demographic_parity_difference no \
  "Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. $none."
gap demographic_parity_ratio no \
  "Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. $none, or when the largest rate is 0."
gap equal_opportunity_difference yes \
  "Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. $none."
gap equal_opportunity_ratio yes \
  "Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. $none, or when the largest rate is 0."
gap equalized_odds_difference yes \
  "The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. $none."
gap equalized_odds_ratio yes \
  "The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. $none, or when the largest rate is 0."
echo
