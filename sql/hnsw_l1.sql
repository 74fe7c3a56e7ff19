--
-- Taxicab distance: no sketches
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\set body :abs_srcdir '/sql/hnsw_metric.psql'
\i :tools
\set name l1
\set operator '<+>'
\set opclass vector_l1_ops
\i :body
