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
