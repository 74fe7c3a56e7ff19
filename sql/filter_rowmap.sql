--
-- Vectors out of line: the exact way asks the index how far rows are at least,
-- by its row map, and looks at few of them.  The rows are those of a sort.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE wide (id int, a int, note text, v vector(520))
	WITH (autovacuum_enabled = off);
INSERT INTO wide SELECT i, i * 7 % 1000, 'x',
	CASE WHEN i % 100 > 0 THEN pg_temp.vec(i, 520) END
FROM generate_series(1, 1600) i;
-- one vector of many rows: more than their node keeps
INSERT INTO wide SELECT 2000 + i, i * 10, 'same', pg_temp.vec(7, 520)
FROM generate_series(1, 30) i;
CREATE INDEX wide_a ON wide (a);
CREATE INDEX wide_note ON wide (note) WHERE note = 'same';
CREATE INDEX wide_l2 ON wide USING hnsw (v vector_l2_ops) WITH (m = 4, ef_construction = 16);
CREATE INDEX wide_cosine ON wide USING hnsw (v vector_cosine_ops) WITH (m = 4, ef_construction = 16);
CREATE INDEX wide_ip ON wide USING hnsw (v vector_ip_ops) WITH (m = 4, ef_construction = 16);
CREATE INDEX wide_l1 ON wide USING hnsw (v vector_l1_ops) WITH (m = 4, ef_construction = 16);
ANALYZE wide;
-- smaller vectors are in their rows: there is no map
CREATE TABLE narrow (v vector(400));
CREATE INDEX narrow_v ON narrow USING hnsw (v vector_l2_ops);
SELECT c.relname, rowmap_pages > 0 AS has_map
FROM pg_class c, hnsw_stats(c.oid) WHERE relname IN ('wide_l2', 'narrow_v') ORDER BY 1;
-- but if other long columns drive them out, which ANALYZE finds
ALTER TABLE narrow ADD id int, ADD a int, ADD t text, ALTER t SET STORAGE PLAIN;
INSERT INTO narrow SELECT pg_temp.vec(i, 400), i, i, repeat(md5(i::text), 30)
FROM generate_series(1, 300) i;
CREATE INDEX ON narrow (a);
ANALYZE narrow;
REINDEX INDEX narrow_v;
SELECT rowmap_pages > 0 AS has_map FROM hnsw_stats('narrow_v');
SET enable_sort = off;
SELECT line FROM pg_temp.explain(format('SELECT id FROM narrow WHERE a < 100 ORDER BY v <-> %L LIMIT 5',
	pg_temp.vec(7, 400))) line WHERE line ~ 'Rows Estimated|Strategy';
RESET enable_sort;
DROP TABLE narrow;

-- The rows of a query, compared with those of a sort, and what it took
CREATE FUNCTION pg_temp.judge(tail text, distance text, bounds text DEFAULT 'LIMIT 10',
	OUT strategy text, OUT estimated int, OUT scored int, OUT rows int, OUT same boolean)
	LANGUAGE plpgsql AS $$
DECLARE
	source text := 'wide WHERE ' || tail;
	sorted float8[] := (pg_temp.nearest(source, distance, bounds, 'by sort')).distances;
	found record;
BEGIN
	found := pg_temp.nearest(source, distance, bounds, 'by search');
	rows := cardinality(found.ids);
	same := found.distances IS NOT DISTINCT FROM sorted;
	SET LOCAL enable_seqscan = off;
	SET LOCAL enable_sort = off;
	SET LOCAL enable_indexscan = on;
	SET LOCAL hnsw.prefilter = on;
	SELECT max(substring(line FROM 'Strategy: (\w+)')),
		coalesce(max(substring(line FROM 'Rows Estimated: (\d+)')::int), 0),
		coalesce(max(substring(line FROM 'Rows Scored: (\d+)')::int), 0)
	FROM pg_temp.explain(format('SELECT id, %s AS d FROM %s ORDER BY d %s',
								distance, source, bounds)) line
	INTO strategy, estimated, scored;
END $$;
\set q 'pg_temp.vec(11, 520)'
SET hnsw.debug_prefilter = exact;
SET hnsw.iterative_scan = strict_order;

-- A list of rows, all metrics: few are looked at, whatever the order of
-- their distances
SELECT operator, judge.strategy, estimated BETWEEN 150 AND 190 AS estimated, scored BETWEEN 10 AND 30 AS few, rows, same
FROM unnest('{<->,<=>,<#>,<+>}'::text[]) operator,
	pg_temp.judge('a < 100', format('v %s (%L::vector)', operator, :q));
-- Nobody looks at the distance: it is computed where bounds do not tell
CREATE FUNCTION pg_temp.judge_order(OUT scored int, OUT rows int, OUT same boolean)
	LANGUAGE plpgsql AS $$
DECLARE
	query text := format('SELECT id FROM wide WHERE a < 100 ORDER BY v <-> %L::vector LIMIT 30',
						 pg_temp.vec(11, 520));
	sorted int[];
	found int[];
BEGIN
	SET LOCAL enable_indexscan = off;
	EXECUTE format('SELECT array(%s)', query) INTO sorted;
	SET LOCAL enable_seqscan = off;
	SET LOCAL enable_sort = off;
	SET LOCAL enable_indexscan = on;
	EXECUTE format('SELECT array(%s)', query) INTO found;
	rows := cardinality(found);
	SELECT array_agg(v <-> pg_temp.vec(11, 520) ORDER BY place) =
		(SELECT array_agg(v <-> pg_temp.vec(11, 520) ORDER BY place)
		 FROM unnest(sorted) WITH ORDINALITY s (id, place) JOIN wide USING (id))
	FROM unnest(found) WITH ORDINALITY f (id, place) JOIN wide USING (id) INTO same;
	SELECT coalesce(max(substring(line FROM 'Rows Scored: (\d+)')::int), 0)
	FROM pg_temp.explain(query) line INTO scored;
END $$;
SELECT scored < 20 AS few, rows, same FROM pg_temp.judge_order();
-- Of rows of one vector those in their node are known, the others are looked at
SELECT estimated BETWEEN 7 AND 24 AS estimated, scored, rows, same
FROM pg_temp.judge('note = ''same''', format('v <-> (%L::vector)', :q));
-- No list: rows of the table that match
SELECT estimated BETWEEN 150 AND 170 AS estimated, scored BETWEEN 10 AND 25 AS few, rows, same
FROM pg_temp.judge('id % 10 = 3', format('v <-> (%L::vector)', :q), 'LIMIT 5');
-- A bound; another condition that rows are asked; all rows, which are looked
-- at anyway
SELECT bounds, estimated > 0 AS estimated, scored < 40 AS few, rows, same
FROM (VALUES ('a < 300 AND v <-> %1$L::vector < 20', 'LIMIT 10'),
	('a < 300 AND id % 5 < 3', 'LIMIT 3'),
	('a < 300', 'LIMIT 400'), ('a < 300', '')) t (tail, bounds),
	pg_temp.judge(format(replace(tail, '% 5', '%% 5'), :q), format('v <-> (%L::vector)', :q), bounds);
-- A query that is NULL, or has no direction
SELECT estimated, rows, same FROM pg_temp.judge('a < 100', 'v <-> (SELECT NULL::vector)');
SELECT estimated, rows, same
FROM pg_temp.judge('a < 100', format('v <=> (%L::vector)', array_fill(0, '{520}')::vector));

-- More rows than there is memory for, as it turns out: a condition that was
-- guessed to be met by few
BEGIN;
SET LOCAL work_mem = '64kB';
SELECT estimated BETWEEN 300 AND 400 AS estimated, scored > 1600 AS scored, rows, same
FROM pg_temp.judge('abs(a) - abs(a) = 0', format('v <-> (%L::vector)', :q));
ROLLBACK;

-- A cursor takes as many as it likes: order and rows are right
BEGIN;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_sort = off;
DECLARE c CURSOR FOR SELECT id FROM wide WHERE a < 60 ORDER BY v <-> :q;
CREATE TEMP TABLE taken (n serial, id int);
DO $$ DECLARE c refcursor := 'c'; r record; BEGIN
	LOOP FETCH c INTO r; EXIT WHEN NOT FOUND; INSERT INTO taken (id) VALUES (r.id); END LOOP;
END $$;
SELECT count(*), count(*) FILTER (WHERE d < before) AS disorder,
	count(*) = (SELECT count(*) FROM wide WHERE a < 60) AS complete
FROM (SELECT d, lag(d) OVER (ORDER BY n) AS before
	FROM (SELECT n, v <-> :q AS d FROM taken JOIN wide USING (id)) t) t;
ROLLBACK;

-- Rows that come and go: updated in place, elsewhere, deleted; places of the
-- table used again, by rows with other vectors and with none
UPDATE wide SET note = 'y' WHERE id % 3 = 0;
UPDATE wide SET a = a + 1 WHERE id % 4 = 0;
UPDATE wide SET v = pg_temp.vec(id + 10000, 520) WHERE id % 5 = 0;
DELETE FROM wide WHERE id % 6 = 1;
SELECT estimated > 0 AS estimated, rows, same
FROM pg_temp.judge('a < 200', format('v <-> (%L::vector)', :q), 'LIMIT 20');
VACUUM wide;
INSERT INTO wide SELECT 5000 + i, i, 'z', CASE WHEN i % 3 > 0 THEN pg_temp.vec(i + 5000, 520) END
FROM generate_series(1, 600) i;
SELECT operator, estimated > 0 AS estimated, rows, same
FROM unnest('{<->,<=>,<#>,<+>}'::text[]) operator,
	pg_temp.judge('a < 200', format('v %s (%L::vector)', operator, :q), 'LIMIT 20');
SELECT hnsw_check(c.oid, true) FROM pg_class c WHERE relname ~ '^wide_(l2|cosine|ip|l1)';

-- The map has room for as many rows of a block as there were, and some more.
-- Of the rest nobody asks the index
CREATE TABLE grown (id int, a int, pad text, v vector(520)) WITH (autovacuum_enabled = off);
ALTER TABLE grown ALTER pad SET STORAGE PLAIN;
INSERT INTO grown SELECT i, i, repeat('x', 2000), pg_temp.vec(i, 520) FROM generate_series(1, 40) i;
ANALYZE grown;
CREATE INDEX grown_v ON grown USING hnsw (v vector_l2_ops);
CREATE INDEX grown_a ON grown (a);
INSERT INTO grown SELECT i, i, NULL, pg_temp.vec(i, 520) FROM generate_series(41, 300) i;
ANALYZE grown;
SELECT substring(line FROM 'Rows (?:Estimated|Allowed).*') AS line
FROM pg_temp.explain(format('SELECT id FROM grown WHERE a > 30 ORDER BY v <-> %L LIMIT 5', :q)) line
WHERE line ~ 'Rows (Estimated|Allowed)';
SELECT pg_temp.ids('grown WHERE a > 30', format('v <-> (%L::vector)', :q), 'LIMIT 5', 'by search') =
	pg_temp.ids('grown WHERE a > 30', format('v <-> (%L::vector)', :q), 'LIMIT 5', 'by sort') AS same;
SELECT hnsw_check('grown_v', true);
-- An index made on an empty table
TRUNCATE grown;
INSERT INTO grown SELECT i, i, NULL, pg_temp.vec(i, 520) FROM generate_series(1, 300) i;
SELECT rowmap_pages FROM hnsw_stats('grown_v');
SELECT hnsw_check('grown_v', true);
DROP TABLE grown, wide;
