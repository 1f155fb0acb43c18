# Writes the SQL that is the same for a group as text and as any type, with and without weights: the
# aggregate distribution_agg, the four distances, quantile and cdf. Read by make.
state='STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE'

count() { # count GROUP WEIGHT CODE VOLATILITY
  cat <<SQL

CREATE FUNCTION score_count(internal, float8, $1$2) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_$3'
  LANGUAGE c $4 PARALLEL SAFE;
COMMENT ON FUNCTION score_count(internal, float8, $1$2) IS
  'transition function: adds a score to its group';
SQL
}

aggregates() { # aggregates NAME FINAL COMMENT
  for group in text anyelement; do
    for weight in "" ", weight float8"; do
      cat <<SQL

CREATE AGGREGATE $1(score float8, sensitive $group$weight) (
  SFUNC = score_count, FINALFUNC = $2, $state
);
COMMENT ON AGGREGATE $1(score float8, sensitive $group$weight) IS
  '$3';
SQL
    done
  done
}

distance() { # distance NAME COMMENT
  cat <<SQL

CREATE FUNCTION $1(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_$1'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION $1(distribution) IS
  '$2';

CREATE FUNCTION $1_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_$1_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION $1_final(internal) IS
  'final function of $1';
SQL
  aggregates "$1" "$1_final" "$2"
}

lookup() { # lookup NAME ARGUMENT COMMENT
  for form in "text text IMMUTABLE" "anyelement any STABLE"; do
    # shellcheck disable=SC2086  # three words
    set -- "$1" "$2" "$3" $form
    cat <<SQL

CREATE FUNCTION $1(distribution distribution, sensitive $4, $2 float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_$1_$5'
  LANGUAGE c $6 STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION $1(distribution, $4, float8) IS
  '$3';
SQL
  done
}

echo "-- Made by src/sql/31-groups-of-scores.sql.sh."
for weight in "" ", float8"; do
  count text "$weight" text IMMUTABLE
  count anyelement "$weight" any STABLE
done
aggregates distribution_agg distribution_final \
  "Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem."
nothing="0 is parity; NULL with fewer than two groups that have scores"
distance ks_distance \
  "The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. $nothing. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it."
distance wasserstein_distance \
  "The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. $nothing."
distance wasserstein2_distance \
  "The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. $nothing."
distance quantile_gap \
  "The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. $nothing."
lookup quantile p \
  "The score below which a share p of the group lies, 0 to 1: the k-th of n scores at p = (k - 1/2) / n, linear in between, constant beyond (definition 5 of Hyndman and Fan), as adjust uses it. An unknown group is an error; NULL for a group without scores."
lookup cdf score \
  "The share of the group''s rows whose score is at most this. An unknown group is an error; NULL for a group without scores."
echo
