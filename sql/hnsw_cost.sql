-- When the planner takes an hnsw index, and when it does not.  Plans are
-- told by what orders the rows: the index, or a sort of what another way of
-- reading the table returned.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
-- the access method's own scan, not the one that takes part in conditions
SET hnsw.prefilter = off;

CREATE FUNCTION pseudo(n int, i int) RETURNS vector LANGUAGE sql IMMUTABLE
AS $$
	SELECT array_agg(sin(i * 12.9898 + j * 78.233) * 10)::real[]::vector
	FROM generate_series(1, n) j
$$;

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	sorted bool := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Sort$' THEN
			sorted := true;
		ELSIF line ~ 'Scan' THEN
			RETURN concat(CASE WHEN sorted THEN 'sort of ' END,
				lower(substring(line from '(\w+( \w+)? Scan)')),
				substring(line from ' using \w+'));
		END IF;
	END LOOP;
END
$$;

-- a table of some size, one of a few hundred rows, one of wide rows
CREATE TABLE cost_10k (id int, tenth int, v vector(8));
INSERT INTO cost_10k SELECT i, i % 10, pseudo(8, i)
FROM generate_series(1, 10000) i;
CREATE INDEX cost_10k_v ON cost_10k USING hnsw (v vector_l2_ops);
CREATE TABLE cost_300 (id int, v vector(8));
INSERT INTO cost_300 SELECT i, pseudo(8, i) FROM generate_series(1, 300) i;
CREATE INDEX cost_300_v ON cost_300 USING hnsw (v vector_l2_ops);
CREATE TABLE cost_wide (id int, v vector(600));
INSERT INTO cost_wide SELECT i, pseudo(600, i)
FROM generate_series(1, 2000) i;
CREATE INDEX cost_wide_v ON cost_wide USING hnsw (v vector_l2_ops);
ANALYZE cost_10k, cost_300, cost_wide;

-- few rows of many: the index
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 1');
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 100');
SELECT plan_of('SELECT * FROM cost_wide ORDER BY v <-> pseudo(600, 1) LIMIT 10');

-- most rows, or all: a sort
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 9000');
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1)');
SELECT plan_of('SELECT * FROM cost_wide ORDER BY v <-> pseudo(600, 1)');

-- a table of a few pages: a sort
SELECT plan_of('SELECT * FROM cost_300 ORDER BY v <-> pseudo(8, 1) LIMIT 10');

-- a search for more is dearer, up to a point where it is too dear
SET hnsw.ef_search = 1000;
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 10');
RESET hnsw.ef_search;

-- an order that the index does not have
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <=> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) DESC LIMIT 10');

-- a condition that many rows meet leaves the index the best, one that few
-- meet does not: the scan would have to go through most of the table
SELECT plan_of('SELECT * FROM cost_10k WHERE tenth = 3 ORDER BY v <-> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k WHERE id < 20 ORDER BY v <-> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k WHERE id = 20 ORDER BY v <-> pseudo(8, 1) LIMIT 10');

-- ... the less so when another index finds those few
CREATE INDEX cost_10k_id ON cost_10k (id);
SELECT plan_of('SELECT * FROM cost_10k WHERE id = 20 ORDER BY v <-> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k WHERE id < 50 ORDER BY v <-> pseudo(8, 1) LIMIT 10');
SELECT plan_of('SELECT * FROM cost_10k WHERE id < 9000 ORDER BY v <-> pseudo(8, 1) LIMIT 10');

-- the inner side of a join: once for every row of the outer one
EXPLAIN (COSTS OFF) SELECT s.id FROM generate_series(1, 3) g, LATERAL
	(SELECT id FROM cost_10k ORDER BY v <-> pseudo(8, g) LIMIT 5) s;

-- a partial index is of use only for an order
CREATE INDEX cost_300_part ON cost_300 USING hnsw (v vector_l2_ops)
	WHERE id > 250;
SET enable_seqscan = off;
SELECT plan_of('SELECT count(*) FROM cost_300 WHERE id > 250');
SELECT plan_of('SELECT * FROM cost_300 WHERE id > 250 ORDER BY v <-> pseudo(8, 1) LIMIT 3');
SELECT count(*) FROM cost_300 WHERE id > 250;
RESET enable_seqscan;

-- startup cost is the search: what follows is little as long as rows are few
CREATE FUNCTION costs_of(query text, OUT startup float8, OUT total float8)
LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	startup := plan->0->'Plan'->'Plans'->0->>'Startup Cost';
	total := plan->0->'Plan'->>'Total Cost';
END
$$;
SELECT one.startup > 10 AS search_costs,
	ten.total < one.total * 1.2 AS ten_are_cheap,
	thousand.total > ten.total * 3 AS thousand_are_not
FROM costs_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 1') one,
	costs_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 10') ten,
	costs_of('SELECT * FROM cost_10k ORDER BY v <-> pseudo(8, 1) LIMIT 1000') thousand;

-- an empty table, and one of which nothing is known
CREATE TABLE cost_0 (id int, v vector(8));
CREATE INDEX cost_0_v ON cost_0 USING hnsw (v vector_l2_ops);
SELECT count(*) FROM (SELECT * FROM cost_0 ORDER BY v <-> pseudo(8, 1) LIMIT 10) s;
VACUUM ANALYZE cost_0;
SET enable_seqscan = off;
SELECT plan_of('SELECT * FROM cost_0 ORDER BY v <-> pseudo(8, 1) LIMIT 10');
RESET enable_seqscan;

DROP TABLE cost_10k, cost_300, cost_wide, cost_0;
DROP FUNCTION pseudo, plan_of, costs_of;
