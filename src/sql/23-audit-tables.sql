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
