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
