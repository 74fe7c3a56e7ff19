-- Building an index with parallel workers
SET max_parallel_maintenance_workers = 2;
SET min_parallel_table_scan_size = 0;

CREATE TABLE parallel_rows (id int, v vector(12)) WITH (parallel_workers = 2);
INSERT INTO parallel_rows
SELECT i, CASE WHEN i % 10 > 0 THEN ARRAY(
	SELECT sin((i % 1900) * 12.9898 + j * 78.233) * 10
	FROM generate_series(1, 12) j)::real[]::vector END
FROM generate_series(1, 2000) i;

-- Does the index return what a sort does?  Rows with one vector may come in
-- any order, so distances are compared.
CREATE FUNCTION same_as_sort(op text, k int) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	query text := format('SELECT array_agg(d) FROM (SELECT v %s %L AS d
		FROM parallel_rows WHERE v IS NOT NULL
		ORDER BY v %s %L LIMIT %s) s', op, '[1,2,3,4,5,6,7,8,9,10,11,12]', op,
		'[1,2,3,4,5,6,7,8,9,10,11,12]', k);
	by_index float8[];
	by_sort float8[];
BEGIN
	SET LOCAL hnsw.ef_search = 4000;
	SET LOCAL enable_seqscan = off;
	EXECUTE query INTO by_index;
	SET LOCAL enable_seqscan = on;
	SET LOCAL enable_indexscan = off;
	EXECUTE query INTO by_sort;
	SET LOCAL enable_indexscan = on;
	RETURN format('%s of %s rows', (SELECT count(*)
		FROM unnest(by_index, by_sort) u (i, s) WHERE i = s),
		cardinality(by_sort));
END
$$;

-- each metric: with sketches and without
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l2_ops);
SELECT hnsw_check('parallel_v', true);
-- (of two equal vectors inserted at the same time each gets a node)
SELECT rows, nodes BETWEEN 1710 AND 1800 AS few_nodes, reachable
FROM hnsw_stats('parallel_v');
SELECT same_as_sort('<->', 1800);
DROP INDEX parallel_v;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_ip_ops);
SELECT hnsw_check('parallel_v', true);
SELECT same_as_sort('<#>', 1800);
DROP INDEX parallel_v;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l1_ops);
SELECT hnsw_check('parallel_v', true);
SELECT same_as_sort('<+>', 1800);
DROP INDEX parallel_v;

-- the graph outgrows maintenance_work_mem
SET maintenance_work_mem = '1MB';
SET client_min_messages = warning;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l2_ops);
RESET client_min_messages;
RESET maintenance_work_mem;
SELECT hnsw_check('parallel_v', true);
SELECT rows FROM hnsw_stats('parallel_v');
SELECT same_as_sort('<->', 1800);

-- what was built goes on like any other index
INSERT INTO parallel_rows SELECT id + 5000, v FROM parallel_rows WHERE id < 50;
DELETE FROM parallel_rows WHERE id BETWEEN 100 AND 300;
VACUUM parallel_rows;
SELECT hnsw_check('parallel_v', true);
SELECT same_as_sort('<->', 1600);
REINDEX INDEX parallel_v;
REINDEX INDEX CONCURRENTLY parallel_v;
SELECT hnsw_check('parallel_v', true);
DROP INDEX parallel_v;

-- without blocking writers; partial; of an expression
CREATE INDEX CONCURRENTLY parallel_v ON parallel_rows
	USING hnsw (v vector_cosine_ops);
SELECT hnsw_check('parallel_v', true);
SELECT same_as_sort('<=>', 1600);
DROP INDEX parallel_v;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l2_ops)
	WHERE id % 3 = 0;
SELECT hnsw_check('parallel_v', true);
SELECT rows = (SELECT count(v) FROM parallel_rows WHERE id % 3 = 0)
FROM hnsw_stats('parallel_v');
DROP INDEX parallel_v;
CREATE INDEX parallel_v ON parallel_rows
	USING hnsw ((subvector(v, 2, 5)::vector(5)) vector_l2_ops);
SELECT hnsw_check('parallel_v', true);
DROP INDEX parallel_v;

-- an expression that is not parallel safe: the leader builds alone
CREATE FUNCTION unsafe(v vector) RETURNS vector
	IMMUTABLE PARALLEL UNSAFE LANGUAGE plpgsql AS $$ BEGIN RETURN v; END $$;
CREATE INDEX parallel_v ON parallel_rows
	USING hnsw ((unsafe(v)::vector(12)) vector_l2_ops);
SELECT hnsw_check('parallel_v', true);
DROP INDEX parallel_v;

-- an unlogged table, a temporary one (which workers cannot see), an empty one
CREATE UNLOGGED TABLE parallel_unlogged AS TABLE parallel_rows;
ALTER TABLE parallel_unlogged SET (parallel_workers = 2);
CREATE INDEX parallel_unlogged_v ON parallel_unlogged
	USING hnsw (v vector_l2_ops);
SELECT hnsw_check('parallel_unlogged_v', true);
CREATE TEMP TABLE parallel_temp AS TABLE parallel_rows;
CREATE INDEX parallel_temp_v ON parallel_temp USING hnsw (v vector_l2_ops);
SELECT hnsw_check('parallel_temp_v', true);
CREATE TABLE parallel_empty (v vector(3)) WITH (parallel_workers = 2);
CREATE INDEX parallel_empty_v ON parallel_empty USING hnsw (v vector_l2_ops);
SELECT hnsw_check('parallel_empty_v', true);
SELECT rows, nodes FROM hnsw_stats('parallel_empty_v');

-- one vector only, in all rows
UPDATE parallel_rows SET v = '[1,1,1,1,1,1,1,1,1,1,1,1]';
VACUUM parallel_rows;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l2_ops);
SELECT hnsw_check('parallel_v', true);
SELECT rows = (SELECT count(*) FROM parallel_rows) FROM hnsw_stats('parallel_v');

-- a row that cannot be indexed
ALTER TABLE parallel_rows ALTER v TYPE vector;
DROP INDEX parallel_v;
CREATE INDEX parallel_v ON parallel_rows USING hnsw (v vector_l2_ops);
\set VERBOSITY terse
INSERT INTO parallel_rows VALUES (9999, '[1,2]');
CREATE INDEX parallel_v ON parallel_rows
	USING hnsw ((v::vector(12)) vector_l2_ops);

DROP TABLE parallel_rows, parallel_unlogged, parallel_temp, parallel_empty;
DROP FUNCTION same_as_sort, unsafe;
