-- Audits for others: who sees what they publish, and asks for runs.

CREATE FUNCTION grant_audit(name text, role name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(grant_audit.name);
BEGIN
  IF role IS NULL OR role <> 'public' AND to_regrole(quote_ident(role)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object', HINT = 'An audit is granted to one role, or to everybody: ''public''.';
  END IF;
  IF a.at IS NULL THEN
    RAISE EXCEPTION 'audit "%" is of a whole source, and cannot be granted', a.name USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Two of its runs share most of their rows, and their difference would tell of the others. at => ''...'' gives an audit windows.';
  END IF;
  UPDATE fairdb.own_audit_grants AS g SET revoked_at = NULL WHERE g.audit = a.id AND g.grantee = role;
  IF NOT FOUND THEN
    INSERT INTO fairdb.own_audit_grants (audit, grantee, granted_by, granted_at) VALUES (a.id, role, CURRENT_USER, now());
  END IF;
END $$;
COMMENT ON FUNCTION grant_audit(text, name) IS
  'Lets a role, or everybody (''public''), see what an audit publishes, in published_groups and published_gaps, and ask for runs with request_run. It sees neither rows, nor confusions, nor the source.';

CREATE FUNCTION revoke_audit(name text, role name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(revoke_audit.name);
BEGIN
  UPDATE fairdb.own_audit_grants AS g SET revoked_at = now() WHERE g.audit = a.id AND g.grantee = role AND g.revoked_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit "%" is not granted to role "%"', a.name, role USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select grantee from fairdb.own_audit_grants where revoked_at is null lists who has it.';
  END IF;
END $$;
COMMENT ON FUNCTION revoke_audit(text, name) IS
  'Takes back what grant_audit gave.';

CREATE FUNCTION request_run(name text, "from" timestamptz, until timestamptz, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
  owners text;
BEGIN
  IF "from" IS NULL OR until IS NULL THEN
    RAISE EXCEPTION 'from and until must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT string_agg(quote_ident(t.owner), ', ' ORDER BY t.owner) INTO owners FROM fairdb.published_audits AS t WHERE t.name = request_run.name AND (request_run.owner IS NULL OR t.owner = request_run.owner) HAVING count(*) > 1;
  IF owners IS NOT NULL THEN
    RAISE EXCEPTION 'several roles have an audit "%": %', name, owners USING ERRCODE = 'ambiguous_parameter', HINT = 'Name one with owner => ''...''.';
  END IF;
  SELECT t.* INTO p FROM fairdb.published_audits AS t WHERE t.name = request_run.name AND (request_run.owner IS NULL OR t.owner = request_run.owner);
  IF p.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" that you may ask a run of', name USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.published_audits lists them.';
  END IF;
  INSERT INTO fairdb.new_requests (audit, "from", until) VALUES (p.id, "from", until);
END $$;
COMMENT ON FUNCTION request_run(text, timestamptz, timestamptz, name) IS
  'Asks for the windows of a granted audit between two times to be counted, or counted again while they are not closed: the owner''s next run_due does it, and the view requests tells when. Windows from before the audit''s first one are not counted.';
