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
