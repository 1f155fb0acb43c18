-- Distributions: the law of the score in each group.

CREATE TYPE distribution;

CREATE FUNCTION fairdb_internal.distribution_in(cstring) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_in(cstring) IS
  'text input of type distribution';

CREATE FUNCTION fairdb_internal.distribution_out(distribution) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_distribution_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_out(distribution) IS
  'text output of type distribution';

CREATE FUNCTION fairdb_internal.distribution_recv(internal) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_recv(internal) IS
  'binary input of type distribution';

CREATE FUNCTION fairdb_internal.distribution_send(distribution) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_distribution_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_send(distribution) IS
  'binary output of type distribution';

CREATE TYPE distribution (
  INPUT = fairdb_internal.distribution_in, OUTPUT = fairdb_internal.distribution_out, RECEIVE = fairdb_internal.distribution_recv, SEND = fairdb_internal.distribution_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE distribution IS
  'The law of the score in each group of a sensitive attribute: exact up to a size, then a sketch (describe tells its error). Made by distribution_agg, merged by rollup or +; used by adjust, distances, quantiles and others. Can be stored and dumped.';

CREATE FUNCTION fairdb_internal.distribution_merge(internal, distribution) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_merge(internal, distribution) IS
  'transition function of rollup: adds a distribution';

CREATE FUNCTION fairdb_internal.distribution_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_combine'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_combine(internal, internal) IS
  'joins the states of two workers';

CREATE FUNCTION fairdb_internal.distribution_serialize(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_distribution_serialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_serialize(internal) IS
  'state of a worker as bytes';

CREATE FUNCTION fairdb_internal.distribution_deserialize(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_deserialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_deserialize(bytea, internal) IS
  'state of a worker from bytes';

CREATE FUNCTION fairdb_internal.distribution_final(internal) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_final(internal) IS
  'final function of distribution_agg and rollup';

CREATE AGGREGATE rollup(distribution) (
  SFUNC = fairdb_internal.distribution_merge, STYPE = internal, SSPACE = 4096, FINALFUNC = fairdb_internal.distribution_final,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(distribution) IS
  'Merges stored distributions into one, as if all their rows had been collected together: exactly while it is exact, with the errors added up where there are sketches.';

CREATE FUNCTION fairdb_internal.distribution_plus(distribution, distribution) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_plus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION fairdb_internal.distribution_plus(distribution, distribution) IS
  'implementation of the + operator: all rows of both';

CREATE OPERATOR + (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = fairdb_internal.distribution_plus, COMMUTATOR = +
);
COMMENT ON OPERATOR + (distribution, distribution) IS
  'All rows of both, as rollup merges them.';

CREATE FUNCTION compact(distribution distribution, points int DEFAULT 2000) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_compact'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION compact(distribution, int) IS
  'The distribution with about so many points (100 to 3000) for each group that has more, as a sketch whose rank_error describe tells: half a point''s share, 1 / (2 points), and less towards the ends. For distributions that are stored in numbers, and for adjust, which reads a small one faster: 2000 points move fair scores by some 0.0003 of their range.';

CREATE FUNCTION describe(distribution distribution) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_distribution'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(distribution) IS
  'Rows, rows left out (unknown group, score or weight), and for each group: rows, weight, share, form (exact or sketch), distinct points, minimum, median, maximum, effective_rows (Kish), and rank_error: a share of the group''s rows read from a sketch (cdf, the place of a quantile) is off by more than this with a probability of at most 1 %. Groups smaller than fairdb.min_group are suppressed.';

CREATE FUNCTION quantiles(distribution distribution, p float8[]) RETURNS TABLE (
  sensitive text,
  p float8,
  score float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_quantiles'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 1000;
COMMENT ON FUNCTION quantiles(distribution, float8[]) IS
  'The quantiles of each group, for plots: select * from quantiles(d, ''{0.1,0.5,0.9}''). Defined as in quantile.';

CREATE FUNCTION histogram(distribution distribution, bins int DEFAULT 20) RETURNS TABLE (
  sensitive text,
  bin bigint,
  score_from float8,
  score_to float8,
  weight float8,
  share float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_histogram'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 60 COST 1000;
COMMENT ON FUNCTION histogram(distribution, int) IS
  'The weight, and the share of the group, in bins of equal width between the smallest and the largest score of all groups, the same bins for each. A score on an edge belongs to the bin above it, the largest one to the last bin.';

CREATE FUNCTION distances(distribution distribution) RETURNS TABLE (
  sensitive_a text,
  sensitive_b text,
  ks float8,
  p_value float8,
  p_adjusted float8,
  test text,
  wasserstein float8,
  wasserstein2 float8,
  quantile_gap float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_distances'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 10000;
COMMENT ON FUNCTION distances(distribution) IS
  'For each pair of groups how far their scores are apart, as ks_distance, wasserstein_distance, wasserstein2_distance and quantile_gap define it. p_value: the chance that groups with one common law are as far apart in ks; exact given the ties when the numbers of rows multiply to at most a million, else by Kolmogorov''s limit, which is too large where scores tie. p_adjusted: after Holm over all pairs. Groups smaller than fairdb.min_group are suppressed.';
