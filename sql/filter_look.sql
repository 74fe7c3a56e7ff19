--
-- Where a good part of the rows near the query match, a search finds the
-- nearest without regard to the conditions, and asks these.  Where few do, it
-- finds that out soon, and walks.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;

-- near: by the first coordinate; by_chance: a row in two
CREATE TABLE look (id int, near int, by_chance int, v vector(8))
	WITH (autovacuum_enabled = off);
SELECT setseed(0.25);
INSERT INTO look SELECT i, 0, i % 2, (SELECT array_agg(random())
	FROM generate_series(1, 8 + i * 0))::real[]::vector
FROM generate_series(1, 20000) i;
UPDATE look SET near = place FROM (SELECT id, row_number() OVER
	(ORDER BY (v::real[])[1]) AS place FROM look) p WHERE p.id = look.id;
VACUUM FULL look;
CREATE INDEX look_near ON look (near);
CREATE INDEX look_by_chance ON look (by_chance);
CREATE INDEX look_v ON look USING hnsw (v vector_l2_ops);
ANALYZE look;
SET enable_sort = off;
SET enable_seqscan = off;

CREATE FUNCTION pg_temp.looks(conditions text, query text, tail text,
	OUT strategy text, OUT list boolean, OUT few_asked boolean,
	OUT few_visited boolean, OUT rows bigint)
LANGUAGE plpgsql AS $$
DECLARE
	statement text := format('SELECT id FROM look WHERE %s ORDER BY v <-> %L %s',
		conditions, query, tail);
BEGIN
	SELECT max(substring(line FROM 'Strategy: (\w+)')),
		bool_or(line LIKE '%Rows Allowed%'),
		coalesce(max(substring(line FROM 'Rows Asked: (\d+)')::int), 0) < 150,
		max(substring(line FROM 'Nodes Visited: (\d+)')::int) < 1000
	FROM pg_temp.explain(statement) line
	INTO strategy, list, few_asked, few_visited;
	EXECUTE format('SELECT count(*) FROM (%s) q', statement) INTO rows;
END $$;

-- with an index: half of the rows by chance; all that are near; all that are
-- far
SELECT conditions, query, looks.*
FROM (VALUES
	('by_chance = 0', '[0,.5,.5,.5,.5,.5,.5,.5]'),
	('near <= 10000', '[0,.5,.5,.5,.5,.5,.5,.5]'),
	('near <= 10000', '[1,.5,.5,.5,.5,.5,.5,.5]')) q(conditions, query),
	pg_temp.looks(conditions, query, 'LIMIT 10');

-- the same without one: a sample corrects the planner's guess
SELECT conditions, query, strategy, list, few_asked, few_visited, rows
FROM (VALUES
	('by_chance + 0 = 0', '[0,.5,.5,.5,.5,.5,.5,.5]'),
	('near + 0 <= 2000', '[0,.5,.5,.5,.5,.5,.5,.5]')) q(conditions, query),
	pg_temp.looks(conditions, query, 'LIMIT 10');
SELECT rows FROM pg_temp.looks('near + 0 <= 2000', '[1,.5,.5,.5,.5,.5,.5,.5]',
	'LIMIT 10');

-- more rows at once than ef_search, all of them far: the walk finds them
SET hnsw.debug_prefilter = bitmap;
SELECT few_visited, rows
FROM pg_temp.looks('near <= 10000', '[1,.5,.5,.5,.5,.5,.5,.5]', 'LIMIT 60');
RESET hnsw.debug_prefilter;

-- however few nodes are held to begin with, it comes to an end
SET hnsw.debug_prefilter = look;
SELECT ef, conditions, rows
FROM (SELECT ef, conditions, set_config('hnsw.ef_search', ef::text, true)
	FROM unnest('{1,2,3}'::int[]) ef,
		unnest('{by_chance = 0,near <= 10000,near = 7,near < 0}'::text[])
			conditions) q,
	pg_temp.looks(conditions, '[1,.5,.5,.5,.5,.5,.5,.5]', 'LIMIT 10');
RESET hnsw.debug_prefilter;

-- all that is found, in order, whatever the way: the whole table is held
SET hnsw.ef_search = 1000;
CREATE TEMP TABLE small AS SELECT * FROM look WHERE id <= 1500;
CREATE INDEX ON small USING hnsw (v vector_l2_ops);
SELECT way, ids = first_value(ids) OVER (ORDER BY way = 'sort' DESC) AS right
FROM (SELECT way, set_config('hnsw.debug_prefilter',
			CASE way WHEN 'sort' THEN 'off' ELSE way END, true),
		pg_temp.ids('small WHERE by_chance = 0 AND near % 3 = 0',
			'v <-> ''[.3,.5,.5,.5,.5,.5,.5,.5]''', 'LIMIT 40',
			CASE way WHEN 'sort' THEN 'by sort' ELSE 'by search' END) AS ids
	FROM unnest('{sort,off,look}'::text[]) way) q;

DROP TABLE look;
