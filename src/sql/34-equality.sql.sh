# Writes the SQL of = and <> for the types whose equal values are equal bytes. Read by make.
equality() { # equality TYPE COMMENT
  cat <<SQL

CREATE FUNCTION $1_eq($1, $1) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_$1_eq'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION $1_eq($1, $1) IS
  'implementation of the = operator';

CREATE FUNCTION $1_ne($1, $1) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_$1_ne'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION $1_ne($1, $1) IS
  'implementation of the <> operator';

CREATE FUNCTION $1_hash($1) RETURNS int4
  AS 'MODULE_PATHNAME', 'fairdb_$1_hash'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION $1_hash($1) IS
  'hash function of type $1';

CREATE FUNCTION $1_hash_extended($1, int8) RETURNS int8
  AS 'MODULE_PATHNAME', 'fairdb_$1_hash_extended'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION $1_hash_extended($1, int8) IS
  'seeded hash function of type $1';

CREATE OPERATOR = (
  LEFTARG = $1, RIGHTARG = $1, FUNCTION = $1_eq,
  COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = ($1, $1) IS
  '$2';

CREATE OPERATOR <> (
  LEFTARG = $1, RIGHTARG = $1, FUNCTION = $1_ne,
  COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> ($1, $1) IS
  'whether they differ';

CREATE OPERATOR CLASS $1_ops DEFAULT FOR TYPE $1 USING hash AS
  OPERATOR 1 =, FUNCTION 1 $1_hash($1), FUNCTION 2 $1_hash_extended($1, int8);
COMMENT ON OPERATOR CLASS $1_ops USING hash IS
  'equality of type $1, for GROUP BY, DISTINCT and hash joins';
SQL
}

echo "-- Equality. Made by src/sql/34-equality.sql.sh."
equality confusion "whether both confusions hold the same counts, and weights or no weights"
equality distribution "whether both distributions hold the same rows; where groups are sketches, whether they came from the same rows in the same order and parts"
echo
