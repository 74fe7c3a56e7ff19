# Eight sessions insert, delete, update, roll back and search at once while
# vacuum runs without a pause.  No statement may fail, no search may return
# rows out of order or too few, and afterwards the index must pass the
# verifier, hold every row and find what it should.
#
# That this was a stress is part of what is tested: vacuum must have removed
# many rows during the run, and their slots must have been reused, which
# shows in the size of the index.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

# Of each session; not a time, so that a fast machine does not do more.
my $transactions = $ENV{HNSW_STRESS_TRANSACTIONS} // 2000;
my $rows = 4000;
my $node = new_node('stress',
	conf => "synchronous_commit = off\ndeadlock_timeout = '100ms'\n");

# Every third vector is one of five, so that nodes have many rows; an index
# on n keeps updates of it from being HOT: they come with indexUnchanged.
$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION stress_vector(x bigint) RETURNS vector
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN test_vector(CASE WHEN x % 3 = 0 THEN x % 5 ELSE x END, 16);
CREATE TABLE t (id int PRIMARY KEY, v vector(16), n int NOT NULL DEFAULT 0);
INSERT INTO t SELECT i, stress_vector(i) FROM generate_series(1, $rows) i;
CREATE INDEX t_n ON t (n);
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
SQL
my $size_before = number($node, "SELECT pg_relation_size('t_v')");

my %script = (
	'insert@4' => <<"SQL",
\\set id random(1, $rows)
\\set x random(1, 1000000)
INSERT INTO t VALUES (:id, stress_vector(:x))
	ON CONFLICT (id) DO UPDATE SET v = excluded.v;
SQL
	'delete@4' => <<"SQL",
\\set id random(1, $rows)
DELETE FROM t WHERE id = :id;
SQL
	'update@2' => <<"SQL",
\\set id random(1, $rows)
\\set x random(1, 1000000)
UPDATE t SET v = stress_vector(:x) WHERE id = :id;
SQL
	'unchanged@4' => <<"SQL",
\\set id random(1, $rows)
UPDATE t SET n = n + 1 WHERE id = :id;
SQL
	'rollback@1' => <<"SQL",
\\set id random(1, $rows)
\\set x random(1, 1000000)
BEGIN;
UPDATE t SET v = stress_vector(:x) WHERE id = :id;
ROLLBACK;
SQL
	'search@4' => <<"SQL",
\\set x random(1, 1000000)
\\set k random(1, 100)
SET enable_seqscan = off;
SELECT test_search('t', stress_vector(:x), :k);
SQL
);
my @files = pgbench_files($node, %script);

my ($out, $err) = ('', '');
my $bench = IPC::Run::start(
	[
		'pgbench', '-n', '-c', 8, '-j', 2, '-t', $transactions,
		'--random-seed', 7, '-h', $node->host, '-p', $node->port, @files,
		'postgres'
	],
	'>', \$out, '2>', \$err);

my ($vacuums, $removed, $verbose) = (0, 0, '');
while ($bench->pumpable)
{
	my ($rc, $stdout, $stderr) = $node->psql('postgres',
		'VACUUM (VERBOSE, INDEX_CLEANUP ON) t');
	$verbose .= $stderr if $rc != 0;
	$vacuums++;
	$removed += $1
	  if $stderr =~ /had (\d+) dead item identifiers removed/;
	$bench->pump_nb;
	usleep(1000);
}
$bench->finish;
is($bench->result(0), 0, 'pgbench ended well');
unlike($out . $err, qr/ERROR|aborted|deadlock/, 'no session had an error')
  or diag($out . $err);
is($verbose, '', 'no vacuum failed');
note($out);
my ($processed) = $out =~ /transactions actually processed: (\d+)/;
my $size_after = number($node, "SELECT pg_relation_size('t_v')");

my $left = check_table($node, 't', 'after the stress');
cmp_ok($left, '>', $rows / 5, 'rows are left');

# it was a stress
cmp_ok($vacuums, '>=', 5, "vacuum ran often ($vacuums times)");
cmp_ok($processed, '>', $rows, 'there were many transactions');
cmp_ok($removed, '>', $rows, "vacuum removed $removed row versions");

# slots were reused: the index is about as large as it was, though more than
# its number of rows came and went
cmp_ok($size_after, '<', 2 * $size_before,
	"index has not grown ($size_before -> $size_after bytes)");

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE queries AS
	SELECT test_vector(i, 16) AS v FROM generate_series(2000001, 2000100) i;
SQL
my $recall = recall_at_10($node, 't', ef => 40);
$node->safe_psql('postgres', 'VACUUM t');
check_index($node, 't_v', 'after a last vacuum');
my $vacuumed = recall_at_10($node, 't', ef => 40);
$node->safe_psql('postgres', 'REINDEX INDEX t_v');
my $rebuilt = recall_at_10($node, 't', ef => 40);
cmp_ok($recall, '>=', 0.97, "recall after the stress: $recall");
cmp_ok($vacuumed, '>=', $rebuilt - 0.03,
	"recall $vacuumed is not far from that of a rebuilt index, $rebuilt");
note($node->safe_psql('postgres', "SELECT hnsw_stats('t_v')"));

$node->stop;
done_testing();
