-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the fragments there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

-- Functions run with the rights of their caller; types and functions are for everybody.
GRANT USAGE ON SCHEMA fairdb TO PUBLIC;

-- Audits: the confusion of each group, its rates, and the gaps between groups.

CREATE TYPE confusion;

CREATE FUNCTION confusion_in(cstring) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_in(cstring) IS
  'text input of type confusion';

CREATE FUNCTION confusion_out(confusion) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_confusion_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_out(confusion) IS
  'text output of type confusion';

CREATE FUNCTION confusion_recv(internal) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_recv(internal) IS
  'binary input of type confusion';

CREATE FUNCTION confusion_send(confusion) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_confusion_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_send(confusion) IS
  'binary output of type confusion';

CREATE TYPE confusion (
  INPUT = confusion_in, OUTPUT = confusion_out, RECEIVE = confusion_recv, SEND = confusion_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE confusion IS
  'How often each group of a sensitive attribute got each prediction under each label. Made by confusion_agg or rollup; read it with by_group, overall and the gap functions. Can be stored, dumped and merged.';

CREATE FUNCTION confusion_count(confusion, bool, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, text) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION confusion_uncount(confusion, bool, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_uncount(confusion, bool, bool, text) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group';

CREATE FUNCTION confusion_count(confusion, bool, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_weight_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, text, float8) IS
  'aggregate transition function: counts a row by label, prediction and group, with its weight';

CREATE FUNCTION confusion_uncount(confusion, bool, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_text_weight_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_uncount(confusion, bool, bool, text, float8) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group, with its weight';

CREATE FUNCTION confusion_count(confusion, bool, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, anyelement) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION confusion_uncount(confusion, bool, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_uncount(confusion, bool, bool, anyelement) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group';

CREATE FUNCTION confusion_count(confusion, bool, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_weight_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, anyelement, float8) IS
  'aggregate transition function: counts a row by label, prediction and group, with its weight';

CREATE FUNCTION confusion_uncount(confusion, bool, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_any_weight_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_uncount(confusion, bool, bool, anyelement, float8) IS
  'inverse transition function of moving windows: takes out a row by label, prediction and group, with its weight';

CREATE FUNCTION prediction_count(confusion, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, text) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION prediction_uncount(confusion, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_uncount(confusion, bool, text) IS
  'inverse transition function of moving windows: takes out a row by prediction and group';

CREATE FUNCTION prediction_count(confusion, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_weight_count'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, text, float8) IS
  'aggregate transition function: counts a row by prediction and group, with its weight';

CREATE FUNCTION prediction_uncount(confusion, bool, text, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_text_weight_uncount'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_uncount(confusion, bool, text, float8) IS
  'inverse transition function of moving windows: takes out a row by prediction and group, with its weight';

CREATE FUNCTION prediction_count(confusion, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, anyelement) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION prediction_uncount(confusion, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_uncount(confusion, bool, anyelement) IS
  'inverse transition function of moving windows: takes out a row by prediction and group';

CREATE FUNCTION prediction_count(confusion, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_weight_count'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, anyelement, float8) IS
  'aggregate transition function: counts a row by prediction and group, with its weight';

CREATE FUNCTION prediction_uncount(confusion, bool, anyelement, float8) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_any_weight_uncount'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_uncount(confusion, bool, anyelement, float8) IS
  'inverse transition function of moving windows: takes out a row by prediction and group, with its weight';

CREATE FUNCTION confusion_merge(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_merge(confusion, confusion) IS
  'aggregate transition and combine function: adds a confusion to another one';

CREATE FUNCTION confusion_unmerge(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_unmerge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_unmerge(confusion, confusion) IS
  'inverse transition function of moving windows: takes a confusion out of another one';

CREATE FUNCTION confusion_final(confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_final(confusion) IS
  'aggregate final function: the confusion in its canonical form, groups sorted by label';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = confusion_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = confusion_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race). A row counts with its weight; one whose weight is NULL is left out and counted as unknown_weight; 0 is allowed, negative weights are an error. Intervals and tests then use effective sizes: they are for sampling weights, not for a column that says how many people a row stands for.';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = confusion_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = confusion_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race). A row counts with its weight; one whose weight is NULL is left out and counted as unknown_weight; 0 is allowed, negative weights are an error. Intervals and tests then use effective sizes: they are for sampling weights, not for a column that says how many people a row stands for.';

CREATE AGGREGATE rollup(confusion) (
  SFUNC = confusion_merge, STYPE = confusion, SSPACE = 128,
  FINALFUNC = confusion_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_merge, MINVFUNC = confusion_unmerge, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = confusion_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(confusion) IS
  'Merges stored confusions into one, as if all their rows had been counted together: select demographic_parity_difference(rollup(daily)) from audit_log. With OVER it answers for each day of a log from the days around it.';

CREATE FUNCTION confusion_plus(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_plus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_plus(confusion, confusion) IS
  'implementation of + for confusions';

CREATE FUNCTION confusion_minus(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_minus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_minus(confusion, confusion) IS
  'implementation of - for confusions';

CREATE OPERATOR + (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = confusion_plus, COMMUTATOR = +
);
COMMENT ON OPERATOR + (confusion, confusion) IS
  'all rows of both confusions';

CREATE OPERATOR - (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = confusion_minus
);
COMMENT ON OPERATOR - (confusion, confusion) IS
  'the rows of the first confusion without those of the second, which must be among them: for late labels and deletions';

-- The six named gaps. Made by src/sql/21-gaps.sql.sh.

CREATE FUNCTION demographic_parity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_difference(confusion confusion) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION demographic_parity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_difference_final(confusion) IS
  'aggregate final function of demographic_parity_difference';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = demographic_parity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = demographic_parity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = demographic_parity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = demographic_parity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION demographic_parity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_ratio(confusion confusion) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION demographic_parity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_ratio_final(confusion) IS
  'aggregate final function of demographic_parity_ratio';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = demographic_parity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = demographic_parity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = demographic_parity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = demographic_parity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = prediction_count, MINVFUNC = prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_difference(confusion confusion) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION equal_opportunity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_difference_final(confusion) IS
  'aggregate final function of equal_opportunity_difference';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equal_opportunity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equal_opportunity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equal_opportunity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equal_opportunity_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_ratio(confusion confusion) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION equal_opportunity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_ratio_final(confusion) IS
  'aggregate final function of equal_opportunity_ratio';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equal_opportunity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equal_opportunity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equal_opportunity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equal_opportunity_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_difference(confusion confusion) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION equalized_odds_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_difference_final(confusion) IS
  'aggregate final function of equalized_odds_difference';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equalized_odds_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equalized_odds_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equalized_odds_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equalized_odds_difference_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_ratio(confusion confusion) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION equalized_odds_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_ratio_final(confusion) IS
  'aggregate final function of equalized_odds_ratio';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equalized_odds_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equalized_odds_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = equalized_odds_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = equalized_odds_ratio_final, COMBINEFUNC = confusion_merge,
  MSFUNC = confusion_count, MINVFUNC = confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

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

CREATE FUNCTION metrics(confusion confusion, level float8 DEFAULT 0.95, reference text DEFAULT NULL) RETURNS TABLE (
  metric text,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  test text,
  n_groups bigint,
  n_estimable bigint,
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_metrics'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 30 COST 100000;
COMMENT ON FUNCTION metrics(confusion, float8, text) IS
  'Every gap between the groups with an interval that is right also at parity, and the p-value of a test that the groups are equal. With reference also the signed metrics of all other groups together against it. Computed from the counts, so the cost does not depend on the number of rows; of more than 200 groups there is no interval. note says so where interval and p-value disagree: they answer different questions. Rows are taken for independent; weights for sampling weights. A p-value is of one test: many tests find something by chance.';

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
  'A rate of by_group compared between each group and the reference, or between all pairs: difference (Newcombe''s interval), ratio (Koopman''s), a test, and its p-value adjusted by Holm''s method for the number of comparisons. Rates that by_group withholds for fairdb.min_group are suppressed.';

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

CREATE FUNCTION metric_catalog_rows() RETURNS TABLE (
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
COMMENT ON FUNCTION metric_catalog_rows() IS
  'The rows of the view metric_catalog.';

CREATE VIEW metric_catalog AS SELECT * FROM fairdb.metric_catalog_rows();
COMMENT ON VIEW metric_catalog IS
  'Every metric that metric() knows: its formula (g a group, r the reference; SR selection rate, BR base rate, TPR, FPR, TNR true and false positive and true negative rate, PPV precision, NPV negative predictive value, FOR false omission rate, ACC accuracy), range, value at parity, what a deviation means, what it needs, and what fairlearn, AIF360 and SageMaker Clarify call it (a minus: with the opposite sign).';
GRANT SELECT ON metric_catalog TO PUBLIC;
-- Audits of a source: tables of several attributes and strata, filing tables, classes, numbers.

CREATE FUNCTION audit_confusions(source text, y_true text, y_pred text, sensitive text[], strata text[] DEFAULT NULL, weight text DEFAULT NULL, positive text DEFAULT NULL) RETURNS TABLE (
  attributes text[],
  stratum text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_audit_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION audit_confusions(text, text, text, text[], text[], text, text) IS
  'The confusions behind audit(), one for each set of attributes and each stratum: for gaps, intervals, stratified() and storage. positive: the value of y_true and y_pred that counts as positive, of any type; a boolean or a 0/1 column that cannot hold it means what it is. Nothing is suppressed.';

CREATE FUNCTION local_law_144(source text, outcome text, sex text, race text, mode text DEFAULT 'selection', min_share float8 DEFAULT 0.02, positive text DEFAULT NULL) RETURNS TABLE (
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
COMMENT ON FUNCTION local_law_144(text, text, text, text, text, float8, text) IS
  'The tables that New York City''s Local Law 144 asks for (6 RCNY 5-300 to 5-303): selection rates, or with mode => ''scoring'' shares of scores above the median of all, and impact ratios by sex, by race and by both, each against the highest rate of its own section. Applicants are those whose outcome is known; unknown_outcome counts the others. Categories of less than min_share of the applicants of known category are shown, but excluded from the ratios; people of unknown category are counted in the row with category NULL. Where a tool sorts people into classes, call it for each class. Numbers, not a statement of compliance.';

CREATE FUNCTION multiclass_counts(source text, y_true text, y_pred text, sensitive text[]) RETURNS TABLE (
  sensitive text,
  y_true text,
  y_pred text,
  n bigint,
  share float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_multiclass_counts'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 50;
COMMENT ON FUNCTION multiclass_counts(text, text, text, text[]) IS
  'How often each group got each predicted class under each true class, and the share of the group''s rows; NULL is unknown. Combinations that do not occur have no row.';

CREATE FUNCTION multiclass_confusions(source text, y_true text, y_pred text, sensitive text[]) RETURNS TABLE (
  class text,
  confusion confusion
)
  AS 'MODULE_PATHNAME', 'fairdb_multiclass_confusions'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;
COMMENT ON FUNCTION multiclass_confusions(text, text, text, text[]) IS
  'For each class its confusion against all other classes, from one scan: every gap, interval and test then works class by class: select class, demographic_parity_difference(confusion) from multiclass_confusions(''decisions'', ''grade'', ''predicted'', ''{sex}'').';

CREATE FUNCTION label_divergences(source text, label text, sensitive text[], reference text DEFAULT NULL, "group" text DEFAULT NULL) RETURNS TABLE (
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
COMMENT ON FUNCTION label_divergences(text, text, text[], text, text) IS
  'How far the distribution of a label with any number of classes is apart between a group and the reference; one that is not named is all other known groups together. kl is the Kullback-Leibler divergence of the group from the reference (Infinity when the group lacks a class that the reference has), js Jensen-Shannon, lp the Euclidean distance, tvd the total variation distance, ks the largest difference of a share.';

CREATE FUNCTION regression_by_group(source text, y_true text, y_pred text, sensitive text[]) RETURNS TABLE (
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
COMMENT ON FUNCTION regression_by_group(text, text, text, text[]) IS
  'Errors of a numeric prediction by group: mean absolute error, root mean squared error, bias (mean of prediction minus truth), and the share of variance explained within the group. n_unknown counts rows without truth or prediction; the row with sensitive NULL is the unknown group.';
-- Counts and rates of groups. Made by src/sql/24-groups.sql.sh.

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

CREATE FUNCTION audit(source text, y_true text, y_pred text, sensitive text[], strata text[] DEFAULT NULL, weight text DEFAULT NULL, positive text DEFAULT NULL, min_group bigint DEFAULT NULL) RETURNS TABLE (
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
COMMENT ON FUNCTION audit(text, text, text, text[], text[], text, text, bigint) IS
  'The rows of by_group for each sensitive attribute, each of their intersections (at most five attributes) and each stratum, from one scan of a table, view or SELECT (at most 100000 combinations of values): select * from audit(''decisions'', ''repaid'', ''approved'', ''{sex,race}''). y_true may be NULL. Columns are booleans, or 0/1 or -1/1, or of any other type with positive => ''value''. Groups and counts of fewer rows than min_group, or than the setting fairdb.min_group, are withheld, and further ones so that no table gives away what another one withholds.';

-- Distributions: the law of the score in each group.

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
  'The law of the score in each group of a sensitive attribute: exact up to a size, then a sketch (describe tells its error). Made by distribution_agg, merged by rollup or +; used by adjust, distances, quantiles and others. Can be stored and dumped.';

CREATE FUNCTION distribution_merge(internal, distribution) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION distribution_merge(internal, distribution) IS
  'transition function of rollup: adds a distribution';

CREATE FUNCTION distribution_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_combine'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION distribution_combine(internal, internal) IS
  'joins the states of two workers';

CREATE FUNCTION distribution_serialize(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_distribution_serialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_serialize(internal) IS
  'state of a worker as bytes';

CREATE FUNCTION distribution_deserialize(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_distribution_deserialize'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_deserialize(bytea, internal) IS
  'state of a worker from bytes';

CREATE FUNCTION distribution_final(internal) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION distribution_final(internal) IS
  'final function of distribution_agg and rollup';

CREATE AGGREGATE rollup(distribution) (
  SFUNC = distribution_merge, STYPE = internal, SSPACE = 4096, FINALFUNC = distribution_final,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(distribution) IS
  'Merges stored distributions into one, as if all their rows had been collected together: exactly while it is exact, with the errors added up where there are sketches.';

CREATE FUNCTION distribution_plus(distribution, distribution) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_distribution_plus'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION distribution_plus(distribution, distribution) IS
  'implementation of the + operator: all rows of both';

CREATE OPERATOR + (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = distribution_plus, COMMUTATOR = +
);
COMMENT ON OPERATOR + (distribution, distribution) IS
  'All rows of both, as rollup merges them.';

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
-- Made by src/sql/31-groups-of-scores.sql.sh.

CREATE FUNCTION score_count(internal, float8, text) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(internal, float8, text) IS
  'transition function: adds a score to its group';

CREATE FUNCTION score_count(internal, float8, anyelement) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(internal, float8, anyelement) IS
  'transition function: adds a score to its group';

CREATE FUNCTION score_count(internal, float8, text, float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(internal, float8, text, float8) IS
  'transition function: adds a score to its group';

CREATE FUNCTION score_count(internal, float8, anyelement, float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'fairdb_score_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION score_count(internal, float8, anyelement, float8) IS
  'transition function: adds a score to its group';

CREATE AGGREGATE distribution_agg(score float8, sensitive text) (
  SFUNC = score_count, FINALFUNC = distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive text) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive text, weight float8) (
  SFUNC = score_count, FINALFUNC = distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive text, weight float8) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive anyelement) (
  SFUNC = score_count, FINALFUNC = distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive anyelement) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE AGGREGATE distribution_agg(score float8, sensitive anyelement, weight float8) (
  SFUNC = score_count, FINALFUNC = distribution_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE distribution_agg(score float8, sensitive anyelement, weight float8) IS
  'Collects the law of the score in each group, to adjust scores and to measure how far the groups are apart. Rows with an unknown score, weight or group (NULL) are counted apart; NaN and infinite scores, and negative weights, are errors. Exact up to a million distinct scores in a group and 1.5 million divided by the number of groups, but at least 12000 (pairs of score and weight count twice), then a sketch of at most 200 kB, whose error describe() tells. Memory: at most maintenance_work_mem.';

CREATE FUNCTION ks_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION ks_distance(distribution) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE FUNCTION ks_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_ks_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ks_distance_final(internal) IS
  'final function of ks_distance';

CREATE AGGREGATE ks_distance(score float8, sensitive text) (
  SFUNC = score_count, FINALFUNC = ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive text) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive text, weight float8) (
  SFUNC = score_count, FINALFUNC = ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive text, weight float8) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive anyelement) (
  SFUNC = score_count, FINALFUNC = ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive anyelement) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE AGGREGATE ks_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = score_count, FINALFUNC = ks_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ks_distance(score float8, sensitive anyelement, weight float8) IS
  'The Kolmogorov-Smirnov distance between the two groups whose scores differ most: the largest difference of their cumulative shares at any threshold, 0 to 1. 0 is parity; NULL with fewer than two groups that have scores. Fair scores of small groups differ by chance, by about 0.87 sqrt(1/n1 + 1/n2); distances() tests it.';

CREATE FUNCTION wasserstein_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION wasserstein_distance(distribution) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION wasserstein_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION wasserstein_distance_final(internal) IS
  'final function of wasserstein_distance';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive text) (
  SFUNC = score_count, FINALFUNC = wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive text) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive text, weight float8) (
  SFUNC = score_count, FINALFUNC = wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive text, weight float8) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive anyelement) (
  SFUNC = score_count, FINALFUNC = wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive anyelement) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = score_count, FINALFUNC = wasserstein_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein_distance(score float8, sensitive anyelement, weight float8) IS
  'The Wasserstein-1 distance between the two groups whose scores differ most: how far scores must move on average to make the groups'' laws equal, in units of the score. It is the demographic parity difference averaged over all thresholds. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION wasserstein2_distance(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein2_distance'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION wasserstein2_distance(distribution) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION wasserstein2_distance_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_wasserstein2_distance_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION wasserstein2_distance_final(internal) IS
  'final function of wasserstein2_distance';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive text) (
  SFUNC = score_count, FINALFUNC = wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive text) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive text, weight float8) (
  SFUNC = score_count, FINALFUNC = wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive text, weight float8) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive anyelement) (
  SFUNC = score_count, FINALFUNC = wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive anyelement) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE wasserstein2_distance(score float8, sensitive anyelement, weight float8) (
  SFUNC = score_count, FINALFUNC = wasserstein2_distance_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE wasserstein2_distance(score float8, sensitive anyelement, weight float8) IS
  'The Wasserstein-2 distance between the two groups whose scores differ most: the root of the mean squared difference of their quantiles, in units of the score. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION quantile_gap(distribution distribution) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_gap'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION quantile_gap(distribution) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE FUNCTION quantile_gap_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_quantile_gap_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION quantile_gap_final(internal) IS
  'final function of quantile_gap';

CREATE AGGREGATE quantile_gap(score float8, sensitive text) (
  SFUNC = score_count, FINALFUNC = quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive text) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive text, weight float8) (
  SFUNC = score_count, FINALFUNC = quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive text, weight float8) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive anyelement) (
  SFUNC = score_count, FINALFUNC = quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_gap(score float8, sensitive anyelement) IS
  'The largest difference between two groups'' quantiles at the same rank, in units of the score: what the worst-placed rank gains or loses by the group. 0 is parity; NULL with fewer than two groups that have scores.';

CREATE AGGREGATE quantile_gap(score float8, sensitive anyelement, weight float8) (
  SFUNC = score_count, FINALFUNC = quantile_gap_final, STYPE = internal, SSPACE = 4096,
  COMBINEFUNC = distribution_combine, SERIALFUNC = distribution_serialize, DESERIALFUNC = distribution_deserialize,
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

-- Fair scores. Made by src/sql/32-fair-scores.sql.sh.

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive text, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights text DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, text, float8, text, text, int, float8[], text, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive anyelement, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights text DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, anyelement, float8, text, text, int, float8[], text, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION adjustment_report(distribution distribution, threshold float8 DEFAULT NULL, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights text DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS TABLE (
  sensitive text,
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
COMMENT ON FUNCTION adjustment_report(distribution, float8, float8, int, float8[], text, text, float8[], text, bigint) IS
  'What adjust changes, over the calibrated scores: a row for each group and, with sensitive NULL, one for all. ks and wasserstein: the largest distance to another group (of the same stratum). mean_squared_shift: the mean of (after - before)^2, overall the price of fairness. mean_rank_change: how far rows move among all rows, on average, as a share of them. largest_tie: the share of the group''s rows that have one score; without a key they move together, and the groups come no nearer than about so far. moved_up, moved_down: the shares that cross the threshold to it or above, and below it. Options as in adjust; rows of equal score are not spread. Groups smaller than fairdb.min_group are suppressed.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive text[],
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata text[] DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights text DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id bigint,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, text[], float8, text, text[], text, text, text, text, float8[], text, text, float8[], text, bigint) IS
  'Fair scores of all rows of a source (the name of a table or view, or a SELECT), calibrated on the same rows or on those of calibrate_on: select * from barycenter_scores(source => ''applicants'', id => ''id'', score => ''score'', sensitive => ''{sex}''). id, score, sensitive, strata, weight and key name columns. The id is returned as bigint; for an id of another type see the form with id_type. fair_score is NULL where score or group is unknown. strata: groups are to agree within each combination of them. weight: of a row in the calibration. ties: ''mid_rank'' gives equal scores one fair score, ''hash'' spreads them by key (the id unless named). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive text[],
  id_type anyelement,
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata text[] DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights text DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id anyelement,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, text[], anyelement, float8, text, text[], text, text, text, text, float8[], text, text, float8[], text, bigint) IS
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
  note text
)
  AS 'MODULE_PATHNAME', 'fairdb_score_gaps'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 3 COST 10000;
COMMENT ON FUNCTION score_gaps(distribution, int, float8) IS
  'The largest differences between groups of the area under the ROC curve, the Brier score and the calibration error, the first two with an interval and a test; the last two are NULL when scores are no probabilities. note says so where interval and p-value disagree. scores comes from distribution_agg(score, row(sensitive, y_true)).';
-- Equality. Made by src/sql/34-equality.sql.sh.

CREATE FUNCTION confusion_eq(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_eq(confusion, confusion) IS
  'implementation of the = operator';

CREATE FUNCTION confusion_ne(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_ne(confusion, confusion) IS
  'implementation of the <> operator';

CREATE FUNCTION confusion_hash(confusion) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_hash(confusion) IS
  'hash function of type confusion';

CREATE FUNCTION confusion_hash_extended(confusion, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confusion_hash_extended(confusion, int8) IS
  'seeded hash function of type confusion';

CREATE OPERATOR = (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = confusion_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (confusion, confusion) IS
  'whether both confusions hold the same counts, and weights or no weights';

CREATE OPERATOR <> (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = confusion_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (confusion, confusion) IS
  'whether they differ';

CREATE OPERATOR CLASS confusion_ops DEFAULT FOR TYPE confusion USING hash AS
  OPERATOR 1 =, FUNCTION 1 confusion_hash(confusion), FUNCTION 2 confusion_hash_extended(confusion, int8);
COMMENT ON OPERATOR CLASS confusion_ops USING hash IS
  'equality of type confusion, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION distribution_eq(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_eq(distribution, distribution) IS
  'implementation of the = operator';

CREATE FUNCTION distribution_ne(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_ne(distribution, distribution) IS
  'implementation of the <> operator';

CREATE FUNCTION distribution_hash(distribution) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_hash(distribution) IS
  'hash function of type distribution';

CREATE FUNCTION distribution_hash_extended(distribution, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION distribution_hash_extended(distribution, int8) IS
  'seeded hash function of type distribution';

CREATE OPERATOR = (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = distribution_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (distribution, distribution) IS
  'whether both distributions hold the same rows; where groups are sketches, whether they came from the same rows in the same order and parts';

CREATE OPERATOR <> (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = distribution_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (distribution, distribution) IS
  'whether they differ';

CREATE OPERATOR CLASS distribution_ops DEFAULT FOR TYPE distribution USING hash AS
  OPERATOR 1 =, FUNCTION 1 distribution_hash(distribution), FUNCTION 2 distribution_hash_extended(distribution, int8);
COMMENT ON OPERATOR CLASS distribution_ops USING hash IS
  'equality of type distribution, for GROUP BY, DISTINCT and hash joins';

-- Fair models: linear and kernel models under an orthogonality constraint.

CREATE TYPE model;

CREATE FUNCTION model_in(cstring) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_model_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION model_in(cstring) IS
  'text input of type model';

CREATE FUNCTION model_out(model) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_model_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION model_out(model) IS
  'text output of type model';

CREATE FUNCTION model_recv(internal) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_model_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION model_recv(internal) IS
  'binary input of type model';

CREATE FUNCTION model_send(model) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_model_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION model_send(model) IS
  'binary output of type model';

CREATE TYPE model (
  INPUT = model_in, OUTPUT = model_out, RECEIVE = model_recv, SEND = model_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE model IS
  'A trained model with all that prediction needs. Made by train_linear and train_kernel; used by predict, classify, probability, explain, coefficients and describe. Can be stored and dumped.';

CREATE FUNCTION train_linear(
  source text,
  target text,
  sensitive text[],
  features text[] DEFAULT NULL,
  loss text DEFAULT 'logistic',
  fairness text DEFAULT 'equal_opportunity',
  epsilon float8 DEFAULT 0,
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  class_weight text DEFAULT NULL,
  positive text DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  method text DEFAULT 'projection',
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_linear'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_linear(text, text, text[], text[], text, text, float8, float8, bool, text, text, text, text, int, text, text, text, float8, bigint) IS
  'Trains a linear model whose average score is the same in all groups: select train_linear(source => ''applicants'', target => ''approved'', sensitive => ''{sex}''). source: the name of a table or view, or a SELECT in dollar quotes, read as the caller. features: by default every column but target, weight and sensitive. loss: logistic, squared_hinge or hinge (classes), squared (numbers). fairness: equal_opportunity (equal average score of the positive rows), predictive_equality (of the negative rows), equalized_odds (of both), demographic_parity (of all rows) or none. epsilon: how far the average scores may differ. c weighs the loss against the penalty. weight: a column of sampling weights. class_weight: balanced, or two numbers for negative and positive rows. positive: the value of the target that counts as positive, when it is neither boolean nor 0/1. attributes: intersection (several sensitive columns form groups together) or each. bins: for a number as target and equalized_odds, compares rows of similar targets. method: projection or elimination. on_null: error, skip or impute. on_unseen: error, null or ignore, for levels of a category that only prediction meets. held_out: the share of rows kept apart to judge the model on; seed says which.';

CREATE FUNCTION train_kernel(
  source text,
  target text,
  sensitive text[],
  features text[] DEFAULT NULL,
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
  class_weight text DEFAULT NULL,
  positive text DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_kernel'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_kernel(text, text, text[], text[], text, float8, int, float8, int, text, text, float8, float8, bool, text, text, text, text, int, text, text, float8, bigint) IS
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
-- A registry of models: versions by owner and name, of which one is active.
--
-- The rows are in a table that only the owner of the database reads and fills, to dump and to restore
-- it: row-level security would make pg_dump refuse the whole database to any role that it applies to.
-- All others use views: models shows each role its own, new_models takes new ones. A view that does both
-- would show them all to INSERT ... ON CONFLICT DO UPDATE, which on older servers does not ask whether the
-- view shows the row that stands in the way.

CREATE TABLE registered_models (
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  version int NOT NULL CHECK (version OPERATOR(pg_catalog.>) 0),
  active bool NOT NULL DEFAULT true,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  note text,
  model model NOT NULL,
  PRIMARY KEY (owner, name, version)
);
COMMENT ON TABLE registered_models IS
  'What the view models shows, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use models.';
CREATE UNIQUE INDEX models_active ON registered_models (owner, name) WHERE active;
COMMENT ON INDEX models_active IS
  'one active version of each owner and name';
SELECT pg_catalog.pg_extension_config_dump('registered_models', '');

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
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.registered_models TO %I', dumping);
END $$;

CREATE VIEW models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.saved_at, m.note, m.model
  FROM registered_models AS m
  -- No catalog stands here: LOCK TABLE on a view locks all that it names. TRUNCATE is the superusers'.
  WHERE pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident(m.owner))::pg_catalog.oid, 'MEMBER')
     OR pg_catalog.has_table_privilege('fairdb.registered_models'::pg_catalog.regclass, 'TRUNCATE');
COMMENT ON VIEW models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Each owner has names of its own. The view shows and lets change only those whose owner is the current user or a role of which that user is a member; to a superuser all.';
GRANT SELECT, UPDATE, DELETE ON models TO PUBLIC;

CREATE VIEW new_models AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.model FROM registered_models AS m;
COMMENT ON VIEW new_models IS
  'Where save_model puts a new version. It can be inserted into, not read.';
GRANT INSERT ON new_models TO PUBLIC;

CREATE FUNCTION check_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Before any key is looked at, which would tell the names of others' models. Who may fill the table itself restores it.
  IF NOT has_table_privilege(TG_RELID, 'INSERT')
     AND pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER') IS NOT TRUE THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', NEW.owner
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION check_model_owner() IS
  'trigger function of registered_models: a model belongs to a role that its writer is a member of';
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE OF owner ON registered_models
  FOR EACH ROW EXECUTE FUNCTION check_model_owner();
COMMENT ON TRIGGER check_model_owner ON registered_models IS
  'a model belongs to a role that its writer is a member of';

CREATE FUNCTION model_owner(name text, owner name DEFAULT NULL) RETURNS name
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owners name[];
BEGIN
  IF model_owner.name IS NULL THEN
    RAISE EXCEPTION 'the name of a model must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF model_owner.owner IS NOT NULL THEN
    RETURN model_owner.owner;
  END IF;
  -- A superuser is a member of every role without having asked to be.
  SELECT array_agg(DISTINCT m.owner ORDER BY m.owner) INTO owners
  FROM fairdb.models AS m, pg_roles AS o, pg_roles AS u
  WHERE m.name = model_owner.name AND o.rolname = m.owner AND u.rolname = CURRENT_USER
    AND (o.oid = u.oid OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER'));
  IF CURRENT_USER = ANY (owners) THEN
    RETURN CURRENT_USER;
  END IF;
  IF cardinality(owners) > 1 THEN
    RAISE EXCEPTION 'several roles of yours have a model "%": %', model_owner.name, array_to_string(owners, ', ')
      USING ERRCODE = 'ambiguous_parameter',
            HINT = 'Name one with owner => ''...'', or use its row of fairdb.models: predict(model, row).';
  END IF;
  RETURN owners[1];
END $$;
COMMENT ON FUNCTION model_owner(text, name) IS
  'Whose model a name means: yours if you have one, else that of the only role that you are a member of and that has one; NULL for none. A superuser has only its own, and names other owners.';

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
  new_owner := coalesce(fairdb.model_owner(save_model.name, save_model.owner), CURRENT_USER);
  -- Also of the owner of the database, who may fill the table to restore it.
  IF NOT pg_has_role(to_regrole(quote_ident(new_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', new_owner
      USING ERRCODE = 'insufficient_privilege', HINT = 'Leave owner out to save the model as your own.';
  END IF;
  -- Sessions that save under one name take turns, but for the first version, which only one can save.
  FOR attempt IN 1 .. 10 LOOP
    PERFORM FROM fairdb.models AS m WHERE m.owner = new_owner AND m.name = save_model.name ORDER BY m.version FOR UPDATE;
    SELECT coalesce(max(m.version), 0) + 1 INTO new_version
    FROM fairdb.models AS m WHERE m.owner = new_owner AND m.name = save_model.name;
    BEGIN
      IF save_model.activate THEN
        UPDATE fairdb.models AS m SET active = false
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
  'Registers a model under a name and returns its version: select save_model(''credit'', train_linear(...)). The new version is the active one unless activate is false. owner: a role whose members share the model; by default you, or a role of yours that has a model of the name when you have none.';

CREATE FUNCTION activate_model(name text, version int, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF activate_model.version IS NULL THEN
    RAISE EXCEPTION 'version must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  of_owner := fairdb.model_owner(activate_model.name, activate_model.owner);
  -- Sessions that change the versions of one name take turns.
  PERFORM FROM fairdb.models AS m WHERE m.owner = of_owner AND m.name = activate_model.name ORDER BY m.version FOR UPDATE;
  UPDATE fairdb.models AS m SET active = false
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.models AS m SET active = true
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.version = activate_model.version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may use', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
END $$;
COMMENT ON FUNCTION activate_model(text, int, name) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION drop_model(name text, version int DEFAULT NULL, owner name DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
  dropped int;
BEGIN
  of_owner := fairdb.model_owner(drop_model.name, drop_model.owner);
  DELETE FROM fairdb.models AS m
  WHERE m.owner = of_owner AND m.name = drop_model.name
    AND (drop_model.version IS NULL OR m.version = drop_model.version);
  GET DIAGNOSTICS dropped = ROW_COUNT;
  IF dropped = 0 THEN
    RAISE EXCEPTION 'there is no such version of model "%" that you may drop', drop_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_model(text, int, name) IS
  'Removes a version of a registered model, or all of them, and returns how many. Dropping the active version leaves none active: call activate_model. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION predict(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a. Your own model if you have one of the name, else that of the only role of yours that has one.';

CREATE FUNCTION classify(name text, "row" record) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION classify(name text, "row" record) IS
  'Whether the active version of a registered model predicts the positive class.';

CREATE FUNCTION probability(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION probability(name text, "row" record) IS
  'The probability of the positive class under the active version of a registered model of the logistic loss.';
-- Choosing a model: cross-validation over a grid, and the price of fairness.

CREATE FUNCTION cross_validate(
  source text,
  target text,
  sensitive text[],
  features text[] DEFAULT NULL,
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
  class_weight text DEFAULT NULL,
  positive text DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  method text DEFAULT 'projection',
  on_null text DEFAULT 'error',
  folds int DEFAULT 5,
  share float8 DEFAULT 0.9,
  seed bigint DEFAULT 0
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
COMMENT ON FUNCTION cross_validate(text, text, text[], text[], float8[], float8[], text, float8[], int, float8, int, text, text, bool, text, text, text, text, int, text, text, int, float8, bigint) IS
  'Judges every combination of c, epsilon and gamma on rows that its models have not seen: each of the folds, which have the same share of every group and class, is predicted by a model of the others. kernel: NULL trains linear models, else as in train_kernel. gap: of the decisions, in the sense of the fairness (of a number as target, the largest difference of the groups'' mean scores). selection_rate: the share of positive decisions. chosen: of the settings with at least share of the best accuracy, the one with the smallest gap; one that decides the same for everybody, whose gap is 0, only where there is no other, and then with a warning. note: why a setting could not be trained, or that it is constant. Train the final model with its numbers on all rows.';

CREATE FUNCTION tradeoff(
  source text,
  target text,
  sensitive text[],
  features text[] DEFAULT NULL,
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
  class_weight text DEFAULT NULL,
  positive text DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  folds int DEFAULT 5,
  seed bigint DEFAULT 0
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
COMMENT ON FUNCTION tradeoff(text, text, text[], text[], float8[], float8, text, float8, int, float8, int, text, text, bool, text, text, text, text, int, text, int, bigint) IS
  'What fairness costs: accuracy, gap and selection rate of the decisions, by cross-validation, for each epsilon. By default epsilon goes in tenths from 0, where the groups'' mean scores agree, to their difference in a model without the constraint. note: why a setting could not be trained, or that it decides the same for everybody.';
-- The preprocessing of the fair linear models alone.

CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive text[],
  target text DEFAULT NULL,
  features text[] DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive text DEFAULT NULL,
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
COMMENT ON FUNCTION fair_features(text, text, text[], text, text[], text, text, bool, text, text, text, int, text, text) IS
  'The preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';

CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive text[],
  id_type anyelement,
  target text DEFAULT NULL,
  features text[] DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive text DEFAULT NULL,
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
COMMENT ON FUNCTION fair_features(text, text, text[], anyelement, text, text[], text, text, bool, text, text, text, int, text, text) IS
  'The same with ids of another type than bigint: id_type => NULL::text. Returns the preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';
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
