-- Fair representations: one map shared by many tasks, from which the groups cannot be told apart.

CREATE FUNCTION train_representation(
  source text,
  targets names,
  sensitive names,
  features names DEFAULT NULL,
  dimensions int DEFAULT NULL,
  hidden int DEFAULT 0,
  divergence text DEFAULT 'mmd',
  gamma float8 DEFAULT 1,
  epsilon float8 DEFAULT NULL,
  epochs int DEFAULT NULL,
  batch int DEFAULT 1000,
  learning_rate float8 DEFAULT 0.01,
  c float8 DEFAULT 1,
  attributes text DEFAULT 'intersection',
  weight text DEFAULT NULL,
  on_null text DEFAULT 'error',
  on_unseen text DEFAULT 'error',
  held_out float8 DEFAULT 0,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS model
  AS 'MODULE_PATHNAME', 'fairdb_train_representation'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_representation(text, names, names, names, int, int, text, float8, float8, int, int, float8, float8, text, text, text, text, float8, bigint, names) IS
  'Trains a map of the features to a few numbers that serves several tasks and tells little of the groups: select train_representation(source => ''people'', targets => ''{approved,hours}'', sensitive => ''{sex}''). transform(model, row) gives the numbers, predict(model, row, task => ''approved'') a task''s score. targets: boolean columns are classes, numbers are estimated; a row may be NULL in some. features: by default every column but targets, weight, sensitive and those that exclude names. dimensions: of the representation, by default 8, or one less than the features if that is fewer. hidden: 0 is a linear map, a number that of rectified linear units before it. divergence: mmd, sinkhorn (with epsilon, a factor of the mean cost, 0.5 by default) or mean, between the groups'' representations; gamma weighs it. epochs: passes over the rows, by default 40 or as many more as make 2000 batches; batch: rows of one; learning_rate: of the solver (without effect where no batches are needed: for a linear map with gamma 0 or mean). c weighs the loss against the penalty. attributes: intersection or each. on_null: error, skip or impute. on_unseen: error, null or ignore. held_out: the share of rows kept apart, on which describe(model) judges and which held_out_rows names; seed chooses them, and the first map and the batches.';

CREATE FUNCTION representation_tradeoff(
  source text,
  targets names,
  sensitive names,
  gamma float8[],
  features names DEFAULT NULL,
  dimensions int DEFAULT NULL,
  hidden int DEFAULT 0,
  divergence text DEFAULT 'mmd',
  epsilon float8 DEFAULT NULL,
  epochs int DEFAULT NULL,
  batch int DEFAULT 1000,
  learning_rate float8 DEFAULT 0.01,
  c float8 DEFAULT 1,
  attributes text DEFAULT 'intersection',
  weight text DEFAULT NULL,
  on_null text DEFAULT 'error',
  held_out float8 DEFAULT 0.3,
  seed bigint DEFAULT 0,
  exclude names DEFAULT NULL
) RETURNS TABLE (
  gamma float8,
  task text,
  accuracy float8,
  mean_squared_error float8,
  demographic_parity_difference float8,
  ks_distance float8,
  divergence float8,
  probe_accuracy float8,
  majority float8,
  probe_auc float8,
  converged bool
)
  AS 'MODULE_PATHNAME', 'fairdb_representation_tradeoff'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20;
COMMENT ON FUNCTION representation_tradeoff(text, names, names, float8[], names, int, int, text, float8, int, int, float8, float8, text, text, text, float8, bigint, names) IS
  'What a fair representation costs: for each gamma and task, on the rows that held_out keeps apart, accuracy or mean squared error, the difference of the groups'' shares of positive decisions, the Kolmogorov-Smirnov distance of their scores, the divergence of their representations, and what a logistic regression on the representation tells of the group: how often which, beside majority, the share of the largest group, and the area under the ROC curve, .5 for guessing (of several attributes the one that it tells best); converged: whether the transports of a Sinkhorn divergence have. select * from representation_tradeoff(source => ''people'', targets => ''{approved}'', sensitive => ''{sex}'', gamma => ''{0,1,10}'').';

CREATE FUNCTION transform(model model, "row" record) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_row'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION transform(model, record) IS
  'The representation of a row under a model of train_representation, as many numbers as it has dimensions: select transform(m.model, p) from people p, m. Other tasks are trained on it, groups compared by mmd or divergence_test. The row''s columns are matched by name.';

CREATE FUNCTION transform(model model, "row" record, on_null text, on_unseen text DEFAULT NULL) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_row'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION transform(model, record, text, text) IS
  'As transform(model, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION transform(name text, "row" record) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record) IS
  'As transform(model, row), by the active model of this name.';

CREATE FUNCTION transform(name text, "row" record, owner name) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record, name) IS
  'As transform(name, row), of a model of another owner who has granted it.';

CREATE FUNCTION transform(name text, "row" record, on_null text, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8[]
  AS 'MODULE_PATHNAME', 'fairdb_transform_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION transform(text, record, text, text, name) IS
  'As transform(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model, record, text) IS
  'The score of a task of a row under a model of train_representation: the log-odds of a class, or an estimate of a number: select predict(m.model, p, task => ''approved'') from people p, m.';

CREATE FUNCTION predict(model model, "row" record, task text, on_null text, on_unseen text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(model, record, text, text, text) IS
  'As predict(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict(name text, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text) IS
  'As predict(model, row, task), by the active model of this name.';

CREATE FUNCTION predict(name text, "row" record, task text, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text, name) IS
  'As predict(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION predict(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION predict(text, record, text, text, text, name) IS
  'As predict(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION classify(model model, "row" record, task text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model, record, text) IS
  'Whether the model predicts the class of a task, that is predict(model, row, task) >= 0.';

CREATE FUNCTION classify(model model, "row" record, task text, on_null text, on_unseen text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(model, record, text, text, text) IS
  'As classify(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION classify(name text, "row" record, task text) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text) IS
  'As classify(model, row, task), by the active model of this name.';

CREATE FUNCTION classify(name text, "row" record, task text, owner name) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text, name) IS
  'As classify(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION classify(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION classify(text, record, text, text, text, name) IS
  'As classify(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION probability(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model, record, text) IS
  'The probability of the class of a task, 1 / (1 + exp(-predict(model, row, task))).';

CREATE FUNCTION probability(model model, "row" record, task text, on_null text, on_unseen text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(model, record, text, text, text) IS
  'As probability(model, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION probability(name text, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text) IS
  'As probability(model, row, task), by the active model of this name.';

CREATE FUNCTION probability(name text, "row" record, task text, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text, name) IS
  'As probability(name, row, task), of a model of another owner who has granted it.';

CREATE FUNCTION probability(name text, "row" record, task text, on_null text, on_unseen text, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named_task'
  LANGUAGE c STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION probability(text, record, text, text, text, name) IS
  'As probability(name, row, task), with what to do about a row that the model cannot take, in place of what training said (NULL), both named: on_null => ''null'' or ''error'', on_unseen => ''null'', ''ignore'' or ''error''.';

CREATE FUNCTION predict_or_null(model model, "row" record, task text) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_or_null_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict_or_null(model, record, text) IS
  'As predict(model, row, task), and NULL for a row that the model cannot take, as predict_or_null(model, row) says.';

CREATE FUNCTION prediction_error(model model, "row" record, task text) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_prediction_error_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40;
COMMENT ON FUNCTION prediction_error(model, record, text) IS
  'Why predict_or_null(model, row, task) is NULL; NULL where it is not.';

CREATE FUNCTION coefficients(model model, task text) RETURNS TABLE (
  feature text,
  level text,
  coefficient float8,
  standardized float8,
  mean float8,
  scale float8
)
  AS 'MODULE_PATHNAME', 'fairdb_coefficients_of_task'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION coefficients(model, text) IS
  'The score of a task of a linear representation as a table: predict(model, row, task) = (intercept) + sum of coefficient x value, as coefficients(model) has it.';

CREATE FUNCTION coefficients(model model, dimension int) RETURNS TABLE (
  feature text,
  level text,
  coefficient float8,
  standardized float8,
  mean float8,
  scale float8
)
  AS 'MODULE_PATHNAME', 'fairdb_coefficients_of_dimension'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION coefficients(model, int) IS
  'A dimension of a linear representation as a table: (transform(model, row))[dimension] = (intercept) + sum of coefficient x value, as coefficients(model) has it.';

CREATE FUNCTION explain(model model, "row" record, task text) RETURNS TABLE (
  feature text,
  value text,
  contribution float8
)
  AS 'MODULE_PATHNAME', 'fairdb_explain_task'
  LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION explain(model, record, text) IS
  'What each column of a row contributes to its score of a task: the score minus the score with the column at its training mean. Of a linear representation the contributions and the first line, the score of the mean row, add up to predict(model, row, task). No rows when the prediction is NULL.';

CREATE FUNCTION transform_rows(source text, id text, model model) RETURNS TABLE (
  id bigint,
  representation float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_transform_rows'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION transform_rows(text, text, model) IS
  'The representations of all rows of a source beside their ids: select * from transform_rows(''people'', ''id'', (select model from m)). NULL for rows that the model gives none. id is returned as bigint; for an id of another type see the form with id_type.';

CREATE FUNCTION transform_rows(source text, id text, model model, id_type anyelement) RETURNS TABLE (
  id anyelement,
  representation float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_transform_rows_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10000;
COMMENT ON FUNCTION transform_rows(text, text, model, anyelement) IS
  'The same with ids of another type than bigint: id_type => NULL::text.';
