--
-- avg(vector) and sum(vector)
--

SELECT avg(v), sum(v) FROM unnest(ARRAY['[1,2,3]'::vector, '[3,5,7]']) v;
SELECT avg(v), sum(v) FROM unnest(ARRAY['[1,2]'::vector, NULL, '[3,5]']) v;

-- No values
SELECT avg(v), sum(v) FROM unnest(ARRAY[]::vector[]) v;
SELECT avg(v), sum(v) FROM unnest(ARRAY[NULL]::vector[]) v;

-- Different dimensions
SELECT avg(v) FROM unnest(ARRAY['[1,2]'::vector, '[3]']) v;
SELECT sum(v) FROM unnest(ARRAY['[1,2]'::vector, '[3]']) v;

-- Sums are in double: beyond floats on the way is no error, at the end it is
SELECT avg(v) FROM unnest(ARRAY['[3e38]'::vector, '[3e38]']) v;
SELECT sum(v) FROM unnest(ARRAY['[3e38]'::vector, '[3e38]', '[-3e38]']) v;
SELECT sum(v) FROM unnest(ARRAY['[3e38]'::vector, '[3e38]']) v;
SELECT sum(v) FROM unnest(array_fill('[0.1,16777216]'::vector, ARRAY[10])) v;
SELECT sum(v) FROM unnest(ARRAY['[16777216]'::vector, '[1]', '[1]']) v;

-- Groups, DISTINCT, FILTER, ORDER BY, windows
CREATE TABLE samples AS
SELECT i AS id, i % 3 AS g, ARRAY[i, -i]::vector AS v
FROM generate_series(1, 9) i;
SELECT g, avg(v), sum(v), sum(v) FILTER (WHERE id > 6) AS filtered
FROM samples GROUP BY g ORDER BY g;
SELECT sum(DISTINCT ARRAY[g, 1]::vector) FROM samples;
SELECT id, sum(v) OVER (ORDER BY id) AS running,
	avg(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS moving
FROM samples WHERE id <= 4 ORDER BY id;
DROP TABLE samples;

-- In parallel
CREATE TABLE many AS
SELECT i AS id, ARRAY[i, 1, -i]::vector AS v FROM generate_series(1, 10000) i;
ALTER TABLE many SET (parallel_workers = 2);
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Aggregate|Gather' THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END $$;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT pg_temp.plan('SELECT avg(v), sum(v) FROM many');
SELECT avg(v), sum(v), count(v) FROM many;
-- some workers, then all, see no rows that count
SELECT avg(v), sum(v) FROM many WHERE id = 5000;
SELECT avg(v), sum(v) FROM many WHERE id = 0;
-- the error may come from a worker, which would say so
\set SHOW_CONTEXT never
SELECT avg(subvector(v, 1, 1 + id / 10000)) FROM many;
\set SHOW_CONTEXT errors
ROLLBACK;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT id % 4 AS g, avg(v) FROM many GROUP BY 1 ORDER BY 1;
ROLLBACK;
DROP TABLE many;

-- The state functions, called by hand: the state is {count, sums}
SELECT vector_accum('{0}', '[1,2,3]');
SELECT vector_accum('{0,0,0,0}', '[1,2,3]');
SELECT vector_accum('{2,4,6}', '[1,2]'), vector_sum_accum('{2,4,6}', '[1,2]');
SELECT vector_combine('{1,2}', '{3,4}');
SELECT vector_combine('{0}', '{3,4}'), vector_combine('{3,4}', '{0}');
SELECT vector_combine('{0}', '{0}');
SELECT vector_avg('{2,2,4,6}'), vector_sum('{2,2,4,6}');
SELECT vector_avg('{0}'), vector_sum('{0}');

-- A state passed by hand is not changed
CREATE TEMP TABLE states AS SELECT '{1,2,3}'::double precision[] AS s;
SELECT vector_accum(s, '[1,1]'), vector_combine(s, s), s FROM states;

-- States that are none
SELECT vector_accum('{0,0}', '[1,2,3]');
SELECT vector_sum_accum('{0,0}', '[1,2,3]');
SELECT vector_accum('{{0}}', '[1,2,3]');
SELECT vector_accum('{NULL}', '[1,2,3]');
SELECT vector_accum('{}', '[1,2,3]');
SELECT vector_accum('{1,1.7e308}', '[3e38]') AS no_overflow;
SELECT vector_combine('{1,1.7e308}', '{1,1.7e308}');
SELECT vector_combine('{1,2}', '{3,4,5}');
SELECT vector_combine('{{1,2}}', '{3,4}');
SELECT vector_combine('{1,2}', '{3,NULL}');
SELECT vector_combine('{}', '{0}');
SELECT vector_combine('{0}', array_fill(0, ARRAY[16002]));
SELECT vector_avg('{1}');
SELECT vector_avg('{1,NaN}');
SELECT vector_avg('{1,1e300}');
SELECT vector_avg('{{2,2,4,6}}');
SELECT vector_avg(array_fill(1, ARRAY[16002]));
SELECT vector_sum('{1,1e300}');
SELECT vector_sum('{1,NaN}');
