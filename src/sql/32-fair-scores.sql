-- Fair scores.

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive text, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, text, float8, text, text, int, float8[], option_value, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION adjust(distribution distribution, score float8, sensitive anyelement, alpha float8 DEFAULT 0, key text DEFAULT NULL, on_unseen text DEFAULT 'error', conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_adjust_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION adjust(distribution, float8, anyelement, float8, text, text, int, float8[], option_value, text, float8[], text, bigint) IS
  'The score that the row would have if all groups had the same law of scores (their Wasserstein barycenter), keeping its rank within its group: select adjust(d, score, sex) from applicants, (select distribution_agg(score, sex) d from applicants) t. It depends on no other row that is adjusted. NULL when distribution, score or sensitive is. key: spreads rows of equal score over their ranks by a hash of it, instead of giving them one score. conditional_on: so many leading fields of sensitive are strata, within which groups are to agree: adjust(d, score, row(region, sex), conditional_on => 1). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION adjusted(distribution distribution, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS distribution
  AS 'MODULE_PATHNAME', 'fairdb_adjusted'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION adjusted(distribution, float8, int, float8[], option_value, text, float8[], text, bigint) IS
  'The distribution of the fair scores of the rows that the distribution was made from, so that quantiles, histogram and distances of the "after" need no second scan: select * from quantiles(adjusted(d), ''{0.1,0.5,0.9}''). Options as in adjust; rows of equal score are not spread. A sketch stays one, with its rank error.';

CREATE FUNCTION adjustment_report(distribution distribution, threshold float8 DEFAULT NULL, alpha float8 DEFAULT 0, conditional_on int DEFAULT 0, alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0) RETURNS TABLE (
  sensitive text,
  overall bool,
  n bigint,
  share float8,
  mean_before float8,
  mean_after float8,
  ks_before float8,
  ks_after float8,
  wasserstein_before float8,
  wasserstein_after float8,
  mean_squared_shift float8,
  mean_rank_change float8,
  moved_up float8,
  moved_down float8,
  largest_tie float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_adjustment_report'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION adjustment_report(distribution, float8, float8, int, float8[], option_value, text, float8[], text, bigint) IS
  'What adjust changes, over the calibrated scores: a row for each group and, where overall is true, one for all groups together (rows of unknown group have no part in it). ks and wasserstein: the largest distance to another group (of the same stratum). mean_squared_shift: the mean of (after - before)^2, overall the price of fairness. mean_rank_change: how far rows move among all rows, on average, as a share of them. largest_tie: the share of the group''s rows that have one score; without a key they move together, and the groups come no nearer than about so far. moved_up, moved_down: the shares that cross the threshold to it or above, and below it. Options as in adjust; rows of equal score are not spread. Groups smaller than fairdb.min_group are suppressed, and shares that tell of fewer rows.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive names,
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id bigint,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, names, float8, text, names, text, text, text, text, float8[], option_value, text, float8[], text, bigint) IS
  'Fair scores of all rows of a source (the name of a table or view, or a SELECT), calibrated on the same rows or on those of calibrate_on: select * from barycenter_scores(source => ''applicants'', id => ''id'', score => ''score'', sensitive => ''{sex}''). id, score, sensitive, strata, weight and key name columns. The id is returned as bigint; for an id of another type see the form with id_type. fair_score is NULL where score or group is unknown. strata: groups are to agree within each combination of them. weight: of a row in the calibration. ties: ''mid_rank'' gives equal scores one fair score, ''hash'' spreads them by key (the id unless named). alpha is the share of the unfairness that may stay, 0 to 1: scores move by 1 - sqrt(alpha) of the way (EquiPy''s epsilon is sqrt(alpha)). alphas: one for each attribute of a row, which are then adjusted for in this order, each within the values of the later ones. group_weights: ''shares'', ''uniform'' or JSON such as ''{"a": 1, "b": 2}''. barycenter: ''w2'' (mean of the groups'' quantiles) or ''w1'' (their weighted median). bounds: two numbers that scores stay within. calibration: ''full'', or ''split'' into random halves (of seed), for which the paper''s guarantee holds. on_unseen: ''error'' or ''null'', for groups without calibrated scores.';

CREATE FUNCTION barycenter_scores(
  source text,
  id text,
  score text,
  sensitive names,
  id_type anyelement,
  alpha float8 DEFAULT 0,
  calibrate_on text DEFAULT NULL,
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  ties text DEFAULT 'mid_rank',
  key text DEFAULT NULL,
  on_unseen text DEFAULT 'error',
  alphas float8[] DEFAULT NULL, group_weights option_value DEFAULT 'shares', barycenter text DEFAULT 'w2', bounds float8[] DEFAULT NULL, calibration text DEFAULT 'full', seed bigint DEFAULT 0
) RETURNS TABLE (
  id anyelement,
  sensitive text,
  score float8,
  fair_score float8
)
  AS 'MODULE_PATHNAME', 'fairdb_barycenter_scores_typed'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 100000;
COMMENT ON FUNCTION barycenter_scores(text, text, text, names, anyelement, float8, text, names, text, text, text, text, float8[], option_value, text, float8[], text, bigint) IS
  'As barycenter_scores without id_type, for an id of any type, which it keeps: name the type with id_type => NULL::uuid.';
