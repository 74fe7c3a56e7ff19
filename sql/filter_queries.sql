--
-- Searches with conditions inside all sorts of queries.  ef_search is larger
-- than the table, so that the rows are certain.
--
SET client_min_messages = warning;
CREATE TABLE item (id int PRIMARY KEY, a int, b int, v vector(3))
	WITH (autovacuum_enabled = off);
INSERT INTO item
SELECT i, i * 7919 % 100, i % 10,
	ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 2000) i;
CREATE INDEX item_a ON item (a);
CREATE INDEX item_v ON item USING hnsw (v vector_l2_ops);
ANALYZE item;

-- The first query of a session that plans with an hnsw index has it all
\c -
SET client_min_messages = warning;
EXPLAIN (COSTS OFF) SELECT id FROM item WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;

SET hnsw.ef_search = 4000;
SET enable_sort = off;
SET enable_seqscan = off;
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
-- a setting made before the library is loaded counts
\c -
SET client_min_messages = warning;
SET hnsw.prefilter = off;
EXPLAIN (COSTS OFF) SELECT id FROM item WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SET hnsw.prefilter = on;
SET hnsw.ef_search = 4000;
SET enable_sort = off;
SET enable_seqscan = off;

-- Prepared statements
PREPARE p (vector, int, int) AS
	SELECT id FROM item WHERE a < $2 ORDER BY v <-> $1 LIMIT $3;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE p ('[0.3,0.2,0.1]', 5, 3);
EXECUTE p ('[0.3,0.2,0.1]', 5, 3);
EXECUTE p ('[0.3,0.2,0.1]', 50, 3);
EXECUTE p ('[0.3,0.2,0.1]', 50, 0);
EXECUTE p (NULL, 0, 3);
EXECUTE p ('[1,2]', 50, 3);
-- a LIMIT and OFFSET that only the executor knows, and a walk given up
SET hnsw.debug_prefilter = switch;
PREPARE l (int, int) AS SELECT id FROM item WHERE a < 50
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT $1 OFFSET $2;
EXECUTE l (3, NULL);
EXECUTE l (3, 2);
EXECUTE l (-1, 2);
SELECT count(*) FROM (SELECT id FROM item WHERE a < 50
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT (SELECT count(*) - 1990 FROM item)) s;
RESET hnsw.debug_prefilter;
SET plan_cache_mode = force_custom_plan;
EXECUTE p ('[0.3,0.2,0.1]', 5, 3);
RESET plan_cache_mode;

-- The query's vector from a sub-select: more like this
SELECT id FROM item WHERE a < 50
ORDER BY v <-> (SELECT v FROM item WHERE id = 7) LIMIT 3;
SELECT count(*) FROM (SELECT id FROM item WHERE a < 50
	ORDER BY v <-> (SELECT v FROM item WHERE id = -7) LIMIT 3) s;

-- From a lateral join: with a filter of its own, and with one that changes
EXPLAIN (COSTS OFF) SELECT o.id, x.id FROM item o, LATERAL
	(SELECT id FROM item WHERE a < 50 ORDER BY v <-> o.v LIMIT 3) x
WHERE o.id <= 4;
SELECT o.id, x.id FROM item o, LATERAL
	(SELECT id FROM item WHERE a < 50 ORDER BY v <-> o.v LIMIT 3) x
WHERE o.id <= 4;
SELECT o.id, x.id FROM item o, LATERAL
	(SELECT id FROM item WHERE a = o.a AND id <> o.id
	 ORDER BY v <-> o.v LIMIT 2) x
WHERE o.id <= 4;

-- LIMIT, OFFSET, WITH TIES, none
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]'
OFFSET 2 LIMIT 2;
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]'
FETCH FIRST 3 ROWS WITH TIES;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM item WHERE a < 50
	ORDER BY v <-> '[0.3,0.2,0.1]') s;

-- The distance shown, compared, computed with
SELECT id, round((v <-> '[0.3,0.2,0.1]')::numeric, 4) FROM item WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SELECT id, round((2 * (v <-> '[0.3,0.2,0.1]'))::numeric, 4) FROM item
WHERE v <-> '[0.3,0.2,0.1]' < 0.9 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;

-- A distance that nobody looks at comes from the search, where the vectors
-- are too long for their rows
CREATE TABLE long (id int, a int, v vector(600)) WITH (autovacuum_enabled = off);
INSERT INTO long
SELECT i, i % 10, (SELECT array_agg(sin(i * k)) FROM generate_series(1, 600) k)::vector
FROM generate_series(1, 300) i;
CREATE INDEX long_v ON long USING hnsw (v vector_l2_ops);
ANALYZE long;
CREATE FUNCTION scan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query
	LOOP
		IF line ~ 'Scan.* on long$' THEN
			RETURN substring(line FROM '[A-Z].*');
		END IF;
	END LOOP;
END $$;
SELECT scan('SELECT id FROM long ORDER BY v <-> (SELECT v FROM long x WHERE id = 7) LIMIT 3');
SELECT scan('SELECT a, v FROM long ORDER BY (SELECT v FROM long x WHERE id = 7) <-> v LIMIT 3');
SELECT id FROM long ORDER BY v <-> (SELECT v FROM long WHERE id = 7) LIMIT 3;
SELECT a, vector_dims(v), id FROM long
ORDER BY (SELECT v FROM long WHERE id = 7) <-> v LIMIT 3;
SELECT id FROM long WHERE a = 7
ORDER BY v <-> (SELECT v FROM long WHERE id = 7) LIMIT 3;
SELECT id FROM long WHERE a <> 7 AND vector_dims(v) = 600
ORDER BY v <-> (SELECT v FROM long WHERE id = 7) LIMIT 3;
-- otherwise it is computed, or the plain scan does
SELECT scan('SELECT id, v <-> (SELECT v FROM long x WHERE id = 7) FROM long ORDER BY 2 LIMIT 3');
SELECT scan(format('SELECT id, 1 + (v <-> %1$L) FROM long ORDER BY v <-> %1$L LIMIT 3', v))
FROM long WHERE id = 7;
SELECT scan('SELECT id FROM long ORDER BY v <-> (SELECT v FROM long x WHERE id = 7)
	FETCH FIRST 3 ROWS WITH TIES');
SELECT scan('SELECT ctid FROM long ORDER BY v <-> (SELECT v FROM long x WHERE id = 7) LIMIT 3');
SELECT scan('SELECT id FROM long ORDER BY v <-> (SELECT v FROM long x WHERE id = 7) LIMIT 3 FOR UPDATE');
BEGIN;
DECLARE e CURSOR FOR SELECT id FROM long WHERE a < 5
	ORDER BY v <-> (SELECT v FROM long x WHERE id = 3);
FETCH 2 FROM e;
UPDATE long SET a = -1 WHERE CURRENT OF e RETURNING id, a;
ROLLBACK;

-- System columns, whole rows
SELECT ctid IS NOT NULL AS ctid, tableoid::regclass, (item).id
FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2;
SELECT (item.*)::text LIKE '(%)' AS row, id
FROM item ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2;

-- Locking, cursors
BEGIN;
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3
FOR UPDATE;
DECLARE c SCROLL CURSOR FOR
	SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]';
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH 2 FROM c;
DECLARE d CURSOR FOR
	SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]';
FETCH 2 FROM d;
UPDATE item SET b = -1 WHERE CURRENT OF d RETURNING id, b;
FETCH 1 FROM d;
DELETE FROM item WHERE CURRENT OF d RETURNING id;
DECLARE w CURSOR WITH HOLD FOR
	SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
COMMIT;
FETCH ALL FROM w;
CLOSE w;

-- CTEs, joins, set operations, aggregates, subqueries
WITH n AS MATERIALIZED (SELECT id, b FROM item WHERE a < 50
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5)
SELECT n.id, j.id FROM n JOIN item j ON j.id = n.b + 1 ORDER BY 1;
SELECT i.id, x.n FROM item i JOIN (VALUES (3, 'three'), (4, 'four')) x (b, n)
	USING (b) WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
(SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2)
UNION ALL
(SELECT id FROM item WHERE a >= 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2);
SELECT array_agg(id) FROM (SELECT id FROM item WHERE b = 3
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4) s;
SELECT id, row_number() OVER (ORDER BY v <-> '[0.3,0.2,0.1]') FROM item
WHERE b = 3 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SELECT b, min(v <-> '[0.3,0.2,0.1]') > 0 FROM item WHERE a < 50
GROUP BY b ORDER BY b LIMIT 2;
SELECT id, (SELECT x.id FROM item x WHERE x.b = item.b AND x.id <> item.id
	ORDER BY x.v <-> item.v LIMIT 1) FROM item WHERE id < 4;
UPDATE item SET b = b + 100 WHERE id IN (SELECT id FROM item WHERE a < 50
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2) RETURNING id;

-- Partial index: its condition is not one to search by, others are
CREATE INDEX item_v_part ON item USING hnsw (v vector_cosine_ops) WHERE a < 50;
EXPLAIN (COSTS OFF) SELECT id FROM item WHERE a < 50
ORDER BY v <=> '[0.3,0.2,0.1]' LIMIT 3;
SELECT id FROM item WHERE a < 50 ORDER BY v <=> '[0.3,0.2,0.1]' LIMIT 3;
SELECT id FROM item WHERE a < 50 AND b = 3
ORDER BY v <=> '[0.3,0.2,0.1]' LIMIT 3;
-- An index on an expression
CREATE INDEX item_sub ON item USING hnsw ((subvector(v, 1, 2)::vector(2)) vector_l2_ops);
EXPLAIN (COSTS OFF) SELECT id FROM item WHERE b = 3
ORDER BY subvector(v, 1, 2)::vector(2) <-> '[0.3,0.2]' LIMIT 3;
SELECT id FROM item WHERE b = 3
ORDER BY subvector(v, 1, 2)::vector(2) <-> '[0.3,0.2]' LIMIT 3;
SELECT id FROM item ORDER BY subvector(v, 1, 2)::vector(2) <-> '[0.3,0.2]' LIMIT 3;

-- Partitions, one of them with columns in another order
CREATE TABLE part (id int, a int, v vector(3)) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (1000);
CREATE TABLE part2 (v vector(3), gone text, a int, id int);
ALTER TABLE part2 DROP gone;
ALTER TABLE part ATTACH PARTITION part2 FOR VALUES FROM (1000) TO (2001);
INSERT INTO part SELECT id, a, v FROM item;
CREATE INDEX ON part (a);
CREATE INDEX ON part USING hnsw (v vector_l2_ops);
ANALYZE part;
EXPLAIN (COSTS OFF) SELECT id FROM part WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
SELECT id FROM part WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
EXPLAIN (COSTS OFF) SELECT id FROM part WHERE a < 50 AND id < 1000
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
SELECT id FROM part WHERE a < 50 AND id < 1000
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
SELECT id FROM part ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
-- pruned when the query begins, and while it runs
PREPARE pruned (int) AS SELECT id FROM part WHERE a < 50 AND id < $1
	ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE pruned (1000);
EXECUTE pruned (1000);
EXECUTE pruned (5000);
RESET plan_cache_mode;
SELECT o, x.id FROM (VALUES (500), (1000), (2000)) o (o), LATERAL
	(SELECT id FROM part WHERE a < 50 AND id < o
	 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 2) x;
CREATE TABLE parent (id int, a int, v vector(3));
CREATE TABLE child (x int) INHERITS (parent);
INSERT INTO parent SELECT * FROM part1;
INSERT INTO child SELECT id, a, v, 1 FROM part2;
CREATE INDEX ON parent (a);
CREATE INDEX ON parent USING hnsw (v vector_l2_ops);
CREATE INDEX ON child USING hnsw (v vector_l2_ops);
SELECT id, tableoid::regclass FROM parent WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;
SELECT id FROM ONLY parent WHERE a < 50
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 4;

-- In a parallel worker
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000
	THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'regress',
	false) IS NOT NULL AS set;
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SELECT id FROM item ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
\c -
-- in a session that has not planned with an hnsw index yet, too
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000
	THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'regress',
	false) IS NOT NULL AS set;
SELECT id FROM item WHERE a < 50 ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;

-- An empty table, and one that VACUUM emptied
\c -
SET client_min_messages = warning;
SET enable_sort = off;
SET enable_seqscan = off;
CREATE TABLE nothing (a int, v vector(3));
CREATE INDEX ON nothing USING hnsw (v vector_l2_ops);
SELECT * FROM nothing WHERE a = 1 ORDER BY v <-> '[1,2,3]' LIMIT 3;
DELETE FROM part1;
VACUUM part1;
SELECT id FROM part1 WHERE a < 50 ORDER BY v <-> '[1,2,3]' LIMIT 3;
