--
-- Searches with conditions: whatever they are and whichever way is taken,
-- the rows are those of a sort.  ef_search is larger than the table, so that
-- the graph finds everything.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;

CREATE TABLE cond (id int PRIMARY KEY, a int, b int, c text, d float8,
	tags int[], doc jsonb, body tsvector, span int4range, v vector(3))
	WITH (autovacuum_enabled = off);
INSERT INTO cond
SELECT i, i * 7919 % 100, CASE WHEN i % 9 <> 0 THEN i % 7 END,
	chr(97 + i % 26) || i % 10, (i * 31 % 1000) / 1000.0,
	ARRAY[i % 11, i % 13], jsonb_build_object('k', i % 17, 'l', i % 5),
	to_tsvector('simple', 'w' || i % 19 || ' w' || i % 23),
	int4range(i % 50, i % 50 + 10),
	CASE WHEN i % 40 <> 0 THEN
		ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector END
FROM generate_series(1, 2000) i;
CREATE INDEX ON cond (a);
CREATE INDEX ON cond (b);
CREATE INDEX ON cond (c text_pattern_ops);
CREATE INDEX ON cond USING hash (c);
CREATE INDEX ON cond (d) WHERE a < 50;
CREATE INDEX ON cond (abs(a - 50));
CREATE INDEX ON cond USING gin (tags);
CREATE INDEX ON cond USING gin (doc jsonb_path_ops);
CREATE INDEX ON cond USING gin (body);
CREATE INDEX ON cond USING gist (span);
CREATE INDEX ON cond USING brin (id) WITH (pages_per_range = 2);
CREATE INDEX cond_v ON cond USING hnsw (v vector_l2_ops);
UPDATE cond SET doc = doc || '{"m": 1}' WHERE id % 10 = 3;
DELETE FROM cond WHERE id % 25 = 6;
ANALYZE cond;

SET hnsw.ef_search = 4000;

-- The ids of the nearest, by a search (mode: a way to force) or by a sort
CREATE FUNCTION nearest(condition text, mode text, rows int) RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	ids int[];
BEGIN
	PERFORM set_config('hnsw.prefilter', (mode <> 'sort')::text, true),
		set_config('hnsw.debug_prefilter',
				   CASE mode WHEN 'sort' THEN 'off' ELSE mode END, true),
		set_config('enable_indexscan', (mode <> 'sort')::text, true),
		set_config('enable_sort', (mode = 'sort')::text, true);
	EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM cond WHERE %s '
				   'ORDER BY v <-> ''[0.3,0.2,0.1]'' LIMIT %s) s',
				   condition, rows) INTO ids;
	RETURN ids;
END $$;

-- What answers, and do all ways give the rows of a sort?
CREATE FUNCTION try(condition text, OUT condition_ text, OUT rows bigint,
	OUT plan text, OUT differ text)
LANGUAGE plpgsql AS $$
DECLARE
	sorted int[];
BEGIN
	condition_ := condition;
	EXECUTE format('SELECT count(*) FROM cond WHERE %s', condition) INTO rows;
	SET LOCAL enable_sort = off;
	SET LOCAL enable_seqscan = off;
	SELECT string_agg(' ' || substring(line FROM
		'(HnswScan|Index Scan using cond_v|Bitmap\w+|cond_\w+_idx\d*|cond_pkey)'), '')
	FROM pg_temp.explain(format('SELECT id FROM cond WHERE %s '
		'ORDER BY v <-> ''[0.3,0.2,0.1]'' LIMIT 5', condition), 'COSTS off') line
	INTO plan;
	sorted := nearest(condition, 'sort', 20);
	SELECT string_agg(mode, ' ') FROM unnest('{off,look,exact,bitmap,rows,switch}'::text[])
		mode WHERE nearest(condition, mode, 20) IS DISTINCT FROM sorted INTO differ;
END $$;

SELECT t.* FROM unnest(ARRAY[
	'a = 7',
	'a < 3',
	'a BETWEEN 10 AND 60',
	'a IN (1, 5, 50)',
	'a = ANY (''{1,5,50}'')',
	'a = 1 OR c = ''c2''',
	'a < 50 AND b = 3',
	'b IS NULL',
	'b IS NOT NULL AND a > 90',
	'c = ''e4''',
	'c LIKE ''e%''',
	'd < 0.1 AND a < 50',
	'd < 0.1',
	'abs(a - 50) < 5',
	'tags @> ''{3}''',
	'tags && ''{3,4}''',
	'doc @> ''{"k": 3}''',
	'doc @> ''{"k": 3}'' AND doc @> ''{"l": 2}''',
	'body @@ ''w3 & w20''',
	'body @@ ''w3 | w20''',
	'body @@ ''w3 & !w20''',
	'span @> 12',
	'id < 300',
	'id = 77',
	'a + b = 9',
	'length(c) = 2 AND id % 3 = 0',
	'a = 7 AND id % 3 = 0',
	'a = 1000',
	'a + 0 = 1000',
	'a = 7 AND b = 9',
	'id > 0',
	'a = 7 AND current_setting(''hnsw.ef_search'') = ''4000''',
	'a = 7 AND current_setting(''hnsw.ef_search'') = ''1''',
	'v <-> ''[0.3,0.2,0.1]'' < 0.3 AND a < 50',
	'id IN (SELECT b FROM cond WHERE a < 20)',
	'id NOT IN (SELECT a FROM cond)',
	'EXISTS (SELECT 1 FROM cond x WHERE x.id = cond.b)',
	'cond.*::text LIKE ''%w3%''',
	'ctid < ''(5,0)''',
	'tableoid = ''cond''::regclass'
	]) AS condition, LATERAL try(condition) t;

-- The same rows, spelled differently
SELECT count(DISTINCT nearest(condition, 'off', 10)) AS distinct_answers
FROM unnest(ARRAY['a = 7', 'a IN (7)', 'a = ANY (ARRAY[7, -1])',
	'a >= 7 AND a <= 7', 'a = 7 OR a = -1', 'a + 0 = 7',
	'NOT (a < 7 OR a > 7)', 'a BETWEEN 7 AND 7']) AS condition;

-- Rows without a vector, or without a direction, come last; all rows come
SELECT array_length(nearest('a < 50', 'off', 10000), 1) =
	(SELECT count(*) FROM cond WHERE a < 50) AS all_rows;
SELECT nearest('id % 40 = 0 AND a < 50', mode, 1000) IS NOT NULL AS some,
	mode FROM unnest('{off,look,exact,bitmap,rows,switch}'::text[]) mode;

-- Volatile conditions do not take part, and are checked once a row
CREATE SEQUENCE calls;
CREATE FUNCTION counted(int) RETURNS bool LANGUAGE sql VOLATILE
AS 'SELECT nextval(''calls'') > 0';
SET enable_sort = off;
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM cond WHERE a < 50 AND counted(id)
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 10) s;
SELECT last_value FROM calls;

-- Lists of allowed rows that outgrow work_mem: a row on each block
CREATE TABLE wide (id int, a int, b int, c int, pad text, v vector(3))
	WITH (autovacuum_enabled = off, fillfactor = 10);
ALTER TABLE wide ALTER pad SET STORAGE PLAIN;
INSERT INTO wide
SELECT i, i % 2, i % 2, i % 20, repeat('x', 700),
	ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 8500) i;
UPDATE wide SET id = -id WHERE id % 100 = 7;
CREATE INDEX ON wide (a);
CREATE INDEX ON wide USING hash (b);
CREATE INDEX ON wide (c);
CREATE INDEX ON wide USING hnsw (v vector_l2_ops);
ANALYZE wide;
SET work_mem = '64kB';
CREATE FUNCTION pg_temp.lossy(condition text, mode text) RETURNS bool
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('hnsw.debug_prefilter', mode, true);
	RETURN EXISTS (SELECT FROM pg_temp.explain(format('SELECT id FROM wide
		WHERE %s ORDER BY v <-> ''[0.3,0.2,0.1]'' LIMIT 10', condition)) line
		WHERE line LIKE '%Lossy Blocks Allowed%');
END $$;
SELECT condition, mode, pg_temp.lossy(condition, mode)
FROM unnest('{a = 1,a > 0,b = 1,b = 1 AND a > 0,a = 1 OR b = 0,a = 1 OR a < 0,a = 1 AND c < 2 OR a > 0}'::text[]) condition,
	unnest('{exact,bitmap}'::text[]) mode;
SET hnsw.debug_prefilter = exact;
SELECT id FROM wide WHERE a = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
SELECT id FROM wide WHERE b = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
SET hnsw.debug_prefilter = bitmap;
SELECT id FROM wide WHERE a = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
SELECT id FROM wide WHERE b = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
SET hnsw.debug_prefilter = rows;
SELECT id FROM wide WHERE a = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
RESET hnsw.debug_prefilter;
SET enable_indexscan = off;
SET enable_sort = on;
SELECT id FROM wide WHERE a = 1 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5;
DROP TABLE wide;
