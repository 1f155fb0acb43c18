-- Jobs: audits and scoring that run by themselves, what they have counted, and who may see and change it.
--
-- As in the registry of models the rows are in tables that only the owner of the database reads and fills, to dump and
-- to restore them, and all others use views; here each view shows what belongs to roles of the current user, may be
-- inserted into, and changed in the columns that change. Nothing is deleted: what is dropped keeps its row.
--
-- No row names an object by its number, so that dump, restore and pg_upgrade keep all. A job runs as its owner and in a
-- session of its owner only: what its source calls has the rights of that session.

CREATE TABLE kept_audits (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  source text NOT NULL,
  search_path text NOT NULL,
  y_true text,
  y_pred text,
  sensitive text[] NOT NULL,
  at text,
  score text,
  every interval NOT NULL CHECK (every OPERATOR(pg_catalog.>=) '1 minute'::pg_catalog.interval),
  time_zone text NOT NULL,
  label_delay interval NOT NULL,
  recount interval NOT NULL,
  strata text[],
  within text[],
  weight text,
  positive text,
  min_group bigint NOT NULL,
  model text,
  model_owner name,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  entered_by name NOT NULL DEFAULT CURRENT_USER,
  tried_at timestamptz,
  starts timestamptz NOT NULL,
  next_from timestamptz NOT NULL,
  recount_from timestamptz,
  settled timestamptz NOT NULL DEFAULT '-infinity',
  failures int NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  dropped_at timestamptz
);
COMMENT ON TABLE kept_audits IS
  'What the view audits shows, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use audits.';
CREATE UNIQUE INDEX kept_audits_name ON kept_audits (owner, name) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_audits_name IS
  'one audit of each owner and name';

CREATE TABLE kept_limits (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  audit uuid NOT NULL,
  metric text NOT NULL,
  attributes text[] NOT NULL,
  at_most float8,
  at_least float8,
  rule text NOT NULL,
  budget float8 NOT NULL,
  looks bigint,
  min_coverage float8 NOT NULL,
  min_n bigint NOT NULL,
  since timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  dropped_at timestamptz
);
COMMENT ON TABLE kept_limits IS
  'What the view limits shows, of all roles: for pg_dump and pg_restore. Use add_limit and drop_limit.';
CREATE UNIQUE INDEX kept_limits_metric ON kept_limits (audit, metric, attributes) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_limits_metric IS
  'one limit of each audit, metric and set of attributes';

CREATE TABLE kept_runs (
  audit uuid NOT NULL,
  number bigint NOT NULL,
  "from" timestamptz NOT NULL,
  until timestamptz NOT NULL,
  attempt int NOT NULL,
  candidate int NOT NULL DEFAULT 0,
  counted_at timestamptz NOT NULL,
  role name NOT NULL,
  snapshot text NOT NULL,
  source text NOT NULL,
  source_digest text NOT NULL,
  model_owner name,
  model_version int,
  model_digest text,
  n bigint NOT NULL,
  coverage float8,
  confusion confusion,
  strata jsonb,
  distribution distribution,
  extension_version text NOT NULL,
  previous text NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (audit, number),
  UNIQUE (audit, candidate, "from", attempt)
);
COMMENT ON TABLE kept_runs IS
  'What the view runs shows, of all roles: for pg_dump and pg_restore. Use runs.';

CREATE TABLE kept_alerts (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  job uuid NOT NULL,
  limit_id uuid,
  opened_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  run bigint,
  window_from timestamptz,
  value float8,
  lower float8,
  upper float8,
  reason text,
  closed_at timestamptz,
  window_closed timestamptz,
  note text
);
COMMENT ON TABLE kept_alerts IS
  'What the view alerts shows, of all roles: for pg_dump and pg_restore. Use alerts.';
CREATE UNIQUE INDEX kept_alerts_open ON kept_alerts (job, coalesce(limit_id, job)) WHERE closed_at IS NULL;
COMMENT ON INDEX kept_alerts_open IS
  'one open alert of each limit, and one of each job that fails';

CREATE TABLE kept_scoring_jobs (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  source text NOT NULL,
  search_path text NOT NULL,
  key text[] NOT NULL,
  model text NOT NULL,
  model_owner name NOT NULL,
  target text NOT NULL,
  law distribution,
  sensitive text[],
  alpha float8 NOT NULL,
  since text,
  overlap interval NOT NULL,
  written text,
  time_zone text NOT NULL,
  tried_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  entered_by name NOT NULL DEFAULT CURRENT_USER,
  horizon xid8,
  searched_at timestamptz,
  last_run timestamptz,
  scored bigint NOT NULL DEFAULT 0,
  without_score bigint NOT NULL DEFAULT 0,
  failures int NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  dropped_at timestamptz
);
COMMENT ON TABLE kept_scoring_jobs IS
  'What the view scoring_jobs shows, of all roles: for pg_dump and pg_restore. Use scoring_jobs.';
CREATE UNIQUE INDEX kept_scoring_jobs_name ON kept_scoring_jobs (owner, name) WHERE dropped_at IS NULL;
COMMENT ON INDEX kept_scoring_jobs_name IS
  'one scoring job of each owner and name';

CREATE TABLE kept_audit_grants (
  audit uuid NOT NULL,
  grantee name NOT NULL,
  granted_by name NOT NULL DEFAULT CURRENT_USER,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  revoked_at timestamptz,
  PRIMARY KEY (audit, grantee)
);
COMMENT ON TABLE kept_audit_grants IS
  'What the view audit_grants shows, of all roles: for pg_dump and pg_restore. Use grant_audit and revoke_audit.';

CREATE TABLE kept_requests (
  id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  audit uuid NOT NULL,
  requested_by name NOT NULL DEFAULT CURRENT_USER,
  "from" timestamptz NOT NULL,
  until timestamptz NOT NULL,
  done_until timestamptz,
  requested_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  done_at timestamptz,
  outcome text
);
COMMENT ON TABLE kept_requests IS
  'What the view requests shows, of all roles: for pg_dump and pg_restore. Use request_run.';
CREATE INDEX kept_requests_open ON kept_requests (audit) WHERE done_at IS NULL;
COMMENT ON INDEX kept_requests_open IS
  'what is still to be done of an audit';

CREATE TABLE kept_gates (
  model_owner name NOT NULL,
  model text NOT NULL,
  audit uuid NOT NULL,
  required_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  dropped_at timestamptz,
  events jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (model_owner, model, audit)
);
COMMENT ON TABLE kept_gates IS
  'What the view gates shows, of all roles: for pg_dump and pg_restore. Use require_fair.';

SELECT pg_catalog.pg_extension_config_dump('kept_audits', '');
SELECT pg_catalog.pg_extension_config_dump('kept_limits', '');
SELECT pg_catalog.pg_extension_config_dump('kept_runs', '');
SELECT pg_catalog.pg_extension_config_dump('kept_alerts', '');
SELECT pg_catalog.pg_extension_config_dump('kept_scoring_jobs', '');
SELECT pg_catalog.pg_extension_config_dump('kept_audit_grants', '');
SELECT pg_catalog.pg_extension_config_dump('kept_requests', '');
SELECT pg_catalog.pg_extension_config_dump('kept_gates', '');

DO $$
DECLARE
  dumping name := (SELECT r.rolname FROM pg_catalog.pg_roles AS r
                   WHERE r.rolname OPERATOR(pg_catalog.=) 'pg_database_owner');
BEGIN
  -- PostgreSQL 13 has no role for whoever owns the database.
  IF dumping IS NULL THEN
    SELECT r.rolname INTO dumping FROM pg_catalog.pg_database AS d, pg_catalog.pg_roles AS r
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND r.oid OPERATOR(pg_catalog.=) d.datdba;
  END IF;
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.kept_audits, fairdb.kept_limits, fairdb.kept_runs, fairdb.kept_alerts, fairdb.kept_scoring_jobs, fairdb.kept_audit_grants, fairdb.kept_requests, fairdb.kept_gates TO %I', dumping);
END $$;

CREATE VIEW audits WITH (security_barrier) AS
  SELECT a.* FROM kept_audits AS a
  WHERE a.dropped_at IS NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW audits IS
  'The audits of the current user''s roles. create_audit adds one, drop_audit ends it. The next window begins at next_from; windows that end at settled or earlier are never counted again; failures and last_error tell of runs that failed since the last one that did not, and retry_at when the next one is tried.';
GRANT SELECT, INSERT, UPDATE (tried_at, next_from, recount_from, settled, failures, last_error, retry_at, entered_by, dropped_at) ON audits TO PUBLIC;

CREATE VIEW dropped_audits WITH (security_barrier) AS
  SELECT a.* FROM kept_audits AS a
  WHERE a.dropped_at IS NOT NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW dropped_audits IS
  'Audits of the current user''s roles that drop_audit has ended: their id is that of their runs.';
GRANT SELECT ON dropped_audits TO PUBLIC;

CREATE VIEW limits WITH (security_barrier) AS
  SELECT l.id, a.owner, a.name AS audit_name, l.audit, l.metric, l.attributes, l.at_most, l.at_least, l.rule, l.budget, l.looks, l.min_coverage, l.min_n, l.since, l.created_at
  FROM kept_limits AS l JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) l.audit
  WHERE l.dropped_at IS NULL AND a.dropped_at IS NULL AND fairdb_internal.belongs_to_user(a.owner);
COMMENT ON VIEW limits IS
  'What the gaps of an audit must keep to: add_limit adds one, drop_limit takes it away. Windows that begin before since are not judged.';
GRANT SELECT ON limits TO PUBLIC;

CREATE VIEW own_limits WITH (security_barrier) AS
  SELECT l.* FROM kept_limits AS l
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) l.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_limits IS
  'Where add_limit, drop_limit and close_alert write; read limits.';
GRANT SELECT, INSERT, UPDATE (since, dropped_at) ON own_limits TO PUBLIC;

CREATE VIEW runs WITH (security_barrier) AS
  SELECT r.* FROM kept_runs AS r
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) r.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW runs IS
  'All that the audits of the current user''s roles have counted, every attempt: the window from "from" until before until, its confusion by all attributes together (marginal gives one of them), the scores'' distribution, and what they were counted from. candidate is the version of a model that a run was asked of, 0 of others. last_runs has the last attempt of each window.';
GRANT SELECT, INSERT ON runs TO PUBLIC;

-- In one pass: asked of each run, whether there is a later one, it would be a pass for each.
CREATE VIEW fairdb_internal.last_attempts AS
  SELECT DISTINCT ON (r.audit, r.candidate, r."from") r.* FROM kept_runs AS r ORDER BY r.audit, r.candidate, r."from", r.attempt DESC;
COMMENT ON VIEW fairdb_internal.last_attempts IS
  'for the views of runs: the last attempt of each window';

CREATE VIEW last_runs WITH (security_barrier) AS
  SELECT a.owner, a.name AS audit_name, r.*
  FROM kept_audits AS a JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) a.id
  WHERE fairdb_internal.belongs_to_user(a.owner) AND a.dropped_at IS NULL;
COMMENT ON VIEW last_runs IS
  'The last attempt of each window, with the name and owner of its audit.';
GRANT SELECT ON last_runs TO PUBLIC;

CREATE VIEW scoring_jobs WITH (security_barrier) AS
  SELECT j.* FROM kept_scoring_jobs AS j
  WHERE j.dropped_at IS NULL AND fairdb_internal.belongs_to_user(j.owner);
COMMENT ON VIEW scoring_jobs IS
  'The scoring jobs of the current user''s roles. create_scoring_job adds one, drop_scoring_job ends it. scored counts the rows that it has put into its target, without_score those among them that got none; failures and last_error tell of runs that failed since the last one that did not.';
GRANT SELECT, INSERT, UPDATE (tried_at, horizon, searched_at, last_run, scored, without_score, failures, last_error, retry_at, entered_by, dropped_at) ON scoring_jobs TO PUBLIC;

CREATE VIEW own_alerts WITH (security_barrier) AS
  SELECT t.* FROM kept_alerts AS t
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) t.job AND fairdb_internal.belongs_to_user(a.owner))
     OR EXISTS (SELECT FROM kept_scoring_jobs AS j WHERE j.id OPERATOR(pg_catalog.=) t.job AND fairdb_internal.belongs_to_user(j.owner));
COMMENT ON VIEW own_alerts IS
  'Where runs open and close alerts; read alerts.';
GRANT SELECT, INSERT, UPDATE (closed_at, window_closed, note) ON own_alerts TO PUBLIC;

CREATE VIEW alerts WITH (security_barrier) AS
  SELECT coalesce(a.owner, j.owner) AS owner, coalesce(a.name, j.name) AS job, l.metric, l.attributes, t.opened_at, t.run, t.value, t.lower, t.upper,
    coalesce(l.at_most, l.at_least) AS "limit", t.reason, t.closed_at, t.note
  FROM kept_alerts AS t LEFT JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) t.job
    LEFT JOIN kept_scoring_jobs AS j ON j.id OPERATOR(pg_catalog.=) t.job
    LEFT JOIN kept_limits AS l ON l.id OPERATOR(pg_catalog.=) t.limit_id
  WHERE fairdb_internal.belongs_to_user(coalesce(a.owner, j.owner));
COMMENT ON VIEW alerts IS
  'What was, or is (closed_at IS NULL), wrong: a gap beyond its limit, or, with metric NULL, a job that has failed five times, with the error as reason. Opening and closing one notifies fairdb_alert.';
GRANT SELECT ON alerts TO PUBLIC;

CREATE VIEW own_audit_grants WITH (security_barrier) AS
  SELECT g.* FROM kept_audit_grants AS g
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) g.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_audit_grants IS
  'Who may see what the audits of the current user''s roles publish: where grant_audit and revoke_audit write. revoked_at says that a grant was taken back.';
GRANT SELECT, INSERT, UPDATE (revoked_at) ON own_audit_grants TO PUBLIC;

-- An audit may be seen by its owner's roles and by those that it was granted to. Names no other function: it becomes part
-- of the reader's query.
CREATE VIEW published_audits WITH (security_barrier) AS
  SELECT a.id, a.owner, a.name, a.sensitive, a.every, a.label_delay, a.recount, a.settled, a.min_group
  FROM kept_audits AS a
  WHERE a.dropped_at IS NULL AND a.at IS NOT NULL
    AND (fairdb_internal.belongs_to_user(a.owner)
      OR EXISTS (SELECT FROM kept_audit_grants AS g
                 WHERE g.audit OPERATOR(pg_catalog.=) a.id AND g.revoked_at IS NULL
                   AND (g.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(g.grantee))));
COMMENT ON VIEW published_audits IS
  'The audits of the current user''s roles, and those that were granted to them: select * from published_groups shows what they publish.';
GRANT SELECT ON published_audits TO PUBLIC;

CREATE VIEW published_groups WITH (security_barrier) AS
  SELECT p.owner, p.name, r."from", r.until, g.*
  FROM published_audits AS p JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) p.id AND r.candidate OPERATOR(pg_catalog.=) 0 AND r.until OPERATOR(pg_catalog.<=) p.settled
    CROSS JOIN LATERAL suppress(r.confusion, p.min_group) AS g;
COMMENT ON VIEW published_groups IS
  'Counts and rates by group of each window of an audit, for those whom it was granted to. Published are windows that will not be counted again, once, without what is of fewer than the audit''s min_group rows: windows share no rows, so no two publications differ by one person. A person who stands in several windows is in each.';
GRANT SELECT ON published_groups TO PUBLIC;

CREATE VIEW published_gaps WITH (security_barrier) AS
  SELECT p.owner, p.name, r."from", r.until, m.*
  FROM published_audits AS p JOIN fairdb_internal.last_attempts AS r ON r.audit OPERATOR(pg_catalog.=) p.id AND r.candidate OPERATOR(pg_catalog.=) 0 AND r.until OPERATOR(pg_catalog.<=) p.settled
    CROSS JOIN LATERAL metrics(r.confusion) AS m
  WHERE NOT EXISTS (SELECT FROM suppress(r.confusion, p.min_group) AS s WHERE s.suppressed);
COMMENT ON VIEW published_gaps IS
  'The gaps of each published window in which nothing is withheld: a gap tells the rate of a group that is withheld.';
GRANT SELECT ON published_gaps TO PUBLIC;

CREATE VIEW requests WITH (security_barrier) AS
  SELECT a.owner, a.name AS audit_name, q.requested_by, q."from", q.until, q.requested_at, q.done_at, q.outcome
  FROM kept_requests AS q JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) q.audit
  WHERE fairdb_internal.belongs_to_user(a.owner) OR fairdb_internal.is_role_of_user(q.requested_by);
COMMENT ON VIEW requests IS
  'Runs that request_run has asked for: by the current user''s roles, or of their audits. The owner''s next run_due does them.';
GRANT SELECT ON requests TO PUBLIC;

CREATE VIEW new_requests AS
  SELECT q.audit, q."from", q.until FROM kept_requests AS q;
COMMENT ON VIEW new_requests IS
  'Where request_run puts a request. It can be inserted into, not read.';
GRANT INSERT ON new_requests TO PUBLIC;

CREATE VIEW own_requests WITH (security_barrier) AS
  SELECT q.* FROM kept_requests AS q
  WHERE EXISTS (SELECT FROM kept_audits AS a WHERE a.id OPERATOR(pg_catalog.=) q.audit AND fairdb_internal.belongs_to_user(a.owner));
COMMENT ON VIEW own_requests IS
  'Requests for runs of the current user''s audits: where run_due notes what became of them.';
GRANT SELECT, UPDATE (done_until, done_at, outcome) ON own_requests TO PUBLIC;

CREATE VIEW gates WITH (security_barrier) AS
  SELECT g.model_owner, g.model, g.audit, a.owner, a.name AS audit_name, g.required_at, g.dropped_at, g.events
  FROM kept_gates AS g JOIN kept_audits AS a ON a.id OPERATOR(pg_catalog.=) g.audit
  WHERE fairdb_internal.belongs_to_user(g.model_owner);
COMMENT ON VIEW gates IS
  'Which audits a version of a model must have passed to be activated: require_fair. events tells who required it, and no longer, and who activated which version all the same, when and why (override).';
GRANT SELECT ON gates TO PUBLIC;

CREATE VIEW own_gates WITH (security_barrier) AS
  SELECT g.* FROM kept_gates AS g WHERE fairdb_internal.belongs_to_user(g.model_owner);
COMMENT ON VIEW own_gates IS
  'Where require_fair and activate_model write; read gates.';
GRANT SELECT, INSERT, UPDATE (required_at, dropped_at, events) ON own_gates TO PUBLIC;

CREATE FUNCTION fairdb_internal.check_job() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed bool;
  restoring bool := EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE'));
BEGIN
  -- A key that is chosen could be another one's, whom a conflict with it would show.
  IF TG_OP = 'INSERT' AND NOT restoring AND TG_TABLE_NAME IN ('kept_audits', 'kept_scoring_jobs', 'kept_limits', 'kept_alerts', 'kept_requests') THEN
    NEW.id := gen_random_uuid();
  END IF;
  IF TG_TABLE_NAME IN ('kept_audits', 'kept_scoring_jobs') THEN
    allowed := pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER');
    IF TG_OP = 'INSERT' THEN
      allowed := NEW.owner = CURRENT_USER;
      -- Whoever restores a job must not get its owner to run it unasked.
      NEW.entered_by := CURRENT_USER;
      IF TG_TABLE_NAME = 'kept_audits' AND NOT restoring THEN
        PERFORM fairdb.window_start(NEW.every, NEW.time_zone, now());
      END IF;
      IF TG_TABLE_NAME = 'kept_scoring_jobs' THEN
        -- Transactions are numbered anew in another cluster.
        NEW.horizon := NULL;
      END IF;
    ELSIF NEW.entered_by <> OLD.entered_by THEN
      allowed := NEW.owner = CURRENT_USER AND NEW.entered_by = CURRENT_USER;
    END IF;
  ELSIF TG_TABLE_NAME IN ('kept_limits', 'kept_runs', 'kept_audit_grants') THEN
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit);
  ELSIF TG_TABLE_NAME = 'kept_alerts' THEN
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.job) OR EXISTS (SELECT FROM fairdb.scoring_jobs AS j WHERE j.id = NEW.job)
      OR TG_OP = 'UPDATE' AND EXISTS (SELECT FROM fairdb.own_alerts AS o WHERE o.id = NEW.id);
  ELSIF TG_OP = 'INSERT' THEN  -- kept_requests
    NEW.requested_by := coalesce(CASE WHEN restoring THEN NEW.requested_by END, CURRENT_USER);
    IF NOT restoring THEN
      NEW.requested_at := now();
      NEW.done_until := NULL;
      NEW.done_at := NULL;
      NEW.outcome := NULL;
      IF (isfinite(NEW."from") AND isfinite(NEW.until) AND NEW."from" < NEW.until) IS NOT TRUE THEN
        RAISE EXCEPTION 'from and until must be times, the first one the earlier' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      IF (SELECT NEW.until - NEW."from" > p.every * 1000 FROM fairdb.published_audits AS p WHERE p.id = NEW.audit) THEN
        RAISE EXCEPTION 'a request is of at most 1000 windows' USING ERRCODE = 'program_limit_exceeded';
      END IF;
      IF (SELECT count(*) FROM fairdb.requests AS q, fairdb.published_audits AS p
          WHERE p.id = NEW.audit AND q.owner = p.owner AND q.audit_name = p.name AND q.done_at IS NULL AND q.requested_by = CURRENT_USER) >= 10 THEN
        RAISE EXCEPTION 'ten requests of yours are open for this audit' USING ERRCODE = 'program_limit_exceeded', HINT = 'The next run_due of its owner does them.';
      END IF;
    END IF;
    allowed := EXISTS (SELECT FROM fairdb.published_audits AS p WHERE p.id = NEW.audit);
  ELSE
    allowed := EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit);
  END IF;
  -- Before any key is looked at, which would tell of others' jobs. The owner of the database restores them, in any order.
  IF allowed IS NOT TRUE AND NOT restoring THEN
    RAISE EXCEPTION 'a job is entered and changed by the role that owns it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_job() IS
  'trigger function of the tables of jobs: what belongs to a job is entered by its owner, and a request by those who see it';

CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_audits FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_limits FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_runs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_alerts FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_scoring_jobs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_audit_grants FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON kept_requests FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_job();
COMMENT ON TRIGGER check_job ON kept_audits IS 'an audit is entered by its owner';
COMMENT ON TRIGGER check_job ON kept_limits IS 'a limit is entered by the owner of its audit';
COMMENT ON TRIGGER check_job ON kept_runs IS 'a run is entered by the owner of its audit';
COMMENT ON TRIGGER check_job ON kept_alerts IS 'an alert is entered by the owner of its job';
COMMENT ON TRIGGER check_job ON kept_scoring_jobs IS 'a scoring job is entered by its owner';
COMMENT ON TRIGGER check_job ON kept_audit_grants IS 'a grant is given by the owner of the audit';
COMMENT ON TRIGGER check_job ON kept_requests IS 'a run is requested by those who see what the audit publishes';

CREATE FUNCTION fairdb_internal.check_gate_entry() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  added jsonb := '[]';
BEGIN
  -- What a dump brings back has its events.
  IF TG_OP = 'INSERT' AND NEW.events <> '[]' AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  IF pg_has_role(to_regrole(quote_ident(NEW.model_owner)), 'MEMBER') IS NOT TRUE OR TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM fairdb.audits AS a WHERE a.id = NEW.audit) THEN
    RAISE EXCEPTION 'a gate is set by the owner of the model, with an audit of his' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' OR OLD.dropped_at IS NOT NULL AND NEW.dropped_at IS NULL THEN
    added := added || jsonb_build_object('event', 'require');
  ELSIF OLD.dropped_at IS NULL AND NEW.dropped_at IS NOT NULL THEN
    added := added || jsonb_build_object('event', 'drop');
  END IF;
  -- Of what is given only the last one counts, and only as an override of now: what has happened is not written anew.
  IF TG_OP = 'UPDATE' THEN
    IF jsonb_array_length(NEW.events) = jsonb_array_length(OLD.events) + 1 THEN
      IF (jsonb_typeof(NEW.events -> -1 -> 'version') = 'number' AND NEW.events -> -1 ->> 'note' ~ '\S') IS NOT TRUE THEN
        RAISE EXCEPTION 'an override names a version and says why' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      added := added || jsonb_build_object('event', 'override', 'version', NEW.events -> -1 -> 'version', 'note', NEW.events -> -1 -> 'note', 'transaction', pg_current_xact_id()::text);
    END IF;
    NEW.events := OLD.events;
  ELSE
    NEW.events := '[]';
  END IF;
  SELECT NEW.events || coalesce(jsonb_agg(e.value || jsonb_build_object('at', clock_timestamp(), 'role', CURRENT_USER) ORDER BY e.number), '[]') INTO NEW.events
  FROM jsonb_array_elements(added) WITH ORDINALITY AS e (value, number);
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_gate_entry() IS
  'trigger function of kept_gates: a gate is set and lifted by the owner of the model, and its events are only added to';
CREATE TRIGGER check_gate_entry BEFORE INSERT OR UPDATE ON kept_gates FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_gate_entry();
COMMENT ON TRIGGER check_gate_entry ON kept_gates IS 'a gate is set and lifted by the owner of the model, and its events are only added to';

CREATE FUNCTION fairdb_internal.follow_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The gate stays with versions that are left behind, too.
  INSERT INTO fairdb.kept_gates (model_owner, model, audit, required_at, dropped_at, events)
  SELECT NEW.owner, g.model, g.audit, g.required_at, g.dropped_at, g.events FROM fairdb.kept_gates AS g WHERE g.model_owner = OLD.owner AND g.model = OLD.name
  ON CONFLICT DO NOTHING;
  UPDATE fairdb.kept_audits AS a SET model_owner = NEW.owner WHERE a.model_owner = OLD.owner AND a.model = OLD.name;
  UPDATE fairdb.kept_scoring_jobs AS j SET model_owner = NEW.owner WHERE j.model_owner = OLD.owner AND j.model = OLD.name;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_internal.follow_model_owner() IS
  'trigger function of registered_models: gates and jobs stay with a model that a superuser gives to another owner';
CREATE TRIGGER follow_model_owner AFTER UPDATE OF owner ON registered_models FOR EACH ROW WHEN (NEW.owner OPERATOR(pg_catalog.<>) OLD.owner) EXECUTE FUNCTION fairdb_internal.follow_model_owner();
COMMENT ON TRIGGER follow_model_owner ON registered_models IS 'gates and jobs stay with a model that a superuser gives to another owner';

CREATE FUNCTION fairdb_jobs.run_digest(run jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((SELECT pg_catalog.jsonb_object_agg(k.key, $1 OPERATOR(pg_catalog.->) k.key) FROM pg_catalog.unnest('{audit,number,from,until,attempt,candidate,counted_at,role,snapshot,source,source_digest,model_owner,model_version,model_digest,n,coverage,confusion,strata,distribution,extension_version,previous}'::pg_catalog.text[]) AS k (key))::pg_catalog.text, 'UTF8')), 'hex') $$;
COMMENT ON FUNCTION fairdb_jobs.run_digest(jsonb) IS
  'SHA-256 of what a run has stored, the digest of the run before it included: of to_jsonb of its row, in a session whose TimeZone is UTC and extra_float_digits 1. verify_runs compares it with the one that is stored.';

CREATE FUNCTION fairdb_internal.seal_run() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
  last record;
BEGIN
  -- A row that a dump has brought back has its place in the chain.
  IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  SELECT r.number, r.digest INTO last FROM fairdb.runs AS r WHERE r.audit = NEW.audit ORDER BY r.number DESC LIMIT 1;
  NEW.number := coalesce(last.number, 0) + 1;
  NEW.previous := coalesce(last.digest, '');
  NEW.role := CURRENT_USER;
  NEW.counted_at := clock_timestamp();
  NEW.extension_version := (SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'fairdb');
  NEW.digest := fairdb_jobs.run_digest(to_jsonb(NEW));
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.seal_run() IS
  'trigger function of kept_runs: a run gets its number and its digest, which tells of all runs before it';
CREATE TRIGGER seal_run BEFORE INSERT ON kept_runs FOR EACH ROW EXECUTE FUNCTION fairdb_internal.seal_run();
COMMENT ON TRIGGER seal_run ON kept_runs IS 'a run gets its number and its digest, which tells of all runs before it';

CREATE FUNCTION fairdb_internal.notify_alert() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Not when a dump brings alerts back. Who listens may be anybody: no number is told.
  IF TG_OP = 'INSERT' AND NEW.closed_at IS NULL OR TG_OP = 'UPDATE' AND OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL THEN
    PERFORM pg_notify('fairdb_alert', jsonb_build_object('event', CASE TG_OP WHEN 'INSERT' THEN 'opened' ELSE 'closed' END, 'owner', t.owner, 'job', t.name, 'metric', (SELECT l.metric FROM fairdb.own_limits AS l WHERE l.id = NEW.limit_id))::text)
    FROM (SELECT a.id, a.owner, a.name FROM fairdb.audits AS a UNION ALL SELECT j.id, j.owner, j.name FROM fairdb.scoring_jobs AS j) AS t WHERE t.id = NEW.job;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION fairdb_internal.notify_alert() IS
  'trigger function of kept_alerts: tells listeners of fairdb_alert that an alert was opened or closed';
CREATE TRIGGER notify_alert AFTER INSERT OR UPDATE OF closed_at ON kept_alerts FOR EACH ROW EXECUTE FUNCTION fairdb_internal.notify_alert();
COMMENT ON TRIGGER notify_alert ON kept_alerts IS 'tells listeners of fairdb_alert that an alert was opened or closed';
