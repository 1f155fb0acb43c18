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
