--
-- A search begins by the planner's guess of how many rows match.  Where that
-- is wrong by far it must not ask row after row: it learns from those asked.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
SET client_min_messages = warning;
CREATE TABLE guess (id int, a int, v vector(8))
	WITH (autovacuum_enabled = off);
SELECT setseed(0.5);
INSERT INTO guess SELECT i, i, (SELECT array_agg(random())
	FROM generate_series(1, 8 + i * 0))::real[]::vector
FROM generate_series(1, 20000) i;
CREATE INDEX guess_a ON guess (a);
CREATE INDEX guess_v ON guess USING hnsw (v vector_l2_ops)
	WITH (m = 8, ef_construction = 16);
ANALYZE guess;

-- vectors out of line: the exact way is cheap where few match
CREATE TABLE large (id int, a int, v vector(600))
	WITH (autovacuum_enabled = off);
INSERT INTO large SELECT i, i, (SELECT array_agg(random())
	FROM generate_series(1, 600 + i * 0))::real[]::vector
FROM generate_series(1, 3000) i;
CREATE INDEX large_a ON large (a);
CREATE INDEX large_v ON large USING hnsw (v vector_l2_ops)
	WITH (m = 8, ef_construction = 16);
ANALYZE large;
SET enable_sort = off;
SET enable_seqscan = off;

CREATE FUNCTION pg_temp.judge(conditions text, rel text, query text,
	most_asked int, OUT guessed text, OUT strategy text, OUT few_asked boolean,
	OUT few_visited boolean, OUT removed int, OUT rows bigint)
LANGUAGE plpgsql AS $$
DECLARE
	statement text := format('SELECT id FROM %I WHERE %s
		ORDER BY v <-> %s LIMIT 10', rel, conditions, query);
BEGIN
	SELECT max(substring(line FROM 'HnswScan.*\(cost=[^)]* rows=(\d+)')),
		max(substring(line FROM 'Strategy: (\w+)')),
		max(substring(line FROM 'Rows Asked: (\d+)')::int) < most_asked,
		max(substring(line FROM 'Nodes Visited: (\d+)')::int) < 200,
		min(substring(line FROM 'Removed by Filter: (\d+)')::int)
	FROM pg_temp.explain(statement, 'ANALYZE, TIMING off, SUMMARY off') line
	INTO guessed, strategy, few_asked, few_visited, removed;
	EXECUTE format('SELECT count(*) FROM (%s) q', statement) INTO rows;
END $$;

-- None match; none of those that an index allows, many or few; nearly none;
-- all.  Where there is a list only rows on it are looked at in the end.
SELECT conditions, judge.*
FROM unnest('{id + 0 < 0,a < 10000 AND id + 0 < 0,a < 5000 AND id + 0 < 0,
	id + 0 < 5,id % 1 = 0}'::text[]) conditions,
	pg_temp.judge(conditions, 'guess', '''[1,1,1,1,0,0,0,0]''', 1000);
SELECT judge.* FROM pg_temp.judge('a < 1000 AND id + 0 < 0', 'large',
	'(SELECT v FROM large WHERE id = 17)', 100);

DROP TABLE guess, large;
