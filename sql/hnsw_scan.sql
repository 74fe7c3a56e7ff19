--
-- Index scans: how many rows, in which order, and again
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools

CREATE TABLE scan (id int PRIMARY KEY, v vector(8), kind int);
INSERT INTO scan SELECT i, pg_temp.vec(i), i % 10 FROM generate_series(1, 1000) i;
CREATE INDEX scan_v ON scan USING hnsw (v vector_l2_ops);
CREATE INDEX scan_cosine ON scan USING hnsw (v vector_cosine_ops);
ANALYZE scan;

-- an order by distance is what the index is for, in either operand order
SET enable_seqscan = off;
SET hnsw.prefilter = off;
EXPLAIN (COSTS off) SELECT id FROM scan ORDER BY v <-> '[1,2,3,4,5,6,7,8]' LIMIT 5;
EXPLAIN (COSTS off) SELECT id FROM scan ORDER BY '[1,2,3,4,5,6,7,8]' <-> v LIMIT 5;
EXPLAIN (COSTS off) SELECT id FROM scan ORDER BY v <=> '[1,2,3,4,5,6,7,8]' LIMIT 5;
SELECT pg_temp.compare('scan', 'pg_temp.vec(17) <-> v', 'LIMIT 5');

-- not the other way round, nor by another operator, nor without an order
SET enable_seqscan = on;
EXPLAIN (COSTS off) SELECT id FROM scan ORDER BY v <-> '[1,2,3,4,5,6,7,8]' DESC LIMIT 5;
EXPLAIN (COSTS off) SELECT id FROM scan ORDER BY v <#> '[1,2,3,4,5,6,7,8]' LIMIT 5;
EXPLAIN (COSTS off) SELECT count(*) FROM scan WHERE v <-> '[1,2,3,4,5,6,7,8]' < 3;
SET enable_seqscan = off;
RESET hnsw.prefilter;

-- as many rows as LIMIT says, whatever ef_search is
SET hnsw.ef_search = 10;
SELECT l, cardinality(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT ' || l))
FROM unnest('{0,1,10,11,100,300}'::int[]) l;
SET hnsw.ef_search = 1;
SELECT l, cardinality(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT ' || l))
FROM unnest('{1,2,100}'::int[]) l;

-- no LIMIT: no row twice; if the first search finds all, all, in their order
SELECT count(n) = count(DISTINCT n) AS once, count(*) <= 1000 AS not_more
FROM unnest(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)')) n;
SET hnsw.ef_search = 1000;
SELECT pg_temp.compare('scan', 'v <-> pg_temp.vec(17)');
SELECT pg_temp.compare('scan', 'v <-> pg_temp.vec(17)', 'OFFSET 900');

-- iterative_scan
SET hnsw.ef_search = 10;
SET hnsw.iterative_scan = off;
SELECT cardinality(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT 100'));
SELECT cardinality(pg_temp.ids('scan WHERE kind < 0', 'v <-> pg_temp.vec(17)', 'LIMIT 100'));
SET hnsw.iterative_scan = relaxed_order;
SELECT count(*), count(DISTINCT n) FROM unnest(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT 100')) n;
SELECT count(*), count(DISTINCT n) FROM unnest(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)')) n;
SET hnsw.iterative_scan = strict_order;
SELECT count(*), bool_and(ordered) FROM (
	SELECT v <-> pg_temp.vec(17) >= lag(v <-> pg_temp.vec(17)) OVER (ORDER BY place) AS ordered
	FROM unnest(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT 100'))
		WITH ORDINALITY AS t (id, place) JOIN scan USING (id)) o;

-- a limit of visited nodes ends the search; what has been found is returned
SET hnsw.max_scan_tuples = 50;
SELECT cardinality(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)', 'LIMIT 500'))
	BETWEEN 10 AND 499 AS some;
RESET hnsw.max_scan_tuples;

-- WHERE without an index of its own
SET hnsw.ef_search = 40;
SELECT k, pg_temp.compare('scan WHERE kind = ' || k, 'v <-> pg_temp.vec(17)', 'LIMIT 5')
FROM generate_series(0, 2) k;
SELECT cardinality(pg_temp.ids('scan WHERE id % 100 = 7', 'v <-> pg_temp.vec(17)', 'LIMIT 10'));
SELECT cardinality(pg_temp.ids('scan WHERE kind < 0', 'v <-> pg_temp.vec(17)', 'LIMIT 10'));

-- NULL as query: no distance, no order, but the rows
SELECT count(*), count(d) FROM (SELECT v <-> NULL AS d FROM scan ORDER BY v <-> NULL LIMIT 7) s;
PREPARE nearest(vector) AS SELECT count(*), count(d) FROM
	(SELECT v <-> $1 AS d FROM scan ORDER BY v <-> $1 LIMIT 7) s;
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest(NULL);
EXECUTE nearest(pg_temp.vec(3));
EXECUTE nearest(NULL);

-- a zero vector under cosine: no direction, so the same, with NaN
SELECT count(*), count(DISTINCT d), min(d)
FROM (SELECT v <=> '[0,0,0,0,0,0,0,0]' AS d FROM scan ORDER BY v <=> '[0,0,0,0,0,0,0,0]' LIMIT 7) s;

-- and in the table: not in the index, and not missed
INSERT INTO scan VALUES (1001, '[0,0,0,0,0,0,0,0]'), (1002, NULL);
SET hnsw.ef_search = 2000;
SELECT cardinality(pg_temp.ids('scan', 'v <=> pg_temp.vec(17)'));
SELECT cardinality(pg_temp.ids('scan', 'v <-> pg_temp.vec(17)'));
DELETE FROM scan WHERE id > 1000;
SET hnsw.ef_search = 40;

-- wrong dimensions
SELECT pg_temp.try($$ SELECT id FROM scan ORDER BY v <-> '[1,2,3]' LIMIT 1 $$);
SELECT pg_temp.try($$ EXECUTE nearest('[1,2,3,4,5,6,7,8,9]') $$);

-- prepared: other values, other limits
PREPARE few(vector, int) AS SELECT id FROM scan ORDER BY v <-> $1 LIMIT $2;
EXECUTE few(pg_temp.vec(3), 1);
EXECUTE few(pg_temp.vec(4), 1);
EXECUTE few(pg_temp.vec(5), 0);
SET plan_cache_mode = auto;
EXECUTE few(pg_temp.vec(6), 1);
DEALLOCATE ALL;

-- one search after another in a join; a query NULL among them
SELECT q.id, array_agg(n.id ORDER BY n.place) @> ARRAY[q.id] AS itself, count(n.id)
FROM scan q CROSS JOIN LATERAL (
	SELECT id, row_number() OVER () AS place
	FROM (SELECT id FROM scan ORDER BY v <-> q.v LIMIT 3) s) n
WHERE q.id IN (1, 10, 100, 1000) GROUP BY q.id ORDER BY q.id;
SELECT count(*), count(DISTINCT q) FROM
	(SELECT i AS q, CASE WHEN i % 3 > 0 THEN pg_temp.vec(i) END AS v FROM generate_series(1, 300) i) q
	CROSS JOIN LATERAL (SELECT id FROM scan ORDER BY v <-> q.v LIMIT 4) n;
SELECT count(*) FROM generate_series(1, 100) i
WHERE i = (SELECT id FROM scan ORDER BY v <-> pg_temp.vec(i) LIMIT 1);

-- cursors: part by part, a setting changed on the way, backwards not
CREATE FUNCTION pg_temp.fetch(cursor text, amount text) RETURNS bigint LANGUAGE plpgsql AS
$$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('FETCH %s FROM %I', amount, cursor);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;
BEGIN;
SET LOCAL hnsw.ef_search = 5;
DECLARE c CURSOR FOR SELECT id FROM scan ORDER BY v <-> pg_temp.vec(17);
FETCH 1 FROM c;
SELECT pg_temp.fetch('c', '20');
SET LOCAL hnsw.ef_search = 500;
SET LOCAL hnsw.iterative_scan = off;
SELECT pg_temp.fetch('c', '20');
SET LOCAL hnsw.max_scan_tuples = 1;
SELECT pg_temp.fetch('c', '100');
FETCH BACKWARD 1 FROM c;
ROLLBACK;

-- with SCROLL what was returned is kept
BEGIN;
SET LOCAL hnsw.ef_search = 1000;
DECLARE c SCROLL CURSOR FOR SELECT id FROM scan ORDER BY v <-> pg_temp.vec(17);
FETCH 1 FROM c;
SELECT pg_temp.fetch('c', '10');
SELECT pg_temp.fetch('c', 'BACKWARD ALL');
FETCH 1 FROM c;

-- a cursor sees what there was when it was opened
DECLARE d CURSOR FOR SELECT id FROM scan ORDER BY v <-> pg_temp.vec(2000);
DELETE FROM scan WHERE id BETWEEN 101 AND 200;
INSERT INTO scan VALUES (2000, pg_temp.vec(2000), 0);
SELECT pg_temp.fetch('c', 'ALL');
SELECT pg_temp.fetch('d', 'ALL');
SELECT id FROM scan ORDER BY v <-> pg_temp.vec(2000) LIMIT 1;
ROLLBACK;

-- in plpgsql, over and over
DO $$
DECLARE
	found int;
BEGIN
	FOR i IN 1 .. 500 LOOP
		SELECT id INTO found FROM scan ORDER BY v <-> pg_temp.vec(i) LIMIT 1;
		IF found <> i THEN
			RAISE '% is nearest to %', found, i;
		END IF;
	END LOOP;
END $$;

-- the index is not for tables so small that reading them takes less
RESET enable_seqscan;
RESET hnsw.ef_search;
CREATE TABLE small AS SELECT * FROM scan LIMIT 20;
CREATE INDEX ON small USING hnsw (v vector_l2_ops);
ANALYZE small;
EXPLAIN (COSTS off) SELECT id FROM small ORDER BY v <-> '[1,2,3,4,5,6,7,8]' LIMIT 5;

SELECT hnsw_check('scan_v', true), hnsw_check('scan_cosine', true);
DROP TABLE scan, small;
