-- The schedule: one procedure that does all that is due of its caller's jobs.

CREATE FUNCTION fairdb_jobs.next_due(passed_over uuid[] DEFAULT '{}', OUT kind text, OUT id uuid, OUT name text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- In turn, so that none waits for ever behind others.
  SELECT t.kind, t.id, t.name INTO kind, id, name
  FROM (SELECT 'audit', a.id, a.name, a.tried_at
        FROM fairdb.audits AS a
        WHERE a.owner = CURRENT_USER AND a.id <> ALL (passed_over) AND (a.retry_at IS NULL OR a.retry_at <= now())
          -- One that is not confirmed gets its warning, and nothing of it is computed.
          AND (CASE WHEN NOT fairdb_jobs.is_confirmed(a.entered_by) THEN true WHEN a.at IS NULL THEN a.next_from <= now() ELSE a.recount_from IS NOT NULL OR fairdb.window_end(a.every, a.time_zone, a.next_from) + a.label_delay <= now() END
            OR EXISTS (SELECT FROM fairdb.own_requests AS q WHERE q.audit = a.id AND q.done_at IS NULL))
        UNION ALL
        SELECT 'scoring', j.id, j.name, j.tried_at
        FROM fairdb.scoring_jobs AS j
        WHERE j.owner = CURRENT_USER AND j.id <> ALL (passed_over) AND (j.retry_at IS NULL OR j.retry_at <= now())) AS t (kind, id, name, tried_at)
  ORDER BY t.tried_at NULLS FIRST, t.kind DESC, t.name LIMIT 1;
END $$;
COMMENT ON FUNCTION fairdb_jobs.next_due(uuid[]) IS
  'The job of the current user that is due and was tried longest ago, without those passed over: a part of run_due.';

CREATE FUNCTION fairdb_jobs.run_job(kind text, id uuid) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  j fairdb.scoring_jobs;
  entered_by name;
  outcome text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF NOT fairdb_jobs.job_lock(id) THEN
    RETURN 'busy';
  END IF;
  IF kind = 'audit' THEN
    SELECT t.* INTO a FROM fairdb.audits AS t WHERE t.id = run_job.id AND t.owner = CURRENT_USER;
    entered_by := a.entered_by;
  ELSE
    SELECT t.* INTO j FROM fairdb.scoring_jobs AS t WHERE t.id = run_job.id AND t.owner = CURRENT_USER;
    entered_by := j.entered_by;
  END IF;
  IF entered_by IS NULL THEN
    RETURN 'idle';  -- dropped meanwhile
  END IF;
  IF NOT fairdb_jobs.is_confirmed(entered_by) THEN
    RAISE WARNING '% "%" was entered by role "%" and does not run', CASE kind WHEN 'audit' THEN 'audit' ELSE 'scoring job' END, coalesce(a.name, j.name), entered_by
      USING HINT = 'Read its definition, in fairdb.audits or fairdb.scoring_jobs; select fairdb.confirm_jobs() makes all of them run.';
    RETURN 'busy';
  END IF;
  IF kind = 'audit' THEN
    outcome := coalesce(fairdb_jobs.audit_step(a), 'idle');
    PERFORM fairdb_jobs.note_success(kind, id);
    RETURN outcome;
  END IF;
  PERFORM fairdb.run_scoring(j.name);
  RETURN 'scored';
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_job(text, uuid) IS
  'Does what is due next of one job: a part of run_due.';

CREATE FUNCTION confirm_jobs() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  audits bigint;
  jobs bigint;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  UPDATE fairdb.audits AS a SET entered_by = CURRENT_USER WHERE a.owner = CURRENT_USER AND a.entered_by <> CURRENT_USER;
  GET DIAGNOSTICS audits = ROW_COUNT;
  UPDATE fairdb.scoring_jobs AS j SET entered_by = CURRENT_USER WHERE j.owner = CURRENT_USER AND j.entered_by <> CURRENT_USER;
  GET DIAGNOSTICS jobs = ROW_COUNT;
  RETURN audits + jobs;
END $$;
COMMENT ON FUNCTION confirm_jobs() IS
  'Makes jobs of the current user run that another role has restored from a dump, and returns how many. Read them first: they run with the current user''s rights.';

CREATE FUNCTION fairdb_jobs.claim(kind text, id uuid) RETURNS bool
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT fairdb_jobs.job_lock(id) THEN
    RETURN false;
  END IF;
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET tried_at = clock_timestamp() WHERE a.id = claim.id;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET tried_at = clock_timestamp() WHERE j.id = claim.id;
  END IF;
  RETURN true;
END $$;
COMMENT ON FUNCTION fairdb_jobs.claim(text, uuid) IS
  'Notes that a job is tried now, so that others come before it next time, whatever becomes of it; false when another session runs it. A part of run_due.';

CREATE FUNCTION fairdb_jobs.note_success(kind text, id uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET failures = 0, last_error = NULL, retry_at = NULL WHERE a.id = note_success.id AND a.failures > 0;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET failures = 0, last_error = NULL, retry_at = NULL WHERE j.id = note_success.id AND j.failures > 0;
  END IF;
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the job runs again' WHERE o.job = note_success.id AND o.limit_id IS NULL AND o.closed_at IS NULL;
END $$;
COMMENT ON FUNCTION fairdb_jobs.note_success(text, uuid) IS
  'Records that a run of a job has not failed, and closes the alert that it does: a part of run_due.';

CREATE FUNCTION fairdb_jobs.note_failure(kind text, id uuid, state text, message text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  failed int;
  error text := format('%s (%s)', left(message, 1000), state);
BEGIN
  IF kind = 'audit' THEN
    UPDATE fairdb.audits AS a SET failures = a.failures + 1, last_error = error, retry_at = now() + least(interval '1 minute' * 2 ^ least(a.failures, 20), interval '1 day')
    WHERE a.id = note_failure.id RETURNING a.failures INTO failed;
  ELSE
    UPDATE fairdb.scoring_jobs AS j SET failures = j.failures + 1, last_error = error, retry_at = now() + least(interval '1 minute' * 2 ^ least(j.failures, 20), interval '1 day')
    WHERE j.id = note_failure.id RETURNING j.failures INTO failed;
  END IF;
  IF failed >= 5 AND NOT EXISTS (SELECT FROM fairdb.own_alerts AS o WHERE o.job = note_failure.id AND o.limit_id IS NULL AND o.closed_at IS NULL) THEN
    INSERT INTO fairdb.own_alerts (id, job, opened_at, reason) VALUES (gen_random_uuid(), note_failure.id, clock_timestamp(), error);
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.note_failure(text, uuid, text, text) IS
  'Records that a run of a job has failed: it is tried again after 1, 2, 4, ... minutes, a day at most, and an alert is opened when it has failed five times. A part of run_due.';

-- Without SET, which a procedure that commits cannot have: every name and operator is qualified.
CREATE PROCEDURE run_due(at_most int DEFAULT NULL)
  LANGUAGE plpgsql AS $$
DECLARE
  passed_over pg_catalog.uuid[] := '{}';
  due pg_catalog.record;
  outcome pg_catalog.text;
  state pg_catalog.text;
  message pg_catalog.text;
  relation pg_catalog.text;
  done pg_catalog.int4 := 0;
  lost pg_catalog.int4 := 0;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  LOOP
    EXIT WHEN done OPERATOR(pg_catalog.>=) at_most;
    COMMIT;
    -- Whatever the session's default is: FOR UPDATE then sees the row as it is.
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SELECT n.* INTO due FROM fairdb_jobs.next_due(passed_over) AS n;
    EXIT WHEN due.id IS NULL;
    IF NOT fairdb_jobs.claim(due.kind, due.id) THEN
      passed_over := pg_catalog.array_append(passed_over, due.id);
      CONTINUE;
    END IF;
    COMMIT;
    -- All statements of a run see the same rows.
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
    state := NULL;
    BEGIN
      outcome := fairdb_jobs.run_job(due.kind, due.id);
      -- What is deferred fails here, too, and not at COMMIT.
      SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION
      -- Most likely another session has run it since this one's snapshot.
      WHEN serialization_failure OR deadlock_detected THEN
        outcome := 'lost';
        IF lost OPERATOR(pg_catalog.>) 20 THEN
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
        END IF;
      -- Cancelled, by a person or a timeout: recorded, and then cancelled.
      WHEN query_canceled THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
      WHEN assert_failure OR OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, relation = TABLE_NAME;
        IF state OPERATOR(pg_catalog.=) '23505' AND relation OPERATOR(pg_catalog.=) 'kept_runs' AND lost OPERATOR(pg_catalog.<=) 20 THEN
          state := NULL;
          outcome := 'lost';
        END IF;
    END;
    IF state IS NOT NULL THEN
      COMMIT;
      SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
      PERFORM fairdb_jobs.note_failure(due.kind, due.id, state, message);
      COMMIT;
      IF state OPERATOR(pg_catalog.=) '57014' THEN
        RAISE EXCEPTION '% "%": %', due.kind, due.name, message USING ERRCODE = state;
      END IF;
      RAISE WARNING '% "%" failed: %', due.kind, due.name, message USING ERRCODE = state;
      passed_over := pg_catalog.array_append(passed_over, due.id);
      done := done OPERATOR(pg_catalog.+) 1;
      lost := 0;
    ELSIF outcome OPERATOR(pg_catalog.=) 'lost' THEN
      lost := lost OPERATOR(pg_catalog.+) 1;
    ELSE
      lost := 0;
      -- Scoring is due with each call, once.
      IF outcome OPERATOR(pg_catalog.=) ANY ('{busy,idle,scored}'::pg_catalog.text[]) THEN
        passed_over := pg_catalog.array_append(passed_over, due.id);
      END IF;
      IF outcome OPERATOR(pg_catalog.=) ANY ('{run,recount,request,scored}'::pg_catalog.text[]) THEN
        done := done OPERATOR(pg_catalog.+) 1;
      END IF;
    END IF;
  END LOOP;
  COMMIT;
END $$;
COMMENT ON PROCEDURE run_due(int) IS
  'Does all that is due of the jobs of the current user, in turn: scoring, missing windows of audits, oldest first, windows that are counted again, requests. Call it on a schedule, as each role that owns jobs, as often as you like: call fairdb.run_due(). Each run is a transaction of its own; one that fails undoes nothing else, is recorded and tried again later. What another session is running is passed over. at_most: so many runs at most. Not within a transaction block.';

CREATE FUNCTION openmetrics() RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
BEGIN
  RETURN (
    WITH samples AS (
      SELECT 1 AS place, 'fairdb_gap' AS family, 'gauge' AS type, 'The gap in the newest window of an audit, by limit.' AS help,
        format('{owner="%s",audit="%s",metric="%s",attributes="%s"}', e.owner, e.audit, v.metric, e.attributes) AS labels, v.value::text AS value
      FROM (SELECT DISTINCT ON (t.owner, t.audit_name, t.metric, t.attributes) t.* FROM fairdb.verdicts AS t ORDER BY t.owner, t.audit_name, t.metric, t.attributes, t."from" DESC) AS v
        CROSS JOIN LATERAL (SELECT fairdb_jobs.openmetrics_label(v.owner) AS owner, fairdb_jobs.openmetrics_label(v.audit_name) AS audit, fairdb_jobs.openmetrics_label(array_to_string(v.attributes, ',')) AS attributes) AS e
      WHERE v.value IS NOT NULL
      UNION ALL
      SELECT 2, 'fairdb_alert_open', 'gauge', 'Alerts that are open, by job.', format('{owner="%s",kind="%s",job="%s"}', fairdb_jobs.openmetrics_label(j.owner), j.kind, fairdb_jobs.openmetrics_label(j.name)),
        (SELECT count(*) FROM fairdb.own_alerts AS o WHERE o.job = j.id AND o.closed_at IS NULL)::text
      FROM (SELECT a.id, 'audit' AS kind, a.owner, a.name FROM fairdb.audits AS a UNION ALL SELECT s.id, 'scoring', s.owner, s.name FROM fairdb.scoring_jobs AS s) AS j
      UNION ALL
      SELECT 3, 'fairdb_job_failures', 'gauge', 'Runs that failed since the last one that did not, by job.', format('{owner="%s",kind="%s",job="%s"}', fairdb_jobs.openmetrics_label(j.owner), j.kind, fairdb_jobs.openmetrics_label(j.name)), j.failures::text
      FROM (SELECT 'audit' AS kind, a.owner, a.name, a.failures FROM fairdb.audits AS a UNION ALL SELECT 'scoring', s.owner, s.name, s.failures FROM fairdb.scoring_jobs AS s) AS j
      UNION ALL
      SELECT 4, 'fairdb_newest_window_timestamp_seconds', 'gauge', 'When the newest window that an audit has counted ends.', format('{owner="%s",audit="%s"}', fairdb_jobs.openmetrics_label(r.owner), fairdb_jobs.openmetrics_label(r.audit_name)), extract(epoch FROM max(r.until))::text
      FROM fairdb.last_runs AS r WHERE r.candidate = 0 GROUP BY r.owner, r.audit_name
      UNION ALL
      SELECT 5, 'fairdb_scored_rows', 'gauge', 'Rows that a scoring job has put into its target.', format('{owner="%s",job="%s"}', fairdb_jobs.openmetrics_label(s.owner), fairdb_jobs.openmetrics_label(s.name)), s.scored::text
      FROM fairdb.scoring_jobs AS s
    )
    SELECT coalesce(string_agg(f.text, '' ORDER BY f.place), '') || E'# EOF\n'
    FROM (SELECT s.place, format(E'# TYPE %s %s\n# HELP %s %s\n', s.family, s.type, s.family, s.help) || string_agg(format(E'%s%s %s\n', s.family, s.labels, s.value), '' ORDER BY s.labels COLLATE "C") AS text
          FROM samples AS s GROUP BY s.place, s.family, s.type, s.help) AS f);
END $$;
COMMENT ON FUNCTION openmetrics() IS
  'The jobs of the current user''s roles in the text format of OpenMetrics, for Prometheus and its like: gaps of the newest windows by limit, open alerts, failures, the age of the newest window, rows scored.';

CREATE FUNCTION fairdb_jobs.openmetrics_label(value text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.replace(pg_catalog.replace(pg_catalog.replace($1, E'\\', E'\\\\'), '"', E'\\"'), E'\n', E'\\n') $$;
COMMENT ON FUNCTION fairdb_jobs.openmetrics_label(text) IS
  'A text as the value of a label in the format of OpenMetrics.';
