-- Moments: what training with the squared loss needs of rows, aggregated in parallel, merged, stored.

CREATE TYPE moments;

CREATE FUNCTION fairdb_internal.moments_in(cstring) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_in(cstring) IS
  'text input of type moments';

CREATE FUNCTION fairdb_internal.moments_out(moments) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_moments_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_out(moments) IS
  'text output of type moments';

CREATE FUNCTION fairdb_internal.moments_recv(internal) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_recv(internal) IS
  'binary input of type moments';

CREATE FUNCTION fairdb_internal.moments_send(moments) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_moments_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_send(moments) IS
  'binary output of type moments';

CREATE TYPE moments (
  INPUT = fairdb_internal.moments_in, OUTPUT = fairdb_internal.moments_out, RECEIVE = fairdb_internal.moments_recv, SEND = fairdb_internal.moments_send,
  INTERNALLENGTH = VARIABLE, STORAGE = extended
);
COMMENT ON TYPE moments IS
  'Means and scatter of target and features, with the means of each group: all that training with the squared loss needs. Made by moments_agg, joined by rollup, used by train_moments.';

CREATE FUNCTION fairdb_internal.moments_accumulate(internal, float8, text, float8[]) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_accumulate(internal, float8, text, float8[]) IS
  'transition function of moments_agg';

CREATE FUNCTION fairdb_internal.moments_accumulate(internal, float8, text, float8[], float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate_weighted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_accumulate(internal, float8, text, float8[], float8) IS
  'transition function of moments_agg';

CREATE FUNCTION fairdb_internal.moments_accumulate(internal, float8, anyelement, float8[]) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_accumulate(internal, float8, anyelement, float8[]) IS
  'transition function of moments_agg';

CREATE FUNCTION fairdb_internal.moments_accumulate(internal, float8, anyelement, float8[], float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate_weighted'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_accumulate(internal, float8, anyelement, float8[], float8) IS
  'transition function of moments_agg';

CREATE FUNCTION fairdb_internal.total_moments_accumulate(internal, float8, float8[]) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_total_moments_accumulate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.total_moments_accumulate(internal, float8, float8[]) IS
  'transition function of total_moments_agg';

CREATE FUNCTION fairdb_internal.total_moments_accumulate(internal, float8, float8[], float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_total_moments_accumulate_weighted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.total_moments_accumulate(internal, float8, float8[], float8) IS
  'transition function of total_moments_agg';

CREATE FUNCTION fairdb_internal.moments_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_combine'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_combine(internal, internal) IS
  'combine function of moments_agg';

CREATE FUNCTION fairdb_internal.moments_merge(internal, moments) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_merge(internal, moments) IS
  'transition function of rollup(moments)';

CREATE FUNCTION fairdb_internal.moments_serialize(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_moments_serialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_serialize(internal) IS
  'serialization of the states of moments_agg';

CREATE FUNCTION fairdb_internal.moments_deserialize(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_deserialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_deserialize(bytea, internal) IS
  'deserialization of the states of moments_agg';

CREATE FUNCTION fairdb_internal.moments_final(internal) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_final(internal) IS
  'final function of moments_agg';

CREATE AGGREGATE moments_agg(target float8, sensitive text, features float8[]) (
  SFUNC = fairdb_internal.moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive text, features float8[]) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target or feature are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive text, features float8[], weight float8) (
  SFUNC = fairdb_internal.moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive text, features float8[], weight float8) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target, feature or weight are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[]) (
  SFUNC = fairdb_internal.moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[]) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target or feature are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[], weight float8) (
  SFUNC = fairdb_internal.moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[], weight float8) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target, feature or weight are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE total_moments_agg(target float8, features float8[]) (
  SFUNC = fairdb_internal.total_moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE total_moments_agg(target float8, features float8[]) IS
  'The moments of all rows as one group with an empty name, to train without groups: select train_moments(total_moments_agg(wages, array[education, age]), fairness => ''none'') from slid. Rows with a NULL target or feature are left out and counted.';

CREATE AGGREGATE total_moments_agg(target float8, features float8[], weight float8) (
  SFUNC = fairdb_internal.total_moments_accumulate,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE total_moments_agg(target float8, features float8[], weight float8) IS
  'The moments of all rows as one group with an empty name, to train without groups: select train_moments(total_moments_agg(wages, array[education, age]), fairness => ''none'') from slid. Rows with a NULL target, feature or weight are left out and counted.';

CREATE AGGREGATE rollup(moments) (
  SFUNC = fairdb_internal.moments_merge,
  STYPE = internal, FINALFUNC = fairdb_internal.moments_final, COMBINEFUNC = fairdb_internal.moments_combine,
  SERIALFUNC = fairdb_internal.moments_serialize, DESERIALFUNC = fairdb_internal.moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(moments) IS
  'The moments of all rows that the values were made of.';

CREATE FUNCTION describe(moments moments) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_moments'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(moments) IS
  'Rows and their weight, rows left out for a NULL, the number of features, and the rows and weight of each group.';

CREATE FUNCTION train_moments(
  moments moments,
  features names DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  epsilon float8 DEFAULT 0,
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  method text DEFAULT 'projection'
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_moments'
  LANGUAGE c STABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION train_moments(moments, names, text, float8, float8, bool, text) IS
  'Trains a linear model with the squared loss from moments alone: select train_moments(moments_agg(wages, sex, array[education, age]), ''{education,age}'') from slid. features: the columns'' names, for predict(model, row); x1, x2, ... by default. The same model as train_linear(source, ...) of the rows. A fairness that compares classes needs a target of 0 and 1, or -1 and 1.';
