# A crash between any two WAL records.  A server archives the WAL of inserts,
# deletes, updates and a vacuum; then its backup is recovered to many points
# of that WAL, each time to right after one of the index's records, as a
# crash there would have left it.  At each the index must pass the verifier,
# hold every row that was committed, take new ones and be vacuumed.  Each
# statement that writes to the index has its share of the points: vacuum
# writes less than inserts, but what it leaves is more various.
#
# HNSW_REPLAY_POINTS sets how many points are tried.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $points = $ENV{HNSW_REPLAY_POINTS} // 14;
my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(has_archiving => 1, allows_streaming => 1);
$node->append_conf('postgresql.conf',
	"autovacuum = off\njit = off\nwal_consistency_checking = 'Generic'\n"
	  . "wal_keep_size = '512MB'\n");
$node->start;
install_helpers($node);

# Few edges and small pages' worth of nodes, to have much happen in little
# WAL: entry points come and go, nodes get many rows, slots are reused.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id serial PRIMARY KEY, v vector(8), n int DEFAULT 0);
CREATE INDEX t_n ON t (n);
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)
	WITH (m = 3, ef_construction = 8);
SQL
$node->backup('start');

sub insert_lsn
{
	return $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
}

sub lsn_number
{
	my ($high, $low) = split /\//, shift;
	return (hex($high) << 32) + hex($low);
}

my $first = insert_lsn();
my @parts;
foreach my $statement (
	'INSERT INTO t (v) SELECT test_vector(i, 8) FROM generate_series(1, 60) i',
	'INSERT INTO t (v) SELECT test_vector(1, 8) FROM generate_series(1, 30) i',
	'INSERT INTO t (v) SELECT test_vector(1, 8) FROM generate_series(1, 400) i',
	'DELETE FROM t WHERE id % 2 = 0 OR id > 100',
	'VACUUM (INDEX_CLEANUP ON) t',
	'INSERT INTO t (v) SELECT test_vector(i, 8) FROM generate_series(200, 250) i',
	'UPDATE t SET n = n + 1 WHERE id < 50',
	'DELETE FROM t WHERE id < 80 AND id % 3 > 0',
	'VACUUM (INDEX_CLEANUP ON) t',
	'DELETE FROM t',
	'VACUUM (INDEX_CLEANUP ON) t',
	'INSERT INTO t (v) SELECT test_vector(i, 8) FROM generate_series(300, 320) i'
  )
{
	$node->safe_psql('postgres', $statement);
	push @parts, { end => lsn_number(insert_lsn()), lsns => [] };
}
my $last = $node->safe_psql('postgres', 'SELECT pg_current_wal_flush_lsn()');
my $index = $node->safe_psql('postgres',
	"SELECT '1663/' || oid || '/' || pg_relation_filenode('t_v')"
	  . ' FROM pg_database WHERE datname = current_database()');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');
$node->stop;

# The index's records in that WAL
my ($dump) = run_command(
	[
		'pg_waldump', '-r', 'Generic', '-s', $first, '-e', $last, '-p',
		$node->data_dir . '/pg_wal'
	]);
my $records = 0;
foreach my $line (split /\n/, $dump)
{
	next unless $line =~ /lsn: (\S+),.*\b\Q$index\E\b/;
	my $lsn = $1;
	my ($part) = grep { lsn_number($lsn) < $_->{end} } @parts;
	push @{ $part->{lsns} }, $lsn;
	$records++;
}
cmp_ok($records, '>', 500, "$records records of the index")
  or die 'no WAL to replay';
@parts = grep { @{ $_->{lsns} } } @parts;

my %seen;
foreach my $i (0 .. $points - 1)
{
	my $part = $i % @parts;
	my @lsns = @{ $parts[$part]->{lsns} };
	# the golden ratio: spread over the part, however many points there are
	my $at = int(($i * 0.618034 - int($i * 0.618034)) * @lsns);
	my $lsn = $lsns[$at];
	my $replica = PostgreSQL::Test::Cluster->new("replay$i");
	$replica->init_from_backup($node, 'start', has_restoring => 1,
		standby => 0);
	$replica->append_conf('postgresql.conf', <<"CONF");
recovery_target_lsn = '$lsn'
recovery_target_inclusive = on
recovery_target_action = promote
archive_mode = off
CONF
	$replica->start;
	$replica->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()')
	  or die 'recovery did not end';

	my $label = "part $part, record $at of " . scalar(@lsns);
	check_table($replica, 't', $label, "test_vector(1, 8)");
	my $stats = $replica->safe_psql('postgres',
		'SELECT dying_nodes > 0, reserved_slots > 0, free_slots > 0, '
		  . "postings > 0, rows > 0 FROM hnsw_stats('t_v')");
	my @names = qw(dying reserved free postings rows);
	foreach my $value (split /\|/, $stats)
	{
		my $name = shift @names;
		$seen{$name}++ if $value eq 't';
	}
	$replica->safe_psql('postgres', $_) foreach (
		'INSERT INTO t (v) SELECT test_vector(i, 8) FROM generate_series(400, 430) i',
		'INSERT INTO t (v) SELECT test_vector(1, 8) FROM generate_series(1, 20)');
	delete_and_vacuum($replica, 't', 'id % 4 = 0');
	check_table($replica, 't', "$label, going on", "test_vector(1, 8)");
	is( $replica->safe_psql('postgres',
			"SELECT dying_nodes, reserved_slots FROM hnsw_stats('t_v')"),
		'0|0',
		"$label: nothing is left of the crash");
	$replica->stop('immediate');
}

# The points were worth trying
foreach my $name (qw(dying free postings rows))
{
	cmp_ok($seen{$name} // 0, '>', 0, "some points had $name");
}
done_testing();
