--
-- Functions of type vector
--

SELECT vector_dims('[1,2,3]'::vector);

-- Norms; squares are summed in double, so none overflows or vanishes
SELECT vector_norm('[3,4]'), vector_norm('[0,0]'), vector_norm('[-2]');
SELECT vector_norm('[3e37,4e37]')::real, vector_norm('[3e-40,4e-40]')::real;
SELECT vector_norm(array_fill(2, ARRAY[n])::vector) AS norm
FROM unnest(ARRAY[1, 4, 9, 16, 100, 16000]) n;

SELECT l2_normalize('[3,4]'::vector);
SELECT l2_normalize('[0,-0.1]'::vector), l2_normalize('[0,0]'::vector);
SELECT l2_normalize('[3e38]'::vector), l2_normalize('[-1e-45]'::vector);

-- Euclidean distance
SELECT l2_distance('[0,0]'::vector, '[3,4]');
SELECT l2_distance('[1,2,3]'::vector, '[1,2,3]');
SELECT l2_distance('[1,1,1,1,1,1,1,1,1]'::vector, '[1,1,1,1,1,1,1,4,5]');
SELECT vector_l2_squared_distance('[0,0]', '[3,4]');

-- Inner product
SELECT inner_product('[1,2]'::vector, '[3,4]');
SELECT inner_product('[1,1,1,1,1,1,1,1,1]'::vector, '[1,2,3,4,5,6,7,8,9]');
SELECT vector_negative_inner_product('[1,2]', '[3,-4]');

-- Cosine distance
SELECT cosine_distance('[1,2]'::vector, '[2,4]');
SELECT cosine_distance('[1,0]'::vector, '[0,2]');
SELECT cosine_distance('[1,1]'::vector, '[-1,-1]');
SELECT cosine_distance('[1,2,3,4,5,6,7,8,9]'::vector,
	'[-1,-2,-3,-4,-5,-6,-7,-8,-9]');
SELECT cosine_distance('[1,1]'::vector, '[1.1,1.1]'),
	cosine_distance('[1,1]'::vector, '[-1.1,-1.1]');

-- There is no angle to a zero vector
SELECT cosine_distance('[1,2]'::vector, '[0,0]'),
	cosine_distance('[0,0]'::vector, '[0,0]');

-- Angle as a share of a half turn, of unit vectors
SELECT vector_spherical_distance('[1,0]', '[1,0]') AS same,
	vector_spherical_distance('[1,0]', '[0,1]') AS right_angle,
	vector_spherical_distance('[1,0]', '[-1,0]') AS opposite,
	vector_spherical_distance('[1,1]', '[1,1]') AS not_unit;

-- Taxicab distance
SELECT l1_distance('[0,0]'::vector, '[3,-4]');
SELECT l1_distance('[1,2,3,4,5,6,7,8,9]'::vector, '[0,3,2,5,4,7,6,9,8]');

-- Sums beyond the largest float are infinite, which is no error
SELECT l2_distance('[3e38]'::vector, '[-3e38]') AS l2,
	inner_product('[3e38]'::vector, '[3e38]') AS ip,
	cosine_distance('[3e38]'::vector, '[3e38]') AS cosine,
	l1_distance('[3e38]'::vector, '[-3e38]') AS l1;

-- Every length up to 130 against sums in SQL.  Small integers, so exact.
WITH input AS (
	SELECT n, array_agg((i * 7 + n) % 11 - 5 ORDER BY i) AS a,
		array_agg((i * 5 + n) % 13 - 6 ORDER BY i) AS b
	FROM generate_series(1, 130) n, generate_series(1, n) i
	GROUP BY n
), sums AS (
	SELECT n, a::vector AS a, b::vector AS b, s.*
	FROM input, LATERAL (
		SELECT sum((x - y) ^ 2) AS l2, sum(x * y) AS ip,
			sum(abs(x - y)) AS l1, sum(x * x) AS aa, sum(y * y) AS bb
		FROM unnest(a, b) u(x, y)) s
)
SELECT count(*) AS lengths,
	count(*) FILTER (WHERE l2_distance(a, b) = sqrt(l2)) AS l2,
	count(*) FILTER (WHERE vector_l2_squared_distance(a, b) = l2) AS l2_squared,
	count(*) FILTER (WHERE inner_product(a, b) = ip) AS ip,
	count(*) FILTER (WHERE l1_distance(a, b) = l1) AS l1,
	count(*) FILTER (WHERE vector_norm(a) = sqrt(aa)) AS norm,
	count(*) FILTER (WHERE aa = 0 OR bb = 0
		OR abs(cosine_distance(a, b) - (1 - ip / sqrt(aa * bb))) < 1e-15)
		AS cosine
FROM sums;

-- Bits: is it above zero?  The first element is the first bit.
SELECT binary_quantize('[1,0,-1]'::vector);
SELECT binary_quantize('[0,0.1,-0.2,-0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1]'::vector);
SELECT binary_quantize('[1,-1,1,-1,1,-1,1,-1]'::vector);
SELECT length(binary_quantize(array_fill(1, ARRAY[16000])::vector));
SELECT pg_typeof(binary_quantize('[1]'::vector));

-- Subvectors are cut at both ends, like substring()
SELECT subvector('[1,2,3,4,5]'::vector, 1, 3);
SELECT subvector('[1,2,3,4,5]'::vector, 3, 2);
SELECT subvector('[1,2,3,4,5]'::vector, 5, 1);
SELECT subvector('[1,2,3,4,5]'::vector, -1, 3);
SELECT subvector('[1,2,3,4,5]'::vector, 3, 9);
SELECT subvector('[1,2,3,4,5]'::vector, 3, 2147483647);
SELECT subvector('[1,2,3,4,5]'::vector, -2147483644, 2147483647);

-- NULL in, NULL out
SELECT l2_distance(NULL::vector, '[1]') IS NULL
	AND cosine_distance('[1]'::vector, NULL) IS NULL
	AND vector_dims(NULL::vector) IS NULL
	AND subvector('[1]'::vector, 1, NULL) IS NULL AS all_null;

-- Out-of-line values
CREATE TABLE large AS
SELECT id, array_fill(id, ARRAY[4096])::vector AS v
FROM generate_series(1, 3) id;
SELECT id, vector_dims(v), vector_norm(v), subvector(v, 4096, 1),
	v <-> (SELECT v FROM large WHERE id = 1) AS distance
FROM large ORDER BY id;
DROP TABLE large;

-- The planner knows what a distance costs, in operators of 0.0025 each: 11
-- with 128 dimensions; 20 with 1024, 100 to find the value in the TOAST table,
-- and a page (1.0) for each 8192 of its 4104 bytes.  COST, 20, if unknown.
CREATE FUNCTION pg_temp.distance_cost(type text) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
	with_distance json;
	without json;
BEGIN
	EXECUTE format('CREATE TEMP TABLE costed (v %s)', type);
	EXECUTE 'EXPLAIN (FORMAT json) SELECT v <-> ''[1]'' FROM costed'
		INTO with_distance;
	EXECUTE 'EXPLAIN (FORMAT json) SELECT 1 FROM costed' INTO without;
	DROP TABLE costed;
	RETURN round(((with_distance->0->'Plan'->>'Total Cost')::numeric -
		(without->0->'Plan'->>'Total Cost')::numeric) /
		(without->0->'Plan'->>'Plan Rows')::numeric, 4);
END $$;
SELECT type, pg_temp.distance_cost(type)
FROM unnest(ARRAY['vector(128)', 'vector(1024)', 'vector']) type;

-- Nothing here is volatile, unsafe in parallel plans, or uncommented
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
	AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hnsw'
WHERE p.proname LIKE '%vector%' AND p.prokind = 'f'
	AND p.prorettype <> 'internal'::regtype
	AND (p.provolatile <> 'i' OR p.proparallel <> 's' OR NOT p.proisstrict);
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hnsw'
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
	AND d.classid <> 'pg_opfamily'::regclass
	AND NOT (d.classid = 'pg_type'::regclass AND d.objid = 'vector[]'::regtype)
	AND obj_description(d.objid, d.classid::regclass::name) IS NULL;
