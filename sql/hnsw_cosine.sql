--
-- Cosine distance
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\set body :abs_srcdir '/sql/hnsw_metric.psql'
\i :tools
\set name cosine
\set operator '<=>'
\set opclass vector_cosine_ops
\i :body
