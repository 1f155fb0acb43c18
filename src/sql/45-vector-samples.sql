-- Distances between groups of vectors: a sample of each group's vectors, and what compares them.

CREATE TYPE vector_sample;

CREATE FUNCTION fairdb_internal.vector_sample_in(cstring) RETURNS vector_sample
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_in(cstring) IS
  'text input of type vector_sample';

CREATE FUNCTION fairdb_internal.vector_sample_out(vector_sample) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_out(vector_sample) IS
  'text output of type vector_sample';

CREATE FUNCTION fairdb_internal.vector_sample_recv(internal) RETURNS vector_sample
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_recv(internal) IS
  'binary input of type vector_sample';

CREATE FUNCTION fairdb_internal.vector_sample_send(vector_sample) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_send(vector_sample) IS
  'binary output of type vector_sample';

CREATE TYPE vector_sample (
  INPUT = fairdb_internal.vector_sample_in, OUTPUT = fairdb_internal.vector_sample_out, RECEIVE = fairdb_internal.vector_sample_recv, SEND = fairdb_internal.vector_sample_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE vector_sample IS
  'The vectors of each group, or of many a bounded sample that does not depend on the order of the rows. Made by vector_sample_agg, joined by rollup; compared by mmd, sinkhorn_divergence, energy_distance, vector_distances and divergence_test.';

CREATE FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], text) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_accumulate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], text) IS
  'transition function of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], anyelement) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_accumulate'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], anyelement) IS
  'transition function of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], text, int) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_accumulate_sized'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], text, int) IS
  'transition function of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], anyelement, int) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_accumulate_sized'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_accumulate(internal, float8[], anyelement, int) IS
  'transition function of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_combine'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_combine(internal, internal) IS
  'combine function of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_merge(internal, vector_sample) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_merge(internal, vector_sample) IS
  'transition function of rollup(vector_sample)';

CREATE FUNCTION fairdb_internal.vector_sample_serialize(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_serialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_serialize(internal) IS
  'serialization of the states of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_deserialize(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_deserialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_deserialize(bytea, internal) IS
  'deserialization of the states of vector_sample_agg';

CREATE FUNCTION fairdb_internal.vector_sample_final(internal) RETURNS vector_sample
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_final(internal) IS
  'final function of vector_sample_agg';

CREATE AGGREGATE vector_sample_agg(vector float8[], sensitive text) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.vector_sample_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_sample_agg(vector float8[], sensitive text) IS
  'Of each group up to 2000 different vectors with the number of their rows: select vector_sample_agg(embedding, sex) from people. A vector is float8[], or what casts to it, such as real[]. Up to that many different vectors the value is exact, of more it keeps those with the smallest digests, so that it does not depend on the order of the rows, and beside them the vectors that have more than about 1 in 50 of the rows. A WARNING tells where others have so many rows that the sample does not stand for all. Runs in parallel workers; values of parts are joined by rollup. Rows with a NULL vector or a NULL in it are left out and counted, rows without a group count in no group. Not to be shared where vectors are not: it holds them.';

CREATE AGGREGATE vector_sample_agg(vector float8[], sensitive text, size int) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.vector_sample_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_sample_agg(vector float8[], sensitive text, size int) IS
  'Of each group up to size different vectors with the number of their rows: select vector_sample_agg(embedding, sex, 500) from people. A vector is float8[], or what casts to it, such as real[]. Up to that many different vectors the value is exact, of more it keeps those with the smallest digests, so that it does not depend on the order of the rows, and beside them the vectors that have more than about 1 in 50 of the rows. A WARNING tells where others have so many rows that the sample does not stand for all. Runs in parallel workers; values of parts are joined by rollup. Rows with a NULL vector or a NULL in it are left out and counted, rows without a group count in no group. Not to be shared where vectors are not: it holds them.';

CREATE AGGREGATE vector_sample_agg(vector float8[], sensitive anyelement) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.vector_sample_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_sample_agg(vector float8[], sensitive anyelement) IS
  'Of each group up to 2000 different vectors with the number of their rows: select vector_sample_agg(embedding, sex) from people. A vector is float8[], or what casts to it, such as real[]. Up to that many different vectors the value is exact, of more it keeps those with the smallest digests, so that it does not depend on the order of the rows, and beside them the vectors that have more than about 1 in 50 of the rows. A WARNING tells where others have so many rows that the sample does not stand for all. Runs in parallel workers; values of parts are joined by rollup. Rows with a NULL vector or a NULL in it are left out and counted, rows without a group count in no group. Not to be shared where vectors are not: it holds them.';

CREATE AGGREGATE vector_sample_agg(vector float8[], sensitive anyelement, size int) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.vector_sample_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_sample_agg(vector float8[], sensitive anyelement, size int) IS
  'Of each group up to size different vectors with the number of their rows: select vector_sample_agg(embedding, sex, 500) from people. A vector is float8[], or what casts to it, such as real[]. Up to that many different vectors the value is exact, of more it keeps those with the smallest digests, so that it does not depend on the order of the rows, and beside them the vectors that have more than about 1 in 50 of the rows. A WARNING tells where others have so many rows that the sample does not stand for all. Runs in parallel workers; values of parts are joined by rollup. Rows with a NULL vector or a NULL in it are left out and counted, rows without a group count in no group. Not to be shared where vectors are not: it holds them.';

CREATE AGGREGATE rollup(vector_sample) (
  SFUNC = fairdb_internal.vector_sample_merge,
  STYPE = internal, FINALFUNC = fairdb_internal.vector_sample_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(vector_sample) IS
  'The sample of all rows that the values were made of, the same as if it had been made of the rows; of different sizes the smallest holds.';

CREATE FUNCTION describe(sample vector_sample) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_vector_sample'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(vector_sample) IS
  'The length of the vectors and for each group its rows, the different vectors kept, the rows that they have, whether these are all (exact), and if not, how many frequent vectors were found, with more than about 1 in 50 of the rows each. rows_skipped: with a NULL vector. Groups smaller than fairdb.min_group are suppressed.';

CREATE FUNCTION mmd(sample vector_sample, bandwidth float8 DEFAULT NULL, unbiased bool DEFAULT false) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_mmd'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION mmd(vector_sample, float8, bool) IS
  'The squared maximum mean discrepancy between the two groups whose vectors differ most: 0 for equal laws and for no others, at most 2. bandwidth: that of the Gaussian kernel exp(-|x - y|^2 / (2 bandwidth^2)); by default the mean of five, of .25, .5, 1, 2 and 4 times the median distance of the vectors (of the different ones, of more than 2000 as many at equal steps). unbiased: the estimate that is 0 on average for equal laws, and may be negative; NULL where a group has one row. Chance alone gives about (1/n1 + 1/n2) of it; divergence_test tells whether a value is more than that. NULL with fewer than two groups.';

CREATE FUNCTION energy_distance(sample vector_sample) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_energy_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION energy_distance(vector_sample) IS
  'The energy distance between the two groups whose vectors differ most, 2 E|X - Y| - E|X - X''| - E|Y - Y''|, in units of the vectors: 0 for equal laws and for no others. NULL with fewer than two groups.';

CREATE FUNCTION sinkhorn_divergence(sample vector_sample, epsilon float8 DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_sinkhorn_divergence'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION sinkhorn_divergence(vector_sample, float8) IS
  'The Sinkhorn divergence between the two groups whose vectors differ most, for the cost |x - y|^2 / 2: what it costs to move one group''s vectors onto the other''s, debiased, in units of the cost. 0 for equal laws and for no others. epsilon: the entropic smoothing as a factor of the median cost, 0.5 by default; a smaller one comes nearer to the squared Wasserstein distance by 2 and converges slower, with a WARNING where it does not within 1000 iterations. NULL with fewer than two groups.';

CREATE FUNCTION fairdb_internal.mmd_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_mmd_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.mmd_final(internal) IS
  'final function of mmd';

CREATE AGGREGATE mmd(vector float8[], sensitive text) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.mmd_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE mmd(vector float8[], sensitive text) IS
  'The squared maximum mean discrepancy between the two groups whose vectors differ most: 0 for equal laws and for no others, at most 2. The kernel is the mean of five Gaussian ones, of .25, .5, 1, 2 and 4 times the median distance of the vectors (of the different ones, of more than 2000 as many at equal steps). Chance alone gives about (1/n1 + 1/n2) of it; divergence_test tells whether a value is more than that. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE AGGREGATE mmd(vector float8[], sensitive anyelement) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.mmd_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE mmd(vector float8[], sensitive anyelement) IS
  'The squared maximum mean discrepancy between the two groups whose vectors differ most: 0 for equal laws and for no others, at most 2. The kernel is the mean of five Gaussian ones, of .25, .5, 1, 2 and 4 times the median distance of the vectors (of the different ones, of more than 2000 as many at equal steps). Chance alone gives about (1/n1 + 1/n2) of it; divergence_test tells whether a value is more than that. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE FUNCTION fairdb_internal.energy_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_energy_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.energy_distance_final(internal) IS
  'final function of energy_distance';

CREATE AGGREGATE energy_distance(vector float8[], sensitive text) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.energy_distance_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE energy_distance(vector float8[], sensitive text) IS
  'The energy distance between the two groups whose vectors differ most, 2 E|X - Y| - E|X - X''| - E|Y - Y''|, in units of the vectors: 0 for equal laws and for no others. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE AGGREGATE energy_distance(vector float8[], sensitive anyelement) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.energy_distance_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE energy_distance(vector float8[], sensitive anyelement) IS
  'The energy distance between the two groups whose vectors differ most, 2 E|X - Y| - E|X - X''| - E|Y - Y''|, in units of the vectors: 0 for equal laws and for no others. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE FUNCTION fairdb_internal.sinkhorn_divergence_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_sinkhorn_divergence_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.sinkhorn_divergence_final(internal) IS
  'final function of sinkhorn_divergence';

CREATE AGGREGATE sinkhorn_divergence(vector float8[], sensitive text) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.sinkhorn_divergence_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sinkhorn_divergence(vector float8[], sensitive text) IS
  'The Sinkhorn divergence between the two groups whose vectors differ most, for the cost |x - y|^2 / 2: what it costs to move one group''s vectors onto the other''s, debiased, in units of the cost. 0 for equal laws and for no others. epsilon is 0.5 times the median cost. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE AGGREGATE sinkhorn_divergence(vector float8[], sensitive anyelement) (
  SFUNC = fairdb_internal.vector_sample_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.sinkhorn_divergence_final, COMBINEFUNC = fairdb_internal.vector_sample_combine,
  SERIALFUNC = fairdb_internal.vector_sample_serialize, DESERIALFUNC = fairdb_internal.vector_sample_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sinkhorn_divergence(vector float8[], sensitive anyelement) IS
  'The Sinkhorn divergence between the two groups whose vectors differ most, for the cost |x - y|^2 / 2: what it costs to move one group''s vectors onto the other''s, debiased, in units of the cost. 0 for equal laws and for no others. epsilon is 0.5 times the median cost. NULL with fewer than two groups. Of more than 2000 different vectors in a group a sample of them is compared, as by vector_sample_agg.';

CREATE FUNCTION vector_distances(sample vector_sample, bandwidth float8 DEFAULT NULL, epsilon float8 DEFAULT NULL) RETURNS TABLE (
  sensitive_a text,
  sensitive_b text,
  mmd float8,
  mmd_unbiased float8,
  energy_distance float8,
  sinkhorn_divergence float8,
  converged bool,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_vector_distances'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000000;
COMMENT ON FUNCTION vector_distances(vector_sample, float8, float8) IS
  'For each pair of groups how far their vectors are apart, as mmd, energy_distance and sinkhorn_divergence define it; bandwidth and epsilon are the same for all pairs. converged: whether all Sinkhorn iterations have. Groups smaller than fairdb.min_group are suppressed.';

CREATE FUNCTION divergence_test(
  sample vector_sample,
  divergence text DEFAULT 'mmd',
  permutations int DEFAULT 500,
  seed bigint DEFAULT 0,
  bandwidth float8 DEFAULT NULL,
  epsilon float8 DEFAULT NULL
) RETURNS TABLE (
  value float8,
  unbiased float8,
  p_value float8,
  n_used bigint,
  converged bool
)
  AS 'MODULE_PATHNAME', 'fairdb_divergence_test'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 1 COST 10000000;
COMMENT ON FUNCTION divergence_test(vector_sample, text, int, bigint, float8, float8) IS
  'Whether the groups'' vectors differ by more than chance: select * from divergence_test((select vector_sample_agg(embedding, sex) from people)). p_value: the share of permutations of the rows, the true one among them, that are as far apart; below .05 the difference is hardly chance; NULL, with a WARNING and the size that helps, where a sample of the vectors does not stand for the rows. divergence: mmd, energy or sinkhorn. value: of the two groups that differ most, among n_used vectors (4000 at most, of the Sinkhorn divergence 1000, shared by the groups); unbiased: the same without what chance gives. seed: of the permutations. One row, of NULLs with fewer than two groups.';
