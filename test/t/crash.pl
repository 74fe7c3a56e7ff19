# The server is killed while sessions insert, while vacuum runs and while an
# index is built.  After recovery the index must pass the verifier, hold every
# row that was committed, and go on taking rows and being vacuumed.
#
# The server is stopped when it has got far enough, as its statistics or its
# WAL tell, never after a time.  See replay.pl for a crash after every kind
# of WAL record.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::RecursiveCopy;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('crash', conf => "max_wal_size = 1GB\n");

# Run a statement in the background, crash the server when the query says
# so, and start it again.
sub crash_during
{
	my ($label, $until, @command) = @_;
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start(\@command, '>', \$out, '2>', \$err);
	my $reached = $node->poll_query_until('postgres', $until);
	my $busy = $run->pumpable;
	$node->stop('immediate');
	$run->finish;
	ok($reached && $busy, "$label: killed at work") or diag($out . $err);
	$node->start;
	return;
}

sub psql_command
{
	my @statements = @_;
	return (
		'psql', '-X', '-h', $node->host, '-p', $node->port,
		(map { ('-c', $_) } @statements), 'postgres');
}

sub write_script
{
	my ($name, $text) = @_;
	my $file = $node->basedir . "/$name";
	append_to_file($file, $text);
	return $file;
}

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id bigserial PRIMARY KEY, v vector(32));
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops) WITH (m = 8);
SQL

# ---- inserts ---------------------------------------------------------------

# Some commit one row at a time, some many at once, some roll back; every
# third vector is one of two.
my $one = write_script('one.sql', <<'SQL');
\set x random(1, 100000)
INSERT INTO t (v) VALUES (test_vector(CASE WHEN :x % 3 = 0 THEN :x % 2
	ELSE :x END, 32));
SQL
my $many = write_script('many.sql', <<'SQL');
\set x random(1, 100000)
INSERT INTO t (v) SELECT test_vector(:x + i, 32) FROM generate_series(1, 20) i;
SQL
my $none = write_script('none.sql', <<'SQL');
\set x random(1, 100000)
BEGIN;
INSERT INTO t (v) SELECT test_vector(:x + i, 32) FROM generate_series(1, 5) i;
ROLLBACK;
SQL
my @inserts = (
	'pgbench', '-n', '-c', 6, '-T', 600, '-h', $node->host, '-p', $node->port,
	'-f', "$one\@6", '-f', "$many\@1", '-f', "$none\@1", 'postgres');
my $rows = 0;
foreach my $round (1 .. 3)
{
	my $target = $rows + 500;
	crash_during("inserts $round",
		"SELECT last_value > $target FROM t_id_seq", @inserts);
	check_table($node, 't', "inserts $round");
	$rows = number($node, 'SELECT last_value FROM t_id_seq');
	cmp_ok(number($node, 'SELECT count(*) FROM t'),
		'>', 100, 'there are committed rows');

	# what was rolled back, or never finished, is vacuumed away
	$node->safe_psql('postgres', 'VACUUM t');
	check_index($node, 't_v', "inserts $round, vacuumed");
}

# ---- vacuum ----------------------------------------------------------------

# Vacuum sleeps after every page it reads, so that it is caught in all of
# its passes; a session that inserts brings its WAL to disk.
my @vacuum = psql_command("SET vacuum_cost_limit = 1",
	"SET vacuum_cost_delay = '1ms'", 'VACUUM (INDEX_CLEANUP ON) t');
my $dead = 0;
foreach my $round (1 .. 5)
{
	$node->safe_psql('postgres', <<"SQL");
INSERT INTO t (v) SELECT test_vector(i, 32)
	FROM generate_series(1, 1500) i WHERE $round = 1;
DELETE FROM t WHERE id % 5 = $round - 1;
CREATE TABLE IF NOT EXISTS mark (lsn pg_lsn);
TRUNCATE mark;
INSERT INTO mark SELECT pg_current_wal_insert_lsn();
SQL
	my ($dying, $bytes) =
	  @{ ([ 0, 0 ], [ 100, 0 ], [ 0, 5e4 ], [ 0, 15e4 ], [ 0, 3e5 ])
		  [ $round - 1 ] };
	my ($out, $err) = ('', '');
	my $insert = IPC::Run::start(
		[
			'pgbench', '-n', '-c', 1, '-T', 600, '-R', 20, '-h', $node->host,
			'-p', $node->port, '-f', $one, 'postgres'
		],
		'>', \$out, '2>', \$err);
	crash_during("vacuum $round",
		'SELECT count(*) > 0 FROM mark, '
		  . "hnsw_stats('t_v') WHERE dying_nodes > $dying "
		  . "AND pg_current_wal_insert_lsn() - lsn > $bytes", @vacuum);
	$insert->finish;
	check_table($node, 't', "vacuum $round");
	$dead += number($node,
		"SELECT dying_nodes + free_slots FROM hnsw_stats('t_v')");
}
cmp_ok($dead, '>', 0, 'a crash came between the passes of vacuum');
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
check_index($node, 't_v', 'vacuumed to the end');
is( $node->safe_psql('postgres',
		"SELECT dying_nodes, reserved_slots FROM hnsw_stats('t_v')"),
	'0|0',
	'nothing of the crashes is left');

# The free space map is not in the WAL, and after a crash may be lost; the
# next vacuum finds free slots all the same, and inserts use them.
my $free = number($node, "SELECT free_slots FROM hnsw_stats('t_v')");
cmp_ok($free, '>', 100, "there are free slots ($free)");
$node->safe_psql('postgres', 'CHECKPOINT');
my $fsm = $node->data_dir . '/'
  . $node->safe_psql('postgres', "SELECT pg_relation_filepath('t_v')") . '_fsm';
$node->stop('immediate');
ok(unlink($fsm), 'lost the free space map');
$node->start;
my $size = number($node, "SELECT pg_relation_size('t_v')");
delete_and_vacuum($node, 't', 'id = (SELECT min(id) FROM t)');
$node->safe_psql('postgres',
	'INSERT INTO t (v) SELECT test_vector(i, 32) '
	  . "FROM generate_series(500001, 500000 + $free / 2) i");
cmp_ok(number($node, "SELECT free_slots FROM hnsw_stats('t_v')"),
	'<', $free * 3 / 4, 'inserts found the free slots');
cmp_ok(number($node, "SELECT pg_relation_size('t_v')"),
	'<', $size + 40 * 8192, 'the index has hardly grown');
check_index($node, 't_v', 'without a free space map');

# ---- CREATE INDEX ----------------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE b (id int PRIMARY KEY, v vector(200));
INSERT INTO b SELECT i, test_vector(i, 200) FROM generate_series(1, 6000) i;
SQL
foreach my $mem ('1MB', '64MB')
{
	crash_during(
		"CREATE INDEX with $mem",
		'SELECT count(*) > 0 FROM pg_stat_progress_create_index'
		  . ' WHERE tuples_done > 500',
		psql_command("SET maintenance_work_mem = '$mem'",
			'CREATE INDEX b_v ON b USING hnsw (v vector_l2_ops)'));
	is(number($node, "SELECT count(*) FROM pg_class WHERE relname = 'b_v'"),
		0, "CREATE INDEX with $mem: no index is left");
}
$node->safe_psql('postgres', <<'SQL');
DELETE FROM b WHERE id > 2000;
CREATE INDEX b_v ON b USING hnsw (v vector_l2_ops);
SQL

# An index that was built right before the crash is in the WAL as a whole.
$node->stop('immediate');
$node->start;
is(check_table($node, 'b', 'index built before the crash'),
	2000, 'all rows are there');
$node->safe_psql('postgres',
	'INSERT INTO b SELECT i, test_vector(i, 200) '
	  . 'FROM generate_series(3000, 3100) i; VACUUM b');
check_index($node, 'b_v', 'and goes on');

# A free space map that speaks of an index that is quite different, as one may
# that is older than what the index was recovered to.
delete_and_vacuum($node, 'b', 'id < 1000');
$node->safe_psql('postgres', 'CHECKPOINT');
my ($from, $to) = map {
	$node->data_dir . '/'
	  . $node->safe_psql('postgres', "SELECT pg_relation_filepath('$_')")
	  . '_fsm'
} 't_v', 'b_v';
delete_and_vacuum($node, 't', 'true');
$node->stop;
unlink($to);
PostgreSQL::Test::RecursiveCopy::copypath($from, $to);
$node->start;
$node->safe_psql('postgres',
	'INSERT INTO b SELECT i, test_vector(i, 200) '
	  . 'FROM generate_series(5000, 6000) i');
check_index($node, 'b_v', "with another index's free space map");

# ---- unlogged --------------------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
CREATE UNLOGGED TABLE u (id int, v vector(3));
INSERT INTO u SELECT i, test_vector(i, 3) FROM generate_series(1, 500) i;
CREATE INDEX u_v ON u USING hnsw (v vector_l2_ops);
INSERT INTO u SELECT i, test_vector(i, 3) FROM generate_series(501, 600) i;
SQL
is(check_table($node, 'u', 'unlogged'), 600, 'unlogged: all rows');
$node->stop('immediate');
$node->start;
is( $node->safe_psql(
		'postgres',
		"SET enable_seqscan = off; SET hnsw.prefilter = off; "
		  . "SELECT count(*) FROM "
		  . "(SELECT * FROM u ORDER BY v <-> '[1,2,3]') x"),
	'0',
	'unlogged: empty after the crash');
$node->safe_psql('postgres',
	'INSERT INTO u SELECT i, test_vector(i, 3) FROM generate_series(1, 500) i;'
	  . 'DELETE FROM u WHERE id % 2 = 0; VACUUM u;');
is(check_table($node, 'u', 'unlogged, filled anew'),
	250, 'unlogged: usable after the crash');
$node->safe_psql('postgres', 'ALTER TABLE u SET LOGGED');
$node->stop('immediate');
$node->start;
is(check_table($node, 'u', 'logged at last'),
	250, 'logged: survives the crash');

$node->stop;
done_testing();
