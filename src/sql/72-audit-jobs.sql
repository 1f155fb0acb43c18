-- Audits by windows: what a run is, and when it is due.

CREATE FUNCTION fairdb_jobs.require_session_role() RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A SECURITY DEFINER function would run what its caller has written with the rights of its owner.
  IF CURRENT_USER <> coalesce(nullif(current_setting('role', true), 'none'), SESSION_USER) THEN
    RAISE EXCEPTION 'a job is not created or run within a SECURITY DEFINER function'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Call it as the role that owns the job: with SET ROLE, or on a schedule of that role. request_run asks the owner of an audit for a run.';
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.require_session_role() IS
  'An error within a SECURITY DEFINER function: jobs run as the role of the session.';

CREATE FUNCTION fairdb_jobs.is_confirmed(entered_by name) RETURNS bool
  LANGUAGE sql STABLE
  AS $$ SELECT coalesce(pg_catalog.pg_has_role(pg_catalog.to_regrole(pg_catalog.quote_ident($1)), pg_catalog.to_regrole(pg_catalog.quote_ident(CURRENT_USER)), 'MEMBER'), false) $$;
COMMENT ON FUNCTION fairdb_jobs.is_confirmed(name) IS
  'Whether a job of the current user was entered by a role that may act as that user, or confirmed.';

CREATE FUNCTION fairdb_jobs.require_confirmed(job text, entered_by name) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- A job that somebody else has restored would run his text with this role's rights.
  IF NOT fairdb_jobs.is_confirmed(entered_by) THEN
    RAISE EXCEPTION 'job "%" was entered by role "%" and does not run', job, entered_by USING ERRCODE = 'insufficient_privilege',
      HINT = 'Read its definition, in fairdb.audits or fairdb.scoring_jobs; select fairdb.confirm_jobs() makes all of them run.';
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.require_confirmed(text, name) IS
  'An error for a job that another role has restored and its owner has not confirmed.';

CREATE FUNCTION fairdb_jobs.own_audit(name text) RETURNS audits
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.audits;
BEGIN
  SELECT a.* INTO found FROM fairdb.audits AS a WHERE a.owner = CURRENT_USER AND a.name = own_audit.name;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" of role "%"', own_audit.name, CURRENT_USER
      USING ERRCODE = 'invalid_parameter_value',
            HINT = coalesce((SELECT format('Role %s has one: SET ROLE %s first.', quote_ident(a.owner), quote_ident(a.owner)) FROM fairdb.audits AS a WHERE a.name = own_audit.name ORDER BY a.owner LIMIT 1),
                            'select owner, name from fairdb.audits lists them; create_audit makes one.');
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.own_audit(text) IS
  'The row of an audit of the current user, by its name.';

CREATE FUNCTION fairdb_jobs.visible_audit(name text, owner name DEFAULT NULL) RETURNS audits
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.audits;
BEGIN
  SELECT a.* INTO found FROM fairdb.audits AS a WHERE a.owner = coalesce(visible_audit.owner, CURRENT_USER) AND a.name = visible_audit.name;
  IF found.id IS NULL THEN
    SELECT a.* INTO found FROM fairdb.dropped_audits AS a WHERE a.owner = coalesce(visible_audit.owner, CURRENT_USER) AND a.name = visible_audit.name ORDER BY a.dropped_at DESC LIMIT 1;
  END IF;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no audit "%" of role "%" that you may read', visible_audit.name, coalesce(visible_audit.owner, CURRENT_USER)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.audits lists those that you may; of another owner than yourself: owner => ''...''.';
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.visible_audit(text, name) IS
  'The row of an audit of the current user, or of another owner of whose role that user is a member; where there is none of the name, of the last one that was dropped.';

CREATE FUNCTION fairdb_jobs.exact_text("time" timestamptz, time_zone text) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  AS $$ SELECT CASE WHEN "time" OPERATOR(pg_catalog.<) '0001-01-02 00:00+00'::pg_catalog.timestamptz THEN pg_catalog.to_char(pg_catalog.timezone(time_zone, "time"), 'YYYY-MM-DD HH24:MI:SS.US BC') ELSE pg_catalog.to_char(pg_catalog.timezone(time_zone, "time"), 'YYYY-MM-DD HH24:MI:SS.US') END $$;
COMMENT ON FUNCTION fairdb_jobs.exact_text(timestamptz, text) IS
  'A time as the clocks of a zone show it, in a form that every session reads alike.';

CREATE FUNCTION fairdb_jobs.scores_of_parts(query text) RETURNS distribution
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  -- The server groups partition by partition only where it is told to. The query is read under the search_path of its source.
  SET enable_partitionwise_aggregate = on AS $$
DECLARE
  whole fairdb.distribution;
BEGIN
  EXECUTE pg_catalog.format('SELECT fairdb.compact(fairdb.rollup(p.part)) FROM (%s) AS p', query) INTO whole;
  RETURN whole;
END $$;
COMMENT ON FUNCTION fairdb_jobs.scores_of_parts(text) IS
  'The distribution that the distributions of a query''s column "part" have together, of which servers with partitions count their own.';

CREATE FUNCTION fairdb_jobs.count_window(audit audits, "from" timestamptz, until timestamptz, version int) RETURNS TABLE (
  snapshot text,
  source_digest text,
  model_digest text,
  confusion confusion,
  strata jsonb,
  distribution distribution,
  n bigint,
  coverage float8
)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  query text;
  definition text;
  relation regclass;
  type text;
  rows_of_window text;
  decision text := audit.y_pred;
  score text := audit.score;
  counting text;
  people text;
  scores text;
  labels text[];
  counted fairdb.confusion[];
BEGIN
  -- As in the session that created the audit; both end with this function. Until it is set back every name below is qualified.
  PERFORM set_config('TimeZone', audit.time_zone, true);
  PERFORM set_config('search_path', audit.search_path, true);
  query := fairdb_jobs.source_query(audit.source);
  IF audit.at IS NOT NULL THEN
    type := fairdb_jobs.source_column_type(query, audit.at, 'at');
  END IF;
  people := fairdb_jobs.group_expression(query, audit.sensitive::pg_catalog.text::fairdb.names);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- A digest of what the source means: of a view also its definition, of a table its columns.
  definition := query;
  IF query NOT LIKE 'SELECT * FROM (%' THEN
    relation := substr(query, length('SELECT * FROM ') + 1)::regclass;
    definition := query || E'\n' || coalesce((SELECT pg_get_viewdef(c.oid) FROM pg_class AS c WHERE c.oid = relation AND c.relkind IN ('v', 'm')), '')
      || E'\n' || (SELECT string_agg(quote_ident(t.attname) || ' ' || format_type(t.atttypid, t.atttypmod), ', ' ORDER BY t.attnum)
                   FROM pg_attribute AS t WHERE t.attrelid = relation AND t.attnum > 0 AND NOT t.attisdropped);
  END IF;
  source_digest := encode(sha256(convert_to(definition, 'UTF8')), 'hex');
  rows_of_window := format('SELECT s.* FROM (%s) AS s', query);
  IF type NOT IN ('timestamp with time zone', 'timestamp without time zone', 'date') THEN
    RAISE EXCEPTION 'column "%", named by at, has type %, expected timestamptz, timestamp or date', audit.at, type
      USING ERRCODE = 'datatype_mismatch';
  END IF;
  IF type = 'date' AND audit.every < '1 day' THEN
    RAISE EXCEPTION 'column "%", named by at, is a date, and windows are shorter than a day', audit.at USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF "from" = until THEN
    -- Of an audit that is being created: that a feature of its model is missing shows at a row.
    rows_of_window := rows_of_window || CASE WHEN audit.y_pred IS NULL THEN ' LIMIT 1' ELSE ' WHERE false' END;
  ELSIF audit.at IS NOT NULL THEN
    -- Times of a clock are compared as such, days with days, but where windows are parts of a day: an hour of the clock may come twice.
    IF type = 'timestamp without time zone' AND audit.every < '1 day' THEN
      rows_of_window := rows_of_window || format(' WHERE pg_catalog.timezone(%L, s.%I) OPERATOR(pg_catalog.>=) %L::pg_catalog.timestamptz AND pg_catalog.timezone(%L, s.%I) OPERATOR(pg_catalog.<) %L::pg_catalog.timestamptz',
        audit.time_zone, audit.at, fairdb_jobs.exact_text("from", 'UTC') || '+00', audit.time_zone, audit.at, fairdb_jobs.exact_text(until, 'UTC') || '+00');
    ELSE
      rows_of_window := rows_of_window || (
        SELECT format(' WHERE s.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.%s AND s.%I OPERATOR(pg_catalog.<) %L::pg_catalog.%s',
          audit.at, fairdb_jobs.exact_text("from", b.zone) || b.suffix, b.short, audit.at, fairdb_jobs.exact_text(until, b.zone) || b.suffix, b.short)
        FROM (SELECT CASE WHEN type = 'timestamp with time zone' THEN 'UTC' ELSE audit.time_zone END AS zone, CASE WHEN type = 'timestamp with time zone' THEN '+00' ELSE '' END AS suffix,
                CASE type WHEN 'timestamp with time zone' THEN 'timestamptz' WHEN 'timestamp without time zone' THEN 'timestamp' ELSE 'date' END AS short) AS b);
    END IF;
  END IF;
  IF audit.model IS NOT NULL AND audit.y_pred IS NULL THEN
    SELECT m.digest INTO model_digest FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.version = count_window.version;
    IF model_digest IS NULL THEN
      RAISE EXCEPTION 'model "%" of role "%" has no version %', audit.model, audit.model_owner, count_window.version
        USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, active from fairdb.models lists the versions that you may use.';
    END IF;
    decision := 'fairdb: decision';
    score := coalesce(score, 'fairdb: score');
    rows_of_window := format('SELECT w.*, w."fairdb: score" OPERATOR(pg_catalog.>=) 0 AS "fairdb: decision" FROM (SELECT fairdb_source.*, fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), fairdb_source) AS "fairdb: score" FROM (%s) AS fairdb_source OFFSET 0) AS w',
      audit.model_owner, audit.model, count_window.version, rows_of_window);
  END IF;
  -- In one statement: on one snapshot, whatever the isolation level. Scores are counted by the columns of within too.
  IF score IS NOT NULL THEN
    scores := format('fairdb.distribution_agg(%I::pg_catalog.float8, %s%s)', score, people,
      CASE WHEN audit.weight IS NULL THEN '' ELSE format(', %I::pg_catalog.float8', audit.weight) END);
    IF audit.within IS NULL THEN
      scores := format('(SELECT fairdb.compact(%s) FROM (%s) AS s)', scores, rows_of_window);
    ELSE
      scores := format('fairdb_jobs.scores_of_parts(%L)', format('SELECT %s AS part FROM (%s) AS s GROUP BY %s', scores, rows_of_window,
        (SELECT string_agg(quote_ident(c), ', ') FROM unnest(audit.within) AS c)));
    END IF;
  END IF;
  counting := format('SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, c.strata, c.confusions, %s FROM (SELECT pg_catalog.array_agg(a.stratum ORDER BY a.stratum COLLATE pg_catalog."C") AS strata, pg_catalog.array_agg(a.confusion ORDER BY a.stratum COLLATE pg_catalog."C") AS confusions FROM fairdb.audit_confusions(%L, %L, %L, %L::fairdb.names, %L::fairdb.names, %L, %L::fairdb.option_value, %L::fairdb.names) AS a WHERE pg_catalog.cardinality(a.attributes) OPERATOR(pg_catalog.=) %s) AS c',
    coalesce(scores, 'NULL::fairdb.distribution'), rows_of_window, audit.y_true, decision, audit.sensitive, audit.strata, audit.weight, audit.positive, audit.within, cardinality(audit.sensitive));
  PERFORM set_config('search_path', audit.search_path, true);
  EXECUTE counting INTO snapshot, labels, counted, distribution;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT fairdb.rollup(u.value) INTO confusion FROM unnest(counted) AS u (value);
  IF audit.strata IS NOT NULL THEN
    SELECT jsonb_agg(jsonb_build_object('stratum', u.label, 'confusion', u.value::jsonb) ORDER BY u.place) INTO strata
    FROM unnest(labels, counted) WITH ORDINALITY AS u (label, value, place);
  END IF;
  SELECT o.n, o.label_coverage INTO n, coverage FROM fairdb.overall(confusion) AS o;
  n := coalesce(n, 0);
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION fairdb_jobs.count_window(audits, timestamptz, timestamptz, int) IS
  'What an audit counts now of a window, with the version of its model: what run_audit stores and replay compares.';

CREATE FUNCTION fairdb_jobs.run_window(audit audits, "from" timestamptz, until timestamptz, candidate int DEFAULT 0) RETURNS bool
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  counted record;
  last record;
  version int := nullif(candidate, 0);
BEGIN
  SELECT r.attempt, r.model_version, r.confusion, r.strata, r.distribution INTO last
  FROM fairdb.runs AS r
  WHERE r.audit = run_window.audit.id AND r.candidate = run_window.candidate AND r."from" = run_window."from"
  ORDER BY r.attempt DESC LIMIT 1;
  -- What one version has decided is not counted again with another one's decisions.
  IF last.attempt IS NOT NULL AND candidate = 0 AND audit.model IS NOT NULL AND audit.at IS NOT NULL THEN
    version := last.model_version;
    IF audit.y_pred IS NULL AND NOT EXISTS (SELECT FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.version = last.model_version) THEN
      RETURN false;  -- it was dropped, and cannot be asked
    END IF;
  ELSIF audit.model IS NOT NULL AND version IS NULL THEN
    SELECT m.version INTO version FROM fairdb.models AS m WHERE m.owner = audit.model_owner AND m.name = audit.model AND m.active;
    IF version IS NULL AND audit.y_pred IS NULL THEN
      RAISE EXCEPTION 'no version of model "%" of role "%" is active', audit.model, audit.model_owner
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'activate_model makes one the active one; run_audit(name, version => ...) audits a version before that.';
    END IF;
  END IF;
  SELECT c.* INTO counted FROM fairdb_jobs.count_window(audit, "from", until, version) AS c;
  IF last.attempt IS NOT NULL AND (audit.y_pred IS NOT NULL OR last.model_version IS NOT DISTINCT FROM version) AND last.strata IS NOT DISTINCT FROM counted.strata
    AND coalesce(last.confusion OPERATOR(fairdb.=) counted.confusion, last.confusion IS NULL AND counted.confusion IS NULL)
    AND coalesce(last.distribution OPERATOR(fairdb.=) counted.distribution, last.distribution IS NULL AND counted.distribution IS NULL) THEN
    RETURN false;
  END IF;
  INSERT INTO fairdb.runs (audit, "from", until, attempt, candidate, snapshot, source, source_digest, model_owner, model_version, model_digest, n, coverage, confusion, strata, distribution)
  VALUES (audit.id, run_window."from", run_window.until, coalesce(last.attempt, 0) + 1, run_window.candidate, counted.snapshot, audit.source, counted.source_digest,
    audit.model_owner, version, counted.model_digest, counted.n, counted.coverage, counted.confusion, counted.strata, counted.distribution);
  RETURN true;
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_window(audits, timestamptz, timestamptz, int) IS
  'Counts one window of an audit, and stores a new attempt unless the last one says the same: a part of run_audit and run_due. Whether it has stored one.';

CREATE FUNCTION fairdb_jobs.job_lock(job uuid) RETURNS bool
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The row, which only its owner's roles can lock: anybody could take an advisory lock, and keep it.
  PERFORM FROM fairdb.audits AS a WHERE a.id = job FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN true;
  END IF;
  PERFORM FROM fairdb.scoring_jobs AS j WHERE j.id = job FOR UPDATE SKIP LOCKED;
  RETURN FOUND;
END $$;
COMMENT ON FUNCTION fairdb_jobs.job_lock(uuid) IS
  'Takes the lock of a job until the transaction ends; false when another session runs it.';

CREATE FUNCTION create_audit(
  name text,
  source text,
  y_true text,
  y_pred text,
  sensitive names,
  at text DEFAULT NULL,
  score text DEFAULT NULL,
  every interval DEFAULT '1 week',
  label_delay interval DEFAULT '0',
  recount interval DEFAULT '0',
  strata names DEFAULT NULL,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  min_group bigint DEFAULT 10,
  model text DEFAULT NULL,
  starts timestamptz DEFAULT NULL,
  time_zone text DEFAULT NULL,
  within names DEFAULT NULL
) RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
  -- Before anything else, and without a SET clause: the caller's search_path is what the source is read under.
  path pg_catalog.text := pg_catalog.current_setting('search_path');
BEGIN
  RETURN fairdb_jobs.enter_audit(path, name, source, y_true, y_pred, sensitive::pg_catalog.text::pg_catalog.text[], at, score, every, label_delay, recount,
    strata::pg_catalog.text::pg_catalog.text[], weight, positive::pg_catalog.text, min_group, model, starts, coalesce(time_zone, pg_catalog.current_setting('TimeZone')), within::pg_catalog.text::pg_catalog.text[]);
END $$;
COMMENT ON FUNCTION create_audit(text, text, text, text, names, text, text, interval, interval, interval, names, text, option_value, bigint, text, timestamptz, text, names) IS
  'Creates an audit that run_due runs, of the current user, and returns when its first run is due: select create_audit(''loans'', ''decisions'', ''repaid'', ''approved'', ''{sex}'', at => ''decided_at''). Windows of length every, aligned (window_start), each counted when it has ended and label_delay has passed, and again whenever a later one is due until recount has passed, too. at NULL: the whole source as it is, once in every. The first window is the one that the present is in, or starts is. y_true NULL: no labels. y_pred NULL and model: the decisions of that registered model. The source is read as in this session: its search_path and time zone are kept. min_group: the smallest group that is shown to those whom the audit is granted to. within: columns by which each run counts first, as for audit(): the key of partitions on other servers.';

CREATE FUNCTION fairdb_jobs.enter_audit(search_path text, name text, source text, y_true text, y_pred text, sensitive text[], at text, score text, every interval, label_delay interval, recount interval, strata text[], weight text, positive text, min_group bigint, model text, starts timestamptz, time_zone text, within text[]) RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered fairdb.audits;
  kind text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF name IS NULL OR source IS NULL OR sensitive IS NULL OR every IS NULL OR label_delay IS NULL OR recount IS NULL OR min_group IS NULL THEN
    RAISE EXCEPTION 'name, source, sensitive, every, label_delay, recount and min_group must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of an audit has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF label_delay < '0' OR recount < '0' OR min_group < 0 THEN
    RAISE EXCEPTION 'label_delay, recount and min_group must not be negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM now() AT TIME ZONE time_zone;
  IF NOT isfinite(starts) THEN
    RAISE EXCEPTION 'starts must be a time' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF at IS NULL AND (label_delay > '0' OR recount > '0' OR starts IS NOT NULL) THEN
    RAISE EXCEPTION 'label_delay, recount and starts are of windows, and the audit has none' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'at => ''...'' names the column with the time of a row.';
  END IF;
  IF y_pred IS NULL AND model IS NULL THEN
    RAISE EXCEPTION 'y_pred must not be NULL' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'It names the column of the decisions; or model => ''...'' a registered model that decides.';
  END IF;
  IF EXISTS (SELECT FROM fairdb.audits AS a WHERE a.owner = CURRENT_USER AND a.name = enter_audit.name) THEN
    RAISE EXCEPTION 'audit "%" exists already', name USING ERRCODE = 'duplicate_object',
      HINT = 'drop_audit ends it, and what it has stored stays.';
  END IF;
  entered.name := name;
  entered.source := source;
  entered.search_path := search_path;
  entered.y_true := y_true;
  entered.y_pred := y_pred;
  entered.sensitive := sensitive;
  entered.at := at;
  entered.score := score;
  entered.every := every;
  entered.time_zone := time_zone;
  entered.strata := strata;
  entered.within := nullif(within, '{}');
  entered.weight := weight;
  entered.positive := positive;
  entered.model := model;
  entered.next_from := fairdb.window_start(every, time_zone, coalesce(starts, now()));
  entered.starts := CASE WHEN at IS NULL THEN '-infinity' ELSE entered.next_from END;
  IF at IS NULL THEN
    entered.next_from := '-infinity';
  ELSIF entered.next_from + every * 100000 < now() THEN
    RAISE EXCEPTION 'more than 100000 windows of % have passed since starts', every USING ERRCODE = 'program_limit_exceeded', HINT = 'Take longer windows, or a later start.';
  END IF;
  -- Out of the range of times now, not later.
  PERFORM fairdb.window_end(every, time_zone, fairdb.window_start(every, time_zone, now())) + label_delay + recount;
  IF model IS NOT NULL THEN
    entered.model_owner := fairdb.model_owner(model);
    SELECT fairdb.describe(m.model) ->> 'target_kind' INTO kind FROM fairdb.models AS m
    WHERE m.owner = entered.model_owner AND m.name = enter_audit.model ORDER BY m.active DESC, m.version DESC LIMIT 1;
    IF kind IS NULL THEN
      RAISE EXCEPTION 'there is no model "%" that you may use', model USING ERRCODE = 'invalid_parameter_value', HINT = 'save_model registers one.';
    END IF;
    IF y_pred IS NULL AND kind <> 'binary' THEN
      RAISE EXCEPTION 'model "%" estimates a number and decides nothing', model USING ERRCODE = 'invalid_parameter_value', HINT = 'Name a column of decisions: y_pred.';
    END IF;
  END IF;
  -- Errors of the source and its columns come now: a window without rows is counted.
  PERFORM fairdb_jobs.count_window(entered, 'epoch', 'epoch', (SELECT max(m.version) FROM fairdb.models AS m WHERE m.owner = entered.model_owner AND m.name = entered.model));
  INSERT INTO fairdb.audits (id, owner, name, source, search_path, y_true, y_pred, sensitive, at, score, every, time_zone, label_delay, recount, strata, within, weight, positive, min_group, model, model_owner, starts, next_from, created_at, entered_by, settled, failures)
  VALUES (gen_random_uuid(), CURRENT_USER, name, source, search_path, y_true, y_pred, sensitive, at, score, every, time_zone, label_delay, recount, strata, entered.within, weight, positive, min_group, model, entered.model_owner, entered.starts, entered.next_from, now(), CURRENT_USER, '-infinity', 0);
  RETURN CASE WHEN at IS NULL THEN now() ELSE fairdb.window_end(every, time_zone, entered.next_from) + label_delay END;
END $$;
COMMENT ON FUNCTION fairdb_jobs.enter_audit(text, text, text, text, text, text[], text, text, interval, interval, interval, text[], text, text, bigint, text, timestamptz, text, text[]) IS
  'What create_audit does, with the search_path that the source is read under: call create_audit.';

CREATE FUNCTION drop_audit(name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.own_audit(drop_audit.name);
  models text;
BEGIN
  SELECT string_agg(quote_ident(g.model), ', ' ORDER BY g.model) INTO models FROM fairdb.gates AS g WHERE g.audit = a.id AND g.dropped_at IS NULL;
  IF models IS NOT NULL THEN
    RAISE EXCEPTION 'audit "%" is required of models: %', a.name, models USING ERRCODE = 'dependent_objects_still_exist',
      HINT = 'drop_requirement(model, audit) ends that.';
  END IF;
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the audit was dropped' WHERE o.job = a.id AND o.closed_at IS NULL;
  UPDATE fairdb.audits AS t SET dropped_at = now() WHERE t.id = a.id;
END $$;
COMMENT ON FUNCTION drop_audit(text) IS
  'Ends an audit of the current user. Its runs and alerts stay, in the view runs; its name may be used again.';

-- The next window, or nothing. The lock is held.
CREATE FUNCTION fairdb_jobs.audit_step(audit audits) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := audit;
  w_from timestamptz;
  w_until timestamptz;
  final_at timestamptz;
  request record;
  stored bool;
  w record;
BEGIN
  IF a.at IS NULL THEN
    w_from := fairdb.window_start(a.every, a.time_zone, now());
    IF w_from >= a.next_from THEN
      w_until := fairdb.window_end(a.every, a.time_zone, w_from);
      PERFORM fairdb_jobs.run_window(a, w_from, w_until);
      UPDATE fairdb.audits AS t SET next_from = w_until WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
      RETURN 'run';
    END IF;
  ELSE
    w_until := fairdb.window_end(a.every, a.time_zone, a.next_from);
    IF w_until + a.label_delay <= now() THEN
      PERFORM fairdb_jobs.run_window(a, a.next_from, w_until);
      UPDATE fairdb.audits AS t
      SET next_from = w_until,
        settled = CASE WHEN a.recount = '0' THEN greatest(t.settled, w_until) ELSE t.settled END,
        recount_from = CASE WHEN a.recount > '0' THEN '-infinity'::timestamptz END
      WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
      RETURN 'run';
    END IF;
    IF a.recount_from IS NOT NULL THEN
      SELECT r."from", r.until, max(r.counted_at) AS counted_at INTO w
      FROM fairdb.runs AS r
      WHERE r.audit = a.id AND r.candidate = 0 AND r.until > a.settled AND r."from" >= a.recount_from
      GROUP BY r."from", r.until ORDER BY r."from" LIMIT 1;
      final_at := w.until + a.label_delay + a.recount;
      -- The newest window has just been counted.
      IF w."from" IS NULL OR w.until = a.next_from AND final_at > now() THEN
        UPDATE fairdb.audits AS t SET recount_from = NULL WHERE t.id = a.id;
        RETURN 'pass';
      END IF;
      stored := w.counted_at < final_at AND fairdb_jobs.run_window(a, w."from", w.until);
      UPDATE fairdb.audits AS t
      SET recount_from = w.until, settled = CASE WHEN final_at <= now() THEN w.until ELSE t.settled END
      WHERE t.id = a.id;
      IF stored THEN
        PERFORM fairdb_jobs.follow_limits(a);
      END IF;
      RETURN 'recount';
    END IF;
  END IF;
  -- A window at a time, from the audit's first one on: what is asked for changes no verdict of another one.
  SELECT q.id, q.until, greatest(coalesce(q.done_until, q."from"), a.starts) AS next INTO request
  FROM fairdb.own_requests AS q WHERE q.audit = a.id AND q.done_at IS NULL ORDER BY q.requested_at, q.id LIMIT 1;
  IF request.id IS NOT NULL THEN
    request.next := fairdb.window_start(a.every, a.time_zone, request.next);
    w_until := fairdb.window_end(a.every, a.time_zone, request.next);
    IF request.next >= request.until OR w_until + a.label_delay > now() THEN
      UPDATE fairdb.own_requests AS q SET done_at = clock_timestamp(), outcome = 'done' WHERE q.id = request.id;
      RETURN 'pass';
    END IF;
    PERFORM fairdb_jobs.run_windows(a, request.next, w_until);
    UPDATE fairdb.own_requests AS q SET done_until = w_until WHERE q.id = request.id;
    RETURN 'request';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_jobs.audit_step(audits) IS
  'Does what is due next of an audit whose lock is held: a missing window (run), one that is counted again (recount, pass), what somebody has asked for (request), or nothing (NULL). A part of run_due.';

CREATE FUNCTION fairdb_jobs.run_windows(audit audits, "from" timestamptz, until timestamptz, candidate int DEFAULT 0, OUT stored bigint, OUT closed bigint, OUT not_due bool)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := audit;
  w_from timestamptz := fairdb.window_start(a.every, a.time_zone, "from");
  w_until timestamptz;
BEGIN
  stored := 0;
  closed := 0;
  not_due := false;
  WHILE w_from < run_windows.until LOOP
    w_until := fairdb.window_end(a.every, a.time_zone, w_from);
    IF w_until + a.label_delay > now() THEN
      not_due := true;
      EXIT;
    ELSIF candidate = 0 AND w_until <= a.settled AND EXISTS (SELECT FROM fairdb.runs AS r WHERE r.audit = a.id AND r.candidate = 0 AND r."from" = w_from) THEN
      closed := closed + 1;
    ELSE
      IF fairdb_jobs.run_window(a, w_from, w_until, candidate) THEN
        stored := stored + 1;
      END IF;
      IF candidate = 0 AND w_from = a.next_from THEN
        a.next_from := w_until;
        UPDATE fairdb.audits AS t
        SET next_from = w_until, settled = CASE WHEN a.recount = '0' THEN greatest(t.settled, w_until) ELSE t.settled END
        WHERE t.id = a.id;
      END IF;
    END IF;
    w_from := w_until;
  END LOOP;
  IF candidate = 0 AND stored > 0 THEN
    PERFORM fairdb_jobs.follow_limits(a);
  END IF;
END $$;
COMMENT ON FUNCTION fairdb_jobs.run_windows(audits, timestamptz, timestamptz, int) IS
  'Counts the windows of an audit, whose lock is held, that lie at least in part between two times: how many have a new value, how many are closed and were left as they are, and whether some are not due. A part of run_audit.';

CREATE FUNCTION run_audit(name text, "from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, version int DEFAULT NULL) RETURNS SETOF runs
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  before bigint;
  counted record;
  first timestamptz := "from";
  last timestamptz := until;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  a := fairdb_jobs.own_audit(run_audit.name);
  IF NOT fairdb_jobs.job_lock(a.id) THEN
    RAISE NOTICE 'audit "%" is already running', a.name;
    RETURN;
  END IF;
  -- What another session has done meanwhile.
  a := fairdb_jobs.own_audit(run_audit.name);
  PERFORM fairdb_jobs.require_confirmed(a.name, a.entered_by);
  PERFORM fairdb_jobs.note_success('audit', a.id);
  IF version IS NOT NULL AND (a.model IS NULL OR a.y_pred IS NOT NULL) THEN
    RAISE EXCEPTION 'audit "%" is of no model''s decisions', a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'version is for audits that were created with model and without y_pred.';
  END IF;
  IF a.at IS NULL THEN
    IF "from" IS NOT NULL OR until IS NOT NULL THEN
      RAISE EXCEPTION 'audit "%" has no windows', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'It is of the whole source: leave from and until out.';
    END IF;
    first := fairdb.window_start(a.every, a.time_zone, now());
    last := fairdb.window_end(a.every, a.time_zone, first);
    PERFORM fairdb_jobs.run_window(a, first, last, coalesce(version, 0));
    IF version IS NULL THEN
      UPDATE fairdb.audits AS t SET next_from = last WHERE t.id = a.id;
      PERFORM fairdb_jobs.follow_limits(a);
    END IF;
  ELSIF first IS NULL AND last IS NULL AND version IS NULL THEN
    SELECT coalesce(max(r.number), 0) INTO before FROM fairdb.runs AS r WHERE r.audit = a.id;
    WHILE fairdb_jobs.audit_step(a) IS NOT NULL LOOP
      a := fairdb_jobs.own_audit(run_audit.name);
    END LOOP;
    RETURN QUERY SELECT r.* FROM fairdb.runs AS r WHERE r.audit = a.id AND r.number > before ORDER BY r.number;
    RETURN;
  ELSE
    -- Without a time: the newest window that is due.
    first := coalesce(first, fairdb.window_start(a.every, a.time_zone, coalesce(last - interval '1 microsecond', fairdb.window_start(a.every, a.time_zone, now() - a.label_delay) - interval '1 microsecond')));
    last := coalesce(last, fairdb.window_start(a.every, a.time_zone, now() - a.label_delay));
    SELECT t.* INTO counted FROM fairdb_jobs.run_windows(a, first, last, coalesce(version, 0)) AS t;
    IF counted.closed > 0 THEN
      RAISE NOTICE '% windows of audit "%" are closed: they keep their value', counted.closed, a.name
        USING HINT = 'Windows are counted again until recount has passed. replay tells what counting one now would give.';
    END IF;
    IF counted.not_due THEN
      RAISE NOTICE 'windows of audit "%" that have not ended, or whose labels are not due, are not counted', a.name;
    END IF;
    first := fairdb.window_start(a.every, a.time_zone, first);
  END IF;
  RETURN QUERY
    SELECT r.* FROM fairdb.runs AS r
    WHERE r.audit = a.id AND r.candidate = coalesce(run_audit.version, 0) AND r."from" >= first AND r."from" < last
      AND r.number IN (SELECT l.number FROM fairdb.last_runs AS l WHERE l.audit = a.id)
    ORDER BY r."from";
END $$;
COMMENT ON FUNCTION run_audit(text, timestamptz, timestamptz, int) IS
  'Runs an audit of the current user now, in this transaction, and returns what it has stored: all that is due; or, with "from" and until, the windows between them, for history from before the audit was created. A window is counted when it has ended and its labels are due, and not again once it is closed. version: with the decisions of that version of the audit''s model, active or not, as require_fair needs it.';
