# Building an index goes wrong in every way, and is cut off in every phase,
# serial and parallel: nothing may be left behind, and the next build works.
# Then: little memory, none that is shared, and CREATE INDEX CONCURRENTLY
# while others write.
#
# A build is held in a phase by an index expression that, at a certain row,
# waits for an advisory lock.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use HnswTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = 3000;

# Segments of shared memory are files, so that they can be counted.
my $node = new_node('build', conf => <<'CONF');
log_min_messages = debug1
dynamic_shared_memory_type = mmap
max_worker_processes = 8
max_parallel_maintenance_workers = 2
min_parallel_table_scan_size = 0
maintenance_work_mem = 16MB
CONF

$node->safe_psql('postgres', <<"SQL");
CREATE TABLE t (id int, v vector(32));
INSERT INTO t SELECT i, test_vector(i, 32) FROM generate_series(1, $rows) i;
-- The vector, but at the row of that number something happens.  Which rows a
-- worker gets is chance, so 0 stands for all.
CREATE FUNCTION at_row(id int, v vector, n int, what text) RETURNS vector
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS \$\$
BEGIN
	IF what ~ 'in worker' AND NOT EXISTS (SELECT 1 FROM pg_stat_activity
			WHERE pid = pg_backend_pid() AND leader_pid IS NOT NULL) THEN
		RETURN v;
	END IF;
	IF what ~ 'wait' AND n IN (id, 0) THEN
		PERFORM pg_advisory_xact_lock_shared(1);
	ELSIF what ~ 'fail' AND n IN (id, 0) THEN
		RAISE EXCEPTION 'this row fails';
	END IF;
	RETURN v;
END \$\$;
SQL

sub create_index
{
	my ($n, $what, $concurrently) = @_;
	return "CREATE INDEX $concurrently t_v ON t USING hnsw "
	  . "((at_row(id, v, $n, '$what')::vector(32)) vector_l2_ops)";
}

# Relation files that belong to no relation, and large segments of shared
# memory
sub leftovers
{
	$node->safe_psql('postgres', 'CHECKPOINT');
	my $files = $node->safe_psql('postgres', <<'SQL');
SELECT string_agg(f, ' ') FROM pg_database d,
	pg_ls_dir('base/' || d.oid) f
WHERE datname = current_database() AND f ~ '^\d+'
	AND substring(f FROM '^\d+')::oid NOT IN
		(SELECT pg_relation_filenode(oid) FROM pg_class
		WHERE pg_relation_filenode(oid) IS NOT NULL)
SQL
	my $segments = join ' ',
	  grep { -s > 2 * 1024 * 1024 } glob($node->data_dir . '/pg_dynshmem/*');
	return "$files$segments";
}

sub is_clean
{
	my ($label) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity "
		  . "WHERE backend_type = 'parallel worker'")
	  or die "workers go on";
	is(leftovers(), '', "$label: nothing is left");
	is( $node->safe_psql(
			'postgres',
			"SELECT count(*) FROM pg_class WHERE relname = 't_v'"),
		0,
		"$label: no index");
	return;
}

sub number_of_workers
{
	my ($workers) = @_;
	return "SET max_parallel_maintenance_workers = $workers";
}

sub logged
{
	my ($pattern, $from) = @_;
	return slurp_file($node->logfile, $from) =~ $pattern;
}

is(leftovers(), '', 'nothing is left at the beginning');

# ---- errors ----------------------------------------------------------------

foreach my $case (
	[ 'first row, alone', 0, 1, 'fail' ],
	[ 'last row, alone', 0, $rows, 'fail' ],
	[ 'some row, with workers', 2, 1500, 'fail' ],
	[ 'last row, with workers', 2, $rows, 'fail' ])
{
	my ($label, $workers, $n, $what) = @$case;
	my ($rc, $out, $err) = $node->psql('postgres',
		number_of_workers($workers) . ';' . create_index($n, $what, ''));
	like($err, qr/this row fails/, "$label: an error");
	is_clean($label);
}

my $log = -s $node->logfile;
my ($rc, $out, $err) =
  $node->psql('postgres', create_index(0, 'fail in worker', ''));
like($err, qr/this row fails.*parallel worker/s, 'in a worker: an error');
ok( logged(qr/building index "t_v" with 2 parallel workers/, $log),
	'in a worker: there were workers');
is_clean('in a worker');

# ---- cut off ---------------------------------------------------------------

# Start a build that waits at a row, do something to it when it does, and
# see how it ends.
sub cut_off
{
	my ($label, $settings, $n, $phase, $cut, $expected, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $holder = $node->background_psql('postgres');
	my ($out, $err) = ('', '');

	$holder->query_safe('SELECT pg_advisory_lock(1)');
	my $build = IPC::Run::start(
		[
			'psql', '-X', '-d', $node->connstr('postgres'),
			(map { ('-c', $_) } @$settings), '-c', create_index($n, $what // 'wait', '')
		],
		'>', \$out, '2>', \$err);
	$node->poll_query_until(
		'postgres', "SELECT count(*) > 0 FROM pg_locks, "
		  . "pg_stat_progress_create_index WHERE locktype = 'advisory' "
		  . "AND NOT granted AND phase = 'building index: $phase'")
	  or die "$label: it does not wait";
	# the others have gone as far as they can
	$node->safe_psql('postgres', 'SELECT pg_sleep(0.3)');
	is( $node->safe_psql(
			'postgres',
			"SELECT tuples_done > 0, tuples_total > 0, blocks_total > 0 "
			  . "FROM pg_stat_progress_create_index"),
		't|t|t',
		"$label: progress is reported");
	$node->safe_psql('postgres', $cut);
	$build->finish;
	like($err, $expected, "$label: ended");
	$holder->quit;
	is_clean($label);
	return;
}

my $cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index";
my $canceled = qr/canceling statement due to user request/;
my $in_memory = 'loading tuples';
my $on_disk = 'loading tuples beyond maintenance_work_mem';
my $little = "SET maintenance_work_mem = '1MB'";
my $leader = "backend_type = 'client backend' AND query ~ '^CREATE INDEX'";
my $worker = "backend_type = 'parallel worker'";

cut_off('cancel, alone, in memory',
	[ number_of_workers(0) ],
	2500, $in_memory, $cancel, $canceled);
cut_off('cancel, alone, on disk', [ number_of_workers(0), $little ],
	2500, $on_disk, $cancel, $canceled);
cut_off('cancel, with workers, in memory',
	[ number_of_workers(2) ],
	1500, $in_memory, $cancel, $canceled);
cut_off('cancel, with workers, on disk',
	[ number_of_workers(2), $little ],
	$rows, $on_disk, $cancel, $canceled);
cut_off(
	'leader terminated',
	[ number_of_workers(2) ],
	1500, $in_memory,
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $leader",
	qr/terminating connection due to administrator command/);
cut_off(
	'workers terminated',
	[ number_of_workers(2) ],
	0, $in_memory,
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $worker",
	qr/terminating.*administrator command|lost connection to parallel worker/,
	'wait in worker');

# All other phases, and the moments between: a timeout that grows until the
# build is done, and then some shortly before that, when it is being written.
sub build_within
{
	my ($timeout, $workers, $memory) = @_;
	my ($rc, $out, $err) =
	  $node->psql('postgres', number_of_workers($workers)
		  . "; SET maintenance_work_mem = '$memory';"
		  . "SET statement_timeout = $timeout;"
		  . create_index(-1, '', ''));
	return 1 if $rc == 0;
	BAIL_OUT($err) if $err !~ /statement timeout/;
	return 0;
}

foreach my $case ([ 0, '1MB' ], [ 0, '16MB' ], [ 2, '1MB' ], [ 2, '16MB' ])
{
	my ($workers, $memory) = @$case;
	my $label = "timeout, $workers workers, $memory";
	my $cut = 0;
	my $timeout = 1;
	while (!build_within($timeout, $workers, $memory))
	{
		$cut++;
		$timeout = int($timeout * 1.4) + 1;
	}
	foreach my $share (0.74, 0.78, 0.82, 0.86, 0.9, 0.95)
	{
		$node->safe_psql('postgres', 'DROP INDEX IF EXISTS t_v');
		$cut++
		  if !build_within(int($timeout * $share), $workers, $memory);
	}
	cmp_ok($cut, '>', 3, "$label: cut off $cut times");
	$node->safe_psql('postgres', 'DROP INDEX IF EXISTS t_v');
	is_clean($label);
	build_within(0, $workers, $memory);
	check_index($node, 't_v', $label);
	$node->safe_psql('postgres', 'DROP INDEX t_v');
}

# ---- memory ----------------------------------------------------------------

# As little as there can be, in a table whose nodes take a page each
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE wide (id int, v vector(2000));
INSERT INTO wide SELECT i, test_vector(i, 2000) FROM generate_series(1, 300) i;
SET max_parallel_maintenance_workers = 0;
SET maintenance_work_mem = '1MB';
CREATE INDEX wide_v ON wide USING hnsw (v vector_l2_ops);
SQL
check_table($node, 'wide', 'a page for each node, 1 MB');
$node->safe_psql('postgres', <<'SQL');
ALTER TABLE wide SET (parallel_workers = 6);
SET max_parallel_maintenance_workers = 6;
SET maintenance_work_mem = '1MB';
REINDEX INDEX wide_v;
SQL
check_table($node, 'wide', 'the same with 6 workers');

# Progress shows the end when it is reached: tuples_done is what was indexed.
$log = -s $node->logfile;
$node->safe_psql('postgres', 'REINDEX INDEX wide_v');
ok( logged(qr/building index "wide_v" with 2 parallel workers/, $log),
	'workers, for a table that is small without its TOAST table');

# No segment for the arena can be had: files may not be that large.  (A table
# of almost empty pages, which might hold many rows.)
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE sparse (id int, v vector(32)) WITH (fillfactor = 10);
INSERT INTO sparse SELECT * FROM t;
SQL
$node->stop;
my $limit = 32 * 1024;    # in kB; WAL files and tables are smaller
system_or_bail('bash', '-c',
		"ulimit -f $limit; exec pg_ctl -w -s -D '"
	  . $node->data_dir . "' -l '"
	  . $node->logfile
	  . "' start");
$node->_update_pid(1);
($rc, $out, $err) = $node->psql('postgres', <<'SQL');
SET maintenance_work_mem = '1GB';
CREATE INDEX sparse_v ON sparse USING hnsw
	((subvector(v, 1, 32)::vector(32)) vector_l2_ops);
SQL
is($rc, 0, 'without shared memory: built');
like($err, qr/without parallel workers/, 'without shared memory: a notice');
check_index($node, 'sparse_v', 'without shared memory');
$node->stop;

# No worker can be had.
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->start;
($rc, $out, $err) = $node->psql('postgres', create_index(-1, '', ''));
is($rc, 0, 'without workers: built');
like($err, qr/No worker process could be started/, 'without workers: a notice');
check_index($node, 't_v', 'without workers');
$node->safe_psql('postgres', 'DROP INDEX t_v');
is_clean('without workers');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;

# ---- concurrently ----------------------------------------------------------

# Others insert, update and delete while the index is built.
$node->safe_psql('postgres', 'CREATE UNIQUE INDEX t_id ON t (id)');
my $script = $node->basedir . '/writes.sql';
append_to_file($script, <<'SQL');
\set old random(1, 3000)
\set new random(10000, 1000000)
DELETE FROM t WHERE id = :old;
INSERT INTO t VALUES (:new, test_vector(:new, 32)) ON CONFLICT DO NOTHING;
UPDATE t SET v = test_vector(id + 7, 32) WHERE id = :old + 1;
UPDATE t SET id = id WHERE id = :old + 2;
SQL
foreach my $workers (0, 2)
{
	foreach my $memory ('1MB', '16MB')
	{
		my $label = "concurrently, $workers workers, $memory";
		my $new = number($node, 'SELECT count(*) FROM t WHERE id >= 10000');
		my ($out, $err) = ('', '');
		my $writes = IPC::Run::start(
			[
				'pgbench', '-n', '-c', 2, '-T', 600, '-R', 200, '-f', $script,
				$node->connstr('postgres') . ' application_name=writes'
			],
			'>', \$out, '2>', \$err);
		$node->poll_query_until('postgres',
			"SELECT count(*) > 0 FROM pg_stat_activity "
			  . "WHERE application_name = 'writes'");
		$node->safe_psql('postgres', number_of_workers($workers)
			  . ";\nSET maintenance_work_mem = '$memory';\n"
			  . "CREATE INDEX CONCURRENTLY t_v ON t USING hnsw "
			  . "(v vector_l2_ops);\n");
		$node->safe_psql('postgres',
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
			  . "WHERE application_name = 'writes'");
		$writes->finish;
		cmp_ok(number($node, 'SELECT count(*) FROM t WHERE id >= 10000'),
			'>', $new + 10, "$label: others wrote");
		unlike($err, qr/ERROR/, "$label: no errors of those who write");
		check_table($node, 't', $label);
		$node->safe_psql('postgres', 'DROP INDEX t_v');
	}
}

$node->stop;
done_testing();
