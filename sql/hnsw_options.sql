--
-- Options of an index, settings of a session: what is refused, and how
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\i :tools
\pset format unaligned
\pset tuples_only on

CREATE TABLE opt (v vector(8), w vector, x vector(16000));

-- m
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (m = 1) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (m = 101) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (m = x) $$);

-- ef_construction
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (ef_construction = 3) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (ef_construction = 1001) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (m = 33) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (m = 20, ef_construction = 39) $$);

-- sketch_bits
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (sketch_bits = -2) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (sketch_bits = 513) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (sketch_bits = 100) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (sketch_bits = 128) $$);

-- others
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (lists = 10) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) WITH (fillfactor = 10) $$);

-- legal extremes
SELECT pg_temp.try($$ CREATE INDEX opt_least ON opt USING hnsw (v vector_l2_ops) WITH (m = 2, ef_construction = 4, sketch_bits = 0) $$);
SELECT pg_temp.try($$ CREATE INDEX opt_most ON opt USING hnsw (v vector_ip_ops) WITH (m = 100, ef_construction = 1000, sketch_bits = 64) $$);
SELECT m, sketch_bits, dimensions FROM hnsw_stats('opt_least');
SELECT m, sketch_bits, dimensions FROM hnsw_stats('opt_most');

-- options can be changed, and take effect when the index is built anew
ALTER INDEX opt_least SET (m = 5, ef_construction = 20, sketch_bits = 64);
SELECT m, sketch_bits FROM hnsw_stats('opt_least');
REINDEX INDEX opt_least;
SELECT m, sketch_bits FROM hnsw_stats('opt_least');
SELECT pg_temp.try($$ ALTER INDEX opt_least SET (m = 1) $$);
ALTER INDEX opt_least RESET (m, ef_construction, sketch_bits);
REINDEX INDEX opt_least;
SELECT m, sketch_bits FROM hnsw_stats('opt_least');

-- dimensions
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (w vector_l2_ops) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (x vector_l2_ops) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (x vector_cosine_ops) WITH (m = 2) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (x vector_l1_ops) WITH (m = 50, ef_construction = 100) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw ((w::vector(8)) vector_l2_ops) $$);

-- the most dimensions there can be: as many as the message says
CREATE FUNCTION pg_temp.most_dimensions(m int) RETURNS int LANGUAGE sql AS
$$ SELECT substring(pg_temp.try(format('CREATE INDEX ON opt USING hnsw (x vector_l2_ops) WITH (m = %s)', m)),
	'more than (\d+) dim')::int $$;
SELECT pg_temp.most_dimensions(16) AS most \gset
CREATE TABLE wide (v vector(:most));
INSERT INTO wide SELECT pg_temp.vec(i, :most) FROM generate_series(1, 30) i;
CREATE INDEX wide_v ON wide USING hnsw (v vector_l2_ops);
SELECT hnsw_check('wide_v', true);
SELECT sketch_bits, nodes_per_page, rows FROM hnsw_stats('wide_v');
SELECT pg_temp.try(format('CREATE TABLE wider (v vector(%s)); CREATE INDEX ON wider USING hnsw (v vector_l2_ops)', :most + 1)) LIKE '%cannot have more than%';
SELECT pg_temp.try($$ CREATE INDEX ON wide USING hnsw (v vector_l2_ops) WITH (sketch_bits = 512) $$) LIKE '54000 % does not fit on a page%';

-- what no hnsw index can be
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_ops) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops, w vector_l2_ops) $$);
SELECT pg_temp.try($$ CREATE UNIQUE INDEX ON opt USING hnsw (v vector_l2_ops) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops DESC) $$);
SELECT pg_temp.try($$ CREATE INDEX ON opt USING hnsw (v vector_l2_ops) INCLUDE (w) $$);

-- settings
SHOW hnsw.ef_search;
SHOW hnsw.iterative_scan;
SHOW hnsw.max_scan_tuples;
SHOW hnsw.scan_mem_multiplier;
SELECT pg_temp.try($$ SET hnsw.ef_search = 0 $$);
SELECT pg_temp.try($$ SET hnsw.ef_search = 10001 $$);
SELECT pg_temp.try($$ SET hnsw.iterative_scan = 'on' $$);
SELECT pg_temp.try($$ SET hnsw.max_scan_tuples = 0 $$);
SELECT pg_temp.try($$ SET hnsw.scan_mem_multiplier = 0 $$);
SELECT pg_temp.try($$ SET hnsw.no_such_setting = 1 $$);
SET hnsw.ef_search = 10000;
SET hnsw.iterative_scan = relaxed_order;
SELECT current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan');
RESET hnsw.ef_search;
RESET hnsw.iterative_scan;

DROP TABLE opt, wide;
