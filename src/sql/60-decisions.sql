-- Decisions: thresholds by group, calibration by group, and what thresholds reach.

CREATE TYPE thresholds;

CREATE FUNCTION fairdb_internal.thresholds_in(cstring) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_in(cstring) IS
  'text input of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_out(thresholds) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_out(thresholds) IS
  'text output of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_recv(internal) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_recv(internal) IS
  'binary input of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_send(thresholds) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_send(thresholds) IS
  'binary output of type thresholds';

CREATE TYPE thresholds (
  INPUT = fairdb_internal.thresholds_in, OUTPUT = fairdb_internal.thresholds_out, RECEIVE = fairdb_internal.thresholds_recv, SEND = fairdb_internal.thresholds_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE thresholds IS
  'The rule that decides each row by its score and its group. Made by thresholds, applied by decide, shown by thresholds_by_group, bands and describe. Can be stored and dumped.';

CREATE FUNCTION fairdb_internal.thresholds_eq(thresholds, thresholds) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_eq(thresholds, thresholds) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.thresholds_ne(thresholds, thresholds) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_ne(thresholds, thresholds) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.thresholds_hash(thresholds) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_hash(thresholds) IS
  'hash function of type thresholds';

CREATE FUNCTION fairdb_internal.thresholds_hash_extended(thresholds, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.thresholds_hash_extended(thresholds, int8) IS
  'seeded hash function of type thresholds';

CREATE OPERATOR = (
  LEFTARG = thresholds, RIGHTARG = thresholds, FUNCTION = fairdb_internal.thresholds_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (thresholds, thresholds) IS
  'whether both are the same rule, made from the same rows with the same options';

CREATE OPERATOR <> (
  LEFTARG = thresholds, RIGHTARG = thresholds, FUNCTION = fairdb_internal.thresholds_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (thresholds, thresholds) IS
  'whether they differ';

CREATE OPERATOR CLASS thresholds_ops DEFAULT FOR TYPE thresholds USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.thresholds_hash(thresholds), FUNCTION 2 fairdb_internal.thresholds_hash_extended(thresholds, int8);
COMMENT ON OPERATOR CLASS thresholds_ops USING hash IS
  'equality of type thresholds, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION thresholds(
  scores distribution,
  fairness text DEFAULT 'equal_opportunity',
  objective text DEFAULT 'accuracy',
  tolerance float8 DEFAULT 0,
  randomised bool DEFAULT true,
  selection_rate float8 DEFAULT NULL,
  places bigint DEFAULT NULL,
  false_positive_cost float8 DEFAULT NULL,
  false_negative_cost float8 DEFAULT NULL
) RETURNS thresholds
  AS 'MODULE_PATHNAME', 'fairdb_thresholds'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION thresholds(distribution, text, text, float8, bool, float8, bigint, float8, float8) IS
  'The best thresholds for each group under which the groups agree: select thresholds((select distribution_agg(score, row(sex, repaid)) from loans)), then decide(thresholds, score, sex, id::text). fairness: equal_opportunity (the same share of the rows with label true is selected in each group), predictive_equality (of those with label false), equalized_odds (of both), demographic_parity (of all) or none. tolerance: how far these shares may be apart. objective: what is best over all rows, accuracy, balanced_accuracy or cost, with a cost for each kind of error. selection_rate or places: so large a share, or so many rows, are selected in all, with the most of label true among them. To make the shares agree exactly some rows are decided by chance; randomised => false leaves nothing to chance: with a tolerance for one share each group has one threshold, the best ones that keep to it; without one, and with equalized_odds, those that come nearest to the rule with chance; with selection_rate or places those nearest to a common share that select no more. describe tells what that loses. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION choose_threshold(
  scores distribution,
  objective text DEFAULT 'accuracy',
  selection_rate float8 DEFAULT NULL,
  places bigint DEFAULT NULL,
  false_positive_cost float8 DEFAULT NULL,
  false_negative_cost float8 DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_choose_threshold'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION choose_threshold(distribution, text, float8, bigint, float8, float8) IS
  'The one threshold for all groups that is best: rows with score >= it are selected. objective and costs as in thresholds. With selection_rate or places the lowest threshold that selects no more than that. Infinity when selecting nobody is best. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION thresholds_by_group(thresholds thresholds, level float8 DEFAULT 0.95) RETURNS TABLE (
  sensitive text,
  threshold_low float8,
  threshold_high float8,
  share float8,
  n bigint,
  n_positive bigint,
  share_by_chance float8,
  selection_rate float8,
  selection_rate_lower float8,
  selection_rate_upper float8,
  true_positive_rate float8,
  true_positive_rate_lower float8,
  true_positive_rate_upper float8,
  false_positive_rate float8,
  false_positive_rate_lower float8,
  false_positive_rate_upper float8,
  accuracy float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_thresholds_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000;
COMMENT ON FUNCTION thresholds_by_group(thresholds, float8) IS
  'The rule of each group, and the rates that it is expected to have over the rows that it was made from. Scores below threshold_low are rejected, those from threshold_high on selected, and of those between a share is selected by chance (share; NULL where nobody is between). Infinity: no score is that high. share_by_chance: the share of the group''s rows between the two. bands shows steps of chance between them, which equalized_odds may need. The rates come with Wilson intervals; they are of the calibration rows and promise nothing about others: audit the decisions on rows that the rule has not seen.';

CREATE FUNCTION bands(thresholds thresholds) RETURNS TABLE (
  sensitive text,
  threshold_low float8,
  threshold_high float8,
  share float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_bands'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 1000;
COMMENT ON FUNCTION bands(thresholds) IS
  'The rule in full: scores from threshold_low up to, not including, threshold_high are selected with the probability share; scores in no band are rejected. A group in which nobody is selected has no band.';

CREATE FUNCTION describe(thresholds thresholds) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_thresholds'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(thresholds) IS
  'What the thresholds were asked for and what they reach over the rows that they were made from: objective (accuracy, balanced accuracy, or the mean cost of a row) and gap (how far the compared shares are apart), beside those of the best rule without fairness and, of randomised => false, of the rule with chance.';

CREATE FUNCTION decide(thresholds thresholds, score float8, sensitive text, key text DEFAULT NULL, on_unseen text DEFAULT 'error') RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_decide_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION decide(thresholds, float8, text, text, text) IS
  'Whether the thresholds select a row of this score and group: select decide(t, score, sex, id::text) from loans, (select thresholds(...) as t) as made. key: decides what the rule leaves to chance, by a hash, so that a row has the same decision each time; needed when the rule leaves anything to chance. The same key means the same luck in every rule: id || '':loan'' gives each its own. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the rule does not know.';

CREATE FUNCTION decide(thresholds thresholds, score float8, sensitive anyelement, key text DEFAULT NULL, on_unseen text DEFAULT 'error') RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_decide_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION decide(thresholds, float8, anyelement, text, text) IS
  'Whether the thresholds select a row of this score and group: select decide(t, score, sex, id::text) from loans, (select thresholds(...) as t) as made. key: decides what the rule leaves to chance, by a hash, so that a row has the same decision each time; needed when the rule leaves anything to chance. The same key means the same luck in every rule: id || '':loan'' gives each its own. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the rule does not know.';

CREATE TYPE calibration;

CREATE FUNCTION fairdb_internal.calibration_in(cstring) RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibration_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_in(cstring) IS
  'text input of type calibration';

CREATE FUNCTION fairdb_internal.calibration_out(calibration) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_calibration_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_out(calibration) IS
  'text output of type calibration';

CREATE FUNCTION fairdb_internal.calibration_recv(internal) RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibration_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_recv(internal) IS
  'binary input of type calibration';

CREATE FUNCTION fairdb_internal.calibration_send(calibration) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_calibration_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_send(calibration) IS
  'binary output of type calibration';

CREATE TYPE calibration (
  INPUT = fairdb_internal.calibration_in, OUTPUT = fairdb_internal.calibration_out, RECEIVE = fairdb_internal.calibration_recv, SEND = fairdb_internal.calibration_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE calibration IS
  'A map from scores to probabilities for each group. Made by calibrate, applied by calibrated, shown by describe. Can be stored and dumped.';

CREATE FUNCTION fairdb_internal.calibration_eq(calibration, calibration) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_calibration_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_eq(calibration, calibration) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.calibration_ne(calibration, calibration) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_calibration_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_ne(calibration, calibration) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.calibration_hash(calibration) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_calibration_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_hash(calibration) IS
  'hash function of type calibration';

CREATE FUNCTION fairdb_internal.calibration_hash_extended(calibration, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_calibration_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.calibration_hash_extended(calibration, int8) IS
  'seeded hash function of type calibration';

CREATE OPERATOR = (
  LEFTARG = calibration, RIGHTARG = calibration, FUNCTION = fairdb_internal.calibration_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (calibration, calibration) IS
  'whether both are the same map';

CREATE OPERATOR <> (
  LEFTARG = calibration, RIGHTARG = calibration, FUNCTION = fairdb_internal.calibration_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (calibration, calibration) IS
  'whether they differ';

CREATE OPERATOR CLASS calibration_ops DEFAULT FOR TYPE calibration USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.calibration_hash(calibration), FUNCTION 2 fairdb_internal.calibration_hash_extended(calibration, int8);
COMMENT ON OPERATOR CLASS calibration_ops USING hash IS
  'equality of type calibration, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION calibrate(scores distribution, method text DEFAULT 'isotonic') RETURNS calibration
  AS 'MODULE_PATHNAME', 'fairdb_calibrate'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION calibrate(distribution, text) IS
  'Learns for each group how likely label true is at a score: select calibrated(c, score, sex) from loans, (select calibrate((select distribution_agg(score, row(sex, repaid)) from past_loans)) as c) as made. method: ''isotonic'', a function that rises in steps and is linear between them, for many rows, or ''platt'', a logistic curve, for few. Learn it on rows that the scores were not trained on. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION calibrated(calibration calibration, score float8, sensitive text, on_unseen text DEFAULT 'error') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_calibrated_text'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION calibrated(calibration, float8, text, text) IS
  'The probability of label true at a score in a group. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the calibration does not know.';

CREATE FUNCTION calibrated(calibration calibration, score float8, sensitive anyelement, on_unseen text DEFAULT 'error') RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_calibrated_any'
  LANGUAGE c STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION calibrated(calibration, float8, anyelement, text) IS
  'The probability of label true at a score in a group. NULL when score or sensitive is. on_unseen: ''error'' or ''null'', for groups that the calibration does not know.';

CREATE FUNCTION describe(calibration calibration) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_calibration'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(calibration) IS
  'The method and each group''s map: of platt the slope and intercept of the logistic curve in the score, of isotonic the number of knots and the lowest and highest probability.';

CREATE FUNCTION roc_by_group(scores distribution, points bigint DEFAULT NULL) RETURNS TABLE (
  sensitive text,
  threshold float8,
  true_positives float8,
  false_positives float8,
  false_negatives float8,
  true_negatives float8,
  selection_rate float8,
  true_positive_rate float8,
  false_positive_rate float8,
  "precision" float8,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_roc_by_group'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 1000 COST 10000;
COMMENT ON FUNCTION roc_by_group(distribution, bigint) IS
  'The ROC curve of each group: what selecting the rows with score >= threshold reaches, from Infinity (nobody) through every distinct score down to all, or at so many points of it. The counts are sums of weights. With fairdb.min_group points are left out between which there are fewer rows of a label. scores comes from distribution_agg(score, row(sensitive, y_true)).';

CREATE FUNCTION threshold_table(scores distribution, thresholds float8[]) RETURNS TABLE (
  threshold float8,
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
  AS 'MODULE_PATHNAME', 'fairdb_threshold_table'
  LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 10000;
COMMENT ON FUNCTION threshold_table(distribution, float8[]) IS
  'The columns of by_group for the decisions score >= threshold at several thresholds, from one stored value (of rows with weights that a distribution has summarised n_selected and the four counts are estimates: the share of the weight, of the rows). Only rows of known group, label, score and weight are counted, none of weight 0: select * from threshold_table(d, ''{0.3,0.5,0.7}''). scores comes from distribution_agg(score, row(sensitive, y_true)).';
