--
-- A condition that bounds the distance from above: the search ends there.
-- In most of this ef_search is larger than the tables, so that rows are
-- certain.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE near (id int PRIMARY KEY, a int, v vector(4))
	WITH (autovacuum_enabled = off);
SELECT setseed(0.3);
INSERT INTO near
SELECT i, i * 7919 % 100, CASE
	WHEN i % 50 = 0 THEN NULL
	WHEN i % 75 = 0 THEN '[0,0,0,0]'
	ELSE ARRAY[random(), random(), random(), random()]::real[]::vector END
FROM generate_series(1, 1500) i;
INSERT INTO near SELECT id + 10000, a, v FROM near WHERE id <= 100;
CREATE INDEX near_a ON near (a);
CREATE INDEX near_l2 ON near USING hnsw (v vector_l2_ops);
CREATE INDEX ON near USING hnsw (v vector_ip_ops);
CREATE INDEX ON near USING hnsw (v vector_cosine_ops);
CREATE INDEX ON near USING hnsw (v vector_l1_ops);
ANALYZE near;
SET hnsw.ef_search = 4000;
SET enable_sort = off;
SET enable_seqscan = off;

-- Lines of EXPLAIN; versions name results of sub-selects differently
CREATE FUNCTION pg_temp.lines(query text, wanted text,
	options text DEFAULT 'ANALYZE, COSTS off, TIMING off, SUMMARY off')
RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(ltrim(line), '\(InitPlan \d+\)\.col1|\$\d+', '$N', 'g')
	FROM pg_temp.explain(query, options) line WHERE line ~ wanted
$$;
-- The bound, if it is taken for one
CREATE FUNCTION pg_temp.bound(query text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT pg_temp.lines(query, 'Threshold:', 'COSTS off') $$;
-- How the search went
CREATE FUNCTION pg_temp.way(query text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT pg_temp.lines(query, 'Strategy:|Scored:|Removed') $$;

EXPLAIN (COSTS OFF) SELECT id FROM near WHERE v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 100;
SELECT id FROM near WHERE v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 100;
SELECT pg_temp.way('SELECT id FROM near WHERE v <-> ''[0.5,0.5,0.5,0.5]'' < 0.15
	ORDER BY v <-> ''[0.5,0.5,0.5,0.5]'' LIMIT 100');
SELECT pg_temp.way('SELECT id FROM near WHERE v <-> ''[0.5,0.5,0.5,0.5]'' < 0.15
	ORDER BY v <-> ''[0.5,0.5,0.5,0.5]''');
-- With others: only these are asked of rows
SET hnsw.debug_prefilter = bitmap;
EXPLAIN (COSTS OFF) SELECT id FROM near WHERE a < 50
	AND v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 100;
SELECT pg_temp.lines('SELECT id FROM near WHERE a < 50
	AND v <-> ''[0.5,0.5,0.5,0.5]'' < 0.15
	ORDER BY v <-> ''[0.5,0.5,0.5,0.5]'' LIMIT 100',
	'Strategy:|Scored:|Allowed:|Asked:');
SELECT id FROM near WHERE a < 50 AND v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 100;
-- The exact way keeps to it as well
SET hnsw.debug_prefilter = exact;
SELECT id FROM near WHERE a < 50 AND v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 100;
RESET hnsw.debug_prefilter;

-- What is a bound, and what is not
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' <= 0.1
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE 3 > (''[1,2,3,4]'' <=> v)
	ORDER BY v <=> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE (SELECT 0.5::numeric) >= v <#> ''[1,2,3,4]''
	ORDER BY ''[1,2,3,4]'' <#> v LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE NOT v <+> ''[1,2,3,4]'' >= 2
	ORDER BY v <+> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' BETWEEN 1 AND 3
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
-- another query, another distance, beyond, from the row, volatile, of a
-- part, by way of NaN true
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,5]'' < 3
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <+> ''[1,2,3,4]'' < 3
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' > 3
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' < a
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' < random()
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[1,2,3,4]'' < 3 OR a = 1
	ORDER BY v <-> ''[1,2,3,4]'' LIMIT 5');
SELECT pg_temp.bound('SELECT id FROM near WHERE 1 - (v <=> ''[1,2,3,4]'') > 0.5
	ORDER BY v <=> ''[1,2,3,4]'' LIMIT 5');

-- Bounds that are no numbers, and queries without a distance
SELECT count(*) FROM (SELECT FROM near WHERE v <-> '[1,2,3,4]' < NULL::float8
	ORDER BY v <-> '[1,2,3,4]') s;
PREPARE n (vector, float8) AS SELECT count(*), count(v) FROM
	(SELECT v FROM near WHERE v <=> $1 < $2 ORDER BY v <=> $1) s;
PREPARE m (vector, float8) AS SELECT count(*), count(v) FROM
	(SELECT v FROM near WHERE v <=> $1 <= $2 ORDER BY v <=> $1) s;
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.bound('EXECUTE n (NULL, NULL)');
EXECUTE n ('[1,2,3,4]', NULL);
EXECUTE n ('[1,2,3,4]', 'NaN');
EXECUTE m ('[1,2,3,4]', 'NaN');
EXECUTE n ('[1,2,3,4]', 'infinity');
EXECUTE n ('[1,2,3,4]', '-infinity');
EXECUTE n (NULL, 1);
EXECUTE n ('[0,0,0,0]', 1);
EXECUTE n ('[0,0,0,0]', 'NaN');
EXECUTE m ('[0,0,0,0]', 'NaN');

-- Prepared statements: bound and all else as parameters
PREPARE p (vector, float8, int, int) AS SELECT id FROM near
	WHERE v <-> $1 <= $2 AND a < $3 ORDER BY v <-> $1 LIMIT $4;
EXECUTE p ('[0.5,0.5,0.5,0.5]', 0.15, 100, 5);
EXECUTE p ('[0.5,0.5,0.5,0.5]', 0.15, 50, 100);
EXECUTE p ('[0.5,0.5,0.5,0.5]', 0, 50, 100);
RESET plan_cache_mode;
-- From a sub-select, and from the other side of a lateral join
SELECT id FROM near WHERE v <-> '[0.5,0.5,0.5,0.5]' <
	(SELECT min(v <-> '[0.5,0.5,0.5,0.5]') + 0.02 FROM near)
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 10;
SELECT o.id, x.id FROM near o, LATERAL
	(SELECT id FROM near WHERE id <> o.id AND v <-> o.v < o.a / 300.0
	 ORDER BY v <-> o.v LIMIT 3) x
WHERE o.id < 8;
SELECT o.id, x.id FROM near o, LATERAL
	(SELECT id FROM near WHERE id <> o.id AND v <-> o.v <
		(SELECT a / 300.0 FROM near t WHERE t.id = o.id)
	 ORDER BY v <-> o.v LIMIT 3) x
WHERE o.id < 8;
-- The query as a sub-select, twice; one that is another, by its text or by
-- what comes of it
PREPARE t AS SELECT id FROM near
WHERE (SELECT v FROM near WHERE id = 4) <-> v < 0.15
ORDER BY v <-> (SELECT v FROM near WHERE id = 4) LIMIT 10;
SELECT pg_temp.bound('EXECUTE t');
EXECUTE t;
SELECT pg_temp.way('EXECUTE t');
SELECT pg_temp.bound('SELECT id FROM near
	WHERE v <-> (SELECT v FROM near WHERE id = 4) < 0.15
	ORDER BY v <-> (SELECT v FROM near WHERE id = 5) LIMIT 10');
SELECT count(*) FROM (SELECT id FROM near
	WHERE v <-> (SELECT v FROM near WHERE id = 50) < 9
	ORDER BY v <-> (SELECT v FROM near WHERE id = 50)) s;
CREATE SEQUENCE near_turn;
CREATE FUNCTION near_next() RETURNS vector LANGUAGE plpgsql AS $$
DECLARE
	i int := nextval('near_turn');
BEGIN
	RETURN (SELECT v FROM near WHERE id = i);
END $$;
SELECT setval('near_turn', 3) \g /dev/null
SELECT id FROM near WHERE v <-> (SELECT near_next()) < 0.15
ORDER BY v <-> (SELECT near_next()) LIMIT 10;
SELECT id FROM near WHERE v <-> (SELECT v FROM near WHERE id = 5) < 0.15
ORDER BY v <-> (SELECT v FROM near WHERE id = 4) LIMIT 10;
SELECT setval('near_turn', 3) \g /dev/null
SELECT pg_temp.way('SELECT id FROM near WHERE v <-> (SELECT near_next()) < 0.15
	ORDER BY v <-> (SELECT near_next()) LIMIT 10');
DROP FUNCTION near_next();
DROP SEQUENCE near_turn;
-- A cursor
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM near
	WHERE v <-> '[0.5,0.5,0.5,0.5]' < 0.15 ORDER BY v <-> '[0.5,0.5,0.5,0.5]';
FETCH 3 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH ALL FROM c;
COMMIT;
-- What is equally far is within or without, to the last bit
SELECT count(*) FROM (SELECT FROM near WHERE v <-> '[1,2,3,4]' <=
	(SELECT v <-> '[1,2,3,4]' FROM near WHERE id = 7)
	ORDER BY v <-> '[1,2,3,4]') s;
SELECT count(*) FROM (SELECT FROM near WHERE v <-> '[1,2,3,4]' <
	(SELECT v <-> '[1,2,3,4]' FROM near WHERE id = 7)
	ORDER BY v <-> '[1,2,3,4]') s;
SELECT count(*) FROM near WHERE v <-> '[1,2,3,4]' <=
	(SELECT v <-> '[1,2,3,4]' FROM near WHERE id = 7);

-- Conditions behind a policy see only rows within it; the policy's condition
-- is asked, where the bound behind it is not
CREATE FUNCTION near_tell(v vector) RETURNS bool LANGUAGE plpgsql STABLE COST 0.0001
AS $$
BEGIN
	IF v <-> '[0.5,0.5,0.5,0.5]' >= 0.15 THEN
		RAISE WARNING 'a row beyond was seen';
	END IF;
	RETURN true;
END $$;
CREATE ROLE regress_hnsw_near;
GRANT SELECT ON near TO regress_hnsw_near;
CREATE POLICY within ON near USING (v <-> '[0.5,0.5,0.5,0.5]' < 0.15);
ALTER TABLE near ENABLE ROW LEVEL SECURITY;
SET ROLE regress_hnsw_near;
SELECT pg_temp.lines('SELECT id FROM near WHERE near_tell(v)
	ORDER BY v <-> ''[0.5,0.5,0.5,0.5]'' LIMIT 5', 'Filter|Threshold:', 'COSTS off');
SELECT id FROM near WHERE near_tell(v) ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 5;
RESET ROLE;
DROP POLICY within ON near;
CREATE POLICY half ON near USING (a < 50);
SET ROLE regress_hnsw_near;
SELECT pg_temp.bound('SELECT id FROM near WHERE v <-> ''[0.5,0.5,0.5,0.5]'' < 0.15
	ORDER BY v <-> ''[0.5,0.5,0.5,0.5]'' LIMIT 5');
SELECT id FROM near WHERE v <-> '[0.5,0.5,0.5,0.5]' < 0.15
ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 5;
RESET ROLE;
ALTER TABLE near DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON near FROM regress_hnsw_near;
DROP ROLE regress_hnsw_near;

-- Hundreds of bounds at random, each way of searching, against a sort: a
-- constant, one from a sub-select, a parameter; the distance of a row, or a
-- number next to it.  Distances in the order returned, and which rows there are
-- (of those that are as far as the last a LIMIT may leave out any).
CREATE FUNCTION pg_temp.answer(query text, how text, q vector, far float8)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT concat_ws('';'', string_agg(d::text, '',''),
		string_agg(id::text, '','' ORDER BY d, id) FILTER (WHERE d < farthest))
		FROM (SELECT *, max(d) OVER () AS farthest FROM (%s) s) s', query)
		INTO answer USING q, far;
	RETURN answer;
END $$;
CREATE FUNCTION pg_temp.compare(cases int, OUT bounded int, OUT graph int,
	OUT differ int)
LANGUAGE plpgsql AS $$
DECLARE
	modes text[] := '{off,off,look,exact,bitmap,rows,switch}';
	ops text[] := '{<->,<=>,<#>,<+>}';
	op text;
	q vector;
	far float8;
	query text;
	sorted text;
	line text;
BEGIN
	bounded := 0;
	graph := 0;
	differ := 0;
	FOR i IN 1 .. cases LOOP
		op := ops[1 + i % 4];
		q := ARRAY[random(), random(), random(), random()]::real[]::vector;
		EXECUTE format('SELECT v %s $1 FROM near WHERE v IS NOT NULL
			ORDER BY 1 OFFSET %s LIMIT 1', op, (random() ^ 3 * 1400)::int)
			INTO far USING q;
		far := far + ((random() * 3)::int - 1) * 1e-16;
		query := format('SELECT id, v %1$s $1 AS d FROM near WHERE %2$s%3$s
			ORDER BY v %1$s $1 %4$s', op,
			CASE WHEN random() < 0.6 THEN format('v %s $1 %s ', op,
				(ARRAY['<', '<='])[1 + i % 2]) || '%s'
			ELSE '%s ' || format('%s v %s $1',
				(ARRAY['>', '>='])[1 + i % 2], op) END,
			(ARRAY['', '', ' AND a < 50', ' AND a % 10 = 3',
				' AND a = 7', ' AND v <+> $1 > 0.2'])[1 + (random() * 5)::int],
			CASE WHEN random() < 0.7 THEN
				format('LIMIT %s', 1 + (random() * 60)::int) ELSE '' END);
		query := replace(query, '%s', (ARRAY[
			format('%L::float8', far), '$2', '$2',
			format('(SELECT max(f) FROM (VALUES (%L::float8), (NULL)) x (f))', far)
			])[1 + (random() * 3)::int]);

		SET LOCAL hnsw.prefilter = off;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_sort = on;
		sorted := pg_temp.answer(query, op, q, far);

		SET LOCAL hnsw.prefilter = on;
		SET LOCAL enable_indexscan = on;
		SET LOCAL enable_sort = off;
		PERFORM set_config('hnsw.debug_prefilter', modes[1 + i % 7], true);
		PERFORM set_config('hnsw.iterative_scan',
			(ARRAY['strict_order', 'relaxed_order'])[1 + (random() * 1)::int], true);
		PERFORM set_config('plan_cache_mode',
			(ARRAY['auto', 'force_generic_plan'])[1 + (random() * 1)::int], true);
		IF pg_temp.answer(query, op, q, far) IS DISTINCT FROM sorted THEN
			differ := differ + 1;
			RAISE WARNING '%, %, way: %', query, far, modes[1 + i % 7];
		END IF;
		FOR line IN EXECUTE 'EXPLAIN (ANALYZE, TIMING off) ' || query
			USING q, far
		LOOP
			bounded := bounded + (line LIKE '%Threshold%')::int;
			graph := graph + (line LIKE '%Strategy: graph')::int;
		END LOOP;
	END LOOP;
END $$;
SELECT setseed(0.9);
SELECT bounded > 350 AS bounded, graph > 150 AS graph, differ FROM pg_temp.compare(400);
DELETE FROM near WHERE a > 80;
UPDATE near SET v = v * '[0.99,1.01,1,1]' WHERE a % 3 = 1;
SELECT bounded > 90 AS bounded, graph > 50 AS graph, differ FROM pg_temp.compare(120);

-- The search ends there: nodes visited are few, with the usual ef_search, and
-- none of the table is read where the LIMIT is not filled
RESET hnsw.ef_search;
CREATE TABLE near_many (id int, a int, v vector(8)) WITH (autovacuum_enabled = off);
INSERT INTO near_many
SELECT i, i % 10, ARRAY[random(), random(), random(), random(), random(),
	random(), random(), random()]::real[]::vector
FROM generate_series(1, 6000) i;
CREATE INDEX near_many_v ON near_many USING hnsw (v vector_l2_ops);
ANALYZE near_many;
DO $$
DECLARE
	q vector;
	far float8;
	line text;
	query text;
	visited int;
	most int;
BEGIN
	FOR i IN 1 .. 40 LOOP
		SELECT v INTO q FROM near_many WHERE id = i * 100;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_sort = on;
		SELECT v <-> q INTO far FROM near_many ORDER BY 1 OFFSET 3 LIMIT 1;
		RESET enable_indexscan;
		SET LOCAL enable_sort = off;
		query := format('SELECT id FROM near_many WHERE v <-> %L < %L %s
			ORDER BY v <-> %L %s', q, far,
			(ARRAY['', 'AND a <> 3'])[1 + i % 2], q,
			(ARRAY['LIMIT 10', '', 'LIMIT 100'])[1 + i % 3]);
		PERFORM set_config('hnsw.debug_prefilter',
			(ARRAY['rows', 'look'])[1 + i / 2 % 2], true);
		visited := NULL;
		FOR line IN SELECT pg_temp.explain(query) LOOP
			IF line ~ 'Scored|switched|exact' THEN
				RAISE WARNING '%: %', query, line;
			END IF;
			visited := coalesce(visited, substring(line FROM 'Visited: (\d+)')::int);
		END LOOP;
		most := greatest(most, coalesce(visited, 1000000));
	END LOOP;
	IF most > 1000 THEN
		RAISE WARNING '% nodes visited', most;
	END IF;
END $$;
-- The planner knows: with no LIMIT it would sort, were it not for the bound
RESET enable_sort;
RESET enable_seqscan;
SELECT pg_temp.lines('SELECT id FROM near_many WHERE v <-> ''[1,1,1,1,1,1,1,1]'' < 0.3
	ORDER BY v <-> ''[1,1,1,1,1,1,1,1]''', 'HnswScan|Seq', 'COSTS off');
SELECT pg_temp.lines('SELECT id FROM near_many ORDER BY v <-> ''[1,1,1,1,1,1,1,1]''', 'HnswScan|Seq', 'COSTS off');
SET enable_sort = off;
SET enable_seqscan = off;

-- What is not in the index is not looked for where it cannot be: the column
-- is NOT NULL, or the rows are to be within a bound
CREATE TABLE near_few (id int, v vector(3)) WITH (autovacuum_enabled = off);
INSERT INTO near_few SELECT i, ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 300) i;
CREATE INDEX near_few_v ON near_few USING hnsw (v vector_l2_ops);
CREATE INDEX near_few_c ON near_few USING hnsw (v vector_cosine_ops);
ANALYZE near_few;
SET hnsw.ef_search = 600;
SELECT pg_temp.way('SELECT id FROM near_few ORDER BY v <-> ''[1,2,3]'' LIMIT 400');
SELECT pg_temp.way('SELECT id FROM near_few WHERE v <-> ''[1,2,3]'' < 50
	ORDER BY v <-> ''[1,2,3]'' LIMIT 400');
SELECT pg_temp.way('SELECT id FROM near_few WHERE v <-> ''[1,2,3]'' <= ''NaN''
	ORDER BY v <-> ''[1,2,3]'' LIMIT 400');
ALTER TABLE near_few ALTER v SET NOT NULL;
SELECT pg_temp.way('SELECT id FROM near_few ORDER BY v <-> ''[1,2,3]'' LIMIT 400');
SELECT pg_temp.way('SELECT id FROM near_few ORDER BY v <=> ''[1,2,3]'' LIMIT 400');
SELECT pg_temp.way('SELECT id FROM near_few WHERE v <=> ''[1,2,3]'' < 3
	ORDER BY v <=> ''[1,2,3]'' LIMIT 400');
PREPARE f AS SELECT count(*) FROM
	(SELECT FROM near_few ORDER BY v <-> '[1,2,3]' LIMIT 400) s;
EXECUTE f;
ALTER TABLE near_few ALTER v DROP NOT NULL;
INSERT INTO near_few SELECT -1 FROM generate_series(1, 2);
EXECUTE f;
