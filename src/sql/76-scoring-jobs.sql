-- Scoring: the rows of a source that its target lacks, exactly once.

CREATE FUNCTION fairdb_jobs.own_scoring_job(name text) RETURNS scoring_jobs
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found fairdb.scoring_jobs;
BEGIN
  SELECT j.* INTO found FROM fairdb.scoring_jobs AS j WHERE j.owner = CURRENT_USER AND j.name = own_scoring_job.name;
  IF found.id IS NULL THEN
    RAISE EXCEPTION 'there is no scoring job "%" of role "%"', own_scoring_job.name, CURRENT_USER
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.scoring_jobs lists them; create_scoring_job makes one. Of a role of yours: SET ROLE first.';
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION fairdb_jobs.own_scoring_job(text) IS
  'The row of a scoring job of the current user, by its name.';

CREATE FUNCTION fairdb_jobs.law_digest(job scoring_jobs) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(($1).law::pg_catalog.text, 'UTF8')), 'hex') $$;
COMMENT ON FUNCTION fairdb_jobs.law_digest(scoring_jobs) IS
  'What the target keeps of the law that a score was adjusted by; NULL without one.';

-- The statement that scores. joined: a join to fairdb_source, the source; condition: on its rows, and the joined ones; the law is its parameter.
CREATE FUNCTION fairdb_jobs.scoring_statement(job scoring_jobs, query text, version int, joined text, condition text) RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT format($q$WITH scored AS (INSERT INTO %s AS t (%s, score, fair_score, model_version, law_digest, reason, scored_at) SELECT %s, p.score, p.fair_score, %s, %L, CASE WHEN p.score IS NULL THEN fairdb.prediction_error((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), p.fairdb_row) %s END, pg_catalog.clock_timestamp() FROM (SELECT q.*, %s AS fair_score FROM (SELECT %s, fairdb_source AS fairdb_row, %s fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.version OPERATOR(pg_catalog.=) %s), fairdb_source) AS score FROM (%s) AS fairdb_source %s WHERE %s AND %s OFFSET 0) AS q) AS p ON CONFLICT (%s) DO NOTHING RETURNING t.score IS NULL OR (%L AND t.fair_score IS NULL) AS bad) SELECT pg_catalog.count(*) AS scored, pg_catalog.count(*) FILTER (WHERE s.bad) AS bad FROM scored AS s$q$,
    job.target, k.names, k.of_p, version, fairdb_jobs.law_digest(job), job.model_owner, job.model, version,
    CASE WHEN job.law IS NOT NULL THEN format('WHEN p.fair_score IS NULL THEN CASE WHEN %s THEN ''the group is unknown'' ELSE ''the law does not know the group'' END', g.unknown) ELSE '' END,
    CASE WHEN job.law IS NOT NULL THEN format('fairdb.adjust($1, q.score, q.fairdb_group, %s, on_unseen => ''null'')', job.alpha) ELSE 'NULL::pg_catalog.float8' END,
    k.of_s, CASE WHEN job.law IS NOT NULL THEN format('%s AS fairdb_group,', g.expression) ELSE '' END,
    job.model_owner, job.model, version, query, joined, k.known, condition, k.names, job.law IS NOT NULL)
  FROM (SELECT string_agg(format('%I', c.name), ', ' ORDER BY c.place) AS names, string_agg(format('p.fairdb_key_%s', c.place), ', ' ORDER BY c.place) AS of_p,
          string_agg(format('fairdb_source.%I AS fairdb_key_%s', c.name, c.place), ', ' ORDER BY c.place) AS of_s, string_agg(format('fairdb_source.%I IS NOT NULL', c.name), ' AND ' ORDER BY c.place) AS known
        FROM unnest(job.key) WITH ORDINALITY AS c (name, place)) AS k,
    (SELECT CASE WHEN count(*) = 1 THEN min(format('fairdb_source.%I', c.name)) ELSE format('ROW(%s)', string_agg(format('fairdb_source.%I', c.name), ', ' ORDER BY c.place)) END AS expression,
       CASE WHEN count(*) = 1 THEN 'p.fairdb_group IS NULL' ELSE 'false' END AS unknown
     FROM unnest(job.sensitive) WITH ORDINALITY AS c (name, place)) AS g
$$;
COMMENT ON FUNCTION fairdb_jobs.scoring_statement(scoring_jobs, text, int, text, text) IS
  'The statement of a scoring job, a part of run_scoring: it returns how many rows it has put into the target, and how many of them without a score.';

CREATE FUNCTION fairdb_jobs.score_piece(job scoring_jobs, query text, version int, joined text, condition text, OUT scored bigint, OUT bad bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  statement text := fairdb_jobs.scoring_statement(job, query, version, joined, condition);
BEGIN
  PERFORM set_config('search_path', job.search_path, true);  -- until this function ends
  EXECUTE statement INTO scored, bad USING job.law;
END $$;
COMMENT ON FUNCTION fairdb_jobs.score_piece(scoring_jobs, text, int, text, text) IS
  'Runs the statement of a scoring job under the job''s search_path: how many rows it has put into the target, and how many of them without a score. A part of score_rows.';

CREATE FUNCTION fairdb_jobs.score_rows(job scoring_jobs, joined text DEFAULT '', condition text DEFAULT NULL, OUT scored bigint, OUT bad bigint)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
  query text;
  version int;
  missing text;
  same_key text := (SELECT string_agg(format('k.%I OPERATOR(pg_catalog.=) fairdb_source.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  of_keys text := format('JOIN pg_temp."fairdb scoring keys" AS k ON %s', same_key);
  names text := (SELECT string_agg(format('%I', c.name), ', ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  keys text := (SELECT string_agg(format('fairdb_source.%I', c.name), ', ' ORDER BY c.place) FROM unnest(job.key) WITH ORDINALITY AS c (name, place));
  incremental bool := condition IS NOT NULL;
  failed_state text;
  failed_message text;
  lows bigint[];
  highs bigint[];
  low bigint;
  high bigint;
  middle bigint;
  part record;
  total bigint;
  probed bool := false;
  tried int := 0;
  failing int := 0;
BEGIN
  SELECT m.version INTO version FROM fairdb.models AS m WHERE m.owner = job.model_owner AND m.name = job.model AND m.active;
  IF version IS NULL THEN
    RAISE EXCEPTION 'no version of model "%" of role "%" is active', job.model, job.model_owner
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'activate_model makes one the active one. Of a model that was granted to you, ask its owner.';
  END IF;
  PERFORM set_config('TimeZone', job.time_zone, true);
  PERFORM set_config('search_path', job.search_path, true);
  query := fairdb_jobs.source_query(job.source);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- Beside a few new rows the target is asked for each of them; beside all, joined.
  missing := format(CASE WHEN incremental THEN '(SELECT true FROM %s AS k WHERE %s) IS NULL' ELSE 'NOT EXISTS (SELECT FROM %s AS k WHERE %s)' END, job.target, same_key)
    || coalesce(' AND ' || condition, '');
  BEGIN
    SELECT p.scored, p.bad INTO scored, bad FROM fairdb_jobs.score_piece(job, query, version, joined, missing) AS p;
    RETURN;
  EXCEPTION
    WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
      GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
  END;
  -- One row has failed in the source itself, or where its values become numbers: halves find it.
  PERFORM pg_catalog.set_config('search_path', job.search_path, true);
  BEGIN
    EXECUTE pg_catalog.format('CREATE TEMPORARY TABLE "fairdb scoring keys" ON COMMIT DROP AS SELECT pg_catalog.row_number() OVER () AS fairdb_number, %s FROM (%s) AS fairdb_source %s WHERE %s', keys, query, joined, missing);
  EXCEPTION
    WHEN data_exception OR raise_exception THEN
      -- Not even the keys can be read: it is no matter of one row.
      RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state;
  END;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  scored := 0;
  bad := 0;
  lows := ARRAY[1];
  SELECT count(*) INTO total FROM pg_temp."fairdb scoring keys";
  highs := ARRAY[total];
  WHILE cardinality(lows) > 0 LOOP
    low := lows[cardinality(lows)];
    high := highs[cardinality(highs)];
    lows := lows[1:cardinality(lows) - 1];
    highs := highs[1:cardinality(highs) - 1];
    CONTINUE WHEN low > high;
    BEGIN
      SELECT p.* INTO part FROM fairdb_jobs.score_piece(job, query, version, of_keys,
        format('k.fairdb_number OPERATOR(pg_catalog.>=) %s AND k.fairdb_number OPERATOR(pg_catalog.<=) %s AND %s', low, high, coalesce(condition, 'true'))) AS p;
      scored := scored + part.scored;
      bad := bad + part.bad;
    EXCEPTION
      WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
        GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
        IF low = high THEN
          -- Where a piece of the keys does not make the source read those rows only (ORDER BY, GROUP BY, LIMIT, UNION), every piece fails:
          -- then it is not for this row, but for all.
          IF NOT probed THEN
            probed := true;
            FOREACH middle IN ARRAY ARRAY(SELECT DISTINCT 1 + (k * (total - 1)) / 7 FROM generate_series(0, 7) AS k WHERE 1 + (k * (total - 1)) / 7 <> low) LOOP
              tried := tried + 1;
              BEGIN
                SELECT p.* INTO part FROM fairdb_jobs.score_piece(job, query, version, of_keys, format('k.fairdb_number OPERATOR(pg_catalog.=) %s', middle)) AS p;
                scored := scored + part.scored;
                bad := bad + part.bad;
              EXCEPTION
                WHEN data_exception OR raise_exception OR program_limit_exceeded THEN
                  failing := failing + 1;
              END;
            END LOOP;
            IF failing * 3 > tried THEN
              RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state, DETAIL = 'The source fails for more than one row in three, or as a whole.';
            END IF;
          END IF;
          IF bad >= 1000 THEN
            RAISE EXCEPTION '%', failed_message USING ERRCODE = failed_state, DETAIL = 'More than 1000 rows of the source fail in it.';
          END IF;
          EXECUTE format('INSERT INTO %s (%s, model_version, law_digest, reason, scored_at) SELECT %s, %s, %L, %L, clock_timestamp() FROM pg_temp."fairdb scoring keys" AS fairdb_source WHERE fairdb_source.fairdb_number = %s ON CONFLICT DO NOTHING',
            job.target, names, keys, version, fairdb_jobs.law_digest(job), failed_message, low);
          scored := scored + 1;
          bad := bad + 1;
        ELSE
          middle := (low + high) / 2;
          lows := lows || ARRAY[middle + 1, low];
          highs := highs || ARRAY[high, middle];
        END IF;
    END;
  END LOOP;
  DROP TABLE pg_temp."fairdb scoring keys";
END $$;
COMMENT ON FUNCTION fairdb_jobs.score_rows(scoring_jobs, text, text) IS
  'Scores the rows of a job''s source that its target lacks, of those that fulfil a condition of fairdb''s: a part of run_scoring and rescore.';

CREATE FUNCTION run_scoring(name text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  -- Of before the rows are read, so that nothing is passed over that is not yet seen.
  oldest xid8 := pg_snapshot_xmin(pg_current_snapshot());
  done record;
  condition text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  j := fairdb_jobs.own_scoring_job(run_scoring.name);
  IF NOT fairdb_jobs.job_lock(j.id) THEN
    RAISE NOTICE 'scoring job "%" is already running', j.name;
    RETURN 0;
  END IF;
  j := fairdb_jobs.own_scoring_job(run_scoring.name);
  PERFORM fairdb_jobs.require_confirmed(j.name, j.entered_by);
  -- A horizon from before this cluster's present says nothing of it.
  IF j.written IS NOT NULL AND j.horizon <= pg_snapshot_xmax(pg_current_snapshot()) THEN
    condition := format('(fairdb_source.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.xid8 OR fairdb_source.%I IS NULL)', j.written, j.horizon, j.written);
  ELSIF j.since IS NOT NULL AND j.searched_at IS NOT NULL THEN
    condition := format('(fairdb_source.%I OPERATOR(pg_catalog.>=) %L::pg_catalog.timestamptz OR fairdb_source.%I IS NULL)', j.since, to_char((j.searched_at - j.overlap) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), j.since);
  END IF;
  SELECT s.* INTO done FROM fairdb_jobs.score_rows(j, condition => condition) AS s;
  UPDATE fairdb.scoring_jobs AS t
  SET horizon = oldest, searched_at = now(), last_run = now(), scored = t.scored + done.scored, without_score = t.without_score + done.bad
  WHERE t.id = j.id;
  PERFORM fairdb_jobs.note_success('scoring', j.id);
  IF done.bad > 0 THEN
    RAISE NOTICE '% of % rows got no score', done.bad, done.scored USING HINT = format('select reason, count(*) from %s where reason is not null group by 1 tells why.', j.target);
  END IF;
  RETURN done.scored;
END $$;
COMMENT ON FUNCTION run_scoring(text) IS
  'Runs a scoring job of the current user now, in this transaction, and returns how many rows it has put into the target: those of the source whose key the target lacks, each once, whenever and in whatever order they were committed.';

CREATE FUNCTION create_scoring_job(
  name text,
  source text,
  key names,
  model text,
  target text,
  law distribution DEFAULT NULL,
  sensitive names DEFAULT NULL,
  alpha float8 DEFAULT 0,
  since text DEFAULT NULL,
  overlap interval DEFAULT '1 hour',
  written text DEFAULT NULL,
  model_owner name DEFAULT NULL
) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
  -- Before anything else, and without a SET clause: the caller's search_path is what the source is read under.
  path pg_catalog.text := pg_catalog.current_setting('search_path');
BEGIN
  PERFORM fairdb_jobs.enter_scoring_job(path, name, source, key::pg_catalog.text::pg_catalog.text[], model, target, law, sensitive::pg_catalog.text::pg_catalog.text[], alpha, since, overlap, written, model_owner);
END $$;
COMMENT ON FUNCTION create_scoring_job(text, text, names, text, text, distribution, names, float8, text, interval, text, name) IS
  'Creates a job, of the current user, that puts scores of a registered model into a table: select create_scoring_job(''credit'', ''applications'', ''id'', ''credit'', ''credit_scores''). Each run scores the rows of the source whose key the target lacks, with the version that is then active. The target is created with the columns of the key, score, fair_score, model_version, law_digest, reason and scored_at, or must have them and a unique key. law and sensitive: fair_score is adjust(law, score, sensitive, alpha). A row that the model cannot take gets a NULL and the reason. written names an xid8 column of the source (alter table applications add written xid8 default pg_current_xact_id(), with an index): a run then reads only rows that the one before cannot have seen. since names a timestamptz column instead: a run reads from overlap before the last one on, and never finds a row that is committed later than that. Of a source with a condition or a join a run with written or since finds rows that were written, not those that an update elsewhere has let in.';

CREATE FUNCTION fairdb_jobs.enter_scoring_job(search_path text, name text, source text, key text[], model text, target text, law distribution, sensitive text[], alpha float8, since text, overlap interval, written text, model_owner name) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  query text;
  place regclass;
  parts text[];
  columns text;
  type text;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  IF name IS NULL OR source IS NULL OR key IS NULL OR model IS NULL OR target IS NULL OR alpha IS NULL OR overlap IS NULL THEN
    RAISE EXCEPTION 'name, source, key, model, target, alpha and overlap must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of a scoring job has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF cardinality(key) = 0 THEN
    RAISE EXCEPTION 'key names no column' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF key && '{score,fair_score,model_version,law_digest,reason,scored_at}' THEN
    RAISE EXCEPTION 'a column of the key has the name of a column of the target' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'score, fair_score, model_version, law_digest, reason and scored_at are what the job writes: rename it in a SELECT, which is then the source.';
  END IF;
  IF (law IS NULL) <> (sensitive IS NULL) OR law IS NULL AND alpha <> 0 THEN
    RAISE EXCEPTION 'law and sensitive are given together, and alpha with them' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'law is a distribution of scores by group, and sensitive names the column of the group.';
  END IF;
  IF alpha NOT BETWEEN 0 AND 1 OR overlap < '0' THEN
    RAISE EXCEPTION 'alpha is a number from 0 to 1, and overlap not negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF since IS NOT NULL AND written IS NOT NULL THEN
    RAISE EXCEPTION 'written is exact and needs no since' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM fairdb.scoring_jobs AS t WHERE t.owner = CURRENT_USER AND t.name = enter_scoring_job.name) THEN
    RAISE EXCEPTION 'scoring job "%" exists already', name USING ERRCODE = 'duplicate_object', HINT = 'drop_scoring_job ends it, and its target stays.';
  END IF;
  j.name := name;
  j.source := source;
  j.search_path := search_path;
  j.key := key;
  j.model := model;
  j.model_owner := fairdb.model_owner(model, model_owner);
  j.law := law;
  j.sensitive := sensitive;
  j.alpha := alpha;
  j.time_zone := current_setting('TimeZone');
  IF j.model_owner IS NULL THEN
    RAISE EXCEPTION 'there is no model "%" that you may use', model USING ERRCODE = 'invalid_parameter_value', HINT = 'save_model registers one.';
  END IF;
  PERFORM set_config('search_path', enter_scoring_job.search_path, true);
  query := fairdb_jobs.source_query(source);
  PERFORM fairdb_jobs.source_column_type(query, c.name, 'key') FROM pg_catalog.unnest(key) AS c (name);
  place := pg_catalog.to_regclass(target);
  parts := pg_catalog.parse_ident(target);
  IF pg_catalog.cardinality(parts) OPERATOR(pg_catalog.=) 1 THEN
    parts := pg_catalog.array_prepend(pg_catalog.current_schema()::pg_catalog.text, parts);
  END IF;
  IF parts[1] IS NULL THEN
    RAISE EXCEPTION 'there is no schema to create target "%" in', target USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one: schema.table';
  END IF;
  IF pg_catalog.cardinality(parts) OPERATOR(pg_catalog.>) 2 THEN
    RAISE EXCEPTION 'target "%" names another database', target USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF place IS NULL THEN
    EXECUTE pg_catalog.format('CREATE TABLE %I.%I AS SELECT %s FROM (%s) AS s WHERE false', parts[1], parts[2],
      (SELECT pg_catalog.string_agg(pg_catalog.format('s.%I', c.name), ', ' ORDER BY c.place) FROM pg_catalog.unnest(key) WITH ORDINALITY AS c (name, place)), query);
    EXECUTE pg_catalog.format('ALTER TABLE %I.%I ADD score pg_catalog.float8, ADD fair_score pg_catalog.float8, ADD model_version pg_catalog.int4 NOT NULL, ADD law_digest pg_catalog.text, ADD reason pg_catalog.text, ADD scored_at pg_catalog.timestamptz NOT NULL, ADD PRIMARY KEY (%s)', parts[1], parts[2],
      (SELECT pg_catalog.string_agg(pg_catalog.format('%I', c.name), ', ' ORDER BY c.place) FROM pg_catalog.unnest(key) WITH ORDINALITY AS c (name, place)));
  ELSE
    SELECT ARRAY[n.nspname::pg_catalog.text, c.relname::pg_catalog.text] INTO parts FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) place;
  END IF;
  -- That a feature is missing shows at a row; that the row is bad is no matter.
  BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.count(fairdb.predict_or_null((SELECT m.model FROM fairdb.models AS m WHERE m.owner OPERATOR(pg_catalog.=) %L AND m.name OPERATOR(pg_catalog.=) %L AND m.active), fairdb_source)) FROM (SELECT * FROM (%s) AS q LIMIT 1) AS fairdb_source', j.model_owner, j.model, query);
  EXCEPTION
    WHEN data_exception THEN NULL;
  END;
  IF since IS NOT NULL OR written IS NOT NULL THEN
    type := fairdb_jobs.source_column_type(query, coalesce(since, written), CASE WHEN since IS NULL THEN 'written' ELSE 'since' END);
  END IF;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  IF written IS NOT NULL AND type <> 'xid8' OR since IS NOT NULL AND type <> 'timestamp with time zone' THEN
    RAISE EXCEPTION 'column "%" has type %, expected %', coalesce(since, written), type, CASE WHEN since IS NULL THEN 'xid8' ELSE 'timestamptz' END
      USING ERRCODE = 'datatype_mismatch', HINT = 'written is added to a table by: alter table ... add written xid8 default pg_current_xact_id()';
  END IF;
  j.target := format('%I.%I', parts[1], parts[2]);
  IF place IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_index AS i
      WHERE i.indrelid = place AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (SELECT array_agg(t.attname::text ORDER BY t.attname::text) FROM pg_attribute AS t WHERE t.attrelid = place AND t.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
          = (SELECT array_agg(c.name ORDER BY c.name) FROM unnest(key) AS c (name))) THEN
    RAISE EXCEPTION 'table % has no unique key of %', j.target, array_to_string(key, ', ') USING ERRCODE = 'invalid_column_reference',
      HINT = format('alter table %s add unique (%s), not deferrable.', j.target, array_to_string(key, ', '));
  END IF;
  -- Errors of source, model and target come now.
  BEGIN
    PERFORM fairdb_jobs.score_rows(j, condition => 'false');
  EXCEPTION
    WHEN undefined_column OR invalid_column_reference OR datatype_mismatch THEN
      RAISE EXCEPTION 'table % cannot be a target: %', j.target, SQLERRM USING ERRCODE = SQLSTATE,
        HINT = format('It needs the columns %s, score, fair_score, model_version, law_digest, reason and scored_at, and a unique key of %s; a table that does not exist is created.', array_to_string(key, ', '), array_to_string(key, ', '));
  END;
  INSERT INTO fairdb.scoring_jobs (id, owner, name, source, search_path, key, model, model_owner, target, law, sensitive, alpha, since, overlap, written, time_zone, created_at, entered_by, scored, without_score, failures)
  VALUES (gen_random_uuid(), CURRENT_USER, name, source, search_path, key, model, j.model_owner, j.target, law, sensitive, alpha, since, overlap, written, j.time_zone, now(), CURRENT_USER, 0, 0, 0);
END $$;
COMMENT ON FUNCTION fairdb_jobs.enter_scoring_job(text, text, text, text[], text, text, distribution, text[], float8, text, interval, text, name) IS
  'What create_scoring_job does, with the search_path that the source is read under: call create_scoring_job.';

CREATE FUNCTION rescore(job text, keys jsonb) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs;
  objects jsonb;
  removed bigint;
  removed_bad bigint;
  done record;
BEGIN
  PERFORM fairdb_jobs.require_session_role();
  j := fairdb_jobs.own_scoring_job(rescore.job);
  IF jsonb_typeof(keys) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'keys is an array of keys' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Of one column: ''[17, 23]'', or (select jsonb_agg(id) from ...); of several columns an array of objects: ''[{"id": 17, "day": "2026-01-01"}]''.';
  END IF;
  PERFORM fairdb_jobs.require_confirmed(j.name, j.entered_by);
  IF cardinality(j.key) > 1 AND EXISTS (SELECT FROM jsonb_array_elements(keys) AS e (value) WHERE jsonb_typeof(e.value) <> 'object') THEN
    RAISE EXCEPTION 'the key of scoring job "%" has several columns', j.name USING ERRCODE = 'invalid_parameter_value',
      HINT = 'keys is then an array of objects: ''[{"id": 17, "day": "2026-01-01"}]''.';
  END IF;
  IF NOT fairdb_jobs.job_lock(j.id) THEN
    RAISE EXCEPTION 'scoring job "%" is running', j.name USING ERRCODE = 'lock_not_available', HINT = 'Try again when it has ended.';
  END IF;
  SELECT coalesce(jsonb_agg(CASE WHEN jsonb_typeof(e.value) = 'object' THEN e.value ELSE jsonb_build_object(j.key[1], e.value) END), '[]') INTO objects FROM jsonb_array_elements(keys) AS e (value);
  EXECUTE format('WITH gone AS (DELETE FROM %s AS t USING jsonb_populate_recordset(NULL::%s, $1) AS z WHERE %s RETURNING t.reason) SELECT count(*), count(g.reason) FROM gone AS g', j.target, j.target,
    (SELECT string_agg(format('t.%I OPERATOR(pg_catalog.=) z.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place)))
    INTO removed, removed_bad USING objects;
  SELECT s.* INTO done FROM fairdb_jobs.score_rows(j, format('JOIN (SELECT DISTINCT %s FROM pg_catalog.jsonb_populate_recordset(NULL::%s, %L) AS z) AS z ON %s',
      (SELECT string_agg(format('z.%I', c.name), ', ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place)), j.target, objects,
      (SELECT string_agg(format('z.%I OPERATOR(pg_catalog.=) fairdb_source.%I', c.name, c.name), ' AND ' ORDER BY c.place) FROM unnest(j.key) WITH ORDINALITY AS c (name, place))), 'true') AS s;
  UPDATE fairdb.scoring_jobs AS t SET scored = t.scored + done.scored - removed, without_score = t.without_score + done.bad - removed_bad WHERE t.id = j.id;
  RETURN done.scored;
END $$;
COMMENT ON FUNCTION rescore(text, jsonb) IS
  'Scores rows again, with the version of the model that is active now, and returns how many: after a row was corrected, or a new version for all of them: select rescore(''credit'', (select jsonb_agg(id) from credit_scores where model_version < 3)). A key that the source has no more is removed from the target.';

CREATE FUNCTION drop_scoring_job(name text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  j fairdb.scoring_jobs := fairdb_jobs.own_scoring_job(drop_scoring_job.name);
BEGIN
  UPDATE fairdb.own_alerts AS o SET closed_at = clock_timestamp(), note = 'the job was dropped' WHERE o.job = j.id AND o.closed_at IS NULL;
  UPDATE fairdb.scoring_jobs AS t SET dropped_at = now() WHERE t.id = j.id;
END $$;
COMMENT ON FUNCTION drop_scoring_job(text) IS
  'Ends a scoring job of the current user. Its target stays.';
