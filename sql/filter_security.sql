--
-- A search must not let conditions of the user see rows that a policy or a
-- security barrier hides, whichever way it goes.
--
SET client_min_messages = warning;
CREATE ROLE regress_filter_user;
CREATE TABLE secret (id int, owner text, a int, v vector(3));
INSERT INTO secret
SELECT i, CASE WHEN i % 10 = 0 THEN 'regress_filter_user' ELSE 'other' END,
	i % 50, ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3)]::real[]::vector
FROM generate_series(1, 2000) i;
CREATE INDEX ON secret (owner);
CREATE INDEX ON secret (a);
CREATE INDEX ON secret USING hnsw (v vector_l2_ops);
ANALYZE secret;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = current_user);
CREATE VIEW visible WITH (security_barrier) AS
	SELECT * FROM secret WHERE owner = 'regress_filter_user';
GRANT SELECT ON secret, visible TO regress_filter_user;

-- Cheap, so that the planner would like to have it checked first
CREATE FUNCTION noisy(int) RETURNS bool LANGUAGE plpgsql STABLE COST 0.0001
AS $$
BEGIN
	IF $1 % 10 <> 0 THEN
		RAISE WARNING 'row % was seen', $1;
	END IF;
	RETURN true;
END $$;

SET enable_sort = off;
SET enable_seqscan = off;
SET hnsw.ef_search = 4000;
SET ROLE regress_filter_user;
EXPLAIN (COSTS OFF) SELECT id FROM secret WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SET hnsw.debug_prefilter = exact;
SELECT id FROM secret WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SET hnsw.debug_prefilter = bitmap;
SELECT id FROM secret WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SET hnsw.debug_prefilter = rows;
SELECT id FROM secret WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SET hnsw.debug_prefilter = switch;
SELECT id FROM secret WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
RESET hnsw.debug_prefilter;
SELECT id FROM secret WHERE noisy(id)
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SELECT count(*) FROM (SELECT id FROM secret WHERE noisy(id)
	ORDER BY v <-> '[0.3,0.2,0.1]') s;
RESET ROLE;

-- the same through a view, read by one whom no policy holds back
ALTER TABLE secret DISABLE ROW LEVEL SECURITY;
SELECT id FROM visible WHERE noisy(id) AND a < 30
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;
SELECT id FROM visible WHERE noisy(id)
ORDER BY v <-> '[0.3,0.2,0.1]' LIMIT 3;

-- the function does tell
SELECT noisy(77);

DROP TABLE secret CASCADE;
DROP ROLE regress_filter_user;
