# Rows are updated, their vectors are not, and vacuum is cut off when it has
# removed the old rows from the index, but not from its edges, which name one
# each.  The next vacuum, which finds hardly any left in the index, has to see
# to these edges all the same, or searches by a list of rows go astray.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = 4000;
my $node = new_node('updates');
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE t (id int PRIMARY KEY, a int, v vector(16));
INSERT INTO t SELECT i, abs(hashint4(i)) % 20, test_vector(i, 16)
	FROM generate_series(1, $rows) i;
CREATE INDEX t_a ON t (a);
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
ANALYZE t;
CREATE FUNCTION visited() RETURNS int LANGUAGE plpgsql AS \$\$
DECLARE
	plan json;
	n int := 0;
BEGIN
	FOR i IN 1 .. 40 LOOP
		EXECUTE format('EXPLAIN (ANALYZE, FORMAT JSON) SELECT id FROM t
			WHERE a = 0 ORDER BY v <-> %L LIMIT 10',
			test_vector(100000 + i, 16)) INTO plan;
		n := n + (plan #>> '{0,Plan,Plans,0,Nodes Visited}')::int;
	END LOOP;
	RETURN n;
END \$\$;
SQL

# Nodes visited by searches by list
sub visited
{
	return number($node,
		"SET enable_seqscan = off; SET hnsw.debug_prefilter = bitmap;
		 SELECT visited()");
}

sub rows_in_index
{
	return number($node, "SELECT rows FROM hnsw_stats('t_v')");
}

my $fresh = visited();
$node->safe_psql('postgres', 'UPDATE t SET a = (a + 1) % 20');
is(rows_in_index(), 2 * $rows, 'the index has both versions of each row');

# a page at a time
my ($out, $err) = ('', '');
my $vacuum = IPC::Run::start(
	[
		'psql', '-X', '-h', $node->host, '-p', $node->port,
		'-c', 'SET vacuum_cost_limit = 1', '-c', 'SET vacuum_cost_delay = 5',
		'-c', 'VACUUM t', 'postgres'
	],
	'>', \$out, '2>', \$err);
$node->poll_query_until('postgres',
	"SELECT rows < 1.4 * $rows FROM hnsw_stats('t_v')")
  or die 'vacuum has removed nothing';
$node->safe_psql('postgres',
	"SELECT pg_cancel_backend(pid) FROM pg_stat_activity
	 WHERE query = 'VACUUM t' AND backend_type = 'client backend'");
$vacuum->finish;
like($err, qr/canceling statement/, 'vacuum was cut off');
check_index($node, 't_v', 'cut off');
my $cut_off = visited();
cmp_ok(abs($cut_off - $fresh), '>', 0.2 * $fresh,
	"searches doubt what edges say: $fresh visits, now $cut_off");

$node->safe_psql('postgres', 'VACUUM t');
is(rows_in_index(), $rows, 'vacuum has removed the rest');
check_table($node, 't', 'vacuumed');
my $after = visited();
cmp_ok(abs($after - $fresh), '<', 0.3 * $fresh,
	"visits as before: $fresh, now $after");
$node->stop;
done_testing();
