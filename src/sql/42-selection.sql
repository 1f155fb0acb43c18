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
