-- Limits of audits, and the alerts that they open.

CREATE FUNCTION fairdb_jobs.limit_verdicts(limit_id uuid, version int DEFAULT NULL) RETURNS TABLE (
  run bigint,
  "from" timestamptz,
  until timestamptz,
  value float8,
  lower float8,
  upper float8,
  verdict text,
  alert bool,
  reason text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l fairdb.limits;
  a fairdb.audits;
  fields int[];
BEGIN
  SELECT t.* INTO l FROM fairdb.limits AS t WHERE t.id = limit_verdicts.limit_id;
  IF l.id IS NULL THEN
    RETURN;
  END IF;
  SELECT t.* INTO a FROM fairdb.audits AS t WHERE t.id = l.audit;
  IF l.attributes <> a.sensitive THEN
    SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(l.attributes) WITH ORDINALITY AS u (name, place);
  END IF;
  -- With a version, what was counted otherwise comes first: it tells which groups there are.
  RETURN QUERY
    WITH windows AS MATERIALIZED (
      SELECT row_number() OVER (ORDER BY coalesce(r.model_version = limit_verdicts.version, false), r."from", r.number) AS place, r.number, r."from", r.until,
        limit_verdicts.version IS NULL OR r.model_version = limit_verdicts.version AS shown,
        CASE WHEN fields IS NULL THEN r.confusion ELSE fairdb.marginal(r.confusion, fields) END AS confusion
      FROM fairdb.last_runs AS r
      WHERE r.audit = a.id AND (limit_verdicts.version IS NOT NULL OR r.candidate = 0 AND r."from" >= l.since))
    SELECT w.number, w."from", w.until, j.value, j.lower, j.upper, j.verdict, j.alert, j.reason
    FROM fairdb.judge((SELECT array_agg(w.confusion ORDER BY w.place) FROM windows AS w), l.metric, l.at_most, l.at_least, l.rule, l.budget, l.looks, l.min_coverage, l.min_n) AS j
      JOIN windows AS w ON w.place = j.number AND w.shown
    ORDER BY j.number;
END $$;
COMMENT ON FUNCTION fairdb_jobs.limit_verdicts(uuid, int) IS
  'What judge says of the windows of a limit''s audit; with version, of those that were counted with that version of its model. The view verdicts shows it for all limits.';

CREATE VIEW verdicts WITH (security_barrier) AS
  SELECT l.owner, l.audit_name, l.metric, l.attributes, coalesce(l.at_most, l.at_least) AS "limit", v.*
  FROM limits AS l CROSS JOIN LATERAL fairdb_jobs.limit_verdicts(l.id) AS v;
COMMENT ON VIEW verdicts IS
  'For each limit and window: within, above, undecided or insufficient, and whether an alert is open after it. lower and upper are the bounds that decide. It is a function of the last attempt of each window, so a window that was counted again may have another verdict than on the day.';
GRANT SELECT ON verdicts TO PUBLIC;

CREATE FUNCTION add_limit(
  audit text,
  metric text,
  at_most float8 DEFAULT NULL,
  at_least float8 DEFAULT NULL,
  attributes names DEFAULT NULL,
  rule text DEFAULT NULL,
  budget float8 DEFAULT 0.05,
  looks bigint DEFAULT NULL,
  min_coverage float8 DEFAULT 0,
  min_n bigint DEFAULT 30
) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(add_limit.audit);
  -- In the order of the audit, each once.
  of_attributes text[] := ARRAY(SELECT s.name FROM unnest(a.sensitive) WITH ORDINALITY AS s (name, place) WHERE attributes IS NULL OR s.name = ANY (attributes::text::text[]) ORDER BY s.place);
  by_rule text := coalesce(rule, CASE WHEN a.at IS NULL THEN 'spending' ELSE 'two_windows' END);
BEGIN
  IF NOT attributes::text::text[] <@ a.sensitive OR cardinality(of_attributes) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF a.at IS NULL AND by_rule <> 'spending' THEN
    RAISE EXCEPTION 'rule "%" is of windows that share no rows', by_rule USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The runs of an audit of a whole source share most of theirs: rule => ''spending''.';
  END IF;
  -- Errors in the limit itself.
  PERFORM FROM fairdb.judge(NULL, metric, at_most, at_least, by_rule, budget, looks, min_coverage, min_n);
  IF a.y_true IS NULL AND metric !~ '^(demographic_parity|selection_rate)_' AND (SELECT c.needs_label FROM fairdb.metric_catalog AS c WHERE c.name = metric) IS NOT FALSE THEN
    RAISE EXCEPTION 'metric "%" needs labels, and audit "%" has none', metric, a.name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM fairdb.limits AS l WHERE l.audit = a.id AND l.metric = add_limit.metric AND l.attributes = of_attributes) THEN
    RAISE EXCEPTION 'audit "%" has a limit of "%" already', a.name, metric USING ERRCODE = 'duplicate_object', HINT = 'drop_limit takes it away.';
  END IF;
  INSERT INTO fairdb.own_limits (id, audit, metric, attributes, at_most, at_least, rule, budget, looks, min_coverage, min_n, since, created_at)
  VALUES (gen_random_uuid(), a.id, metric, of_attributes, at_most, at_least, by_rule, budget, looks, min_coverage, min_n, a.starts, now());
END $$;
COMMENT ON FUNCTION add_limit(text, text, float8, float8, names, text, float8, bigint, float8, bigint) IS
  'What a gap of an audit must keep to: select add_limit(''loans'', ''demographic_parity_difference'', at_most => 0.1). judge says what rule, budget, looks, min_coverage and min_n mean; rule is two_windows, or spending for an audit of a whole source. attributes: some of the audit''s, by default all together. Windows from the audit''s first one on are judged, those before that run_audit has counted are not; the next run opens or closes the alert.';

CREATE FUNCTION drop_limit(audit text, metric text, attributes names DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(drop_limit.audit);
  dropped uuid;
BEGIN
  UPDATE fairdb.own_limits AS l SET dropped_at = now()
  WHERE l.audit = a.id AND l.metric = drop_limit.metric AND l.attributes <@ coalesce(drop_limit.attributes::text::text[], a.sensitive) AND l.attributes @> coalesce(drop_limit.attributes::text::text[], a.sensitive) AND l.dropped_at IS NULL
  RETURNING l.id INTO dropped;
  IF dropped IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no such limit of "%"', a.name, metric USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select audit_name, metric, attributes from fairdb.limits lists them.';
  END IF;
  UPDATE fairdb.own_alerts AS t SET closed_at = clock_timestamp(), note = 'the limit was dropped' WHERE t.limit_id = dropped AND t.closed_at IS NULL;
END $$;
COMMENT ON FUNCTION drop_limit(text, text, names) IS
  'Takes a limit away, and closes its alert.';

CREATE FUNCTION close_alert(audit text, metric text, note text, attributes names DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(close_alert.audit);
  l fairdb.limits;
BEGIN
  IF note IS NULL THEN
    RAISE EXCEPTION 'note must not be NULL' USING ERRCODE = 'invalid_parameter_value', HINT = 'It says why the alert is closed.';
  END IF;
  SELECT t.* INTO l FROM fairdb.limits AS t
  WHERE t.audit = a.id AND t.metric = close_alert.metric AND t.attributes <@ coalesce(close_alert.attributes::text::text[], a.sensitive) AND t.attributes @> coalesce(close_alert.attributes::text::text[], a.sensitive);
  UPDATE fairdb.own_alerts AS t SET closed_at = clock_timestamp(), window_closed = t.window_from, note = close_alert.note WHERE t.limit_id = l.id AND t.closed_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no alert of "%" is open for audit "%"', metric, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'select * from fairdb.alerts where closed_at is null lists those that are.';
  END IF;
  UPDATE fairdb.own_limits AS t SET since = coalesce((SELECT max(r.until) FROM fairdb.runs AS r WHERE r.audit = a.id AND r.candidate = 0), t.since) WHERE t.id = l.id;
END $$;
COMMENT ON FUNCTION close_alert(text, text, text, names) IS
  'Closes the alert of a limit by hand, with a note: what was found, and done. Windows from then on are judged anew, without those before. Otherwise an alert closes after two windows within the limit.';

CREATE FUNCTION fairdb_jobs.follow_limits(audit audits) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l record;
  v record;
  alert bool;
  opening record;
  known record;
BEGIN
  FOR l IN SELECT t.id FROM fairdb.limits AS t WHERE t.audit = follow_limits.audit.id ORDER BY t.metric, t.attributes LOOP
    alert := false;
    -- An alert is of the windows from the one that opens it to the one that closes it. Those that were counted again may have moved
    -- either: what overlaps is the same alert.
    FOR v IN
      SELECT t.* FROM fairdb_jobs.limit_verdicts(l.id) AS t UNION ALL SELECT NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY 2, 1
    LOOP
      IF NOT alert AND v.alert THEN
        opening := v;
      ELSIF alert AND v.alert IS NOT TRUE THEN
        SELECT o.id, o.closed_at INTO known FROM fairdb.own_alerts AS o
        WHERE o.limit_id = l.id AND o.window_from < v."from" AND coalesce(o.window_closed, 'infinity') > opening."from"
          -- One that goes on is known by an open one only.
          AND (o.closed_at IS NULL OR v.alert IS NOT NULL)
        ORDER BY o.closed_at DESC NULLS FIRST LIMIT 1;
        IF known.id IS NULL THEN
          INSERT INTO fairdb.own_alerts (id, job, limit_id, opened_at, run, window_from, value, lower, upper, reason, closed_at, window_closed, note)
          VALUES (gen_random_uuid(), follow_limits.audit.id, l.id, clock_timestamp(), opening.run, opening."from", opening.value, opening.lower, opening.upper, opening.reason,
            CASE WHEN v.alert IS NOT NULL THEN clock_timestamp() END, CASE WHEN v.alert IS NOT NULL THEN v."from" END, CASE WHEN v.alert IS NOT NULL THEN 'two windows within the limit' END);
        ELSIF v.alert IS NOT NULL AND known.closed_at IS NULL THEN
          UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), window_closed = v."from", note = 'two windows within the limit' WHERE o.id = known.id;
        END IF;
      END IF;
      alert := coalesce(v.alert, alert);
    END LOOP;
    IF NOT alert THEN
      UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), window_closed = o.window_from, note = 'windows were counted again, and the limit is kept'
      WHERE o.limit_id = l.id AND o.closed_at IS NULL;
    END IF;
  END LOOP;
END $$;
COMMENT ON FUNCTION fairdb_jobs.follow_limits(audits) IS
  'Opens and closes the alerts of an audit by what its limits say of its windows: a part of each run.';
