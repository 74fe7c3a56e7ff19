# What can go wrong from outside: statements cancelled at any moment, a disk
# that is full, damaged and foreign pages.  There is a clear error each time,
# no crash, nothing else is harmed, and work goes on.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# ---- statements cancelled ---------------------------------------------------

# Damage is for us to see, not for checksums, which are the default since 18.
my $node = new_node('faults', conf => "ignore_checksum_failure = on\n");
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id serial PRIMARY KEY, v vector(100));
INSERT INTO t (v) SELECT test_vector(i, 100) FROM generate_series(1, 2000) i;
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops);
SQL
my $size = number($node, "SELECT pg_relation_size('t_v')");

# Cancel a statement after 1, 2, 4 ... ms, until it gets through once.
# Returns how often it was cancelled.
sub cancel_until_done
{
	my ($label, $statement) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $cancelled = 0;
	my $timeout = 1;
	my $other = '';
	for (my $i = 0; $i < 60; $i++)
	{
		my ($rc, $out, $err) = $node->psql('postgres',
			"SET statement_timeout = $timeout; $statement");
		last if $rc == 0;
		$err =~ /canceling statement due to statement timeout/
		  ? $cancelled++
		  : ($other .= $err);
		$timeout = int($timeout * 1.3) + 1;
	}
	is($other, '', "$label: no error but that it was cancelled");
	cmp_ok($cancelled, '>', 1, "$label: cancelled $cancelled times");
	check_index($node, 't_v', "$label, cancelled");
	return;
}

cancel_until_done('INSERT',
	'INSERT INTO t (v) SELECT test_vector(i, 100) FROM generate_series(1, 1000) i'
);
cancel_until_done('INSERT of one vector',
	'INSERT INTO t (v) SELECT test_vector(1, 100) FROM generate_series(1, 5000)');
cancel_until_done('UPDATE', 'UPDATE t SET v = v WHERE id % 2 = 0');
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 3 = 0');
# slow enough to be cancelled between any two pages
cancel_until_done('VACUUM',
	"SET vacuum_cost_limit = 1; SET vacuum_cost_delay = '0.1ms'; "
	  . 'VACUUM (INDEX_CLEANUP ON) t');
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
check_index($node, 't_v', 'vacuumed after all that');
is( $node->safe_psql('postgres',
		"SELECT dying_nodes, reserved_slots FROM hnsw_stats('t_v')"),
	'0|0',
	'nothing is left of what was cancelled');
# ---- vacuum cancelled in each of its steps ----------------------------------

# Vacuum sleeps after every page, some seconds a step; how far it is is seen in
# what it leaves.  Most nodes here have others above them.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE w (id serial PRIMARY KEY, v vector(100));
INSERT INTO w (v) SELECT test_vector(i, 100) FROM generate_series(1, 1000) i;
CREATE INDEX w_v ON w USING hnsw (v vector_l2_ops) WITH (m = 2);
DELETE FROM w WHERE id % 2 = 0;
CREATE VIEW steps AS SELECT
	sum(dying_nodes) FILTER (WHERE layer = 0) AS dying,
	sum(dying_nodes) FILTER (WHERE layer > 0) AS upper_dying,
	sum(edges) FILTER (WHERE layer = 0) AS edges,
	(SELECT free_slots FROM hnsw_stats('w_v')) AS free
FROM hnsw_layers('w_v');
SQL

# Run vacuum until the view says so, then do something, then cancel it.
# Returns what the view says after that.
sub cancel_vacuum_when
{
	my ($label, $until, $meanwhile) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($out, $err) = ('', '');
	my $vacuum = IPC::Run::start(
		[
			'psql', '-X', '-h', $node->host, '-p', $node->port,
			'-c', 'SET vacuum_cost_limit = 1',
			'-c', 'SET vacuum_cost_page_miss = 1',
			'-c', 'SET vacuum_cost_page_dirty = 1',
			'-c', "SET vacuum_cost_delay = '20ms'",
			'-c', 'VACUUM (INDEX_CLEANUP ON) w', 'postgres'
		],
		'>', \$out, '2>', \$err);
	ok($node->poll_query_until('postgres', "SELECT $until FROM steps"),
		"$label: got there");
	$meanwhile->() if $meanwhile;
	$node->safe_psql('postgres', <<'SQL');
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE query LIKE 'VACUUM%' AND state = 'active';
SQL
	$vacuum->finish;
	like($err, qr/canceling statement due to user request/,
		"$label: was cancelled");
	check_table($node, 'w', $label);
	my %steps;
	@steps{qw(dying upper_dying edges free)} =
	  split /\|/, $node->safe_psql('postgres', 'SELECT * FROM steps');
	return \%steps;
}

my $first = cancel_vacuum_when('vacuum, step 1', 'dying > 0');
cmp_ok($first->{dying}, '<', 500, 'step 1 was not over');
is($first->{upper_dying}, 0, 'step 2 had not begun');

# Inserts go on while upper nodes are marked.
my $second = cancel_vacuum_when(
	'vacuum, step 2',
	'upper_dying > 0',
	sub {
		$node->safe_psql('postgres', "SET lock_timeout = '1min'; "
			  . 'INSERT INTO w (v) SELECT test_vector(i, 100) '
			  . 'FROM generate_series(2001, 2020) i');
	});
is($second->{dying}, 500, 'step 1 was over');

my $third =
  cancel_vacuum_when('vacuum, step 3', "edges <> $second->{edges}");
is($third->{dying}, 500, 'step 4 had not begun');
cmp_ok($second->{upper_dying}, '<', $third->{upper_dying},
	'step 2 had not been over, though rows were inserted meanwhile');

my $fourth = cancel_vacuum_when('vacuum, step 4', 'free > 0');
cmp_ok($fourth->{dying}, '>', 0, 'step 4 was not over');
$node->safe_psql('postgres',
	'INSERT INTO w (v) SELECT test_vector(i, 100) '
	  . 'FROM generate_series(3001, 3100) i');
check_index($node, 'w_v', 'inserted among what is left');
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) w');
check_table($node, 'w', 'vacuumed at last');
is( $node->safe_psql('postgres', 'SELECT dying, upper_dying FROM steps'),
	'0|0', 'nothing is left of what was cancelled');
$node->safe_psql('postgres', 'DROP VIEW steps; DROP TABLE w');

# ---- postings emptied while rows are put into them --------------------------

# Few vectors, with many rows each, that come and go: nodes lose all rows but
# those in postings, postings all of theirs, while inserts go to the same.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE p (id serial PRIMARY KEY, x int, v vector(3));
CREATE INDEX p_x ON p (x);
CREATE INDEX p_v ON p USING hnsw (v vector_l2_ops) WITH (m = 2);
SQL
my %script = (
	'one@40' => <<'SQL',
\set x random(1, 4)
INSERT INTO p (x, v) VALUES (:x, test_vector(:x, 3));
SQL
	'older@2' => <<'SQL',
\set x random(1, 4)
DELETE FROM p WHERE x = :x AND id < (SELECT max(id) FROM p) - 30;
SQL
	'all@2' => <<'SQL',
\set x random(1, 4)
DELETE FROM p WHERE x = :x;
SQL
	'vacuum@6' => 'VACUUM (INDEX_CLEANUP ON, TRUNCATE OFF) p');
my @files = pgbench_files($node, %script);
my ($out, $err) = ('', '');
my $bench = IPC::Run::start(
	[
		'pgbench', '-n', '-c', 4, '-t', 2000, '--random-seed', 3, '-h',
		$node->host, '-p', $node->port, @files, 'postgres'
	],
	'>', \$out, '2>', \$err);
# what an insert put where it gets lost is soon deleted: look all the time
my $lost = <<'SQL';
SET enable_seqscan = off;
SET hnsw.prefilter = off;
SET hnsw.iterative_scan = relaxed_order;
WITH found AS MATERIALIZED (
	SELECT id FROM p ORDER BY v <-> test_vector(1, 3) LIMIT 1000000)
SELECT count(*) FROM (SELECT id FROM p EXCEPT SELECT id FROM found) x;
SQL
my ($missing, $most) = (0, 0);
while ($bench->pumpable)
{
	$missing += number($node, $lost);
	my $postings = number($node, "SELECT postings FROM hnsw_stats('p_v')");
	$most = $postings if $postings > $most;
	$bench->pump_nb;
}
$bench->finish;
is($bench->result(0), 0, 'pgbench on postings ended well') or diag($err);
is($missing, 0, 'no rows were lost');
cmp_ok($most, '>', 0, "there were postings ($most)");
check_table($node, 'p', 'postings');

# Postings emptied one after the other: all there are, those in the middle of
# a list, those at its head.  Of 100 rows of a node the first 15 are left.
sub postings_without
{
	my ($condition) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	delete_and_vacuum($node, 'p', $condition);
	check_table($node, 'p', "postings without $condition");
	return $node->safe_psql('postgres',
		'SELECT nodes, postings, dying_nodes, reserved_slots '
		  . "FROM hnsw_stats('p_v')");
}
is(postings_without('true'), '0|0|0|0', 'postings go with their nodes');
$node->safe_psql('postgres', <<'SQL');
INSERT INTO p (id, x, v)
	SELECT i, 1 + i % 4, test_vector(1 + i % 4, 3) FROM generate_series(1, 400) i;
SQL
my $full = number($node, "SELECT postings FROM hnsw_stats('p_v')");
my ($nodes, $fewer) =
  split /\|/, postings_without('id BETWEEN 61 AND 340');
is($nodes, 4, 'all nodes are left');
cmp_ok($fewer, '<', $full, "empty postings are freed ($full -> $fewer)");
is(postings_without('id > 340'), '4|4|0|0', 'so are first postings');
is(postings_without('true'), '0|0|0|0', 'postings go with their nodes');
$node->safe_psql('postgres', 'DROP TABLE p');

# ---- other statements cancelled ---------------------------------------------

cancel_until_done('SELECT',
	"SET enable_seqscan = off; SET work_mem = '1GB'; "
	  . "SET hnsw.max_scan_tuples = 2147483647; SELECT count(*) FROM "
	  . '(SELECT * FROM t ORDER BY v <-> test_vector(7, 100) LIMIT 1000000) x');
cancel_until_done('CREATE INDEX',
	'CREATE INDEX t_v2 ON t USING hnsw (v vector_ip_ops)');
cancel_until_done('CREATE INDEX on disk',
	"SET maintenance_work_mem = '1MB'; SET client_min_messages = warning; "
	  . 'CREATE INDEX t_v3 ON t USING hnsw (v vector_cosine_ops)');
foreach my $index ('t_v', 't_v2', 't_v3')
{
	check_index($node, $index, "$index after all that");
}
check_same_rows($node, 't', 'after all that');

# Files of indexes whose build was cut off are gone.
is( $node->safe_psql(
		'postgres', <<'SQL'), '0', 'no files are left behind');
CHECKPOINT;
SELECT count(*) FROM pg_database d,
	pg_ls_dir('base/' || d.oid) f
WHERE datname = current_database() AND f ~ '^\d+$' AND f::bigint > 16384
	AND pg_filenode_relation(0, f::oid) IS NULL;
SQL

# ---- damaged pages ----------------------------------------------------------

# Every damage gets an index of its own, on a table of its own, and is made
# with the server down.
my $page_size = 8192;
my $intact = 'CREATE TABLE %1$s (id int, v vector(24)); '
  . 'INSERT INTO %1$s SELECT i, test_vector(i, 24) '
  . 'FROM generate_series(1, 400) i; '
  . 'CREATE INDEX %1$s_v ON %1$s USING hnsw (v vector_l2_ops)';

sub header
{
	my ($page, %fields) = @_;
	# lsn (8), checksum, flags, lower, upper, special, version, xid
	my @f = unpack('a8 v6 V', $page);
	my %at = (lower => 3, upper => 4, special => 5);
	$f[ $at{$_} ] = $fields{$_} foreach keys %fields;
	substr($page, 0, 24) = pack('a8 v6 V', @f);
	return $page;
}

# Damage, its block (or the pages of a kind), and which errors it may give
my %kinds = (nodes => 2, rowmap => 5, 'rowmap lists' => 6);
my %damage = (
	zero_meta => [ 0, sub { "\0" x $page_size }, qr/unexpected zero page/ ],
	zero_node => [ 'nodes', sub { "\0" x $page_size },
		qr/unexpected zero page/ ],
	meta_magic => [ 0,
		sub { my $p = shift; substr($p, 24, 4) = 'abcd'; $p },
		qr/a meta page not of hnsw/ ],
	meta_version => [ 0,
		sub { my $p = shift; substr($p, 28, 4) = pack('V', 4711); $p },
		qr/format version 4711/ ],
	meta_metric => [ 0,
		sub { my $p = shift; substr($p, 32, 4) = pack('V', 99); $p },
		qr/an impossible meta page/ ],
	meta_dimensions => [ 0,
		sub { my $p = shift; substr($p, 36, 4) = pack('V', 0x7fffffff); $p },
		qr/an impossible meta page/ ],
	meta_other_dimensions => [ 0,
		sub { my $p = shift; substr($p, 36, 4) = pack('V', 30); $p },
		qr/an impossible meta page/ ],
	meta_entry => [ 0,
		sub { my $p = shift; substr($p, 64, 8) = pack('Q<', 0xfffff0001); $p },
		qr/a reference to a missing page at block 1048575/ ],
	page_id => [ 'nodes',
		sub { my $p = shift; substr($p, -2) = "\0\0"; $p },
		qr/a corrupted page/ ],
	page_kind => [ 'nodes',
		sub { my $p = shift; substr($p, -8, 2) = pack('v', 3); $p },
		qr/a page of the wrong kind|a corrupted page/ ],
	garbage => [ 'nodes', sub { "\x5a" x $page_size }, qr/invalid page/ ],
	lower => [ 'nodes', sub { header(shift, lower => 9000) },
		qr/invalid page/ ],
	special => [ 'nodes', sub { header(shift, special => 8000) },
		qr/invalid page|a corrupted page/ ],
	few_slots => [ 'nodes', sub { header(shift, lower => 24) },
		qr/a corrupted page/ ],
	slot_offset => [ 'nodes',
		sub { my $p = shift;
			my ($item) = unpack('V', substr($p, 24, 4));
			substr($p, 24, 4) = pack('V', ($item & ~0x7fff) | 0x7ff8); $p },
		qr/a corrupted page/ ],
	slot_length => [ 'nodes',
		sub { my $p = shift;
			my ($item) = unpack('V', substr($p, 24, 4));
			substr($p, 24, 4) = pack('V', ($item & 0x1ffff) | (8 << 17)); $p },
		qr/a corrupted page/ ],
	foreign => [ 'nodes', undef, qr/a corrupted page/ ],
	noise => [ 'nodes',
		sub { my $p = shift;
			srand(5);
			# everything but header, line pointers and special space
			substr($p, 200, $page_size - 208) =
			  join('', map { chr(int(rand(256))) } 1 .. $page_size - 208);
			$p },
		qr/./ ],
	rowmap_places => [ 'rowmap',
		sub { my $p = shift; substr($p, 152, 6) = pack('v3', 15, 9, 1); $p },
		qr/a reference to a missing page at block 983049/ ],
	rowmap_nodes => [ 'rowmap',
		sub { my $p = shift;
			substr($p, 92, 12) = substr($p, 98, 6) . substr($p, 92, 6); $p },
		qr/breaks invariant I19/ ],
	rowmap_empty => [ 'rowmap', sub { header(shift, lower => 24) },
		qr/a corrupted page/ ],
	rowmap_list => [ 'rowmap lists',
		sub { my $p = shift; substr($p, 32, 4) = pack('V', 1); $p },
		qr/a page of the wrong kind/ ],
	truncated => [ 'end', undef, qr/a reference to a missing page/ ],);

# An index with a table to show that it is unharmed
$node->safe_psql('postgres', sprintf($intact, 'good'));
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE wide (id int, v vector(700));
INSERT INTO wide SELECT i, test_vector(i, 700) FROM generate_series(1, 20) i;
CREATE INDEX wide_v ON wide USING hnsw (v vector_l2_ops);
SQL
my %path;
foreach my $name (keys %damage)
{
	$node->safe_psql('postgres', sprintf($intact, "d_$name"));
	$path{$name} = $node->data_dir . '/'
	  . $node->safe_psql('postgres',
		"SELECT pg_relation_filepath('d_${name}_v')");
}
my $wide = $node->data_dir . '/'
  . $node->safe_psql('postgres', "SELECT pg_relation_filepath('wide_v')");

sub read_page
{
	my ($file, $block) = @_;
	open my $f, '<:raw', $file or die "$file: $!";
	seek $f, $block * $page_size, 0;
	read $f, my $page, $page_size;
	close $f;
	return $page;
}

sub write_page
{
	my ($file, $block, $page) = @_;
	die 'not a page' if length($page) != $page_size;
	open my $f, '+<:raw', $file or die "$file: $!";
	seek $f, $block * $page_size, 0;
	print $f $page;
	close $f;
	return;
}

sub kind { return unpack('v', substr($_[0], -8, 2)); }

$node->stop;
my ($foreign) = grep { kind($_) == 2 } map { read_page($wide, $_) } 1 .. 3;
foreach my $name (sort keys %damage)
{
	my ($where, $change, undef) = @{ $damage{$name} };
	my $file = $path{$name};
	my $blocks = (-s $file) / $page_size;
	if ($where eq 'end')
	{
		truncate $file, 2 * $page_size or die "$file: $!";
		next;
	}
	# all pages of the kind, so that no search misses them
	foreach my $block ($kinds{$where} ? (1 .. $blocks - 1) : ($where))
	{
		my $page = read_page($file, $block);
		next if $kinds{$where} && kind($page) != $kinds{$where};
		write_page($file, $block, $change ? $change->($page) : $foreign);
	}
}
$node->start;

foreach my $name (sort keys %damage)
{
	my $expected = $damage{$name}[2];
	my (%errors, %failed);
	foreach my $statement (
		"SELECT count(*) FROM (SELECT * FROM d_$name "
		  . "ORDER BY v <-> test_vector(3, 24) LIMIT 300) x",
		"SET hnsw.debug_prefilter = exact; "
		  . "SELECT count(*) FROM (SELECT * FROM d_$name WHERE id < 50 "
		  . "ORDER BY v <-> test_vector(3, 24) LIMIT 3) x",
		"INSERT INTO d_$name SELECT i, test_vector(i, 24) "
		  . 'FROM generate_series(1, 3) i',
		"UPDATE d_$name SET v = v WHERE id < 5",
		"DELETE FROM d_$name WHERE id % 2 = 0; "
		  . "VACUUM (INDEX_CLEANUP ON) d_$name",
		"SELECT hnsw_check('d_${name}_v')",
		"SELECT hnsw_check('d_${name}_v', true)",
		"SELECT hnsw_stats('d_${name}_v')")
	{
		my ($rc, $out, $err) = $node->psql('postgres',
			"\\set VERBOSITY verbose\nSET enable_seqscan = off;\n$statement;");
		unlike($err, qr/server closed the connection/,
			"$name: no crash in $statement");
		next if $rc == 0;
		like($err, qr/ERROR:  XX00[12]:/,
			"$name: says that it is damaged in $statement")
		  or diag($err);
		like($err, qr/d_${name}_v|base\/\d+\/\d+/,
			"$name: names the index in $statement");
		$errors{$err} = 1;
		$failed{$statement} = 1;
	}
	ok($failed{"SELECT hnsw_check('d_${name}_v', true)"},
		"$name: hnsw_check sees it");
	ok(scalar(grep { /$expected/ } keys %errors), "$name: expected error")
	  or diag(join "\n", keys %errors);

	# whatever it is, REINDEX puts it right
	my ($rc, undef, $err) =
	  $node->psql('postgres', "REINDEX INDEX d_${name}_v");
	is($rc, 0, "$name: REINDEX") or diag($err);
	check_index($node, "d_${name}_v", "$name, rebuilt");
}
check_index($node, 'good_v', 'an index next to them');
check_index($node, 't_v', 'and another');

# Zero pages at the end are what a crash leaves of an extension that was not
# logged yet: no damage.
my $file = $node->data_dir . '/'
  . $node->safe_psql('postgres', "SELECT pg_relation_filepath('good_v')");
$node->stop;
write_page($file, (-s $file) / $page_size, "\0" x $page_size) foreach 1 .. 3;
$node->start;
$node->safe_psql('postgres',
	'INSERT INTO good SELECT i, test_vector(i, 24) '
	  . 'FROM generate_series(1001, 1200) i');
delete_and_vacuum($node, 'good', 'id % 3 = 0');
check_table($node, 'good', 'zero pages at the end');
is(number($node, "SELECT new_pages FROM hnsw_stats('good_v')"),
	3, 'there are zero pages');
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal/,
	'no crash all the time');

# ---- a full disk ------------------------------------------------------------

# No file may grow beyond a few megabytes: for the server that is a disk full
# for good.  (As root one would mount one.)
SKIP:
{
	my $limit = 6 * 1024 * 1024;
	skip 'no prlimit', 1
	  if system("prlimit --pid $$ --fsize=$limit:unlimited 2>/dev/null") != 0;
	my $full = PostgreSQL::Test::Cluster->new('full');
	$full->init(extra => ['--wal-segsize=1']);
	$full->append_conf('postgresql.conf',
		"autovacuum = off\njit = off\nmin_wal_size = '2MB'\n"
		  . "max_wal_size = '64MB'\nlog_min_messages = error\n");
	$full->start;
	system("prlimit --pid $$ --fsize=unlimited:unlimited");
	install_helpers($full);
	$full->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id serial, v vector(100));
INSERT INTO t (v) SELECT test_vector(i, 100) FROM generate_series(1, 8000) i;
SQL
	my $files = $full->safe_psql('postgres',
		"SELECT count(*) FROM pg_database, pg_ls_dir('base/' || oid) "
		  . 'WHERE datname = current_database()');
	foreach my $mem ('1MB', '64MB')
	{
		my ($rc, undef, $err) = $full->psql('postgres',
			"SET maintenance_work_mem = '$mem'; "
			  . 'CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops)');
		like($err, qr/could not (?:extend|write)/,
			"CREATE INDEX with $mem fails") or diag($err);
	}
	is( $full->safe_psql('postgres',
			"CHECKPOINT; SELECT count(*) FROM pg_database, "
			  . "pg_ls_dir('base/' || oid) "
			  . 'WHERE datname = current_database()'),
		$files,
		'no files are left behind');

	# inserts up to the end of the disk
	$full->safe_psql('postgres', <<'SQL');
CREATE TABLE s (id serial, v vector(100));
INSERT INTO s (v) SELECT test_vector(i, 100) FROM generate_series(1, 2000) i;
CREATE INDEX s_v ON s USING hnsw (v vector_l2_ops);
SQL
	my ($failed, $error) = (0, '');
	foreach my $i (1 .. 40)
	{
		my ($rc, undef, $err) = $full->psql('postgres',
			'INSERT INTO s (v) SELECT test_vector(i + 1000 * '
			  . "$i, 100) FROM generate_series(1, 150) i");
		next if $rc == 0;
		$failed++;
		$error = $err;
	}
	cmp_ok($failed, '>', 2, "inserts fail ($failed)");
	like($error, qr/could not extend/, 'because the disk is full');
	my $rows = check_table($full, 's', 'on a full disk');
	cmp_ok($rows, '>', 2000, 'some were successful');

	# there is room again when rows are deleted
	delete_and_vacuum($full, 's', 'id % 2 = 0');
	$full->safe_psql('postgres',
		'INSERT INTO s (v) SELECT test_vector(i, 100) '
		  . 'FROM generate_series(1, 200) i');
	check_table($full, 's', 'room again');
	$full->stop;
	unlike(slurp_file($full->logfile), qr/PANIC|TRAP|terminated by signal/,
		'the server went on all the time');
}
done_testing();
