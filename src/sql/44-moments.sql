-- Moments: what training with the squared loss needs of rows, aggregated in parallel, merged, stored.

CREATE TYPE moments;

CREATE FUNCTION moments_in(cstring) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_in(cstring) IS
  'text input of type moments';

CREATE FUNCTION moments_out(moments) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_moments_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_out(moments) IS
  'text output of type moments';

CREATE FUNCTION moments_recv(internal) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_recv(internal) IS
  'binary input of type moments';

CREATE FUNCTION moments_send(moments) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_moments_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_send(moments) IS
  'binary output of type moments';

CREATE TYPE moments (
  INPUT = moments_in, OUTPUT = moments_out, RECEIVE = moments_recv, SEND = moments_send,
  INTERNALLENGTH = VARIABLE, STORAGE = extended
);
COMMENT ON TYPE moments IS
  'Means and scatter of target and features, with the means of each group: all that training with the squared loss needs. Made by moments_agg, joined by rollup, used by train_moments.';

CREATE FUNCTION moments_accumulate(internal, float8, text, float8[]) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_accumulate(internal, float8, text, float8[]) IS
  'transition function of moments_agg';

CREATE FUNCTION moments_accumulate(internal, float8, text, float8[], float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate_weighted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_accumulate(internal, float8, text, float8[], float8) IS
  'transition function of moments_agg';

CREATE FUNCTION moments_accumulate(internal, float8, anyelement, float8[]) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_accumulate(internal, float8, anyelement, float8[]) IS
  'transition function of moments_agg';

CREATE FUNCTION moments_accumulate(internal, float8, anyelement, float8[], float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_accumulate_weighted'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_accumulate(internal, float8, anyelement, float8[], float8) IS
  'transition function of moments_agg';

CREATE FUNCTION moments_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_combine'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_combine(internal, internal) IS
  'combine function of moments_agg';

CREATE FUNCTION moments_merge(internal, moments) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_merge(internal, moments) IS
  'transition function of rollup(moments)';

CREATE FUNCTION moments_serialize(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_moments_serialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_serialize(internal) IS
  'serialization of the states of moments_agg';

CREATE FUNCTION moments_deserialize(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_moments_deserialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION moments_deserialize(bytea, internal) IS
  'deserialization of the states of moments_agg';

CREATE FUNCTION moments_final(internal) RETURNS moments
  AS 'MODULE_PATHNAME', 'fairdb_moments_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moments_final(internal) IS
  'final function of moments_agg';

CREATE AGGREGATE moments_agg(target float8, sensitive text, features float8[]) (
  SFUNC = moments_accumulate,
  STYPE = internal, FINALFUNC = moments_final, COMBINEFUNC = moments_combine,
  SERIALFUNC = moments_serialize, DESERIALFUNC = moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive text, features float8[]) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target or feature are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive text, features float8[], weight float8) (
  SFUNC = moments_accumulate,
  STYPE = internal, FINALFUNC = moments_final, COMBINEFUNC = moments_combine,
  SERIALFUNC = moments_serialize, DESERIALFUNC = moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive text, features float8[], weight float8) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target, feature or weight are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[]) (
  SFUNC = moments_accumulate,
  STYPE = internal, FINALFUNC = moments_final, COMBINEFUNC = moments_combine,
  SERIALFUNC = moments_serialize, DESERIALFUNC = moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[]) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target or feature are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[], weight float8) (
  SFUNC = moments_accumulate,
  STYPE = internal, FINALFUNC = moments_final, COMBINEFUNC = moments_combine,
  SERIALFUNC = moments_serialize, DESERIALFUNC = moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments_agg(target float8, sensitive anyelement, features float8[], weight float8) IS
  'The moments of all rows: select moments_agg(wages, sex, array[education, age]) from slid. Runs in parallel workers; values of partitions or servers are joined by rollup. Rows with a NULL target, feature or weight are left out and counted, rows without a group count in no group.';

CREATE AGGREGATE rollup(moments) (
  SFUNC = moments_merge,
  STYPE = internal, FINALFUNC = moments_final, COMBINEFUNC = moments_combine,
  SERIALFUNC = moments_serialize, DESERIALFUNC = moments_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(moments) IS
  'The moments of all rows that the values were made of.';

CREATE FUNCTION train_moments(
  moments moments,
  features text[] DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  epsilon float8 DEFAULT 0,
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  method text DEFAULT 'projection'
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_moments'
  LANGUAGE c STABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION train_moments(moments, text[], text, float8, float8, bool, text) IS
  'Trains a linear model with the squared loss from moments alone: select train_moments(moments_agg(wages, sex, array[education, age]), ''{education,age}'') from slid. features: the columns'' names, for predict(model, row); x1, x2, ... by default. The same model as train_linear(source, ...) of the rows. A fairness that compares classes needs a target of 0 and 1, or -1 and 1.';
