-- The six named gaps. Each is a function of a confusion, and an aggregate over rows in four forms
-- (group as text or as any type, with or without weight) that share their state with confusion_agg.

CREATE FUNCTION demographic_parity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_difference(confusion confusion) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.demographic_parity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.demographic_parity_difference_final(confusion) IS
  'aggregate final function of demographic_parity_difference';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_difference(y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest selection rate P(y_pred) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION demographic_parity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION demographic_parity_ratio(confusion confusion) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.demographic_parity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_demographic_parity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.demographic_parity_ratio_final(confusion) IS
  'aggregate final function of demographic_parity_ratio';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.prediction_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.demographic_parity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.prediction_count, MINVFUNC = fairdb_internal.prediction_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.demographic_parity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE demographic_parity_ratio(y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest selection rate P(y_pred) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_difference(confusion confusion) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.equal_opportunity_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equal_opportunity_difference_final(confusion) IS
  'aggregate final function of equal_opportunity_difference';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Largest minus smallest true positive rate P(y_pred | y_true) over the groups: 0 is parity. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equal_opportunity_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equal_opportunity_ratio(confusion confusion) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.equal_opportunity_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equal_opportunity_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equal_opportunity_ratio_final(confusion) IS
  'aggregate final function of equal_opportunity_ratio';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equal_opportunity_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equal_opportunity_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equal_opportunity_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'Smallest divided by largest true positive rate P(y_pred | y_true) over the groups: 1 is parity. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_difference(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_difference(confusion confusion) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate.';

CREATE FUNCTION fairdb_internal.equalized_odds_difference_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_difference_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equalized_odds_difference_final(confusion) IS
  'aggregate final function of equalized_odds_difference';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_difference_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_difference_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_difference(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The larger of the differences of true and false positive rates over the groups: 0 is parity; NULL when either is. NULL with fewer than two groups that have the rate. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION equalized_odds_ratio(confusion confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION equalized_odds_ratio(confusion confusion) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0.';

CREATE FUNCTION fairdb_internal.equalized_odds_ratio_final(confusion) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_equalized_odds_ratio_final'
  LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.equalized_odds_ratio_final(confusion) IS
  'aggregate final function of equalized_odds_ratio';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive text, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 128,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) (
  SFUNC = fairdb_internal.confusion_count, STYPE = confusion, SSPACE = 1400,
  FINALFUNC = fairdb_internal.equalized_odds_ratio_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_count, MINVFUNC = fairdb_internal.confusion_uncount, MSTYPE = confusion, MSSPACE = 1400,
  MFINALFUNC = fairdb_internal.equalized_odds_ratio_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE equalized_odds_ratio(y_true bool, y_pred bool, sensitive anyelement, weight float8) IS
  'The smaller of the ratios of true and false positive rates over the groups: 1 is parity; NULL when either is. NULL with fewer than two groups that have the rate, or when the largest rate is 0. Several of these aggregates with the same arguments in one query count the rows once.';

CREATE FUNCTION extreme_groups(confusion confusion, metric text) RETURNS TABLE (
  group_low text,
  low float8,
  group_high text,
  high float8
)
  AS 'MODULE_PATHNAME', 'fairdb_extreme_groups'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION extreme_groups(confusion, text) IS
  'The groups that make difference(confusion, metric): those with the smallest and the largest rate, the first by name of several. No row with fewer than two groups that have the rate.';
