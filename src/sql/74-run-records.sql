-- What runs have stored, asked: history, drift, whether it is unchanged, whether it can be counted again.

CREATE FUNCTION history(audit text, metric text DEFAULT 'demographic_parity_difference', attributes names DEFAULT NULL, level float8 DEFAULT 0.95, owner name DEFAULT NULL) RETURNS TABLE (
  "from" timestamptz,
  until timestamptz,
  run bigint,
  attempt int,
  n bigint,
  coverage float8,
  value float8,
  lower float8,
  upper float8,
  p_value float8,
  group_low text,
  group_high text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(history.audit, history.owner);
  wanted text[] := coalesce(attributes::text::text[], a.sensitive);
  fields int[];
BEGIN
  IF NOT wanted <@ a.sensitive OR cardinality(wanted) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF wanted <> a.sensitive THEN
    SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(wanted) WITH ORDINALITY AS u (name, place);
  END IF;
  RETURN QUERY
    SELECT r."from", r.until, r.number, r.attempt, r.n, r.coverage, m.value, m.lower, m.upper, m.p_value, m.group_low, m.group_high
    FROM fairdb.last_runs AS r
      LEFT JOIN LATERAL fairdb.metrics(CASE WHEN fields IS NULL THEN r.confusion ELSE fairdb.marginal(r.confusion, fields) END, history.level, NULL, ARRAY[history.metric]::fairdb.names) AS m ON true
    WHERE r.audit = a.id AND r.candidate = 0
    ORDER BY r."from";
END $$;
COMMENT ON FUNCTION history(text, text, names, float8, name) IS
  'A gap over time: the last attempt of each window of an audit, with the interval and the test of metrics: select * from history(''loans'', ''equal_opportunity_difference''). attributes: some of the audit''s.';

CREATE FUNCTION verify_runs(audit text, owner name DEFAULT NULL) RETURNS TABLE (
  run bigint,
  "from" timestamptz,
  attempt int,
  problem text
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(verify_runs.audit, verify_runs.owner);
BEGIN
  RETURN QUERY
    SELECT t.number, t."from", t.attempt, t.problem
    FROM (SELECT r.number, r."from", r.attempt,
            CASE WHEN r.digest <> fairdb_jobs.run_digest(to_jsonb(r)) THEN 'changed after it was stored'
                 WHEN lag(r.number, 1, 0::bigint) OVER w <> r.number - 1 THEN format('the runs after number %s are missing', lag(r.number, 1, 0::bigint) OVER w)
                 WHEN lag(r.digest, 1, '') OVER w <> r.previous THEN 'the run before it is another one than when it was stored' END AS problem
          FROM fairdb.runs AS r WHERE r.audit = a.id WINDOW w AS (ORDER BY r.number)) AS t
    WHERE t.problem IS NOT NULL
    ORDER BY t.number;
END $$;
COMMENT ON FUNCTION verify_runs(text, name) IS
  'The runs of an audit that are not as they were stored: none, if all is well. Each run has a digest of itself and of the run before it, so that a change by somebody else is found. Whoever may write the tables could compute all digests anew, or take the last runs away: keep head() elsewhere, from time to time, and compare.';

CREATE FUNCTION head(audit text, owner name DEFAULT NULL) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(head.audit, head.owner);
BEGIN
  RETURN (SELECT r.number || ':' || r.digest FROM fairdb.runs AS r WHERE r.audit = a.id ORDER BY r.number DESC LIMIT 1);
END $$;
COMMENT ON FUNCTION head(text, name) IS
  'Number and digest of the last run of an audit, which stands for all before it: kept elsewhere, it shows later whether they were changed (select number || '':'' || digest from runs where number = ... must be the same).';

CREATE FUNCTION replay(audit text, run bigint) RETURNS TABLE (
  stored confusion,
  recount confusion,
  equal bool,
  differs_in text[]
)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits;
  r record;
  counted record;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  a := fairdb_jobs.own_audit(replay.audit);
  SELECT t.* INTO r FROM fairdb.runs AS t WHERE t.audit = a.id AND t.number = replay.run;
  PERFORM fairdb_jobs.require_confirmed(a.name, a.entered_by);
  IF r.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no run %', a.name, run USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.runs lists them.';
  END IF;
  a.source := r.source;
  SELECT c.* INTO counted FROM fairdb_jobs.count_window(a, r."from", r.until, r.model_version) AS c;
  stored := r.confusion;
  recount := counted.confusion;
  differs_in := array_remove(ARRAY[
    CASE WHEN NOT coalesce(stored OPERATOR(fairdb.=) recount, stored IS NULL AND recount IS NULL) THEN 'confusion' END,
    CASE WHEN r.strata IS DISTINCT FROM counted.strata THEN 'strata' END,
    CASE WHEN NOT coalesce(r.distribution OPERATOR(fairdb.=) counted.distribution, r.distribution IS NULL AND counted.distribution IS NULL) THEN 'distribution' END,
    CASE WHEN r.source_digest IS DISTINCT FROM counted.source_digest THEN 'source_digest' END,
    CASE WHEN r.model_digest IS DISTINCT FROM counted.model_digest THEN 'model_digest' END], NULL);
  equal := NOT differs_in && '{confusion,strata,distribution}';
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION replay(text, bigint) IS
  'Counts the window of a run again, now, and compares: equal says whether the same was counted, differs_in what is another one: also whether the source is defined otherwise (source_digest). Rows that came late, were corrected or deleted make a difference; of an audit of a whole source every new row does.';

CREATE FUNCTION drift(audit text, run bigint DEFAULT NULL, baseline text DEFAULT 'training', owner name DEFAULT NULL) RETURNS TABLE (
  sensitive text,
  what text,
  baseline_value float8,
  value float8,
  difference float8,
  p_value float8
)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(drift.audit, drift.owner);
  now_counted jsonb;
  model jsonb;
  before jsonb;
  this record;
BEGIN
  SELECT r.number, r."from", r.confusion, r.model_owner, r.model_version INTO this FROM fairdb.last_runs AS r
  WHERE r.audit = a.id AND (r.number = drift.run OR drift.run IS NULL AND r.candidate = 0) ORDER BY r."from" DESC, r.number DESC LIMIT 1;
  IF this.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no such run', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.last_runs lists the last attempt of each window.';
  END IF;
  IF baseline = 'training' THEN
    SELECT fairdb.describe(m.model) INTO model FROM fairdb.models AS m WHERE m.owner = a.model_owner AND m.name = a.model AND m.version = this.model_version;
    IF model IS NULL THEN
      RAISE EXCEPTION 'audit "%" is of no registered model that is there', a.name USING ERRCODE = 'invalid_parameter_value',
        HINT = 'baseline => ''first'', ''previous'' or the number of a run compares with what was counted earlier.';
    END IF;
    SELECT jsonb_build_object('groups', jsonb_object_agg(g.value ->> 'group', jsonb_build_object('tp', g.value -> 'true_positives', 'fp', g.value -> 'false_positives', 'fn', g.value -> 'false_negatives', 'tn', g.value -> 'true_negatives')))
      INTO before
    FROM jsonb_array_elements(coalesce(model -> 'held_out' -> 'groups', model -> 'training' -> 'groups')) AS g WHERE g.value ->> 'group' IS NOT NULL;
  ELSE
    SELECT r.confusion::jsonb INTO before FROM fairdb.last_runs AS r
    WHERE r.audit = a.id AND CASE baseline WHEN 'first' THEN r.candidate = 0 WHEN 'previous' THEN r.candidate = 0 AND r."from" < this."from" ELSE r.number::text = baseline END
    ORDER BY CASE baseline WHEN 'previous' THEN -extract(epoch FROM r."from") ELSE extract(epoch FROM r."from") END LIMIT 1;
  END IF;
  IF before IS NULL THEN
    RAISE EXCEPTION 'there is no baseline "%" of audit "%"', baseline, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'baseline is ''training'', ''first'', ''previous'' or the number of the last attempt of a window.';
  END IF;
  now_counted := this.confusion::jsonb;
  IF (before -> 'weighted') IS DISTINCT FROM (now_counted -> 'weighted') AND now_counted IS NOT NULL THEN
    RAISE EXCEPTION 'run % of audit "%" is weighted, and its baseline is not', this.number, a.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Compare it with another run: baseline => ''first'', ''previous'' or its number.';
  END IF;
  RETURN QUERY
    WITH both_of AS MATERIALIZED (
      SELECT g.label, jsonb_strip_nulls(jsonb_build_object('weighted', before -> 'weighted', 'groups', jsonb_build_object('baseline', before -> 'groups' -> g.label, 'now', now_counted -> 'groups' -> g.label)))::fairdb.confusion AS confusion
      FROM (SELECT k.label FROM jsonb_object_keys(before -> 'groups') AS k (label) UNION SELECT k.label FROM jsonb_object_keys(coalesce(now_counted -> 'groups', '{}')) AS k (label)) AS g
    ), sizes AS MATERIALIZED (
      SELECT b.label, coalesce(max(n.n) FILTER (WHERE n.sensitive = 'baseline'), 0) AS before, coalesce(max(n.n) FILTER (WHERE n.sensitive = 'now'), 0) AS after
      FROM both_of AS b LEFT JOIN LATERAL (SELECT g.sensitive, g.n FROM fairdb.by_group(b.confusion) AS g) AS n ON true
      GROUP BY b.label
    ), shares AS MATERIALIZED (
      SELECT s.label, jsonb_build_object('groups', jsonb_build_object(
        'baseline', jsonb_build_object('tp', s.before, 'fn', sum(s.before) OVER () - s.before), 'now', jsonb_build_object('tp', s.after, 'fn', sum(s.after) OVER () - s.after)))::fairdb.confusion AS confusion
      FROM sizes AS s
    ), compared AS (
      SELECT s.label, 0 AS place, 'share_of_rows' AS what, c.* FROM shares AS s LEFT JOIN LATERAL fairdb.compare_groups(s.confusion, 'selection_rate', 'baseline') AS c ON true
      UNION ALL
      SELECT b.label, m.place::int, m.what, c.*
      FROM both_of AS b CROSS JOIN unnest('{base_rate,selection_rate,true_positive_rate,false_positive_rate}'::text[]) WITH ORDINALITY AS m (what, place)
        LEFT JOIN LATERAL fairdb.compare_groups(b.confusion, m.what, CASE WHEN before -> 'groups' ? b.label THEN 'baseline' END) AS c ON true
    )
    SELECT c.label, c.what, c.reference_value, c.value, c.difference, c.p_value FROM compared AS c ORDER BY c.label COLLATE "C", c.place;
END $$;
COMMENT ON FUNCTION drift(text, bigint, text, name) IS
  'How a window (run: its number, the newest by default) differs from a baseline, group by group: its share of the rows, base rate, selection rate, true and false positive rate, each with the p-value of the test that nothing has changed. baseline: training, what the audit''s model had on its held-out rows, or without them on its training rows; first or previous, another window; or the number of a run. Of many p-values some are small by chance.';
