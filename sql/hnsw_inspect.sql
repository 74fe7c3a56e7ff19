--
-- Looking into an index: who may, what of, and what is seen
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools

CREATE TABLE looked (id int PRIMARY KEY, v vector(8))
	WITH (autovacuum_enabled = off);
INSERT INTO looked SELECT i, pg_temp.vec(i) FROM generate_series(1, 2000) i;
CREATE INDEX looked_v ON looked USING hnsw (v vector_l2_ops) WITH (m = 8, ef_construction = 40);

-- statistics agree with each other
SELECT metric, dimensions, m, sketch_bits, rows, nodes, rows_per_node, postings,
	dying_nodes, reserved_slots, free_slots, new_pages, reachable > 0.95 AS reachable
FROM hnsw_stats('looked_v');
SELECT layers BETWEEN 2 AND 10 AS layers,
	nodes_per_page * node_bytes BETWEEN 4000 AND 8192 AS page_filled,
	(node_pages + refine_pages + landmark_pages + rowmap_pages + 1) * current_setting('block_size')::int =
		pg_relation_size('looked_v') AS pages,
	bytes_per_vector = pg_relation_size('looked_v') / 2000.0 AS bytes_per_vector
FROM hnsw_stats('looked_v');
SELECT bool_and(min_edges <= avg_edges AND avg_edges <= max_edges AND max_edges <= 16) AS degrees,
	bool_and(edges = round(avg_edges * nodes)) AS edges,
	max(nodes) FILTER (WHERE layer = 0) AS bottom,
	count(*) = max(layer) + 1 AS all_layers, sum(dying_nodes) AS dying
FROM hnsw_layers('looked_v');
SELECT bool_and(l.nodes = d.nodes AND l.nodes = d.referenced AND l.edges = d.edges AND
	l.edges = d.edges_in AND l.unreferenced = d.unreferenced) AS the_same
FROM hnsw_layers('looked_v') l JOIN (
	SELECT layer, sum(nodes) AS nodes, sum(nodes_by_references) AS referenced,
		sum(nodes * degree) AS edges, sum(nodes_by_references * degree) AS edges_in,
		coalesce(sum(nodes_by_references) FILTER (WHERE degree = 0), 0) AS unreferenced
	FROM hnsw_degrees('looked_v') GROUP BY layer) d USING (layer);
SELECT layer, nodes > lead(nodes, 1, 0::bigint) OVER (ORDER BY layer DESC) AS unexpected
FROM hnsw_layers('looked_v') ORDER BY layer LIMIT 1;

-- kernels: the baseline is always there, one is chosen
SELECT bool_or(name = 'baseline'), count(*) FILTER (WHERE chosen), count(DISTINCT name) = count(*)
FROM hnsw_kernels();

-- a search's path: from the entry point down, each step from an earlier one
CREATE TEMP TABLE path AS
SELECT p.*, v <-> pg_temp.vec(17) AS exact
FROM hnsw_search_path('looked_v', pg_temp.vec(17), 20) p LEFT JOIN looked l ON l.ctid = row_tid;
SELECT count(*) FILTER (WHERE from_step IS NULL) AS roots,
	bool_and(from_step < step) AS from_earlier,
	min(step) = 1 AND max(step) = count(*) AS numbered,
	bool_and(row_tid IS NOT NULL AND exact IS NOT NULL) AS rows,
	bool_and(abs(distance - exact) < 0.05) AS distances,
	bool_and(edges BETWEEN 0 AND 16) AS edges
FROM path;
SELECT bool_and(layer <= previous) AS downwards, count(DISTINCT layer) = max(layer) + 1 AS every_layer
FROM (SELECT layer, lag(layer, 1, 99) OVER (ORDER BY step) AS previous FROM path) p;
SELECT bool_and(p.layer = f.layer OR (p.layer = f.layer - 1 AND p.row_tid = f.row_tid)) AS connected
FROM path p JOIN path f ON f.step = p.from_step;
SELECT (SELECT l.id FROM path p JOIN looked l ON l.ctid = p.row_tid
		WHERE is_result ORDER BY exact LIMIT 1) AS nearest,
	count(DISTINCT node) >= 20 AS results, bool_and(layer = 0) AS at_the_bottom
FROM path WHERE is_result;

-- a wider search visits more; ef_search is the default
SELECT (SELECT count(*) FROM hnsw_search_path('looked_v', pg_temp.vec(17), 200)) >
	(SELECT count(*) FROM hnsw_search_path('looked_v', pg_temp.vec(17), 10)) AS more;
SET hnsw.ef_search = 77;
SELECT (SELECT count(*) FROM hnsw_search_path('looked_v', pg_temp.vec(17), 77)) =
	(SELECT count(*) FROM hnsw_search_path('looked_v', pg_temp.vec(17))) AS the_same;
RESET hnsw.ef_search;
DROP TABLE path;

-- other metrics: distances as their operators have them; no sketches
CREATE INDEX looked_ip ON looked USING hnsw (v vector_ip_ops);
CREATE INDEX looked_cosine ON looked USING hnsw (v vector_cosine_ops);
CREATE INDEX looked_l1 ON looked USING hnsw (v vector_l1_ops);
SELECT metric FROM hnsw_stats('looked_ip');
SELECT metric FROM hnsw_stats('looked_cosine');
SELECT metric, sketch_bits FROM hnsw_stats('looked_l1');
SELECT max(abs(distance - (v <#> pg_temp.vec(17)))) < 0.1 FROM hnsw_search_path('looked_ip', pg_temp.vec(17)) JOIN looked l ON l.ctid = row_tid;
SELECT max(abs(distance - (v <=> pg_temp.vec(17)))) < 0.02 FROM hnsw_search_path('looked_cosine', pg_temp.vec(17)) JOIN looked l ON l.ctid = row_tid;
SELECT max(abs(distance - (v <+> pg_temp.vec(17)))) < 0.1, count(*) > count(edges) AS looked_at
FROM hnsw_search_path('looked_l1', pg_temp.vec(17)) JOIN looked l ON l.ctid = row_tid;
SELECT count(distance), count(*) > 0 FROM hnsw_search_path('looked_cosine', '[0,0,0,0,0,0,0,0]');

-- the verifier
SELECT hnsw_check('looked_v');
SELECT hnsw_check('looked_v', heap_check => true);
SELECT hnsw_check(NULL);

-- in a transaction with an old snapshot, and one that has changed the table
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM looked;
INSERT INTO looked SELECT i, pg_temp.vec(i) FROM generate_series(3001, 3100) i;
DELETE FROM looked WHERE id <= 100;
SELECT hnsw_check('looked_v', true);
COMMIT;
SELECT hnsw_check('looked_v', true);

-- index and table that do not belong together: what is not in the index
CREATE TABLE other (LIKE looked);
INSERT INTO other SELECT * FROM looked;
CREATE INDEX other_v ON other USING hnsw (v vector_l2_ops);
UPDATE pg_index SET indisready = false WHERE indexrelid = 'other_v'::regclass;
INSERT INTO other VALUES (0, pg_temp.vec(-1));
UPDATE pg_index SET indisready = true WHERE indexrelid = 'other_v'::regclass;
SELECT hnsw_check('other_v');
SELECT regexp_replace(pg_temp.try($$ SELECT hnsw_check('other_v', true) $$), '\(\d+,\d+\)', '(b,o)');

-- what is refused
SELECT pg_temp.try($$ SELECT hnsw_check('looked_pkey') $$);
SELECT pg_temp.try($$ SELECT hnsw_stats('looked') $$);
SELECT pg_temp.try($$ SELECT hnsw_layers('looked_pkey') $$);
SELECT pg_temp.try($$ SELECT hnsw_search_path('looked', pg_temp.vec(1)) $$);
SELECT pg_temp.try($$ SELECT hnsw_check(1) $$);
SELECT pg_temp.try($$ SELECT hnsw_search_path('looked_v', '[1,2]') $$);
SELECT pg_temp.try($$ SELECT hnsw_search_path('looked_v', pg_temp.vec(1), 0) $$);
SELECT pg_temp.try($$ SELECT hnsw_search_path('looked_v', pg_temp.vec(1), 10001) $$);
SELECT count(*) FROM hnsw_search_path('looked_v', NULL);
CREATE TABLE parts (v vector(3)) PARTITION BY RANGE ((v::text));
CREATE INDEX parts_v ON parts USING hnsw (v vector_l2_ops);
SELECT pg_temp.try($$ SELECT hnsw_stats('parts_v') $$);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'other_v'::regclass;
SELECT pg_temp.try($$ SELECT hnsw_check('other_v') $$);
SELECT pg_temp.try($$ SELECT hnsw_stats('other_v') $$);

-- who may
CREATE ROLE regress_hnsw_reader;
CREATE ROLE regress_hnsw_other;
GRANT SELECT ON looked TO regress_hnsw_reader;
SET ROLE regress_hnsw_reader;
SELECT rows > 0 FROM hnsw_stats('looked_v');
SELECT count(*) > 0 FROM hnsw_layers('looked_v');
SELECT count(*) > 0 FROM hnsw_degrees('looked_v');
SELECT count(*) > 0 FROM hnsw_search_path('looked_v', '[1,2,3,4,5,6,7,8]');
SELECT hnsw_check('looked_v');
SET ROLE regress_hnsw_other;
SELECT hnsw_stats('looked_v');
SELECT hnsw_layers('looked_v');
SELECT hnsw_degrees('looked_v');
SELECT hnsw_search_path('looked_v', '[1,2,3,4,5,6,7,8]');
RESET ROLE;
ALTER TABLE looked ENABLE ROW LEVEL SECURITY;
SET ROLE regress_hnsw_reader;
SELECT hnsw_search_path('looked_v', '[1,2,3,4,5,6,7,8]');
RESET ROLE;
SELECT rows > 0 FROM hnsw_stats('looked_v');
GRANT EXECUTE ON FUNCTION hnsw_check TO regress_hnsw_reader;
SET ROLE regress_hnsw_reader;
SELECT hnsw_check('looked_v', true);
RESET ROLE;
REVOKE EXECUTE ON FUNCTION hnsw_check FROM regress_hnsw_reader;

-- everything of the extension has a comment
SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hnsw') AND deptype = 'e'
	AND obj_description(objid, classid::regclass::name) IS NULL
	AND classid NOT IN ('pg_cast'::regclass, 'pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
	AND pg_describe_object(classid, objid, 0) <> 'type vector[]'
ORDER BY 1;

DROP TABLE looked, other, parts;
DROP ROLE regress_hnsw_reader, regress_hnsw_other;
