# A physical standby is searched without a pause while the primary inserts,
# deletes, updates and vacuums.  Replay takes no locks but those of pages, and
# there is no feedback: nodes are freed and their slots reused under the
# searches' feet.  None may fail, return rows out of order or too few.
#
# Every page the primary logs is compared with what the standby makes of it
# (wal_consistency_checking), which would stop the standby.  In the end it has
# caught up, finds what is there, is promoted and goes on.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node(
	'primary',
	streaming => 1,
	conf => "wal_consistency_checking = 'Generic'\n");
$primary->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vector(16), n int DEFAULT 0);
INSERT INTO t SELECT i, test_vector(i, 16) FROM generate_series(1, 1000) i;
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
CREATE INDEX t_id ON t (id);
CREATE INDEX t_n ON t (n);
SQL
$primary->backup('start');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'start', has_streaming => 1);

# Searches are short, replay can wait for them; what they see is recent.
$standby->append_conf('postgresql.conf',
	"hot_standby_feedback = off\nmax_standby_streaming_delay = -1\n");
$standby->start;

# A commit waits for its replay: the two stay close together.
$primary->append_conf('postgresql.conf',
	"synchronous_standby_names = '*'\nsynchronous_commit = remote_apply\n");
$primary->reload;
$primary->poll_query_until('postgres',
	"SELECT sync_state = 'sync' FROM pg_stat_replication")
  or die 'no synchronous standby';

my $search = $standby->basedir . '/search.sql';
append_to_file($search, <<'SQL');
\set x random(1, 100000)
\set k random(1, 60)
SET enable_seqscan = off;
SELECT test_search('t', test_vector(:x, 16), :k);
SQL
my ($out, $err) = ('', '');
my $searches = IPC::Run::start(
	[
		'pgbench', '-n', '-c', 3, '-T', 600, '-h', $standby->host, '-p',
		$standby->port, '-f', $search, 'postgres'
	],
	'>', \$out, '2>', \$err);
$standby->poll_query_until('postgres',
	"SELECT idx_scan > 0 FROM pg_stat_user_indexes "
	  . "WHERE indexrelname = 't_v'")
  or die 'nobody searches';

# Rows come and go, 200 always stay; every round ends in a vacuum.
my $removed = 0;
my $size = 0;
foreach my $round (1 .. 12)
{
	my $from = $round * 1000;
	$primary->safe_psql('postgres', $_) foreach (
		"DELETE FROM t WHERE id > 200 AND id % 3 = $round % 3",
		"INSERT INTO t SELECT i, test_vector(i % 1500, 16) "
		  . "FROM generate_series($from, $from + 250) i",
		"UPDATE t SET n = n + 1 WHERE id % 20 = $round",
		"UPDATE t SET v = test_vector(id + $from, 16) "
		  . "WHERE id > 200 AND id % 20 = $round");
	my (undef, undef, $verbose) = $primary->psql('postgres',
		'VACUUM (VERBOSE, INDEX_CLEANUP ON) t');
	$removed += $1
	  while $verbose =~ /had (\d+) dead item identifiers removed/g;
	my ($rc, undef, $error) =
	  $standby->psql('postgres', "SELECT hnsw_check('t_v')");
	is($rc, 0, "round $round: light check on the standby") or diag($error);
}
my $scans = number($standby,
	"SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 't_v'");
ok($searches->pumpable, 'searches went on all the time');
$searches->kill_kill;
unlike($out . $err, qr/ERROR|aborted/, 'no search failed')
  or diag($out . $err);
cmp_ok($scans, '>', 50, "there were searches ($scans)");
cmp_ok($removed, '>', 1500, "vacuum removed $removed rows meanwhile");

# Nothing at all may fail: on the way commits waited for replay.  Now both
# are the same.
$primary->wait_for_catchup($standby, 'replay',
	$primary->lsn('insert'));
my $rows = check_table($primary, 't', 'primary', 'test_vector(1, 16)');
is(check_same_rows($standby, 't', 'standby', 'test_vector(1, 16)'),
	$rows, 'as many rows on both');
$primary->safe_psql('postgres', <<'SQL');
CREATE TABLE queries AS
	SELECT test_vector(i, 16) AS v FROM generate_series(200001, 200050) i;
SQL
cmp_ok($rows, '<', 5000, 'ef is larger than the table');
is(recall_at_10($standby, 't', ef => 5000) + 0,
	1, 'exact with ef larger than the table');
is( recall_at_10($standby, 't', ef => 20),
	recall_at_10($primary, 't', ef => 20),
	'the standby finds what the primary finds');

# Promotion.  Its free space map may know nothing of free slots.
$primary->stop;
$standby->promote;
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''\n");
$standby->reload;
$standby->safe_psql('postgres',
	'INSERT INTO t SELECT i, test_vector(i, 16) '
	  . 'FROM generate_series(50001, 50200) i');
delete_and_vacuum($standby, 't', 'id % 2 = 0');
check_table($standby, 't', 'promoted');
my $free = number($standby, "SELECT free_slots FROM hnsw_stats('t_v')");
cmp_ok($free, '>', 300, "promoted: there are free slots ($free)");
my $before = number($standby, "SELECT pg_relation_size('t_v')");
$standby->safe_psql('postgres',
	'INSERT INTO t SELECT i, test_vector(i, 16) '
	  . "FROM generate_series(60001, 60000 + $free / 2) i");
cmp_ok(number($standby, "SELECT pg_relation_size('t_v')"),
	'<', $before + 30 * 8192, 'promoted: slots are reused');
check_index($standby, 't_v', 'promoted, and used');
unlike(
	slurp_file($standby->logfile),
	qr/inconsistent page|PANIC|FATAL:(?!.*(?:terminating|shutting|starting|connect))/,
	'replay found no inconsistent page');
$standby->stop;
done_testing();
