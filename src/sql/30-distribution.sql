-- Fair scores: the law of the score in each group, and the Wasserstein barycenter of these laws.

CREATE TYPE distribution;

CREATE FUNCTION distribution_in(cstring) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_in(cstring) IS
  'text input of type distribution';

CREATE FUNCTION distribution_out(distribution) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_distribution_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_out(distribution) IS
  'text output of type distribution';

CREATE FUNCTION distribution_recv(internal) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_recv(internal) IS
  'binary input of type distribution';

CREATE FUNCTION distribution_send(distribution) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_distribution_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_send(distribution) IS
  'binary output of type distribution';

CREATE TYPE distribution (
  INPUT = distribution_in, OUTPUT = distribution_out, RECEIVE = distribution_recv, SEND = distribution_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE distribution IS
  'The scores of each group of a sensitive attribute, exact. Made by distribution_agg or rollup; used by adjust and ks_distance. Can be stored, dumped and merged.';

CREATE FUNCTION score_count(distribution, float8, text) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_score_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(distribution, float8, text) IS
  'aggregate transition function: adds a score to its group';

CREATE FUNCTION score_count(distribution, float8, anyelement) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_score_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(distribution, float8, anyelement) IS
  'aggregate transition function: adds a score to its group';

CREATE FUNCTION distribution_merge(distribution, distribution) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION distribution_merge(distribution, distribution) IS
  'aggregate transition and combine function: adds a distribution to another one';

CREATE FUNCTION distribution_final(distribution) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION distribution_final(distribution) IS
  'aggregate final function: the distribution in its canonical form, groups and scores sorted';

CREATE FUNCTION ks_distance_final(distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ks_distance_final(distribution) IS
  'aggregate final function of ks_distance';

CREATE AGGREGATE distribution_agg(score float8, sensitive text) (
  SFUNC = score_count,
  STYPE = distribution,
  SSPACE = 1024,
  FINALFUNC = distribution_final,
  COMBINEFUNC = distribution_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive text) IS
  'Collects the scores of each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score or group (NULL) are counted apart; NaN and infinite scores are errors. Memory: 10 bytes a row, at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive anyelement) (
  SFUNC = score_count,
  STYPE = distribution,
  SSPACE = 1024,
  FINALFUNC = distribution_final,
  COMBINEFUNC = distribution_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive anyelement) IS
  'Collects the scores of each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score or group (NULL) are counted apart; NaN and infinite scores are errors. Memory: 10 bytes a row, at most maintenance_work_mem.';

CREATE AGGREGATE rollup(distribution) (
  SFUNC = distribution_merge,
  STYPE = distribution,
  SSPACE = 1024,
  FINALFUNC = distribution_final,
  COMBINEFUNC = distribution_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(distribution) IS
  'Merges stored distributions into one, as if all their rows had been collected together.';

CREATE FUNCTION ks_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION ks_distance(distribution distribution) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold. 0 is parity, 1 is complete separation; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2).';

CREATE AGGREGATE ks_distance(score float8, sensitive text) (
  SFUNC = score_count,
  STYPE = distribution,
  SSPACE = 1024,
  FINALFUNC = ks_distance_final,
  COMBINEFUNC = distribution_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive text) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold. 0 is parity, 1 is complete separation; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2).';

CREATE AGGREGATE ks_distance(score float8, sensitive anyelement) (
  SFUNC = score_count,
  STYPE = distribution,
  SSPACE = 1024,
  FINALFUNC = ks_distance_final,
  COMBINEFUNC = distribution_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive anyelement) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold. 0 is parity, 1 is complete separation; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2).';

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive text, alpha float8 DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_text'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution distribution, score float8, sensitive text, alpha float8) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. The result depends on no other row that is adjusted. alpha is the share of the unfairness that may stay, 0 to 1. NULL when any argument is; a group that the distribution does not know is an error.';

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive anyelement, alpha float8 DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_any'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution distribution, score float8, sensitive anyelement, alpha float8) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. The result depends on no other row that is adjusted. alpha is the share of the unfairness that may stay, 0 to 1. NULL when any argument is; a group that the distribution does not know is an error.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive text[],
  alpha float8 DEFAULT 0
) RETURNS TABLE (
  id bigint,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, text[], float8) IS
  'Fair scores of all rows of a source (the name of a table or view, or a SELECT), calibrated on the same rows: select * from barycenter_scores(source => ''applicants'', id => ''id'', score => ''score'', sensitive => ''{sex}''). id, score and sensitive name columns. The id is returned as bigint; for an id of another type see the form with id_type. fair_score is NULL where score or group is unknown. alpha is the share of the unfairness that may stay, 0 to 1.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive text[],
  id_type anyelement,
  alpha float8 DEFAULT 0
) RETURNS TABLE (
  id anyelement,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, text[], anyelement, float8) IS
  'As barycenter_scores without id_type, for an id of any type, which it keeps: name the type with id_type => NULL::uuid.';

