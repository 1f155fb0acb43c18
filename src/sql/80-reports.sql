-- Pictures: a page for people, and its figures one by one.
--
-- The three functions report have attributes, or the sensitive ones, as their fifth argument: only so does the server know
-- which one is meant by five literals of no type.

CREATE FUNCTION report(
  confusion confusion,
  distribution distribution DEFAULT NULL,
  title text DEFAULT NULL,
  metric text DEFAULT 'selection_rate',
  attributes names DEFAULT NULL,
  people text DEFAULT NULL,
  selected text DEFAULT 'selected',
  threshold float8 DEFAULT NULL,
  limits jsonb DEFAULT NULL,
  tradeoff jsonb DEFAULT NULL,
  history jsonb DEFAULT NULL,
  history_metric text DEFAULT NULL,
  sources jsonb DEFAULT NULL,
  alpha float8 DEFAULT 0,
  bins int DEFAULT 10,
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_values'
  LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION report(confusion, distribution, text, text, names, text, text, float8, jsonb, jsonb, jsonb, text, jsonb, float8, int, bigint, float8) IS
  'A page of HTML that people read instead of tables, in one file without scripts, of stored values: select report(confusion_agg(repaid, approved, row(sex, race)), distribution_agg(score, row(sex, race, repaid)), ''Loans'', attributes => ''{sex,race}'', people => ''applicants'', selected => ''approved'') from loans. attributes: the names of the fields of the groups. distribution: of the same groups, for the scores, or of groups and labels, for calibration and ranking too. limits: how large a gap may be, or how small a ratio: ''{"demographic_parity_difference": 0.1}''. tradeoff, history: rows of tradeoff and of verdicts or history, by jsonb_agg. sources: what the page says of where the numbers come from, ''{"Model": "approval, version 3"}''. Groups of fewer than min_group rows, or than fairdb.min_group if that is more, are withheld.';

CREATE FUNCTION report(
  source text,
  y_true text,
  y_pred text,
  score text,
  sensitive names,
  title text DEFAULT NULL,
  metric text DEFAULT 'selection_rate',
  people text DEFAULT NULL,
  selected text DEFAULT 'selected',
  threshold float8 DEFAULT NULL,
  limits jsonb DEFAULT NULL,
  tradeoff jsonb DEFAULT NULL,
  history jsonb DEFAULT NULL,
  history_metric text DEFAULT NULL,
  sources jsonb DEFAULT NULL,
  weight text DEFAULT NULL,
  positive option_value DEFAULT NULL,
  alpha float8 DEFAULT 0,
  bins int DEFAULT 10,
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_source'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION report(text, text, text, text, names, text, text, text, text, float8, jsonb, jsonb, jsonb, text, jsonb, text, option_value, float8, int, bigint, float8) IS
  'The page of a table, a view or a SELECT in one call, which reads it once: select report(''loans'', ''repaid'', ''approved'', ''score'', ''{sex,race}'', people => ''applicants'', selected => ''approved''). y_true NULL: nobody knows the truth; score NULL: there are no scores. The page names the source, the statement, the role and the snapshot. Options as in report(confusion), weight and positive as in audit. psql -X -A -t -c "select fairdb.report(...)" > page.html writes it to a file.';

CREATE FUNCTION fairdb_jobs.report_run(
  confusion confusion,
  distribution distribution,
  title text,
  metric text,
  attributes names,
  only_attributes names,
  people text,
  selected text,
  history jsonb,
  sources jsonb,
  decided jsonb,
  audit_name text,
  marks names,
  min_group bigint,
  level float8
) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_report_values'
  LANGUAGE c STABLE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION fairdb_jobs.report_run(confusion, distribution, text, text, names, names, text, text, jsonb, jsonb, jsonb, text, names, bigint, float8) IS
  'for report(audit): the page of a run, with what its limits have decided';

CREATE FUNCTION report(
  audit text,
  run bigint DEFAULT NULL,
  title text DEFAULT NULL,
  people text DEFAULT NULL,
  attributes names DEFAULT NULL,
  selected text DEFAULT 'selected',
  min_group bigint DEFAULT NULL,
  level float8 DEFAULT 0.95,
  owner name DEFAULT NULL
) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
DECLARE
  a fairdb.audits := fairdb_jobs.visible_audit(report.audit, report.owner);
  k bigint := greatest(coalesce(report.min_group, a.min_group), coalesce(nullif(current_setting('fairdb.min_group', true), ''), '0')::bigint);
  wanted text[] := ARRAY(SELECT s.name FROM unnest(a.sensitive) WITH ORDINALITY AS s (name, place) WHERE report.attributes IS NULL OR s.name = ANY (report.attributes::text::text[]) ORDER BY s.place);
  r fairdb.runs;
  shown record;
  decided jsonb;
  windows jsonb;
  sources jsonb;
  withheld bigint;
  fields int[];
BEGIN
  IF report.min_group NOT BETWEEN 0 AND 1000000 THEN
    RAISE EXCEPTION 'min_group is %, expected 0 to 1000000', report.min_group USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT report.attributes::text::text[] <@ a.sensitive OR cardinality(wanted) = 0 THEN
    RAISE EXCEPTION 'attributes are not among those of the audit: %', array_to_string(a.sensitive, ', ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT t.* INTO r FROM fairdb.runs AS t
  WHERE t.audit = a.id AND (t.number = report.run
    OR report.run IS NULL AND t.candidate = 0 AND NOT EXISTS (SELECT FROM fairdb.runs AS n WHERE n.audit = t.audit AND n.candidate = t.candidate AND n."from" = t."from" AND n.attempt > t.attempt))
  ORDER BY t.confusion IS NULL, t."from" DESC, t.number DESC LIMIT 1;
  IF r.number IS NULL AND report.run IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no runs yet', a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'call run_due() counts the windows that are due; run_audit(name, from, until) those that you name.';
  ELSIF r.number IS NULL THEN
    RAISE EXCEPTION 'audit "%" has no run %', a.name, run USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from" from fairdb.runs lists them.';
  END IF;
  IF r.confusion IS NULL THEN
    RAISE EXCEPTION 'run % of audit "%" has counted no rows', r.number, a.name USING ERRCODE = 'invalid_parameter_value', HINT = 'select number, "from", n from fairdb.runs lists them.';
  END IF;
  -- What its limits say of this run, if it is the last attempt of its window.
  SELECT jsonb_agg(jsonb_build_object('metric', v.metric, 'attributes', v.attributes, 'limit', v."limit", 'verdict', v.verdict, 'value', v.value, 'lower', v.lower, 'upper', v.upper, 'rule', replace(l.rule, '_', ' ')) ORDER BY v.metric, v.attributes) INTO decided
  FROM fairdb.verdicts AS v JOIN fairdb.limits AS l ON l.audit = a.id AND l.metric = v.metric AND l.attributes = v.attributes
  WHERE v.owner = a.owner AND v.audit_name = a.name AND v.run = r.number AND v.attributes <@ wanted;
  -- Windows up to this one, of the first limit's gap; without those that withhold a group, whose rates a gap would tell.
  SELECT l.metric, l.attributes INTO shown FROM fairdb.limits AS l WHERE l.audit = a.id AND l.attributes <@ wanted ORDER BY l.metric <> 'demographic_parity_difference', cardinality(l.attributes), l.metric, l.attributes LIMIT 1;
  SELECT array_agg(array_position(a.sensitive, u.name) ORDER BY u.place) INTO fields FROM unnest(coalesce(shown.attributes, wanted)) WITH ORDINALITY AS u (name, place);
  IF a.dropped_at IS NULL AND a.at IS NOT NULL AND r.candidate = 0 THEN
    SELECT jsonb_agg(jsonb_build_object('from', h."from", 'label', to_char(h."from" AT TIME ZONE a.time_zone, CASE WHEN a.every < '1 day' THEN 'YYYY-MM-DD HH24:MI' ELSE 'YYYY-MM-DD' END),
             'value', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.value ELSE v.value END, 'lower', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.lower ELSE v.lower END, 'upper', CASE WHEN s.hides THEN NULL WHEN shown.metric IS NULL THEN h.upper ELSE v.upper END, 'metric', coalesce(shown.metric, 'demographic_parity_difference'), 'attributes', coalesce(shown.attributes, wanted),
             'limit', v."limit", 'verdict', CASE WHEN NOT s.hides THEN v.verdict END, 'alert', v.alert) ORDER BY h."from"), count(*) FILTER (WHERE s.hides)
      INTO windows, withheld
    FROM fairdb.history(a.name, coalesce(shown.metric, 'demographic_parity_difference'), coalesce(shown.attributes, wanted)::fairdb.names, report.level, a.owner) AS h
      JOIN fairdb.runs AS t ON t.audit = a.id AND t.number = h.run
      CROSS JOIN LATERAL (SELECT k > 0 AND EXISTS (
        SELECT FROM fairdb.suppress(CASE WHEN coalesce(shown.attributes, wanted) = a.sensitive THEN t.confusion ELSE fairdb.marginal(t.confusion, fields) END, k) AS g
        WHERE g.sensitive IS NOT NULL AND CASE WHEN coalesce(shown.metric, 'demographic_parity_difference') ~ '^(demographic_parity|selection_rate)_' THEN g.n_selected IS NULL ELSE g.suppressed END) AS hides) AS s
      LEFT JOIN fairdb.verdicts AS v ON v.owner = a.owner AND v.audit_name = a.name AND v.metric = shown.metric AND v.attributes = shown.attributes AND v.run = h.run
    WHERE h."from" <= r."from" AND (shown.metric IS NULL OR v.run IS NOT NULL);
  END IF;
  sources := jsonb_build_array(
    jsonb_build_object('Source', jsonb_build_array(r.source)),
    jsonb_build_object('Rows', format('%s, counted on %s UTC as role %s', r.n, to_char(r.counted_at, 'YYYY-MM-DD HH24:MI'), r.role)),
    CASE WHEN a.at IS NULL THEN '{}' ELSE jsonb_build_object('Window', format('from %s until before %s, time zone %s', to_char(r."from" AT TIME ZONE a.time_zone, 'YYYY-MM-DD HH24:MI'), to_char(r.until AT TIME ZONE a.time_zone, 'YYYY-MM-DD HH24:MI'), a.time_zone)) END,
    jsonb_build_object('Snapshot', jsonb_build_array(r.snapshot)),
    CASE WHEN r.model_version IS NULL THEN '{}' ELSE jsonb_build_object('Model', format('%s of role %s, version %s, sha-256 %s', a.model, r.model_owner, r.model_version, coalesce(r.model_digest, 'unknown'))) END,
    CASE WHEN EXISTS (SELECT FROM fairdb.runs AS n WHERE n.audit = r.audit AND n.candidate = r.candidate AND n."from" = r."from" AND n.attempt > r.attempt) THEN jsonb_build_object('Superseded', 'the window was counted again later, so that limits judge another run') ELSE '{}' END,
    CASE WHEN coalesce(withheld, 0) = 0 THEN '{}' ELSE jsonb_build_object('Over time', format('%s windows are left out, in which a group is too small to be shown', withheld)) END,
    jsonb_build_object('Definition', format('of the source, sha-256 %s', r.source_digest)),
    jsonb_build_object('Record', format('run %s of %s, attempt %s, sha-256 %s, after %s; by fairdb %s', r.number, a.name, r.attempt, r.digest, coalesce(nullif(r.previous, ''), 'none'), r.extension_version)));
  RETURN fairdb_jobs.report_run(r.confusion, r.distribution, coalesce(report.title, a.name), 'selection_rate', a.sensitive::fairdb.names, wanted::fairdb.names, report.people, report.selected,
    windows, sources, decided, a.name, ARRAY[format('run %s', r.number), to_char(r.counted_at, 'YYYY-MM-DD HH24:MI') || ' UTC']::fairdb.names, k, report.level);
END $$;
COMMENT ON FUNCTION report(text, bigint, text, text, names, text, bigint, float8, name) IS
  'The page of a stored run of an audit, by default of the newest window that has rows: select report(''loans''). attributes: some of the audit''s. It shows what its limits say of the run, how the gap of the first one went in the windows until then, and the digests of the record, which verify_runs checks. Groups of fewer than min_group rows are withheld, by default as many as the audit withholds from those that it is granted to. A run keeps scores by group, without labels: calibration and ranking are shown by report(source).';

CREATE FUNCTION chart(kind text, confusion confusion, metric text DEFAULT 'selection_rate', attributes names DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, selected text DEFAULT 'selected', min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_confusion'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, confusion, text, names, text, text, text, bigint, float8, int, text) IS
  'A figure of report by itself, as SVG, for a wiki, a notebook or a dashboard: select chart(''rates'', confusion_agg(null, approved, row(sex, race)), attributes => ''{sex,race}'') from loans. kind: rates, a rate of by_group (metric) with its Wilson intervals. width in pixels; theme: auto follows the reader''s system, light or dark do not.';

CREATE FUNCTION chart(kind text, distribution distribution, threshold float8 DEFAULT NULL, bins int DEFAULT NULL, alpha float8 DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_distribution'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, distribution, float8, int, float8, text, text, bigint, float8, int, text) IS
  'A figure of scores, as SVG: select chart(''roc'', distribution_agg(score, row(sex, repaid)), threshold => 0.5) from loans. kind: scores, the cumulative scores of each group; adjusted, before and after adjusting, with alpha and threshold as in adjustment_report; and, of distribution_agg(score, row(sensitive, y_true)), calibration in so many bins (10), and roc, with the threshold marked.';

CREATE FUNCTION chart(kind text, rows jsonb, metric text DEFAULT NULL, title text DEFAULT NULL, level float8 DEFAULT 0.95, width int DEFAULT 720, theme text DEFAULT 'auto') RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_chart_rows'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION chart(text, jsonb, text, text, float8, int, text) IS
  'A figure of rows that other functions return, as SVG: select chart(''history'', jsonb_agg(v)) from verdicts as v where audit_name = ''loans'' and metric = ''demographic_parity_difference''. kind: tradeoff, of the rows of tradeoff; history, of the rows of verdicts, or of history with metric saying what they are. level: of the intervals that the rows have.';

CREATE FUNCTION vega(kind text, confusion confusion, metric text DEFAULT 'selection_rate', attributes names DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, selected text DEFAULT 'selected', min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_confusion'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, confusion, text, names, text, text, text, bigint, float8) IS
  'The figure of chart as a specification of Vega-Lite 5 with its data, for those who draw elsewhere: select vega(''rates'', confusion_agg(null, approved, sex)) from loans.';

CREATE FUNCTION vega(kind text, distribution distribution, threshold float8 DEFAULT NULL, bins int DEFAULT NULL, alpha float8 DEFAULT NULL, title text DEFAULT NULL, people text DEFAULT NULL, min_group bigint DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_distribution'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, distribution, float8, int, float8, text, text, bigint, float8) IS
  'A figure of scores as a specification of Vega-Lite 5: the kinds scores, adjusted, calibration and roc of chart.';

CREATE FUNCTION vega(kind text, rows jsonb, metric text DEFAULT NULL, title text DEFAULT NULL, level float8 DEFAULT 0.95) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_vega_rows'
  LANGUAGE c STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION vega(text, jsonb, text, text, float8) IS
  'A figure of rows as a specification of Vega-Lite 5: the kinds tradeoff and history of chart.';
