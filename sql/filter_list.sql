--
-- The list of rows that a btree allows, read leaf by leaf: it has all that
-- meet the conditions, and no others.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE list (id int, a int, b int, c text, v vector(2))
	WITH (autovacuum_enabled = off);
INSERT INTO list
SELECT i, CASE WHEN i % 9 > 0 THEN i * 7919 % 20011 END, i % 60, 'c' || i % 700,
	ARRAY[sin(i), cos(i * 1.7)]::real[]::vector
FROM generate_series(1, 20000) i;
CREATE INDEX ON list USING hnsw (v vector_l2_ops) WITH (m = 4,
	ef_construction = 8);
SET enable_seqscan = off;
SET enable_sort = off;
SET hnsw.debug_prefilter = bitmap;

-- Rows in the list, and rows that match: of those in the index, as an index
-- scan in the order of the btree finds them
CREATE FUNCTION pg_temp.listed(conditions text, OUT listed bigint,
	OUT matching bigint, OUT server bigint)
LANGUAGE plpgsql AS $$
BEGIN
	SELECT coalesce(max(substring(line FROM 'Rows Allowed: (\d+)')::bigint), 0)
	FROM pg_temp.explain(format('SELECT id FROM list WHERE %s
		ORDER BY v <-> ''[1,0]'' LIMIT 3', conditions)) line INTO listed;
	SET LOCAL enable_indexscan = off;
	SET LOCAL enable_bitmapscan = off;
	SET LOCAL enable_seqscan = on;
	EXECUTE 'SELECT count(*) FROM list WHERE ' || conditions INTO matching;
	SET LOCAL enable_bitmapscan = on;
	SET LOCAL enable_seqscan = off;
	EXECUTE 'SELECT count(*) FROM list WHERE ' || conditions INTO server;
	SET LOCAL enable_indexscan = on;
END $$;

-- one index at a time: ascending, descending, several columns, equal values
CREATE FUNCTION pg_temp.try(columns text, conditions text[])
	RETURNS TABLE (condition text, listed bigint, right_ boolean)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE INDEX list_i ON list (%s)', columns);
	ANALYZE list;
	FOREACH condition IN ARRAY conditions LOOP
		SELECT l.listed, l.listed = l.matching AND l.server = l.matching
		FROM pg_temp.listed(condition) l INTO listed, right_;
		RETURN NEXT;
	END LOOP;
	DROP INDEX list_i;
END $$;
\set ranges '{a > 5000,a >= 5000 AND a < 15000,a < 9000,a <= 8,a > 20000,a > 30000,a = 77,a > 3 AND a > 9000 AND a < 9010,a > 9000 AND a < 100,a IS NULL,a IS NOT NULL,a IN (5\\,6\\,7000),a = ANY (ARRAY[3\\,9999])}'
SELECT * FROM pg_temp.try('a', :'ranges');
SELECT * FROM pg_temp.try('a DESC', :'ranges');
SELECT * FROM pg_temp.try('a NULLS FIRST', :'ranges');
SELECT * FROM pg_temp.try('a DESC NULLS LAST', :'ranges');
\set pairs '{b = 7,b = 7 AND a > 9000,b = 7 AND a < 9000 AND a > 100,b > 50 AND a < 9000,b >= 10 AND b < 30,b = 7 AND a IS NULL,(b\\, a) > (50\\, 9000),b < 0}'
SELECT * FROM pg_temp.try('b, a', :'pairs');
SELECT * FROM pg_temp.try('b DESC, a, c', :'pairs');
SELECT * FROM pg_temp.try('b, a, c',
	'{b = 7 AND c = ''c7'',b > 30 AND c > ''c5'' AND a > 3}');
SELECT * FROM pg_temp.try('c text_pattern_ops',
	'{c = ''c7'',c LIKE ''c6%'',c ~>=~ ''c5'',c ~<~ ''c2''}');

-- several: of an OR the rows of all, of an AND those that all have
CREATE FUNCTION pg_temp.try_several(conditions text[])
	RETURNS TABLE (condition text, listed bigint, right_ boolean, scans text)
LANGUAGE plpgsql AS $$
BEGIN
	FOREACH condition IN ARRAY conditions LOOP
		SELECT l.listed, l.listed = l.matching AND l.server = l.matching
		FROM pg_temp.listed(condition) l INTO listed, right_;
		SELECT string_agg(scan, ' ')
		FROM pg_temp.explain(format('SELECT id FROM list WHERE %s
			ORDER BY v <-> ''[1,0]'' LIMIT 3', condition)) line,
			substring(line FROM 'Bitmap(?:Or|And)|list_[abc]') scan
		INTO scans;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE INDEX list_a ON list (a);
CREATE INDEX list_b ON list (b);
CREATE INDEX list_c ON list (c);
ANALYZE list;
\set several '{a < 2000 OR b = 7,a < 2000 OR a > 19000 OR a = 5000,a < 900 AND b = 7,a < 900 AND b = 7 OR c = ''c9'',a < 900 AND (b = 7 OR c = ''c2''),(a < 300 OR a > 19900) AND (b < 3 OR b IS NULL),b = 99 AND a < 500 AND c = ''c5'',a < 300 OR b = 99 AND c = ''c5'',a IN (3\\,10\\,17) OR b = 7}'
SELECT * FROM pg_temp.try_several(:'several');
SELECT replace(line, '.00 ', ' ') AS line
FROM pg_temp.explain('SELECT id FROM list WHERE a < 900 AND b = 7
	OR c = ''c9'' ORDER BY v <-> ''[1,0]'' LIMIT 3') line WHERE line ~ 'Bitmap';

-- keys known when it runs, anew for each row that is joined
SELECT replace(line, '.00 ', ' ') AS line FROM pg_temp.explain('SELECT o.x, l.id
	FROM generate_series(1, 3) o(x),
	LATERAL (SELECT id FROM list WHERE b = o.x AND a < 900 OR c = ''c9''
		ORDER BY v <-> ''[1,0]'' LIMIT 2) l') line WHERE line ~ 'Bitmap';
SET hnsw.debug_prefilter = exact;
SELECT o.x, array_agg(l.id) FROM generate_series(1, 3) o(x),
	LATERAL (SELECT id FROM list WHERE b = o.x AND a < 900 OR c = 'c9'
		ORDER BY v <-> '[1,0]' LIMIT 4) l GROUP BY o.x ORDER BY o.x;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_seqscan = on;
SET enable_sort = on;
SELECT o.x, array_agg(l.id) FROM generate_series(1, 3) o(x),
	LATERAL (SELECT id FROM list WHERE b = o.x AND a < 900 OR c = 'c9'
		ORDER BY v <-> '[1,0]' LIMIT 4) l GROUP BY o.x ORDER BY o.x;
RESET enable_indexscan;
RESET enable_bitmapscan;
SET enable_seqscan = off;
SET enable_sort = off;
SET hnsw.debug_prefilter = bitmap;
DROP INDEX list_a, list_b, list_c;

-- what an index decides on is not asked of rows: of booleans as well, where
-- the condition is not the index's own; nor what hardly any row fails
CREATE TABLE flags (id int, f bool, b int, v vector(2));
INSERT INTO flags
SELECT id, CASE WHEN id % 5 > 0 THEN id % 3 = 0 END, b, v FROM list;
CREATE INDEX flags_f ON flags (f);
CREATE INDEX flags_b ON flags (b);
CREATE INDEX ON flags USING hnsw (v vector_l2_ops) WITH (m = 4,
	ef_construction = 8);
ANALYZE flags;
CREATE FUNCTION pg_temp.asked(conditions text, OUT listed bigint,
	OUT asked bigint)
LANGUAGE sql AS $$
	SELECT max(substring(line FROM 'Rows Allowed: (\d+)')::bigint),
		coalesce(max(substring(line FROM 'Rows Asked: (\d+)')::bigint), 0)
	FROM pg_temp.explain(format('SELECT id FROM flags WHERE %s
		ORDER BY v <-> ''[1,0]'' LIMIT 3', conditions)) line;
$$;
SELECT condition, a.listed,
	CASE WHEN condition LIKE '%id%' THEN a.asked BETWEEN 8 AND 20
		ELSE a.asked = 0 END AS right_
FROM unnest('{f,NOT f,f IS TRUE,f = false,b = 7 AND id > 100}'::text[]) condition,
	pg_temp.asked(condition) a;
SELECT count(*) FROM flags WHERE f;
SELECT count(*) FROM flags WHERE NOT f;
DROP TABLE flags;

-- entries of rows that are gone, and leaves that are
DELETE FROM list WHERE a BETWEEN 4000 AND 16000;
CREATE INDEX list_a ON list (a);
DELETE FROM list WHERE a BETWEEN 2000 AND 3900;
VACUUM list;
SELECT listed, matching FROM pg_temp.listed('a > 1000 AND a < 17000');
SELECT listed, matching FROM pg_temp.listed('a >= 0');
DROP TABLE list;
