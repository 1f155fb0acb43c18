-- The preprocessing of the fair linear models alone.

CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive names,
  target text DEFAULT NULL,
  features names DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  apply_to text DEFAULT NULL
) RETURNS TABLE (
  id bigint,
  features float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_fair_features'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION fair_features(text, text, names, text, names, text, text, bool, text, option_value, text, int, text, text) IS
  'The preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';

CREATE FUNCTION fair_features(
  source text,
  id text,
  sensitive names,
  id_type anyelement,
  target text DEFAULT NULL,
  features names DEFAULT NULL,
  fairness text DEFAULT 'demographic_parity',
  method text DEFAULT 'projection',
  standardize bool DEFAULT true,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  attributes text DEFAULT 'intersection',
  bins int DEFAULT NULL,
  on_null text DEFAULT 'error',
  apply_to text DEFAULT NULL
) RETURNS TABLE (
  id anyelement,
  features float8[]
)
  AS 'MODULE_PATHNAME', 'fairdb_fair_features_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION fair_features(text, text, names, anyelement, text, names, text, text, bool, text, option_value, text, int, text, text) IS
  'The same with ids of another type than bigint: id_type => NULL::text. Returns the preprocessing of the fair linear models, for any other learner: each row''s features in standardised units, projected onto the directions in which the groups'' means agree (method projection), or with one feature for each condition expressed by the others and dropped (elimination, as published; a NOTICE names it). A linear learner on them satisfies the constraint. Their order is that of the columns; a category has one number for each of its levels. target is needed for every fairness but demographic_parity. apply_to: another source whose rows are returned, prepared as the first one says. features is NULL for rows that on_null => ''skip'' leaves out.';
