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
