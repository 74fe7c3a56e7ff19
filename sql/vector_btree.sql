--
-- Order of type vector in btree indexes, sorts and sets
--

CREATE TABLE ordered (id int, v vector);
INSERT INTO ordered VALUES (1, '[0,0,0]'), (2, '[1,2,3]'), (3, '[1,1]'),
	(4, '[1,2]'), (5, NULL), (6, '[-1]'), (7, '[1,2,3]'), (8, '[2]');
CREATE INDEX ordered_v ON ordered (v);

-- Through the index
SET enable_seqscan = off;
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT id, v FROM ordered ORDER BY v;
SELECT id, v FROM ordered ORDER BY v, id;
SELECT id FROM ordered WHERE v = '[1,2,3]' ORDER BY id;
SELECT id FROM ordered WHERE v > '[1,1]' AND v <= '[1,2,3]' ORDER BY v, id;
SELECT id FROM ordered WHERE v < '[0]' OR v >= '[1,2,4]' ORDER BY id;
SELECT id FROM ordered WHERE v = ANY ('{"[2]","[-1]"}') ORDER BY id;
SELECT id, v FROM ordered ORDER BY v DESC NULLS LAST, id LIMIT 3;
SELECT min(id), v FROM ordered GROUP BY v ORDER BY v;
RESET enable_seqscan;
RESET enable_sort;

-- Without
DROP INDEX ordered_v;
SELECT id, v FROM ordered ORDER BY v, id;
SELECT DISTINCT v FROM ordered ORDER BY v;
SELECT '[1]'::vector UNION SELECT '[1.0]' UNION SELECT '[2]' ORDER BY 1;
SELECT a.id, b.id FROM ordered a JOIN ordered b ON a.v = b.v AND a.id < b.id;
SELECT id FROM ordered WHERE v IS DISTINCT FROM '[1,2,3]' ORDER BY id;

-- Unique
CREATE UNIQUE INDEX ON ordered (v);
DELETE FROM ordered WHERE id = 7;
CREATE UNIQUE INDEX ON ordered (v);
INSERT INTO ordered VALUES (9, '[1,1]');
INSERT INTO ordered VALUES (9, '[1,1.0000001]');
INSERT INTO ordered VALUES (10, '[-0,0,-0]');
DROP TABLE ordered;

-- Sorted on disk, values out of line: nothing is lost or piles up
CREATE TABLE large AS
SELECT i AS id, array_fill((i * 7919) % 3001, ARRAY[600])::vector AS v
FROM generate_series(1, 3000) i;
SET work_mem = '64kB';
SELECT count(*) AS rows, count(*) FILTER (WHERE v < before) AS disorder
FROM (SELECT v, lag(v) OVER (ORDER BY v) AS before FROM large) t;
RESET work_mem;
DROP TABLE large;

-- Selectivity: an inequality takes nearly all rows, not nearly none
SELECT oprname, oprrest, oprjoin FROM pg_operator
WHERE oprleft = 'vector'::regtype AND oprrest <> 0
ORDER BY oprname COLLATE "C";
