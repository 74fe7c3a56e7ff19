--
-- Which row is it?  Queries that need to know it (ctid, tableoid, locks,
-- updates), with rows that are equally far, so that they wait in a queue until
-- their order is certain, and whose place in the table is copied with them.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE tids (id int PRIMARY KEY, a int, n int, v vector(1))
	WITH (autovacuum_enabled = off);
INSERT INTO tids SELECT i, i % 2, 0, ARRAY[i]::vector
FROM generate_series(1, 200) i;
CREATE INDEX tids_a ON tids (a);
CREATE INDEX tids_v ON tids USING hnsw (v vector_l2_ops);
ANALYZE tids;
SET enable_seqscan = off;
SET enable_sort = off;

-- Rows are put into the queue, with and without a condition
CREATE FUNCTION pg_temp.rechecked(query text) RETURNS bool
RETURN EXISTS (SELECT FROM pg_temp.explain(query) line
	WHERE line ~ 'Rows Rechecked: [1-9]');
SELECT pg_temp.rechecked($$ SELECT id FROM tids ORDER BY v <-> '[100.5]' LIMIT 6 $$);
SET hnsw.debug_prefilter = rows;
SELECT pg_temp.rechecked($$ SELECT id FROM tids WHERE a = 0 ORDER BY v <-> '[101]' LIMIT 6 $$);
RESET hnsw.debug_prefilter;

-- The ids that a statement is about, in order
CREATE FUNCTION ids(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('WITH q AS (%s) SELECT string_agg(id::text, '' '' ORDER BY id)
		FROM q', statement) INTO answer;
	RETURN answer;
END $$;
CREATE FUNCTION try_all(near text)
RETURNS TABLE (way text, what text, ids_ text) LANGUAGE plpgsql AS $$
DECLARE
	few text := format('%s LIMIT 6', near);
BEGIN
	FOREACH way IN ARRAY ARRAY['off', 'look', 'exact', 'bitmap', 'rows', 'switch'] LOOP
		PERFORM set_config('hnsw.debug_prefilter', way, true);
		what := 'ctid';
		ids_ := ids(format('SELECT t.id FROM
			(SELECT ctid, tableoid, id FROM tids %s) s JOIN tids t
			ON t.ctid = s.ctid AND t.tableoid = s.tableoid AND t.id = s.id', few));
		RETURN NEXT;
		what := 'for update';
		ids_ := ids(format('SELECT id FROM tids %s FOR UPDATE', few));
		RETURN NEXT;
		what := 'for share';
		ids_ := ids(format('SELECT id, ctid FROM tids %s FOR SHARE', few));
		RETURN NEXT;
		what := 'three, with ties';
		ids_ := ids(format('SELECT id FROM tids %s FETCH FIRST 3 ROWS WITH TIES',
						   near));
		RETURN NEXT;
		what := 'update';
		ids_ := ids(format('UPDATE tids SET n = n + 1 WHERE id IN
			(SELECT id FROM tids %s) RETURNING id', few));
		RETURN NEXT;
		what := 'update by ctid';
		ids_ := ids(format('UPDATE tids SET n = n + 1 FROM
			(SELECT ctid AS tid FROM tids %s) s WHERE ctid = tid RETURNING id', few));
		RETURN NEXT;
		what := 'delete';
		ids_ := ids(format('DELETE FROM tids USING
			(SELECT id FROM tids %s LIMIT 2) s WHERE tids.id = s.id
			RETURNING tids.id', near));
		RETURN NEXT;
	END LOOP;
END $$;
BEGIN;
SELECT * FROM try_all($$ ORDER BY v <-> '[100.5]' $$);
ROLLBACK;
BEGIN;
SELECT * FROM try_all($$ WHERE a = 0 ORDER BY v <-> '[101]' $$);
ROLLBACK;

-- WHERE CURRENT OF
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM tids ORDER BY v <-> '[100.5]';
MOVE 3 FROM c;
FETCH 1 FROM c \gset before_
UPDATE tids SET n = -1 WHERE CURRENT OF c
RETURNING id = :before_id AS same, id IN (99, 102) AS near;
FETCH 1 FROM c \gset after_
DELETE FROM tids WHERE CURRENT OF c
RETURNING id = :after_id AS same, id IN (98, 103) AS near;
ROLLBACK;

-- ctid in a condition, and joined back; whole rows
SELECT id FROM tids WHERE ctid = (SELECT ctid FROM tids WHERE id = 7)
ORDER BY v <-> '[100.5]' LIMIT 3;
SELECT count(*) FROM tids WHERE ctid = ANY (ARRAY(SELECT ctid FROM tids
	ORDER BY v <-> '[100.5]' LIMIT 4));
SELECT id, (tids.*)::text LIKE '(' || id || ',%' AS whole, xmin IS NOT NULL AS xmin
FROM tids ORDER BY v <-> '[10.4]' LIMIT 2;

DROP FUNCTION try_all, ids;
DROP TABLE tids;

-- Rows that wait are copied as far as work_mem allows, and otherwise fetched
-- again: 200 rows of 7 kB
CREATE TABLE wide (id int, a int, t text, v vector(1))
	WITH (autovacuum_enabled = off);
ALTER TABLE wide ALTER t SET STORAGE PLAIN;
INSERT INTO wide SELECT i, 1, repeat(i::text, 7200 / length(i::text)),
	ARRAY[i]::vector
FROM generate_series(1, 400) i;
CREATE INDEX ON wide USING hnsw (v vector_l2_ops);
SET hnsw.debug_prefilter = rows;
SET work_mem = '64kB';
BEGIN;
DECLARE c CURSOR FOR SELECT *, ctid FROM wide WHERE a = 1 ORDER BY v <-> '[0]' LIMIT 200;
FETCH 1 FROM c \gset
SELECT :id AS id, total_bytes < 300000 AS is_small
FROM pg_backend_memory_contexts WHERE name = 'hnsw search';
ROLLBACK;
SELECT count(*), bool_and(id = n) AS in_order, bool_and(t LIKE id || '%') AS whole,
	bool_and(t = (SELECT t FROM wide WHERE ctid = s.ctid)) AS found
FROM (SELECT *, row_number() OVER () AS n FROM (SELECT *, ctid FROM wide WHERE a = 1
	ORDER BY v <-> '[0]' LIMIT 200) s) s;
RESET work_mem;
RESET hnsw.debug_prefilter;
DROP TABLE wide;

-- Edges to a node that has rows in postings only name none, and nobody asks
-- the table for it: to read a block that does not exist would add one
CREATE TABLE rowless (id int, a int, v vector(1)) WITH (autovacuum_enabled = off);
INSERT INTO rowless SELECT i, 1, '[0.5]' FROM generate_series(1, 40) i;
CREATE INDEX ON rowless USING hnsw (v vector_l2_ops) WITH (m = 4);
DELETE FROM rowless WHERE id <= 20;
VACUUM rowless;
INSERT INTO rowless SELECT i, i % 2, ARRAY[i]::vector
FROM generate_series(41, 100) i;
SELECT pg_relation_size('rowless') AS size \gset
SET hnsw.debug_prefilter = rows;
SELECT count(*) FROM (SELECT FROM rowless WHERE a = 1 AND id > 0
	ORDER BY v <-> '[0.5]' LIMIT 25) s;
SELECT pg_relation_size('rowless') - :size AS added;
RESET hnsw.debug_prefilter;
DROP TABLE rowless;

-- Nor for one in a part of the table that vacuum has cut off
CREATE TABLE shorter (id int, a int, v vector(1)) WITH (autovacuum_enabled = off);
INSERT INTO shorter SELECT i, 1, NULL FROM generate_series(1, 1000) i;
INSERT INTO shorter SELECT i, i % 2, ARRAY[i]::vector
FROM generate_series(1001, 1500) i;
CREATE INDEX ON shorter USING hnsw (v vector_l2_ops) WITH (m = 4);
DELETE FROM shorter WHERE id <= 1000;
VACUUM shorter;
SELECT pg_relation_size('shorter') AS size \gset
UPDATE shorter SET id = id + 1;
DELETE FROM shorter WHERE ctid >= '(4,0)';
VACUUM shorter;
SELECT pg_relation_size('shorter') < :size AS is_shorter;
SET hnsw.debug_prefilter = rows;
SELECT count(*) FROM (SELECT FROM shorter WHERE a = 1 AND id > 0
	ORDER BY v <-> '[1500]' LIMIT 100) s;
RESET hnsw.debug_prefilter;
DROP TABLE shorter;
