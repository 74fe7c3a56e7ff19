--
-- Building an index: of every kind of table, in every way
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET hnsw.ef_search = 3000;

-- an empty table
CREATE TABLE built (id int, v vector(8), kind int) WITH (autovacuum_enabled = off);
CREATE INDEX built_v ON built USING hnsw (v vector_l2_ops);
SELECT rows, nodes, layers, reachable FROM hnsw_stats('built_v');
SELECT * FROM hnsw_layers('built_v');
SELECT pg_temp.compare('built', 'v <-> pg_temp.vec(1)');
SELECT hnsw_check('built_v', true);

-- nothing but nulls
INSERT INTO built SELECT i, NULL FROM generate_series(1, 10) i;
REINDEX INDEX built_v;
SELECT rows, nodes, layers FROM hnsw_stats('built_v');
SELECT hnsw_check('built_v', true);

-- nulls between rows: they are not indexed
INSERT INTO built
SELECT i, CASE WHEN i % 5 > 0 THEN pg_temp.vec(i) END, i % 3
FROM generate_series(11, 1000) i;
REINDEX INDEX built_v;
SELECT rows, nodes FROM hnsw_stats('built_v');
SELECT pg_temp.compare('built WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)', 'LIMIT 300');
SELECT hnsw_check('built_v', true);

-- zero vectors: a cosine index leaves them out
INSERT INTO built SELECT i, '[0,0,0,0,0,0,0,0]' FROM generate_series(2001, 2005) i;
CREATE INDEX built_cosine ON built USING hnsw (v vector_cosine_ops);
SELECT rows, nodes FROM hnsw_stats('built_v');
SELECT rows, nodes FROM hnsw_stats('built_cosine');
SELECT hnsw_check('built_v', true), hnsw_check('built_cosine', true);
DROP INDEX built_cosine;

-- partial
CREATE INDEX built_partial ON built USING hnsw (v vector_l2_ops) WHERE kind = 1;
SELECT rows = (SELECT count(v) FROM built WHERE kind = 1) AS all_of_them
FROM hnsw_stats('built_partial');
DROP INDEX built_v;
SELECT pg_temp.compare('built WHERE kind = 1 AND v IS NOT NULL', 'v <-> pg_temp.vec(17)', 'LIMIT 100');
UPDATE built SET kind = 3 - kind WHERE id % 4 = 0 AND kind IN (1, 2);
SELECT pg_temp.compare('built WHERE kind = 1 AND v IS NOT NULL', 'v <-> pg_temp.vec(17)', 'LIMIT 100');
SELECT hnsw_check('built_partial', true);
DROP INDEX built_partial;

-- expressions: another function, another type
CREATE INDEX built_expression ON built USING hnsw ((subvector(v, 3, 4)::vector(4)) vector_ip_ops);
SELECT pg_temp.compare('built WHERE v IS NOT NULL', $$(subvector(v, 3, 4)::vector(4)) <#> '[1,2,-3,4]'$$, 'LIMIT 100');
SELECT dimensions, rows FROM hnsw_stats('built_expression');
SELECT hnsw_check('built_expression', true);
CREATE TABLE arrays (id int, a real[]);
INSERT INTO arrays SELECT i, pg_temp.vec(i)::real[] FROM generate_series(1, 200) i;
CREATE INDEX arrays_a ON arrays USING hnsw ((a::vector(8)) vector_l2_ops);
SELECT pg_temp.compare('arrays', 'a::vector(8) <-> pg_temp.vec(17)', 'LIMIT 100');
INSERT INTO arrays VALUES (0, '{1,2,3}');
SELECT hnsw_check('arrays_a', true);
DROP TABLE arrays;
DROP INDEX built_expression;

-- rows that were updated in place before: the index has the chain's first
UPDATE built SET kind = kind + 1 WHERE id % 2 = 0;
UPDATE built SET kind = kind + 1 WHERE id % 4 = 0;
CREATE INDEX built_v ON built USING hnsw (v vector_l2_ops) WITH (m = 4, ef_construction = 20);
UPDATE built SET kind = kind + 1 WHERE id % 3 = 0;
SELECT pg_temp.compare('built WHERE v IS NOT NULL AND id < 2000', 'v <-> pg_temp.vec(17)', 'LIMIT 300');
SELECT hnsw_check('built_v', true);

-- inside a transaction that changed the table
BEGIN;
DELETE FROM built WHERE id > 2000;
INSERT INTO built SELECT i, pg_temp.vec(i) FROM generate_series(3001, 3050) i;
UPDATE built SET v = pg_temp.vec(id + 10000) WHERE id % 50 = 1;
CREATE INDEX built_inside ON built USING hnsw (v vector_l2_ops);
SELECT hnsw_check('built_inside', true);
SELECT pg_temp.compare('built WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)', 'LIMIT 300');
COMMIT;
SELECT hnsw_check('built_inside', true);
DROP INDEX built_inside;

-- all over again
REINDEX INDEX built_v;
SELECT hnsw_check('built_v', true);
REINDEX INDEX CONCURRENTLY built_v;
SELECT hnsw_check('built_v', true);
REINDEX TABLE CONCURRENTLY built;
SELECT hnsw_check('built_v', true);
CREATE INDEX CONCURRENTLY built_v2 ON built USING hnsw (v vector_cosine_ops);
SELECT hnsw_check('built_v2', true);
VACUUM FULL built;
SELECT hnsw_check('built_v', true), hnsw_check('built_v2', true);
CREATE INDEX built_id ON built (id);
CLUSTER built USING built_id;
SELECT hnsw_check('built_v', true), hnsw_check('built_v2', true);
SELECT pg_temp.compare('built WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)', 'LIMIT 300');
TRUNCATE built;
SELECT rows, nodes FROM hnsw_stats('built_v');
INSERT INTO built SELECT i, pg_temp.vec(i) FROM generate_series(1, 100) i;
SELECT hnsw_check('built_v', true), hnsw_check('built_v2', true);
DROP TABLE built;

-- unlogged, and made logged
CREATE UNLOGGED TABLE unlogged (id int, v vector(8));
CREATE INDEX unlogged_v ON unlogged USING hnsw (v vector_l2_ops);
INSERT INTO unlogged SELECT i, pg_temp.vec(i) FROM generate_series(1, 300) i;
SELECT pg_temp.compare('unlogged', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('unlogged_v', true);
SELECT pg_relation_size('unlogged_v', 'init') > 0 AS has_init_fork;
ALTER TABLE unlogged SET LOGGED;
SELECT hnsw_check('unlogged_v', true);
SELECT pg_temp.compare('unlogged', 'v <-> pg_temp.vec(17)');
DROP TABLE unlogged;

-- temporary
CREATE TEMP TABLE temporary (id int, v vector(8)) ON COMMIT DELETE ROWS;
CREATE INDEX temporary_v ON temporary USING hnsw (v vector_l2_ops);
BEGIN;
INSERT INTO temporary SELECT i, pg_temp.vec(i) FROM generate_series(1, 300) i;
SELECT pg_temp.compare('temporary', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('temporary_v', true);
COMMIT;
SELECT rows FROM hnsw_stats('temporary_v');
DROP TABLE temporary;

-- partitions
CREATE TABLE parted (id int, v vector(8)) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (200);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (200) TO (400);
CREATE INDEX parted_v ON parted USING hnsw (v vector_l2_ops);
INSERT INTO parted SELECT i, pg_temp.vec(i) FROM generate_series(1, 399) i;
SELECT pg_temp.compare('parted', 'v <-> pg_temp.vec(17)', 'LIMIT 300');
SELECT hnsw_check('parted_1_v_idx', true), hnsw_check('parted_2_v_idx', true);
DROP TABLE parted;

-- materialized view
CREATE MATERIALIZED VIEW mat AS
SELECT i AS id, pg_temp.vec(i)::vector(8) AS v FROM generate_series(1, 200) i WITH NO DATA;
CREATE INDEX mat_v ON mat USING hnsw (v vector_l2_ops);
REFRESH MATERIALIZED VIEW mat;
SELECT rows FROM hnsw_stats('mat_v');
SELECT hnsw_check('mat_v', true);
DROP MATERIALIZED VIEW mat;

-- more than fits into maintenance_work_mem: goes on in the buffer manager
CREATE TABLE large (id int, v vector(512));
INSERT INTO large SELECT i, pg_temp.vec(i, 512) FROM generate_series(1, 600) i;
SET maintenance_work_mem = '1MB';
SET max_parallel_maintenance_workers = 0;
SET client_min_messages = warning;
CREATE INDEX large_v ON large USING hnsw (v vector_l2_ops) WITH (m = 8, ef_construction = 16);
RESET client_min_messages;
SELECT rows, nodes, node_pages + refine_pages > 1024 * 1024 / 8192 AS more FROM hnsw_stats('large_v');
SELECT hnsw_check('large_v', true);
SELECT pg_temp.compare('large', 'v <-> pg_temp.vec(17, 512)', 'LIMIT 500');
RESET maintenance_work_mem;
RESET max_parallel_maintenance_workers;

-- neighbors share pages, so that a search reads less of them than it visits
-- nodes; not so where rows came one by one
CREATE TABLE arranged (id int, v vector(8)) WITH (autovacuum_enabled = off);
CREATE INDEX arranged_v ON arranged USING hnsw (v vector_l2_ops);
INSERT INTO arranged SELECT i, pg_temp.vec(i) FROM generate_series(1, 2000) i;
CREATE FUNCTION pg_temp.pages_of_visits() RETURNS numeric LANGUAGE sql
AS $$ SELECT avg(pages) / avg(visits) FROM generate_series(3001, 3030) q,
	LATERAL (SELECT count(*) AS visits, count(DISTINCT (node::text::point)[0]) AS pages
		FROM hnsw_search_path('arranged_v', pg_temp.vec(q), 40) WHERE layer = 0) p $$;
SELECT pg_temp.pages_of_visits() > 0.7 AS one_by_one;
REINDEX INDEX arranged_v;
SELECT pg_temp.pages_of_visits() < 0.4 AS built;
DROP TABLE arranged;

-- a row that does not fit, in the middle: nothing is left
CREATE TABLE fails (id int, v vector);
INSERT INTO fails SELECT i, pg_temp.vec(i, 8 + i / 90) FROM generate_series(1, 100) i;
SELECT pg_temp.try($$ CREATE INDEX fails_v ON fails USING hnsw ((v::vector(8)) vector_l2_ops) $$);
SELECT count(*) FROM pg_class WHERE relname = 'fails_v';
DROP TABLE fails, large;
