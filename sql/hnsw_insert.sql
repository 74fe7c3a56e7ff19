--
-- Inserts and updates: into nothing, among many, of the same again and again
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET hnsw.ef_search = 5000;

-- into an empty index, row by row and many at once
CREATE TABLE ins (id int, v vector(8), other int)
	WITH (fillfactor = 50, autovacuum_enabled = off);
CREATE INDEX ins_v ON ins USING hnsw (v vector_l2_ops) WITH (m = 8);
INSERT INTO ins VALUES (1, pg_temp.vec(1));
SELECT pg_temp.compare('ins', 'v <-> pg_temp.vec(17)');
INSERT INTO ins VALUES (2, pg_temp.vec(2));
INSERT INTO ins VALUES (3, NULL);
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('ins_v', true);
INSERT INTO ins SELECT i, pg_temp.vec(i) FROM generate_series(4, 1000) i;
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
SELECT rows, nodes, layers > 1 AS layers, reachable > 0.99 AS reachable FROM hnsw_stats('ins_v');
SELECT hnsw_check('ins_v', true);

-- wrong dimensions reach the index only where the column does not say
SELECT pg_temp.try($$ INSERT INTO ins VALUES (0, '[1,2,3]') $$);
CREATE TABLE loose (v vector);
CREATE INDEX ON loose USING hnsw ((v::vector(3)) vector_l2_ops);
SELECT pg_temp.try($$ INSERT INTO loose VALUES ('[1,2]') $$);
SELECT pg_temp.try($$ INSERT INTO loose VALUES ('[1,2,3]') $$);
DROP TABLE loose;

-- rolled back: rows in the index that nobody sees
BEGIN;
INSERT INTO ins SELECT i, pg_temp.vec(i) FROM generate_series(1001, 1200) i;
ROLLBACK;
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
BEGIN;
INSERT INTO ins SELECT i, pg_temp.vec(i) FROM generate_series(1201, 1220) i;
SAVEPOINT s;
INSERT INTO ins SELECT i, pg_temp.vec(i) FROM generate_series(1221, 1240) i;
ROLLBACK TO s;
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
COMMIT;
SELECT hnsw_check('ins_v', true);

-- an update of another column, in place: the index is left alone
SELECT rows, nodes FROM hnsw_stats('ins_v') \gset before_
UPDATE ins SET other = 1 WHERE id <= 100;
SELECT rows - :before_rows AS new_rows, nodes - :before_nodes AS new_nodes FROM hnsw_stats('ins_v');

-- not in place, since another index has the column: a row more, but no node
CREATE INDEX ins_other ON ins (other);
UPDATE ins SET other = 2 WHERE id <= 100;
SELECT rows - :before_rows AS new_rows, nodes - :before_nodes AS new_nodes FROM hnsw_stats('ins_v');
UPDATE ins SET other = other + 1 WHERE id <= 10;
UPDATE ins SET other = other + 1 WHERE id <= 10;
SELECT rows - :before_rows AS new_rows, nodes - :before_nodes AS new_nodes FROM hnsw_stats('ins_v');
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('ins_v', true);

-- of the vector: a new node; to NULL and back; to what it was
UPDATE ins SET v = pg_temp.vec(id + 5000) WHERE id BETWEEN 201 AND 220;
UPDATE ins SET v = NULL WHERE id BETWEEN 221 AND 230;
UPDATE ins SET v = pg_temp.vec(id + 5000) WHERE id BETWEEN 226 AND 230;
UPDATE ins SET v = pg_temp.vec(id) WHERE id BETWEEN 211 AND 220;
SELECT pg_temp.compare('ins WHERE v IS NOT NULL', 'v <-> pg_temp.vec(17)');
SELECT hnsw_check('ins_v', true);
DROP TABLE ins;

-- thousands of the same vector: few nodes, all rows found
CREATE TABLE same (id int, v vector(8)) WITH (autovacuum_enabled = off);
CREATE INDEX same_v ON same USING hnsw (v vector_l2_ops);
INSERT INTO same SELECT i, pg_temp.vec(i) FROM generate_series(1, 100) i;
INSERT INTO same SELECT i, pg_temp.vec(7) FROM generate_series(1001, 5000) i;
INSERT INTO same SELECT i, pg_temp.vec(8) FROM generate_series(5001, 5020) i;
SELECT rows, nodes, postings > 0 AS postings, reachable FROM hnsw_stats('same_v');
SELECT hnsw_check('same_v', true);
RESET hnsw.ef_search;
SELECT count(*), count(DISTINCT n) FROM unnest(pg_temp.ids('same', 'v <-> pg_temp.vec(7)', 'LIMIT 4001')) n
WHERE n = 7 OR n BETWEEN 1001 AND 5000;
SELECT count(*) FROM unnest(pg_temp.ids('same', 'v <-> pg_temp.vec(8)', 'LIMIT 21')) n
WHERE n = 8 OR n BETWEEN 5001 AND 5020;

-- the others are not hidden behind them
SELECT count(*) FROM unnest(pg_temp.ids('same', 'v <-> pg_temp.vec(7)', 'LIMIT 4121')) n;
SELECT pg_temp.ids('same', 'v <-> pg_temp.vec(50)', 'LIMIT 1');

-- built at once it is the same
REINDEX INDEX same_v;
SELECT rows, nodes, postings > 0 AS postings FROM hnsw_stats('same_v');
SELECT hnsw_check('same_v', true);

-- by cosine all lengths of one direction are one vector, or nearly
CREATE INDEX same_cosine ON same USING hnsw (v vector_cosine_ops);
INSERT INTO same SELECT 10000 + i, array_fill(i, ARRAY[8])::vector FROM generate_series(1, 500) i;
SELECT count(*) FROM unnest(pg_temp.ids('same', $$v <=> '[1,1,1,1,1,1,1,1]'$$, 'LIMIT 500')) n
WHERE n > 10000;
SELECT hnsw_check('same_v', true), hnsw_check('same_cosine', true);

-- two vectors that differ less than a code can tell stay two
INSERT INTO same VALUES (20001, '[9,9,9,9,9,9,9,9]'), (20002, '[9,9,9,9,9,9,9,9.00001]'),
	(20003, '[9,9,9,9,9,9,9,9.00002]'), (20004, '[9,9,9,9,9,9,9,9.00001]');
SELECT pg_temp.ids('same', $$v <-> '[9,9,9,9,9,9,9,9.00002]'$$, 'LIMIT 1');
SELECT n IN (20002, 20004) FROM unnest(pg_temp.ids('same', $$v <-> '[9,9,9,9,9,9,9,9.00001]'$$, 'LIMIT 2')) n;

-- many pairs that differ in a last bit, each encoded alike: each finds itself
CREATE TABLE twins (id int, v vector(8));
CREATE INDEX twins_v ON twins USING hnsw (v vector_l2_ops);
INSERT INTO twins SELECT i, pg_temp.vec(i, 8) FROM generate_series(1, 300) i;
INSERT INTO twins SELECT id + 300, v + '[3e-8,0,0,0,0,0,0,0]' FROM twins;
SELECT count(*) > 100 AS many_differ FROM twins a JOIN twins b ON b.id = a.id + 300 WHERE a.v <> b.v;
SET enable_seqscan = off;
SELECT count(*) FROM twins a, LATERAL (SELECT v FROM twins b ORDER BY b.v <-> a.v LIMIT 1) b
WHERE a.v <> b.v;
RESET enable_seqscan;
SELECT hnsw_check('twins_v', true);
DROP TABLE twins;

-- minus zero is zero
INSERT INTO same VALUES (20005, '[0,0,0,0,0,0,0,0]'), (20006, '[0,-0,0,-0,0,-0,0,0]');
SELECT sum(n) FROM unnest(pg_temp.ids('same', $$v <-> '[0,0,0,0,0,0,0,0]'$$, 'LIMIT 2')) n;
SELECT hnsw_check('same_v', true), hnsw_check('same_cosine', true);

-- COPY
COPY same FROM stdin;
30001	[1,2,3,4,5,6,7,8]
30002	\N
30003	[8,7,6,5,4,3,2,1]
\.
SELECT pg_temp.ids('same', $$v <-> '[1,2,3,4,5,6,7,8]'$$, 'LIMIT 1');
SELECT hnsw_check('same_v', true), hnsw_check('same_cosine', true);
DROP TABLE same;
