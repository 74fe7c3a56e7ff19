--
-- What EXPLAIN says about a search with conditions, in all formats.
--
SET client_min_messages = warning;
CREATE TABLE shown (id int PRIMARY KEY, a int, b int, v vector(3))
	WITH (autovacuum_enabled = off);
INSERT INTO shown
SELECT i, i * 7919 % 100, i % 10,
	ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 2000) i;
CREATE INDEX shown_a ON shown (a);
CREATE INDEX shown_v ON shown USING hnsw (v vector_l2_ops);
ANALYZE shown;
SET enable_sort = off;
SET enable_seqscan = off;

-- Our own lines; the graph is not the same each time, hence figures of the
-- walk are masked
CREATE FUNCTION lines(query text, options text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
	part text;
BEGIN
	FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query)
	LOOP
		FOR part IN SELECT regexp_split_to_table(line, '\n')
		LOOP
			IF part ~ ('HnswScan|Filter|Index|Order.By|Strategy|Allowed|Visited'
					   '|Asked|Scored|Rechecked|Bitmap')
				AND part !~ 'Actual|Searches'
			THEN
				part := regexp_replace(part, '(Visited|Asked|Rechecked)(\D+)\d+',
									   '\1\2N');
				part := regexp_replace(part, '\(actual rows[^)]*\)', '(actual)');
				RETURN NEXT rtrim(ltrim(part), ',');
			END IF;
		END LOOP;
	END LOOP;
END $$;

-- Few rows match: the exact way
SELECT lines('SELECT id FROM shown WHERE a = 7 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
SELECT lines('SELECT id FROM shown WHERE a = 7 AND b = 3 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
-- Most of them do, in a small table: all rows are looked at
SELECT lines('SELECT id FROM shown WHERE a < 90 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
-- The graph, by a bitmap, and asking rows
SET hnsw.debug_prefilter = bitmap;
SELECT lines('SELECT id FROM shown WHERE a < 50 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
SET hnsw.debug_prefilter = rows;
SELECT lines('SELECT id FROM shown WHERE b < 5 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
RESET hnsw.debug_prefilter;
-- No conditions
SELECT lines('SELECT id FROM shown ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
-- Begun with the graph
SET hnsw.debug_prefilter = switch;
SELECT lines('SELECT id FROM shown WHERE a < 50 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
RESET hnsw.debug_prefilter;
-- Many searches: averages; their ways differ
SELECT lines('SELECT x.id FROM (VALUES (1), (2), (3), (4)) k (k), LATERAL
	(SELECT id FROM shown WHERE a = k ORDER BY v <-> ''[1,2,3]'' LIMIT 5) x',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');
-- Never executed
SELECT lines('SELECT x.id FROM (VALUES (1), (2)) k (k), LATERAL
	(SELECT id FROM shown WHERE a = k ORDER BY v <-> ''[1,2,3]'' LIMIT 5) x
	WHERE k > 5 + random()',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off');

SELECT lines('SELECT id FROM shown WHERE a = 7 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off, FORMAT json');
SELECT lines('SELECT id FROM shown WHERE a = 7 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off, FORMAT xml');
SELECT lines('SELECT id FROM shown WHERE a = 7 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'ANALYZE, COSTS off, TIMING off, SUMMARY off, FORMAT yaml');
SELECT lines('SELECT id FROM shown WHERE a = 7 ORDER BY v <-> ''[1,2,3]'' LIMIT 5',
	'VERBOSE, COSTS off');
