--
-- Conditions made of subqueries: which of them take part in a search, and that
-- the rows are right in any case.  ef_search is larger than the table, so that
-- the graph finds everything.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE goods (id int PRIMARY KEY, a int, b int, v vector(3))
	WITH (autovacuum_enabled = off);
INSERT INTO goods
SELECT i, i * 7919 % 100, i % 10,
	ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 2000) i;
CREATE INDEX goods_a ON goods (a);
CREATE INDEX goods_v ON goods USING hnsw (v vector_l2_ops);
CREATE TABLE chosen (a int, kind int);
INSERT INTO chosen SELECT i * 3, i % 4 FROM generate_series(1, 40) i;
INSERT INTO chosen VALUES (3, 1);
ANALYZE goods, chosen;
SET hnsw.ef_search = 4000;
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_material = off;

-- How a condition takes part: as a list of rows made by another index, or by
-- rows being asked; or not, being a join
CREATE FUNCTION part(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	SELECT string_agg(line, E'\n') FROM pg_temp.explain(format($q$
		SELECT id FROM goods WHERE %s
		ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 5 $q$, condition), 'COSTS off') line
	INTO plan;
	RETURN CASE WHEN plan ~ 'Semi Join|Anti Join|Nested Loop' THEN 'a join'
		WHEN plan !~ 'HnswScan' THEN plan
		WHEN plan ~ 'Bitmap Index Scan on goods_a' THEN 'a list'
		WHEN plan ~ 'Filter: .*SubPlan' THEN 'rows are asked'
		ELSE plan END;
END $$;

-- All of them give the rows of a sort
CREATE FUNCTION ids(condition text, rows int, OUT ids int[], OUT distances float8[])
LANGUAGE plpgsql AS $$
BEGIN
	-- what is equally far may come in any order
	EXECUTE format($q$ SELECT array_agg(id ORDER BY d, id), array_agg(d)
		FROM (SELECT id, v <-> '[0.3,0.2,0.1]' AS d FROM goods WHERE %s
			ORDER BY d LIMIT %s) s $q$, condition, rows)
		INTO ids, distances;
END $$;
CREATE FUNCTION sorted(condition text, rows int, OUT ids int[], OUT distances float8[])
LANGUAGE plpgsql
SET enable_indexscan = off SET enable_sort = on
AS $$
BEGIN
	SELECT * FROM ids(condition, rows) INTO ids, distances;
END $$;
SELECT condition, part(condition), cardinality((sorted(condition, 40)).ids) AS rows,
	ids(condition, 40) = sorted(condition, 40) AS same,
	ids(condition, 2000) = sorted(condition, 2000) AS same_all
FROM unnest(ARRAY[
	'a = ANY (ARRAY(SELECT a FROM chosen WHERE kind = 1))',
	'(a IN (SELECT a FROM chosen WHERE kind = 1)) IS TRUE',
	'a IN (SELECT a FROM chosen WHERE kind = 1)',
	'a = ANY (SELECT a FROM chosen WHERE kind = 1)',
	'EXISTS (SELECT FROM chosen c WHERE c.a = goods.a AND kind = 1)',
	'EXISTS (SELECT FROM chosen c WHERE c.a = goods.a AND kind = goods.b)',
	'NOT EXISTS (SELECT FROM chosen c WHERE c.a = goods.a)',
	'a NOT IN (SELECT a FROM chosen WHERE kind = 1)',
	'b = 3 OR a IN (SELECT a FROM chosen WHERE kind = 1)',
	'b = 3 AND a IN (SELECT a FROM chosen WHERE kind = 1)',
	'b < 5 AND EXISTS (SELECT FROM chosen c WHERE c.a = goods.a)',
	'a = (SELECT min(a) FROM chosen WHERE kind = 1)',
	'a > (SELECT count(*) FROM chosen c WHERE c.a < goods.b * 10)',
	'(a, b) IN (SELECT a, kind FROM chosen)'
	]) AS condition;

-- Few rows match, and far from the query: k rows all the same
SET hnsw.ef_search = 10;
SET hnsw.max_scan_tuples = 100;
SET hnsw.iterative_scan = relaxed_order;
SELECT condition, cardinality((ids(condition, 7)).ids) AS rows
FROM unnest(ARRAY[
	'id IN (SELECT id FROM goods ORDER BY v <-> ''[-0.3,-0.2,-0.1]'' LIMIT 7)',
	'id = ANY (ARRAY(SELECT id FROM goods ORDER BY v <-> ''[-0.3,-0.2,-0.1]'' LIMIT 7))',
	'(id IN (SELECT id FROM goods ORDER BY v <-> ''[-0.3,-0.2,-0.1]'' LIMIT 7)) IS TRUE'
	]) AS condition;
DROP TABLE goods, chosen;
DROP FUNCTION ids, sorted, part;
