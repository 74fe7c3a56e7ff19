--
-- Rows that are updated in the column searched by.  Edges name a row of the
-- node they lead to, the old one, of which the list of matching rows then
-- knows nothing, or what was; vacuum gives them another.
--
SET client_min_messages = warning;
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
CREATE TEMP TABLE updates (id int, a int, far int, v vector(8));
INSERT INTO updates SELECT i, i % 5, i % 5, pg_temp.vec(i)
FROM generate_series(1, 4000) i;
CREATE INDEX updates_a ON updates (a);
CREATE INDEX updates_far ON updates (far);
CREATE INDEX updates_v ON updates USING hnsw (v vector_l2_ops);
ANALYZE updates;
SET enable_seqscan = off;
SET hnsw.debug_prefilter = bitmap;

-- What a search by list for the ten nearest with, say, a = 0 costs, in nodes
-- visited, and how many of those it finds.  40 queries, around a place.
CREATE FUNCTION pg_temp.searched(condition text = 'a = 0',
		place vector = '[0,0,0,0,0,0,0,0]', OUT visited int, OUT hits int)
	LANGUAGE plpgsql AS $$
DECLARE
	q vector;
	query text;
	plan json;
	d float8;
	n int;
BEGIN
	visited = 0;
	hits = 0;
	FOR i IN 1 .. 40 LOOP
		q = place + pg_temp.vec(10000 + i);
		query = format('SELECT v <-> %1$L AS d FROM updates WHERE %2$s
			ORDER BY v <-> %1$L LIMIT 10', q, condition);
		EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
		visited = visited +
			(plan #>> '{0,Plan,Plans,0,Nodes Visited}')::int;
		EXECUTE format('SELECT max(d) FROM (SELECT (v <-> %L) + 0 AS d
			FROM updates WHERE %s ORDER BY 1 LIMIT 10) u', q, condition) INTO d;
		EXECUTE format('SELECT count(*) FROM (%s) s WHERE d <= %L::float8',
			query, d) INTO n;
		hits = hits + n;
	END LOOP;
END $$;
SELECT * FROM pg_temp.searched() \gset fresh_
SELECT :fresh_hits >= 360 AS found;

-- All rows.  Until they are vacuumed the list knows none that edges name.
UPDATE updates SET a = (a + 1) % 5;
SELECT hits >= 360 AS found FROM pg_temp.searched();
VACUUM updates;
SELECT abs(visited - :fresh_visited) < 0.35 * :fresh_visited AS as_ever,
	hits >= 360 AS found
FROM pg_temp.searched();
SELECT hnsw_check('updates_v', true);

-- some of them; then others, while some die
UPDATE updates SET a = (a + 1) % 5 WHERE id % 3 = 0;
VACUUM updates;
SELECT abs(visited - :fresh_visited) < 0.35 * :fresh_visited AS as_ever,
	hits >= 360 AS found
FROM pg_temp.searched();
DELETE FROM updates WHERE id % 7 = 0;
UPDATE updates SET a = (a + 1) % 5 WHERE id % 3 = 1;
VACUUM updates;
SELECT abs(visited - :fresh_visited) < 0.35 * :fresh_visited AS as_ever,
	hits >= 360 AS found
FROM pg_temp.searched();
SELECT hnsw_check('updates_v', true);

-- Rows of one vector: some stay where they were, or all are in postings.
INSERT INTO updates SELECT 5000 + i, 0, pg_temp.vec(5000)
FROM generate_series(1, 20) i;
UPDATE updates SET a = 1 WHERE id = 5001;
VACUUM updates;
SELECT count(*) FROM (SELECT id FROM updates WHERE a = 0
	ORDER BY v <-> pg_temp.vec(5000) LIMIT 19) q WHERE id > 5001;
UPDATE updates SET a = 1 WHERE id > 5001;
VACUUM updates;
SELECT count(*) FROM (SELECT id FROM updates WHERE a = 1
	ORDER BY v <-> pg_temp.vec(5000) LIMIT 20) q WHERE id > 5000;
SELECT hnsw_check('updates_v', true);

-- Matches that are far away, many of them since a moment ago, while as many
-- that matched are here.
UPDATE updates SET far = ((v <-> place) > 3.1)::int
FROM (SELECT pg_temp.vec(17) AS place) p WHERE id % 3 > 0;
VACUUM updates;
UPDATE updates SET far = ((v <-> place) > 3.1)::int
FROM (SELECT pg_temp.vec(17) AS place) p WHERE id % 3 = 0;
SELECT hits >= 350 AS found
FROM pg_temp.searched('far = 1', pg_temp.vec(17));
