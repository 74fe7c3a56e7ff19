--
-- Searches with a condition that go on: more rows are wanted than the walk was
-- to be sure of at first, as nobody knew how many.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE road (id int PRIMARY KEY, at int, v vector(6))
	WITH (autovacuum_enabled = off);
INSERT INTO road
SELECT i, i, ARRAY[i / 4000.0, sin(i), cos(i * 1.7), sin(i * 2.3), cos(i * 3.1),
	sin(i * 4.3)]::real[]::vector
FROM generate_series(1, 12000) i;
CREATE INDEX road_at ON road (at);
CREATE INDEX road_v ON road USING hnsw (v vector_l2_ops);
CREATE TABLE sign (kind int);
INSERT INTO sign VALUES (1);
ANALYZE road, sign;
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
-- by the graph alone
SET hnsw.debug_prefilter = bitmap;

-- Through a join, which takes some of the rows; matches are at the far end
CREATE FUNCTION pg_temp.query(share int, tail text) RETURNS text LANGUAGE sql AS $$
	SELECT format($q$ SELECT id, v <-> '[0,0,0,0,0,0]' AS d FROM road, sign
		WHERE at > 10800 AND (id %% %s <> 0)::int <> kind ORDER BY d %s $q$,
		share, tail)
$$;
CREATE FUNCTION pg_temp.visited(query text) RETURNS int LANGUAGE sql AS $$
	SELECT substring(line FROM 'Nodes Visited: (\d+)')::int
	FROM pg_temp.explain(query) line WHERE line ~ 'Nodes Visited'
$$;
-- The rows in the order they come, and those of a sort
CREATE FUNCTION pg_temp.found(query text, OUT ids int[], OUT distances float8[])
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT array_agg(id), array_agg(d) FROM (%s) q', query)
		INTO ids, distances;
END $$;
CREATE FUNCTION pg_temp.sorted(query text, OUT ids int[], OUT distances float8[])
LANGUAGE plpgsql SET enable_indexscan = off SET enable_sort = on AS $$
BEGIN
	SELECT * FROM pg_temp.found(query) INTO ids, distances;
END $$;
CREATE FUNCTION pg_temp.report(share int, tail text,
	OUT rows int, OUT "distinct" bool, OUT "all match" bool, OUT "in order" bool,
	OUT "nearest" bool) LANGUAGE plpgsql AS $$
DECLARE
	query text := pg_temp.query(share, tail);
	found record;
	truth record;
BEGIN
	SELECT * FROM pg_temp.found(query) INTO found;
	SELECT * FROM pg_temp.sorted(query) INTO truth;
	rows := cardinality(found.ids);
	"distinct" := rows = (SELECT count(DISTINCT u) FROM unnest(found.ids) u);
	"all match" := (SELECT bool_and(u > 10800 AND u % share = 0)
		FROM unnest(found.ids) u);
	"in order" := found.distances = (SELECT array_agg(u ORDER BY u)
		FROM unnest(found.distances) u);
	"nearest" := (SELECT count(*) FROM unnest(found.ids) u
		WHERE u = ANY (truth.ids)) >= 0.8 * cardinality(truth.ids);
END $$;

SELECT way, share, n, (pg_temp.report(share, 'LIMIT ' || n)).*
FROM (VALUES ('bitmap', 1, 40), ('bitmap', 1, 45), ('bitmap', 1, 300),
	('bitmap', 2, 150), ('bitmap', 20, 10), ('rows', 1, 300), ('rows', 20, 10)
	) q (way, share, n),
	set_config('hnsw.debug_prefilter', way, false);
SET hnsw.debug_prefilter = bitmap;
-- They are found without going through all that is nearer
SELECT pg_temp.visited(pg_temp.query(1, 'LIMIT 300')) < 4000 AS few;
-- More are wanted than there are
SET hnsw.iterative_scan = relaxed_order;
SELECT rows, "distinct", "all match", "nearest" FROM pg_temp.report(1, 'LIMIT 2000');
RESET hnsw.iterative_scan;
-- With room for all, all are found
SET hnsw.ef_search = 10000;
SELECT pg_temp.found(q) = pg_temp.sorted(q) AS same
FROM pg_temp.query(1, 'LIMIT 300') q;
RESET hnsw.ef_search;

-- The planner guesses how many rows the join wants: fewer are found at first
SELECT pg_temp.visited(pg_temp.query(1, 'LIMIT 10')) <
	pg_temp.visited(pg_temp.query(1, 'LIMIT (SELECT 10)')) AS fewer;
-- ... but not more, if it is many
SELECT pg_temp.visited(pg_temp.query(1, 'LIMIT 10 OFFSET 290')) <
	1.3 * pg_temp.visited(pg_temp.query(1, 'LIMIT 300')) AS "as many";

-- A cursor, batch by batch
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM road WHERE at > 10800
ORDER BY v <-> '[0,0,0,0,0,0]';
CREATE TABLE fetched AS SELECT 0 AS n, 0 AS id WITH NO DATA;
DO $$
DECLARE
	c refcursor := 'c';
	fetched_id int;
	n int := 0;
BEGIN
	LOOP
		FETCH c INTO fetched_id;
		EXIT WHEN NOT FOUND;
		n := n + 1;
		INSERT INTO fetched VALUES (n, fetched_id);
		EXIT WHEN n = 400;
	END LOOP;
END $$;
COMMIT;
SELECT count(*), count(DISTINCT id), bool_and(id > 10800) AS "all match",
	count(*) FILTER (WHERE id = ANY (truth.ids)) >= 340 AS nearest
FROM fetched, pg_temp.sorted(pg_temp.query(1, 'LIMIT 400')) truth;
RESET hnsw.debug_prefilter;
DROP TABLE road, sign, fetched;
