-- Equality of values, for =, <>, GROUP BY, DISTINCT and hash joins.

CREATE FUNCTION fairdb_internal.confusion_eq(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_eq(confusion, confusion) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.confusion_ne(confusion, confusion) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_confusion_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_ne(confusion, confusion) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.confusion_hash(confusion) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_hash(confusion) IS
  'hash function of type confusion';

CREATE FUNCTION fairdb_internal.confusion_hash_extended(confusion, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_confusion_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.confusion_hash_extended(confusion, int8) IS
  'seeded hash function of type confusion';

CREATE OPERATOR = (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (confusion, confusion) IS
  'whether both confusions hold the same counts, and weights or no weights';

CREATE OPERATOR <> (
  LEFTARG = confusion, RIGHTARG = confusion, FUNCTION = fairdb_internal.confusion_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (confusion, confusion) IS
  'whether they differ';

CREATE OPERATOR CLASS confusion_ops DEFAULT FOR TYPE confusion USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.confusion_hash(confusion), FUNCTION 2 fairdb_internal.confusion_hash_extended(confusion, int8);
COMMENT ON OPERATOR CLASS confusion_ops USING hash IS
  'equality of type confusion, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.distribution_eq(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_eq(distribution, distribution) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.distribution_ne(distribution, distribution) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_distribution_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_ne(distribution, distribution) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.distribution_hash(distribution) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_hash(distribution) IS
  'hash function of type distribution';

CREATE FUNCTION fairdb_internal.distribution_hash_extended(distribution, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_distribution_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.distribution_hash_extended(distribution, int8) IS
  'seeded hash function of type distribution';

CREATE OPERATOR = (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = fairdb_internal.distribution_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (distribution, distribution) IS
  'whether both distributions hold the same rows; where groups are sketches, whether they came from the same rows in the same order and parts';

CREATE OPERATOR <> (
  LEFTARG = distribution, RIGHTARG = distribution, FUNCTION = fairdb_internal.distribution_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (distribution, distribution) IS
  'whether they differ';

CREATE OPERATOR CLASS distribution_ops DEFAULT FOR TYPE distribution USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.distribution_hash(distribution), FUNCTION 2 fairdb_internal.distribution_hash_extended(distribution, int8);
COMMENT ON OPERATOR CLASS distribution_ops USING hash IS
  'equality of type distribution, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.model_eq(model, model) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_model_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_eq(model, model) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.model_ne(model, model) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_model_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_ne(model, model) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.model_hash(model) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_model_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_hash(model) IS
  'hash function of type model';

CREATE FUNCTION fairdb_internal.model_hash_extended(model, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_model_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.model_hash_extended(model, int8) IS
  'seeded hash function of type model';

CREATE OPERATOR = (
  LEFTARG = model, RIGHTARG = model, FUNCTION = fairdb_internal.model_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (model, model) IS
  'whether both models are the same: kind, source, what was asked and what came out, but for the seconds that training took';

CREATE OPERATOR <> (
  LEFTARG = model, RIGHTARG = model, FUNCTION = fairdb_internal.model_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (model, model) IS
  'whether they differ';

CREATE OPERATOR CLASS model_ops DEFAULT FOR TYPE model USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.model_hash(model), FUNCTION 2 fairdb_internal.model_hash_extended(model, int8);
COMMENT ON OPERATOR CLASS model_ops USING hash IS
  'equality of type model, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.moments_eq(moments, moments) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_moments_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_eq(moments, moments) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.moments_ne(moments, moments) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_moments_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_ne(moments, moments) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.moments_hash(moments) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_moments_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_hash(moments) IS
  'hash function of type moments';

CREATE FUNCTION fairdb_internal.moments_hash_extended(moments, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_moments_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.moments_hash_extended(moments, int8) IS
  'seeded hash function of type moments';

CREATE OPERATOR = (
  LEFTARG = moments, RIGHTARG = moments, FUNCTION = fairdb_internal.moments_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (moments, moments) IS
  'whether both moments hold the same sums, to the last bit: those that were joined in another order may differ there';

CREATE OPERATOR <> (
  LEFTARG = moments, RIGHTARG = moments, FUNCTION = fairdb_internal.moments_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (moments, moments) IS
  'whether they differ';

CREATE OPERATOR CLASS moments_ops DEFAULT FOR TYPE moments USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.moments_hash(moments), FUNCTION 2 fairdb_internal.moments_hash_extended(moments, int8);
COMMENT ON OPERATOR CLASS moments_ops USING hash IS
  'equality of type moments, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.vector_sample_eq(vector_sample, vector_sample) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_eq(vector_sample, vector_sample) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.vector_sample_ne(vector_sample, vector_sample) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_ne(vector_sample, vector_sample) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.vector_sample_hash(vector_sample) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_hash(vector_sample) IS
  'hash function of type vector_sample';

CREATE FUNCTION fairdb_internal.vector_sample_hash_extended(vector_sample, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_vector_sample_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.vector_sample_hash_extended(vector_sample, int8) IS
  'seeded hash function of type vector_sample';

CREATE OPERATOR = (
  LEFTARG = vector_sample, RIGHTARG = vector_sample, FUNCTION = fairdb_internal.vector_sample_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (vector_sample, vector_sample) IS
  'whether both hold the same vectors of the same groups, with as many rows each';

CREATE OPERATOR <> (
  LEFTARG = vector_sample, RIGHTARG = vector_sample, FUNCTION = fairdb_internal.vector_sample_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (vector_sample, vector_sample) IS
  'whether they differ';

CREATE OPERATOR CLASS vector_sample_ops DEFAULT FOR TYPE vector_sample USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.vector_sample_hash(vector_sample), FUNCTION 2 fairdb_internal.vector_sample_hash_extended(vector_sample, int8);
COMMENT ON OPERATOR CLASS vector_sample_ops USING hash IS
  'equality of type vector_sample, for GROUP BY, DISTINCT and hash joins';

CREATE FUNCTION fairdb_internal.graph_embedding_eq(graph_embedding, graph_embedding) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_eq(graph_embedding, graph_embedding) IS
  'implementation of the = operator';

CREATE FUNCTION fairdb_internal.graph_embedding_ne(graph_embedding, graph_embedding) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_ne(graph_embedding, graph_embedding) IS
  'implementation of the <> operator';

CREATE FUNCTION fairdb_internal.graph_embedding_hash(graph_embedding) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_hash(graph_embedding) IS
  'hash function of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8) IS
  'seeded hash function of type graph_embedding';

CREATE OPERATOR = (
  LEFTARG = graph_embedding, RIGHTARG = graph_embedding, FUNCTION = fairdb_internal.graph_embedding_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (graph_embedding, graph_embedding) IS
  'whether both have the same names and vectors, made in the same way';

CREATE OPERATOR <> (
  LEFTARG = graph_embedding, RIGHTARG = graph_embedding, FUNCTION = fairdb_internal.graph_embedding_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (graph_embedding, graph_embedding) IS
  'whether they differ';

CREATE OPERATOR CLASS graph_embedding_ops DEFAULT FOR TYPE graph_embedding USING hash AS
  OPERATOR 1 =, FUNCTION 1 fairdb_internal.graph_embedding_hash(graph_embedding), FUNCTION 2 fairdb_internal.graph_embedding_hash_extended(graph_embedding, int8);
COMMENT ON OPERATOR CLASS graph_embedding_ops USING hash IS
  'equality of type graph_embedding, for GROUP BY, DISTINCT and hash joins';
