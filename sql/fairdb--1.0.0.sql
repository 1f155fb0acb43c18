-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the chapters there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

-- Whoever owns a schema can replace what it holds, and put beside it what is found first. So the schema is the
-- extension's alone: of a superuser or of the role that installs it, empty, and nobody else may create in it.
DO $$
DECLARE
  place pg_catalog.pg_namespace;
BEGIN
  SELECT n.* INTO place FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) 'fairdb';
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) place.nspowner
                 AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)) THEN
    RAISE EXCEPTION 'schema "fairdb" exists already and belongs to another role'
      USING ERRCODE = 'duplicate_schema',
            HINT = 'Drop it, or ALTER SCHEMA fairdb OWNER TO the role that installs: its owner could change what fairdb does for everybody.';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_depend AS d
             WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
               AND d.refobjid OPERATOR(pg_catalog.=) place.oid
               AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
    RAISE EXCEPTION 'schema "fairdb" exists already and is not empty'
      USING ERRCODE = 'duplicate_schema', HINT = 'Rename or drop it, or move what it holds.';
  END IF;
END $$;

-- Functions run with the rights of their caller; types and functions are for everybody.
GRANT USAGE ON SCHEMA fairdb TO PUBLIC;

-- What the server calls and nobody else: input and output of types, parts of aggregates and operators. Nobody
-- needs a right to the schema for that.
CREATE SCHEMA fairdb_internal;
COMMENT ON SCHEMA fairdb_internal IS
  'Functions that the server calls for the types, aggregates and operators of fairdb. Not to be called.';

-- Parts of jobs, which run as their caller: not meant to be called, and not forbidden.
CREATE SCHEMA fairdb_jobs;
COMMENT ON SCHEMA fairdb_jobs IS
  'Parts of the functions of fairdb that create and run jobs. Not to be called.';
GRANT USAGE ON SCHEMA fairdb_jobs TO PUBLIC;

-- Of all of them: what others may create in them is found by everybody.
DO $$
DECLARE
  place pg_catalog.text;
BEGIN
  SELECT n.nspname INTO place
  FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) a.grantee
  WHERE n.nspname OPERATOR(pg_catalog.=) ANY ('{fairdb,fairdb_internal,fairdb_jobs}'::pg_catalog.name[]) AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'
    AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner AND NOT coalesce(r.rolsuper, false)
  ORDER BY n.nspname LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "%" lets others create in it', place
      USING ERRCODE = 'invalid_schema_definition', HINT = 'Revoke it from them, or ALTER DEFAULT PRIVILEGES that grant CREATE ON SCHEMAS.';
  END IF;
END $$;

-- Types of arguments: what people and drivers write for them.

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

-- Audits: the confusion of each group, its rates, and the gaps between groups.

CREATE TYPE confusion;

CREATE FUNCTION fairdb_internal.confusion_in(cstring) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_in(cstring) IS
  'text input of type confusion';

CREATE FUNCTION fairdb_internal.confusion_out(confusion) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_confusion_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_out(confusion) IS
  'text output of type confusion';

CREATE FUNCTION fairdb_internal.confusion_recv(internal) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_recv(internal) IS
  'binary input of type confusion';

CREATE FUNCTION fairdb_internal.confusion_send(confusion) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_confusion_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_send(confusion) IS
  'binary output of type confusion';

CREATE TYPE confusion (
  INPUT = fairdb_internal.confusion_in, OUTPUT = fairdb_internal.confusion_out, RECEIVE = fairdb_internal.confusion_recv, SEND = fairdb_internal.confusion_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE confusion IS
  'How often each group of a sensitive attribute got each prediction under each label. Made by confusion_agg or rollup; read it with by_group, overall and the gap functions. Can be stored, dumped and merged.';

CREATE FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, text) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, text) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group';

CREATE FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_weight_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, text, float8) IS
  'aggregate transition function: counts a row by label, prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_weight_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, text, float8) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, anyelement) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, anyelement) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group';

CREATE FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_weight_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_count(confusion, bool, bool, anyelement, float8) IS
  'aggregate transition function: counts a row by label, prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_weight_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_uncount(confusion, bool, bool, anyelement, float8) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.prediction_count(confusion, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_count(confusion, bool, text) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION fairdb_internal.prediction_uncount(confusion, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_uncount(confusion, bool, text) IS
  'inverse transition function of moving windows: takes out a row by prediction and group';

CREATE FUNCTION fairdb_internal.prediction_count(confusion, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_weight_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_count(confusion, bool, text, float8) IS
  'aggregate transition function: counts a row by prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.prediction_uncount(confusion, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_weight_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_uncount(confusion, bool, text, float8) IS
  'inverse transition function of moving windows: takes out a row by prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.prediction_count(confusion, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_count(confusion, bool, anyelement) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION fairdb_internal.prediction_uncount(confusion, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_uncount(confusion, bool, anyelement) IS
  'inverse transition function of moving windows: takes out a row by prediction and group';

CREATE FUNCTION fairdb_internal.prediction_count(confusion, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_weight_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_count(confusion, bool, anyelement, float8) IS
  'aggregate transition function: counts a row by prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.prediction_uncount(confusion, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_weight_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.prediction_uncount(confusion, bool, anyelement, float8) IS
  'inverse transition function of moving windows: takes out a row by prediction and group, with its weight';

CREATE FUNCTION fairdb_internal.confusion_merge(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_merge(confusion, confusion) IS
  'aggregate transition and combine function: adds a confusion to another one';

CREATE FUNCTION fairdb_internal.confusion_unmerge(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_unmerge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_unmerge(confusion, confusion) IS
  'inverse transition function of moving windows: takes a confusion out of another one';

CREATE FUNCTION fairdb_internal.confusion_final(confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_final(confusion) IS
  'aggregate final function: the confusion in its canonical form, groups sorted by label';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race). A row counts with its weight; one whose weight is NULL is left out and counted as unknown_weight; 0 is allowed, negative weights are an error. Intervals and tests then use effective sizes: they are for sampling weights, not for a column that says how many people a row stands for.';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race). A row counts with its weight; one whose weight is NULL is left out and counted as unknown_weight; 0 is allowed, negative weights are an error. Intervals and tests then use effective sizes: they are for sampling weights, not for a column that says how many people a row stands for.';

CREATE AGGREGATE rollup(confusion) (
  SFUNC = fairdb_internal.confusion_merge, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_merge, MINVFUNC = fairdb_internal.confusion_unmerge, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(confusion) IS
  'Merges stored confusions into one, as if all their rows had been counted together: select demographic_parity_difference(rollup(daily)) from audit_log. With OVER it answers for each day of a log from the days around it.';

CREATE FUNCTION fairdb_internal.cells_count(confusion, bool, bool) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_cells_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.cells_count(confusion, bool, bool) IS
  'aggregate transition function: counts a row by label and prediction';

CREATE FUNCTION fairdb_internal.cells_count(confusion, bool, bool, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_cells_weight_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.cells_count(confusion, bool, bool, float8) IS
  'aggregate transition function: counts a row by label and prediction, with its weight';

-- Without a group, which GROUP BY makes: a constant in its place would keep postgres_fdw from sending the aggregate to
-- another server, since a text whose collation no column decides is sent nowhere.
CREATE AGGREGATE cells_agg(y_true bool, y_pred bool) (
  SFUNC = fairdb_internal.cells_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cells_agg(y_true bool, y_pred bool) IS
  'Labels and predictions of all rows, as a confusion of one group with an empty name: select sex, o.* from (select sex, cells_agg(repaid, approved) as c from loans group by sex) as s, overall(c) as o. It is what audit() counts for each combination of attributes, since postgres_fdw and Citus send it to the servers that have the rows.';

CREATE AGGREGATE cells_agg(y_true bool, y_pred bool, weight float8) (
  SFUNC = fairdb_internal.cells_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cells_agg(y_true bool, y_pred bool, weight float8) IS
  'Labels and predictions of all rows, as a confusion of one group with an empty name, each row with its weight: one whose weight is NULL is left out and counted as unknown_weight. It is what audit() counts for each combination of attributes, since postgres_fdw and Citus send it to the servers that have the rows.';

CREATE FUNCTION fairdb_internal.confusion_plus(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_plus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_plus(confusion, confusion) IS
  'implementation of + for confusions';

CREATE FUNCTION fairdb_internal.confusion_minus(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_minus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_minus(confusion, confusion) IS
  'implementation of - for confusions';

CREATE OPERATOR + (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_plus, COMMUTATOR = +
);
COMMENT ON OPERATOR + (confusion, confusion) IS
  'all rows of both confusions';

CREATE OPERATOR - (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_minus
);
COMMENT ON OPERATOR - (confusion, confusion) IS
  'the rows of the first confusion without those of the second, which must be among them: for late labels and deletions';

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

-- The six named gaps. Each is a function of a confusion, and an aggregate over rows in four forms
-- (group as text or as any type, with or without weight) that share their state with confusion_agg.

CREATE FUNCTION demographic_parity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_difference(confusion confusion) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.demographic_parity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.demographic_parity_difference_final(confusion) IS
  'aggregate final function of demographic_parity_difference';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION demographic_parity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_ratio(confusion confusion) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.demographic_parity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.demographic_parity_ratio_final(confusion) IS
  'aggregate final function of demographic_parity_ratio';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_difference(confusion confusion) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.equal_opportunity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equal_opportunity_difference_final(confusion) IS
  'aggregate final function of equal_opportunity_difference';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_ratio(confusion confusion) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.equal_opportunity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equal_opportunity_ratio_final(confusion) IS
  'aggregate final function of equal_opportunity_ratio';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_difference(confusion confusion) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.equalized_odds_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equalized_odds_difference_final(confusion) IS
  'aggregate final function of equalized_odds_difference';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_ratio(confusion confusion) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.equalized_odds_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equalized_odds_ratio_final(confusion) IS
  'aggregate final function of equalized_odds_ratio';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

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

-- Metrics of a confusion: by name, with intervals and tests, conditional on strata, and the tables that
-- go with selection.

CREATE FUNCTION metric(confusion confusion, name text, reference text DEFAULT NULL, sensitive text DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_metric'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION metric(confusion, text, text, text) IS
  'Any metric of the view metric_catalog by its name. The signed ones compare the group sensitive with the group reference; one that is not named is all other known groups together: metric(c, ''disparate_impact'', reference => ''Male'').';

CREATE FUNCTION difference(confusion confusion, metric text, reference text DEFAULT NULL, sensitive text DEFAULT NULL, method text DEFAULT 'between_groups') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_difference'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION difference(confusion, text, text, text, text) IS
  'The difference of a rate of by_group between groups: largest minus smallest. method => ''to_overall'' compares each group with all of them together and takes the worst. With reference (and sensitive, if not all other groups together) it is signed: group minus reference.';

CREATE FUNCTION ratio(confusion confusion, metric text, reference text DEFAULT NULL, sensitive text DEFAULT NULL, method text DEFAULT 'between_groups') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ratio'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ratio(confusion, text, text, text, text) IS
  'The ratio of a rate of by_group between groups: smallest divided by largest. method => ''to_overall'' compares each group with all of them together and takes the worst. With reference (and sensitive, if not all other groups together) it is signed: group divided by reference.';

CREATE FUNCTION group_min(confusion confusion, metric text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_group_min'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION group_min(confusion, text) IS
  'The smallest value of a rate of by_group among the groups that have it.';

CREATE FUNCTION group_max(confusion confusion, metric text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_group_max'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION group_max(confusion, text) IS
  'The largest value of a rate of by_group among the groups that have it.';

CREATE FUNCTION generalized_entropy(confusion confusion, alpha float8 DEFAULT 2, between_groups bool DEFAULT false) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_generalized_entropy'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION generalized_entropy(confusion, float8, bool) IS
  'Inequality of the benefits y_pred - y_true + 1 (0, 1 or 2) among rows, or among the groups'' means: 0 when all are alike. alpha 1 is Theil''s index, 0 the mean logarithmic deviation, which is Infinity when a benefit is 0. Published definition (Speicher et al. 2018).';

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

CREATE FUNCTION rate_by_group(confusion confusion, metric text, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  n float8,
  value float8,
  lower float8,
  upper float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_rate_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION rate_by_group(confusion, text, float8) IS
  'A rate of by_group for each group with its Wilson interval. n is the size that the interval goes by: the rows in the denominator, or the effective size when rows have weights. Rates that by_group withholds for fairdb.min_group are suppressed.';

CREATE FUNCTION compare_groups(confusion confusion, metric text, reference text DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  reference text,
  value float8,
  reference_value float8,
  difference float8,
  difference_lower float8,
  difference_upper float8,
  ratio float8,
  ratio_lower float8,
  ratio_upper float8,
  p_value float8,
  test text,
  p_adjusted float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_compare_groups'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000;
COMMENT ON FUNCTION compare_groups(confusion, text, text, float8) IS
  'A rate of by_group compared between each group and the reference, or between all pairs: difference (Newcombe''s interval), ratio (Koopman''s), a test, and its p-value. p_adjusted is by Holm''s method for the number of comparisons; the intervals are of each comparison by itself: for all at once, level => 1 - 0.05 / (their number). Rates that by_group withholds for fairdb.min_group are suppressed.';

CREATE FUNCTION impact_ratios(confusion confusion, min_share float8 DEFAULT 0, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  n bigint,
  n_selected bigint,
  unknown_prediction bigint,
  selection_rate float8,
  excluded bool,
  most_selected bool,
  impact_ratio float8,
  ratio_lower float8,
  ratio_upper float8,
  below_four_fifths bool,
  standard_deviations float8,
  p_value float8,
  p_fisher float8,
  shortfall float8,
  ratio_one_person float8,
  one_person_flips bool,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_impact_ratios'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000;
COMMENT ON FUNCTION impact_ratios(confusion, float8, float8) IS
  'Selection rates divided by that of the most selected group (of those that fairdb.min_group lets be told), with the checks that go with the four-fifths rule: difference in standard deviations, Fisher''s exact test, the selections that the group lacks at the rate of itself and the most selected group together (shortfall), and the ratio if one different person had been selected. n counts rows with a prediction. Groups of less than min_share of the rows, and rows of unknown group, are listed but excluded. Numbers, not a verdict.';

CREATE FUNCTION stratified(strata confusion[], metric text DEFAULT 'selection_rate', reference text DEFAULT NULL, sensitive text DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS TABLE (
  n_strata bigint,
  n_informative bigint,
  difference float8,
  conditional_difference float8,
  disparity float8,
  conditional_disparity float8,
  reversed bool,
  odds_ratio float8,
  mantel_haenszel float8,
  mantel_haenszel_lower float8,
  mantel_haenszel_upper float8,
  cmh float8,
  cmh_p_value float8,
  cmh_uncorrected float8,
  cmh_uncorrected_p_value float8,
  breslow_day float8,
  breslow_day_p_value float8,
  breslow_day_df bigint
)
  AS 'MODULE_PATHNAME', 'fairdb_stratified'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 1 COST 1000;
COMMENT ON FUNCTION stratified(confusion[], text, text, text, float8) IS
  'A gap conditional on strata, from one confusion for each stratum: select * from stratified((select array_agg(c) from (select confusion_agg(null, admitted, sex) as c from applications group by department) as t), sensitive => ''Female'', reference => ''Male''). disparity is the group''s share of the rejected minus its share of the selected, conditional_disparity its mean over strata (CDD of SageMaker Clarify); reversed says that their signs differ (Simpson''s paradox). Odds ratios are of the group over the reference; cmh tests whether the conditional one is 1, breslow_day whether it is the same in all strata.';

CREATE FUNCTION judge(windows confusion[], metric text, at_most float8 DEFAULT NULL, at_least float8 DEFAULT NULL, rule text DEFAULT 'two_windows', budget float8 DEFAULT 0.05, looks bigint DEFAULT NULL, min_coverage float8 DEFAULT 0, min_n bigint DEFAULT 30) RETURNS TABLE (
  number bigint,
  value float8,
  lower float8,
  upper float8,
  verdict text,
  alert bool,
  reason text
)
  AS 'MODULE_PATHNAME', 'fairdb_judge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 50 COST 100000;
COMMENT ON FUNCTION judge(confusion[], text, float8, float8, text, float8, bigint, float8, bigint) IS
  'Whether the gap between groups keeps within a limit, window after window (oldest first): within, above, undecided, or insufficient, with the reason. A difference is limited by at_most, a ratio by at_least. budget is the probability of a false alarm over all looks (52 by default): rule two_windows wants the bound of the gap beyond the limit in two windows running, spending in one at a smaller error, anytime weighs all windows together and keeps its budget for ever. alert: open after this window; it opens when one is above, and closes after two within. lower and upper are the bounds that decide. A group takes part where it has min_n of the rows that the metric is about; one that had them in half of the last eight windows and has them no longer, or that has rows and no decisions, or labels for less than min_coverage of its rows, makes a window insufficient. A bound that ends at the limit decides nothing.';

CREATE FUNCTION fairdb_internal.metric_catalog_rows() RETURNS TABLE (
  name text,
  kind text,
  formula text,
  range text,
  parity float8,
  orientation text,
  needs_label bool,
  needs_prediction bool,
  fairlearn text,
  aif360 text,
  clarify text,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_metric_catalog'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 150;
COMMENT ON FUNCTION fairdb_internal.metric_catalog_rows() IS
  'The rows of the view metric_catalog.';

CREATE VIEW metric_catalog AS SELECT * FROM fairdb_internal.metric_catalog_rows();
COMMENT ON VIEW metric_catalog IS
  'Every metric that metric() knows: its formula (g a group, r the reference; SR selection rate, BR base rate, TPR, FPR, TNR true and false positive and true negative rate, PPV precision, NPV negative predictive value, FOR false omission rate, ACC accuracy), range, value at parity, what a deviation means, what it needs, and what fairlearn, AIF360 and SageMaker Clarify call it (a minus: with the opposite sign).';
GRANT SELECT ON metric_catalog TO PUBLIC;

-- Audits of a source: tables of several attributes and strata, filing tables, classes, numbers.

CREATE FUNCTION audit_confusions(source text, y_true text, y_pred text, sensitive names, strata names DEFAULT NULL, weight text DEFAULT NULL, positive option_value DEFAULT NULL, within names DEFAULT NULL) RETURNS TABLE (
  attributes text[],
  stratum text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_audit_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION audit_confusions(text, text, text, names, names, text, option_value, names) IS
  'The confusions behind audit(), one for each set of attributes and each stratum: for gaps, intervals, stratified() and storage. positive: the value of y_true and y_pred that counts as positive, of any type; a boolean or a 0/1 column that cannot hold it means what it is. within: columns by which the rows are counted first, as for audit(). Nothing is suppressed.';

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

CREATE FUNCTION multiclass_confusions(source text, y_true text, y_pred text, sensitive names) RETURNS TABLE (
  class text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_multiclass_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION multiclass_confusions(text, text, text, names) IS
  'For each class its confusion against all other classes, from one scan: every gap, interval and test then works class by class: select class, demographic_parity_difference(confusion) from multiclass_confusions(''decisions'', ''grade'', ''predicted'', ''{sex}'').';

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

-- Counts and rates of groups.

CREATE FUNCTION by_group(confusion confusion) RETURNS TABLE (
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
  AS 'MODULE_PATHNAME', 'fairdb_by_group'
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION by_group(confusion) IS
  'One row for each group with its counts and rates, and one with sensitive NULL for the rows whose group is unknown, if there are any. A rate whose denominator is 0 is NULL. n_positive counts y_true, n_selected counts y_pred, label_coverage is the share of rows that have a label. Counts are of rows, rates are weighted. suppressed: something of the row is withheld (NULL), since it, or a count of its labels or predictions, is of fewer rows than fairdb.min_group, or would tell one that is.';

CREATE FUNCTION suppress(confusion confusion, k bigint) RETURNS TABLE (
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
  AS 'MODULE_PATHNAME', 'fairdb_suppress'
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION suppress(confusion, bigint) IS
  'The rows of by_group with groups and counts of fewer than k rows withheld (NULL, suppressed true), and further ones, so that every withheld count could have at least k + 1 values, whatever is computed from the visible ones and the total. k below the setting fairdb.min_group counts as that.';

CREATE FUNCTION overall(confusion confusion) RETURNS TABLE (
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
  effective_n float8
)
  AS 'MODULE_PATHNAME', 'fairdb_overall'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION overall(confusion) IS
  'The counts and rates of all rows together, rows of unknown group included; columns as in by_group.';

CREATE FUNCTION audit(source text, y_true text, y_pred text, sensitive names, strata names DEFAULT NULL, weight text DEFAULT NULL, positive option_value DEFAULT NULL, min_group bigint DEFAULT NULL, within names DEFAULT NULL) RETURNS TABLE (
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
COMMENT ON FUNCTION audit(text, text, text, names, names, text, option_value, bigint, names) IS
  'The rows of by_group for each sensitive attribute, each of their intersections (at most five attributes) and each stratum, from one scan of a table, view or SELECT (at most 100000 combinations of values): select * from audit(''decisions'', ''repaid'', ''approved'', ''{sex,race}''). y_true may be NULL. Columns are booleans, or 0/1 or -1/1, or of any other type with positive => ''value''. within: columns by which the rows are counted first, such as the key of foreign partitions: ''{region}'' lets each server count its own. Groups and counts of fewer rows than min_group, or than the setting fairdb.min_group, are withheld, and further ones so that no table gives away what another one withholds.';

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

-- Fair scores.

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

CREATE FUNCTION adjusted(distribution distribution, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_adjusted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION adjusted(distribution, float8, int, float8[], option_value, text, float8[], text, bigint) IS
  'The distribution of the fair scores of the rows that the distribution was made from, so that quantiles, histogram and distances of the "after" need no second scan: select * from quantiles(adjusted(d), ''{0.1,0.5,0.9}''). Options as in adjust; rows of equal score are not spread. A sketch stays one, with its rank error.';

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

-- Scores by group: ranking and calibration, from distribution_agg(score, row(sensitive, y_true)).

CREATE FUNCTION auc_by_group(scores distribution, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  n bigint,
  n_positive bigint,
  auc float8,
  lower float8,
  upper float8,
  standard_error float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_auc_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 10000;
COMMENT ON FUNCTION auc_by_group(distribution, float8) IS
  'The area under the ROC curve in each group, with an interval by DeLong''s variance; last, with sensitive NULL, the number of rows whose group or label is unknown. scores comes from distribution_agg(score, row(sensitive, y_true)): select * from auc_by_group((select distribution_agg(score, row(sex, repaid)) from loans)).';

CREATE FUNCTION calibration_by_group(scores distribution, bins int DEFAULT 10, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  bin bigint,
  score_from float8,
  score_to float8,
  n bigint,
  mean_score float8,
  observed_rate float8,
  lower float8,
  upper float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_calibration_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 10000;
COMMENT ON FUNCTION calibration_by_group(distribution, int, float8) IS
  'A reliability diagram for each group: in bins of equal width the mean score beside the observed rate of y_true with its Wilson interval. Scores are probabilities from 0 to 1. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION probability_errors_by_group(scores distribution, bins int DEFAULT 10, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  n bigint,
  brier float8,
  brier_lower float8,
  brier_upper float8,
  calibration_error float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_probability_errors_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 10000;
COMMENT ON FUNCTION probability_errors_by_group(distribution, int, float8) IS
  'For each group the Brier score (mean squared difference of score and label) with an interval, and the expected calibration error over bins of equal width, which grows with the number of bins and is above 0 by chance in small groups. Last, with sensitive NULL, the number of rows whose group or label is unknown. scores comes from distribution_agg(score, row(sensitive, y_true)).';

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

-- Fair models: linear and kernel models under an orthogonality constraint.

CREATE TYPE model;

CREATE FUNCTION fairdb_internal.model_in(cstring) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_model_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_in(cstring) IS
  'text input of type model';

CREATE FUNCTION fairdb_internal.model_out(model) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_model_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_out(model) IS
  'text output of type model';

CREATE FUNCTION fairdb_internal.model_recv(internal) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_model_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_recv(internal) IS
  'binary input of type model';

CREATE FUNCTION fairdb_internal.model_send(model) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_model_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_send(model) IS
  'binary output of type model';

CREATE TYPE model (
  INPUT = fairdb_internal.model_in, OUTPUT = fairdb_internal.model_out, RECEIVE = fairdb_internal.model_recv, SEND = fairdb_internal.model_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE model IS
  'A trained model with all that prediction needs. Made by train_linear, train_kernel and train_representation; used by predict, classify, probability, transform, explain, coefficients and describe. Can be stored and dumped.';

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
  exclude names DEFAULT NULL,
  within names DEFAULT NULL
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_linear'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_linear(text, text, names, names, text, text, float8, float8, bool, text, option_value, option_value, text, int, text, text, text, float8, bigint, names, names) IS
  'Trains a linear model whose average score is the same in all groups: select train_linear(source => ''applicants'', target => ''approved'', sensitive => ''{sex}''). source: the name of a table or view, or a SELECT in dollar quotes, read as the caller. features: by default every column but target, weight, sensitive and those that exclude names. loss: logistic, squared_hinge or hinge (classes), squared or huber(1.5), which turns to absolute errors there (numbers). fairness: equal_opportunity (equal average score of the positive rows), predictive_equality (of the negative rows), equalized_odds (of both), demographic_parity (of all rows) or none. epsilon: how far the average scores may differ. c weighs the loss against the penalty. weight: a column of sampling weights. class_weight: balanced, or two numbers for negative and positive rows: ''1,5'', array[1, 5] or JSON such as ''{"0": 1, "1": 5}''. positive: the value of the target that counts as positive, when it is neither boolean nor 0/1. attributes: intersection (several sensitive columns form groups together) or each. bins: for a number as target and equalized_odds, compares rows of similar targets. method: projection or elimination. on_null: error, skip or impute. on_unseen: error, null or ignore, for levels of a category that only prediction meets. held_out: the share of rows kept apart to judge the model on; seed says which. within: with the squared loss, columns by which the server first counts moments, such as the key of foreign partitions: ''{region}'' lets each server count its own, and no row is fetched; ''{}'' counts all at once, in parallel workers. With a number as target, a source that is distributed by Citus, or partitioned by list over foreign tables, is trained so by itself where the request allows it.';

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

CREATE FUNCTION predict(model model, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_row'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model model, "row" record) IS
  'The score f of a row under a model: select predict(m.model, a) from applicants a, models m. Squared loss: an estimate of the target. Logistic loss: the log-odds, positive for the positive class. The row''s columns are matched by name.';

CREATE FUNCTION predict(model model, features float8[]) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_array'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model model, features float8[]) IS
  'The score f of a row under a model: select predict(m.model, a) from applicants a, models m. Squared loss: an estimate of the target. Logistic loss: the log-odds, positive for the positive class. The numbers stand in the order of coefficients(model), without the intercept; a category has one 0/1 number for each of its levels.';

CREATE FUNCTION classify(model model, "row" record) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_row'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model model, "row" record) IS
  'Whether the model predicts the positive class, that is predict(model, row) >= 0. Only for targets with two classes.';

CREATE FUNCTION classify(model model, features float8[]) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_array'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model model, features float8[]) IS
  'Whether the model predicts the positive class, that is predict(model, row) >= 0. Only for targets with two classes. The numbers stand in the order of coefficients(model), without the intercept; a category has one 0/1 number for each of its levels.';

CREATE FUNCTION probability(model model, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_row'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model model, "row" record) IS
  'The probability of the positive class, 1 / (1 + exp(-predict(model, row))). Only for the logistic loss.';

CREATE FUNCTION probability(model model, features float8[]) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_array'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model model, features float8[]) IS
  'The probability of the positive class, 1 / (1 + exp(-predict(model, row))). Only for the logistic loss. The numbers stand in the order of coefficients(model), without the intercept; a category has one 0/1 number for each of its levels.';

CREATE FUNCTION predict(model model, "row" record, on_null option_value, on_unseen text DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model model, "row" record, option_value, text) IS
  'As predict(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION classify(model model, "row" record, on_null option_value, on_unseen text DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model model, "row" record, option_value, text) IS
  'As classify(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION probability(model model, "row" record, on_null option_value, on_unseen text DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model model, "row" record, option_value, text) IS
  'As probability(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen. One bad row then gives NULL and does not stop the batch.';

CREATE FUNCTION predict_or_null(model model, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_or_null'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict_or_null(model, record) IS
  'As predict(model, row), and NULL for a row that the model cannot take, for example with a NULL, with a level that training has not seen, or with NaN: for batches that one bad row must not stop. prediction_error tells what is wrong. A missing column or one of another type, which all rows have, is an error.';

CREATE FUNCTION prediction_error(model model, "row" record) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_prediction_error'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION prediction_error(model, record) IS
  'Why predict_or_null(model, row) is NULL; NULL where it is not.';

CREATE FUNCTION digest(model model) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_digest'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION digest(model model) IS
  'The SHA-256 of the model but for the seconds that training took, as hexadecimal digits: two models with the same digest are the same model.';

CREATE FUNCTION coefficients(model model) RETURNS TABLE (
  feature text,
  level text,
  coefficient float8,
  standardized float8,
  mean float8,
  scale float8
)
  AS 'MODULE_PATHNAME', 'fairdb_coefficients'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION coefficients(model) IS
  'A linear model as a table: predict(model, row) = (intercept) + sum of coefficient x value, coefficient in the units of the column; standardized is the weight of (value - mean) / scale. A category has one row for each level, an array one for each element.';

CREATE FUNCTION describe(model model) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION describe(model model) IS
  'Everything the model was trained with, and what training found: rows, objective, gaps and accuracy on the training rows, rows and mean score of each group.';

CREATE FUNCTION explain(model model, "row" record) RETURNS TABLE (
  feature text,
  value text,
  contribution float8
)
  AS 'MODULE_PATHNAME', 'fairdb_explain'
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION explain(model model, "row" record) IS
  'What each column of a row contributes to its score: the score minus the score with the column at its training mean. Of a linear model the contributions and the first line, the score of the mean row, add up to predict(model, row); of a kernel model they need not. No rows when the prediction is NULL.';

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

-- A registry of models: versions by owner and name, of which one is active.
--
-- The rows are in tables that only the owner of the database reads and fills, to dump and to restore
-- them: row-level security would make pg_dump refuse the whole database to any role that it applies to.
-- All others use views: models shows each role its own and those granted to it, own_models lets it change what
-- may change of its own, new_models takes new ones; model_grants, own_model_grants and new_model_grants do the same for grants. A view that does all of it would show them all to INSERT ... ON
-- CONFLICT DO UPDATE, which on older servers does not ask whether the view shows the row that stands in the way.
--
-- A version is never used twice and never changes: a dropped one keeps its row, without the model, so that its number
-- is taken and its history told. So does a grant that was taken back.
--
-- What others may change is granted by column: whoever may change or delete any row of a view may lock all that it names.

CREATE TABLE registered_models (
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  version int NOT NULL CHECK (version OPERATOR(pg_catalog.>) 0),
  active bool NOT NULL DEFAULT true,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  note text,
  model model,
  digest text,
  dropped bool NOT NULL DEFAULT false,
  events jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (owner, name, version),
  CONSTRAINT registered_models_dropped CHECK (dropped OPERATOR(pg_catalog.=) (model IS NULL) AND NOT (dropped AND active))
);
COMMENT ON TABLE registered_models IS
  'What the views models and models_history show, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use models.';
CREATE UNIQUE INDEX models_active ON registered_models (owner, name) WHERE active;
COMMENT ON INDEX models_active IS
  'one active version of each owner and name';
SELECT pg_catalog.pg_extension_config_dump('registered_models', '');

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
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.registered_models, fairdb.granted_models TO %I', dumping);
END $$;

-- No catalog stands in the views: LOCK TABLE on a view locks all that it names. These functions become part of the
-- reader's query, who has no right to their schema: so they name no other of it.
CREATE FUNCTION fairdb_internal.is_role_of_user(role name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') $$;
COMMENT ON FUNCTION fairdb_internal.is_role_of_user(name) IS
  'for the views of models and jobs: whether the current user is a member of the role';

CREATE FUNCTION fairdb_internal.belongs_to_user(owner name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  -- TRUNCATE is the superusers'.
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') OR pg_catalog.has_table_privilege('fairdb.registered_models'::pg_catalog.regclass, 'TRUNCATE') $$;
COMMENT ON FUNCTION fairdb_internal.belongs_to_user(name) IS
  'for the views of models and jobs: whether what this role owns is the current user''s';

CREATE VIEW models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.saved_at, m.note, m.model, m.digest
  FROM registered_models AS m
  WHERE NOT m.dropped
    AND (fairdb_internal.belongs_to_user(m.owner)
      OR EXISTS (
        SELECT FROM granted_models AS g
        WHERE g.owner OPERATOR(pg_catalog.=) m.owner AND g.name OPERATOR(pg_catalog.=) m.name AND g.revoked_at IS NULL
          AND (g.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(g.grantee))));
COMMENT ON VIEW models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Each owner has names of its own. The view shows those whose owner is the current user or a role of which that user is a member, and those that were granted to such a role; to a superuser all. digest is digest(model).';
GRANT SELECT ON models TO PUBLIC;

CREATE VIEW own_models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.dropped, m.saved_at, m.digest
  FROM registered_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW own_models IS
  'The versions of the roles of the current user, dropped ones too. Of a version its note may be changed here; activate_model and drop_model change the rest.';
GRANT SELECT ON own_models TO PUBLIC;
GRANT UPDATE (active, note, dropped) ON own_models TO PUBLIC;

CREATE VIEW new_models AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.model FROM registered_models AS m;
COMMENT ON VIEW new_models IS
  'Where save_model puts a new version, the next one of its name. It can be inserted into, not read.';
GRANT INSERT ON new_models TO PUBLIC;

CREATE VIEW models_history WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, e.event ->> 'event' AS event, (e.event ->> 'at')::pg_catalog.timestamptz AS at, e.event ->> 'role' AS role, m.digest
  FROM registered_models AS m, pg_catalog.jsonb_array_elements(m.events) WITH ORDINALITY AS e (event, number)
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW models_history IS
  'What happened to the models of the current user''s roles: save, activate, deactivate, drop, and owner when a superuser gave one to another role; when, and by which role. Which model a name meant at a time: the last version activated before it.';
GRANT SELECT ON models_history TO PUBLIC;

CREATE VIEW model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner) OR m.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(m.grantee);
COMMENT ON VIEW model_grants IS
  'Who may use the models of the current user''s roles, and what was granted to these roles; revoked_at says that a grant was taken back. grant_model and revoke_model change it.';
GRANT SELECT ON model_grants TO PUBLIC;

-- Apart, for who may change a row may also lock it.
CREATE VIEW own_model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW own_model_grants IS
  'Who may use the models of the current user''s roles: where revoke_model takes a grant back, and grant_model gives it again.';
GRANT SELECT, UPDATE (revoked_at) ON own_model_grants TO PUBLIC;

CREATE VIEW new_model_grants AS
  SELECT m.owner, m.name, m.grantee FROM granted_models AS m;
COMMENT ON VIEW new_model_grants IS
  'Where grant_model puts a grant. It can be inserted into, not read.';
GRANT INSERT ON new_model_grants TO PUBLIC;

CREATE FUNCTION fairdb_internal.check_model_owner() RETURNS trigger
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

CREATE FUNCTION save_model(
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

CREATE FUNCTION activate_model(name text, version int, owner name DEFAULT NULL, override text DEFAULT NULL) RETURNS void
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
  IF activate_model.override ~ '^\s*$' THEN
    RAISE EXCEPTION 'override says why' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF activate_model.override IS NOT NULL THEN
    UPDATE fairdb.own_gates AS g
    SET events = g.events || jsonb_build_object('version', activate_model.version, 'note', activate_model.override)
    WHERE g.model_owner = of_owner AND g.model = activate_model.name AND g.dropped_at IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'nothing is required of model "%" that could be overridden', activate_model.name
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave override out.';
    END IF;
  END IF;
  UPDATE fairdb.own_models AS m SET active = false
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.own_models AS m SET active = true
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.version = activate_model.version AND NOT m.dropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may activate', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name, version from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''. Of a model that was granted to you its owner says which version is active.';
  END IF;
END $$;
COMMENT ON FUNCTION activate_model(text, int, name, text) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one. owner: whose, when several roles of yours have a model of the name. A version that has not passed the audits that require_fair demands is refused, unless override says why it is activated all the same, which the view gates then tells.';

CREATE FUNCTION drop_model(name text, version int DEFAULT NULL, owner name DEFAULT NULL) RETURNS int
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

CREATE FUNCTION predict(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a. Whose, model_owner tells, and owner => ''...'' says.';

CREATE FUNCTION classify(name text, "row" record) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record) IS
  'Whether the active version of a registered model predicts the positive class.';

CREATE FUNCTION probability(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record) IS
  'The probability of the positive class under the active version of a registered model of the logistic loss.';

CREATE FUNCTION predict(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, name) IS
  'As predict(name, row), of the model of that owner: select predict(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION predict(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, option_value, text, name) IS
  'As predict(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in predict(name, row, owner).';

CREATE FUNCTION classify(name text, "row" record, owner name) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, name) IS
  'As classify(name, row), of the model of that owner: select classify(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION classify(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, option_value, text, name) IS
  'As classify(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in classify(name, row, owner).';

CREATE FUNCTION probability(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, name) IS
  'As probability(name, row), of the model of that owner: select probability(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION probability(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, option_value, text, name) IS
  'As probability(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in probability(name, row, owner).';

-- Choosing a model: cross-validation over a grid, and the price of fairness.

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

-- The preprocessing of the fair linear models alone.

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

-- Fair representations: one map shared by many tasks, from which the groups cannot be told apart.

CREATE FUNCTION train_representation(
  source text,
  targets names,
  sensitive names,
  features names DEFAULT NULL,
  dimensions int DEFAULT NULL,
  hidden int DEFAULT 0,
  divergence text DEFAULT 'mmd',
  gamma float8 DEFAULT 1,
  epsilon float8 DEFAULT NULL,
  epochs int DEFAULT NULL,
  batch int DEFAULT 1000,
  learning_rate float8 DEFAULT 0.01,
  c float8 DEFAULT 1,
  attributes text DEFAULT 'intersection',
  weight text DEFAULT NULL,
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_representation'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_representation(text, names, names, names, int, int, text, float8, float8, int, int, float8, float8, text, text, text, text, float8, bigint, names) IS
  'Trains a map of the features to a few numbers that serves several tasks and tells little of the groups: select train_representation(source => ''people'', targets => ''{approved,hours}'', sensitive => ''{sex}''). transform(model, row) gives the numbers, predict(model, row, task => ''approved'') a task''s score. targets: boolean columns are classes, numbers are estimated; a row may be NULL in some. features: by default every column but targets, weight, sensitive and those that exclude names. dimensions: of the representation, by default 8, or one less than the features if that is fewer. hidden: 0 is a linear map, a number that of rectified linear units before it. divergence: mmd, sinkhorn (with epsilon, a factor of the mean cost, 0.5 by default) or mean, between the groups'' representations; gamma weighs it. epochs: passes over the rows, by default 40 or as many more as make 2000 batches; batch: rows of one; learning_rate: of the solver (without effect where no batches are needed: for a linear map with gamma 0 or mean). c weighs the loss against the penalty. attributes: intersection or each. on_null: error, skip or impute. on_unseen: error, null or ignore. held_out: the share of rows kept apart, on which describe(model) judges and which held_out_rows names; seed chooses them, and the first map and the batches.';

CREATE FUNCTION representation_tradeoff(
  source text,
  targets names,
  sensitive names,
  gamma float8[],
  features names DEFAULT NULL,
  dimensions int DEFAULT NULL,
  hidden int DEFAULT 0,
  divergence text DEFAULT 'mmd',
  epsilon float8 DEFAULT NULL,
  epochs int DEFAULT NULL,
  batch int DEFAULT 1000,
  learning_rate float8 DEFAULT 0.01,
  c float8 DEFAULT 1,
  attributes text DEFAULT 'intersection',
  weight text DEFAULT NULL,
  on_null text DEFAULT 'error',
  held_out float8 DEFAULT 0.3,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS TABLE (
  gamma float8,
  task text,
  accuracy float8,
  mean_squared_error float8,
  demographic_parity_difference float8,
  ks_distance float8,
  divergence float8,
  probe_accuracy float8,
  majority float8,
  probe_auc float8,
  converged bool
)
  AS 'MODULE_PATHNAME', 'fairdb_representation_tradeoff'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20;
COMMENT ON FUNCTION representation_tradeoff(text, names, names, float8[], names, int, int, text, float8, int, int, float8, float8, text, text, text, float8, bigint, names) IS
  'What a fair representation costs: for each gamma and task, on the rows that held_out keeps apart, accuracy or mean squared error, the difference of the groups'' shares of positive decisions, the Kolmogorov-Smirnov distance of their scores, the divergence of their representations, and what a logistic regression on the representation tells of the group: how often which, beside majority, the share of the largest group, and the area under the ROC curve, .5 for guessing (of several attributes the one that it tells best); converged: whether the transports of a Sinkhorn divergence have. select * from representation_tradeoff(source => ''people'', targets => ''{approved}'', sensitive => ''{sex}'', gamma => ''{0,1,10}'').';

CREATE FUNCTION transform(model model, "row" record) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_row'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION transform(model, record) IS
  'The representation of a row under a model of train_representation, as many numbers as it has dimensions: select transform(m.model, p) from people p, m. Other tasks are trained on it, groups compared by mmd or divergence_test. The row''s columns are matched by name.';

CREATE FUNCTION transform(model model, "row" record, on_null text, on_unseen text DEFAULT NULL) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION transform(model, record, text, text) IS
  'As transform(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION transform(name text, "row" record) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record) IS
  'As transform(model, row), by the active model of this name.';

CREATE FUNCTION transform(name text, "row" record, owner name) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record, name) IS
  'As transform(name, row), of a model of another owner who has granted it.';

CREATE FUNCTION transform(name text, "row" record, on_null text, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record, text, text, name) IS
  'As transform(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model, record, text) IS
  'The score of a task of a row under a model of train_representation: the log-odds of a class, or an estimate of a number: select predict(m.model, p, task => ''approved'') from people p, m.';

CREATE FUNCTION predict(model model, "row" record, task text, on_null text, on_unseen text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model, record, text, text, text) IS
  'As predict(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict(name text, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text) IS
  'As predict(model, row, task), by the active model of this name.';

CREATE FUNCTION predict(name text, "row" record, task text, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text, name) IS
  'As predict(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION predict(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text, text, text, name) IS
  'As predict(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION classify(model model, "row" record, task text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model, record, text) IS
  'Whether the model predicts the class of a task, that is predict(model, row, task) >= 0.';

CREATE FUNCTION classify(model model, "row" record, task text, on_null text, on_unseen text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model, record, text, text, text) IS
  'As classify(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION classify(name text, "row" record, task text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text) IS
  'As classify(model, row, task), by the active model of this name.';

CREATE FUNCTION classify(name text, "row" record, task text, owner name) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text, name) IS
  'As classify(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION classify(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text, text, text, name) IS
  'As classify(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION probability(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model, record, text) IS
  'The probability of the class of a task, 1 / (1 + exp(-predict(model, row, task))).';

CREATE FUNCTION probability(model model, "row" record, task text, on_null text, on_unseen text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model, record, text, text, text) IS
  'As probability(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION probability(name text, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text) IS
  'As probability(model, row, task), by the active model of this name.';

CREATE FUNCTION probability(name text, "row" record, task text, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text, name) IS
  'As probability(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION probability(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text, text, text, name) IS
  'As probability(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict_or_null(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_or_null_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict_or_null(model, record, text) IS
  'As predict(model, row, task), and NULL for a row that the model cannot take, as predict_or_null(model, row) says.';

CREATE FUNCTION prediction_error(model model, "row" record, task text) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_prediction_error_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION prediction_error(model, record, text) IS
  'Why predict_or_null(model, row, task) is NULL; NULL where it is not.';

CREATE FUNCTION coefficients(model model, task text) RETURNS TABLE (
  feature text,
  level text,
  coefficient float8,
  standardized float8,
  mean float8,
  scale float8
)
  AS 'MODULE_PATHNAME', 'fairdb_coefficients_of_task'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION coefficients(model, text) IS
  'The score of a task of a linear representation as a table: predict(model, row, task) = (intercept) + sum of coefficient x value, as coefficients(model) has it.';

CREATE FUNCTION coefficients(model model, dimension int) RETURNS TABLE (
  feature text,
  level text,
  coefficient float8,
  standardized float8,
  mean float8,
  scale float8
)
  AS 'MODULE_PATHNAME', 'fairdb_coefficients_of_dimension'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION coefficients(model, int) IS
  'A dimension of a linear representation as a table: (transform(model, row))[dimension] = (intercept) + sum of coefficient x value, as coefficients(model) has it.';

CREATE FUNCTION explain(model model, "row" record, task text) RETURNS TABLE (
  feature text,
  value text,
  contribution float8
)
  AS 'MODULE_PATHNAME', 'fairdb_explain_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION explain(model, record, text) IS
  'What each column of a row contributes to its score of a task: the score minus the score with the column at its training mean. Of a linear representation the contributions and the first line, the score of the mean row, add up to predict(model, row, task). No rows when the prediction is NULL.';

CREATE FUNCTION transform_rows(source text, id text, model model) RETURNS TABLE (
  id bigint,
  representation float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_transform_rows'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION transform_rows(text, text, model) IS
  'The representations of all rows of a source beside their ids: select * from transform_rows(''people'', ''id'', (select model from m)). NULL for rows that the model gives none. id is returned as bigint; for an id of another type see the form with id_type.';

CREATE FUNCTION transform_rows(source text, id text, model model, id_type anyelement) RETURNS TABLE (
  id anyelement,
  representation float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_transform_rows_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION transform_rows(text, text, model, anyelement) IS
  'The same with ids of another type than bigint: id_type => NULL::text.';

-- Embeddings of a graph of triples, and the bias that they carry.

CREATE TYPE graph_embedding;

CREATE FUNCTION fairdb_internal.graph_embedding_in(cstring) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_in(cstring) IS
  'text input of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_out(graph_embedding) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_out(graph_embedding) IS
  'text output of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_recv(internal) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_recv(internal) IS
  'binary input of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_send(graph_embedding) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_send(graph_embedding) IS
  'binary output of type graph_embedding';

CREATE TYPE graph_embedding (
  INPUT = fairdb_internal.graph_embedding_in, OUTPUT = fairdb_internal.graph_embedding_out, RECEIVE = fairdb_internal.graph_embedding_recv, SEND = fairdb_internal.graph_embedding_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = external
);
COMMENT ON TYPE graph_embedding IS
  'The vectors of a graph''s entities and relations, with their names. Made by train_graph or graph_import, used by graph_score, graph_query, graph_predict, graph_evaluate and graph_bias. Not to be shared where the graph is not: it tells the name of every entity.';

CREATE FUNCTION train_graph(
  source text,
  head text,
  relation text,
  tail text,
  model text DEFAULT 'transe',
  dimensions int DEFAULT 100,
  epochs int DEFAULT 20,
  batch int DEFAULT 1000,
  negatives int DEFAULT 500,
  learning_rate float8 DEFAULT 0.1,
  regularization float8 DEFAULT NULL,
  min_count bigint DEFAULT 1,
  seed bigint DEFAULT 1,
  threads int DEFAULT 1,
  sensitive text[] DEFAULT NULL,
  inverse bool[] DEFAULT NULL,
  top int[] DEFAULT NULL,
  debias text DEFAULT NULL,
  weights float8[] DEFAULT NULL,
  target text DEFAULT NULL,
  target_shares jsonb DEFAULT NULL,
  kl_reduction text DEFAULT NULL,
  persons text DEFAULT NULL,
  whitelist text DEFAULT NULL,
  into_table text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_train_graph'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_graph(text, text, text, text, text, int, int, int, int, float8, float8, bigint, bigint, int, text[], bool[], int[], text, float8[], text, jsonb, text, text, text, text) IS
  'Learns a vector for each entity and two for each relation from a table of triples: select train_graph(''triples'', ''head'', ''relation'', ''tail''). source: a table, view or SELECT; head, relation and tail name its columns, of any type with equality: texts, bigint ids, and so on. A graph is a set: a row that repeats a triple, or has a NULL, counts for nothing, and describe(g) tells how many did. model: transe, distmult or complex (best with dimensions => 200, epochs => 15). batch: triples of one step; negatives: entities that the true one is told from, shared by a batch. regularization: the weight of the N3 norm, by default 0 for transe and 0.02 for the others. min_count: entities and relations that stand in fewer triples are left out. threads: at most max_parallel_maintenance_workers + 1; the result is the same. Takes 1 to 3 seconds for 100 000 triples and 10 epochs, and maintenance_work_mem bounds its memory. The result holds the name of every entity. sensitive: relations from persons to what an embedding should not tell of them, say ''{gender,religion}''; inverse: for each whether it leads from values to persons; top: how many of its most frequent values are minded, 30. debias: kl, the default with sensitive, trains under a penalty on what the scores of a person''s values tell (Fisher et al. 2020); delete leaves the sensitive triples out; none has no penalty, and without a whitelist trains as if sensitive were not given. weights: of the penalty, by default 10 for two values and 3 for more; 100 and more ruin a model. target: the law that is aimed at: uniform, empirical (the frequencies), or given by target_shares => ''{"gender": {"male": 1, "female": 1}}''. kl_reduction: sum, or mean over the persons of a batch and the attributes, as in the article, for which weights are some hundred times larger. persons: a source with a column entity, of persons beside those who have a sensitive relation. whitelist: a source with the columns attribute (a sensitive relation), relation and, if wanted, tail and inverse: what may be asked with a person''s values, for which vectors are learnt (graph_score with attributes). into_table: a table that is made, with the columns entity and embedding, for graphs whose value would be larger than 1 GB; the value then holds the rest, and graph_score, graph_query and graph_bias take vectors => that table. Debiasing afterwards is cheaper and mostly better: graph_debias.';

CREATE FUNCTION graph_extend(
  g graph_embedding,
  source text,
  epochs int DEFAULT 20,
  batch int DEFAULT 1000,
  negatives int DEFAULT 500,
  learning_rate float8 DEFAULT 0.1,
  regularization float8 DEFAULT NULL,
  seed bigint DEFAULT 1,
  threads int DEFAULT 1,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  persons text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_extend'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_extend(graph_embedding, text, int, int, int, float8, float8, bigint, int, text, text, text, text) IS
  'The embedding with vectors for entities that it lacks, learnt from their triples in the source; all other vectors are as they were: select graph_extend(g, ''triples''). Give the whole graph as source, not the new triples alone: the others are what new entities are told apart from, and without them they would be found plausible everywhere (a NOTICE says so). Triples of relations that the embedding lacks are left out, with a NOTICE. head, relation, tail: columns of the source, by default those that train_graph was told. regularization: by default that of the training. epochs, batch, negatives, learning_rate, seed, threads: as train_graph has them. In an embedding that was debiased new persons are debiased as the others were: those that have a sensitive relation in the source, and those that persons names, a source with a column entity; a NOTICE tells how many they are, unless all are.';

CREATE FUNCTION graph_import(
  entities text,
  relations text,
  model text,
  head text DEFAULT 'head',
  relation text DEFAULT 'relation',
  tail text DEFAULT 'tail'
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_import'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_import(text, text, text, text, text, text) IS
  'An embedding of vectors that are rows: trained elsewhere, or changed after embeddings(g) and relation_vectors(g). entities: a source with the columns entity and embedding; relations: one with relation, inverse and vector, two rows for each relation (inverse false: to ask for tails, true: to ask for heads). Of a model without reciprocal relations the inverse is, for transe, the negative vector, for distmult the same, for complex the conjugate (the second half negated). Vectors are arrays of numbers, or what casts to them, such as a vector of pgvector. model: how a score is made of them: transe, distmult, complex (the real parts of a vector first, then the imaginary ones). transe is the inner product of head plus relation with the tail: vectors that were trained for a distance rank as theirs only where entities have vectors of one length. head, relation, tail: names of the columns of triples, which graph_evaluate and graph_bias take for granted.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head text,
  relation text,
  tail text,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_score(graph_embedding, text, text, text, text, bool, jsonb) IS
  'How plausible a triple is to the embedding: the inner product of graph_query(g, head, relation) and the tail''s vector. Higher is more plausible; scores of one head and relation can be compared, others hardly. inverse: that of graph_query(g, tail, relation, inverse => true) and the head''s vector, which ranks heads. on_unseen: error, or null for a name that the embedding lacks. NULL for a NULL name. attributes: values of the person who is asked, ''{"nationality": "France"}'' or a list of several, whose vectors are added where the whitelist of train_graph or graph_debias has the relation; values too rare to have a vector add nothing, and a NOTICE names the first.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity text,
  relation text,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_query(graph_embedding, text, text, text, bool, jsonb) IS
  'The vector whose inner product with an entity''s is how plausible that one is as the tail of (entity, relation), or with inverse as the head of (relation, entity). With the rows of embeddings(g) in a table and an index of pgvector: select entity from vectors order by embedding <#> (select graph_query(g, ''Q42'', ''spouse'')::vector from graphs) limit 10. on_unseen: error, or null for a name that the embedding lacks. attributes: as graph_score has them; entries of the whitelist for one tail only do not count here.';

CREATE FUNCTION graph_predict(
  g graph_embedding,
  head text,
  relation text,
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  tail text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict(graph_embedding, text, text, int, text, bool, text, jsonb) IS
  'The k most plausible tails of (head, relation), among all entities, the best first; of equal scores the name that comes first. All entities are asked, the head itself too: join the result with those that can be meant. known: a source of triples with the columns that train_graph was told, of which the matching rows are read at each call; the column known then says whether the triple is in it, and skip_known leaves such tails out. on_unseen: error, or null for no row when the embedding lacks a name. attributes: values of the person who is asked, as graph_score has them.';

CREATE FUNCTION graph_predict_heads(
  g graph_embedding,
  relation text,
  tail text,
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  head text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict_heads'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict_heads(graph_embedding, text, text, int, text, bool, text, jsonb) IS
  'The k most plausible heads of (relation, tail), as graph_predict finds tails; their scores are those of graph_score with inverse.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head "any",
  relation "any",
  tail "any",
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score'
  LANGUAGE c STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_score(graph_embedding, "any", "any", "any", text, bool, jsonb) IS
  'How plausible a triple is to the embedding: the inner product of graph_query(g, head, relation) and the tail''s vector. Higher is more plausible; scores of one head and relation can be compared, others hardly. inverse: that of graph_query(g, tail, relation, inverse => true) and the head''s vector, which ranks heads. on_unseen: error, or null for a name that the embedding lacks. NULL for a NULL name. attributes: values of the person who is asked, ''{"nationality": "France"}'' or a list of several, whose vectors are added where the whitelist of train_graph or graph_debias has the relation; values too rare to have a vector add nothing, and a NOTICE names the first. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity "any",
  relation "any",
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query'
  LANGUAGE c STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_query(graph_embedding, "any", "any", text, bool, jsonb) IS
  'The vector whose inner product with an entity''s is how plausible that one is as the tail of (entity, relation), or with inverse as the head of (relation, entity). With the rows of embeddings(g) in a table and an index of pgvector: select entity from vectors order by embedding <#> (select graph_query(g, ''Q42'', ''spouse'')::vector from graphs) limit 10. on_unseen: error, or null for a name that the embedding lacks. attributes: as graph_score has them; entries of the whitelist for one tail only do not count here. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_predict(
  g graph_embedding,
  head "any",
  relation "any",
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  tail text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict(graph_embedding, "any", "any", int, text, bool, text, jsonb) IS
  'The k most plausible tails of (head, relation), among all entities, the best first; of equal scores the name that comes first. All entities are asked, the head itself too: join the result with those that can be meant. known: a source of triples with the columns that train_graph was told, of which the matching rows are read at each call; the column known then says whether the triple is in it, and skip_known leaves such tails out. on_unseen: error, or null for no row when the embedding lacks a name. attributes: values of the person who is asked, as graph_score has them. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_predict_heads(
  g graph_embedding,
  relation "any",
  tail "any",
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  head text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict_heads'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict_heads(graph_embedding, "any", "any", int, text, bool, text, jsonb) IS
  'The k most plausible heads of (relation, tail), as graph_predict finds tails; their scores are those of graph_score with inverse. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head text,
  relation text,
  tail text,
  vectors regclass,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score_from_table'
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION graph_score(graph_embedding, text, text, text, regclass, text, bool) IS
  'How plausible a triple is to an embedding of into_table, whose entities stand in the table vectors, with the columns entity and embedding: select graph_score(g, ''Ada'', ''spouse'', ''William'', vectors => ''vectors''). Two rows of it are read at each call: for many triples join the table with itself. The score, on_unseen and inverse are as graph_score has them without vectors. Names of another type are cast: id::text.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity text,
  relation text,
  vectors regclass,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query_from_table'
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION graph_query(graph_embedding, text, text, regclass, text, bool) IS
  'The query of an embedding of into_table, whose entities stand in the table vectors: for an index of pgvector on it. One row of it is read at each call. All else is as graph_query has it without vectors. Names of another type are cast: id::text.';

CREATE FUNCTION embeddings(g graph_embedding) RETURNS TABLE (
  entity text,
  embedding real[]
)
  AS 'MODULE_PATHNAME', 'fairdb_embeddings'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 10000 COST 1000000;
COMMENT ON FUNCTION embeddings(graph_embedding) IS
  'The vector of each entity, in the order of their names: create table vectors as select * from embeddings(g).';

CREATE FUNCTION relation_vectors(g graph_embedding) RETURNS TABLE (
  relation text,
  inverse bool,
  vector real[]
)
  AS 'MODULE_PATHNAME', 'fairdb_relation_vectors'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 100 COST 100000;
COMMENT ON FUNCTION relation_vectors(graph_embedding) IS
  'The two vectors of each relation, in the order of their names: to ask for tails, and with inverse to ask for heads.';

CREATE FUNCTION describe(g graph_embedding) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_graph_embedding'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(graph_embedding) IS
  'How the embedding was made: model, dimensions, how many entities, relations and triples, rows_skipped (with a NULL), duplicates, what min_count has dropped, added_entities (by graph_extend), the source and the options of train_graph, and losses: of each epoch the mean cross-entropy of a triple and side, which falls while training finds something. fairness, of an embedding that was trained or debiased with sensitive attributes: what was done, the attributes with their values, the whitelist, divergences by epoch, and maps with their price: dimensions and variance that went. table: where the entities'' vectors stand, of train_graph with into_table.';

CREATE FUNCTION graph_evaluate(
  g graph_embedding,
  test text,
  known text DEFAULT NULL,
  by_relation bool DEFAULT false,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  attributes text DEFAULT NULL
) RETURNS TABLE (
  side text,
  relation text,
  n bigint,
  mrr float8,
  mr float8,
  amri float8,
  hits_1 float8,
  hits_3 float8,
  hits_10 float8,
  hits_50 float8,
  unseen bigint
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_evaluate'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 3 COST 1000000;
COMMENT ON FUNCTION graph_evaluate(graph_embedding, text, text, bool, text, text, text, text) IS
  'How well the embedding predicts the triples of a test: for each the rank of its tail among all entities (side tail), and of its head (side head); both puts them together. mrr: the mean of 1 / rank; mr: the mean rank; amri: 1 for ranks of 1, 0 for those of chance; hits_k: the share of ranks up to k. known: a source of triples that are true, usually the training and the validation triples, which are not counted as mistakes when another triple is asked for; those of the test never are. Without it a NOTICE tells that the others count. Ranks of equal scores are the mean of the best and the worst. unseen: ranks of triples with an entity or relation that the embedding lacks; they count as chance would have them. by_relation adds rows for each relation, which n tells the size of; an inverse relation is its side head. A WARNING tells of a test of which some 2 in 100 or more seem to be trained on, except of imported vectors, and of one with many unseen names. head, relation, tail: columns of both sources, by default those that train_graph was told. attributes: a source of triples that tell persons'' values, usually the training triples: each person is then asked about with its own where the whitelist has it.';

CREATE FUNCTION graph_bias(
  g graph_embedding,
  source text,
  sensitive_relation text,
  value_a text,
  value_b text,
  target_relation text,
  alpha float8 DEFAULT 0.1,
  min_count bigint DEFAULT 20,
  sensitive_inverse bool DEFAULT false,
  target_inverse bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  vectors regclass DEFAULT NULL
) RETURNS TABLE (
  entity text,
  bias float8,
  count_a bigint,
  count_b bigint,
  population_gap float8,
  rank bigint,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_bias'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 COST 1000000;
COMMENT ON FUNCTION graph_bias(graph_embedding, text, text, text, text, text, float8, bigint, bool, bool, text, text, text, text, regclass) IS
  'Which entities, say professions, the embedding holds more plausible for persons with one value, say male, than for those with another: select * from graph_bias(g, ''triples'', ''gender'', ''male'', ''female'', ''profession'') order by bias. bias: by how much the plausibility of the profession rises when a person''s vector is moved a step of size alpha towards value_a and away from value_b (Fisher et al. 2019); above 0 leans to value_a, but how frequent the two values are shifts all alike, so read the order: rank 1 leans most to value_a, the last to value_b. count_a, count_b: the persons of the source that have the profession and the value; persons with several values count under each. population_gap: the mean score of the profession over persons with value_a less that over persons with value_b; for distmult and complex, whose biases follow the popularity of an entity, and after an embedding was debiased this is the one to judge by. min_count: leaves out entities with fewer persons (count_a + count_b). sensitive_inverse, target_inverse: for a relation that leads from the value to the person. on_unseen: error, or null for a NULL bias when the embedding lacks a value or a relation; entities that it lacks have a NULL bias in any case. Counts smaller than fairdb.min_group are suppressed, and listed by min_count => 0 only, with a NOTICE of how many are not. A large bias says what the embedding has learnt, not whether that is wrong. vectors: the table of into_table, or another with the columns entity and embedding.';

CREATE FUNCTION graph_debias(
  g graph_embedding,
  source text,
  sensitive text[],
  method text DEFAULT NULL,
  inverse bool[] DEFAULT NULL,
  top int[] DEFAULT NULL,
  min_count bigint DEFAULT 1,
  persons text DEFAULT NULL,
  whitelist text DEFAULT NULL,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_debias'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_debias(graph_embedding, text, text[], text, bool[], int[], bigint, text, text, text, text, text) IS
  'The embedding with sensitive attributes taken out of its persons'' vectors, in closed form: select graph_debias(g, ''triples'', ''{gender}''). source: triples that tell who has which value; sensitive: relations from persons to values; inverse: for each whether it leads from values to persons. method: erase takes out what a linear reader could use to tell the values that are minded (top, min_count) among those who have any of the attribute, and changes the vectors least (least-squares concept erasure, Belrose et al. 2023); project makes a person''s scores of the values equal, which alone leaves much to read; erase_project does both. By default all attributes are erased, and those of two values projected too where the embedding has scores of them. Several attributes in one call are taken out together. top: how many of an attribute''s most frequent values are minded, 30; min_count: only values that so many persons have. Few values leave more of the vectors: describe(g) tells how many dimensions and how much variance went. persons: a source with a column entity, of persons beside those who have a value; all of them are changed, and graph_extend changes new ones likewise. whitelist: as train_graph has it; the vectors that give back are what was taken from the holders of a value on average, the other attributes kept apart. What it does not do: a reader that is not linear may still tell (graph_leakage).';

CREATE FUNCTION graph_leakage(
  g graph_embedding,
  source text,
  sensitive_relation text,
  seed bigint DEFAULT 1,
  target_relation text DEFAULT NULL,
  top int DEFAULT 30,
  min_count bigint DEFAULT 20,
  sensitive_inverse bool DEFAULT false,
  target_inverse bool DEFAULT false,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL
) RETURNS TABLE (
  probe text,
  accuracy float8,
  majority float8,
  auc float8,
  score_difference float8,
  mean_population_gap float8,
  n bigint,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_leakage'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 2 COST 1000000;
COMMENT ON FUNCTION graph_leakage(graph_embedding, text, text, bigint, text, int, bigint, bool, bool, text, text, text) IS
  'What persons'' vectors tell of a sensitive relation: select * from graph_leakage(g, ''triples'', ''gender''). Two probes learn to tell the value from the vector, on four fifths of the persons, and are judged on the rest (n): logistic, a linear reader, and network, one hidden layer of 300 units. accuracy: the share of persons told right, beside majority, what naming the most frequent value would reach; auc: the area under the ROC curve, of several values the mean by their persons; .5 tells nothing, and well below .5 is an artefact of having erased with the judged persons among the others. score_difference: by how much the embedding itself scores a person''s own value above the others (NULL when it lacks the relation). mean_population_gap: with target_relation, say profession, the mean difference of its scores between persons with a value and the others with one, over what at least min_count persons have. Persons without exactly one of the top most frequent values take no part in the probes, and a NOTICE tells how many. seed: which persons are held out. Fewer held-out persons than fairdb.min_group, or fewer with another value than the most frequent, are suppressed. A probe that finds nothing does not show that nothing is there.';

-- Equality of values, for =, <>, GROUP BY, DISTINCT and hash joins.

CREATE FUNCTION fairdb_internal.confusion_eq(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_eq(confusion, confusion) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.confusion_ne(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_ne(confusion, confusion) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.confusion_hash(confusion) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_hash(confusion) IS
  'hash function of type confusion';

CREATE FUNCTION fairdb_internal.confusion_hash_extended(confusion, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_hash_extended(confusion, int8) IS
  'seeded hash function of type confusion';

CREATE OPERATOR = (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (confusion, confusion) IS
  'whether both confusions hold the same counts, and weights or no weights';

CREATE OPERATOR <> (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (confusion, confusion) IS
  'whether they differ';

CREATE OPERATOR CLASS confusion_ops DEFAULT FOR TYPE confusion USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.confusion_hash(confusion), FUNCTION 2 fairdb_internal.confusion_hash_extended(confusion, int8);
COMMENT ON OPERATOR CLASS confusion_ops USING hash IS
  'equality of type confusion, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.distribution_eq(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_eq(distribution, distribution) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.distribution_ne(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_ne(distribution, distribution) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.distribution_hash(distribution) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_hash(distribution) IS
  'hash function of type distribution';

CREATE FUNCTION fairdb_internal.distribution_hash_extended(distribution, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_hash_extended(distribution, int8) IS
  'seeded hash function of type distribution';

CREATE OPERATOR = (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = fairdb_internal.distribution_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (distribution, distribution) IS
  'whether both distributions hold the same rows; where groups are sketches, whether they came from the same rows in the same order and parts';

CREATE OPERATOR <> (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = fairdb_internal.distribution_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (distribution, distribution) IS
  'whether they differ';

CREATE OPERATOR CLASS distribution_ops DEFAULT FOR TYPE distribution USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.distribution_hash(distribution), FUNCTION 2 fairdb_internal.distribution_hash_extended(distribution, int8);
COMMENT ON OPERATOR CLASS distribution_ops USING hash IS
  'equality of type distribution, for GROUP BY, DISTINCT and hash joins';

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

CREATE FUNCTION fairdb_internal.vector_sample_eq(vector_sample, vector_sample) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_eq(vector_sample, vector_sample) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.vector_sample_ne(vector_sample, vector_sample) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_ne(vector_sample, vector_sample) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.vector_sample_hash(vector_sample) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_hash(vector_sample) IS
  'hash function of type vector_sample';

CREATE FUNCTION fairdb_internal.vector_sample_hash_extended(vector_sample, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_hash_extended(vector_sample, int8) IS
  'seeded hash function of type vector_sample';

CREATE OPERATOR = (
  LEFTARG = vector_sample, RIGHTARG = vector_sample, FUNCTION = fairdb_internal.vector_sample_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (vector_sample, vector_sample) IS
  'whether both hold the same vectors of the same groups, with as many rows each';

CREATE OPERATOR <> (
  LEFTARG = vector_sample, RIGHTARG = vector_sample, FUNCTION = fairdb_internal.vector_sample_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (vector_sample, vector_sample) IS
  'whether they differ';

CREATE OPERATOR CLASS vector_sample_ops DEFAULT FOR TYPE vector_sample USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.vector_sample_hash(vector_sample), FUNCTION 2 fairdb_internal.vector_sample_hash_extended(vector_sample, int8);
COMMENT ON OPERATOR CLASS vector_sample_ops USING hash IS
  'equality of type vector_sample, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.graph_embedding_eq(graph_embedding, graph_embedding) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_eq(graph_embedding, graph_embedding) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.graph_embedding_ne(graph_embedding, graph_embedding) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_ne(graph_embedding, graph_embedding) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.graph_embedding_hash(graph_embedding) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_hash(graph_embedding) IS
  'hash function of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8) IS
  'seeded hash function of type graph_embedding';

CREATE OPERATOR = (
  LEFTARG = graph_embedding, RIGHTARG = graph_embedding, FUNCTION = fairdb_internal.graph_embedding_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (graph_embedding, graph_embedding) IS
  'whether both have the same names and vectors, made in the same way';

CREATE OPERATOR <> (
  LEFTARG = graph_embedding, RIGHTARG = graph_embedding, FUNCTION = fairdb_internal.graph_embedding_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (graph_embedding, graph_embedding) IS
  'whether they differ';

CREATE OPERATOR CLASS graph_embedding_ops DEFAULT FOR TYPE graph_embedding USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.graph_embedding_hash(graph_embedding), FUNCTION 2 fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8);
COMMENT ON OPERATOR CLASS graph_embedding_ops USING hash IS
  'equality of type graph_embedding, for GROUP BY, DISTINCT and hash joins';

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

-- Jobs: audits and scoring that run by themselves, what they have counted, and who may see and change it.
--
-- As in the registry of models the rows are in tables that only the owner of the database reads and fills, to dump and
-- to restore them, and all others use views; here each view shows what belongs to roles of the current user, may be
-- inserted into, and changed in the columns that change. Nothing is deleted: what is dropped keeps its row.
--
-- No row names an object by its number, so that dump, restore and pg_upgrade keep all. A job runs as its owner and in a
-- session of its owner only: what its source calls has the rights of that session.

CREATE TABLE kept_audits (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  source text NOT NULL,
  search_path text NOT NULL,
  y_true text,
  y_pred text,
  sensitive text[] NOT NULL,
  at text,
  score text,
  every interval NOT NULL CHECK (every OPERATOR(pg_catalog.>=) '1 minute'::pg_catalog.interval),
  time_zone text NOT NULL,
  label_delay interval NOT NULL,
  recount interval NOT NULL,
  strata text[],
  within text[],
  weight text,
  positive text,
  min_group bigint NOT NULL,
  model text,
  model_owner name,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  entered_by name NOT NULL DEFAULT CURRENT_USER,
  tried_at timestamptz,
  starts timestamptz NOT NULL,
  next_from timestamptz NOT NULL,
  recount_from timestamptz,
  settled timestamptz NOT NULL DEFAULT '-infinity',
  failures int NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  dropped_at timestamptz
);
COMMENT ON TABLE kept_audits IS
  'What the view audits shows, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use audits.';
CREATE UNIQUE INDEX kept_audits_name ON kept_audits (owner, name) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_audits_name IS
  'one audit of each owner and name';

CREATE TABLE kept_limits (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  audit uuid NOT NULL,
  metric text NOT NULL,
  attributes text[] NOT NULL,
  at_most float8,
  at_least float8,
  rule text NOT NULL,
  budget float8 NOT NULL,
  looks bigint,
  min_coverage float8 NOT NULL,
  min_n bigint NOT NULL,
  since timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  dropped_at timestamptz
);
COMMENT ON TABLE kept_limits IS
  'What the view limits shows, of all roles: for pg_dump and pg_restore. Use add_limit and drop_limit.';
CREATE UNIQUE INDEX kept_limits_metric ON kept_limits (audit, metric, attributes) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_limits_metric IS
  'one limit of each audit, metric and set of attributes';

CREATE TABLE kept_runs (
  audit uuid NOT NULL,
  number bigint NOT NULL,
  "from" timestamptz NOT NULL,
  until timestamptz NOT NULL,
  attempt int NOT NULL,
  candidate int NOT NULL DEFAULT 0,
  counted_at timestamptz NOT NULL,
  role name NOT NULL,
  snapshot text NOT NULL,
  source text NOT NULL,
  source_digest text NOT NULL,
  model_owner name,
  model_version int,
  model_digest text,
  n bigint NOT NULL,
  coverage float8,
  confusion confusion,
  strata jsonb,
  distribution distribution,
  extension_version text NOT NULL,
  previous text NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (audit, number),
  UNIQUE (audit, candidate, "from", attempt)
);
COMMENT ON TABLE kept_runs IS
  'What the view runs shows, of all roles: for pg_dump and pg_restore. Use runs.';

CREATE TABLE kept_alerts (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  job uuid NOT NULL,
  limit_id uuid,
  opened_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  run bigint,
  window_from timestamptz,
  value float8,
  lower float8,
  upper float8,
  reason text,
  closed_at timestamptz,
  window_closed timestamptz,
  note text
);
COMMENT ON TABLE kept_alerts IS
  'What the view alerts shows, of all roles: for pg_dump and pg_restore. Use alerts.';
CREATE UNIQUE INDEX kept_alerts_open ON kept_alerts (job, coalesce(limit_id, job)) WHERE closed_at IS NULL;
COMMENT ON INDEX kept_alerts_open IS
  'one open alert of each limit, and one of each job that fails';

CREATE TABLE kept_scoring_jobs (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  source text NOT NULL,
  search_path text NOT NULL,
  key text[] NOT NULL,
  model text NOT NULL,
  model_owner name NOT NULL,
  target text NOT NULL,
  law distribution,
  sensitive text[],
  alpha float8 NOT NULL,
  since text,
  overlap interval NOT NULL,
  written text,
  time_zone text NOT NULL,
  tried_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  entered_by name NOT NULL DEFAULT CURRENT_USER,
  horizon xid8,
  searched_at timestamptz,
  last_run timestamptz,
  scored bigint NOT NULL DEFAULT 0,
  without_score bigint NOT NULL DEFAULT 0,
  failures int NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  dropped_at timestamptz
);
COMMENT ON TABLE kept_scoring_jobs IS
  'What the view scoring_jobs shows, of all roles: for pg_dump and pg_restore. Use scoring_jobs.';
CREATE UNIQUE INDEX kept_scoring_jobs_name ON kept_scoring_jobs (owner, name) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_scoring_jobs_name IS
  'one scoring job of each owner and name';

CREATE TABLE kept_audit_grants (
  audit uuid NOT NULL,
  grantee name NOT NULL,
  granted_by name NOT NULL DEFAULT CURRENT_USER,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  revoked_at timestamptz,
  PRIMARY KEY (audit, grantee)
);
COMMENT ON TABLE kept_audit_grants IS
  'What the view audit_grants shows, of all roles: for pg_dump and pg_restore. Use grant_audit and revoke_audit.';

CREATE TABLE kept_requests (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  audit uuid NOT NULL,
  requested_by name NOT NULL DEFAULT CURRENT_USER,
  "from" timestamptz NOT NULL,
  until timestamptz NOT NULL,
  done_until timestamptz,
  requested_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  done_at timestamptz,
  outcome text
);
COMMENT ON TABLE kept_requests IS
  'What the view requests shows, of all roles: for pg_dump and pg_restore. Use request_run.';
CREATE INDEX kept_requests_open ON kept_requests (audit) WHERE done_at IS NULL;
COMMENT ON INDEX kept_requests_open IS
  'what is still to be done of an audit';

CREATE TABLE kept_gates (
  model_owner name NOT NULL,
  model text NOT NULL,
  audit uuid NOT NULL,
  required_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  dropped_at timestamptz,
  events jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (model_owner, model, audit)
);
COMMENT ON TABLE kept_gates IS
  'What the view gates shows, of all roles: for pg_dump and pg_restore. Use require_fair.';

SELECT pg_catalog.pg_extension_config_dump('kept_audits', '');
SELECT pg_catalog.pg_extension_config_dump('kept_limits', '');
SELECT pg_catalog.pg_extension_config_dump('kept_runs', '');
SELECT pg_catalog.pg_extension_config_dump('kept_alerts', '');
SELECT pg_catalog.pg_extension_config_dump('kept_scoring_jobs', '');
SELECT pg_catalog.pg_extension_config_dump('kept_audit_grants', '');
SELECT pg_catalog.pg_extension_config_dump('kept_requests', '');
SELECT pg_catalog.pg_extension_config_dump('kept_gates', '');

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
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.kept_audits, fairdb.kept_limits, fairdb.kept_runs, fairdb.kept_alerts, fairdb.kept_scoring_jobs, fairdb.kept_audit_grants, fairdb.kept_requests, fairdb.kept_gates TO %I', dumping);
END $$;

CREATE VIEW audits WITH (security_barrier) AS
  SELECT a.* FROM kept_audits AS a
  WHERE a.dropped_at IS NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW audits IS
  'The audits of the current user''s roles. create_audit adds one, drop_audit ends it. The next window begins at next_from; windows that end at settled or earlier are never counted again; failures and last_error tell of runs that failed since the last one that did not, and retry_at when the next one is tried.';
GRANT SELECT, INSERT, UPDATE (tried_at, next_from, recount_from, settled, failures, last_error, retry_at, entered_by, dropped_at) ON audits TO PUBLIC;

CREATE VIEW dropped_audits WITH (security_barrier) AS
  SELECT a.* FROM kept_audits AS a
  WHERE a.dropped_at IS NOT NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW dropped_audits IS
  'Audits of the current user''s roles that drop_audit has ended: their id is that of their runs.';
GRANT SELECT ON dropped_audits TO PUBLIC;

CREATE VIEW limits WITH (security_barrier) AS
  SELECT l.id, a.owner, a.name AS audit_name, l.audit, l.metric, l.attributes, l.at_most, l.at_least, l.rule, l.budget, l.looks, l.min_coverage, l.min_n, l.since, l.created_at
  FROM kept_limits AS l JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) l.audit
  WHERE l.dropped_at IS NULL AND a.dropped_at IS NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW limits IS
  'What the gaps of an audit must keep to: add_limit adds one, drop_limit takes it away. Windows that begin before since are not judged.';
GRANT SELECT ON limits TO PUBLIC;

CREATE VIEW own_limits WITH (security_barrier) AS
  SELECT l.* FROM kept_limits AS l
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) l.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_limits IS
  'Where add_limit, drop_limit and close_alert write; read limits.';
GRANT SELECT, INSERT, UPDATE (since, dropped_at) ON own_limits TO PUBLIC;

CREATE VIEW runs WITH (security_barrier) AS
  SELECT r.* FROM kept_runs AS r
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) r.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW runs IS
  'All that the audits of the current user''s roles have counted, every attempt: the window from "from" until before until, its confusion by all attributes together (marginal gives one of them), the scores'' distribution, and what they were counted from. candidate is the version of a model that a run was asked of, 0 of others. last_runs has the last attempt of each window.';
GRANT SELECT, INSERT ON runs TO PUBLIC;

-- In one pass: asked of each run, whether there is a later one, it would be a pass for each.
CREATE VIEW fairdb_internal.last_attempts AS
  SELECT DISTINCT ON (r.audit, r.candidate, r."from") r.* FROM kept_runs AS r ORDER BY r.audit, r.candidate, r."from", r.attempt DESC;
COMMENT ON VIEW fairdb_internal.last_attempts IS
  'for the views of runs: the last attempt of each window';

CREATE VIEW last_runs WITH (security_barrier) AS
  SELECT a.owner, a.name AS audit_name, r.*
  FROM kept_audits AS a JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) a.id
  WHERE fairdb_internal.belongs_to_user(a.owner) AND a.dropped_at IS NULL;
COMMENT ON VIEW last_runs IS
  'The last attempt of each window, with the name and owner of its audit.';
GRANT SELECT ON last_runs TO PUBLIC;

CREATE VIEW scoring_jobs WITH (security_barrier) AS
  SELECT j.* FROM kept_scoring_jobs AS j
  WHERE j.dropped_at IS NULL AND fairdb_internal.belongs_to_user(j.owner);
COMMENT ON VIEW scoring_jobs IS
  'The scoring jobs of the current user''s roles. create_scoring_job adds one, drop_scoring_job ends it. scored counts the rows that it has put into its target, without_score those among them that got none; failures and last_error tell of runs that failed since the last one that did not.';
GRANT SELECT, INSERT, UPDATE (tried_at, horizon, searched_at, last_run, scored, without_score, failures, last_error, retry_at, entered_by, dropped_at) ON scoring_jobs TO PUBLIC;

CREATE VIEW own_alerts WITH (security_barrier) AS
  SELECT t.* FROM kept_alerts AS t
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) t.job AND fairdb_internal.belongs_to_user(a.owner))
     OR EXISTS (SELECT FROM kept_scoring_jobs AS j WHERE j.id OPERATOR(pg_catalog.=) t.job AND fairdb_internal.belongs_to_user(j.owner));
COMMENT ON VIEW own_alerts IS
  'Where runs open and close alerts; read alerts.';
GRANT SELECT, INSERT, UPDATE (closed_at, window_closed, note) ON own_alerts TO PUBLIC;

CREATE VIEW alerts WITH (security_barrier) AS
  SELECT coalesce(a.owner, j.owner) AS owner, coalesce(a.name, j.name) AS job, l.metric, l.attributes, t.opened_at, t.run, t.value, t.lower, t.upper,
    coalesce(l.at_most, l.at_least) AS "limit", t.reason, t.closed_at, t.note
  FROM kept_alerts AS t LEFT JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) t.job
    LEFT JOIN kept_scoring_jobs AS j ON j.id OPERATOR(pg_catalog.=) t.job
    LEFT JOIN kept_limits AS l ON l.id OPERATOR(pg_catalog.=) t.limit_id
  WHERE fairdb_internal.belongs_to_user(coalesce(a.owner, j.owner));
COMMENT ON VIEW alerts IS
  'What was, or is (closed_at IS NULL), wrong: a gap beyond its limit, or, with metric NULL, a job that has failed five times, with the error as reason. Opening and closing one notifies fairdb_alert.';
GRANT SELECT ON alerts TO PUBLIC;

CREATE VIEW own_audit_grants WITH (security_barrier) AS
  SELECT g.* FROM kept_audit_grants AS g
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) g.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_audit_grants IS
  'Who may see what the audits of the current user''s roles publish: where grant_audit and revoke_audit write. revoked_at says that a grant was taken back.';
GRANT SELECT, INSERT, UPDATE (revoked_at) ON own_audit_grants TO PUBLIC;

-- An audit may be seen by its owner's roles and by those that it was granted to. Names no other function: it becomes part
-- of the reader's query.
CREATE VIEW published_audits WITH (security_barrier) AS
  SELECT a.id, a.owner, a.name, a.sensitive, a.every, a.label_delay, a.recount, a.settled, a.min_group
  FROM kept_audits AS a
  WHERE a.dropped_at IS NULL AND a.at IS NOT NULL
    AND (fairdb_internal.belongs_to_user(a.owner)
      OR EXISTS (SELECT FROM kept_audit_grants AS g
                 WHERE g.audit OPERATOR(pg_catalog.=) a.id AND g.revoked_at IS NULL
                   AND (g.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(g.grantee))));
COMMENT ON VIEW published_audits IS
  'The audits of the current user''s roles, and those that were granted to them: select * from published_groups shows what they publish.';
GRANT SELECT ON published_audits TO PUBLIC;

CREATE VIEW published_groups WITH (security_barrier) AS
  SELECT p.owner, p.name, r."from", r.until, g.*
  FROM published_audits AS p JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) p.id AND r.candidate OPERATOR(pg_catalog.=) 0 AND r.until OPERATOR(pg_catalog.<=) p.settled
    CROSS JOIN LATERAL suppress(r.confusion, p.min_group) AS g;
COMMENT ON VIEW published_groups IS
  'Counts and rates by group of each window of an audit, for those whom it was granted to. Published are windows that will not be counted again, once, without what is of fewer than the audit''s min_group rows: windows share no rows, so no two publications differ by one person. A person who stands in several windows is in each.';
GRANT SELECT ON published_groups TO PUBLIC;

CREATE VIEW published_gaps WITH (security_barrier) AS
  SELECT p.owner, p.name, r."from", r.until, m.*
  FROM published_audits AS p JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) p.id AND r.candidate OPERATOR(pg_catalog.=) 0 AND r.until OPERATOR(pg_catalog.<=) p.settled
    CROSS JOIN LATERAL metrics(r.confusion) AS m
  WHERE NOT EXISTS (SELECT FROM suppress(r.confusion, p.min_group) AS s WHERE s.suppressed);
COMMENT ON VIEW published_gaps IS
  'The gaps of each published window in which nothing is withheld: a gap tells the rate of a group that is withheld.';
GRANT SELECT ON published_gaps TO PUBLIC;

CREATE VIEW requests WITH (security_barrier) AS
  SELECT a.owner, a.name AS audit_name, q.requested_by, q."from", q.until, q.requested_at, q.done_at, q.outcome
  FROM kept_requests AS q JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) q.audit
  WHERE fairdb_internal.belongs_to_user(a.owner) OR fairdb_internal.is_role_of_user(q.requested_by);
COMMENT ON VIEW requests IS
  'Runs that request_run has asked for: by the current user''s roles, or of their audits. The owner''s next run_due does them.';
GRANT SELECT ON requests TO PUBLIC;

CREATE VIEW new_requests AS
  SELECT q.audit, q."from", q.until FROM kept_requests AS q;
COMMENT ON VIEW new_requests IS
  'Where request_run puts a request. It can be inserted into, not read.';
GRANT INSERT ON new_requests TO PUBLIC;

CREATE VIEW own_requests WITH (security_barrier) AS
  SELECT q.* FROM kept_requests AS q
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) q.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_requests IS
  'Requests for runs of the current user''s audits: where run_due notes what became of them.';
GRANT SELECT, UPDATE (done_until, done_at, outcome) ON own_requests TO PUBLIC;

CREATE VIEW gates WITH (security_barrier) AS
  SELECT g.model_owner, g.model, g.audit, a.owner, a.name AS audit_name, g.required_at, g.dropped_at, g.events
  FROM kept_gates AS g JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) g.audit
  WHERE fairdb_internal.belongs_to_user(g.model_owner);
COMMENT ON VIEW gates IS
  'Which audits a version of a model must have passed to be activated: require_fair. events tells who required it, and no longer, and who activated which version all the same, when and why (override).';
GRANT SELECT ON gates TO PUBLIC;

CREATE VIEW own_gates WITH (security_barrier) AS
  SELECT g.* FROM kept_gates AS g WHERE fairdb_internal.belongs_to_user(g.model_owner);
COMMENT ON VIEW own_gates IS
  'Where require_fair and activate_model write; read gates.';
GRANT SELECT, INSERT, UPDATE (required_at, dropped_at, events) ON own_gates TO PUBLIC;

CREATE FUNCTION fairdb_internal.check_job() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed bool;
  restoring bool := EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE'));
BEGIN
  -- A key that is chosen could be another one's, whom a conflict with it would show.
  IF TG_OP = 'INSERT' AND NOT restoring AND TG_TABLE_NAME IN ('kept_audits', 'kept_scoring_jobs', 'kept_limits', 'kept_alerts', 'kept_requests') THEN
    NEW.id := gen_random_uuid();
  END IF;
  IF TG_TABLE_NAME IN ('kept_audits', 'kept_scoring_jobs') THEN
    allowed := pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER');
    IF TG_OP = 'INSERT' THEN
      allowed := NEW.owner = CURRENT_USER;
      -- Whoever restores a job must not get its owner to run it unasked.
      NEW.entered_by := CURRENT_USER;
      IF TG_TABLE_NAME = 'kept_audits' AND NOT restoring THEN
        PERFORM fairdb.window_start(NEW.every, NEW.time_zone, now());
      END IF;
      IF TG_TABLE_NAME = 'kept_scoring_jobs' THEN
        -- Transactions are numbered anew in another cluster.
        NEW.horizon := NULL;
      END IF;
    ELSIF NEW.entered_by <> OLD.entered_by THEN
      allowed := NEW.owner = CURRENT_USER AND NEW.entered_by = CURRENT_USER;
    END IF;
  ELSIF TG_TABLE_NAME IN ('kept_limits', 'kept_runs', 'kept_audit_grants') THEN
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit);
  ELSIF TG_TABLE_NAME = 'kept_alerts' THEN
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.job) OR EXISTS (SELECT FROM fairdb.scoring_jobs AS j WHERE j.id = NEW.job)
      OR TG_OP = 'UPDATE' AND EXISTS (SELECT FROM fairdb.own_alerts AS o WHERE o.id = NEW.id);
  ELSIF TG_OP = 'INSERT' THEN  -- kept_requests
    NEW.requested_by := coalesce(CASE WHEN restoring THEN NEW.requested_by END, CURRENT_USER);
    IF NOT restoring THEN
      NEW.requested_at := now();
      NEW.done_until := NULL;
      NEW.done_at := NULL;
      NEW.outcome := NULL;
      IF (isfinite(NEW."from") AND isfinite(NEW.until) AND NEW."from" < NEW.until) IS NOT TRUE THEN
        RAISE EXCEPTION 'from and until must be times, the first one the earlier' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      IF (SELECT NEW.until - NEW."from" > p.every * 1000 FROM fairdb.published_audits AS p WHERE p.id = NEW.audit) THEN
        RAISE EXCEPTION 'a request is of at most 1000 windows' USING ERRCODE = 'program_limit_exceeded';
      END IF;
      IF (SELECT count(*) FROM fairdb.requests AS q, fairdb.published_audits AS p
          WHERE p.id = NEW.audit AND q.owner = p.owner AND q.audit_name = p.name AND q.done_at IS NULL AND q.requested_by = CURRENT_USER) >= 10 THEN
        RAISE EXCEPTION 'ten requests of yours are open for this audit' USING ERRCODE = 'program_limit_exceeded', HINT = 'The next run_due of its owner does them.';
      END IF;
    END IF;
    allowed := EXISTS (SELECT FROM fairdb.published_audits AS p WHERE p.id = NEW.audit);
  ELSE
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit);
  END IF;
  -- Before any key is looked at, which would tell of others' jobs. The owner of the database restores them, in any order.
  IF allowed IS NOT TRUE AND NOT restoring THEN
    RAISE EXCEPTION 'a job is entered and changed by the role that owns it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_job() IS
  'trigger function of the tables of jobs: what belongs to a job is entered by its owner, and a request by those who see it';

CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_audits FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_limits FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_runs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_alerts FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_scoring_jobs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_audit_grants FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_requests FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
COMMENT ON TRIGGER check_job ON kept_audits IS 'an audit is entered by its owner';
COMMENT ON TRIGGER check_job ON kept_limits IS 'a limit is entered by the owner of its audit';
COMMENT ON TRIGGER check_job ON kept_runs IS 'a run is entered by the owner of its audit';
COMMENT ON TRIGGER check_job ON kept_alerts IS 'an alert is entered by the owner of its job';
COMMENT ON TRIGGER check_job ON kept_scoring_jobs IS 'a scoring job is entered by its owner';
COMMENT ON TRIGGER check_job ON kept_audit_grants IS 'a grant is given by the owner of the audit';
COMMENT ON TRIGGER check_job ON kept_requests IS 'a run is requested by those who see what the audit publishes';

CREATE FUNCTION fairdb_internal.check_gate_entry() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  added jsonb := '[]';
BEGIN
  -- What a dump brings back has its events.
  IF TG_OP = 'INSERT' AND NEW.events <> '[]' AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  IF pg_has_role(to_regrole(quote_ident(NEW.model_owner)), 'MEMBER') IS NOT TRUE OR TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit) THEN
    RAISE EXCEPTION 'a gate is set by the owner of the model, with an audit of his' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' OR OLD.dropped_at IS NOT NULL AND NEW.dropped_at IS NULL THEN
    added := added || jsonb_build_object('event', 'require');
  ELSIF OLD.dropped_at IS NULL AND NEW.dropped_at IS NOT NULL THEN
    added := added || jsonb_build_object('event', 'drop');
  END IF;
  -- Of what is given only the last one counts, and only as an override of now: what has happened is not written anew.
  IF TG_OP = 'UPDATE' THEN
    IF jsonb_array_length(NEW.events) = jsonb_array_length(OLD.events) + 1 THEN
      IF (jsonb_typeof(NEW.events -> -1 -> 'version') = 'number' AND NEW.events -> -1 ->> 'note' ~ '\S') IS NOT TRUE THEN
        RAISE EXCEPTION 'an override names a version and says why' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      added := added || jsonb_build_object('event', 'override', 'version', NEW.events -> -1 -> 'version', 'note', NEW.events -> -1 -> 'note', 'transaction', pg_current_xact_id()::text);
    END IF;
    NEW.events := OLD.events;
  ELSE
    NEW.events := '[]';
  END IF;
  SELECT NEW.events || coalesce(jsonb_agg(e.value || jsonb_build_object('at', clock_timestamp(), 'role', CURRENT_USER) ORDER BY e.number), '[]') INTO NEW.events
  FROM jsonb_array_elements(added) WITH ORDINALITY AS e (value, number);
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_gate_entry() IS
  'trigger function of kept_gates: a gate is set and lifted by the owner of the model, and its events are only added to';
CREATE TRIGGER check_gate_entry BEFORE INSERT OR UPDATE ON kept_gates FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_gate_entry();
COMMENT ON TRIGGER check_gate_entry ON kept_gates IS 'a gate is set and lifted by the owner of the model, and its events are only added to';

CREATE FUNCTION fairdb_internal.follow_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The gate stays with versions that are left behind, too.
  INSERT INTO fairdb.kept_gates (model_owner, model, audit, required_at, dropped_at, events)
  SELECT NEW.owner, g.model, g.audit, g.required_at, g.dropped_at, g.events FROM fairdb.kept_gates AS g WHERE g.model_owner = OLD.owner AND g.model = OLD.name
  ON CONFLICT DO NOTHING;
  UPDATE fairdb.kept_audits AS a SET model_owner = NEW.owner WHERE a.model_owner = OLD.owner AND a.model = OLD.name;
  UPDATE fairdb.kept_scoring_jobs AS j SET model_owner = NEW.owner WHERE j.model_owner = OLD.owner AND j.model = OLD.name;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_internal.follow_model_owner() IS
  'trigger function of registered_models: gates and jobs stay with a model that a superuser gives to another owner';
CREATE TRIGGER follow_model_owner AFTER UPDATE OF owner ON registered_models FOR EACH ROW WHEN (NEW.owner OPERATOR(pg_catalog.<>) OLD.owner) EXECUTE FUNCTION fairdb_internal.follow_model_owner();
COMMENT ON TRIGGER follow_model_owner ON registered_models IS 'gates and jobs stay with a model that a superuser gives to another owner';

CREATE FUNCTION fairdb_jobs.run_digest(run jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((SELECT pg_catalog.jsonb_object_agg(k.key, $1 OPERATOR(pg_catalog.->) k.key) FROM pg_catalog.unnest('{audit,number,from,until,attempt,candidate,counted_at,role,snapshot,source,source_digest,model_owner,model_version,model_digest,n,coverage,confusion,strata,distribution,extension_version,previous}'::pg_catalog.text[]) AS k (key))::pg_catalog.text, 'UTF8')), 'hex') $$;
COMMENT ON FUNCTION fairdb_jobs.run_digest(jsonb) IS
  'SHA-256 of what a run has stored, the digest of the run before it included: of to_jsonb of its row, in a session whose TimeZone is UTC and extra_float_digits 1. verify_runs compares it with the one that is stored.';

CREATE FUNCTION fairdb_internal.seal_run() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
  last record;
BEGIN
  -- A row that a dump has brought back has its place in the chain.
  IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  SELECT r.number, r.digest INTO last FROM fairdb.runs AS r WHERE r.audit = NEW.audit ORDER BY r.number DESC LIMIT 1;
  NEW.number := coalesce(last.number, 0) + 1;
  NEW.previous := coalesce(last.digest, '');
  NEW.role := CURRENT_USER;
  NEW.counted_at := clock_timestamp();
  NEW.extension_version := (SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'fairdb');
  NEW.digest := fairdb_jobs.run_digest(to_jsonb(NEW));
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.seal_run() IS
  'trigger function of kept_runs: a run gets its number and its digest, which tells of all runs before it';
CREATE TRIGGER seal_run BEFORE INSERT ON kept_runs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.seal_run();
COMMENT ON TRIGGER seal_run ON kept_runs IS 'a run gets its number and its digest, which tells of all runs before it';

CREATE FUNCTION fairdb_internal.notify_alert() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Not when a dump brings alerts back. Who listens may be anybody: no number is told.
  IF TG_OP = 'INSERT' AND NEW.closed_at IS NULL OR TG_OP = 'UPDATE' AND OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL THEN
    PERFORM pg_notify('fairdb_alert', jsonb_build_object('event', CASE TG_OP WHEN 'INSERT' THEN 'opened' ELSE 'closed' END, 'owner', t.owner, 'job', t.name, 'metric', (SELECT l.metric FROM fairdb.own_limits AS l WHERE l.id = NEW.limit_id))::text)
    FROM (SELECT a.id, a.owner, a.name FROM fairdb.audits AS a UNION ALL SELECT j.id, j.owner, j.name FROM fairdb.scoring_jobs AS j) AS t WHERE t.id = NEW.job;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_internal.notify_alert() IS
  'trigger function of kept_alerts: tells listeners of fairdb_alert that an alert was opened or closed';
CREATE TRIGGER notify_alert AFTER INSERT OR UPDATE OF closed_at ON kept_alerts FOR EACH ROW EXECUTE FUNCTION fairdb_internal.notify_alert();
COMMENT ON TRIGGER notify_alert ON kept_alerts IS 'tells listeners of fairdb_alert that an alert was opened or closed';

-- Windows of time: disjoint, aligned, the same in every session; and sources that mean the same in every session.

CREATE FUNCTION fairdb_jobs.source_query(source text) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_source_query'
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100;
COMMENT ON FUNCTION fairdb_jobs.source_query(text) IS
  'The query that a source stands for in this session: of a name with its schema, in quotes where they are needed. Errors are those of the source.';

CREATE FUNCTION fairdb_jobs.group_expression(source text, names names) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_group_expression'
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100;
COMMENT ON FUNCTION fairdb_jobs.group_expression(text, names) IS
  'What names the group of a row of a source by these columns, as audit() does; of a source that Citus distributes as a text, which its workers can be sent.';

CREATE FUNCTION window_start(every interval, time_zone text, "time" timestamptz) RETURNS timestamptz
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  months int := extract(year FROM every) * 12 + extract(month FROM every);
  days int := extract(day FROM every);
  seconds float8 := extract(epoch FROM every - make_interval(months => months, days => days));
  -- A Monday, and the first day of a month, a quarter and a year.
  origin constant timestamp := '2001-01-01';
  local timestamp;
  start timestamp;
BEGIN
  IF (months <> 0)::int + (days <> 0)::int + (seconds <> 0)::int <> 1 OR months < 0 OR days < 0 OR seconds < 0 OR (seconds > 0 AND seconds < 60) THEN
    RAISE EXCEPTION 'windows of % are not supported', every
      USING ERRCODE = 'invalid_parameter_value', HINT = 'every is a number of months, of days or weeks, or of hours, minutes and seconds, at least a minute: ''1 week'', ''3 months'', ''6 hours''.';
  END IF;
  -- Hours are counted without regard to clocks that are put forward or back.
  IF seconds > 0 THEN
    RETURN to_timestamp(floor((extract(epoch FROM "time")::float8 - 978307200) / seconds) * seconds + 978307200);
  END IF;
  local := "time" AT TIME ZONE time_zone;
  IF days > 0 THEN
    start := origin + make_interval(days => floor((local::date - origin::date)::numeric / days)::int * days);
  ELSE
    -- There is no year 0.
    start := origin + make_interval(months => floor(((extract(year FROM local) + (extract(year FROM local) < 0)::int - 2001) * 12 + extract(month FROM local) - 1)::numeric / months)::int * months);
  END IF;
  -- Where clocks are put back at midnight, the first of its two midnights is still of the window before.
  IF start AT TIME ZONE time_zone > "time" THEN
    start := start - every;
  END IF;
  RETURN start AT TIME ZONE time_zone;
END $$;
COMMENT ON FUNCTION window_start(interval, text, timestamptz) IS
  'When the window begins in which a time is. Windows of months begin on the first of a month, of weeks on a Monday, of days at midnight of the time zone, and longer ones are counted from 2001-01-01; those of hours and minutes are counted from its beginning in UTC.';

CREATE FUNCTION window_end(every interval, time_zone text, "from" timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  AS $$ SELECT CASE WHEN extract(day FROM every) OPERATOR(pg_catalog.=) 0 AND extract(month FROM every) OPERATOR(pg_catalog.=) 0 AND extract(year FROM every) OPERATOR(pg_catalog.=) 0
    THEN "from" OPERATOR(pg_catalog.+) every
    -- A day may begin at one o'clock.
    ELSE pg_catalog.timezone(time_zone, pg_catalog.timezone(time_zone, "from")::pg_catalog.date OPERATOR(pg_catalog.+) every) END $$;
COMMENT ON FUNCTION window_end(interval, text, timestamptz) IS
  'When the window ends, and the next one begins, that begins at a time.';

CREATE FUNCTION fairdb_jobs.source_column_type(query text, name text, argument text) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
-- Without SET: the query is read under the search_path that its source is read under.
DECLARE
  type pg_catalog.text;
BEGIN
  BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.pg_typeof((SELECT s.%I FROM (%s) AS s WHERE false))::pg_catalog.text', name, query) INTO type;
  EXCEPTION
    WHEN undefined_column THEN
      RAISE EXCEPTION 'column "%", named by %, is not in the source', name, argument USING ERRCODE = 'undefined_column';
  END;
  RETURN type;
END $$;
COMMENT ON FUNCTION fairdb_jobs.source_column_type(text, text, text) IS
  'The type of a column of a query, which is read under the present search_path; an error that names the argument which has named the column.';

-- Audits by windows: what a run is, and when it is due.

CREATE FUNCTION fairdb_jobs.require_session_role() RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A SECURITY DEFINER function would run what its caller has written with the rights of its owner.
  IF CURRENT_USER <> coalesce(nullif(current_setting('role', true), 'none'), SESSION_USER) THEN
    RAISE EXCEPTION 'a job is not created or run within a SECURITY DEFINER function'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Call it as the role that owns the job: with SET ROLE, or on a schedule of that role. request_run asks the owner of an audit for a run.';
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.require_session_role() IS
  'An error within a SECURITY DEFINER function: jobs run as the role of the session.';

CREATE FUNCTION fairdb_jobs.is_confirmed(entered_by name) RETURNS bool
  LANGUAGE sql STABLE
  AS $$ SELECT coalesce(pg_catalog.pg_has_role(pg_catalog.to_regrole(pg_catalog.quote_ident($1)), pg_catalog.to_regrole(pg_catalog.quote_ident(CURRENT_USER)), 'MEMBER'), false) $$;
COMMENT ON FUNCTION fairdb_jobs.is_confirmed(name) IS
  'Whether a job of the current user was entered by a role that may act as that user, or confirmed.';

CREATE FUNCTION fairdb_jobs.require_confirmed(job text, entered_by name) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A job that somebody else has restored would run his text with this role's rights.
  IF NOT fairdb_jobs.is_confirmed(entered_by) THEN
    RAISE EXCEPTION 'job "%" was entered by role "%" and does not run', job, entered_by USING ERRCODE = 'insufficient_privilege',
      HINT = 'Read its definition, in fairdb.audits or fairdb.scoring_jobs; select fairdb.confirm_jobs() makes all of them run.';
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.require_confirmed(text, name) IS
  'An error for a job that another role has restored and its owner has not confirmed.';

CREATE FUNCTION fairdb_jobs.own_audit(name text) RETURNS audits
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.audits;
BEGIN
  SELECT a.* INTO found FROM fairdb.audits AS a WHERE a.owner = CURRENT_USER AND a.name = own_audit.name;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" of role "%"', own_audit.name, CURRENT_USER
      USING ERRCODE = 'invalid_parameter_value',
            HINT = coalesce((SELECT format('Role %s has one: SET ROLE %s first.', quote_ident(a.owner), quote_ident(a.owner)) FROM fairdb.audits AS a WHERE a.name = own_audit.name ORDER BY a.owner LIMIT 1),
                            'select owner, name from fairdb.audits lists them; create_audit makes one.');
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.own_audit(text) IS
  'The row of an audit of the current user, by its name.';

CREATE FUNCTION fairdb_jobs.visible_audit(name text, owner name DEFAULT NULL) RETURNS audits
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.audits;
BEGIN
  SELECT a.* INTO found FROM fairdb.audits AS a WHERE a.owner = coalesce(visible_audit.owner, CURRENT_USER) AND a.name = visible_audit.name;
  IF found.id IS NULL THEN
    SELECT a.* INTO found FROM fairdb.dropped_audits AS a WHERE a.owner = coalesce(visible_audit.owner, CURRENT_USER) AND a.name = visible_audit.name ORDER BY a.dropped_at DESC LIMIT 1;
  END IF;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" of role "%" that you may read', visible_audit.name, coalesce(visible_audit.owner, CURRENT_USER)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.audits lists those that you may; of another owner than yourself: owner => ''...''.';
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.visible_audit(text, name) IS
  'The row of an audit of the current user, or of another owner of whose role that user is a member; where there is none of the name, of the last one that was dropped.';

CREATE FUNCTION fairdb_jobs.exact_text("time" timestamptz, time_zone text) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  AS $$ SELECT CASE WHEN "time" OPERATOR(pg_catalog.<) '0001-01-02 00:00+00'::pg_catalog.timestamptz THEN pg_catalog.to_char(pg_catalog.timezone(time_zone, "time"), 'YYYY-MM-DD HH24:MI:SS.US BC') ELSE pg_catalog.to_char(pg_catalog.timezone(time_zone, "time"), 'YYYY-MM-DD HH24:MI:SS.US') END $$;
COMMENT ON FUNCTION fairdb_jobs.exact_text(timestamptz, text) IS
  'A time as the clocks of a zone show it, in a form that every session reads alike.';

CREATE FUNCTION fairdb_jobs.scores_of_parts(query text) RETURNS distribution
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  -- The server groups partition by partition only where it is told to. The query is read under the search_path of its source.
  SET enable_partitionwise_aggregate = on AS $$
DECLARE
  whole fairdb.distribution;
BEGIN
  EXECUTE pg_catalog.format('SELECT fairdb.compact(fairdb.rollup(p.part)) FROM (%s) AS p', query) INTO whole;
  RETURN whole;
END $$;
COMMENT ON FUNCTION fairdb_jobs.scores_of_parts(text) IS
  'The distribution that the distributions of a query''s column "part" have together, of which servers with partitions count their own.';

CREATE FUNCTION fairdb_jobs.count_window(audit audits, "from" timestamptz, until timestamptz, version int) RETURNS TABLE (
  snapshot text,
  source_digest text,
  model_digest text,
  confusion confusion,
  strata jsonb,
  distribution distribution,
  n bigint,
  coverage float8
)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  query text;
  definition text;
  relation regclass;
  type text;
  rows_of_window text;
  decision text := audit.y_pred;
  score text := audit.score;
  counting text;
  people text;
  scores text;
  labels text[];
  counted fairdb.confusion[];
BEGIN
  -- As in the session that created the audit; both end with this function. Until it is set back every name below is qualified.
  PERFORM set_config('TimeZone', audit.time_zone, true);
  PERFORM set_config('search_path', audit.search_path, true);
  query := fairdb_jobs.source_query(audit.source);
  IF audit.at IS NOT NULL THEN
    type := fairdb_jobs.source_column_type(query, audit.at, 'at');
  END IF;
  people := fairdb_jobs.group_expression(query, audit.sensitive::pg_catalog.text::fairdb.names);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- A digest of what the source means: of a view also its definition, of a table its columns.
  definition := query;
  IF query NOT LIKE 'SELECT * FROM (%' THEN
    relation := substr(query, length('SELECT * FROM ') + 1)::regclass;
    definition := query || E'\n' || coalesce((SELECT pg_get_viewdef(c.oid) FROM pg_class AS c WHERE c.oid = relation AND c.relkind IN ('v', 'm')), '')
      || E'\n' || (SELECT string_agg(quote_ident(t.attname) || ' ' || format_type(t.atttypid, t.atttypmod), ', ' ORDER BY t.attnum)
                   FROM pg_attribute AS t WHERE t.attrelid = relation AND t.attnum > 0 AND NOT t.attisdropped);
  END IF;
  source_digest := encode(sha256(convert_to(definition, 'UTF8')), 'hex');
  rows_of_window := format('SELECT s.* FROM (%s) AS s', query);
  IF type NOT IN ('timestamp with time zone', 'timestamp without time zone', 'date') THEN
    RAISE EXCEPTION 'column "%", named by at, has type %, expected timestamptz, timestamp or date', audit.at, type
      USING ERRCODE = 'datatype_mismatch';
  END IF;
  IF type = 'date' AND audit.every < '1 day' THEN
    RAISE EXCEPTION 'column "%", named by at, is a date, and windows are shorter than a day', audit.at USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF "from" = until THEN
    -- Of an audit that is being created: that a feature of its model is missing shows at a row.
    rows_of_window := rows_of_window || CASE WHEN audit.y_pred IS NULL THEN ' LIMIT 1' ELSE ' WHERE false' END;
  ELSIF audit.at IS NOT NULL THEN
    -- Times of a clock are compared as such, days with days, but where windows are parts of a day: an hour of the clock may come twice.
    IF type = 'timestamp without time zone' AND audit.every < '1 day' THEN
      rows_of_window := rows_of_window || format(' WHERE pg_catalog.timezone(%L, s.%I) OPERATOR(pg_catalog.>=) %L::pg_catalog.timestamptz AND pg_catalog.timezone(%L, s.%I) OPERATOR(pg_catalog.<) %L::pg_catalog.timestamptz',
        audit.time_zone, audit.at, fairdb_jobs.exact_text("from", 'UTC') || '+00', audit.time_zone, audit.at, fairdb_jobs.exact_text(until, 'UTC') || '+00');
    ELSE
      rows_of_window := rows_of_window || (
        SELECT format(' WHERE s.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.%s AND s.%I OPERATOR(pg_catalog.<) %L::pg_catalog.%s',
          audit.at, fairdb_jobs.exact_text("from", b.zone) || b.suffix, b.short, audit.at, fairdb_jobs.exact_text(until, b.zone) || b.suffix, b.short)
        FROM (SELECT CASE WHEN type = 'timestamp with time zone' THEN 'UTC' ELSE audit.time_zone END AS zone, CASE WHEN type = 'timestamp with time zone' THEN '+00' ELSE '' END AS suffix,
                CASE type WHEN 'timestamp with time zone' THEN 'timestamptz' WHEN 'timestamp without time zone' THEN 'timestamp' ELSE 'date' END AS short) AS b);
    END IF;
  END IF;
  IF audit.model IS NOT NULL AND audit.y_pred IS NULL THEN
    SELECT m.digest INTO model_digest FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.version = count_window.version;
    IF model_digest IS NULL THEN
      RAISE EXCEPTION 'model "%" of role "%" has no version %', audit.model, audit.model_owner, count_window.version
        USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, active from fairdb.models lists the versions that you may use.';
    END IF;
    decision := 'fairdb: decision';
    score := coalesce(score, 'fairdb: score');
    rows_of_window := format('SELECT w.*, w."fairdb: score" OPERATOR(pg_catalog.>=) 0 AS "fairdb: decision" FROM (SELECT fairdb_source.*, fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), fairdb_source) AS "fairdb: score" FROM (%s) AS fairdb_source OFFSET 0) AS w',
      audit.model_owner, audit.model, count_window.version, rows_of_window);
  END IF;
  -- In one statement: on one snapshot, whatever the isolation level. Scores are counted by the columns of within too.
  IF score IS NOT NULL THEN
    scores := format('fairdb.distribution_agg(%I::pg_catalog.float8, %s%s)', score, people,
      CASE WHEN audit.weight IS NULL THEN '' ELSE format(', %I::pg_catalog.float8', audit.weight) END);
    IF audit.within IS NULL THEN
      scores := format('(SELECT fairdb.compact(%s) FROM (%s) AS s)', scores, rows_of_window);
    ELSE
      scores := format('fairdb_jobs.scores_of_parts(%L)', format('SELECT %s AS part FROM (%s) AS s GROUP BY %s', scores, rows_of_window,
        (SELECT string_agg(quote_ident(c), ', ') FROM unnest(audit.within) AS c)));
    END IF;
  END IF;
  counting := format('SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, c.strata, c.confusions, %s FROM (SELECT pg_catalog.array_agg(a.stratum ORDER BY a.stratum COLLATE pg_catalog."C") AS strata, pg_catalog.array_agg(a.confusion ORDER BY a.stratum COLLATE pg_catalog."C") AS confusions FROM fairdb.audit_confusions(%L, %L, %L, %L::fairdb.names, %L::fairdb.names, %L, %L::fairdb.option_value, %L::fairdb.names) AS a WHERE pg_catalog.cardinality(a.attributes) OPERATOR(pg_catalog.=) %s) AS c',
    coalesce(scores, 'NULL::fairdb.distribution'), rows_of_window, audit.y_true, decision, audit.sensitive, audit.strata, audit.weight, audit.positive, audit.within, cardinality(audit.sensitive));
  PERFORM set_config('search_path', audit.search_path, true);
  EXECUTE counting INTO snapshot, labels, counted, distribution;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT fairdb.rollup(u.value) INTO confusion FROM unnest(counted) AS u (value);
  IF audit.strata IS NOT NULL THEN
    SELECT jsonb_agg(jsonb_build_object('stratum', u.label, 'confusion', u.value::jsonb) ORDER BY u.place) INTO strata
    FROM unnest(labels, counted) WITH ORDINALITY AS u (label, value, place);
  END IF;
  SELECT o.n, o.label_coverage INTO n, coverage FROM fairdb.overall(confusion) AS o;
  n := coalesce(n, 0);
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION fairdb_jobs.count_window(audits, timestamptz, timestamptz, int) IS
  'What an audit counts now of a window, with the version of its model: what run_audit stores and replay compares.';

CREATE FUNCTION fairdb_jobs.run_window(audit audits, "from" timestamptz, until timestamptz, candidate int DEFAULT 0) RETURNS bool
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  counted record;
  last record;
  version int := nullif(candidate, 0);
BEGIN
  SELECT r.attempt, r.model_version, r.confusion, r.strata, r.distribution INTO last
  FROM fairdb.runs AS r
  WHERE r.audit = run_window.audit.id AND r.candidate = run_window.candidate AND r."from" = run_window."from"
  ORDER BY r.attempt DESC LIMIT 1;
  -- What one version has decided is not counted again with another one's decisions.
  IF last.attempt IS NOT NULL AND candidate = 0 AND audit.model IS NOT NULL AND audit.at IS NOT NULL THEN
    version := last.model_version;
    IF audit.y_pred IS NULL AND NOT EXISTS (SELECT FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.version = last.model_version) THEN
      RETURN false;  -- it was dropped, and cannot be asked
    END IF;
  ELSIF audit.model IS NOT NULL AND version IS NULL THEN
    SELECT m.version INTO version FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.active;
    IF version IS NULL AND audit.y_pred IS NULL THEN
      RAISE EXCEPTION 'no version of model "%" of role "%" is active', audit.model, audit.model_owner
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'activate_model makes one the active one; run_audit(name, version => ...) audits a version before that.';
    END IF;
  END IF;
  SELECT c.* INTO counted FROM fairdb_jobs.count_window(audit, "from", until, version) AS c;
  IF last.attempt IS NOT NULL AND (audit.y_pred IS NOT NULL OR last.model_version IS NOT DISTINCT FROM version) AND last.strata IS NOT DISTINCT FROM counted.strata
    AND coalesce(last.confusion OPERATOR(fairdb.=) counted.confusion, last.confusion IS NULL AND counted.confusion IS NULL)
    AND coalesce(last.distribution OPERATOR(fairdb.=) counted.distribution, last.distribution IS NULL AND counted.distribution IS NULL) THEN
    RETURN false;
  END IF;
  INSERT INTO fairdb.runs (audit, "from", until, attempt, candidate, snapshot, source, source_digest, model_owner, model_version, model_digest, n, coverage, confusion, strata, distribution)
  VALUES (audit.id, run_window."from", run_window.until, coalesce(last.attempt, 0) + 1, run_window.candidate, counted.snapshot, audit.source, counted.source_digest,
    audit.model_owner, version, counted.model_digest, counted.n, counted.coverage, counted.confusion, counted.strata, counted.distribution);
  RETURN true;
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_window(audits, timestamptz, timestamptz, int) IS
  'Counts one window of an audit, and stores a new attempt unless the last one says the same: a part of run_audit and run_due. Whether it has stored one.';

CREATE FUNCTION fairdb_jobs.job_lock(job uuid) RETURNS bool
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The row, which only its owner's roles can lock: anybody could take an advisory lock, and keep it.
  PERFORM FROM fairdb.audits AS a WHERE a.id = job FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN true;
  END IF;
  PERFORM FROM fairdb.scoring_jobs AS j WHERE j.id = job FOR UPDATE SKIP LOCKED;
  RETURN FOUND;
END $$;
COMMENT ON FUNCTION fairdb_jobs.job_lock(uuid) IS
  'Takes the lock of a job until the transaction ends; false when another session runs it.';

CREATE FUNCTION create_audit(
  name text,
  source text,
  y_true text,
  y_pred text,
  sensitive names,
  at text DEFAULT NULL,
  score text DEFAULT NULL,
  every interval DEFAULT '1 week',
  label_delay interval DEFAULT '0',
  recount interval DEFAULT '0',
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  min_group bigint DEFAULT 10,
  model text DEFAULT NULL,
  starts timestamptz DEFAULT NULL,
  time_zone text DEFAULT NULL,
  within names DEFAULT NULL
) RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
  -- Before anything else, and without a SET clause: the caller's search_path is what the source is read under.
  path pg_catalog.text := pg_catalog.current_setting('search_path');
BEGIN
  RETURN fairdb_jobs.enter_audit(path, name, source, y_true, y_pred, sensitive::pg_catalog.text::pg_catalog.text[], at, score, every, label_delay, recount,
    strata::pg_catalog.text::pg_catalog.text[], weight, positive::pg_catalog.text, min_group, model, starts, coalesce(time_zone, pg_catalog.current_setting('TimeZone')), within::pg_catalog.text::pg_catalog.text[]);
END $$;
COMMENT ON FUNCTION create_audit(text, text, text, text, names, text, text, interval, interval, interval, names, text, option_value, bigint, text, timestamptz, text, names) IS
  'Creates an audit that run_due runs, of the current user, and returns when its first run is due: select create_audit(''loans'', ''decisions'', ''repaid'', ''approved'', ''{sex}'', at => ''decided_at''). Windows of length every, aligned (window_start), each counted when it has ended and label_delay has passed, and again whenever a later one is due until recount has passed, too. at NULL: the whole source as it is, once in every. The first window is the one that the present is in, or starts is. y_true NULL: no labels. y_pred NULL and model: the decisions of that registered model. The source is read as in this session: its search_path and time zone are kept. min_group: the smallest group that is shown to those whom the audit is granted to. within: columns by which each run counts first, as for audit(): the key of partitions on other servers.';

CREATE FUNCTION fairdb_jobs.enter_audit(search_path text, name text, source text, y_true text, y_pred text, sensitive text[], at text, score text, every interval, label_delay interval, recount interval, strata text[], weight text, positive text, min_group bigint, model text, starts timestamptz, time_zone text, within text[]) RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered fairdb.audits;
  kind text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF name IS NULL OR source IS NULL OR sensitive IS NULL OR every IS NULL OR label_delay IS NULL OR recount IS NULL OR min_group IS NULL THEN
    RAISE EXCEPTION 'name, source, sensitive, every, label_delay, recount and min_group must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of an audit has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF label_delay < '0' OR recount < '0' OR min_group < 0 THEN
    RAISE EXCEPTION 'label_delay, recount and min_group must not be negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM now() AT TIME ZONE time_zone;
  IF NOT isfinite(starts) THEN
    RAISE EXCEPTION 'starts must be a time' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF at IS NULL AND (label_delay > '0' OR recount > '0' OR starts IS NOT NULL) THEN
    RAISE EXCEPTION 'label_delay, recount and starts are of windows, and the audit has none' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'at => ''...'' names the column with the time of a row.';
  END IF;
  IF y_pred IS NULL AND model IS NULL THEN
    RAISE EXCEPTION 'y_pred must not be NULL' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'It names the column of the decisions; or model => ''...'' a registered model that decides.';
  END IF;
  IF EXISTS (SELECT FROM fairdb.audits AS a WHERE a.owner = CURRENT_USER AND a.name = enter_audit.name) THEN
    RAISE EXCEPTION 'audit "%" exists already', name USING ERRCODE = 'duplicate_object',
      HINT = 'drop_audit ends it, and what it has stored stays.';
  END IF;
  entered.name := name;
  entered.source := source;
  entered.search_path := search_path;
  entered.y_true := y_true;
  entered.y_pred := y_pred;
  entered.sensitive := sensitive;
  entered.at := at;
  entered.score := score;
  entered.every := every;
  entered.time_zone := time_zone;
  entered.strata := strata;
  entered.within := nullif(within, '{}');
  entered.weight := weight;
  entered.positive := positive;
  entered.model := model;
  entered.next_from := fairdb.window_start(every, time_zone, coalesce(starts, now()));
  entered.starts := CASE WHEN at IS NULL THEN '-infinity' ELSE entered.next_from END;
  IF at IS NULL THEN
    entered.next_from := '-infinity';
  ELSIF entered.next_from + every * 100000 < now() THEN
    RAISE EXCEPTION 'more than 100000 windows of % have passed since starts', every USING ERRCODE = 'program_limit_exceeded', HINT = 'Take longer windows, or a later start.';
  END IF;
  -- Out of the range of times now, not later.
  PERFORM fairdb.window_end(every, time_zone, fairdb.window_start(every, time_zone, now())) + label_delay + recount;
  IF model IS NOT NULL THEN
    entered.model_owner := fairdb.model_owner(model);
    SELECT fairdb.describe(m.model) ->> 'target_kind' INTO kind FROM fairdb.models AS m
    WHERE m.owner = entered.model_owner AND m.name = enter_audit.model ORDER BY m.active DESC, m.version DESC LIMIT 1;
    IF kind IS NULL THEN
      RAISE EXCEPTION 'there is no model "%" that you may use', model USING ERRCODE = 'invalid_parameter_value', HINT = 'save_model registers one.';
    END IF;
    IF y_pred IS NULL AND kind <> 'binary' THEN
      RAISE EXCEPTION 'model "%" estimates a number and decides nothing', model USING ERRCODE = 'invalid_parameter_value', HINT = 'Name a column of decisions: y_pred.';
    END IF;
  END IF;
  -- Errors of the source and its columns come now: a window without rows is counted.
  PERFORM fairdb_jobs.count_window(entered, 'epoch', 'epoch', (SELECT max(m.version) FROM fairdb.models AS m WHERE m.owner = entered.model_owner AND m.name = entered.model));
  INSERT INTO fairdb.audits (id, owner, name, source, search_path, y_true, y_pred, sensitive, at, score, every, time_zone, label_delay, recount, strata, within, weight, positive, min_group, model, model_owner, starts, next_from, created_at, entered_by, settled, failures)
  VALUES (gen_random_uuid(), CURRENT_USER, name, source, search_path, y_true, y_pred, sensitive, at, score, every, time_zone, label_delay, recount, strata, entered.within, weight, positive, min_group, model, entered.model_owner, entered.starts, entered.next_from, now(), CURRENT_USER, '-infinity', 0);
  RETURN CASE WHEN at IS NULL THEN now() ELSE fairdb.window_end(every, time_zone, entered.next_from) + label_delay END;
END $$;
COMMENT ON FUNCTION fairdb_jobs.enter_audit(text, text, text, text, text, text[], text, text, interval, interval, interval, text[], text, text, bigint, text, timestamptz, text, text[]) IS
  'What create_audit does, with the search_path that the source is read under: call create_audit.';

CREATE FUNCTION drop_audit(name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(drop_audit.name);
  models text;
BEGIN
  SELECT string_agg(quote_ident(g.model), ', ' ORDER BY g.model) INTO models FROM fairdb.gates AS g WHERE g.audit = a.id AND g.dropped_at IS NULL;
  IF models IS NOT NULL THEN
    RAISE EXCEPTION 'audit "%" is required of models: %', a.name, models USING ERRCODE = 'dependent_objects_still_exist',
      HINT = 'drop_requirement(model, audit) ends that.';
  END IF;
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the audit was dropped' WHERE o.job = a.id AND o.closed_at IS NULL;
  UPDATE fairdb.audits AS t SET dropped_at = now() WHERE t.id = a.id;
END $$;
COMMENT ON FUNCTION drop_audit(text) IS
  'Ends an audit of the current user. Its runs and alerts stay, in the view runs; its name may be used again.';

-- The next window, or nothing. The lock is held.
CREATE FUNCTION fairdb_jobs.audit_step(audit audits) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := audit;
  w_from timestamptz;
  w_until timestamptz;
  final_at timestamptz;
  request record;
  stored bool;
  w record;
BEGIN
  IF a.at IS NULL THEN
    w_from := fairdb.window_start(a.every, a.time_zone, now());
    IF w_from >= a.next_from THEN
      w_until := fairdb.window_end(a.every, a.time_zone, w_from);
      PERFORM fairdb_jobs.run_window(a, w_from, w_until);
      UPDATE fairdb.audits AS t SET next_from = w_until WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
      RETURN 'run';
    END IF;
  ELSE
    w_until := fairdb.window_end(a.every, a.time_zone, a.next_from);
    IF w_until + a.label_delay <= now() THEN
      PERFORM fairdb_jobs.run_window(a, a.next_from, w_until);
      UPDATE fairdb.audits AS t
      SET next_from = w_until,
        settled = CASE WHEN a.recount = '0' THEN greatest(t.settled, w_until) ELSE t.settled END,
        recount_from = CASE WHEN a.recount > '0' THEN '-infinity'::timestamptz END
      WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
      RETURN 'run';
    END IF;
    IF a.recount_from IS NOT NULL THEN
      SELECT r."from", r.until, max(r.counted_at) AS counted_at INTO w
      FROM fairdb.runs AS r
      WHERE r.audit = a.id AND r.candidate = 0 AND r.until > a.settled AND r."from" >= a.recount_from
      GROUP BY r."from", r.until ORDER BY r."from" LIMIT 1;
      final_at := w.until + a.label_delay + a.recount;
      -- The newest window has just been counted.
      IF w."from" IS NULL OR w.until = a.next_from AND final_at > now() THEN
        UPDATE fairdb.audits AS t SET recount_from = NULL WHERE t.id = a.id;
        RETURN 'pass';
      END IF;
      stored := w.counted_at < final_at AND fairdb_jobs.run_window(a, w."from", w.until);
      UPDATE fairdb.audits AS t
      SET recount_from = w.until, settled = CASE WHEN final_at <= now() THEN w.until ELSE t.settled END
      WHERE t.id = a.id;
      IF stored THEN
        PERFORM fairdb_jobs.follow_limits(a);
      END IF;
      RETURN 'recount';
    END IF;
  END IF;
  -- A window at a time, from the audit's first one on: what is asked for changes no verdict of another one.
  SELECT q.id, q.until, greatest(coalesce(q.done_until, q."from"), a.starts) AS next INTO request
  FROM fairdb.own_requests AS q WHERE q.audit = a.id AND q.done_at IS NULL ORDER BY q.requested_at, q.id LIMIT 1;
  IF request.id IS NOT NULL THEN
    request.next := fairdb.window_start(a.every, a.time_zone, request.next);
    w_until := fairdb.window_end(a.every, a.time_zone, request.next);
    IF request.next >= request.until OR w_until + a.label_delay > now() THEN
      UPDATE fairdb.own_requests AS q SET done_at = clock_timestamp(), outcome = 'done' WHERE q.id = request.id;
      RETURN 'pass';
    END IF;
    PERFORM fairdb_jobs.run_windows(a, request.next, w_until);
    UPDATE fairdb.own_requests AS q SET done_until = w_until WHERE q.id = request.id;
    RETURN 'request';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_jobs.audit_step(audits) IS
  'Does what is due next of an audit whose lock is held: a missing window (run), one that is counted again (recount, pass), what somebody has asked for (request), or nothing (NULL). A part of run_due.';

CREATE FUNCTION fairdb_jobs.run_windows(audit audits, "from" timestamptz, until timestamptz, candidate int DEFAULT 0, OUT stored bigint, OUT closed bigint, OUT not_due bool)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := audit;
  w_from timestamptz := fairdb.window_start(a.every, a.time_zone, "from");
  w_until timestamptz;
BEGIN
  stored := 0;
  closed := 0;
  not_due := false;
  WHILE w_from < run_windows.until LOOP
    w_until := fairdb.window_end(a.every, a.time_zone, w_from);
    IF w_until + a.label_delay > now() THEN
      not_due := true;
      EXIT;
    ELSIF candidate = 0 AND w_until <= a.settled AND EXISTS (SELECT FROM fairdb.runs AS r WHERE r.audit = a.id AND r.candidate = 0 AND r."from" = w_from) THEN
      closed := closed + 1;
    ELSE
      IF fairdb_jobs.run_window(a, w_from, w_until, candidate) THEN
        stored := stored + 1;
      END IF;
      IF candidate = 0 AND w_from = a.next_from THEN
        a.next_from := w_until;
        UPDATE fairdb.audits AS t
        SET next_from = w_until, settled = CASE WHEN a.recount = '0' THEN greatest(t.settled, w_until) ELSE t.settled END
        WHERE t.id = a.id;
      END IF;
    END IF;
    w_from := w_until;
  END LOOP;
  IF candidate = 0 AND stored > 0 THEN
    PERFORM fairdb_jobs.follow_limits(a);
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_windows(audits, timestamptz, timestamptz, int) IS
  'Counts the windows of an audit, whose lock is held, that lie at least in part between two times: how many have a new value, how many are closed and were left as they are, and whether some are not due. A part of run_audit.';

CREATE FUNCTION run_audit(name text, "from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, version int DEFAULT NULL) RETURNS SETOF runs
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  before bigint;
  counted record;
  first timestamptz := "from";
  last timestamptz := until;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  a := fairdb_jobs.own_audit(run_audit.name);
  IF NOT fairdb_jobs.job_lock(a.id) THEN
    RAISE NOTICE 'audit "%" is already running', a.name;
    RETURN;
  END IF;
  -- What another session has done meanwhile.
  a := fairdb_jobs.own_audit(run_audit.name);
  PERFORM fairdb_jobs.require_confirmed(a.name, a.entered_by);
  PERFORM fairdb_jobs.note_success('audit', a.id);
  IF version IS NOT NULL AND (a.model IS NULL OR a.y_pred IS NOT NULL) THEN
    RAISE EXCEPTION 'audit "%" is of no model''s decisions', a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'version is for audits that were created with model and without y_pred.';
  END IF;
  IF a.at IS NULL THEN
    IF "from" IS NOT NULL OR until IS NOT NULL THEN
      RAISE EXCEPTION 'audit "%" has no windows', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'It is of the whole source: leave from and until out.';
    END IF;
    first := fairdb.window_start(a.every, a.time_zone, now());
    last := fairdb.window_end(a.every, a.time_zone, first);
    PERFORM fairdb_jobs.run_window(a, first, last, coalesce(version, 0));
    IF version IS NULL THEN
      UPDATE fairdb.audits AS t SET next_from = last WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
    END IF;
  ELSIF first IS NULL AND last IS NULL AND version IS NULL THEN
    SELECT coalesce(max(r.number), 0) INTO before FROM fairdb.runs AS r WHERE r.audit = a.id;
    WHILE fairdb_jobs.audit_step(a) IS NOT NULL LOOP
      a := fairdb_jobs.own_audit(run_audit.name);
    END LOOP;
    RETURN QUERY SELECT r.* FROM fairdb.runs AS r WHERE r.audit = a.id AND r.number > before ORDER BY r.number;
    RETURN;
  ELSE
    -- Without a time: the newest window that is due.
    first := coalesce(first, fairdb.window_start(a.every, a.time_zone, coalesce(last - interval '1 microsecond', fairdb.window_start(a.every, a.time_zone, now() - a.label_delay) - interval '1 microsecond')));
    last := coalesce(last, fairdb.window_start(a.every, a.time_zone, now() - a.label_delay));
    SELECT t.* INTO counted FROM fairdb_jobs.run_windows(a, first, last, coalesce(version, 0)) AS t;
    IF counted.closed > 0 THEN
      RAISE NOTICE '% windows of audit "%" are closed: they keep their value', counted.closed, a.name
        USING HINT = 'Windows are counted again until recount has passed. replay tells what counting one now would give.';
    END IF;
    IF counted.not_due THEN
      RAISE NOTICE 'windows of audit "%" that have not ended, or whose labels are not due, are not counted', a.name;
    END IF;
    first := fairdb.window_start(a.every, a.time_zone, first);
  END IF;
  RETURN QUERY
    SELECT r.* FROM fairdb.runs AS r
    WHERE r.audit = a.id AND r.candidate = coalesce(run_audit.version, 0) AND r."from" >= first AND r."from" < last
      AND r.number IN (SELECT l.number FROM fairdb.last_runs AS l WHERE l.audit = a.id)
    ORDER BY r."from";
END $$;
COMMENT ON FUNCTION run_audit(text, timestamptz, timestamptz, int) IS
  'Runs an audit of the current user now, in this transaction, and returns what it has stored: all that is due; or, with "from" and until, the windows between them, for history from before the audit was created. A window is counted when it has ended and its labels are due, and not again once it is closed. version: with the decisions of that version of the audit''s model, active or not, as require_fair needs it.';

-- Limits of audits, and the alerts that they open.

CREATE FUNCTION fairdb_jobs.limit_verdicts(limit_id uuid, version int DEFAULT NULL) RETURNS TABLE (
  run bigint,
  "from" timestamptz,
  until timestamptz,
  value float8,
  lower float8,
  upper float8,
  verdict text,
  alert bool,
  reason text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l fairdb.limits;
  a fairdb.audits;
  fields int[];
BEGIN
  SELECT t.* INTO l FROM fairdb.limits AS t WHERE t.id = limit_verdicts.limit_id;
  IF l.id IS NULL THEN
    RETURN;
  END IF;
  SELECT t.* INTO a FROM fairdb.audits AS t WHERE t.id = l.audit;
  IF l.attributes <> a.sensitive THEN
    SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(l.attributes) WITH ORDINALITY AS u (name, place);
  END IF;
  -- With a version, what was counted otherwise comes first: it tells which groups there are.
  RETURN QUERY
    WITH windows AS MATERIALIZED (
      SELECT row_number() OVER (ORDER BY coalesce(r.model_version = limit_verdicts.version, false), r."from", r.number) AS place, r.number, r."from", r.until,
        limit_verdicts.version IS NULL OR r.model_version = limit_verdicts.version AS shown,
        CASE WHEN fields IS NULL THEN r.confusion ELSE fairdb.marginal(r.confusion, fields) END AS confusion
      FROM fairdb.last_runs AS r
      WHERE r.audit = a.id AND (limit_verdicts.version IS NOT NULL OR r.candidate = 0 AND r."from" >= l.since))
    SELECT w.number, w."from", w.until, j.value, j.lower, j.upper, j.verdict, j.alert, j.reason
    FROM fairdb.judge((SELECT array_agg(w.confusion ORDER BY w.place) FROM windows AS w), l.metric, l.at_most, l.at_least, l.rule, l.budget, l.looks, l.min_coverage, l.min_n) AS j
      JOIN windows AS w ON w.place = j.number AND w.shown
    ORDER BY j.number;
END $$;
COMMENT ON FUNCTION fairdb_jobs.limit_verdicts(uuid, int) IS
  'What judge says of the windows of a limit''s audit; with version, of those that were counted with that version of its model. The view verdicts shows it for all limits.';

CREATE VIEW verdicts WITH (security_barrier) AS
  SELECT l.owner, l.audit_name, l.metric, l.attributes, coalesce(l.at_most, l.at_least) AS "limit", v.*
  FROM limits AS l CROSS JOIN LATERAL fairdb_jobs.limit_verdicts(l.id) AS v;
COMMENT ON VIEW verdicts IS
  'For each limit and window: within, above, undecided or insufficient, and whether an alert is open after it. lower and upper are the bounds that decide. It is a function of the last attempt of each window, so a window that was counted again may have another verdict than on the day.';
GRANT SELECT ON verdicts TO PUBLIC;

CREATE FUNCTION add_limit(
  audit text,
  metric text,
  at_most float8 DEFAULT NULL,
  at_least float8 DEFAULT NULL,
  attributes names DEFAULT NULL,
  rule text DEFAULT NULL,
  budget float8 DEFAULT 0.05,
  looks bigint DEFAULT NULL,
  min_coverage float8 DEFAULT 0,
  min_n bigint DEFAULT 30
) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(add_limit.audit);
  -- In the order of the audit, each once.
  of_attributes text[] := ARRAY(SELECT s.name FROM unnest(a.sensitive) WITH ORDINALITY AS s (name, place) WHERE attributes IS NULL OR s.name = ANY (attributes::text::text[]) ORDER BY s.place);
  by_rule text := coalesce(rule, CASE WHEN a.at IS NULL THEN 'spending' ELSE 'two_windows' END);
BEGIN
  IF NOT attributes::text::text[] <@ a.sensitive OR cardinality(of_attributes) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF a.at IS NULL AND by_rule <> 'spending' THEN
    RAISE EXCEPTION 'rule "%" is of windows that share no rows', by_rule USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The runs of an audit of a whole source share most of theirs: rule => ''spending''.';
  END IF;
  -- Errors in the limit itself.
  PERFORM FROM fairdb.judge(NULL, metric, at_most, at_least, by_rule, budget, looks, min_coverage, min_n);
  IF a.y_true IS NULL AND metric !~ '^(demographic_parity|selection_rate)_' AND (SELECT c.needs_label FROM fairdb.metric_catalog AS c WHERE c.name = metric) IS NOT FALSE THEN
    RAISE EXCEPTION 'metric "%" needs labels, and audit "%" has none', metric, a.name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM fairdb.limits AS l WHERE l.audit = a.id AND l.metric = add_limit.metric AND l.attributes = of_attributes) THEN
    RAISE EXCEPTION 'audit "%" has a limit of "%" already', a.name, metric USING ERRCODE = 'duplicate_object', HINT = 'drop_limit takes it away.';
  END IF;
  INSERT INTO fairdb.own_limits (id, audit, metric, attributes, at_most, at_least, rule, budget, looks, min_coverage, min_n, since, created_at)
  VALUES (gen_random_uuid(), a.id, metric, of_attributes, at_most, at_least, by_rule, budget, looks, min_coverage, min_n, a.starts, now());
END $$;
COMMENT ON FUNCTION add_limit(text, text, float8, float8, names, text, float8, bigint, float8, bigint) IS
  'What a gap of an audit must keep to: select add_limit(''loans'', ''demographic_parity_difference'', at_most => 0.1). judge says what rule, budget, looks, min_coverage and min_n mean; rule is two_windows, or spending for an audit of a whole source. attributes: some of the audit''s, by default all together. Windows from the audit''s first one on are judged, those before that run_audit has counted are not; the next run opens or closes the alert.';

CREATE FUNCTION drop_limit(audit text, metric text, attributes names DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(drop_limit.audit);
  dropped uuid;
BEGIN
  UPDATE fairdb.own_limits AS l SET dropped_at = now()
  WHERE l.audit = a.id AND l.metric = drop_limit.metric AND l.attributes <@ coalesce(drop_limit.attributes::text::text[], a.sensitive) AND l.attributes @> coalesce(drop_limit.attributes::text::text[], a.sensitive) AND l.dropped_at IS NULL
  RETURNING l.id INTO dropped;
  IF dropped IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no such limit of "%"', a.name, metric USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select audit_name, metric, attributes from fairdb.limits lists them.';
  END IF;
  UPDATE fairdb.own_alerts AS t SET closed_at = clock_timestamp(), note = 'the limit was dropped' WHERE t.limit_id = dropped AND t.closed_at IS NULL;
END $$;
COMMENT ON FUNCTION drop_limit(text, text, names) IS
  'Takes a limit away, and closes its alert.';

CREATE FUNCTION close_alert(audit text, metric text, note text, attributes names DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(close_alert.audit);
  l fairdb.limits;
BEGIN
  IF note IS NULL THEN
    RAISE EXCEPTION 'note must not be NULL' USING ERRCODE = 'invalid_parameter_value', HINT = 'It says why the alert is closed.';
  END IF;
  SELECT t.* INTO l FROM fairdb.limits AS t
  WHERE t.audit = a.id AND t.metric = close_alert.metric AND t.attributes <@ coalesce(close_alert.attributes::text::text[], a.sensitive) AND t.attributes @> coalesce(close_alert.attributes::text::text[], a.sensitive);
  UPDATE fairdb.own_alerts AS t SET closed_at = clock_timestamp(), window_closed = t.window_from, note = close_alert.note WHERE t.limit_id = l.id AND t.closed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no alert of "%" is open for audit "%"', metric, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select * from fairdb.alerts where closed_at is null lists those that are.';
  END IF;
  UPDATE fairdb.own_limits AS t SET since = coalesce((SELECT max(r.until) FROM fairdb.runs AS r WHERE r.audit = a.id AND r.candidate = 0), t.since) WHERE t.id = l.id;
END $$;
COMMENT ON FUNCTION close_alert(text, text, text, names) IS
  'Closes the alert of a limit by hand, with a note: what was found, and done. Windows from then on are judged anew, without those before. Otherwise an alert closes after two windows within the limit.';

CREATE FUNCTION fairdb_jobs.follow_limits(audit audits) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l record;
  v record;
  alert bool;
  opening record;
  known record;
BEGIN
  FOR l IN SELECT t.id FROM fairdb.limits AS t WHERE t.audit = follow_limits.audit.id ORDER BY t.metric, t.attributes LOOP
    alert := false;
    -- An alert is of the windows from the one that opens it to the one that closes it. Those that were counted again may have moved
    -- either: what overlaps is the same alert.
    FOR v IN
      SELECT t.* FROM fairdb_jobs.limit_verdicts(l.id) AS t UNION ALL SELECT NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY 2, 1
    LOOP
      IF NOT alert AND v.alert THEN
        opening := v;
      ELSIF alert AND v.alert IS NOT TRUE THEN
        SELECT o.id, o.closed_at INTO known FROM fairdb.own_alerts AS o
        WHERE o.limit_id = l.id AND o.window_from < v."from" AND coalesce(o.window_closed, 'infinity') > opening."from"
          -- One that goes on is known by an open one only.
          AND (o.closed_at IS NULL OR v.alert IS NOT NULL)
        ORDER BY o.closed_at DESC NULLS FIRST LIMIT 1;
        IF known.id IS NULL THEN
          INSERT INTO fairdb.own_alerts (id, job, limit_id, opened_at, run, window_from, value, lower, upper, reason, closed_at, window_closed, note)
          VALUES (gen_random_uuid(), follow_limits.audit.id, l.id, clock_timestamp(), opening.run, opening."from", opening.value, opening.lower, opening.upper, opening.reason,
            CASE WHEN v.alert IS NOT NULL THEN clock_timestamp() END, CASE WHEN v.alert IS NOT NULL THEN v."from" END, CASE WHEN v.alert IS NOT NULL THEN 'two windows within the limit' END);
        ELSIF v.alert IS NOT NULL AND known.closed_at IS NULL THEN
          UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), window_closed = v."from", note = 'two windows within the limit' WHERE o.id = known.id;
        END IF;
      END IF;
      alert := coalesce(v.alert, alert);
    END LOOP;
    IF NOT alert THEN
      UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), window_closed = o.window_from, note = 'windows were counted again, and the limit is kept'
      WHERE o.limit_id = l.id AND o.closed_at IS NULL;
    END IF;
  END LOOP;
END $$;
COMMENT ON FUNCTION fairdb_jobs.follow_limits(audits) IS
  'Opens and closes the alerts of an audit by what its limits say of its windows: a part of each run.';

-- What runs have stored, asked: history, drift, whether it is unchanged, whether it can be counted again.

CREATE FUNCTION history(audit text, metric text DEFAULT 'demographic_parity_difference', attributes names DEFAULT NULL, level float8 DEFAULT 0.95, owner name DEFAULT NULL) RETURNS TABLE (
  "from" timestamptz,
  until timestamptz,
  run bigint,
  attempt int,
  n bigint,
  coverage float8,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  group_low text,
  group_high text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(history.audit, history.owner);
  wanted text[] := coalesce(attributes::text::text[], a.sensitive);
  fields int[];
BEGIN
  IF NOT wanted <@ a.sensitive OR cardinality(wanted) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF wanted <> a.sensitive THEN
    SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(wanted) WITH ORDINALITY AS u (name, place);
  END IF;
  RETURN QUERY
    SELECT r."from", r.until, r.number, r.attempt, r.n, r.coverage, m.value, m.lower, m.upper, m.p_value, m.group_low, m.group_high
    FROM fairdb.last_runs AS r
      LEFT JOIN LATERAL fairdb.metrics(CASE WHEN fields IS NULL THEN r.confusion ELSE fairdb.marginal(r.confusion, fields) END, history.level, NULL, ARRAY[history.metric]::fairdb.names) AS m ON true
    WHERE r.audit = a.id AND r.candidate = 0
    ORDER BY r."from";
END $$;
COMMENT ON FUNCTION history(text, text, names, float8, name) IS
  'A gap over time: the last attempt of each window of an audit, with the interval and the test of metrics: select * from history(''loans'', ''equal_opportunity_difference''). attributes: some of the audit''s.';

CREATE FUNCTION verify_runs(audit text, owner name DEFAULT NULL) RETURNS TABLE (
  run bigint,
  "from" timestamptz,
  attempt int,
  problem text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(verify_runs.audit, verify_runs.owner);
BEGIN
  RETURN QUERY
    SELECT t.number, t."from", t.attempt, t.problem
    FROM (SELECT r.number, r."from", r.attempt,
            CASE WHEN r.digest <> fairdb_jobs.run_digest(to_jsonb(r)) THEN 'changed after it was stored'
                 WHEN lag(r.number, 1, 0::bigint) OVER w <> r.number - 1 THEN format('the runs after number %s are missing', lag(r.number, 1, 0::bigint) OVER w)
                 WHEN lag(r.digest, 1, '') OVER w <> r.previous THEN 'the run before it is another one than when it was stored' END AS problem
          FROM fairdb.runs AS r WHERE r.audit = a.id WINDOW w AS (ORDER BY r.number)) AS t
    WHERE t.problem IS NOT NULL
    ORDER BY t.number;
END $$;
COMMENT ON FUNCTION verify_runs(text, name) IS
  'The runs of an audit that are not as they were stored: none, if all is well. Each run has a digest of itself and of the run before it, so that a change by somebody else is found. Whoever may write the tables could compute all digests anew, or take the last runs away: keep head() elsewhere, from time to time, and compare.';

CREATE FUNCTION head(audit text, owner name DEFAULT NULL) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(head.audit, head.owner);
BEGIN
  RETURN (SELECT r.number || ':' || r.digest FROM fairdb.runs AS r WHERE r.audit = a.id ORDER BY r.number DESC LIMIT 1);
END $$;
COMMENT ON FUNCTION head(text, name) IS
  'Number and digest of the last run of an audit, which stands for all before it: kept elsewhere, it shows later whether they were changed (select number || '':'' || digest from runs where number = ... must be the same).';

CREATE FUNCTION replay(audit text, run bigint) RETURNS TABLE (
  stored confusion,
  recount confusion,
  equal bool,
  differs_in text[]
)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  r record;
  counted record;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  a := fairdb_jobs.own_audit(replay.audit);
  SELECT t.* INTO r FROM fairdb.runs AS t WHERE t.audit = a.id AND t.number = replay.run;
  PERFORM fairdb_jobs.require_confirmed(a.name, a.entered_by);
  IF r.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no run %', a.name, run USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.runs lists them.';
  END IF;
  a.source := r.source;
  SELECT c.* INTO counted FROM fairdb_jobs.count_window(a, r."from", r.until, r.model_version) AS c;
  stored := r.confusion;
  recount := counted.confusion;
  differs_in := array_remove(ARRAY[
    CASE WHEN NOT coalesce(stored OPERATOR(fairdb.=) recount, stored IS NULL AND recount IS NULL) THEN 'confusion' END,
    CASE WHEN r.strata IS DISTINCT FROM counted.strata THEN 'strata' END,
    CASE WHEN NOT coalesce(r.distribution OPERATOR(fairdb.=) counted.distribution, r.distribution IS NULL AND counted.distribution IS NULL) THEN 'distribution' END,
    CASE WHEN r.source_digest IS DISTINCT FROM counted.source_digest THEN 'source_digest' END,
    CASE WHEN r.model_digest IS DISTINCT FROM counted.model_digest THEN 'model_digest' END], NULL);
  equal := NOT differs_in && '{confusion,strata,distribution}';
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION replay(text, bigint) IS
  'Counts the window of a run again, now, and compares: equal says whether the same was counted, differs_in what is another one: also whether the source is defined otherwise (source_digest). Rows that came late, were corrected or deleted make a difference; of an audit of a whole source every new row does.';

CREATE FUNCTION drift(audit text, run bigint DEFAULT NULL, baseline text DEFAULT 'training', owner name DEFAULT NULL) RETURNS TABLE (
  sensitive text,
  what text,
  baseline_value float8,
  value float8,
  difference float8,
  p_value float8
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(drift.audit, drift.owner);
  now_counted jsonb;
  model jsonb;
  before jsonb;
  this record;
BEGIN
  SELECT r.number, r."from", r.confusion, r.model_owner, r.model_version INTO this FROM fairdb.last_runs AS r
  WHERE r.audit = a.id AND (r.number = drift.run OR drift.run IS NULL AND r.candidate = 0) ORDER BY r."from" DESC, r.number DESC LIMIT 1;
  IF this.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no such run', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.last_runs lists the last attempt of each window.';
  END IF;
  IF baseline = 'training' THEN
    SELECT fairdb.describe(m.model) INTO model FROM fairdb.models AS m WHERE m.owner = a.model_owner AND m.name = a.model AND m.version = this.model_version;
    IF model IS NULL THEN
      RAISE EXCEPTION 'audit "%" is of no registered model that is there', a.name USING ERRCODE = 'invalid_parameter_value',
        HINT = 'baseline => ''first'', ''previous'' or the number of a run compares with what was counted earlier.';
    END IF;
    SELECT jsonb_build_object('groups', jsonb_object_agg(g.value ->> 'group', jsonb_build_object('tp', g.value -> 'true_positives', 'fp', g.value -> 'false_positives', 'fn', g.value -> 'false_negatives', 'tn', g.value -> 'true_negatives')))
      INTO before
    FROM jsonb_array_elements(coalesce(model -> 'held_out' -> 'groups', model -> 'training' -> 'groups')) AS g WHERE g.value ->> 'group' IS NOT NULL;
  ELSE
    SELECT r.confusion::jsonb INTO before FROM fairdb.last_runs AS r
    WHERE r.audit = a.id AND CASE baseline WHEN 'first' THEN r.candidate = 0 WHEN 'previous' THEN r.candidate = 0 AND r."from" < this."from" ELSE r.number::text = baseline END
    ORDER BY CASE baseline WHEN 'previous' THEN -extract(epoch FROM r."from") ELSE extract(epoch FROM r."from") END LIMIT 1;
  END IF;
  IF before IS NULL THEN
    RAISE EXCEPTION 'there is no baseline "%" of audit "%"', baseline, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'baseline is ''training'', ''first'', ''previous'' or the number of the last attempt of a window.';
  END IF;
  now_counted := this.confusion::jsonb;
  IF (before -> 'weighted') IS DISTINCT FROM (now_counted -> 'weighted') AND now_counted IS NOT NULL THEN
    RAISE EXCEPTION 'run % of audit "%" is weighted, and its baseline is not', this.number, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Compare it with another run: baseline => ''first'', ''previous'' or its number.';
  END IF;
  RETURN QUERY
    WITH both_of AS MATERIALIZED (
      SELECT g.label, jsonb_strip_nulls(jsonb_build_object('weighted', before -> 'weighted', 'groups', jsonb_build_object('baseline', before -> 'groups' -> g.label, 'now', now_counted -> 'groups' -> g.label)))::fairdb.confusion AS confusion
      FROM (SELECT k.label FROM jsonb_object_keys(before -> 'groups') AS k (label) UNION SELECT k.label FROM jsonb_object_keys(coalesce(now_counted -> 'groups', '{}')) AS k (label)) AS g
    ), sizes AS MATERIALIZED (
      SELECT b.label, coalesce(max(n.n) FILTER (WHERE n.sensitive = 'baseline'), 0) AS before, coalesce(max(n.n) FILTER (WHERE n.sensitive = 'now'), 0) AS after
      FROM both_of AS b LEFT JOIN LATERAL (SELECT g.sensitive, g.n FROM fairdb.by_group(b.confusion) AS g) AS n ON true
      GROUP BY b.label
    ), shares AS MATERIALIZED (
      SELECT s.label, jsonb_build_object('groups', jsonb_build_object(
        'baseline', jsonb_build_object('tp', s.before, 'fn', sum(s.before) OVER () - s.before), 'now', jsonb_build_object('tp', s.after, 'fn', sum(s.after) OVER () - s.after)))::fairdb.confusion AS confusion
      FROM sizes AS s
    ), compared AS (
      SELECT s.label, 0 AS place, 'share_of_rows' AS what, c.* FROM shares AS s LEFT JOIN LATERAL fairdb.compare_groups(s.confusion, 'selection_rate', 'baseline') AS c ON true
      UNION ALL
      SELECT b.label, m.place::int, m.what, c.*
      FROM both_of AS b CROSS JOIN unnest('{base_rate,selection_rate,true_positive_rate,false_positive_rate}'::text[]) WITH ORDINALITY AS m (what, place)
        LEFT JOIN LATERAL fairdb.compare_groups(b.confusion, m.what, CASE WHEN before -> 'groups' ? b.label THEN 'baseline' END) AS c ON true
    )
    SELECT c.label, c.what, c.reference_value, c.value, c.difference, c.p_value FROM compared AS c ORDER BY c.label COLLATE "C", c.place;
END $$;
COMMENT ON FUNCTION drift(text, bigint, text, name) IS
  'How a window (run: its number, the newest by default) differs from a baseline, group by group: its share of the rows, base rate, selection rate, true and false positive rate, each with the p-value of the test that nothing has changed. baseline: training, what the audit''s model had on its held-out rows, or without them on its training rows; first or previous, another window; or the number of a run. Of many p-values some are small by chance.';

-- Audits for others: who sees what they publish, and asks for runs.

CREATE FUNCTION grant_audit(name text, role name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(grant_audit.name);
BEGIN
  IF role IS NULL OR role <> 'public' AND to_regrole(quote_ident(role)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object', HINT = 'An audit is granted to one role, or to everybody: ''public''.';
  END IF;
  IF a.at IS NULL THEN
    RAISE EXCEPTION 'audit "%" is of a whole source, and cannot be granted', a.name USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Two of its runs share most of their rows, and their difference would tell of the others. at => ''...'' gives an audit windows.';
  END IF;
  UPDATE fairdb.own_audit_grants AS g SET revoked_at = NULL WHERE g.audit = a.id AND g.grantee = role;
  IF NOT FOUND THEN
    INSERT INTO fairdb.own_audit_grants (audit, grantee, granted_by, granted_at) VALUES (a.id, role, CURRENT_USER, now());
  END IF;
END $$;
COMMENT ON FUNCTION grant_audit(text, name) IS
  'Lets a role, or everybody (''public''), see what an audit publishes, in published_groups and published_gaps, and ask for runs with request_run. It sees neither rows, nor confusions, nor the source.';

CREATE FUNCTION revoke_audit(name text, role name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(revoke_audit.name);
BEGIN
  UPDATE fairdb.own_audit_grants AS g SET revoked_at = now() WHERE g.audit = a.id AND g.grantee = role AND g.revoked_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit "%" is not granted to role "%"', a.name, role USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select grantee from fairdb.own_audit_grants where revoked_at is null lists who has it.';
  END IF;
END $$;
COMMENT ON FUNCTION revoke_audit(text, name) IS
  'Takes back what grant_audit gave.';

CREATE FUNCTION request_run(name text, "from" timestamptz, until timestamptz, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
  owners text;
BEGIN
  IF "from" IS NULL OR until IS NULL THEN
    RAISE EXCEPTION 'from and until must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT string_agg(quote_ident(t.owner), ', ' ORDER BY t.owner) INTO owners FROM fairdb.published_audits AS t WHERE t.name = request_run.name AND (request_run.owner IS NULL OR t.owner = request_run.owner) HAVING count(*) > 1;
  IF owners IS NOT NULL THEN
    RAISE EXCEPTION 'several roles have an audit "%": %', name, owners USING ERRCODE = 'ambiguous_parameter', HINT = 'Name one with owner => ''...''.';
  END IF;
  SELECT t.* INTO p FROM fairdb.published_audits AS t WHERE t.name = request_run.name AND (request_run.owner IS NULL OR t.owner = request_run.owner);
  IF p.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" that you may ask a run of', name USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.published_audits lists them.';
  END IF;
  INSERT INTO fairdb.new_requests (audit, "from", until) VALUES (p.id, "from", until);
END $$;
COMMENT ON FUNCTION request_run(text, timestamptz, timestamptz, name) IS
  'Asks for the windows of a granted audit between two times to be counted, or counted again while they are not closed: the owner''s next run_due does it, and the view requests tells when. Windows from before the audit''s first one are not counted.';

-- Scoring: the rows of a source that its target lacks, exactly once.

CREATE FUNCTION fairdb_jobs.own_scoring_job(name text) RETURNS scoring_jobs
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.scoring_jobs;
BEGIN
  SELECT j.* INTO found FROM fairdb.scoring_jobs AS j WHERE j.owner = CURRENT_USER AND j.name = own_scoring_job.name;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no scoring job "%" of role "%"', own_scoring_job.name, CURRENT_USER
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.scoring_jobs lists them; create_scoring_job makes one. Of a role of yours: SET ROLE first.';
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.own_scoring_job(text) IS
  'The row of a scoring job of the current user, by its name.';

CREATE FUNCTION fairdb_jobs.law_digest(job scoring_jobs) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(($1).law::pg_catalog.text, 'UTF8')), 'hex') $$;
COMMENT ON FUNCTION fairdb_jobs.law_digest(scoring_jobs) IS
  'What the target keeps of the law that a score was adjusted by; NULL without one.';

-- The statement that scores. joined: a join to fairdb_source, the source; condition: on its rows, and the joined ones; the law is its parameter.
CREATE FUNCTION fairdb_jobs.scoring_statement(job scoring_jobs, query text, version int, joined text, condition text) RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($q$WITH scored AS (INSERT INTO %s AS t (%s, score, fair_score, model_version, law_digest, reason, scored_at) SELECT %s, p.score, p.fair_score, %s, %L, CASE WHEN p.score IS NULL THEN fairdb.prediction_error((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), p.fairdb_row) %s END, pg_catalog.clock_timestamp() FROM (SELECT q.*, %s AS fair_score FROM (SELECT %s, fairdb_source AS fairdb_row, %s fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), fairdb_source) AS score FROM (%s) AS fairdb_source %s WHERE %s AND %s OFFSET 0) AS q) AS p ON CONFLICT (%s) DO NOTHING RETURNING t.score IS NULL OR (%L AND t.fair_score IS NULL) AS bad) SELECT pg_catalog.count(*) AS scored, pg_catalog.count(*) FILTER (WHERE s.bad) AS bad FROM scored AS s$q$,
    job.target, k.names, k.of_p, version, fairdb_jobs.law_digest(job), job.model_owner, job.model, version,
    CASE WHEN job.law IS NOT NULL THEN format('WHEN p.fair_score IS NULL THEN CASE WHEN %s THEN ''the group is unknown'' ELSE ''the law does not know the group'' END', g.unknown) ELSE '' END,
    CASE WHEN job.law IS NOT NULL THEN format('fairdb.adjust($1, q.score, q.fairdb_group, %s, on_unseen => ''null'')', job.alpha) ELSE 'NULL::pg_catalog.float8' END,
    k.of_s, CASE WHEN job.law IS NOT NULL THEN format('%s AS fairdb_group,', g.expression) ELSE '' END,
    job.model_owner, job.model, version, query, joined, k.known, condition, k.names, job.law IS NOT NULL)
  FROM (SELECT string_agg(format('%I', c.name), ', ' ORDER BY c.place) AS names, string_agg(format('p.fairdb_key_%s', c.place), ', ' ORDER BY c.place) AS of_p,
          string_agg(format('fairdb_source.%I AS fairdb_key_%s', c.name, c.place), ', ' ORDER BY c.place) AS of_s, string_agg(format('fairdb_source.%I IS NOT NULL', c.name), ' AND ' ORDER BY c.place) AS known
        FROM unnest(job.key) WITH ORDINALITY AS c (name, place)) AS k,
    (SELECT CASE WHEN count(*) = 1 THEN min(format('fairdb_source.%I', c.name)) ELSE format('ROW(%s)', string_agg(format('fairdb_source.%I', c.name), ', ' ORDER BY c.place)) END AS expression,
       CASE WHEN count(*) = 1 THEN 'p.fairdb_group IS NULL' ELSE 'false' END AS unknown
     FROM unnest(job.sensitive) WITH ORDINALITY AS c (name, place)) AS g
$$;
COMMENT ON FUNCTION fairdb_jobs.scoring_statement(scoring_jobs, text, int, text, text) IS
  'The statement of a scoring job, a part of run_scoring: it returns how many rows it has put into the target, and how many of them without a score.';

CREATE FUNCTION fairdb_jobs.score_piece(job scoring_jobs, query text, version int, joined text, condition text, OUT scored bigint, OUT bad bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  statement text := fairdb_jobs.scoring_statement(job, query, version, joined, condition);
BEGIN
  PERFORM set_config('search_path', job.search_path, true);  -- until this function ends
  EXECUTE statement INTO scored, bad USING job.law;
END $$;
COMMENT ON FUNCTION fairdb_jobs.score_piece(scoring_jobs, text, int, text, text) IS
  'Runs the statement of a scoring job under the job''s search_path: how many rows it has put into the target, and how many of them without a score. A part of score_rows.';

CREATE FUNCTION fairdb_jobs.score_rows(job scoring_jobs, joined text DEFAULT '', condition text DEFAULT NULL, OUT scored bigint, OUT bad bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  query text;
  version int;
  missing text;
  same_key text := (SELECT string_agg(format('k.%I OPERATOR(pg_catalog.=) fairdb_source.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  of_keys text := format('JOIN pg_temp."fairdb scoring keys" AS k ON %s', same_key);
  names text := (SELECT string_agg(format('%I', c.name), ', ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  keys text := (SELECT string_agg(format('fairdb_source.%I', c.name), ', ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  incremental bool := condition IS NOT NULL;
  failed_state text;
  failed_message text;
  lows bigint[];
  highs bigint[];
  low bigint;
  high bigint;
  middle bigint;
  part record;
  total bigint;
  probed bool := false;
  tried int := 0;
  failing int := 0;
BEGIN
  SELECT m.version INTO version FROM fairdb.models AS m WHERE m.owner = job.model_owner AND m.name = job.model AND m.active;
  IF version IS NULL THEN
    RAISE EXCEPTION 'no version of model "%" of role "%" is active', job.model, job.model_owner
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'activate_model makes one the active one. Of a model that was granted to you, ask its owner.';
  END IF;
  PERFORM set_config('TimeZone', job.time_zone, true);
  PERFORM set_config('search_path', job.search_path, true);
  query := fairdb_jobs.source_query(job.source);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- Beside a few new rows the target is asked for each of them; beside all, joined.
  missing := format(CASE WHEN incremental THEN '(SELECT true FROM %s AS k WHERE %s) IS NULL' ELSE 'NOT EXISTS (SELECT FROM %s AS k WHERE %s)' END, job.target, same_key)
    || coalesce(' AND ' || condition, '');
  BEGIN
    SELECT p.scored, p.bad INTO scored, bad FROM fairdb_jobs.score_piece(job, query, version, joined, missing) AS p;
    RETURN;
  EXCEPTION
    WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
      GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
  END;
  -- One row has failed in the source itself, or where its values become numbers: halves find it.
  PERFORM pg_catalog.set_config('search_path', job.search_path, true);
  BEGIN
    EXECUTE pg_catalog.format('CREATE TEMPORARY TABLE "fairdb scoring keys" ON COMMIT DROP AS SELECT pg_catalog.row_number() OVER () AS fairdb_number, %s FROM (%s) AS fairdb_source %s WHERE %s', keys, query, joined, missing);
  EXCEPTION
    WHEN data_exception OR raise_exception THEN
      -- Not even the keys can be read: it is no matter of one row.
      RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state;
  END;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  scored := 0;
  bad := 0;
  lows := ARRAY[1];
  SELECT count(*) INTO total FROM pg_temp."fairdb scoring keys";
  highs := ARRAY[total];
  WHILE cardinality(lows) > 0 LOOP
    low := lows[cardinality(lows)];
    high := highs[cardinality(highs)];
    lows := lows[1:cardinality(lows) - 1];
    highs := highs[1:cardinality(highs) - 1];
    CONTINUE WHEN low > high;
    BEGIN
      SELECT p.* INTO part FROM fairdb_jobs.score_piece(job, query, version, of_keys,
        format('k.fairdb_number OPERATOR(pg_catalog.>=) %s AND k.fairdb_number OPERATOR(pg_catalog.<=) %s AND %s', low, high, coalesce(condition, 'true'))) AS p;
      scored := scored + part.scored;
      bad := bad + part.bad;
    EXCEPTION
      WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
        GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
        IF low = high THEN
          -- Where a piece of the keys does not make the source read those rows only (ORDER BY, GROUP BY, LIMIT, UNION), every piece fails:
          -- then it is not for this row, but for all.
          IF NOT probed THEN
            probed := true;
            FOREACH middle IN ARRAY ARRAY(SELECT DISTINCT 1 + (k * (total - 1)) / 7 FROM generate_series(0, 7) AS k WHERE 1 + (k * (total - 1)) / 7 <> low) LOOP
              tried := tried + 1;
              BEGIN
                SELECT p.* INTO part FROM fairdb_jobs.score_piece(job, query, version, of_keys, format('k.fairdb_number OPERATOR(pg_catalog.=) %s', middle)) AS p;
                scored := scored + part.scored;
                bad := bad + part.bad;
              EXCEPTION
                WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
                  failing := failing + 1;
              END;
            END LOOP;
            IF failing * 3 > tried THEN
              RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state, DETAIL = 'The source fails for more than one row in three, or as a whole.';
            END IF;
          END IF;
          IF bad >= 1000 THEN
            RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state, DETAIL = 'More than 1000 rows of the source fail in it.';
          END IF;
          EXECUTE format('INSERT INTO %s (%s, model_version, law_digest, reason, scored_at) SELECT %s, %s, %L, %L, clock_timestamp() FROM pg_temp."fairdb scoring keys" AS fairdb_source WHERE fairdb_source.fairdb_number = %s ON CONFLICT DO NOTHING',
            job.target, names, keys, version, fairdb_jobs.law_digest(job), failed_message, low);
          scored := scored + 1;
          bad := bad + 1;
        ELSE
          middle := (low + high) / 2;
          lows := lows || ARRAY[middle + 1, low];
          highs := highs || ARRAY[high, middle];
        END IF;
    END;
  END LOOP;
  DROP TABLE pg_temp."fairdb scoring keys";
END $$;
COMMENT ON FUNCTION fairdb_jobs.score_rows(scoring_jobs, text, text) IS
  'Scores the rows of a job''s source that its target lacks, of those that fulfil a condition of fairdb''s: a part of run_scoring and rescore.';

CREATE FUNCTION run_scoring(name text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  -- Of before the rows are read, so that nothing is passed over that is not yet seen.
  oldest xid8 := pg_snapshot_xmin(pg_current_snapshot());
  done record;
  condition text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  j := fairdb_jobs.own_scoring_job(run_scoring.name);
  IF NOT fairdb_jobs.job_lock(j.id) THEN
    RAISE NOTICE 'scoring job "%" is already running', j.name;
    RETURN 0;
  END IF;
  j := fairdb_jobs.own_scoring_job(run_scoring.name);
  PERFORM fairdb_jobs.require_confirmed(j.name, j.entered_by);
  -- A horizon from before this cluster's present says nothing of it.
  IF j.written IS NOT NULL AND j.horizon <= pg_snapshot_xmax(pg_current_snapshot()) THEN
    condition := format('(fairdb_source.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.xid8 OR fairdb_source.%I IS NULL)', j.written, j.horizon, j.written);
  ELSIF j.since IS NOT NULL AND j.searched_at IS NOT NULL THEN
    condition := format('(fairdb_source.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.timestamptz OR fairdb_source.%I IS NULL)', j.since, to_char((j.searched_at - j.overlap) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), j.since);
  END IF;
  SELECT s.* INTO done FROM fairdb_jobs.score_rows(j, condition => condition) AS s;
  UPDATE fairdb.scoring_jobs AS t
  SET horizon = oldest, searched_at = now(), last_run = now(), scored = t.scored + done.scored, without_score = t.without_score + done.bad
  WHERE t.id = j.id;
  PERFORM fairdb_jobs.note_success('scoring', j.id);
  IF done.bad > 0 THEN
    RAISE NOTICE '% of % rows got no score', done.bad, done.scored USING HINT = format('select reason, count(*) from %s where reason is not null group by 1 tells why.', j.target);
  END IF;
  RETURN done.scored;
END $$;
COMMENT ON FUNCTION run_scoring(text) IS
  'Runs a scoring job of the current user now, in this transaction, and returns how many rows it has put into the target: those of the source whose key the target lacks, each once, whenever and in whatever order they were committed.';

CREATE FUNCTION create_scoring_job(
  name text,
  source text,
  key names,
  model text,
  target text,
  law distribution DEFAULT NULL,
  sensitive names DEFAULT NULL,
  alpha float8 DEFAULT 0,
  since text DEFAULT NULL,
  overlap interval DEFAULT '1 hour',
  written text DEFAULT NULL,
  model_owner name DEFAULT NULL
) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
  -- Before anything else, and without a SET clause: the caller's search_path is what the source is read under.
  path pg_catalog.text := pg_catalog.current_setting('search_path');
BEGIN
  PERFORM fairdb_jobs.enter_scoring_job(path, name, source, key::pg_catalog.text::pg_catalog.text[], model, target, law, sensitive::pg_catalog.text::pg_catalog.text[], alpha, since, overlap, written, model_owner);
END $$;
COMMENT ON FUNCTION create_scoring_job(text, text, names, text, text, distribution, names, float8, text, interval, text, name) IS
  'Creates a job, of the current user, that puts scores of a registered model into a table: select create_scoring_job(''credit'', ''applications'', ''id'', ''credit'', ''credit_scores''). Each run scores the rows of the source whose key the target lacks, with the version that is then active. The target is created with the columns of the key, score, fair_score, model_version, law_digest, reason and scored_at, or must have them and a unique key. law and sensitive: fair_score is adjust(law, score, sensitive, alpha). A row that the model cannot take gets a NULL and the reason. written names an xid8 column of the source (alter table applications add written xid8 default pg_current_xact_id(), with an index): a run then reads only rows that the one before cannot have seen. since names a timestamptz column instead: a run reads from overlap before the last one on, and never finds a row that is committed later than that. Of a source with a condition or a join a run with written or since finds rows that were written, not those that an update elsewhere has let in.';

CREATE FUNCTION fairdb_jobs.enter_scoring_job(search_path text, name text, source text, key text[], model text, target text, law distribution, sensitive text[], alpha float8, since text, overlap interval, written text, model_owner name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  query text;
  place regclass;
  parts text[];
  columns text;
  type text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF name IS NULL OR source IS NULL OR key IS NULL OR model IS NULL OR target IS NULL OR alpha IS NULL OR overlap IS NULL THEN
    RAISE EXCEPTION 'name, source, key, model, target, alpha and overlap must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of a scoring job has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF cardinality(key) = 0 THEN
    RAISE EXCEPTION 'key names no column' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF key && '{score,fair_score,model_version,law_digest,reason,scored_at}' THEN
    RAISE EXCEPTION 'a column of the key has the name of a column of the target' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'score, fair_score, model_version, law_digest, reason and scored_at are what the job writes: rename it in a SELECT, which is then the source.';
  END IF;
  IF (law IS NULL) <> (sensitive IS NULL) OR law IS NULL AND alpha <> 0 THEN
    RAISE EXCEPTION 'law and sensitive are given together, and alpha with them' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'law is a distribution of scores by group, and sensitive names the column of the group.';
  END IF;
  IF alpha NOT BETWEEN 0 AND 1 OR overlap < '0' THEN
    RAISE EXCEPTION 'alpha is a number from 0 to 1, and overlap not negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF since IS NOT NULL AND written IS NOT NULL THEN
    RAISE EXCEPTION 'written is exact and needs no since' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM fairdb.scoring_jobs AS t WHERE t.owner = CURRENT_USER AND t.name = enter_scoring_job.name) THEN
    RAISE EXCEPTION 'scoring job "%" exists already', name USING ERRCODE = 'duplicate_object', HINT = 'drop_scoring_job ends it, and its target stays.';
  END IF;
  j.name := name;
  j.source := source;
  j.search_path := search_path;
  j.key := key;
  j.model := model;
  j.model_owner := fairdb.model_owner(model, model_owner);
  j.law := law;
  j.sensitive := sensitive;
  j.alpha := alpha;
  j.time_zone := current_setting('TimeZone');
  IF j.model_owner IS NULL THEN
    RAISE EXCEPTION 'there is no model "%" that you may use', model USING ERRCODE = 'invalid_parameter_value', HINT = 'save_model registers one.';
  END IF;
  PERFORM set_config('search_path', enter_scoring_job.search_path, true);
  query := fairdb_jobs.source_query(source);
  PERFORM fairdb_jobs.source_column_type(query, c.name, 'key') FROM pg_catalog.unnest(key) AS c (name);
  place := pg_catalog.to_regclass(target);
  parts := pg_catalog.parse_ident(target);
  IF pg_catalog.cardinality(parts) OPERATOR(pg_catalog.=) 1 THEN
    parts := pg_catalog.array_prepend(pg_catalog.current_schema()::pg_catalog.text, parts);
  END IF;
  IF parts[1] IS NULL THEN
    RAISE EXCEPTION 'there is no schema to create target "%" in', target USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one: schema.table';
  END IF;
  IF pg_catalog.cardinality(parts) OPERATOR(pg_catalog.>) 2 THEN
    RAISE EXCEPTION 'target "%" names another database', target USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF place IS NULL THEN
    EXECUTE pg_catalog.format('CREATE TABLE %I.%I AS SELECT %s FROM (%s) AS s WHERE false', parts[1], parts[2],
      (SELECT pg_catalog.string_agg(pg_catalog.format('s.%I', c.name), ', ' ORDER BY c.place) FROM pg_catalog.unnest(key) WITH ORDINALITY AS c (name, place)), query);
    EXECUTE pg_catalog.format('ALTER TABLE %I.%I ADD score pg_catalog.float8, ADD fair_score pg_catalog.float8, ADD model_version pg_catalog.int4 NOT NULL, ADD law_digest pg_catalog.text, ADD reason pg_catalog.text, ADD scored_at pg_catalog.timestamptz NOT NULL, ADD PRIMARY KEY (%s)', parts[1], parts[2],
      (SELECT pg_catalog.string_agg(pg_catalog.format('%I', c.name), ', ' ORDER BY c.place) FROM pg_catalog.unnest(key) WITH ORDINALITY AS c (name, place)));
  ELSE
    SELECT ARRAY[n.nspname::pg_catalog.text, c.relname::pg_catalog.text] INTO parts FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) place;
  END IF;
  -- That a feature is missing shows at a row; that the row is bad is no matter.
  BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.count(fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.active), fairdb_source)) FROM (SELECT * FROM (%s) AS q LIMIT 1) AS fairdb_source', j.model_owner, j.model, query);
  EXCEPTION
    WHEN data_exception THEN NULL;
  END;
  IF since IS NOT NULL OR written IS NOT NULL THEN
    type := fairdb_jobs.source_column_type(query, coalesce(since, written), CASE WHEN since IS NULL THEN 'written' ELSE 'since' END);
  END IF;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  IF written IS NOT NULL AND type <> 'xid8' OR since IS NOT NULL AND type <> 'timestamp with time zone' THEN
    RAISE EXCEPTION 'column "%" has type %, expected %', coalesce(since, written), type, CASE WHEN since IS NULL THEN 'xid8' ELSE 'timestamptz' END
      USING ERRCODE = 'datatype_mismatch', HINT = 'written is added to a table by: alter table ... add written xid8 default pg_current_xact_id()';
  END IF;
  j.target := format('%I.%I', parts[1], parts[2]);
  IF place IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_index AS i
      WHERE i.indrelid = place AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (SELECT array_agg(t.attname::text ORDER BY t.attname::text) FROM pg_attribute AS t WHERE t.attrelid = place AND t.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
          = (SELECT array_agg(c.name ORDER BY c.name) FROM unnest(key) AS c (name))) THEN
    RAISE EXCEPTION 'table % has no unique key of %', j.target, array_to_string(key, ', ') USING ERRCODE = 'invalid_column_reference',
      HINT = format('alter table %s add unique (%s), not deferrable.', j.target, array_to_string(key, ', '));
  END IF;
  -- Errors of source, model and target come now.
  BEGIN
    PERFORM fairdb_jobs.score_rows(j, condition => 'false');
  EXCEPTION
    WHEN undefined_column OR invalid_column_reference OR datatype_mismatch THEN
      RAISE EXCEPTION 'table % cannot be a target: %', j.target, SQLERRM USING ERRCODE = SQLSTATE,
        HINT = format('It needs the columns %s, score, fair_score, model_version, law_digest, reason and scored_at, and a unique key of %s; a table that does not exist is created.', array_to_string(key, ', '), array_to_string(key, ', '));
  END;
  INSERT INTO fairdb.scoring_jobs (id, owner, name, source, search_path, key, model, model_owner, target, law, sensitive, alpha, since, overlap, written, time_zone, created_at, entered_by, scored, without_score, failures)
  VALUES (gen_random_uuid(), CURRENT_USER, name, source, search_path, key, model, j.model_owner, j.target, law, sensitive, alpha, since, overlap, written, j.time_zone, now(), CURRENT_USER, 0, 0, 0);
END $$;
COMMENT ON FUNCTION fairdb_jobs.enter_scoring_job(text, text, text, text[], text, text, distribution, text[], float8, text, interval, text, name) IS
  'What create_scoring_job does, with the search_path that the source is read under: call create_scoring_job.';

CREATE FUNCTION rescore(job text, keys jsonb) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  objects jsonb;
  removed bigint;
  removed_bad bigint;
  done record;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  j := fairdb_jobs.own_scoring_job(rescore.job);
  IF jsonb_typeof(keys) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'keys is an array of keys' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Of one column: ''[17, 23]'', or (select jsonb_agg(id) from ...); of several columns an array of objects: ''[{"id": 17, "day": "2026-01-01"}]''.';
  END IF;
  PERFORM fairdb_jobs.require_confirmed(j.name, j.entered_by);
  IF cardinality(j.key) > 1 AND EXISTS (SELECT FROM jsonb_array_elements(keys) AS e (value) WHERE jsonb_typeof(e.value) <> 'object') THEN
    RAISE EXCEPTION 'the key of scoring job "%" has several columns', j.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'keys is then an array of objects: ''[{"id": 17, "day": "2026-01-01"}]''.';
  END IF;
  IF NOT fairdb_jobs.job_lock(j.id) THEN
    RAISE EXCEPTION 'scoring job "%" is running', j.name USING ERRCODE = 'lock_not_available', HINT = 'Try again when it has ended.';
  END IF;
  SELECT coalesce(jsonb_agg(CASE WHEN jsonb_typeof(e.value) = 'object' THEN e.value ELSE jsonb_build_object(j.key[1], e.value) END), '[]') INTO objects FROM jsonb_array_elements(keys) AS e (value);
  EXECUTE format('WITH gone AS (DELETE FROM %s AS t USING jsonb_populate_recordset(NULL::%s, $1) AS z WHERE %s RETURNING t.reason) SELECT count(*), count(g.reason) FROM gone AS g', j.target, j.target,
    (SELECT string_agg(format('t.%I OPERATOR(pg_catalog.=) z.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place)))
    INTO removed, removed_bad USING objects;
  SELECT s.* INTO done FROM fairdb_jobs.score_rows(j, format('JOIN (SELECT DISTINCT %s FROM pg_catalog.jsonb_populate_recordset(NULL::%s, %L) AS z) AS z ON %s',
      (SELECT string_agg(format('z.%I', c.name), ', ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place)), j.target, objects,
      (SELECT string_agg(format('z.%I OPERATOR(pg_catalog.=) fairdb_source.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place))), 'true') AS s;
  UPDATE fairdb.scoring_jobs AS t SET scored = t.scored + done.scored - removed, without_score = t.without_score + done.bad - removed_bad WHERE t.id = j.id;
  RETURN done.scored;
END $$;
COMMENT ON FUNCTION rescore(text, jsonb) IS
  'Scores rows again, with the version of the model that is active now, and returns how many: after a row was corrected, or a new version for all of them: select rescore(''credit'', (select jsonb_agg(id) from credit_scores where model_version < 3)). A key that the source has no more is removed from the target.';

CREATE FUNCTION drop_scoring_job(name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs := fairdb_jobs.own_scoring_job(drop_scoring_job.name);
BEGIN
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the job was dropped' WHERE o.job = j.id AND o.closed_at IS NULL;
  UPDATE fairdb.scoring_jobs AS t SET dropped_at = now() WHERE t.id = j.id;
END $$;
COMMENT ON FUNCTION drop_scoring_job(text) IS
  'Ends a scoring job of the current user. Its target stays.';

-- A gate: which audits a version of a model must pass to be activated.

CREATE FUNCTION gate_verdicts(model text, version int, owner name DEFAULT NULL) RETURNS TABLE (
  audit_name text,
  metric text,
  attributes text[],
  run bigint,
  value float8,
  lower float8,
  upper float8,
  verdict text,
  reason text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := coalesce(owner, fairdb.model_owner(model, owner, granted => false));
BEGIN
  RETURN QUERY
    SELECT g.audit_name, l.metric, l.attributes, v.run, v.value, v.lower, v.upper, coalesce(v.verdict, 'insufficient'),
      CASE WHEN a.id IS NULL THEN 'the audit is not there to be read by this role' WHEN l.id IS NULL THEN 'the audit has no limit' WHEN v.run IS NULL THEN 'the audit has not run with this version' ELSE v.reason END
    FROM fairdb.gates AS g LEFT JOIN fairdb.audits AS a ON a.id = g.audit
      LEFT JOIN fairdb.limits AS l ON l.audit = g.audit
      LEFT JOIN LATERAL (SELECT t.* FROM fairdb_jobs.limit_verdicts(l.id, gate_verdicts.version) AS t ORDER BY t."from" DESC, t.run DESC LIMIT 1) AS v ON true
    WHERE g.model_owner = of_owner AND g.model = gate_verdicts.model AND g.dropped_at IS NULL
    ORDER BY g.audit_name, l.metric, l.attributes;
END $$;
COMMENT ON FUNCTION gate_verdicts(text, int, name) IS
  'What the audits that require_fair has set before a model say of a version: the newest run with it, by limit. All must be within.';

CREATE FUNCTION require_fair(model text, audit text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(require_fair.audit);
BEGIN
  IF a.model IS DISTINCT FROM require_fair.model OR a.y_pred IS NOT NULL THEN
    RAISE EXCEPTION 'audit "%" is not of what model "%" decides', a.name, require_fair.model USING ERRCODE = 'invalid_parameter_value',
      HINT = format('create_audit(..., y_pred => NULL, model => %L) makes one: only such an audit can be run with a version that is not active yet.', require_fair.model);
  END IF;
  IF NOT pg_has_role(to_regrole(quote_ident(a.model_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'model "%" belongs to role "%"', a.model, a.model_owner USING ERRCODE = 'insufficient_privilege', HINT = 'Its owner decides what it requires.';
  END IF;
  IF NOT EXISTS (SELECT FROM fairdb.limits AS l WHERE l.audit = a.id) THEN
    RAISE EXCEPTION 'audit "%" has no limit', a.name USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'add_limit says what must be kept.';
  END IF;
  UPDATE fairdb.own_gates AS g SET dropped_at = NULL, required_at = now() WHERE g.model_owner = a.model_owner AND g.model = a.model AND g.audit = a.id;
  IF NOT FOUND THEN
    INSERT INTO fairdb.own_gates (model_owner, model, audit, required_at, events) VALUES (a.model_owner, a.model, a.id, now(), '[]');
  END IF;
END $$;
COMMENT ON FUNCTION require_fair(text, text) IS
  'From now on a version of the model is activated only if the newest run of the audit with that version is within every limit: save_model(..., activate => false), then run_audit(audit, version => ...), then activate_model. The active version stays.';

CREATE FUNCTION drop_requirement(model text, audit text, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := fairdb.model_owner(drop_requirement.model, drop_requirement.owner, granted => false);
BEGIN
  -- Also of an audit that this role may not read.
  UPDATE fairdb.own_gates AS g SET dropped_at = now()
  WHERE g.model_owner = of_owner AND g.model = drop_requirement.model AND g.dropped_at IS NULL
    AND g.audit IN (SELECT t.audit FROM fairdb.gates AS t WHERE t.audit_name = drop_requirement.audit);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit "%" is not required of model "%"', audit, model USING ERRCODE = 'invalid_parameter_value', HINT = 'select model, audit_name from fairdb.gates where dropped_at is null lists what is.';
  END IF;
END $$;
COMMENT ON FUNCTION drop_requirement(text, text, name) IS
  'Takes back what require_fair has set, which the view gates goes on to tell. owner: of the model, when several roles of yours have one of the name.';

CREATE FUNCTION fairdb_internal.check_gate() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  refused record;
BEGIN
  -- What a dump brings back was activated before.
  IF TG_OP = 'INSERT' AND NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM fairdb.gates AS g, jsonb_array_elements(g.events) AS o
             WHERE g.model_owner = NEW.owner AND g.model = NEW.name AND g.dropped_at IS NULL AND o.value ->> 'event' = 'override' AND o.value ->> 'version' = NEW.version::text AND o.value ->> 'transaction' = pg_current_xact_id()::text
               AND (o.value ->> 'at')::timestamptz >= now()) THEN
    RETURN NEW;
  END IF;
  SELECT v.* INTO refused FROM fairdb.gate_verdicts(NEW.name, NEW.version, NEW.owner) AS v WHERE v.verdict <> 'within' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'version % of model "%" has not passed audit "%"', NEW.version, NEW.name, refused.audit_name
      USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s is %s%s.', coalesce(refused.metric, 'Its limit'), refused.verdict, coalesce(': ' || refused.reason, '')),
            HINT = format('Save it with activate => false, run_audit(%L, version => %s), then activate_model. gate_verdicts(%L, %s) tells all; activate_model(..., override => ''why'') activates it all the same, and that is recorded.', refused.audit_name, NEW.version, NEW.name, NEW.version);
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_gate() IS
  'trigger function of registered_models: a version becomes active only within the limits that require_fair has set';
-- Before record_model_event, which makes the digest: a row that comes with one is restored. Triggers fire in the order of their names.
CREATE TRIGGER check_gate_of_new BEFORE INSERT ON registered_models FOR EACH ROW WHEN (NEW.active) EXECUTE FUNCTION fairdb_internal.check_gate();
CREATE TRIGGER check_gate BEFORE UPDATE OF active ON registered_models FOR EACH ROW WHEN (NEW.active AND NOT OLD.active) EXECUTE FUNCTION fairdb_internal.check_gate();
COMMENT ON TRIGGER check_gate_of_new ON registered_models IS 'a version becomes active only within the limits that require_fair has set';
COMMENT ON TRIGGER check_gate ON registered_models IS 'a version becomes active only within the limits that require_fair has set';

-- The schedule: one procedure that does all that is due of its caller's jobs.

CREATE FUNCTION fairdb_jobs.next_due(passed_over uuid[] DEFAULT '{}', OUT kind text, OUT id uuid, OUT name text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- In turn, so that none waits for ever behind others.
  SELECT t.kind, t.id, t.name INTO kind, id, name
  FROM (SELECT 'audit', a.id, a.name, a.tried_at
        FROM fairdb.audits AS a
        WHERE a.owner = CURRENT_USER AND a.id <> ALL (passed_over) AND (a.retry_at IS NULL OR a.retry_at <= now())
          -- One that is not confirmed gets its warning, and nothing of it is computed.
          AND (CASE WHEN NOT fairdb_jobs.is_confirmed(a.entered_by) THEN true WHEN a.at IS NULL THEN a.next_from <= now() ELSE a.recount_from IS NOT NULL OR fairdb.window_end(a.every, a.time_zone, a.next_from) + a.label_delay <= now() END
            OR EXISTS (SELECT FROM fairdb.own_requests AS q WHERE q.audit = a.id AND q.done_at IS NULL))
        UNION ALL
        SELECT 'scoring', j.id, j.name, j.tried_at
        FROM fairdb.scoring_jobs AS j
        WHERE j.owner = CURRENT_USER AND j.id <> ALL (passed_over) AND (j.retry_at IS NULL OR j.retry_at <= now())) AS t (kind, id, name, tried_at)
  ORDER BY t.tried_at NULLS FIRST, t.kind DESC, t.name LIMIT 1;
END $$;
COMMENT ON FUNCTION fairdb_jobs.next_due(uuid[]) IS
  'The job of the current user that is due and was tried longest ago, without those passed over: a part of run_due.';

CREATE FUNCTION fairdb_jobs.run_job(kind text, id uuid) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  j fairdb.scoring_jobs;
  entered_by name;
  outcome text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF NOT fairdb_jobs.job_lock(id) THEN
    RETURN 'busy';
  END IF;
  IF kind = 'audit' THEN
    SELECT t.* INTO a FROM fairdb.audits AS t WHERE t.id = run_job.id AND t.owner = CURRENT_USER;
    entered_by := a.entered_by;
  ELSE
    SELECT t.* INTO j FROM fairdb.scoring_jobs AS t WHERE t.id = run_job.id AND t.owner = CURRENT_USER;
    entered_by := j.entered_by;
  END IF;
  IF entered_by IS NULL THEN
    RETURN 'idle';  -- dropped meanwhile
  END IF;
  IF NOT fairdb_jobs.is_confirmed(entered_by) THEN
    RAISE WARNING '% "%" was entered by role "%" and does not run', CASE kind WHEN 'audit' THEN 'audit' ELSE 'scoring job' END, coalesce(a.name, j.name), entered_by
      USING HINT = 'Read its definition, in fairdb.audits or fairdb.scoring_jobs; select fairdb.confirm_jobs() makes all of them run.';
    RETURN 'busy';
  END IF;
  IF kind = 'audit' THEN
    outcome := coalesce(fairdb_jobs.audit_step(a), 'idle');
    PERFORM fairdb_jobs.note_success(kind, id);
    RETURN outcome;
  END IF;
  PERFORM fairdb.run_scoring(j.name);
  RETURN 'scored';
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_job(text, uuid) IS
  'Does what is due next of one job: a part of run_due.';

CREATE FUNCTION confirm_jobs() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  audits bigint;
  jobs bigint;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  UPDATE fairdb.audits AS a SET entered_by = CURRENT_USER WHERE a.owner = CURRENT_USER AND a.entered_by <> CURRENT_USER;
  GET DIAGNOSTICS audits = ROW_COUNT;
  UPDATE fairdb.scoring_jobs AS j SET entered_by = CURRENT_USER WHERE j.owner = CURRENT_USER AND j.entered_by <> CURRENT_USER;
  GET DIAGNOSTICS jobs = ROW_COUNT;
  RETURN audits + jobs;
END $$;
COMMENT ON FUNCTION confirm_jobs() IS
  'Makes jobs of the current user run that another role has restored from a dump, and returns how many. Read them first: they run with the current user''s rights.';

CREATE FUNCTION fairdb_jobs.claim(kind text, id uuid) RETURNS bool
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT fairdb_jobs.job_lock(id) THEN
    RETURN false;
  END IF;
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET tried_at = clock_timestamp() WHERE a.id = claim.id;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET tried_at = clock_timestamp() WHERE j.id = claim.id;
  END IF;
  RETURN true;
END $$;
COMMENT ON FUNCTION fairdb_jobs.claim(text, uuid) IS
  'Notes that a job is tried now, so that others come before it next time, whatever becomes of it; false when another session runs it. A part of run_due.';

CREATE FUNCTION fairdb_jobs.note_success(kind text, id uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET failures = 0, last_error = NULL, retry_at = NULL WHERE a.id = note_success.id AND a.failures > 0;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET failures = 0, last_error = NULL, retry_at = NULL WHERE j.id = note_success.id AND j.failures > 0;
  END IF;
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the job runs again' WHERE o.job = note_success.id AND o.limit_id IS NULL AND o.closed_at IS NULL;
END $$;
COMMENT ON FUNCTION fairdb_jobs.note_success(text, uuid) IS
  'Records that a run of a job has not failed, and closes the alert that it does: a part of run_due.';

CREATE FUNCTION fairdb_jobs.note_failure(kind text, id uuid, state text, message text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  failed int;
  error text := format('%s (%s)', left(message, 1000), state);
BEGIN
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET failures = a.failures + 1, last_error = error, retry_at = now() + least(interval '1 minute' * 2 ^ least(a.failures, 20), interval '1 day')
    WHERE a.id = note_failure.id RETURNING a.failures INTO failed;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET failures = j.failures + 1, last_error = error, retry_at = now() + least(interval '1 minute' * 2 ^ least(j.failures, 20), interval '1 day')
    WHERE j.id = note_failure.id RETURNING j.failures INTO failed;
  END IF;
  IF failed >= 5 AND NOT EXISTS (SELECT FROM fairdb.own_alerts AS o WHERE o.job = note_failure.id AND o.limit_id IS NULL AND o.closed_at IS NULL) THEN
    INSERT INTO fairdb.own_alerts (id, job, opened_at, reason) VALUES (gen_random_uuid(), note_failure.id, clock_timestamp(), error);
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.note_failure(text, uuid, text, text) IS
  'Records that a run of a job has failed: it is tried again after 1, 2, 4, ... minutes, a day at most, and an alert is opened when it has failed five times. A part of run_due.';

-- Without SET, which a procedure that commits cannot have: every name and operator is qualified.
CREATE PROCEDURE run_due(at_most int DEFAULT NULL)
  LANGUAGE plpgsql AS $$
DECLARE
  passed_over pg_catalog.uuid[] := '{}';
  due pg_catalog.record;
  outcome pg_catalog.text;
  state pg_catalog.text;
  message pg_catalog.text;
  relation pg_catalog.text;
  done pg_catalog.int4 := 0;
  lost pg_catalog.int4 := 0;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  LOOP
    EXIT WHEN done OPERATOR(pg_catalog.>=) at_most;
    COMMIT;
    -- Whatever the session's default is: FOR UPDATE then sees the row as it is.
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SELECT n.* INTO due FROM fairdb_jobs.next_due(passed_over) AS n;
    EXIT WHEN due.id IS NULL;
    IF NOT fairdb_jobs.claim(due.kind, due.id) THEN
      passed_over := pg_catalog.array_append(passed_over, due.id);
      CONTINUE;
    END IF;
    COMMIT;
    -- All statements of a run see the same rows.
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
    state := NULL;
    BEGIN
      outcome := fairdb_jobs.run_job(due.kind, due.id);
      -- What is deferred fails here, too, and not at COMMIT.
      SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION
      -- Most likely another session has run it since this one's snapshot.
      WHEN serialization_failure OR deadlock_detected THEN
        outcome := 'lost';
        IF lost OPERATOR(pg_catalog.>) 20 THEN
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
        END IF;
      -- Cancelled, by a person or a timeout: recorded, and then cancelled.
      WHEN query_canceled THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
      WHEN assert_failure OR OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, relation = TABLE_NAME;
        IF state OPERATOR(pg_catalog.=) '23505' AND relation OPERATOR(pg_catalog.=) 'kept_runs' AND lost OPERATOR(pg_catalog.<=) 20 THEN
          state := NULL;
          outcome := 'lost';
        END IF;
    END;
    IF state IS NOT NULL THEN
      COMMIT;
      SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
      PERFORM fairdb_jobs.note_failure(due.kind, due.id, state, message);
      COMMIT;
      IF state OPERATOR(pg_catalog.=) '57014' THEN
        RAISE EXCEPTION '% "%": %', due.kind, due.name, message USING ERRCODE = state;
      END IF;
      RAISE WARNING '% "%" failed: %', due.kind, due.name, message USING ERRCODE = state;
      passed_over := pg_catalog.array_append(passed_over, due.id);
      done := done OPERATOR(pg_catalog.+) 1;
      lost := 0;
    ELSIF outcome OPERATOR(pg_catalog.=) 'lost' THEN
      lost := lost OPERATOR(pg_catalog.+) 1;
    ELSE
      lost := 0;
      -- Scoring is due with each call, once.
      IF outcome OPERATOR(pg_catalog.=) ANY ('{busy,idle,scored}'::pg_catalog.text[]) THEN
        passed_over := pg_catalog.array_append(passed_over, due.id);
      END IF;
      IF outcome OPERATOR(pg_catalog.=) ANY ('{run,recount,request,scored}'::pg_catalog.text[]) THEN
        done := done OPERATOR(pg_catalog.+) 1;
      END IF;
    END IF;
  END LOOP;
  COMMIT;
END $$;
COMMENT ON PROCEDURE run_due(int) IS
  'Does all that is due of the jobs of the current user, in turn: scoring, missing windows of audits, oldest first, windows that are counted again, requests. Call it on a schedule, as each role that owns jobs, as often as you like: call fairdb.run_due(). Each run is a transaction of its own; one that fails undoes nothing else, is recorded and tried again later. What another session is running is passed over. at_most: so many runs at most. Not within a transaction block.';

CREATE FUNCTION openmetrics() RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
BEGIN
  RETURN (
    WITH samples AS (
      SELECT 1 AS place, 'fairdb_gap' AS family, 'gauge' AS type, 'The gap in the newest window of an audit, by limit.' AS help,
        format('{owner="%s",audit="%s",metric="%s",attributes="%s"}', e.owner, e.audit, v.metric, e.attributes) AS labels, v.value::text AS value
      FROM (SELECT DISTINCT ON (t.owner, t.audit_name, t.metric, t.attributes) t.* FROM fairdb.verdicts AS t ORDER BY t.owner, t.audit_name, t.metric, t.attributes, t."from" DESC) AS v
        CROSS JOIN LATERAL (SELECT fairdb_jobs.openmetrics_label(v.owner) AS owner, fairdb_jobs.openmetrics_label(v.audit_name) AS audit, fairdb_jobs.openmetrics_label(array_to_string(v.attributes, ',')) AS attributes) AS e
      WHERE v.value IS NOT NULL
      UNION ALL
      SELECT 2, 'fairdb_alert_open', 'gauge', 'Alerts that are open, by job.', format('{owner="%s",kind="%s",job="%s"}', fairdb_jobs.openmetrics_label(j.owner), j.kind, fairdb_jobs.openmetrics_label(j.name)),
        (SELECT count(*) FROM fairdb.own_alerts AS o WHERE o.job = j.id AND o.closed_at IS NULL)::text
      FROM (SELECT a.id, 'audit' AS kind, a.owner, a.name FROM fairdb.audits AS a UNION ALL SELECT s.id, 'scoring', s.owner, s.name FROM fairdb.scoring_jobs AS s) AS j
      UNION ALL
      SELECT 3, 'fairdb_job_failures', 'gauge', 'Runs that failed since the last one that did not, by job.', format('{owner="%s",kind="%s",job="%s"}', fairdb_jobs.openmetrics_label(j.owner), j.kind, fairdb_jobs.openmetrics_label(j.name)), j.failures::text
      FROM (SELECT 'audit' AS kind, a.owner, a.name, a.failures FROM fairdb.audits AS a UNION ALL SELECT 'scoring', s.owner, s.name, s.failures FROM fairdb.scoring_jobs AS s) AS j
      UNION ALL
      SELECT 4, 'fairdb_newest_window_timestamp_seconds', 'gauge', 'When the newest window that an audit has counted ends.', format('{owner="%s",audit="%s"}', fairdb_jobs.openmetrics_label(r.owner), fairdb_jobs.openmetrics_label(r.audit_name)), extract(epoch FROM max(r.until))::text
      FROM fairdb.last_runs AS r WHERE r.candidate = 0 GROUP BY r.owner, r.audit_name
      UNION ALL
      SELECT 5, 'fairdb_scored_rows', 'gauge', 'Rows that a scoring job has put into its target.', format('{owner="%s",job="%s"}', fairdb_jobs.openmetrics_label(s.owner), fairdb_jobs.openmetrics_label(s.name)), s.scored::text
      FROM fairdb.scoring_jobs AS s
    )
    SELECT coalesce(string_agg(f.text, '' ORDER BY f.place), '') || E'# EOF\n'
    FROM (SELECT s.place, format(E'# TYPE %s %s\n# HELP %s %s\n', s.family, s.type, s.family, s.help) || string_agg(format(E'%s%s %s\n', s.family, s.labels, s.value), '' ORDER BY s.labels COLLATE "C") AS text
          FROM samples AS s GROUP BY s.place, s.family, s.type, s.help) AS f);
END $$;
COMMENT ON FUNCTION openmetrics() IS
  'The jobs of the current user''s roles in the text format of OpenMetrics, for Prometheus and its like: gaps of the newest windows by limit, open alerts, failures, the age of the newest window, rows scored.';

CREATE FUNCTION fairdb_jobs.openmetrics_label(value text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.replace(pg_catalog.replace(pg_catalog.replace($1, E'\\', E'\\\\'), '"', E'\\"'), E'\n', E'\\n') $$;
COMMENT ON FUNCTION fairdb_jobs.openmetrics_label(text) IS
  'A text as the value of a label in the format of OpenMetrics.';

-- Pictures: a page for people, and its figures one by one.
--
-- The three functions report have attributes, or the sensitive ones, as their fifth argument: only so does the server know
-- which one is meant by five literals of no type.

CREATE FUNCTION report(
  confusion confusion,
  distribution distribution DEFAULT NULL,
  title text DEFAULT NULL,
  metric text DEFAULT 'selection_rate',
  attributes names DEFAULT NULL,
  people text DEFAULT NULL,
  selected text DEFAULT 'selected',
  threshold float8 DEFAULT NULL,
  limits jsonb DEFAULT NULL,
  tradeoff jsonb DEFAULT NULL,
  history jsonb DEFAULT NULL,
  history_metric text DEFAULT NULL,
  sources jsonb DEFAULT NULL,
  alpha float8 DEFAULT 0,
  bins int DEFAULT 10,
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_values'
  LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION report(confusion, distribution, text, text, names, text, text, float8, jsonb, jsonb, jsonb, text, jsonb, float8, int, bigint, float8) IS
  'A page of HTML that people read instead of tables, in one file without scripts, of stored values: select report(confusion_agg(repaid, approved, row(sex, race)), distribution_agg(score, row(sex, race, repaid)), ''Loans'', attributes => ''{sex,race}'', people => ''applicants'', selected => ''approved'') from loans. attributes: the names of the fields of the groups. distribution: of the same groups, for the scores, or of groups and labels, for calibration and ranking too. limits: how large a gap may be, or how small a ratio: ''{"demographic_parity_difference": 0.1}''. tradeoff, history: rows of tradeoff and of verdicts or history, by jsonb_agg. sources: what the page says of where the numbers come from, ''{"Model": "approval, version 3"}''. Groups of fewer than min_group rows, or than fairdb.min_group if that is more, are withheld.';

CREATE FUNCTION report(
  source text,
  y_true text,
  y_pred text,
  score text,
  sensitive names,
  title text DEFAULT NULL,
  metric text DEFAULT 'selection_rate',
  people text DEFAULT NULL,
  selected text DEFAULT 'selected',
  threshold float8 DEFAULT NULL,
  limits jsonb DEFAULT NULL,
  tradeoff jsonb DEFAULT NULL,
  history jsonb DEFAULT NULL,
  history_metric text DEFAULT NULL,
  sources jsonb DEFAULT NULL,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  alpha float8 DEFAULT 0,
  bins int DEFAULT 10,
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_source'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION report(text, text, text, text, names, text, text, text, text, float8, jsonb, jsonb, jsonb, text, jsonb, text, option_value, float8, int, bigint, float8) IS
  'The page of a table, a view or a SELECT in one call, which reads it once: select report(''loans'', ''repaid'', ''approved'', ''score'', ''{sex,race}'', people => ''applicants'', selected => ''approved''). y_true NULL: nobody knows the truth; score NULL: there are no scores. The page names the source, the statement, the role and the snapshot. Options as in report(confusion), weight and positive as in audit. psql -X -A -t -c "select fairdb.report(...)" > page.html writes it to a file.';

CREATE FUNCTION fairdb_jobs.report_run(
  confusion confusion,
  distribution distribution,
  title text,
  metric text,
  attributes names,
  only_attributes names,
  people text,
  selected text,
  history jsonb,
  sources jsonb,
  decided jsonb,
  audit_name text,
  marks names,
  min_group bigint,
  level float8
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_values'
  LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION fairdb_jobs.report_run(confusion, distribution, text, text, names, names, text, text, jsonb, jsonb, jsonb, text, names, bigint, float8) IS
  'for report(audit): the page of a run, with what its limits have decided';

CREATE FUNCTION report(
  audit text,
  run bigint DEFAULT NULL,
  title text DEFAULT NULL,
  people text DEFAULT NULL,
  attributes names DEFAULT NULL,
  selected text DEFAULT 'selected',
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95,
  owner name DEFAULT NULL
) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(report.audit, report.owner);
  k bigint := greatest(coalesce(report.min_group, a.min_group), coalesce(nullif(current_setting('fairdb.min_group', true), ''), '0')::bigint);
  wanted text[] := ARRAY(SELECT s.name FROM unnest(a.sensitive) WITH ORDINALITY AS s (name, place) WHERE report.attributes IS NULL OR s.name = ANY (report.attributes::text::text[]) ORDER BY s.place);
  r fairdb.runs;
  shown record;
  decided jsonb;
  windows jsonb;
  sources jsonb;
  withheld bigint;
  fields int[];
BEGIN
  IF report.min_group NOT BETWEEN 0 AND 1000000 THEN
    RAISE EXCEPTION 'min_group is %, expected 0 to 1000000', report.min_group USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT report.attributes::text::text[] <@ a.sensitive OR cardinality(wanted) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT t.* INTO r FROM fairdb.runs AS t
  WHERE t.audit = a.id AND (t.number = report.run
    OR report.run IS NULL AND t.candidate = 0 AND NOT EXISTS (SELECT FROM fairdb.runs AS n WHERE n.audit = t.audit AND n.candidate = t.candidate AND n."from" = t."from" AND n.attempt > t.attempt))
  ORDER BY t.confusion IS NULL, t."from" DESC, t.number DESC LIMIT 1;
  IF r.number IS NULL AND report.run IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no runs yet', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'call run_due() counts the windows that are due; run_audit(name, from, until) those that you name.';
  ELSIF r.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no run %', a.name, run USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.runs lists them.';
  END IF;
  IF r.confusion IS NULL THEN
    RAISE EXCEPTION 'run % of audit "%" has counted no rows', r.number, a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from", n from fairdb.runs lists them.';
  END IF;
  -- What its limits say of this run, if it is the last attempt of its window.
  SELECT jsonb_agg(jsonb_build_object('metric', v.metric, 'attributes', v.attributes, 'limit', v."limit", 'verdict', v.verdict, 'value', v.value, 'lower', v.lower, 'upper', v.upper, 'rule', replace(l.rule, '_', ' ')) ORDER BY v.metric, v.attributes) INTO decided
  FROM fairdb.verdicts AS v JOIN fairdb.limits AS l ON l.audit = a.id AND l.metric = v.metric AND l.attributes = v.attributes
  WHERE v.owner = a.owner AND v.audit_name = a.name AND v.run = r.number AND v.attributes <@ wanted;
  -- Windows up to this one, of the first limit's gap; without those that withhold a group, whose rates a gap would tell.
  SELECT l.metric, l.attributes INTO shown FROM fairdb.limits AS l WHERE l.audit = a.id AND l.attributes <@ wanted ORDER BY l.metric <> 'demographic_parity_difference', cardinality(l.attributes), l.metric, l.attributes LIMIT 1;
  SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(coalesce(shown.attributes, wanted)) WITH ORDINALITY AS u (name, place);
  IF a.dropped_at IS NULL AND a.at IS NOT NULL AND r.candidate = 0 THEN
    SELECT jsonb_agg(jsonb_build_object('from', h."from", 'label', to_char(h."from" AT TIME ZONE a.time_zone, CASE WHEN a.every < '1 day' THEN 'YYYY-MM-DD HH24:MI' ELSE 'YYYY-MM-DD' END),
             'value', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.value ELSE v.value END, 'lower', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.lower ELSE v.lower END, 'upper', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.upper ELSE v.upper END, 'metric', coalesce(shown.metric, 'demographic_parity_difference'), 'attributes', coalesce(shown.attributes, wanted),
             'limit', v."limit", 'verdict', CASE WHEN NOT s.hides THEN v.verdict END, 'alert', v.alert) ORDER BY h."from"), count(*) FILTER (WHERE s.hides)
      INTO windows, withheld
    FROM fairdb.history(a.name, coalesce(shown.metric, 'demographic_parity_difference'), coalesce(shown.attributes, wanted)::fairdb.names, report.level, a.owner) AS h
      JOIN fairdb.runs AS t ON t.audit = a.id AND t.number = h.run
      CROSS JOIN LATERAL (SELECT k > 0 AND EXISTS (
        SELECT FROM fairdb.suppress(CASE WHEN coalesce(shown.attributes, wanted) = a.sensitive THEN t.confusion ELSE fairdb.marginal(t.confusion, fields) END, k) AS g
        WHERE g.sensitive IS NOT NULL AND CASE WHEN coalesce(shown.metric, 'demographic_parity_difference') ~ '^(demographic_parity|selection_rate)_' THEN g.n_selected IS NULL ELSE g.suppressed END) AS hides) AS s
      LEFT JOIN fairdb.verdicts AS v ON v.owner = a.owner AND v.audit_name = a.name AND v.metric = shown.metric AND v.attributes = shown.attributes AND v.run = h.run
    WHERE h."from" <= r."from" AND (shown.metric IS NULL OR v.run IS NOT NULL);
  END IF;
  sources := jsonb_build_array(
    jsonb_build_object('Source', jsonb_build_array(r.source)),
    jsonb_build_object('Rows', format('%s, counted on %s UTC as role %s', r.n, to_char(r.counted_at, 'YYYY-MM-DD HH24:MI'), r.role)),
    CASE WHEN a.at IS NULL THEN '{}' ELSE jsonb_build_object('Window', format('from %s until before %s, time zone %s', to_char(r."from" AT TIME ZONE a.time_zone, 'YYYY-MM-DD HH24:MI'), to_char(r.until AT TIME ZONE a.time_zone, 'YYYY-MM-DD HH24:MI'), a.time_zone)) END,
    jsonb_build_object('Snapshot', jsonb_build_array(r.snapshot)),
    CASE WHEN r.model_version IS NULL THEN '{}' ELSE jsonb_build_object('Model', format('%s of role %s, version %s, sha-256 %s', a.model, r.model_owner, r.model_version, coalesce(r.model_digest, 'unknown'))) END,
    CASE WHEN EXISTS (SELECT FROM fairdb.runs AS n WHERE n.audit = r.audit AND n.candidate = r.candidate AND n."from" = r."from" AND n.attempt > r.attempt) THEN jsonb_build_object('Superseded', 'the window was counted again later, so that limits judge another run') ELSE '{}' END,
    CASE WHEN coalesce(withheld, 0) = 0 THEN '{}' ELSE jsonb_build_object('Over time', format('%s windows are left out, in which a group is too small to be shown', withheld)) END,
    jsonb_build_object('Definition', format('of the source, sha-256 %s', r.source_digest)),
    jsonb_build_object('Record', format('run %s of %s, attempt %s, sha-256 %s, after %s; by fairdb %s', r.number, a.name, r.attempt, r.digest, coalesce(nullif(r.previous, ''), 'none'), r.extension_version)));
  RETURN fairdb_jobs.report_run(r.confusion, r.distribution, coalesce(report.title, a.name), 'selection_rate', a.sensitive::fairdb.names, wanted::fairdb.names, report.people, report.selected,
    windows, sources, decided, a.name, ARRAY[format('run %s', r.number), to_char(r.counted_at, 'YYYY-MM-DD HH24:MI') || ' UTC']::fairdb.names, k, report.level);
END $$;
COMMENT ON FUNCTION report(text, bigint, text, text, names, text, bigint, float8, name) IS
  'The page of a stored run of an audit, by default of the newest window that has rows: select report(''loans''). attributes: some of the audit''s. It shows what its limits say of the run, how the gap of the first one went in the windows until then, and the digests of the record, which verify_runs checks. Groups of fewer than min_group rows are withheld, by default as many as the audit withholds from those that it is granted to. A run keeps scores by group, without labels: calibration and ranking are shown by report(source).';

CREATE FUNCTION chart(kind text, confusion confusion, metric text DEFAULT 'selection_rate', attributes names DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, selected text DEFAULT 'selected', min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_confusion'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, confusion, text, names, text, text, text, bigint, float8, int, text) IS
  'A figure of report by itself, as SVG, for a wiki, a notebook or a dashboard: select chart(''rates'', confusion_agg(null, approved, row(sex, race)), attributes => ''{sex,race}'') from loans. kind: rates, a rate of by_group (metric) with its Wilson intervals. width in pixels; theme: auto follows the reader''s system, light or dark do not.';

CREATE FUNCTION chart(kind text, distribution distribution, threshold float8 DEFAULT NULL, bins int DEFAULT NULL, alpha float8 DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_distribution'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, distribution, float8, int, float8, text, text, bigint, float8, int, text) IS
  'A figure of scores, as SVG: select chart(''roc'', distribution_agg(score, row(sex, repaid)), threshold => 0.5) from loans. kind: scores, the cumulative scores of each group; adjusted, before and after adjusting, with alpha and threshold as in adjustment_report; and, of distribution_agg(score, row(sensitive, y_true)), calibration in so many bins (10), and roc, with the threshold marked.';

CREATE FUNCTION chart(kind text, rows jsonb, metric text DEFAULT NULL, title text DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_rows'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, jsonb, text, text, float8, int, text) IS
  'A figure of rows that other functions return, as SVG: select chart(''history'', jsonb_agg(v)) from verdicts as v where audit_name = ''loans'' and metric = ''demographic_parity_difference''. kind: tradeoff, of the rows of tradeoff; history, of the rows of verdicts, or of history with metric saying what they are. level: of the intervals that the rows have.';

CREATE FUNCTION vega(kind text, confusion confusion, metric text DEFAULT 'selection_rate', attributes names DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, selected text DEFAULT 'selected', min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_confusion'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, confusion, text, names, text, text, text, bigint, float8) IS
  'The figure of chart as a specification of Vega-Lite 5 with its data, for those who draw elsewhere: select vega(''rates'', confusion_agg(null, approved, sex)) from loans.';

CREATE FUNCTION vega(kind text, distribution distribution, threshold float8 DEFAULT NULL, bins int DEFAULT NULL, alpha float8 DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_distribution'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, distribution, float8, int, float8, text, text, bigint, float8) IS
  'A figure of scores as a specification of Vega-Lite 5: the kinds scores, adjusted, calibration and roc of chart.';

CREATE FUNCTION vega(kind text, rows jsonb, metric text DEFAULT NULL, title text DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_rows'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, jsonb, text, text, float8) IS
  'A figure of rows as a specification of Vega-Lite 5: the kinds tradeoff and history of chart.';
