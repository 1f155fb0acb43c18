-- A gate: which audits a version of a model must pass to be activated.

CREATE FUNCTION gate_verdicts(model text, version int, owner name DEFAULT NULL) RETURNS TABLE (
  audit_name text,
  metric text,
  attributes text[],
  run bigint,
  value float8,
  lower float8,
  upper float8,
  verdict text,
  reason text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := coalesce(owner, fairdb.model_owner(model, owner, granted => false));
BEGIN
  RETURN QUERY
    SELECT g.audit_name, l.metric, l.attributes, v.run, v.value, v.lower, v.upper, coalesce(v.verdict, 'insufficient'),
      CASE WHEN a.id IS NULL THEN 'the audit is not there to be read by this role' WHEN l.id IS NULL THEN 'the audit has no limit' WHEN v.run IS NULL THEN 'the audit has not run with this version' ELSE v.reason END
    FROM fairdb.gates AS g LEFT JOIN fairdb.audits AS a ON a.id = g.audit
      LEFT JOIN fairdb.limits AS l ON l.audit = g.audit
      LEFT JOIN LATERAL (SELECT t.* FROM fairdb_jobs.limit_verdicts(l.id, gate_verdicts.version) AS t ORDER BY t."from" DESC, t.run DESC LIMIT 1) AS v ON true
    WHERE g.model_owner = of_owner AND g.model = gate_verdicts.model AND g.dropped_at IS NULL
    ORDER BY g.audit_name, l.metric, l.attributes;
END $$;
COMMENT ON FUNCTION gate_verdicts(text, int, name) IS
  'What the audits that require_fair has set before a model say of a version: the newest run with it, by limit. All must be within.';

CREATE FUNCTION require_fair(model text, audit text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(require_fair.audit);
BEGIN
  IF a.model IS DISTINCT FROM require_fair.model OR a.y_pred IS NOT NULL THEN
    RAISE EXCEPTION 'audit "%" is not of what model "%" decides', a.name, require_fair.model USING ERRCODE = 'invalid_parameter_value',
      HINT = format('create_audit(..., y_pred => NULL, model => %L) makes one: only such an audit can be run with a version that is not active yet.', require_fair.model);
  END IF;
  IF NOT pg_has_role(to_regrole(quote_ident(a.model_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'model "%" belongs to role "%"', a.model, a.model_owner USING ERRCODE = 'insufficient_privilege', HINT = 'Its owner decides what it requires.';
  END IF;
  IF NOT EXISTS (SELECT FROM fairdb.limits AS l WHERE l.audit = a.id) THEN
    RAISE EXCEPTION 'audit "%" has no limit', a.name USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'add_limit says what must be kept.';
  END IF;
  UPDATE fairdb.own_gates AS g SET dropped_at = NULL, required_at = now() WHERE g.model_owner = a.model_owner AND g.model = a.model AND g.audit = a.id;
  IF NOT FOUND THEN
    INSERT INTO fairdb.own_gates (model_owner, model, audit, required_at, events) VALUES (a.model_owner, a.model, a.id, now(), '[]');
  END IF;
END $$;
COMMENT ON FUNCTION require_fair(text, text) IS
  'From now on a version of the model is activated only if the newest run of the audit with that version is within every limit: save_model(..., activate => false), then run_audit(audit, version => ...), then activate_model. The active version stays.';

CREATE FUNCTION drop_requirement(model text, audit text, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := fairdb.model_owner(drop_requirement.model, drop_requirement.owner, granted => false);
BEGIN
  -- Also of an audit that this role may not read.
  UPDATE fairdb.own_gates AS g SET dropped_at = now()
  WHERE g.model_owner = of_owner AND g.model = drop_requirement.model AND g.dropped_at IS NULL
    AND g.audit IN (SELECT t.audit FROM fairdb.gates AS t WHERE t.audit_name = drop_requirement.audit);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit "%" is not required of model "%"', audit, model USING ERRCODE = 'invalid_parameter_value', HINT = 'select model, audit_name from fairdb.gates where dropped_at is null lists what is.';
  END IF;
END $$;
COMMENT ON FUNCTION drop_requirement(text, text, name) IS
  'Takes back what require_fair has set, which the view gates goes on to tell. owner: of the model, when several roles of yours have one of the name.';

CREATE FUNCTION fairdb_internal.check_gate() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  refused record;
BEGIN
  -- What a dump brings back was activated before.
  IF TG_OP = 'INSERT' AND NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM fairdb.gates AS g, jsonb_array_elements(g.events) AS o
             WHERE g.model_owner = NEW.owner AND g.model = NEW.name AND g.dropped_at IS NULL AND o.value ->> 'event' = 'override' AND o.value ->> 'version' = NEW.version::text AND o.value ->> 'transaction' = pg_current_xact_id()::text
               AND (o.value ->> 'at')::timestamptz >= now()) THEN
    RETURN NEW;
  END IF;
  SELECT v.* INTO refused FROM fairdb.gate_verdicts(NEW.name, NEW.version, NEW.owner) AS v WHERE v.verdict <> 'within' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'version % of model "%" has not passed audit "%"', NEW.version, NEW.name, refused.audit_name
      USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s is %s%s.', coalesce(refused.metric, 'Its limit'), refused.verdict, coalesce(': ' || refused.reason, '')),
            HINT = format('Save it with activate => false, run_audit(%L, version => %s), then activate_model. gate_verdicts(%L, %s) tells all; activate_model(..., override => ''why'') activates it all the same, and that is recorded.', refused.audit_name, NEW.version, NEW.name, NEW.version);
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_gate() IS
  'trigger function of registered_models: a version becomes active only within the limits that require_fair has set';
-- Before record_model_event, which makes the digest: a row that comes with one is restored. Triggers fire in the order of their names.
CREATE TRIGGER check_gate_of_new BEFORE INSERT ON registered_models FOR EACH ROW WHEN (NEW.active) EXECUTE FUNCTION fairdb_internal.check_gate();
CREATE TRIGGER check_gate BEFORE UPDATE OF active ON registered_models FOR EACH ROW WHEN (NEW.active AND NOT OLD.active) EXECUTE FUNCTION fairdb_internal.check_gate();
COMMENT ON TRIGGER check_gate_of_new ON registered_models IS 'a version becomes active only within the limits that require_fair has set';
COMMENT ON TRIGGER check_gate ON registered_models IS 'a version becomes active only within the limits that require_fair has set';
