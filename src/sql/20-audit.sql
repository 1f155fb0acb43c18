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
  AS 'MODULE_PATHNAME', 'fairdb_confusion_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, text) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION prediction_count(confusion, bool, text) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_count_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, text) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION confusion_count(confusion, bool, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_count(confusion, bool, bool, anyelement) IS
  'aggregate transition function: counts a row by label, prediction and group';

CREATE FUNCTION prediction_count(confusion, bool, anyelement) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_prediction_count_any'
  LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION prediction_count(confusion, bool, anyelement) IS
  'aggregate transition function: counts a row by prediction and group';

CREATE FUNCTION confusion_merge(confusion, confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_merge'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_merge(confusion, confusion) IS
  'aggregate transition and combine function: adds a confusion to another one';

CREATE FUNCTION confusion_final(confusion) RETURNS confusion
  AS 'MODULE_PATHNAME', 'fairdb_confusion_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION confusion_final(confusion) IS
  'aggregate final function: the confusion in its canonical form, groups sorted by label';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = confusion_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive text) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = confusion_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE confusion_agg(y_true bool, y_pred bool, sensitive anyelement) IS
  'Counts labels (y_true), predictions (y_pred) and groups (sensitive) in one pass: select * from by_group((select confusion_agg(y_true, y_pred, sex) from decisions)). Rows with an unknown label, prediction or group (NULL) are counted apart. Several attributes: sensitive => row(sex, race).';

CREATE AGGREGATE rollup(confusion) (
  SFUNC = confusion_merge,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = confusion_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(confusion) IS
  'Merges stored confusions into one, as if all their rows had been counted together: select demographic_parity_difference(rollup(daily)) from audit_log.';

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
  unknown_prediction bigint
)
  AS 'MODULE_PATHNAME', 'fairdb_by_group'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION by_group(confusion) IS
  'One row for each group with its counts and rates, and one with sensitive NULL for the rows whose group is unknown, if there are any. A rate whose denominator is 0 is NULL. n_positive counts y_true, n_selected counts y_pred.';

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
  unknown_prediction bigint
)
  AS 'MODULE_PATHNAME', 'fairdb_overall'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION overall(confusion) IS
  'The counts and rates of all rows together, rows of unknown group included; columns as in by_group.';

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
  SFUNC = prediction_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = demographic_parity_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) (
  SFUNC = prediction_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = demographic_parity_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) IS
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
  SFUNC = prediction_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = demographic_parity_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) (
  SFUNC = prediction_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = demographic_parity_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) IS
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
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equal_opportunity_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equal_opportunity_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) IS
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
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equal_opportunity_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equal_opportunity_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
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
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equalized_odds_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equalized_odds_difference_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) IS
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
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equalized_odds_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = confusion_count,
  STYPE = confusion,
  SSPACE = 256,
  FINALFUNC = equalized_odds_ratio_final,
  COMBINEFUNC = confusion_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

