--
-- The exact way, of more rows than fit in work_mem: each row is looked at
-- once, all come in order, and files do not outlive the search.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE exact (id int, a int, v vector(2))
	WITH (autovacuum_enabled = off);
-- rows of the same distance, of none (no vector), and of one that is not a
-- number (no direction)
INSERT INTO exact SELECT i, i, CASE WHEN i % 500 = 0 THEN '[0,0]'
	WHEN i % 501 > 0 THEN ARRAY[sin(n), cos(n)]::real[]::vector END
FROM (SELECT i, i * 7919 % 10000 AS n FROM generate_series(1, 30000) i) s;
CREATE INDEX exact_a ON exact (a);
CREATE INDEX exact_v ON exact USING hnsw (v vector_cosine_ops)
	WITH (m = 4, ef_construction = 16);
ANALYZE exact;
CREATE TEMP TABLE truth AS
SELECT id, v <=> '[1,2]' AS d, row_number() OVER (ORDER BY v <=> '[1,2]', ctid) AS place
FROM exact;
SELECT count(*) AS rows, count(DISTINCT d) AS distances,
	count(*) FILTER (WHERE d = 'NaN') AS nan, count(*) - count(d) AS none,
	string_agg(id::text, ' ' ORDER BY place) FILTER (WHERE place < 4) AS first
FROM truth;

-- The rows of a query, compared with the truth, and what it took
CREATE FUNCTION pg_temp.judge(query text, OUT strategy text, OUT scored text,
	OUT rows bigint, OUT misplaced bigint) LANGUAGE plpgsql AS $$
BEGIN
	SELECT max(substring(line FROM 'Strategy: (\w+)')),
		max(substring(line FROM 'Rows Scored: (\d+)'))
	FROM pg_temp.explain(query) line INTO strategy, scored;
	EXECUTE format('SELECT count(place), count(*) FILTER (WHERE n <> place) '
		'FROM (SELECT id, row_number() OVER () AS n FROM (%s) q) q '
		'LEFT JOIN truth USING (id)', query) INTO rows, misplaced;
END $$;
CREATE FUNCTION pg_temp.files() RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM pg_ls_tmpdir() $$;

SET enable_sort = off;
SET enable_seqscan = off;
SET work_mem = '64kB';
SET hnsw.debug_prefilter = exact;
-- All rows of the table; those of a list; the first of them, in memory and
-- not; more than there are
SELECT rest, judge.* FROM unnest('{WHERE id > 0,WHERE a > 0}'::text[]) conditions,
	unnest('{"",LIMIT 100,LIMIT 1300,LIMIT 1500,LIMIT 99999}'::text[]) tail,
	concat_ws(' ', conditions, 'ORDER BY v <=> ''[1,2]''', tail) rest,
	pg_temp.judge('SELECT id FROM exact ' || rest);
SELECT pg_temp.files();

-- More are taken than were wanted: a volatile condition refuses rows after
-- the search.  They are looked at a second time, not a third
SELECT strategy, scored, rows FROM pg_temp.judge('SELECT id FROM exact
	WHERE a > 0 AND id % 6 + random() * 0 = 5 ORDER BY v <=> ''[1,2]'' LIMIT 1000');
SELECT count(*), bool_and(found.id = truth.id) AS same
FROM (SELECT id, row_number() OVER () AS n FROM (SELECT id FROM exact
		WHERE a > 0 AND id % 6 + random() * 0 = 5 ORDER BY v <=> '[1,2]' LIMIT 1000) s
	) found
	JOIN (SELECT id, row_number() OVER (ORDER BY place) AS n FROM truth
		WHERE id % 6 = 5) truth USING (n);

-- Nobody knows how many will be taken: a cursor.  A file while it is open
BEGIN;
DECLARE c CURSOR FOR SELECT id, v <=> '[1,2]' AS d FROM exact
	WHERE id > 0 ORDER BY d;
MOVE 20000 FROM c;
FETCH 1 FROM c \gset
SELECT place, pg_temp.files() FROM truth WHERE id = :id;
MOVE ALL FROM c;
CLOSE c;
SELECT pg_temp.files();
-- or until the transaction fails
DECLARE c CURSOR FOR SELECT id FROM exact WHERE id > 0 ORDER BY v <=> '[1,2]';
MOVE 1 FROM c;
SELECT pg_temp.files();
SELECT 1 / 0;
ROLLBACK;
SELECT pg_temp.files();
-- or the search does, while rows go into the file
SELECT id FROM exact WHERE id > 0 AND 1 / (30000 - id) >= 0 ORDER BY v <=> '[1,2]';
SELECT pg_temp.files();

-- Search after search: one file at a time
BEGIN;
DECLARE c CURSOR FOR SELECT k, x.id FROM generate_series(1, 4) k, LATERAL
	(SELECT id FROM exact WHERE id <> k ORDER BY v <=> '[1,2]' LIMIT 5000) x;
MOVE 15002 FROM c;
FETCH 1 FROM c \gset
SELECT :k AS k, place, pg_temp.files() FROM truth WHERE id = :id;
COMMIT;
SELECT pg_temp.files();

-- After a walk that comes to its limit: what it returned does not come again,
-- or, in strict order, what is too late does not come
SET hnsw.debug_prefilter = off;
SET hnsw.max_scan_tuples = 500;
CREATE FUNCTION pg_temp.walk(OUT strategy text, OUT once boolean,
	OUT rows bigint, OUT twice bigint, OUT disorder bigint) LANGUAGE plpgsql AS $$
DECLARE
	query text := 'SELECT id FROM (SELECT id FROM exact
		ORDER BY v <=> ''[1,2]'' OFFSET 0) s LIMIT 99999';
BEGIN
	SELECT j.strategy, j.scored::int BETWEEN 29000 AND 29999
	FROM pg_temp.judge(query) j INTO strategy, once;
	EXECUTE format('SELECT count(*), count(*) - count(DISTINCT id), '
		'count(*) FILTER (WHERE d < before) FROM (SELECT id, d, '
		'lag(d) OVER (ORDER BY n) AS before FROM (SELECT id, '
		'row_number() OVER () AS n FROM (%s) q) q JOIN truth USING (id)) q',
		query) INTO rows, twice, disorder;
END $$;
SET hnsw.iterative_scan = relaxed_order;
SELECT strategy, once, rows, twice FROM pg_temp.walk();
SET hnsw.iterative_scan = strict_order;
SELECT strategy, once, rows > 25000 AS rows, twice, disorder FROM pg_temp.walk();
SELECT pg_temp.files();

DROP TABLE exact;
