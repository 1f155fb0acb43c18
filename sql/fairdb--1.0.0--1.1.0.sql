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

-- Types of arguments.
CREATE TYPE names;

CREATE FUNCTION fairdb_internal.names_in(cstring) RETURNS names
  AS 'MODULE_PATHNAME', 'fairdb_names_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_in(cstring) IS
  'text input of type names';

CREATE FUNCTION fairdb_internal.names_out(names) RETURNS cstring
  AS 'array_out'
  LANGUAGE internal STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_out(names) IS
  'text output of type names';

CREATE FUNCTION fairdb_internal.names_recv(internal) RETURNS names
  AS 'MODULE_PATHNAME', 'fairdb_names_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_recv(internal) IS
  'binary input of type names: its text';

CREATE FUNCTION fairdb_internal.names_send(names) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_names_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_send(names) IS
  'binary output of type names: its text';

CREATE TYPE names (
  INPUT = fairdb_internal.names_in, OUTPUT = fairdb_internal.names_out, RECEIVE = fairdb_internal.names_recv, SEND = fairdb_internal.names_send,
  LIKE = pg_catalog._text
);
COMMENT ON TYPE names IS
  'Names of columns or metrics, as an argument takes them: ''sex'', ''{sex,race}'', or array[''sex'', ''race''] from SQL or a driver.';

CREATE FUNCTION fairdb_internal.names_of(text) RETURNS names
  AS 'MODULE_PATHNAME', 'fairdb_names_of'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_of(text) IS
  'implementation of the casts of text and varchar to names: one name, or several in braces';

CREATE FUNCTION fairdb_internal.names_of(pg_catalog.text[]) RETURNS names
  AS 'MODULE_PATHNAME', 'fairdb_names_of_list'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_of(pg_catalog.text[]) IS
  'implementation of the cast of text[] to names';

CREATE FUNCTION fairdb_internal.names_of(pg_catalog.varchar[]) RETURNS names
  AS 'MODULE_PATHNAME', 'fairdb_names_of_list'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.names_of(pg_catalog.varchar[]) IS
  'implementation of the cast of varchar[] to names';

CREATE CAST (pg_catalog.text[] AS names) WITH FUNCTION fairdb_internal.names_of(pg_catalog.text[]) AS IMPLICIT;
CREATE CAST (pg_catalog.varchar[] AS names) WITH FUNCTION fairdb_internal.names_of(pg_catalog.varchar[]) AS IMPLICIT;
CREATE CAST (text AS names) WITH FUNCTION fairdb_internal.names_of(text) AS IMPLICIT;
CREATE CAST (varchar AS names) WITH FUNCTION fairdb_internal.names_of(text) AS IMPLICIT;
CREATE CAST (name AS names) WITH INOUT AS IMPLICIT;
CREATE CAST (pg_catalog.name[] AS names) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (pg_catalog.text[] AS names) IS 'a list of names';
COMMENT ON CAST (pg_catalog.varchar[] AS names) IS 'a list of names';
COMMENT ON CAST (text AS names) IS 'one name, or several in braces';
COMMENT ON CAST (varchar AS names) IS 'one name, or several in braces';
COMMENT ON CAST (name AS names) IS 'one name, or several in braces';
COMMENT ON CAST (pg_catalog.name[] AS names) IS 'a list of names';

CREATE TYPE option_value;

CREATE FUNCTION fairdb_internal.option_value_in(cstring) RETURNS option_value
  AS 'textin'
  LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_in(cstring) IS
  'text input of type option_value';

CREATE FUNCTION fairdb_internal.option_value_out(option_value) RETURNS cstring
  AS 'textout'
  LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_out(option_value) IS
  'text output of type option_value';

CREATE FUNCTION fairdb_internal.option_value_recv(internal) RETURNS option_value
  AS 'textrecv'
  LANGUAGE internal STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_recv(internal) IS
  'binary input of type option_value';

CREATE FUNCTION fairdb_internal.option_value_send(option_value) RETURNS bytea
  AS 'textsend'
  LANGUAGE internal STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_send(option_value) IS
  'binary output of type option_value';

CREATE TYPE option_value (
  INPUT = fairdb_internal.option_value_in, OUTPUT = fairdb_internal.option_value_out, RECEIVE = fairdb_internal.option_value_recv, SEND = fairdb_internal.option_value_send,
  LIKE = pg_catalog.text
);
COMMENT ON TYPE option_value IS
  'A value of an option whose type depends on the data, held as its text: a text, a number, a boolean, an array or JSON, as SQL writes it or a driver sends it: positive => 1, class_weight => array[1, 5], group_weights => ''{"a": 1, "b": 2}''::jsonb.';

CREATE FUNCTION fairdb_internal.option_value_of(float4) RETURNS option_value
  AS 'MODULE_PATHNAME', 'fairdb_option_value_of'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_of(float4) IS
  'its text, whatever extra_float_digits says';

CREATE FUNCTION fairdb_internal.option_value_of(float8) RETURNS option_value
  AS 'MODULE_PATHNAME', 'fairdb_option_value_of'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_of(float8) IS
  'its text, whatever extra_float_digits says';

CREATE FUNCTION fairdb_internal.option_value_of(pg_catalog.float4[]) RETURNS option_value
  AS 'MODULE_PATHNAME', 'fairdb_option_value_of'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_of(pg_catalog.float4[]) IS
  'its text, whatever extra_float_digits says';

CREATE FUNCTION fairdb_internal.option_value_of(pg_catalog.float8[]) RETURNS option_value
  AS 'MODULE_PATHNAME', 'fairdb_option_value_of'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.option_value_of(pg_catalog.float8[]) IS
  'its text, whatever extra_float_digits says';

CREATE CAST (text AS option_value) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (text AS option_value) IS 'the text';
CREATE CAST (varchar AS option_value) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (varchar AS option_value) IS 'the text';
CREATE CAST (bpchar AS option_value) WITH FUNCTION pg_catalog.text(bpchar) AS IMPLICIT;
COMMENT ON CAST (bpchar AS option_value) IS 'the text, without the blanks that fill it';
CREATE CAST (name AS option_value) WITH FUNCTION pg_catalog.text(name) AS IMPLICIT;
COMMENT ON CAST (name AS option_value) IS 'the text';
CREATE CAST (bool AS option_value) WITH FUNCTION pg_catalog.text(bool) AS IMPLICIT;
COMMENT ON CAST (bool AS option_value) IS 'true or false';
CREATE CAST (int2 AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (int2 AS option_value) IS 'the number';
CREATE CAST (int4 AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (int4 AS option_value) IS 'the number';
CREATE CAST (int8 AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (int8 AS option_value) IS 'the number';
CREATE CAST (float4 AS option_value) WITH FUNCTION fairdb_internal.option_value_of(float4) AS IMPLICIT;
COMMENT ON CAST (float4 AS option_value) IS 'the number';
CREATE CAST (float8 AS option_value) WITH FUNCTION fairdb_internal.option_value_of(float8) AS IMPLICIT;
COMMENT ON CAST (float8 AS option_value) IS 'the number';
CREATE CAST (numeric AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (numeric AS option_value) IS 'the number';
CREATE CAST (pg_catalog.int2[] AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (pg_catalog.int2[] AS option_value) IS 'the list';
CREATE CAST (pg_catalog.int4[] AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (pg_catalog.int4[] AS option_value) IS 'the list';
CREATE CAST (pg_catalog.int8[] AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (pg_catalog.int8[] AS option_value) IS 'the list';
CREATE CAST (pg_catalog.float4[] AS option_value) WITH FUNCTION fairdb_internal.option_value_of(pg_catalog.float4[]) AS IMPLICIT;
COMMENT ON CAST (pg_catalog.float4[] AS option_value) IS 'the list';
CREATE CAST (pg_catalog.float8[] AS option_value) WITH FUNCTION fairdb_internal.option_value_of(pg_catalog.float8[]) AS IMPLICIT;
COMMENT ON CAST (pg_catalog.float8[] AS option_value) IS 'the list';
CREATE CAST (pg_catalog.numeric[] AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (pg_catalog.numeric[] AS option_value) IS 'the list';
CREATE CAST (json AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (json AS option_value) IS 'its text';
CREATE CAST (jsonb AS option_value) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (jsonb AS option_value) IS 'its text';

-- Functions that have got other arguments or columns.
-- What a view, an index or a function uses cannot be dropped: all of them are told at once.
DO $$
DECLARE
  users pg_catalog.text;
BEGIN
  SELECT pg_catalog.string_agg(DISTINCT u.name, ', ') INTO users
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_depend AS d
      ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'n'
    LEFT JOIN pg_catalog.pg_rewrite AS r ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid OPERATOR(pg_catalog.=) d.objid,
    LATERAL (SELECT CASE WHEN r.oid IS NULL THEN pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
                         ELSE pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, 0) END AS name) AS u
  WHERE p.pronamespace OPERATOR(pg_catalog.=) 'fairdb'::pg_catalog.regnamespace AND p.proname OPERATOR(pg_catalog.=) ANY ('{metrics,score_gaps,local_law_144,audit_confusions,multiclass_counts,multiclass_confusions,label_divergences,regression_by_group,audit,adjust,adjustment_report,barycenter_scores,train_linear,train_kernel,cross_validate,tradeoff,fair_features,train_moments,model_owner}'::pg_catalog.name[]);
  IF users IS NOT NULL THEN
    RAISE EXCEPTION 'functions that get other arguments or columns are used by other objects'
      USING ERRCODE = 'dependent_objects_still_exist', DETAIL = 'They are used by ' OPERATOR(pg_catalog.||) users OPERATOR(pg_catalog.||) '.',
            HINT = 'Keep what defines these (pg_dump -t, pg_get_viewdef), drop them, update, and make them again.';
  END IF;
END $$;

-- A function that is made anew belongs to everybody again, and what this script granted would be no user's grant to a
-- dump: so whoever updates is told.
DO $$
DECLARE
  had_privileges pg_catalog.text;
BEGIN
  SELECT pg_catalog.string_agg(DISTINCT p.proname::pg_catalog.text, ', ') INTO had_privileges FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace OPERATOR(pg_catalog.=) 'fairdb'::pg_catalog.regnamespace AND p.proacl IS NOT NULL
    AND p.proname OPERATOR(pg_catalog.=) ANY ('{metrics,score_gaps,local_law_144,audit_confusions,multiclass_counts,multiclass_confusions,label_divergences,regression_by_group,audit,adjust,adjustment_report,barycenter_scores,train_linear,train_kernel,cross_validate,tradeoff,fair_features,train_moments,model_owner}'::pg_catalog.name[]);
  IF had_privileges IS NOT NULL THEN
    RAISE WARNING 'everybody may execute % again', had_privileges
      USING HINT = 'These functions were made anew: revoke and grant EXECUTE again.';
  END IF;
END $$;

DROP FUNCTION metrics(confusion, float8, text);
CREATE FUNCTION metrics(confusion confusion, level float8 DEFAULT 0.95, reference text DEFAULT NULL, names names DEFAULT NULL) RETURNS TABLE (
  metric text,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  test text,
  n_groups bigint,
  n_estimable bigint,
  note text,
  group_low text,
  group_high text
)
  AS 'MODULE_PATHNAME', 'fairdb_metrics'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 30 COST 100000;
COMMENT ON FUNCTION metrics(confusion, float8, text, names) IS
  'Every gap between the groups with an interval that is right also at parity, and the p-value of a test that the groups are equal. group_low and group_high are the groups that make the gap (of equalized odds, of the worse of its two parts). With reference also the signed metrics of all other groups together against it. names: of the metrics to compute, in place of all: names => ''{equal_opportunity_difference}'' costs a thirtieth. Computed from the counts, so the cost does not depend on the number of rows; of more than 200 groups there is no interval. note says so where interval and p-value disagree: they answer different questions. Rows are taken for independent; weights for sampling weights. A p-value is of one test: many tests find something by chance.';

DROP FUNCTION score_gaps(distribution, int, float8);
CREATE FUNCTION score_gaps(scores distribution, bins int DEFAULT 10, level float8 DEFAULT 0.95) RETURNS TABLE (
  metric text,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  test text,
  n_groups bigint,
  n_estimable bigint,
  note text,
  group_low text,
  group_high text
)
  AS 'MODULE_PATHNAME', 'fairdb_score_gaps'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 3 COST 10000;
COMMENT ON FUNCTION score_gaps(distribution, int, float8) IS
  'The largest differences between groups of the area under the ROC curve, the Brier score and the calibration error, the first two with an interval and a test; the last two are NULL when scores are no probabilities. group_low and group_high are the groups that make the gap. note says so where interval and p-value disagree. scores comes from distribution_agg(score, row(sensitive, y_true)).';

DROP FUNCTION local_law_144(text, text, text, text, text, float8, text);
CREATE FUNCTION local_law_144(source text, outcome text, sex text, race text, mode text DEFAULT 'selection', min_share float8 DEFAULT 0.02, exclude_small bool DEFAULT false, positive option_value DEFAULT NULL) RETURNS TABLE (
  section text,
  category text,
  n_applicants bigint,
  n_selected bigint,
  unknown_outcome bigint,
  rate float8,
  impact_ratio float8,
  excluded bool,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_local_law_144'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 20;
COMMENT ON FUNCTION local_law_144(text, text, text, text, text, float8, bool, option_value) IS
  'The tables that New York City''s Local Law 144 asks for (6 RCNY 5-300 to 5-303): selection rates, or with mode => ''scoring'' shares of scores above the median of all, and impact ratios by sex, by race and by both, each against the highest rate of its own section. Applicants are those whose outcome is known; unknown_outcome counts the others. Categories of less than min_share of the applicants are marked by a note; exclude_small => true leaves them out of the ratios, as the rule allows with a justification. People whose sex or race is unknown are part of no table, and counted in the rows with category NULL. Where a tool sorts people into classes, call it for each class. Numbers, not a statement of compliance.';

DROP FUNCTION audit_confusions(text, text, text, text[], text[], text, text);
CREATE FUNCTION audit_confusions(source text, y_true text, y_pred text, sensitive names, strata names DEFAULT NULL, weight text DEFAULT NULL, positive option_value DEFAULT NULL) RETURNS TABLE (
  attributes text[],
  stratum text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_audit_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION audit_confusions(text, text, text, names, names, text, option_value) IS
  'The confusions behind audit(), one for each set of attributes and each stratum: for gaps, intervals, stratified() and storage. positive: the value of y_true and y_pred that counts as positive, of any type; a boolean or a 0/1 column that cannot hold it means what it is. Nothing is suppressed.';

DROP FUNCTION multiclass_counts(text, text, text, text[]);
CREATE FUNCTION multiclass_counts(source text, y_true text, y_pred text, sensitive names) RETURNS TABLE (
  sensitive text,
  y_true text,
  y_pred text,
  n bigint,
  share float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_multiclass_counts'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 50;
COMMENT ON FUNCTION multiclass_counts(text, text, text, names) IS
  'How often each group got each predicted class under each true class, and the share of the group''s rows; NULL is unknown. Combinations that do not occur have no row.';

DROP FUNCTION multiclass_confusions(text, text, text, text[]);
CREATE FUNCTION multiclass_confusions(source text, y_true text, y_pred text, sensitive names) RETURNS TABLE (
  class text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_multiclass_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION multiclass_confusions(text, text, text, names) IS
  'For each class its confusion against all other classes, from one scan: every gap, interval and test then works class by class: select class, demographic_parity_difference(confusion) from multiclass_confusions(''decisions'', ''grade'', ''predicted'', ''{sex}'').';

DROP FUNCTION label_divergences(text, text, text[], text, text);
CREATE FUNCTION label_divergences(source text, label text, sensitive names, reference text DEFAULT NULL, "group" text DEFAULT NULL) RETURNS TABLE (
  n_classes bigint,
  n_group bigint,
  n_reference bigint,
  kl float8,
  js float8,
  lp float8,
  tvd float8,
  ks float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_label_divergences'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 1;
COMMENT ON FUNCTION label_divergences(text, text, names, text, text) IS
  'How far the distribution of a label with any number of classes is apart between a group and the reference; one that is not named is all other known groups together. kl is the Kullback-Leibler divergence of the group from the reference (Infinity when the group lacks a class that the reference has), js Jensen-Shannon, lp the Euclidean distance, tvd the total variation distance, ks the largest difference of a share.';

DROP FUNCTION regression_by_group(text, text, text, text[]);
CREATE FUNCTION regression_by_group(source text, y_true text, y_pred text, sensitive names) RETURNS TABLE (
  sensitive text,
  n bigint,
  n_unknown bigint,
  mae float8,
  rmse float8,
  bias float8,
  r2 float8,
  mean_true float8,
  mean_predicted float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_regression_by_group'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION regression_by_group(text, text, text, names) IS
  'Errors of a numeric prediction by group: mean absolute error, root mean squared error, bias (mean of prediction minus truth), and the share of variance explained within the group. n_unknown counts rows without truth or prediction; the row with sensitive NULL is the unknown group.';

DROP FUNCTION audit(text, text, text, text[], text[], text, text, bigint);
CREATE FUNCTION audit(source text, y_true text, y_pred text, sensitive names, strata names DEFAULT NULL, weight text DEFAULT NULL, positive option_value DEFAULT NULL, min_group bigint DEFAULT NULL) RETURNS TABLE (
  attributes text[],
  stratum text,
  sensitive text,
  n bigint,
  n_positive bigint,
  n_selected bigint,
  true_positives bigint,
  false_positives bigint,
  false_negatives bigint,
  true_negatives bigint,
  base_rate float8,
  selection_rate float8,
  true_positive_rate float8,
  false_positive_rate float8,
  true_negative_rate float8,
  false_negative_rate float8,
  "precision" float8,
  negative_predictive_value float8,
  false_discovery_rate float8,
  false_omission_rate float8,
  accuracy float8,
  balanced_accuracy float8,
  f1 float8,
  unknown_label bigint,
  unknown_prediction bigint,
  unknown_weight bigint,
  label_coverage float8,
  weight float8,
  effective_n float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_audit'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 50;
COMMENT ON FUNCTION audit(text, text, text, names, names, text, option_value, bigint) IS
  'The rows of by_group for each sensitive attribute, each of their intersections (at most five attributes) and each stratum, from one scan of a table, view or SELECT (at most 100000 combinations of values): select * from audit(''decisions'', ''repaid'', ''approved'', ''{sex,race}''). y_true may be NULL. Columns are booleans, or 0/1 or -1/1, or of any other type with positive => ''value''. Groups and counts of fewer rows than min_group, or than the setting fairdb.min_group, are withheld, and further ones so that no table gives away what another one withholds.';

CREATE FUNCTION audit(confusion confusion, attributes names, min_group bigint DEFAULT NULL) RETURNS TABLE (
  attributes text[],
  stratum text,
  sensitive text,
  n bigint,
  n_positive bigint,
  n_selected bigint,
  true_positives bigint,
  false_positives bigint,
  false_negatives bigint,
  true_negatives bigint,
  base_rate float8,
  selection_rate float8,
  true_positive_rate float8,
  false_positive_rate float8,
  true_negative_rate float8,
  false_negative_rate float8,
  "precision" float8,
  negative_predictive_value float8,
  false_discovery_rate float8,
  false_omission_rate float8,
  accuracy float8,
  balanced_accuracy float8,
  f1 float8,
  unknown_label bigint,
  unknown_prediction bigint,
  unknown_weight bigint,
  label_coverage float8,
  weight float8,
  effective_n float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_audit_confusion'
  LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 20;
COMMENT ON FUNCTION audit(confusion, names, bigint) IS
  'The same of one stored confusion of the intersection, counted by row(sex, race) or key(sex, race): select * from audit((select rollup(daily) from audit_log), ''{sex,race}''). attributes names those of the row, in its order, which the value does not know: of row(sex, race), ''{race,sex}'' would swap their names. stratum is NULL. Rows of whom any attribute is unknown are of unknown group in every table; audit of a source knows of each attribute by itself.';

DROP FUNCTION adjust(distribution, float8, text, float8, text, text, int, float8[], text, text, float8[], text, bigint);
DROP FUNCTION adjust(distribution, float8, anyelement, float8, text, text, int, float8[], text, text, float8[], text, bigint);
CREATE FUNCTION adjust(distribution distribution, score float8, sensitive text, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, text, float8, text, text, int, float8[], option_value, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive anyelement, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, anyelement, float8, text, text, int, float8[], option_value, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

DROP FUNCTION adjustment_report(distribution, float8, float8, int, float8[], text, text, float8[], text, bigint);
CREATE FUNCTION adjustment_report(distribution distribution, threshold float8 DEFAULT NULL, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS TABLE (
  sensitive text,
  overall bool,
  n bigint,
  share float8,
  mean_before float8,
  mean_after float8,
  ks_before float8,
  ks_after float8,
  wasserstein_before float8,
  wasserstein_after float8,
  mean_squared_shift float8,
  mean_rank_change float8,
  moved_up float8,
  moved_down float8,
  largest_tie float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_adjustment_report'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION adjustment_report(distribution, float8, float8, int, float8[], option_value, text, float8[], text, bigint) IS
  'What adjust changes, over the calibrated scores: a row for each group and, where overall is true, one for all groups together (rows of unknown group have no part in it). ks and wasserstein: the largest distance to another group (of the same stratum). mean_squared_shift: the mean of (after - before)^2, overall the price of fairness. mean_rank_change: how far rows move among all rows, on average, as a share of them. largest_tie: the share of the group''s rows that have one score; without a key they move together, and the groups come no nearer than about so far. moved_up, moved_down: the shares that cross the threshold to it or above, and below it. Options as in adjust; rows of equal score are not spread. Groups smaller than fairdb.min_group are suppressed, and shares that tell of fewer rows.';

DROP FUNCTION barycenter_scores(text, text, text, text[], float8, text, text[], text, text, text, text, float8[], text, text, float8[], text, bigint);
DROP FUNCTION barycenter_scores(text, text, text, text[], anyelement, float8, text, text[], text, text, text, text, float8[], text, text, float8[], text, bigint);
CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive names,
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id bigint,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, names, float8, text, names, text, text, text, text, float8[], option_value, text, float8[], text, bigint) IS
  'Fair scores of all rows of a source (the name of a table or view, or a SELECT), calibrated on the same rows or on those of calibrate_on: select * from barycenter_scores(source => ''applicants'', id => ''id'', score => ''score'', sensitive => ''{sex}''). id, score, sensitive, strata, weight and key name columns. The id is returned as bigint; for an id of another type see the form with id_type. fair_score is NULL where score or group is unknown. strata: groups are to agree within each combination of them. weight: of a row in the calibration. ties: ''mid_rank'' gives equal scores one fair score, ''hash'' spreads them by key (the id unless named). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive names,
  id_type anyelement,
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id anyelement,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, names, anyelement, float8, text, names, text, text, text, text, float8[], option_value, text, float8[], text, bigint) IS
  'As barycenter_scores without id_type, for an id of any type, which it keeps: name the type with id_type => NULL::uuid.';

DROP FUNCTION train_linear(text, text, text[], text[], text, text, float8, float8, bool, text, text, text, text, int, text, text, text, float8, bigint);
CREATE FUNCTION train_linear(
  source text,
  target text,
  sensitive names,
  features names DEFAULT NULL,
  loss text DEFAULT 'logistic',
  fairness text DEFAULT 'equal_opportunity',
  epsilon float8 DEFAULT 0,
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  class_weight option_value DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  method text DEFAULT 'projection',
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_linear'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_linear(text, text, names, names, text, text, float8, float8, bool, text, option_value, option_value, text, int, text, text, text, float8, bigint, names) IS
  'Trains a linear model whose average score is the same in all groups: select train_linear(source => ''applicants'', target => ''approved'', sensitive => ''{sex}''). source: the name of a table or view, or a SELECT in dollar quotes, read as the caller. features: by default every column but target, weight, sensitive and those that exclude names. loss: logistic, squared_hinge or hinge (classes), squared or huber(1.5), which turns to absolute errors there (numbers). fairness: equal_opportunity (equal average score of the positive rows), predictive_equality (of the negative rows), equalized_odds (of both), demographic_parity (of all rows) or none. epsilon: how far the average scores may differ. c weighs the loss against the penalty. weight: a column of sampling weights. class_weight: balanced, or two numbers for negative and positive rows: ''1,5'', array[1, 5] or JSON such as ''{"0": 1, "1": 5}''. positive: the value of the target that counts as positive, when it is neither boolean nor 0/1. attributes: intersection (several sensitive columns form groups together) or each. bins: for a number as target and equalized_odds, compares rows of similar targets. method: projection or elimination. on_null: error, skip or impute. on_unseen: error, null or ignore, for levels of a category that only prediction meets. held_out: the share of rows kept apart to judge the model on; seed says which.';

DROP FUNCTION train_kernel(text, text, text[], text[], text, float8, int, float8, int, text, text, float8, float8, bool, text, text, text, text, int, text, text, float8, bigint);
CREATE FUNCTION train_kernel(
  source text,
  target text,
  sensitive names,
  features names DEFAULT NULL,
  kernel text DEFAULT 'rbf',
  gamma float8 DEFAULT NULL,
  degree int DEFAULT 3,
  coef0 float8 DEFAULT 1,
  components int DEFAULT 0,
  loss text DEFAULT 'hinge',
  fairness text DEFAULT 'equal_opportunity',
  epsilon float8 DEFAULT 0,
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  class_weight option_value DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_kernel'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_kernel(text, text, names, names, text, float8, int, float8, int, text, text, float8, float8, bool, text, option_value, option_value, text, int, text, text, float8, bigint, names) IS
  'Trains a support vector machine whose average score is the same in all groups, in the feature space of a kernel: rbf (exp(-gamma |x - z|^2)), polynomial ((gamma <x, z> + coef0)^degree) or linear. gamma: NULL is 1 / number of features. components: 0 solves exactly, for up to 50000 rows; a number trains on the features of that many landmarks (Nystroem), with any loss and any number of rows. The other arguments are those of train_linear.';

DROP FUNCTION cross_validate(text, text, text[], text[], float8[], float8[], text, float8[], int, float8, int, text, text, bool, text, text, text, text, int, text, text, int, float8, bigint);
CREATE FUNCTION cross_validate(
  source text,
  target text,
  sensitive names,
  features names DEFAULT NULL,
  c float8[] DEFAULT '{0.01,0.1,1,10,100}',
  epsilon float8[] DEFAULT '{0}',
  kernel text DEFAULT NULL,
  gamma float8[] DEFAULT NULL,
  degree int DEFAULT 3,
  coef0 float8 DEFAULT 1,
  components int DEFAULT 0,
  loss text DEFAULT NULL,
  fairness text DEFAULT 'equal_opportunity',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  class_weight option_value DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  method text DEFAULT 'projection',
  on_null text DEFAULT 'error',
  folds int DEFAULT 5,
  share float8 DEFAULT 0.9,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS TABLE (
  c float8,
  epsilon float8,
  gamma float8,
  accuracy float8,
  gap float8,
  selection_rate float8,
  mean_squared_error float8,
  chosen bool,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_cross_validate'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20;
COMMENT ON FUNCTION cross_validate(text, text, names, names, float8[], float8[], text, float8[], int, float8, int, text, text, bool, text, option_value, option_value, text, int, text, text, int, float8, bigint, names) IS
  'Judges every combination of c, epsilon and gamma on rows that its models have not seen: each of the folds, which have the same share of every group and class, is predicted by a model of the others. kernel: NULL trains linear models, else as in train_kernel. gap: of the decisions, in the sense of the fairness (of a number as target, the largest difference of the groups'' mean scores). selection_rate: the share of positive decisions. chosen: of the settings with at least share of the best accuracy, the one with the smallest gap; one that decides the same for everybody, whose gap is 0, only where there is no other, and then with a warning. note: why a setting could not be trained, or that it is constant. Train the final model with its numbers on all rows.';

DROP FUNCTION tradeoff(text, text, text[], text[], float8[], float8, text, float8, int, float8, int, text, text, bool, text, text, text, text, int, text, int, bigint);
CREATE FUNCTION tradeoff(
  source text,
  target text,
  sensitive names,
  features names DEFAULT NULL,
  epsilon float8[] DEFAULT NULL,
  c float8 DEFAULT 1,
  kernel text DEFAULT NULL,
  gamma float8 DEFAULT NULL,
  degree int DEFAULT 3,
  coef0 float8 DEFAULT 1,
  components int DEFAULT 0,
  loss text DEFAULT NULL,
  fairness text DEFAULT 'equal_opportunity',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  class_weight option_value DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  folds int DEFAULT 5,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS TABLE (
  epsilon float8,
  accuracy float8,
  gap float8,
  selection_rate float8,
  mean_squared_error float8,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_tradeoff'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 11;
COMMENT ON FUNCTION tradeoff(text, text, names, names, float8[], float8, text, float8, int, float8, int, text, text, bool, text, option_value, option_value, text, int, text, int, bigint, names) IS
  'What fairness costs: accuracy, gap and selection rate of the decisions, by cross-validation, for each epsilon. By default epsilon goes in tenths from 0, where the groups'' mean scores agree, to their difference in a model without the constraint. note: why a setting could not be trained, or that it decides the same for everybody.';

DROP FUNCTION fair_features(text, text, text[], text, text[], text, text, bool, text, text, text, int, text, text);
DROP FUNCTION fair_features(text, text, text[], anyelement, text, text[], text, text, bool, text, text, text, int, text, text);
CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive names,
  target text DEFAULT NULL,
  features names DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  apply_to text DEFAULT NULL
) RETURNS TABLE (
  id bigint,
  features float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_fair_features'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION fair_features(text, text, names, text, names, text, text, bool, text, option_value, text, int, text, text) IS
  'The preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';

CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive names,
  id_type anyelement,
  target text DEFAULT NULL,
  features names DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  apply_to text DEFAULT NULL
) RETURNS TABLE (
  id anyelement,
  features float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_fair_features_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION fair_features(text, text, names, anyelement, text, names, text, text, bool, text, option_value, text, int, text, text) IS
  'The same with ids of another type than bigint: id_type => NULL::text. Returns the preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';

DROP FUNCTION train_moments(moments, text[], text, float8, float8, bool, text);
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

DROP FUNCTION model_owner(text, name);
CREATE FUNCTION model_owner(name text, owner name DEFAULT NULL, granted bool DEFAULT true) RETURNS name
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owners name[];
  list text;
BEGIN
  IF model_owner.name IS NULL THEN
    RAISE EXCEPTION 'the name of a model must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF model_owner.owner IS NOT NULL THEN
    RETURN model_owner.owner;
  END IF;
  -- Nobody is asked before he is granted a model or made a member of a role. So your own come first, and of others' there
  -- is only one or an error; those that have gone count, lest the name comes to mean another's in their place. A superuser
  -- is a member of every role without being meant by it.
  SELECT array_agg(t.owner ORDER BY t.owner), string_agg(t.owner || CASE WHEN t.there THEN '' ELSE ' (dropped or taken back)' END, ', ' ORDER BY t.owner)
    INTO owners, list
  FROM (SELECT s.owner, bool_or(s.there) AS there
        FROM (SELECT m.owner, NOT m.dropped AS there
              FROM fairdb.own_models AS m, pg_roles AS o, pg_roles AS u
              WHERE m.name = model_owner.name AND o.rolname = m.owner AND u.rolname = CURRENT_USER
                AND (o.oid = u.oid OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER'))
              UNION ALL
              SELECT g.owner, g.revoked_at IS NULL AND EXISTS (SELECT FROM fairdb.models AS m WHERE m.owner = g.owner AND m.name = g.name)
              FROM fairdb.model_grants AS g, pg_roles AS u
              WHERE model_owner.granted AND g.name = model_owner.name AND u.rolname = CURRENT_USER AND NOT u.rolsuper
                AND (g.grantee = 'public' OR pg_has_role(to_regrole(quote_ident(g.grantee)), 'MEMBER'))) AS s
        GROUP BY s.owner) AS t;
  IF CURRENT_USER = ANY (owners) THEN
    RETURN CURRENT_USER;
  END IF;
  IF cardinality(owners) > 1 THEN
    RAISE EXCEPTION 'model "%" may be of several roles: %', model_owner.name, list
      USING ERRCODE = 'ambiguous_parameter', HINT = 'Name one with owner => ''...'', as in predict(name, row, owner => ''...'').';
  END IF;
  RETURN owners[1];
END $$;
COMMENT ON FUNCTION model_owner(text, name, bool) IS
  'Whose model a name means to predict(name, row): yours if you have ever saved one, else that of the only other role that has ever had one while you are a member of it, or has ever granted you one; NULL for none, and an error where there are several. granted => false: of your roles only, as activate_model, drop_model, grant_model and revoke_model ask. A superuser has only its own, and names other owners.';

-- New ones.
CREATE FUNCTION extreme_groups(confusion confusion, metric text) RETURNS TABLE (
  group_low text,
  low float8,
  group_high text,
  high float8
)
  AS 'MODULE_PATHNAME', 'fairdb_extreme_groups'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION extreme_groups(confusion, text) IS
  'The groups that make difference(confusion, metric): those with the smallest and the largest rate, the first by name of several. No row with fewer than two groups that have the rate.';

CREATE FUNCTION regression_gaps(source text, y_true text, y_pred text, sensitive names, level float8 DEFAULT 0.95) RETURNS TABLE (
  metric text,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  test text,
  n_groups bigint,
  n_estimable bigint,
  group_low text,
  group_high text,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_regression_gaps'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 5;
COMMENT ON FUNCTION regression_gaps(text, text, text, names, float8) IS
  'How far the groups are apart in the errors of a numeric prediction: differences (largest minus smallest) of mean absolute error, root mean squared error and bias, and ratios (smallest divided by largest) of the first two, each with an interval and a p-value (Welch''s t of all pairs of groups, at Bonferroni''s level) and the groups that make the gap. A group of fewer than ten rows, or whose errors are all alike, has a part in the value and none in interval and test, as note then says; the gap may be of any size (upper Infinity, of ratios lower 0). The intervals take means for normal: of skewed errors, the root mean squared error above all, they want some hundred rows a group.';

CREATE FUNCTION reweighing(confusion confusion) RETURNS TABLE (
  sensitive text,
  label bool,
  n bigint,
  weight float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_reweighing'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000;
COMMENT ON FUNCTION reweighing(confusion) IS
  'Weights for training under which the label is independent of the group (Kamiran and Calders 2012): P(group) P(label) / P(group, label) for each group and label, counting rows whose group and label are known. The prediction does not matter: select * from reweighing((select confusion_agg(repaid, repaid, sex) from loans)). weight is NULL where the group has no row of the label. Join it to the source of a trainer and name it as weight.';

CREATE FUNCTION compact(distribution distribution, points int DEFAULT 2000) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_compact'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION compact(distribution, int) IS
  'The distribution with about so many points (100 to 3000) for each group that has more, as a sketch whose rank_error describe tells: half a point''s share, 1 / (2 points), and less towards the ends. For distributions that are stored in numbers, and for adjust, which reads a small one faster: 2000 points move fair scores by some 0.0003 of their range.';

CREATE FUNCTION adjusted(distribution distribution, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_adjusted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION adjusted(distribution, float8, int, float8[], option_value, text, float8[], text, bigint) IS
  'The distribution of the fair scores of the rows that the distribution was made from, so that quantiles, histogram and distances of the "after" need no second scan: select * from quantiles(adjusted(d), ''{0.1,0.5,0.9}''). Options as in adjust; rows of equal score are not spread. A sketch stays one, with its rank error.';

CREATE FUNCTION predict(model model, "row" record, on_null text, on_unseen text DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model model, "row" record, text, text) IS
  'As predict(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION classify(model model, "row" record, on_null text, on_unseen text DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model model, "row" record, text, text) IS
  'As classify(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION probability(model model, "row" record, on_null text, on_unseen text DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model model, "row" record, text, text) IS
  'As probability(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION held_out_rows(model model, source text, id text) RETURNS TABLE (
  id bigint,
  held_out bool
)
  AS 'MODULE_PATHNAME', 'fairdb_held_out_rows'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION held_out_rows(model, text, text) IS
  'Which rows of a source a model kept apart when it was trained with held_out, so that anything can be audited on them alone: select confusion_agg(a.repaid, classify(m.model, a), a.sex) from m, applicants as a join held_out_rows(m.model, ''applicants'', ''id'') as h using (id) where h.held_out. A row is told by its features, target, weight and the model''s seed: of a row that was not there at training it says which part it would have gone to. held_out is NULL for rows that training left out. id is returned as bigint; for an id of another type see the form with id_type.';

CREATE FUNCTION held_out_rows(model model, source text, id text, id_type anyelement) RETURNS TABLE (
  id anyelement,
  held_out bool
)
  AS 'MODULE_PATHNAME', 'fairdb_held_out_rows_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION held_out_rows(model, text, text, anyelement) IS
  'The same with ids of another type than bigint: id_type => NULL::text. Which rows of a source a model kept apart when it was trained with held_out; NULL for rows that training left out.';

CREATE FUNCTION digest(model model) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_digest'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION digest(model model) IS
  'The SHA-256 of the model but for the seconds that training took, as hexadecimal digits: two models with the same digest are the same model.';

CREATE FUNCTION fairdb_internal.confusion_count_many(confusion, bool, bool, text, bigint) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_count_many_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count_many(confusion, bool, bool, text, bigint) IS
  'transition function of confusion_from_counts';

CREATE FUNCTION fairdb_internal.confusion_count_many(confusion, bool, bool, anyelement, bigint) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_count_many_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count_many(confusion, bool, bool, anyelement, bigint) IS
  'transition function of confusion_from_counts';

CREATE AGGREGATE confusion_from_counts(y_true bool, y_pred bool, sensitive text, n bigint) (
  SFUNC = fairdb_internal.confusion_count_many, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_from_counts(y_true bool, y_pred bool, sensitive text, n bigint) IS
  'The confusion of rows that were counted already: n of them have this label, prediction and group. select confusion_from_counts(repaid, approved, sex, n) from (select repaid, approved, sex, count(*) as n from loans group by 1, 2, 3) as t is confusion_agg(repaid, approved, sex) of loans. As there, NULL is unknown; n is 0 or more.';

CREATE AGGREGATE confusion_from_counts(y_true bool, y_pred bool, sensitive anyelement, n bigint) (
  SFUNC = fairdb_internal.confusion_count_many, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_from_counts(y_true bool, y_pred bool, sensitive anyelement, n bigint) IS
  'The confusion of rows that were counted already: n of them have this label, prediction and group. select confusion_from_counts(repaid, approved, sex, n) from (select repaid, approved, sex, count(*) as n from loans group by 1, 2, 3) as t is confusion_agg(repaid, approved, sex) of loans. As there, NULL is unknown; n is 0 or more.';

CREATE FUNCTION key(VARIADIC attributes text[]) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_key'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION key(text[]) IS
  'Several attributes as one group, as a text: key(sex, race) names the groups that row(sex, race) names, (f,black), and is NULL when any of them is. Unlike a row it can be compared, stored and sent to other servers, so that Citus and postgres_fdw aggregate there.';

CREATE FUNCTION marginal(confusion confusion, fields int[]) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_marginal'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION marginal(confusion, int[]) IS
  'The confusion of some attributes from that of their intersection, counted by row(sex, race) or key(sex, race): marginal(c, ''{1}'') is by sex, marginal(c, ''{2}'') by race. So one stored confusion answers for every attribute. Rows of unknown intersection, of whom one attribute at least is unknown, stay unknown.';

CREATE CAST (confusion AS jsonb) WITH INOUT;
COMMENT ON CAST (confusion AS jsonb) IS
  'the text form: {"groups": {"f": {"tp": 1, "fp": 2, "fn": 3, "tn": 4}}}, counts of rows by label and prediction; also positive_unknown, negative_unknown, unknown_selected, unknown_rejected, unknown_unknown; "unknown" for rows without a group';

CREATE CAST (jsonb AS confusion) WITH INOUT;
COMMENT ON CAST (jsonb AS confusion) IS
  'a confusion from counts: ''{"groups": {"f": {"tp": 1, "fp": 2, "fn": 3, "tn": 4}}}''::jsonb::confusion';

-- The registry: a version is never used twice and never changes; grants and a history.
ALTER TABLE registered_models ADD COLUMN digest text;
ALTER TABLE registered_models ADD COLUMN dropped bool NOT NULL DEFAULT false;
ALTER TABLE registered_models ADD COLUMN events jsonb NOT NULL DEFAULT '[]';
ALTER TABLE registered_models ALTER COLUMN model DROP NOT NULL;
ALTER TABLE registered_models ADD CONSTRAINT registered_models_dropped CHECK (dropped OPERATOR(pg_catalog.=) (model IS NULL) AND NOT (dropped AND active));
-- Who saved an earlier version is not known.
UPDATE registered_models AS m SET
  digest = digest(m.model),
  events = pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('event', 'save'::pg_catalog.text, 'at', m.saved_at, 'role', NULL::pg_catalog.text))
    OPERATOR(pg_catalog.||) CASE WHEN m.active THEN pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('event', 'activate'::pg_catalog.text, 'at', m.saved_at, 'role', NULL::pg_catalog.text)) ELSE '[]'::pg_catalog.jsonb END;
COMMENT ON TABLE registered_models IS
  'What the views models and models_history show, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use models.';

CREATE TABLE granted_models (
  owner name NOT NULL,
  name text NOT NULL,
  grantee name NOT NULL,
  granted_by name NOT NULL DEFAULT CURRENT_USER,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  revoked_at timestamptz,
  PRIMARY KEY (owner, name, grantee)
);
COMMENT ON TABLE granted_models IS
  'What the view model_grants shows, of all roles: for pg_dump and pg_restore. Use grant_model and revoke_model.';
SELECT pg_catalog.pg_extension_config_dump('granted_models', '');

DO $$
DECLARE
  dumping name := (SELECT r.rolname FROM pg_catalog.pg_roles AS r
                   WHERE r.rolname OPERATOR(pg_catalog.=) 'pg_database_owner');
BEGIN
  -- PostgreSQL 13 has no role for whoever owns the database.
  IF dumping IS NULL THEN
    SELECT r.rolname INTO dumping FROM pg_catalog.pg_database AS d, pg_catalog.pg_roles AS r
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND r.oid OPERATOR(pg_catalog.=) d.datdba;
  END IF;
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.granted_models TO %I', dumping);
END $$;

-- No catalog stands in the views: LOCK TABLE on a view locks all that it names. These functions become part of the
-- reader's query, who has no right to their schema: so they name no other of it.
CREATE FUNCTION fairdb_internal.is_role_of_user(role name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') $$;
COMMENT ON FUNCTION fairdb_internal.is_role_of_user(name) IS
  'for the views of registered models: whether the current user is a member of the role';

CREATE FUNCTION fairdb_internal.owns_models_of(owner name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  -- TRUNCATE is the superusers'.
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') OR pg_catalog.has_table_privilege('fairdb.registered_models'::pg_catalog.regclass, 'TRUNCATE') $$;
COMMENT ON FUNCTION fairdb_internal.owns_models_of(name) IS
  'for the views of registered models: whether the models of this owner are the current user''s';

CREATE OR REPLACE VIEW models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.saved_at, m.note, m.model, m.digest
  FROM registered_models AS m
  WHERE NOT m.dropped
    AND (fairdb_internal.owns_models_of(m.owner)
      OR EXISTS (
        SELECT FROM granted_models AS g
        WHERE g.owner OPERATOR(pg_catalog.=) m.owner AND g.name OPERATOR(pg_catalog.=) m.name AND g.revoked_at IS NULL
          AND (g.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(g.grantee))));
COMMENT ON VIEW models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Each owner has names of its own. The view shows those whose owner is the current user or a role of which that user is a member, and those that were granted to such a role; to a superuser all. digest is digest(model).';
REVOKE UPDATE, DELETE ON models FROM PUBLIC;

CREATE VIEW own_models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.dropped, m.saved_at, m.digest
  FROM registered_models AS m
  WHERE fairdb_internal.owns_models_of(m.owner);
COMMENT ON VIEW own_models IS
  'The versions of the roles of the current user, dropped ones too. Of a version its note may be changed here; activate_model and drop_model change the rest.';
GRANT SELECT ON own_models TO PUBLIC;
GRANT UPDATE (active, note, dropped) ON own_models TO PUBLIC;

COMMENT ON VIEW new_models IS
  'Where save_model puts a new version, the next one of its name. It can be inserted into, not read.';


CREATE VIEW models_history WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, e.event ->> 'event' AS event, (e.event ->> 'at')::pg_catalog.timestamptz AS at, e.event ->> 'role' AS role, m.digest
  FROM registered_models AS m, pg_catalog.jsonb_array_elements(m.events) WITH ORDINALITY AS e (event, number)
  WHERE fairdb_internal.owns_models_of(m.owner);
COMMENT ON VIEW models_history IS
  'What happened to the models of the current user''s roles: save, activate, deactivate, drop, and owner when a superuser gave one to another role; when, and by which role. Which model a name meant at a time: the last version activated before it.';
GRANT SELECT ON models_history TO PUBLIC;

CREATE VIEW model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.owns_models_of(m.owner) OR m.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(m.grantee);
COMMENT ON VIEW model_grants IS
  'Who may use the models of the current user''s roles, and what was granted to these roles; revoked_at says that a grant was taken back. grant_model and revoke_model change it.';
GRANT SELECT ON model_grants TO PUBLIC;

-- Apart, for who may change a row may also lock it.
CREATE VIEW own_model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.owns_models_of(m.owner);
COMMENT ON VIEW own_model_grants IS
  'Who may use the models of the current user''s roles: where revoke_model takes a grant back, and grant_model gives it again.';
GRANT SELECT, UPDATE (revoked_at) ON own_model_grants TO PUBLIC;

CREATE VIEW new_model_grants AS
  SELECT m.owner, m.name, m.grantee FROM granted_models AS m;
COMMENT ON VIEW new_model_grants IS
  'Where grant_model puts a grant. It can be inserted into, not read.';
GRANT INSERT ON new_model_grants TO PUBLIC;

CREATE OR REPLACE FUNCTION fairdb_internal.check_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Before any key is looked at, which would tell the names of others' models. The owner of the database restores them.
  IF NOT EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    IF pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER') IS NOT TRUE THEN
      RAISE EXCEPTION 'models of owner "%" need membership in that role', NEW.owner
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Nor is one taken away.
    IF TG_OP = 'UPDATE' AND pg_has_role(to_regrole(quote_ident(OLD.owner)), 'MEMBER') IS NOT TRUE THEN
      RAISE EXCEPTION 'models of owner "%" need membership in that role', OLD.owner
        USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_model_owner() IS
  'trigger function of registered_models and granted_models: they belong to a role that their writer is a member of';
DROP TRIGGER check_model_owner ON registered_models;
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_owner();
COMMENT ON TRIGGER check_model_owner ON registered_models IS
  'a model belongs to a role that its writer is a member of';
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_owner();
COMMENT ON TRIGGER check_model_owner ON granted_models IS
  'a grant is given by a member of the role that owns the model';

CREATE FUNCTION fairdb_internal.check_what_is_granted() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The owner of the database restores grants before there are models, or roles.
  IF EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  -- A grant stays in the table when it is taken back, and may make a name ambiguous: so it must be of something.
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = NEW.owner AND m.name = NEW.name AND NOT m.dropped) THEN
    RAISE EXCEPTION 'owner "%" has no model "%"', NEW.owner, NEW.name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NEW.grantee <> 'public' AND to_regrole(quote_ident(NEW.grantee)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', NEW.grantee USING ERRCODE = 'undefined_object';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_what_is_granted() IS
  'trigger function of granted_models: a new grant is of a model that is there, to a role that is there';
CREATE TRIGGER check_what_is_granted BEFORE INSERT ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_what_is_granted();
COMMENT ON TRIGGER check_what_is_granted ON granted_models IS
  'a new grant is of a model that is there, to a role that is there';

CREATE FUNCTION fairdb_internal.date_model_grant() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.revoked_at IS NULL THEN
    NEW.granted_by := CURRENT_USER;
    NEW.granted_at := now();
  ELSE
    NEW.revoked_at := now();
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.date_model_grant() IS
  'trigger function of granted_models: a grant that is taken back, or given again, tells when and by whom';
CREATE TRIGGER date_model_grant BEFORE UPDATE OF revoked_at ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.date_model_grant();
COMMENT ON TRIGGER date_model_grant ON granted_models IS
  'a grant that is taken back, or given again, tells when and by whom';

CREATE FUNCTION fairdb_internal.check_model_version() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  next_version int;
BEGIN
  -- A row that a dump has brought back has its number.
  IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  SELECT coalesce(max(m.version), 0) + 1 INTO next_version
  FROM fairdb.own_models AS m WHERE m.owner = NEW.owner AND m.name = NEW.name;
  IF NEW.version IS DISTINCT FROM next_version THEN
    RAISE EXCEPTION 'the next version of model "%" is %', NEW.name, next_version
      USING ERRCODE = 'unique_violation', HINT = 'save_model finds the number.';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_model_version() IS
  'trigger function of registered_models: versions are numbered from 1 without gaps';
CREATE TRIGGER check_model_version BEFORE INSERT ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_version();
COMMENT ON TRIGGER check_model_version ON registered_models IS
  'versions are numbered from 1 without gaps';

CREATE FUNCTION fairdb_internal.keep_model() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'version % of model "%" cannot be changed', OLD.version, OLD.name
    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Save another version with save_model.';
END $$;
COMMENT ON FUNCTION fairdb_internal.keep_model() IS
  'trigger function of registered_models: what was saved stays as it is';
CREATE TRIGGER keep_model BEFORE UPDATE OF name, version, saved_at, model, digest, events ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.keep_model();
COMMENT ON TRIGGER keep_model ON registered_models IS
  'what was saved stays as it is';

CREATE FUNCTION fairdb_internal.record_model_event() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  happened text[] := '{}';
  at timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- A row that a dump has brought back tells its own history.
    IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
      PERFORM (e.event ->> 'at')::timestamptz FROM jsonb_array_elements(NEW.events) AS e (event);
      IF NEW.digest <> fairdb.digest(NEW.model) THEN
        RAISE EXCEPTION 'the digest of version % of model "%" is that of another model', NEW.version, NEW.name
          USING ERRCODE = 'data_exception';
      END IF;
      RETURN NEW;
    END IF;
    NEW.digest := fairdb.digest(NEW.model);
    NEW.events := '[]';
    happened := '{save}';
    IF NEW.active THEN
      happened := happened || 'activate'::text;
    END IF;
  ELSE
    IF OLD.dropped AND (NEW.active OR NOT NEW.dropped) THEN
      RAISE EXCEPTION 'version % of model "%" was dropped', OLD.version, OLD.name
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF NEW.owner <> OLD.owner THEN
      happened := happened || 'owner'::text;
    END IF;
    IF NEW.dropped THEN
      NEW.model := NULL;
      NEW.active := false;
    END IF;
    IF NEW.active <> OLD.active THEN
      happened := happened || CASE WHEN NEW.active THEN 'activate' ELSE 'deactivate' END;
    END IF;
    IF NEW.dropped AND NOT OLD.dropped THEN
      happened := happened || 'drop'::text;
    END IF;
  END IF;
  NEW.events := NEW.events || coalesce(
    (SELECT jsonb_agg(jsonb_build_object('event', h.event, 'at', at, 'role', CURRENT_USER) ORDER BY h.number)
     FROM unnest(happened) WITH ORDINALITY AS h (event, number)), '[]');
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.record_model_event() IS
  'trigger function of registered_models: notes what happened to a version, when, and by which role';
CREATE TRIGGER record_model_event BEFORE INSERT OR UPDATE ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.record_model_event();
COMMENT ON TRIGGER record_model_event ON registered_models IS
  'notes what happened to a version, when, and by which role';

CREATE OR REPLACE FUNCTION save_model(
  name text,
  model model,
  owner name DEFAULT NULL,
  activate bool DEFAULT true,
  note text DEFAULT NULL
) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_owner name;
  new_version int;
BEGIN
  IF save_model.name IS NULL OR save_model.model IS NULL OR save_model.activate IS NULL THEN
    RAISE EXCEPTION 'name, model and activate must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(save_model.name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of a model has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF save_model.owner IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = save_model.owner) THEN
    RAISE EXCEPTION 'role "%" does not exist', save_model.owner USING ERRCODE = 'undefined_object';
  END IF;
  new_owner := coalesce(fairdb.model_owner(save_model.name, save_model.owner, granted => false), CURRENT_USER);
  -- Whoever makes you a member of a role must not get what you save.
  IF save_model.owner IS NULL AND new_owner <> CURRENT_USER THEN
    RAISE EXCEPTION 'role "%", of which you are a member, has or had a model "%"', new_owner, save_model.name
      USING ERRCODE = 'ambiguous_parameter',
            HINT = format('Say whose the new version is: owner => %L, or owner => %L for a model of your own.', new_owner, CURRENT_USER);
  END IF;
  -- Also of the owner of the database, who may fill the table to restore it.
  IF NOT pg_has_role(to_regrole(quote_ident(new_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', new_owner
      USING ERRCODE = 'insufficient_privilege', HINT = 'Leave owner out to save the model as your own.';
  END IF;
  -- Sessions that save under one name take turns, but for the first version, which only one can save.
  FOR attempt IN 1 .. 10 LOOP
    PERFORM FROM fairdb.own_models AS m WHERE m.owner = new_owner AND m.name = save_model.name ORDER BY m.version FOR UPDATE;
    SELECT coalesce(max(m.version), 0) + 1 INTO new_version
    FROM fairdb.own_models AS m WHERE m.owner = new_owner AND m.name = save_model.name;
    BEGIN
      IF save_model.activate THEN
        UPDATE fairdb.own_models AS m SET active = false
        WHERE m.owner = new_owner AND m.name = save_model.name AND m.active;
      END IF;
      INSERT INTO fairdb.new_models (owner, name, version, active, note, model)
      VALUES (new_owner, save_model.name, new_version, save_model.activate, save_model.note, save_model.model);
      RETURN new_version;
    EXCEPTION
      WHEN unique_violation THEN
        EXIT WHEN current_setting('transaction_isolation') <> 'read committed';
    END;
  END LOOP;
  RAISE EXCEPTION 'another session has just saved a model under the name "%"', save_model.name
    USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
END $$;
COMMENT ON FUNCTION save_model(text, model, name, bool, text) IS
  'Registers a model under a name and returns its version: select save_model(''credit'', train_linear(...)). The new version is the active one unless activate is false. owner: a role whose members share the model; by default you, and an error where a role of yours has, or had, a model of the name and you have none.';

CREATE OR REPLACE FUNCTION activate_model(name text, version int, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF activate_model.version IS NULL THEN
    RAISE EXCEPTION 'version must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  of_owner := fairdb.model_owner(activate_model.name, activate_model.owner, granted => false);
  -- Sessions that change the versions of one name take turns.
  PERFORM FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = activate_model.name ORDER BY m.version FOR UPDATE;
  UPDATE fairdb.own_models AS m SET active = false
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.own_models AS m SET active = true
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.version = activate_model.version AND NOT m.dropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may activate', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name, version from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''. Of a model that was granted to you its owner says which version is active.';
  END IF;
END $$;
COMMENT ON FUNCTION activate_model(text, int, name) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one. owner: whose, when several roles of yours have a model of the name.';

CREATE OR REPLACE FUNCTION drop_model(name text, version int DEFAULT NULL, owner name DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
  dropped int;
  users text;
BEGIN
  of_owner := fairdb.model_owner(drop_model.name, drop_model.owner, granted => false);
  UPDATE fairdb.own_models AS m SET dropped = true
  WHERE m.owner = of_owner AND m.name = drop_model.name AND NOT m.dropped
    AND (drop_model.version IS NULL OR m.version = drop_model.version);
  GET DIAGNOSTICS dropped = ROW_COUNT;
  IF dropped = 0 THEN
    RAISE EXCEPTION 'there is no such version of model "%" that you may drop', drop_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name, version from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''. A model that was granted to you is not yours to drop.';
  END IF;
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = drop_model.name AND m.active) THEN
    -- A view depends on the functions; the name is a text in its definition.
    SELECT string_agg(DISTINCT v.name, ', ' ORDER BY v.name) INTO users
    FROM (SELECT DISTINCT r.ev_class::regclass::text AS name, r.ev_class
          FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_proc AS p ON p.oid = d.refobjid
          WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass
            AND p.pronamespace = 'fairdb'::regnamespace AND p.proname IN ('predict', 'classify', 'probability')) AS v
    WHERE strpos(pg_get_viewdef(v.ev_class), quote_literal(drop_model.name)) > 0;
    RAISE WARNING 'no version of model "%" of owner "%" is active now', drop_model.name, of_owner
      USING DETAIL = CASE WHEN users IS NULL THEN 'No view names it. Functions, jobs and clients may.'
                          ELSE format('Views in which the name stands, perhaps for another owner''s model: %s.', users) END,
            HINT = CASE WHEN EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = drop_model.name AND NOT m.dropped)
                        THEN 'activate_model makes another version the active one.'
                        ELSE 'None is left: save_model saves a new version.' END;
  END IF;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_model(text, int, name) IS
  'Removes a version of a registered model, or all of them, and returns how many. Dropping the active version leaves none active, of which a WARNING tells, with the views that name the model: call activate_model. The number of a dropped version is not used again, and models_history still tells of it. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION grant_model(name text, role name, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF grant_model.role IS NULL THEN
    RAISE EXCEPTION 'role must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF grant_model.role <> 'public' AND to_regrole(quote_ident(grant_model.role)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', grant_model.role
      USING ERRCODE = 'undefined_object', HINT = 'A model is granted to one role, or to everybody: ''public''.';
  END IF;
  of_owner := fairdb.model_owner(grant_model.name, grant_model.owner, granted => false);
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = grant_model.name AND NOT m.dropped) THEN
    RAISE EXCEPTION 'there is no model "%" that you may grant', grant_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''.';
  END IF;
  FOR attempt IN 1 .. 10 LOOP
    UPDATE fairdb.own_model_grants AS g SET revoked_at = NULL
    WHERE g.owner = of_owner AND g.name = grant_model.name AND g.grantee = grant_model.role AND g.revoked_at IS NOT NULL;
    IF FOUND OR EXISTS (SELECT FROM fairdb.own_model_grants AS g
                        WHERE g.owner = of_owner AND g.name = grant_model.name AND g.grantee = grant_model.role AND g.revoked_at IS NULL) THEN
      RETURN;
    END IF;
    BEGIN
      INSERT INTO fairdb.new_model_grants (owner, name, grantee) VALUES (of_owner, grant_model.name, grant_model.role);
      RETURN;
    EXCEPTION
      WHEN unique_violation THEN  -- another session has just given it
        EXIT WHEN current_setting('transaction_isolation') <> 'read committed';
    END;
  END LOOP;
  RAISE EXCEPTION 'another session has just granted model "%" to role "%"', grant_model.name, grant_model.role
    USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
END $$;
COMMENT ON FUNCTION grant_model(text, name, name) IS
  'Lets a role, or everybody (''public''), see and use all versions of a registered model: predict(name, row) then works for it, in a view too, whose functions run as its reader. It cannot change or drop them. Where a role may be granted models of one name by several owners, it names the owner: predict(name, row, owner => ''...''). owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION revoke_model(name text, role name, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := coalesce(fairdb.model_owner(revoke_model.name, revoke_model.owner, granted => false), CURRENT_USER);
BEGIN
  UPDATE fairdb.own_model_grants AS g SET revoked_at = now()
  WHERE g.owner = of_owner AND g.name = revoke_model.name AND g.grantee = revoke_model.role AND g.revoked_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'model "%" is not granted to role "%"', revoke_model.name, revoke_model.role
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select * from fairdb.own_model_grants where revoked_at is null lists what is; of another owner than yourself: owner => ''...''.';
  END IF;
END $$;
COMMENT ON FUNCTION revoke_model(text, name, name) IS
  'Takes back what grant_model gave.';

ALTER FUNCTION predict(text, record) PARALLEL SAFE;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a. Whose, model_owner tells, and owner => ''...'' says.';

ALTER FUNCTION classify(text, record) PARALLEL SAFE;
ALTER FUNCTION probability(text, record) PARALLEL SAFE;

CREATE FUNCTION predict(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, name) IS
  'As predict(name, row), of the model of that owner: select predict(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION predict(name text, "row" record, on_null text, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, text, text, name) IS
  'As predict(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in predict(name, row, owner).';

CREATE FUNCTION classify(name text, "row" record, owner name) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, name) IS
  'As classify(name, row), of the model of that owner: select classify(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION classify(name text, "row" record, on_null text, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, text, text, name) IS
  'As classify(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in classify(name, row, owner).';

CREATE FUNCTION probability(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, name) IS
  'As probability(name, row), of the model of that owner: select probability(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION probability(name text, "row" record, on_null text, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, text, text, name) IS
  'As probability(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in probability(name, row, owner).';

-- Decisions: thresholds by group, calibration by group, and what thresholds reach.

CREATE TYPE thresholds;

CREATE FUNCTION fairdb_internal.thresholds_in(cstring) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_in(cstring) IS
  'text input of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_out(thresholds) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_out(thresholds) IS
  'text output of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_recv(internal) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_recv(internal) IS
  'binary input of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_send(thresholds) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_send(thresholds) IS
  'binary output of type thresholds';

CREATE TYPE thresholds (
  INPUT = fairdb_internal.thresholds_in, OUTPUT = fairdb_internal.thresholds_out, RECEIVE = fairdb_internal.thresholds_recv, SEND = fairdb_internal.thresholds_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE thresholds IS
  'The rule that decides each row by its score and its group. Made by thresholds, applied by decide, shown by thresholds_by_group, bands and describe. Can be stored and dumped.';

CREATE FUNCTION fairdb_internal.thresholds_eq(thresholds, thresholds) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_eq(thresholds, thresholds) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.thresholds_ne(thresholds, thresholds) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_ne(thresholds, thresholds) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.thresholds_hash(thresholds) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_hash(thresholds) IS
  'hash function of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_hash_extended(thresholds, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_hash_extended(thresholds, int8) IS
  'seeded hash function of type thresholds';

CREATE OPERATOR = (
  LEFTARG = thresholds, RIGHTARG = thresholds, FUNCTION = fairdb_internal.thresholds_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (thresholds, thresholds) IS
  'whether both are the same rule, made from the same rows with the same options';

CREATE OPERATOR <> (
  LEFTARG = thresholds, RIGHTARG = thresholds, FUNCTION = fairdb_internal.thresholds_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (thresholds, thresholds) IS
  'whether they differ';

CREATE OPERATOR CLASS thresholds_ops DEFAULT FOR TYPE thresholds USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.thresholds_hash(thresholds), FUNCTION 2 fairdb_internal.thresholds_hash_extended(thresholds, int8);
COMMENT ON OPERATOR CLASS thresholds_ops USING hash IS
  'equality of type thresholds, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION thresholds(
  scores distribution,
  fairness text DEFAULT 'equal_opportunity',
  objective text DEFAULT 'accuracy',
  tolerance float8 DEFAULT 0,
  randomised bool DEFAULT true,
  selection_rate float8 DEFAULT NULL,
  places bigint DEFAULT NULL,
  false_positive_cost float8 DEFAULT NULL,
  false_negative_cost float8 DEFAULT NULL
) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION thresholds(distribution, text, text, float8, bool, float8, bigint, float8, float8) IS
  'The best thresholds for each group under which the groups agree: select thresholds((select distribution_agg(score, row(sex, repaid)) from loans)), then decide(thresholds, score, sex, id::text). fairness: equal_opportunity (the same share of the rows with label true is selected in each group), predictive_equality (of those with label false), equalized_odds (of both), demographic_parity (of all) or none. tolerance: how far these shares may be apart. objective: what is best over all rows, accuracy, balanced_accuracy or cost, with a cost for each kind of error. selection_rate or places: so large a share, or so many rows, are selected in all, with the most of label true among them. To make the shares agree exactly some rows are decided by chance; randomised => false leaves nothing to chance: with a tolerance for one share each group has one threshold, the best ones that keep to it; without one, and with equalized_odds, those that come nearest to the rule with chance; with selection_rate or places those nearest to a common share that select no more. describe tells what that loses. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION choose_threshold(
  scores distribution,
  objective text DEFAULT 'accuracy',
  selection_rate float8 DEFAULT NULL,
  places bigint DEFAULT NULL,
  false_positive_cost float8 DEFAULT NULL,
  false_negative_cost float8 DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_choose_threshold'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION choose_threshold(distribution, text, float8, bigint, float8, float8) IS
  'The one threshold for all groups that is best: rows with score >= it are selected. objective and costs as in thresholds. With selection_rate or places the lowest threshold that selects no more than that. Infinity when selecting nobody is best. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION thresholds_by_group(thresholds thresholds, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  threshold_low float8,
  threshold_high float8,
  share float8,
  n bigint,
  n_positive bigint,
  share_by_chance float8,
  selection_rate float8,
  selection_rate_lower float8,
  selection_rate_upper float8,
  true_positive_rate float8,
  true_positive_rate_lower float8,
  true_positive_rate_upper float8,
  false_positive_rate float8,
  false_positive_rate_lower float8,
  false_positive_rate_upper float8,
  accuracy float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000;
COMMENT ON FUNCTION thresholds_by_group(thresholds, float8) IS
  'The rule of each group, and the rates that it is expected to have over the rows that it was made from. Scores below threshold_low are rejected, those from threshold_high on selected, and of those between a share is selected by chance (share; NULL where nobody is between). Infinity: no score is that high. share_by_chance: the share of the group''s rows between the two. bands shows steps of chance between them, which equalized_odds may need. The rates come with Wilson intervals; they are of the calibration rows and promise nothing about others: audit the decisions on rows that the rule has not seen.';

CREATE FUNCTION bands(thresholds thresholds) RETURNS TABLE (
  sensitive text,
  threshold_low float8,
  threshold_high float8,
  share float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_bands'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 1000;
COMMENT ON FUNCTION bands(thresholds) IS
  'The rule in full: scores from threshold_low up to, not including, threshold_high are selected with the probability share; scores in no band are rejected. A group in which nobody is selected has no band.';

CREATE FUNCTION describe(thresholds thresholds) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_thresholds'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(thresholds) IS
  'What the thresholds were asked for and what they reach over the rows that they were made from: objective (accuracy, balanced accuracy, or the mean cost of a row) and gap (how far the compared shares are apart), beside those of the best rule without fairness and, of randomised => false, of the rule with chance.';

CREATE FUNCTION decide(thresholds thresholds, score float8, sensitive text, key text DEFAULT NULL, on_unseen text DEFAULT 'error') RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_decide_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION decide(thresholds, float8, text, text, text) IS
  'Whether the thresholds select a row of this score and group: select decide(t, score, sex, id::text) from loans, (select thresholds(...) as t) as made. key: decides what the rule leaves to chance, by a hash, so that a row has the same decision each time; needed when the rule leaves anything to chance. The same key means the same luck in every rule: id || '':loan'' gives each its own. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the rule does not know.';

CREATE FUNCTION decide(thresholds thresholds, score float8, sensitive anyelement, key text DEFAULT NULL, on_unseen text DEFAULT 'error') RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_decide_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION decide(thresholds, float8, anyelement, text, text) IS
  'Whether the thresholds select a row of this score and group: select decide(t, score, sex, id::text) from loans, (select thresholds(...) as t) as made. key: decides what the rule leaves to chance, by a hash, so that a row has the same decision each time; needed when the rule leaves anything to chance. The same key means the same luck in every rule: id || '':loan'' gives each its own. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the rule does not know.';

CREATE TYPE calibration;

CREATE FUNCTION fairdb_internal.calibration_in(cstring) RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibration_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_in(cstring) IS
  'text input of type calibration';

CREATE FUNCTION fairdb_internal.calibration_out(calibration) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_calibration_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_out(calibration) IS
  'text output of type calibration';

CREATE FUNCTION fairdb_internal.calibration_recv(internal) RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibration_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_recv(internal) IS
  'binary input of type calibration';

CREATE FUNCTION fairdb_internal.calibration_send(calibration) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_calibration_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_send(calibration) IS
  'binary output of type calibration';

CREATE TYPE calibration (
  INPUT = fairdb_internal.calibration_in, OUTPUT = fairdb_internal.calibration_out, RECEIVE = fairdb_internal.calibration_recv, SEND = fairdb_internal.calibration_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE calibration IS
  'A map from scores to probabilities for each group. Made by calibrate, applied by calibrated, shown by describe. Can be stored and dumped.';

CREATE FUNCTION fairdb_internal.calibration_eq(calibration, calibration) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_calibration_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_eq(calibration, calibration) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.calibration_ne(calibration, calibration) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_calibration_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_ne(calibration, calibration) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.calibration_hash(calibration) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_calibration_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_hash(calibration) IS
  'hash function of type calibration';

CREATE FUNCTION fairdb_internal.calibration_hash_extended(calibration, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_calibration_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_hash_extended(calibration, int8) IS
  'seeded hash function of type calibration';

CREATE OPERATOR = (
  LEFTARG = calibration, RIGHTARG = calibration, FUNCTION = fairdb_internal.calibration_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (calibration, calibration) IS
  'whether both are the same map';

CREATE OPERATOR <> (
  LEFTARG = calibration, RIGHTARG = calibration, FUNCTION = fairdb_internal.calibration_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (calibration, calibration) IS
  'whether they differ';

CREATE OPERATOR CLASS calibration_ops DEFAULT FOR TYPE calibration USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.calibration_hash(calibration), FUNCTION 2 fairdb_internal.calibration_hash_extended(calibration, int8);
COMMENT ON OPERATOR CLASS calibration_ops USING hash IS
  'equality of type calibration, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION calibrate(scores distribution, method text DEFAULT 'isotonic') RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibrate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION calibrate(distribution, text) IS
  'Learns for each group how likely label true is at a score: select calibrated(c, score, sex) from loans, (select calibrate((select distribution_agg(score, row(sex, repaid)) from past_loans)) as c) as made. method: ''isotonic'', a function that rises in steps and is linear between them, for many rows, or ''platt'', a logistic curve, for few. Learn it on rows that the scores were not trained on. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION calibrated(calibration calibration, score float8, sensitive text, on_unseen text DEFAULT 'error') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_calibrated_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION calibrated(calibration, float8, text, text) IS
  'The probability of label true at a score in a group. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the calibration does not know.';

CREATE FUNCTION calibrated(calibration calibration, score float8, sensitive anyelement, on_unseen text DEFAULT 'error') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_calibrated_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION calibrated(calibration, float8, anyelement, text) IS
  'The probability of label true at a score in a group. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the calibration does not know.';

CREATE FUNCTION describe(calibration calibration) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_calibration'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(calibration) IS
  'The method and each group''s map: of platt the slope and intercept of the logistic curve in the score, of isotonic the number of knots and the lowest and highest probability.';

CREATE FUNCTION roc_by_group(scores distribution, points bigint DEFAULT NULL) RETURNS TABLE (
  sensitive text,
  threshold float8,
  true_positives float8,
  false_positives float8,
  false_negatives float8,
  true_negatives float8,
  selection_rate float8,
  true_positive_rate float8,
  false_positive_rate float8,
  "precision" float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_roc_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 1000 COST 10000;
COMMENT ON FUNCTION roc_by_group(distribution, bigint) IS
  'The ROC curve of each group: what selecting the rows with score >= threshold reaches, from Infinity (nobody) through every distinct score down to all, or at so many points of it. The counts are sums of weights. With fairdb.min_group points are left out between which there are fewer rows of a label. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION threshold_table(scores distribution, thresholds float8[]) RETURNS TABLE (
  threshold float8,
  sensitive text,
  n bigint,
  n_positive bigint,
  n_selected bigint,
  true_positives bigint,
  false_positives bigint,
  false_negatives bigint,
  true_negatives bigint,
  base_rate float8,
  selection_rate float8,
  true_positive_rate float8,
  false_positive_rate float8,
  true_negative_rate float8,
  false_negative_rate float8,
  "precision" float8,
  negative_predictive_value float8,
  false_discovery_rate float8,
  false_omission_rate float8,
  accuracy float8,
  balanced_accuracy float8,
  f1 float8,
  unknown_label bigint,
  unknown_prediction bigint,
  unknown_weight bigint,
  label_coverage float8,
  weight float8,
  effective_n float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_threshold_table'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 10000;
COMMENT ON FUNCTION threshold_table(distribution, float8[]) IS
  'The columns of by_group for the decisions score >= threshold at several thresholds, from one stored value (of rows with weights that a distribution has summarised n_selected and the four counts are estimates: the share of the weight, of the rows). Only rows of known group, label, score and weight are counted, none of weight 0: select * from threshold_table(d, ''{0.3,0.5,0.7}''). scores comes from distribution_agg(score, row(sensitive, y_true)).';

-- What is said of the others.
COMMENT ON FUNCTION compare_groups(confusion, text, text, float8) IS
  'A rate of by_group compared between each group and the reference, or between all pairs: difference (Newcombe''s interval), ratio (Koopman''s), a test, and its p-value. p_adjusted is by Holm''s method for the number of comparisons; the intervals are of each comparison by itself: for all at once, level => 1 - 0.05 / (their number). Rates that by_group withholds for fairdb.min_group are suppressed.';
