--
-- Conditions made up at random, over rows that were updated (HOT and not) and
-- deleted: every way of searching gives the rows of a sort, in its order.
-- ef_search is larger than the table, so that the graph finds everything.  At
-- the end the rows have a block each, too many for a bitmap in 64 kB.
--
SET client_min_messages = warning;
SET hnsw.debug_rowmap = on;
CREATE TABLE rnd (id int, a int, b int, c text, tags int[], doc jsonb,
	d float8, n int, pad text, v vector(4))
	WITH (autovacuum_enabled = off, fillfactor = 70);
SELECT setseed(0.42);
INSERT INTO rnd
SELECT i, (random() * 100)::int,
	CASE WHEN random() < 0.9 THEN (random() * 10)::int END,
	'x' || (random() * 30)::int,
	ARRAY[(random() * 20)::int, (random() * 20)::int],
	jsonb_build_object('k', (random() * 15)::int), random(), 0,
	repeat('x', 100),
	CASE WHEN random() < 0.95 THEN
		ARRAY[random(), random(), random(), random()]::real[]::vector END
FROM generate_series(1, 1000) i;
CREATE INDEX ON rnd (a);
CREATE INDEX ON rnd (b);
CREATE INDEX ON rnd (c text_pattern_ops);
CREATE INDEX ON rnd USING hash (c);
CREATE INDEX ON rnd USING gin (tags);
CREATE INDEX ON rnd USING gin (doc jsonb_path_ops);
CREATE INDEX ON rnd USING brin (id) WITH (pages_per_range = 2);
CREATE INDEX ON rnd (abs(a - 50));
CREATE INDEX ON rnd (d) WHERE a < 50;
CREATE INDEX ON rnd USING hnsw (v vector_l2_ops);
CREATE INDEX ON rnd USING hnsw (v vector_cosine_ops) WITH (m = 4);
CREATE INDEX ON rnd USING hnsw (v vector_ip_ops);
CREATE INDEX ON rnd USING hnsw (v vector_l1_ops);
UPDATE rnd SET n = n + 1 WHERE random() < 0.3;
UPDATE rnd SET a = (random() * 100)::int WHERE random() < 0.1;
UPDATE rnd SET n = n + 1 WHERE random() < 0.3;
DELETE FROM rnd WHERE random() < 0.1;
UPDATE rnd SET v = ARRAY[random(), random(), random(), random()]::real[]::vector
	WHERE random() < 0.05;
ANALYZE rnd;

-- A condition on its own
CREATE FUNCTION simple() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	x int := (random() * 100)::int;
BEGIN
	RETURN (ARRAY[
		format('a = %s', x),
		format('a < %s', x),
		format('a BETWEEN %s AND %s', x / 2, x),
		format('a IN (%s, %s, %s)', x, x / 2, x / 3),
		format('a = ANY (ARRAY[%s, %s])', x, x / 2),
		format('NOT a > %s', x),
		format('b = %s', x % 10),
		'b IS NULL',
		format('b IS NOT NULL AND a > %s', x),
		format('c = ''x%s''', x % 30),
		format('c LIKE ''x%s%%''', x % 3 + 1),
		format('tags @> ARRAY[%s]', x % 20),
		format('tags && ARRAY[%s, %s]', x % 20, x % 7),
		format('doc @> ''{"k": %s}''', x % 15),
		format('id < %s', x * 10),
		format('abs(a - 50) < %s', x / 4),
		format('d < %s AND a < 50', x / 100.0),
		format('d > %s', x / 100.0),
		format('a + b < %s', x),
		format('n = %s', x % 3),
		format('id %% 7 = %s', x % 7),
		format('length(c) = %s', 2 + x % 2),
		format('a = ANY (ARRAY(SELECT i * 7 %% 100 FROM generate_series(1, %s) i))', x),
		format('(a IN (SELECT i * 7 %% 100 FROM generate_series(1, %s) i)) IS TRUE', x),
		format('a > (SELECT count(*) FROM generate_series(1, %s) i WHERE i > b)', x)
	])[1 + floor(random() * 25)::int];
END $$;

-- One made of up to three
CREATE FUNCTION condition() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r float8 := random();
BEGIN
	RETURN CASE
		WHEN r < 0.4 THEN simple()
		WHEN r < 0.6 THEN format('(%s) AND (%s)', simple(), simple())
		WHEN r < 0.8 THEN format('((%s) OR (%s))', simple(), simple())
		WHEN r < 0.9 THEN format('((%s) OR (%s)) AND (%s)',
								 simple(), simple(), simple())
		ELSE format('NOT coalesce((%s), false)', simple()) END;
END $$;

-- Distances in the order returned (what is equally far may come in any
-- order), and which rows there are
CREATE FUNCTION answer(condition text, op text, q text, bounds text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(coalesce(d::text, ''-''), '','') || '';'' ||
		string_agg(CASE WHEN d IS NULL THEN ''-'' ELSE id::text END, '','' ORDER BY d, id)
		FROM (SELECT id, v %2$s %3$L AS d FROM
			(SELECT id, v FROM rnd WHERE %1$s ORDER BY v %2$s %3$L %4$s) s) s',
		condition, op, q, bounds) INTO answer;
	RETURN answer;
END $$;

CREATE FUNCTION compare(cases int, OUT searched int, OUT lossy int,
	OUT estimated int, OUT differ int)
LANGUAGE plpgsql AS $$
DECLARE
	modes text[] := '{off,look,exact,bitmap,rows,switch}';
	ops text[] := '{<->,<->,<=>,<#>,<+>}';
	what text;
	op text;
	q text;
	bounds text;
	sorted text;
	found text;
	line text;
BEGIN
	searched := 0;
	lossy := 0;
	estimated := 0;
	differ := 0;
	FOR i IN 1 .. cases LOOP
		what := condition();
		op := ops[1 + floor(random() * 5)::int];
		q := format('[%s,%s,%s,%s]', random(), random(), random(), random());
		bounds := CASE WHEN random() < 0.7 THEN
			format('LIMIT %s', (random() * 40)::int) ELSE '' END ||
			CASE WHEN random() < 0.2 THEN ' OFFSET 3' ELSE '' END;
		PERFORM set_config('work_mem', CASE WHEN random() < 0.3 THEN '64kB'
						   ELSE '4MB' END, true);

		PERFORM set_config('hnsw.debug_rowmap', (i % 7 > 1)::text, true);
		SET LOCAL hnsw.prefilter = off;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_sort = on;
		sorted := answer(what, op, q, bounds);

		SET LOCAL hnsw.prefilter = on;
		SET LOCAL enable_indexscan = on;
		SET LOCAL enable_sort = off;
		PERFORM set_config('hnsw.debug_prefilter', modes[1 + i % 6], true);
		found := answer(what, op, q, bounds);

		IF found IS DISTINCT FROM sorted THEN
			differ := differ + 1;
			RAISE WARNING '% % %, way: %', what, op, bounds, modes[1 + i % 6];
		END IF;
		IF i % 10 = 0 THEN
			FOR line IN EXECUTE format('EXPLAIN ANALYZE SELECT id FROM rnd '
				'WHERE %s ORDER BY v %s %L %s', what, op, q, bounds)
			LOOP
				searched := searched + (line LIKE '%HnswScan%')::int;
				lossy := lossy + (line LIKE '%Lossy Blocks Allowed%')::int;
				estimated := estimated + (line LIKE '%Rows Estimated%')::int;
			END LOOP;
		END IF;
	END LOOP;
END $$;

SET hnsw.ef_search = 2000;
SELECT setseed(0.7);
-- every tenth is looked at for what answers it
SELECT searched, estimated > 0 AS estimated, differ FROM compare(2000);
VACUUM rnd;
INSERT INTO rnd SELECT id + 5000, a, b, c, tags, doc, d, n, pad,
	v * '[0.99,1.01,1.01,0.99]' FROM rnd WHERE id % 5 = 0;
SELECT searched, estimated > 0 AS estimated, differ FROM compare(1000);

-- A row a block
ALTER TABLE rnd ALTER pad SET STORAGE PLAIN;
UPDATE rnd SET pad = repeat('x', 5000);
INSERT INTO rnd SELECT id + 10000, a, b, c, tags, doc, d, n, pad,
	v * '[1.01,0.99,0.99,1.01]' FROM rnd;
VACUUM FULL rnd;
DELETE FROM rnd WHERE id % 20 = 3;
ANALYZE rnd;
SET hnsw.ef_search = 5000;
SELECT searched, lossy > 0 AS lossy, estimated > 0 AS estimated, differ FROM compare(250);
