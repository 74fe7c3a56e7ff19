--
-- Casts of type vector
--

-- From arrays
SELECT ARRAY[1,2,3]::vector, ARRAY[1.5,2.25]::vector;
SELECT '{1,2,3}'::real[]::vector, '{1,2,3}'::real[]::vector(3);
SELECT '{0.1,1e-46,-1e-46,16777217}'::double precision[]::vector;
SELECT '{0.1,-12345678901234567890,1e-40}'::numeric[]::vector;
SELECT '{2147483647,-2147483648}'::int[]::vector;
SELECT '[5:7]={1,2,3}'::int[]::vector AS other_lower_bound;
SELECT array_to_vector(ARRAY[1,2], 2, false), array_to_vector(ARRAY[1,2], -1, true);

-- What an array must not be
SELECT '{1,2,3}'::real[]::vector(2);
SELECT '{1,NULL}'::real[]::vector;
SELECT '{NULL}'::numeric[]::vector;
SELECT '{}'::real[]::vector;
SELECT '{{1,2},{3,4}}'::real[]::vector;
SELECT '{NaN}'::real[]::vector;
SELECT '{1,Infinity}'::real[]::vector;
SELECT '{-Infinity}'::double precision[]::vector;
SELECT '{4e38}'::double precision[]::vector;
SELECT '{NaN}'::numeric[]::vector;
SELECT '{1e39}'::numeric[]::vector;
SELECT ARRAY[true]::vector;

-- An array that had a NULL once still says that it has
SELECT (array_remove(ARRAY[1,NULL,3], NULL))::vector;
DO $$
DECLARE
	a real[] := ARRAY[1,NULL,3];
BEGIN
	a[2] := 2;
	RAISE NOTICE '%', a::vector;
END $$;

-- To arrays
SELECT '[1,-0.1,1e38]'::vector::real[];
SELECT '[1,0.1,1e38]'::vector::double precision[];
SELECT '[1,0.5,1.5,-2.5,0.123456789]'::vector::numeric[];
SELECT '[1,0.5,1.5,-2.5,2.51]'::vector::int[];
SELECT '[1,3e9]'::vector::int[];
SELECT pg_typeof('[1]'::vector::real[]), array_dims('[1,2,3]'::vector::real[]);

-- There and back
SELECT count(*) AS vectors, count(*) FILTER (WHERE v::real[]::vector = v
	AND v::double precision[]::vector = v) AS same
FROM (SELECT array_agg(sin(i * n) * 10 ^ (i % 7 - 3))::vector AS v
	FROM generate_series(1, 50) n, generate_series(1, n) i GROUP BY n) t;

-- Between dimensions
SELECT '[1,2]'::vector(2)::vector(3);
SELECT ('[1,2]'::vector(2) || '[3]')::vector(3);

-- Which cast where: e explicit, a also in assignments, i anywhere
SELECT castsource::regtype, casttarget::regtype, castcontext FROM pg_cast
WHERE 'vector'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text, casttarget::regtype::text;
CREATE FUNCTION pg_temp.second(real[]) RETURNS real LANGUAGE sql
	AS 'SELECT $1[2]';
SELECT pg_temp.second('[1,2,3]'::vector) AS implicit;
CREATE TABLE mixed (v vector(2), r real[], d double precision[], i int[],
	n numeric[]);
INSERT INTO mixed VALUES (ARRAY[1,2], '[3,4]'::vector, '[5,6]'::vector,
	'[7,8]'::vector, '[9,10]'::vector);
INSERT INTO mixed (v) SELECT r FROM mixed;
SELECT * FROM mixed;
DROP TABLE mixed;

-- Out-of-line values
CREATE TABLE large (v vector, w vector(5000));
INSERT INTO large SELECT a, a
FROM (SELECT array_agg(i) AS a FROM generate_series(1, 5000) i) t;
INSERT INTO large SELECT w, v FROM large;
SELECT (v::real[])[5000], (v::numeric[])[1], v = w AS same FROM large;
UPDATE large SET w = subvector(v, 1, 4999);
DROP TABLE large;
