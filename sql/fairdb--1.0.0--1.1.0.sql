-- fairdb: from 1.0.0 to 1.1.0.
\echo Use "ALTER EXTENSION fairdb UPDATE TO '1.1.0'" to load this file. \quit

-- What the server calls and nobody else leaves the schema of the functions that people call.
CREATE SCHEMA fairdb_internal;
COMMENT ON SCHEMA fairdb_internal IS
  'Functions that the server calls for the types, aggregates and operators of fairdb. Not to be called.';

-- Whoever owns the schema can replace what it holds.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n, pg_catalog.pg_roles AS r
                 WHERE n.nspname OPERATOR(pg_catalog.=) 'fairdb' AND r.oid OPERATOR(pg_catalog.=) n.nspowner
                   AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)) THEN
    RAISE EXCEPTION 'schema "fairdb" belongs to another role'
      USING ERRCODE = 'invalid_schema_definition', HINT = 'ALTER SCHEMA fairdb OWNER TO the role that updates the extension.';
  END IF;
END $$;

-- Of both schemas: what others may create in them is found by everybody.
DO $$
DECLARE
  place pg_catalog.text;
BEGIN
  SELECT n.nspname INTO place
  FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) a.grantee
  WHERE n.nspname OPERATOR(pg_catalog.=) ANY ('{fairdb,fairdb_internal}'::pg_catalog.name[]) AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'
    AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner AND NOT coalesce(r.rolsuper, false)
  ORDER BY n.nspname LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "%" lets others create in it', place
      USING ERRCODE = 'invalid_schema_definition', HINT = 'Revoke it from them, or ALTER DEFAULT PRIVILEGES that grant CREATE ON SCHEMAS.';
  END IF;
END $$;

ALTER FUNCTION confusion_in(cstring) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_out(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_recv(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_send(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_count(confusion, bool, bool, text) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_uncount(confusion, bool, bool, text) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_count(confusion, bool, bool, text, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_uncount(confusion, bool, bool, text, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_count(confusion, bool, bool, anyelement) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_uncount(confusion, bool, bool, anyelement) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_count(confusion, bool, bool, anyelement, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_uncount(confusion, bool, bool, anyelement, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_count(confusion, bool, text) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_uncount(confusion, bool, text) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_count(confusion, bool, text, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_uncount(confusion, bool, text, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_count(confusion, bool, anyelement) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_uncount(confusion, bool, anyelement) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_count(confusion, bool, anyelement, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION prediction_uncount(confusion, bool, anyelement, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_merge(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_unmerge(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_plus(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_minus(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION demographic_parity_difference_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION demographic_parity_ratio_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION equal_opportunity_difference_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION equal_opportunity_ratio_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION equalized_odds_difference_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION equalized_odds_ratio_final(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION metric_catalog_rows() SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_in(cstring) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_out(distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_recv(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_send(distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_merge(internal, distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_combine(internal, internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_serialize(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_deserialize(bytea, internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_final(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_plus(distribution, distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION score_count(internal, float8, text) SET SCHEMA fairdb_internal;
ALTER FUNCTION score_count(internal, float8, anyelement) SET SCHEMA fairdb_internal;
ALTER FUNCTION score_count(internal, float8, text, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION score_count(internal, float8, anyelement, float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION ks_distance_final(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION wasserstein_distance_final(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION wasserstein2_distance_final(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION quantile_gap_final(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_eq(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_ne(confusion, confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_hash(confusion) SET SCHEMA fairdb_internal;
ALTER FUNCTION confusion_hash_extended(confusion, int8) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_eq(distribution, distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_ne(distribution, distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_hash(distribution) SET SCHEMA fairdb_internal;
ALTER FUNCTION distribution_hash_extended(distribution, int8) SET SCHEMA fairdb_internal;
ALTER FUNCTION model_in(cstring) SET SCHEMA fairdb_internal;
ALTER FUNCTION model_out(model) SET SCHEMA fairdb_internal;
ALTER FUNCTION model_recv(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION model_send(model) SET SCHEMA fairdb_internal;
ALTER FUNCTION check_model_owner() SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_in(cstring) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_out(moments) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_recv(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_send(moments) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_accumulate(internal, float8, text, float8[]) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_accumulate(internal, float8, text, float8[], float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_accumulate(internal, float8, anyelement, float8[]) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_accumulate(internal, float8, anyelement, float8[], float8) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_combine(internal, internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_merge(internal, moments) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_serialize(internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_deserialize(bytea, internal) SET SCHEMA fairdb_internal;
ALTER FUNCTION moments_final(internal) SET SCHEMA fairdb_internal;

-- Moments tell what they hold.
CREATE FUNCTION describe(moments moments) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_moments'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(moments) IS
  'Rows and their weight, rows left out for a NULL, the number of features, and the rows and weight of each group.';

-- Models and moments are compared.
CREATE FUNCTION fairdb_internal.model_eq(model, model) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_model_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_eq(model, model) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.model_ne(model, model) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_model_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_ne(model, model) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.model_hash(model) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_model_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_hash(model) IS
  'hash function of type model';

CREATE FUNCTION fairdb_internal.model_hash_extended(model, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_model_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_hash_extended(model, int8) IS
  'seeded hash function of type model';

CREATE OPERATOR = (
  LEFTARG = model, RIGHTARG = model, FUNCTION = fairdb_internal.model_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (model, model) IS
  'whether both models are the same: kind, source, what was asked and what came out, but for the seconds that training took';

CREATE OPERATOR <> (
  LEFTARG = model, RIGHTARG = model, FUNCTION = fairdb_internal.model_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (model, model) IS
  'whether they differ';

CREATE OPERATOR CLASS model_ops DEFAULT FOR TYPE model USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.model_hash(model), FUNCTION 2 fairdb_internal.model_hash_extended(model, int8);
COMMENT ON OPERATOR CLASS model_ops USING hash IS
  'equality of type model, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.moments_eq(moments, moments) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_moments_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_eq(moments, moments) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.moments_ne(moments, moments) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_moments_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_ne(moments, moments) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.moments_hash(moments) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_moments_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_hash(moments) IS
  'hash function of type moments';

CREATE FUNCTION fairdb_internal.moments_hash_extended(moments, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_moments_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_hash_extended(moments, int8) IS
  'seeded hash function of type moments';

CREATE OPERATOR = (
  LEFTARG = moments, RIGHTARG = moments, FUNCTION = fairdb_internal.moments_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (moments, moments) IS
  'whether both moments hold the same sums, to the last bit: those that were joined in another order may differ there';

CREATE OPERATOR <> (
  LEFTARG = moments, RIGHTARG = moments, FUNCTION = fairdb_internal.moments_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (moments, moments) IS
  'whether they differ';

CREATE OPERATOR CLASS moments_ops DEFAULT FOR TYPE moments USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.moments_hash(moments), FUNCTION 2 fairdb_internal.moments_hash_extended(moments, int8);
COMMENT ON OPERATOR CLASS moments_ops USING hash IS
  'equality of type moments, for GROUP BY, DISTINCT and hash joins';

-- A further loss.
COMMENT ON FUNCTION train_linear(text, text, text[], text[], text, text, float8, float8, bool, text, text, text, text, int, text, text, text, float8, bigint) IS
  'Trains a linear model whose average score is the same in all groups: select train_linear(source => ''applicants'', target => ''approved'', sensitive => ''{sex}''). source: the name of a table or view, or a SELECT in dollar quotes, read as the caller. features: by default every column but target, weight and sensitive. loss: logistic, squared_hinge or hinge (classes), squared or huber(1.5), which turns to absolute errors there (numbers). fairness: equal_opportunity (equal average score of the positive rows), predictive_equality (of the negative rows), equalized_odds (of both), demographic_parity (of all rows) or none. epsilon: how far the average scores may differ. c weighs the loss against the penalty. weight: a column of sampling weights. class_weight: balanced, or two numbers for negative and positive rows. positive: the value of the target that counts as positive, when it is neither boolean nor 0/1. attributes: intersection (several sensitive columns form groups together) or each. bins: for a number as target and equalized_odds, compares rows of similar targets. method: projection or elimination. on_null: error, skip or impute. on_unseen: error, null or ignore, for levels of a category that only prediction meets. held_out: the share of rows kept apart to judge the model on; seed says which.';
