-- The law of the score in each group: its aggregate, distances, and the functions that look into it.

CREATE FUNCTION fairdb_internal.score_count(internal, float8, text) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.score_count(internal, float8, text) IS
  'transition function: adds a score to its group';

CREATE FUNCTION fairdb_internal.score_count(internal, float8, anyelement) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.score_count(internal, float8, anyelement) IS
  'transition function: adds a score to its group';

CREATE FUNCTION fairdb_internal.score_count(internal, float8, text, float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.score_count(internal, float8, text, float8) IS
  'transition function: adds a score to its group';

CREATE FUNCTION fairdb_internal.score_count(internal, float8, anyelement, float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.score_count(internal, float8, anyelement, float8) IS
  'transition function: adds a score to its group';

CREATE AGGREGATE distribution_agg(score float8, sensitive text) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive text) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive text, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive text, weight float8) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive anyelement) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive anyelement) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive anyelement, weight float8) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE FUNCTION ks_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION ks_distance(distribution) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE FUNCTION fairdb_internal.ks_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.ks_distance_final(internal) IS
  'final function of ks_distance';

CREATE AGGREGATE ks_distance(score float8, sensitive text) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive text) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive text, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive text, weight float8) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive anyelement) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive anyelement) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive anyelement, weight float8) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE FUNCTION wasserstein_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION wasserstein_distance(distribution) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION fairdb_internal.wasserstein_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.wasserstein_distance_final(internal) IS
  'final function of wasserstein_distance';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive text) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive text) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive text, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive text, weight float8) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive anyelement) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive anyelement) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive anyelement, weight float8) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION wasserstein2_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein2_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION wasserstein2_distance(distribution) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION fairdb_internal.wasserstein2_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein2_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.wasserstein2_distance_final(internal) IS
  'final function of wasserstein2_distance';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive text) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive text) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive text, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive text, weight float8) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive anyelement) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive anyelement) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive anyelement, weight float8) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION quantile_gap(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_gap'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION quantile_gap(distribution) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION fairdb_internal.quantile_gap_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_gap_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.quantile_gap_final(internal) IS
  'final function of quantile_gap';

CREATE AGGREGATE quantile_gap(score float8, sensitive text) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive text) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive text, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive text, weight float8) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive anyelement) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive anyelement) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.score_count, FINALFUNC = fairdb_internal.quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = fairdb_internal.distribution_combine, SERIALFUNC = fairdb_internal.distribution_serialize, DESERIALFUNC = fairdb_internal.distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive anyelement, weight float8) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION quantile(distribution distribution, sensitive text, p float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_text'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION quantile(distribution, text, float8) IS
  'The score below which a share p of the group lies, 0 to 1: the k-th of n scores at p = (k - 1/2) / n, linear in between, constant beyond (definition 5 of Hyndman and Fan), as adjust uses it. An unknown group is an error; NULL for a group without scores.';

CREATE FUNCTION quantile(distribution distribution, sensitive anyelement, p float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_any'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION quantile(distribution, anyelement, float8) IS
  'The score below which a share p of the group lies, 0 to 1: the k-th of n scores at p = (k - 1/2) / n, linear in between, constant beyond (definition 5 of Hyndman and Fan), as adjust uses it. An unknown group is an error; NULL for a group without scores.';

CREATE FUNCTION cdf(distribution distribution, sensitive text, score float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_cdf_text'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION cdf(distribution, text, float8) IS
  'The share of the group''s rows whose score is at most this. An unknown group is an error; NULL for a group without scores.';

CREATE FUNCTION cdf(distribution distribution, sensitive anyelement, score float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_cdf_any'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION cdf(distribution, anyelement, float8) IS
  'The share of the group''s rows whose score is at most this. An unknown group is an error; NULL for a group without scores.';
