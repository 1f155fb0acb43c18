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
