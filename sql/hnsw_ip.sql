--
-- Largest inner product first
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set tools :abs_srcdir '/sql/hnsw_tools.psql'
\set body :abs_srcdir '/sql/hnsw_metric.psql'
\i :tools
\set name ip
\set operator '<#>'
\set opclass vector_ip_ops
\i :body
