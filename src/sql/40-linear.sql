-- Fair models: linear models under an orthogonality constraint.

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
  'A trained model with all that prediction needs. Made by train_linear; used by predict, classify, probability, coefficients and describe. Can be stored and dumped.';

CREATE FUNCTION train_linear(
  source text,
  target text,
  sensitive text[],
  features text[] DEFAULT NULL,
  loss text DEFAULT 'logistic',
  fairness text DEFAULT 'equal_opportunity',
  c float8 DEFAULT 1,
  standardize bool DEFAULT true,
  positive text DEFAULT NULL,
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error'
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_linear'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_linear(text, text, text[], text[], text, text, float8, bool, text, text, text) IS
  'Trains a linear model whose average score is the same in all groups: select train_linear(source => ''applicants'', target => ''approved'', sensitive => ''{sex}''). source: the name of a table or view, or a SELECT in dollar quotes, read as the caller. features: by default every column but target and sensitive. loss: logistic (classes) or squared (numbers). fairness: equal_opportunity (equal average score of the positive rows), demographic_parity (of all rows), equalized_odds (of the positive and of the negative rows) or none. c weighs the loss against the penalty. positive: the value of the target that counts as positive, when it is neither boolean nor 0/1. on_null: error, skip or impute. on_unseen: error or null, for levels of a category that only prediction meets.';

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
  'The model as a table: predict(model, row) = (intercept) + sum of coefficient x value, coefficient in the units of the column; standardized is the weight of (value - mean) / scale. A category has one row for each level.';

CREATE FUNCTION describe(model model) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION describe(model model) IS
  'Everything the model was trained with, and what training found: rows, objective, gaps and accuracy on the training rows, rows and mean score of each group.';
