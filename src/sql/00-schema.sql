-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the chapters there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

-- Whoever owns a schema can replace what it holds, and put beside it what is found first. So the schema is the
-- extension's alone: of a superuser or of the role that installs it, and empty.
DO $$
DECLARE
  place pg_catalog.pg_namespace;
BEGIN
  SELECT n.* INTO place FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) 'fairdb';
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) place.nspowner
                 AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)) THEN
    RAISE EXCEPTION 'schema "fairdb" exists already and belongs to another role'
      USING ERRCODE = 'duplicate_schema',
            HINT = 'Rename or drop it: its owner could change what fairdb does for everybody.';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_depend AS d
             WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
               AND d.refobjid OPERATOR(pg_catalog.=) place.oid
               AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
    RAISE EXCEPTION 'schema "fairdb" exists already and is not empty'
      USING ERRCODE = 'duplicate_schema', HINT = 'Rename or drop it, or move what it holds.';
  END IF;
END $$;

-- Functions run with the rights of their caller; types and functions are for everybody.
GRANT USAGE ON SCHEMA fairdb TO PUBLIC;

-- What the server calls and nobody else: input and output of types, parts of aggregates and operators. Nobody
-- needs a right to the schema for that.
CREATE SCHEMA fairdb_internal;
COMMENT ON SCHEMA fairdb_internal IS
  'Functions that the server calls for the types, aggregates and operators of fairdb. Not to be called.';
