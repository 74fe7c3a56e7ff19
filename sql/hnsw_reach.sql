--
-- Queries that want more rows than a search finds within its limits: they get
-- them, by a sort or by the exact way, in exact order.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

CREATE TABLE reach (id int PRIMARY KEY, a int, v vector(8))
	WITH (autovacuum_enabled = off);
INSERT INTO reach SELECT i, i % 10, pg_temp.vec(i)
FROM generate_series(1, 5000) i;
CREATE INDEX reach_v ON reach USING hnsw (v vector_l2_ops);
ANALYZE reach;
-- the true order
CREATE TEMP TABLE truth AS SELECT id, d, row_number() OVER (ORDER BY d) AS place
FROM (SELECT id, v <-> pg_temp.vec(17) AS d FROM reach) s;
CREATE INDEX ON truth (id);
CREATE INDEX ON truth (place);
ANALYZE truth;

-- What answers a query: the plan's way of reading the table, the strategy
CREATE FUNCTION pg_temp.way(query text) RETURNS text
RETURN (SELECT string_agg(coalesce(
		substring(line FROM '(Sort|Seq Scan|HnswScan|Index Scan) '),
		substring(line FROM 'Strategy: (\w+)')), ' ')
	FROM pg_temp.explain(query) line);

-- The rows of a query, compared with the truth
CREATE FUNCTION pg_temp.judge(query text, OUT way text, OUT rows bigint,
	OUT twice bigint, OUT exact boolean) LANGUAGE plpgsql AS $$
BEGIN
	way := pg_temp.way(query);
	EXECUTE format('SELECT count(*), count(*) - count(DISTINCT found.id), '
		'bool_and(found.d = truth.d) FROM (SELECT id, row_number() OVER () '
		'AS place FROM (%s) q) q JOIN truth found USING (id) '
		'JOIN truth ON truth.place = q.place', query)
		INTO rows, twice, exact;
END $$;

-- Beyond hnsw.max_scan_tuples: the planner knows
SET hnsw.max_scan_tuples = 1000;
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 30');
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17)');
-- and so it does without our node
SET hnsw.prefilter = off;
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
RESET hnsw.prefilter;

-- There is no other plan: the node knows
SET enable_seqscan = off;
SET enable_sort = off;
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17)');
SELECT rows, twice FROM pg_temp.judge('SELECT id, v <-> pg_temp.vec(17)
	FROM reach ORDER BY 2 LIMIT 600 OFFSET 10');
-- the memory of a search counts as well
SET hnsw.max_scan_tuples = 1000000;
SET work_mem = '64kB';
SET hnsw.scan_mem_multiplier = 1;
SELECT * FROM pg_temp.judge('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
RESET work_mem;
RESET hnsw.scan_mem_multiplier;

-- A LIMIT that only the executor knows
SET hnsw.max_scan_tuples = 1000;
SET plan_cache_mode = force_generic_plan;
PREPARE l (int) AS SELECT id FROM reach ORDER BY v <-> '[1,2,3,4,5,6,7,8]' LIMIT $1;
SELECT pg_temp.way('EXECUTE l (3000)'), pg_temp.way('EXECUTE l (30)'),
	pg_temp.way('EXECUTE l (NULL)');
DEALLOCATE l;
RESET plan_cache_mode;
-- it is not worked out twice if it is volatile
CREATE SEQUENCE limits START 30;
SELECT count(*) FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17)
	LIMIT nextval('limits')) q;
SELECT count(*) FROM (SELECT id FROM reach WHERE a < 5 ORDER BY v <-> pg_temp.vec(17)
	LIMIT 5 OFFSET nextval('limits')) q;
SELECT last_value FROM limits;

-- Nobody knows how many rows will be taken: a cursor.  The search, then the
-- exact way for what remains; nothing twice, nothing out of order
CREATE FUNCTION pg_temp.read(OUT rows bigint, OUT twice bigint,
	OUT disorder bigint) LANGUAGE plpgsql AS $$
DECLARE
	c CURSOR FOR SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17);
	ids int[];
	r record;
BEGIN
	OPEN c;
	LOOP
		FETCH c INTO r;
		EXIT WHEN NOT FOUND;
		ids := ids || r.id;
	END LOOP;
	CLOSE c;
	SELECT count(*), count(*) - count(DISTINCT id),
		count(*) FILTER (WHERE d < before)
	FROM (SELECT id, d, lag(d) OVER (ORDER BY n) AS before
		FROM unnest(ids) WITH ORDINALITY u (id, n) JOIN truth USING (id)) q
	INTO rows, twice, disorder;
END $$;
SELECT rows > 4500 AS rows, twice, disorder FROM pg_temp.read();
SET hnsw.iterative_scan = relaxed_order;
SELECT rows, twice FROM pg_temp.read();
RESET hnsw.iterative_scan;
-- a cursor with a LIMIT
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000;
MOVE 2995 FROM c;
FETCH ALL FROM c;
SELECT id FROM truth WHERE place BETWEEN 2996 AND 3000 ORDER BY place;
COMMIT;

-- Nor of a scan with something above it that rejects rows
SELECT pg_temp.way('SELECT id FROM reach JOIN generate_series(1, 5000, 500) i
	ON i % 1000 = id % 1000 ORDER BY v <-> pg_temp.vec(17) LIMIT 40');
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET hnsw.iterative_scan = relaxed_order;
SELECT count(DISTINCT id) FROM (SELECT id FROM reach
	WHERE id IN (SELECT i * 50 FROM generate_series(1, 100) i)
	ORDER BY v <-> pg_temp.vec(17) LIMIT 100) q;
RESET hnsw.iterative_scan;
RESET enable_hashjoin;
RESET enable_mergejoin;
-- partitions: how many rows will be taken of each?
CREATE TABLE parts (id int, v vector(8)) PARTITION BY HASH (id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT id, v FROM reach;
CREATE INDEX ON parts USING hnsw (v vector_l2_ops);
ANALYZE parts;
SELECT way, rows, twice FROM pg_temp.judge('SELECT id FROM parts
	ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
DROP TABLE parts;
-- among conditions, volatile ones
SELECT count(*) FROM (SELECT id FROM reach WHERE a + random() * 0 = 3
	ORDER BY v <-> pg_temp.vec(17) LIMIT 450) q;
-- with a condition to search by
SELECT way, rows, twice FROM pg_temp.judge('SELECT id FROM reach WHERE a <> 3
	ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
SET hnsw.debug_prefilter = rows;
SELECT way, rows, twice FROM pg_temp.judge('SELECT id FROM reach WHERE a <> 3
	ORDER BY v <-> pg_temp.vec(17) LIMIT 3000');
RESET hnsw.debug_prefilter;

-- Searches are counted as index scans are
CREATE FUNCTION pg_temp.counts(prefilter text, OUT scans bigint,
	OUT returned boolean, OUT fetched boolean) LANGUAGE plpgsql AS $$
DECLARE
	before int8[] := ARRAY[pg_stat_get_xact_numscans('reach_v'::regclass),
		pg_stat_get_xact_tuples_returned('reach_v'::regclass),
		pg_stat_get_xact_tuples_fetched('reach_v'::regclass)];
BEGIN
	PERFORM set_config('hnsw.prefilter', prefilter, true);
	PERFORM id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 5;
	scans := pg_stat_get_xact_numscans('reach_v'::regclass) - before[1];
	returned := pg_stat_get_xact_tuples_returned('reach_v'::regclass) -
		before[2] BETWEEN 5 AND 40;
	fetched := pg_stat_get_xact_tuples_fetched('reach_v'::regclass) -
		before[3] BETWEEN 5 AND 40;
END $$;
SELECT prefilter, c.* FROM unnest('{on,off}'::text[]) prefilter,
	pg_temp.counts(prefilter) c;

-- Rows that were deleted, and are in the index still, all around the query
BEGIN;
DELETE FROM reach WHERE id IN (SELECT id FROM truth WHERE place <= 3000);
SELECT * FROM pg_temp.way('SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 5');
SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 5;
SELECT id FROM truth WHERE place > 3000 ORDER BY place LIMIT 5;
ROLLBACK;

-- Where a search is to end early, it does
SET hnsw.iterative_scan = off;
SELECT count(*) FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000) q;
SELECT count(*) FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17)) q;
-- but not for being given up in favor of the exact way
SET hnsw.debug_prefilter = switch;
SELECT * FROM pg_temp.judge('SELECT id FROM reach WHERE id > 0
	ORDER BY v <-> pg_temp.vec(17) LIMIT 30');
RESET hnsw.debug_prefilter;
RESET hnsw.iterative_scan;
SET hnsw.prefilter = off;
SELECT count(*) BETWEEN 40 AND 2000 AS some
FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(17) LIMIT 3000) q;
RESET hnsw.prefilter;
RESET hnsw.max_scan_tuples;

-- While rows wait for as many as the LIMIT to be found, one found late gets its
-- place: strict order then has what relaxed order has
CREATE FUNCTION pg_temp.rows_in(how text, i int) RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	found int[];
BEGIN
	PERFORM set_config('hnsw.iterative_scan', how, true);
	SET LOCAL hnsw.ef_search = 5;
	EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM reach
		ORDER BY v <-> $1 LIMIT 100) s'
		INTO found USING pg_temp.vec(i) + '[1,1,1,1,1,1,1,1]';
	RETURN found;
END $$;
SELECT count(*) < 3 AS same FROM generate_series(1, 40) i,
	LATERAL (SELECT pg_temp.rows_in('strict_order', i * 100) AS s,
		pg_temp.rows_in('relaxed_order', i * 100) AS r) x
WHERE s <> r;

-- Rows without a vector come last: they are not in the index, and are looked
-- for when it has no more; but not for a partial index
INSERT INTO reach SELECT i, 77, CASE WHEN i % 3 = 0 THEN pg_temp.vec(i) END
FROM generate_series(5001, 5009) i;
CREATE INDEX ON reach USING hnsw (v vector_cosine_ops) WHERE a = 77;
DELETE FROM reach WHERE id < 4999;
SELECT id, v IS NULL AS none FROM reach ORDER BY v <-> pg_temp.vec(4999) LIMIT 7;
SELECT count(*) FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(4999) LIMIT 20) q;
SELECT count(*) FROM (SELECT id FROM reach WHERE a > 70 ORDER BY v <-> pg_temp.vec(4999) LIMIT 20) q;
-- nor under cosine rows without a direction
INSERT INTO reach VALUES (5010, 1, '[0,0,0,0,0,0,0,0]');
CREATE INDEX ON reach USING hnsw (v vector_cosine_ops);
SELECT string_agg(d::text, ' ' ORDER BY n) FROM (SELECT row_number() OVER () AS n,
	CASE WHEN d < 3 THEN 'some' ELSE coalesce(d::text, 'none') END AS d FROM
	(SELECT v <=> pg_temp.vec(4999) AS d FROM reach ORDER BY 1 LIMIT 20) q) q;
SELECT pg_temp.way('SELECT id FROM reach WHERE a = 77 ORDER BY v <=> pg_temp.vec(4999) LIMIT 8');
SELECT id, v IS NULL AS none FROM reach WHERE a = 77 ORDER BY v <=> pg_temp.vec(4999) LIMIT 8;
SELECT pg_temp.way('SELECT id FROM reach WHERE a = 77 ORDER BY v <=> pg_temp.vec(4999)');
SET hnsw.prefilter = off;
SELECT count(*) FROM (SELECT id FROM reach ORDER BY v <-> pg_temp.vec(4999) LIMIT 20) q;
RESET hnsw.prefilter;
-- The table is not read for them where there are none: the column is NOT NULL
DELETE FROM reach WHERE v IS NULL;
ALTER TABLE reach ALTER v SET NOT NULL;
PREPARE r AS SELECT count(*) FROM
	(SELECT id FROM reach ORDER BY v <-> pg_temp.vec(4999) LIMIT 20) q;
PREPARE rf AS SELECT count(*) FROM (SELECT id FROM reach WHERE a % 7 = 0
	ORDER BY v <-> pg_temp.vec(4999) LIMIT 20) q;
SELECT pg_temp.way('EXECUTE r');
EXECUTE r;
SET hnsw.debug_prefilter = rows;
SELECT pg_temp.way('EXECUTE rf');
EXECUTE rf;
-- but under cosine; nor need an expression have a value
SELECT pg_temp.way('SELECT id FROM reach ORDER BY v <=> pg_temp.vec(4999) LIMIT 20');
CREATE INDEX ON reach USING hnsw ((CASE WHEN a > 5 THEN v END::vector(8)) vector_l1_ops);
SELECT pg_temp.way('SELECT id FROM reach
	ORDER BY CASE WHEN a > 5 THEN v END::vector(8) <+> pg_temp.vec(4999) LIMIT 20');
-- nor when it is not any more
ALTER TABLE reach ALTER v DROP NOT NULL;
INSERT INTO reach VALUES (5011, 77, NULL);
SELECT pg_temp.way('EXECUTE r');
EXECUTE r;
EXECUTE rf;
RESET hnsw.debug_prefilter;
DROP TABLE reach;

-- All rows of a small table, of a graph that does not hold together, and the
-- nearest among rows that differ by less than their codes tell: the search
-- finds some late, and nothing may be left out or out of order for that
CREATE TABLE alike (id int, a int, v vector(4))
	WITH (autovacuum_enabled = off);
SELECT setseed(0.3) \g /dev/null
INSERT INTO alike SELECT i, i % 2, ARRAY[i % 3 + random() / e, 0.8 + random() / e,
	0.4 + random() / e, 0.6 + random() / e]::real[]::vector
FROM generate_series(1, 900) i, pow(10, 2 + i % 4) e;
CREATE INDEX ON alike USING hnsw (v vector_l1_ops)
	WITH (m = 4, ef_construction = 8);
CREATE INDEX ON alike USING hnsw (v vector_l2_ops)
	WITH (m = 4, ef_construction = 8);
ANALYZE alike;
CREATE FUNCTION pg_temp.in_order(op text, conditions text, rows int,
	OUT wrong int, OUT few int, OUT inexact int)
LANGUAGE plpgsql AS $$
DECLARE
	query text := format('SELECT array_agg(v %1$s $1) FROM (SELECT v FROM alike '
		'WHERE %2$s ORDER BY v %1$s $1 LIMIT %3$s) s', op, conditions, rows);
	q vector;
	found float8[];
	nearest float8[];
BEGIN
	wrong := 0;
	few := 0;
	inexact := 0;
	FOR i IN 1 .. 50 LOOP
		SELECT v INTO q FROM alike WHERE id = i * 18;
		SET LOCAL enable_indexscan = on;
		SET LOCAL enable_sort = off;
		SET LOCAL enable_seqscan = off;
		EXECUTE query INTO found USING q;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_sort = on;
		SET LOCAL enable_seqscan = on;
		EXECUTE query INTO nearest USING q;
		wrong := wrong + (found <> ARRAY(SELECT d FROM unnest(found) d ORDER BY d))::int;
		few := few + (cardinality(found) < cardinality(nearest))::int;
		inexact := inexact + (found <> nearest)::int;
	END LOOP;
END $$;
SET hnsw.ef_search = 2;
SELECT op, conditions, k, wrong, few FROM unnest('{<+>,<->}'::text[]) op,
	unnest('{true,a = 1}'::text[]) conditions,
	unnest('{3,40,900,2000}'::int[]) k, pg_temp.in_order(op, conditions, k)
ORDER BY op COLLATE "C", conditions COLLATE "C", k;
SET hnsw.debug_prefilter = rows;
SELECT op, wrong, few FROM unnest('{<+>,<->}'::text[]) op,
	pg_temp.in_order(op, 'a = 1', 40);

-- A search cut off by hnsw.max_scan_tuples has not found the nearest yet
SET hnsw.ef_search = 40;
SET hnsw.max_scan_tuples = 40;
SELECT op, wrong, few, inexact FROM unnest('{<+>,<->}'::text[]) op,
	pg_temp.in_order(op, 'a = 1', 3);
RESET hnsw.max_scan_tuples;
RESET hnsw.debug_prefilter;
RESET hnsw.ef_search;
DROP TABLE alike;
