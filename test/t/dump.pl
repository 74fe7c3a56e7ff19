# Tables with vectors and their indexes go through pg_dump and come back; are
# used in temporary tables and by prepared transactions; and survive
# what ALTER TABLE, CLUSTER and TRUNCATE do to the files below them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump', conf => "max_prepared_transactions = 4\n");
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v vector(16), w vector(3) DEFAULT '[1,2,3]',
	vs vector(2)[], g vector(3) GENERATED ALWAYS AS (w + w) STORED);
INSERT INTO t (id, v, vs) SELECT i, test_vector(i, 16),
		ARRAY['[1,2]', '[-0,1e-40]']::vector[]
	FROM generate_series(1, 500) i;
INSERT INTO t (id, v) VALUES (501, NULL),
	(502, array_fill(1e-45::real, ARRAY[16])::vector),
	(503, array_fill(3.4028235e38::real, ARRAY[16])::vector);
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)
	WITH (m = 8, ef_construction = 32, sketch_bits = 0);
CREATE INDEX t_cosine ON t USING hnsw (v vector_cosine_ops) WHERE id < 400;
CREATE INDEX t_expression ON t USING hnsw (((v + v)::vector(16)) vector_ip_ops)
	WHERE id < 400;
SQL
my $dump = $node->basedir . '/dump.sql';
$node->command_ok(
	[ 'pg_dump', '--no-sync', '-f', $dump, $node->connstr('postgres') ],
	'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump,
		$node->connstr('copy') ],
	'restore');
my $content = 'SELECT md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t';
is($node->safe_psql('copy', $content), $node->safe_psql('postgres', $content),
	'the same values to the last bit');
my $indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = 't' ORDER BY 1";
is($node->safe_psql('copy', $indexes),
	$node->safe_psql('postgres', $indexes), 'the same indexes');
foreach my $index ('t_v', 't_cosine', 't_expression')
{
	check_index($node, $index, "restored $index", 'copy');
}
$node->command_ok(
	[ 'pg_dump', '--no-sync', '-Fc', '-f', "$dump.c",
		$node->connstr('postgres') ],
	'pg_dump, archive');
$node->safe_psql('postgres', 'CREATE DATABASE copy2');
$node->command_ok(
	[ 'pg_restore', '-j', '2', '-d', $node->connstr('copy2'), "$dump.c" ],
	'restored by two jobs');
is($node->safe_psql('copy2', $content),
	$node->safe_psql('postgres', $content), 'the same values again');
check_index($node, 't_v', 'restored by two jobs', 'copy2');

# ---- temporary tables ---------------------------------------------------------

# Local buffers are few, so that pages come and go; two tables in turn, and
# one that is emptied at every commit.
is( $node->safe_psql(
		'postgres', <<'SQL'), "400|400\n0\n200|200", 'temporary tables');
SET temp_buffers = '800kB';
SET enable_seqscan = off;
SET hnsw.prefilter = off;
SET client_min_messages = warning;
CREATE TEMP TABLE a (id int, v vector(64));
CREATE TEMP TABLE b (id int, v vector(64)) ON COMMIT DELETE ROWS;
CREATE INDEX a_v ON a USING hnsw (v vector_l2_ops);
CREATE INDEX b_v ON b USING hnsw (v vector_l2_ops);
INSERT INTO a SELECT i, test_vector(i, 64) FROM generate_series(1, 600) i;
BEGIN;
INSERT INTO b SELECT * FROM a;
DELETE FROM a WHERE id % 3 = 0;
COMMIT;
VACUUM a;
SET hnsw.ef_search = 1000;
SELECT count(*), count(DISTINCT id) FROM
	(SELECT id FROM a ORDER BY v <-> test_vector(7, 64)) x;
SELECT count(*) FROM (SELECT id FROM b ORDER BY v <-> test_vector(7, 64)) x;
BEGIN;
INSERT INTO b SELECT * FROM a WHERE id % 2 = 0;
SELECT count(*), count(DISTINCT id) FROM
	(SELECT id FROM b ORDER BY v <-> test_vector(7, 64)) x;
SAVEPOINT s;
INSERT INTO a SELECT * FROM b;
ROLLBACK TO s;
DO $$ BEGIN PERFORM hnsw_check('b_v', true); END $$;
COMMIT;
DO $$ BEGIN PERFORM hnsw_check('a_v', true), hnsw_check('b_v', true); END $$;
SQL

# ---- prepared transactions ----------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE p (id int, v vector(16));
CREATE INDEX p_v ON p USING hnsw (v vector_l2_ops);
BEGIN;
INSERT INTO p SELECT i, test_vector(i, 16) FROM generate_series(1, 100) i;
PREPARE TRANSACTION 'one';
BEGIN;
INSERT INTO p SELECT i, test_vector(i, 16) FROM generate_series(101, 200) i;
PREPARE TRANSACTION 'two';
INSERT INTO p SELECT i, test_vector(i, 16) FROM generate_series(201, 300) i;
VACUUM p;
SQL
$node->stop('immediate');
$node->start;
is(check_same_rows($node, 'p', 'prepared'), 100, 'prepared, not committed');
$node->safe_psql('postgres', $_)
  foreach ("COMMIT PREPARED 'one'", "ROLLBACK PREPARED 'two'");
is(check_same_rows($node, 'p', 'prepared'), 200, 'one of two committed');
$node->safe_psql('postgres', 'VACUUM p');
check_index($node, 'p_v', 'prepared');
is(number($node, "SELECT nodes FROM hnsw_stats('p_v')"),
	200, 'the other is gone');

# ---- new files ------------------------------------------------------------------

foreach my $statement (
	'VACUUM FULL p',
	'CLUSTER p USING p_id',
	'ALTER TABLE p ALTER COLUMN id TYPE bigint',
	'ALTER TABLE p SET UNLOGGED',
	'ALTER TABLE p SET LOGGED',
	'REINDEX TABLE CONCURRENTLY p',
	'ALTER INDEX p_v SET (ef_construction = 100)')
{
	$node->safe_psql('postgres', 'CREATE INDEX IF NOT EXISTS p_id ON p (id)');

	# in a session that has used the index before
	$node->safe_psql('postgres', <<"SQL");
SET enable_seqscan = off;
SET client_min_messages = warning;
SELECT FROM p ORDER BY v <-> test_vector(3, 16) LIMIT 5;
$statement;
INSERT INTO p SELECT 1000, test_vector(1000, 16);
DELETE FROM p WHERE id = 1000;
SQL
	is(check_table($node, 'p', $statement), 200, "$statement: all rows");
}
my ($rc, undef, $err) =
  $node->psql('postgres', 'ALTER TABLE p ALTER COLUMN v TYPE vector(17)');
like($err, qr/expected 17 dimensions, not 16/,
	'other dimensions than the values have');
$node->safe_psql('postgres', 'BEGIN; TRUNCATE p; ROLLBACK');
is(check_same_rows($node, 'p', 'TRUNCATE undone'), 200, 'TRUNCATE undone');
$node->safe_psql('postgres',
	'TRUNCATE p; ALTER TABLE p ALTER COLUMN v TYPE vector(17); '
	  . 'INSERT INTO p SELECT i, test_vector(i, 17) '
	  . 'FROM generate_series(1, 50) i');
is(check_table($node, 'p', 'with other dimensions'), 50, 'all rows');

$node->stop;
done_testing();
