-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the chapters there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

-- Whoever owns a schema can replace what it holds, and put beside it what is found first. So the schema is the
-- extension's alone: of a superuser or of the role that installs it, empty, and nobody else may create in it.
DO $$
DECLARE
  place pg_catalog.pg_namespace;
BEGIN
  SELECT n.* INTO place FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) 'fairdb';
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) place.nspowner
                 AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)) THEN
    RAISE EXCEPTION 'schema "fairdb" exists already and belongs to another role'
      USING ERRCODE = 'duplicate_schema',
            HINT = 'Drop it, or ALTER SCHEMA fairdb OWNER TO the role that installs: its owner could change what fairdb does for everybody.';
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

-- Parts of jobs, which run as their caller: not meant to be called, and not forbidden.
CREATE SCHEMA fairdb_jobs;
COMMENT ON SCHEMA fairdb_jobs IS
  'Parts of the functions of fairdb that create and run jobs. Not to be called.';
GRANT USAGE ON SCHEMA fairdb_jobs TO PUBLIC;

-- Of all of them: what others may create in them is found by everybody.
DO $$
DECLARE
  place pg_catalog.text;
BEGIN
  SELECT n.nspname INTO place
  FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) a.grantee
  WHERE n.nspname OPERATOR(pg_catalog.=) ANY ('{fairdb,fairdb_internal,fairdb_jobs}'::pg_catalog.name[]) AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'
    AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner AND NOT coalesce(r.rolsuper, false)
  ORDER BY n.nspname LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "%" lets others create in it', place
      USING ERRCODE = 'invalid_schema_definition', HINT = 'Revoke it from them, or ALTER DEFAULT PRIVILEGES that grant CREATE ON SCHEMAS.';
  END IF;
END $$;
