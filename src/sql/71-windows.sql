-- Windows of time: disjoint, aligned, the same in every session; and sources that mean the same in every session.

CREATE FUNCTION fairdb_jobs.source_query(source text) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_source_query'
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100;
COMMENT ON FUNCTION fairdb_jobs.source_query(text) IS
  'The query that a source stands for in this session: of a name with its schema, in quotes where they are needed. Errors are those of the source.';

CREATE FUNCTION fairdb_jobs.group_expression(source text, names names) RETURNS text
  AS 'MODULE_PATHNAME', 'fairdb_group_expression'
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100;
COMMENT ON FUNCTION fairdb_jobs.group_expression(text, names) IS
  'What names the group of a row of a source by these columns, as audit() does; of a source that Citus distributes as a text, which its workers can be sent.';

CREATE FUNCTION window_start(every interval, time_zone text, "time" timestamptz) RETURNS timestamptz
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  months int := extract(year FROM every) * 12 + extract(month FROM every);
  days int := extract(day FROM every);
  seconds float8 := extract(epoch FROM every - make_interval(months => months, days => days));
  -- A Monday, and the first day of a month, a quarter and a year.
  origin constant timestamp := '2001-01-01';
  local timestamp;
  start timestamp;
BEGIN
  IF (months <> 0)::int + (days <> 0)::int + (seconds <> 0)::int <> 1 OR months < 0 OR days < 0 OR seconds < 0 OR (seconds > 0 AND seconds < 60) THEN
    RAISE EXCEPTION 'windows of % are not supported', every
      USING ERRCODE = 'invalid_parameter_value', HINT = 'every is a number of months, of days or weeks, or of hours, minutes and seconds, at least a minute: ''1 week'', ''3 months'', ''6 hours''.';
  END IF;
  -- Hours are counted without regard to clocks that are put forward or back.
  IF seconds > 0 THEN
    RETURN to_timestamp(floor((extract(epoch FROM "time")::float8 - 978307200) / seconds) * seconds + 978307200);
  END IF;
  local := "time" AT TIME ZONE time_zone;
  IF days > 0 THEN
    start := origin + make_interval(days => floor((local::date - origin::date)::numeric / days)::int * days);
  ELSE
    -- There is no year 0.
    start := origin + make_interval(months => floor(((extract(year FROM local) + (extract(year FROM local) < 0)::int - 2001) * 12 + extract(month FROM local) - 1)::numeric / months)::int * months);
  END IF;
  -- Where clocks are put back at midnight, the first of its two midnights is still of the window before.
  IF start AT TIME ZONE time_zone > "time" THEN
    start := start - every;
  END IF;
  RETURN start AT TIME ZONE time_zone;
END $$;
COMMENT ON FUNCTION window_start(interval, text, timestamptz) IS
  'When the window begins in which a time is. Windows of months begin on the first of a month, of weeks on a Monday, of days at midnight of the time zone, and longer ones are counted from 2001-01-01; those of hours and minutes are counted from its beginning in UTC.';

CREATE FUNCTION window_end(every interval, time_zone text, "from" timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  AS $$ SELECT CASE WHEN extract(day FROM every) OPERATOR(pg_catalog.=) 0 AND extract(month FROM every) OPERATOR(pg_catalog.=) 0 AND extract(year FROM every) OPERATOR(pg_catalog.=) 0
    THEN "from" OPERATOR(pg_catalog.+) every
    -- A day may begin at one o'clock.
    ELSE pg_catalog.timezone(time_zone, pg_catalog.timezone(time_zone, "from")::pg_catalog.date OPERATOR(pg_catalog.+) every) END $$;
COMMENT ON FUNCTION window_end(interval, text, timestamptz) IS
  'When the window ends, and the next one begins, that begins at a time.';

CREATE FUNCTION fairdb_jobs.source_column_type(query text, name text, argument text) RETURNS text
  LANGUAGE plpgsql STABLE AS $$
-- Without SET: the query is read under the search_path that its source is read under.
DECLARE
  type pg_catalog.text;
BEGIN
  BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.pg_typeof((SELECT s.%I FROM (%s) AS s WHERE false))::pg_catalog.text', name, query) INTO type;
  EXCEPTION
    WHEN undefined_column THEN
      RAISE EXCEPTION 'column "%", named by %, is not in the source', name, argument USING ERRCODE = 'undefined_column';
  END;
  RETURN type;
END $$;
COMMENT ON FUNCTION fairdb_jobs.source_column_type(text, text, text) IS
  'The type of a column of a query, which is read under the present search_path; an error that names the argument which has named the column.';
