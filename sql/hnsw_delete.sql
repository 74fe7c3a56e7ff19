--
-- Deletes and vacuum
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET hnsw.ef_search = 5000;

-- Another session's snapshot must not keep rows from being removed: a
-- temporary table's rows are nobody else's business.
CREATE TEMP TABLE del (id int, v vector(8));
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(1, 1000) i;
CREATE INDEX del_v ON del USING hnsw (v vector_l2_ops);

-- nothing to do
VACUUM del;
SELECT rows, nodes, dying_nodes, free_slots FROM hnsw_stats('del_v');

-- deleted, but not vacuumed: the rows are not returned
DELETE FROM del WHERE id % 3 = 0;
SELECT rows FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);

-- vacuumed: their slots are free, no edge leads there
VACUUM del;
SELECT rows, nodes, dying_nodes, reserved_slots, free_slots >= 333 AS free,
	reachable > 0.98 AS reachable FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);
SELECT count(*) FROM generate_series(1, 1000) i
WHERE i % 3 > 0 AND i = (SELECT id FROM del ORDER BY v <-> pg_temp.vec(i) LIMIT 1);

-- new rows use them
SELECT node_pages, refine_pages, free_slots FROM hnsw_stats('del_v') \gset before_
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(1001, 1300) i;
SELECT rows, nodes, node_pages = :before_node_pages AS no_new_pages,
	refine_pages = :before_refine_pages AS no_new_refine_pages,
	free_slots < :before_free_slots - 290 AS reused FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);

-- all of a neighborhood, the nearest to one point
DELETE FROM del WHERE id IN (SELECT id FROM del ORDER BY (v <-> pg_temp.vec(17)) + 0 LIMIT 300);
VACUUM del;
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT reachable > 0.98 AS reachable FROM hnsw_stats('del_v');
SELECT hnsw_check('del_v', true);

-- everything: the entry point goes, too
DELETE FROM del;
VACUUM del;
SELECT rows, nodes, layers, dying_nodes FROM hnsw_stats('del_v');
SELECT * FROM hnsw_layers('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);

-- and from the beginning
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(1, 500) i;
SELECT node_pages <= :before_node_pages AS no_new_pages, rows, nodes, reachable > 0.98 AS reachable
FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);

-- again and again, the entry point among them: always the oldest
DO $$
BEGIN
	FOR i IN 1 .. 20 LOOP
		DELETE FROM del WHERE id <= i * 20;
		INSERT INTO del SELECT n, pg_temp.vec(n) FROM generate_series(480 + i * 20 + 1, 500 + i * 20) n;
	END LOOP;
END $$;
VACUUM del;
SELECT rows, nodes, dying_nodes FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);

-- one by one
DELETE FROM del WHERE id > 530;
VACUUM del;
DELETE FROM del WHERE id > 520;
VACUUM del;
DELETE FROM del WHERE id > 501;
VACUUM del;
SELECT hnsw_check('del_v', true);
DELETE FROM del WHERE id < 500;
VACUUM del;
SELECT id FROM del ORDER BY v <-> pg_temp.vec(17);
SELECT rows, nodes, reachable FROM hnsw_stats('del_v');
SELECT hnsw_check('del_v', true);
INSERT INTO del VALUES (1, pg_temp.vec(1));
SELECT id FROM del ORDER BY v <-> pg_temp.vec(17);
SELECT hnsw_check('del_v', true);
DROP TABLE del;

-- many rows of one vector: some go, a node's own rows before its postings',
-- then all
CREATE TEMP TABLE del (id int, v vector(8));
CREATE INDEX del_v ON del USING hnsw (v vector_l2_ops);
INSERT INTO del SELECT i, pg_temp.vec(7) FROM generate_series(1, 2000) i;
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(2001, 2050) i;
DELETE FROM del WHERE id <= 100;
VACUUM del;
SELECT rows, nodes, postings > 0 AS postings FROM hnsw_stats('del_v');
SELECT count(*) FROM unnest(pg_temp.ids('del', 'v <-> pg_temp.vec(7)')) n;
SELECT hnsw_check('del_v', true);
INSERT INTO del SELECT i, pg_temp.vec(7) FROM generate_series(3001, 3100) i;
SELECT rows, nodes FROM hnsw_stats('del_v');
SELECT count(*) FROM unnest(pg_temp.ids('del', 'v <-> pg_temp.vec(7)')) n;
SELECT hnsw_check('del_v', true);
DELETE FROM del WHERE id BETWEEN 101 AND 1990;
VACUUM del;
SELECT rows, nodes FROM hnsw_stats('del_v');
SELECT count(*) FROM unnest(pg_temp.ids('del', 'v <-> pg_temp.vec(7)')) n;
SELECT hnsw_check('del_v', true);
DELETE FROM del WHERE v = pg_temp.vec(7);
VACUUM del;
SELECT rows, nodes, postings, dying_nodes FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);
INSERT INTO del SELECT i, pg_temp.vec(7) FROM generate_series(1, 100) i;
SELECT rows, nodes FROM hnsw_stats('del_v');
SELECT hnsw_check('del_v', true);
DROP TABLE del;

-- dead versions of updated rows, rolled back rows
CREATE TEMP TABLE del (id int, v vector(8), other int);
CREATE INDEX del_v ON del USING hnsw (v vector_cosine_ops) WITH (m = 4, ef_construction = 20);
CREATE INDEX ON del (other);
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(1, 300) i;
UPDATE del SET other = id;
UPDATE del SET other = id + 1, v = pg_temp.vec(id + 1000) WHERE id <= 100;
BEGIN;
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(301, 500) i;
UPDATE del SET v = pg_temp.vec(id + 2000);
ROLLBACK;
VACUUM del;
SELECT rows, nodes, dying_nodes FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <=> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);
DROP TABLE del;

-- sketchless, with every option of vacuum
CREATE TEMP TABLE del (id int, v vector(8));
INSERT INTO del SELECT i, pg_temp.vec(i) FROM generate_series(1, 500) i;
CREATE INDEX del_v ON del USING hnsw (v vector_l1_ops) WITH (m = 4, ef_construction = 20);
DELETE FROM del WHERE id % 2 = 0;
VACUUM (INDEX_CLEANUP off) del;
SELECT rows FROM hnsw_stats('del_v');
SELECT hnsw_check('del_v', true);
VACUUM (INDEX_CLEANUP on) del;
SELECT rows, nodes FROM hnsw_stats('del_v');
SELECT pg_temp.compare('del', 'v <+> pg_temp.vec(17)');
SELECT hnsw_check('del_v', true);
VACUUM FULL del;
SELECT rows, nodes, free_slots FROM hnsw_stats('del_v');
SELECT hnsw_check('del_v', true);
VACUUM (FREEZE, ANALYZE) del;
SELECT reltuples FROM pg_class WHERE relname = 'del_v';
DROP TABLE del;
