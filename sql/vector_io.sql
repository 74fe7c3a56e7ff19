--
-- Text form, type modifier, arrays and storage of type vector
--

-- Forms of a number
SELECT '[1,2,3]'::vector;
SELECT '[-1,+2,-0]'::vector;
SELECT '[1.,.5,-.25,007]'::vector;
SELECT '[1e3,1E-3,2.5e+2,-1e0]'::vector;
SELECT '[0x10,0x1p-1]'::vector;
SELECT ' [ 1,  2 ,	3  ] '::vector;
SELECT E'\n[\r1\x0b,\f2\t]\n'::vector;

-- The fewest digits that read back as the same number
SELECT '[0.1,1.23456,0.30000001192092896,16777217,123456789]'::vector;
SELECT '[1e6,1e15,1e16,1e-4,1e-5]'::vector;

-- The limits of a float: largest, smallest normal, smallest; below is zero
SELECT '[3.4028235e38,-3.4028235e38,3.40282356e38]'::vector;
SELECT '[1.17549435e-38,1e-45,1e-46,-1e-46]'::vector;

-- A number on the boundary between two floats goes to the even one; a
-- double on the way must not make one of its neighbors of it
SELECT '[16777217,16777219,1.00000005960464477539062]'::vector;
SELECT '[1.00000005960464477539063,1.00000017881393432617187499]'::vector;
SELECT '[0.500000029802322387695312,0.500000029802322387695313]'::vector;

-- What is written reads back, and as strtof() reads it for type real
SELECT count(*) AS numbers,
	count(*) FILTER (WHERE (('[' || t || ']')::vector::real[])[1] = t::real)
	AS as_real,
	count(*) FILTER (WHERE ('[' || t || ']')::vector::text::vector =
		('[' || t || ']')::vector) AS round_trip
FROM (SELECT CASE i % 4
		WHEN 0 THEN (sin(i) * 10 ^ (i % 30 - 15))::text
		WHEN 1 THEN round((cos(i) / 7)::numeric, i % 12 + 1)::text
		WHEN 2 THEN (sin(i) * 10 ^ (i % 60 - 30))::real::text
		ELSE to_char(tan(i), '9.999999EEEE') END AS t
	FROM generate_series(1, 20000) i) numbers;

-- Type modifier
SELECT '[1,2,3]'::vector(3);
SELECT format_type('vector'::regtype, 3), format_type('vector'::regtype, -1);
SELECT '{"[1,2]","[3,4]"}'::vector(2)[];
SELECT unnest('{"[1,2,3]","[4]"}'::vector[]);
SELECT '[1,2]'::vector(2)::vector, '[1,2]'::vector::vector(2);

CREATE TABLE vectors (id int, v vector(3), w vector);
INSERT INTO vectors VALUES (1, '[1,2,3]', '[1]'), (2, NULL, '[1,2]');
INSERT INTO vectors SELECT 3, w, w FROM vectors WHERE id = 1;
UPDATE vectors SET w = v WHERE id = 1;
INSERT INTO vectors SELECT 3, w, v FROM vectors WHERE id = 1;
SELECT * FROM vectors ORDER BY id;

-- COPY as text
COPY vectors TO STDOUT;
COPY vectors FROM STDIN;
4	[0.5,1e2,-3]	[ 1 , 2 ]
5	\N	\N
\.
SELECT * FROM vectors WHERE id > 3 ORDER BY id;

-- Statistics of a column of different dimensions
ANALYZE vectors;
SELECT attname, null_frac > 0 AS has_nulls FROM pg_stats
WHERE tablename = 'vectors' ORDER BY attname;
DROP TABLE vectors;

-- Large values: out of line, uncompressed
CREATE TABLE large (v vector);
INSERT INTO large
SELECT array_fill(1.5::real, ARRAY[n])::vector
FROM unnest(ARRAY[1, 29, 30, 500, 2000, 16000]) n;
SELECT vector_dims(v), pg_column_size(v) AS bytes, v = v::text::vector AS same
FROM large ORDER BY 1;
SELECT typstorage, typlen, typalign FROM pg_type WHERE typname = 'vector';
DROP TABLE large;

-- Errors can be had softly where the server knows how
DO $$
BEGIN
	IF current_setting('server_version_num')::int >= 160000 THEN
		EXECUTE $q$
			SELECT 1 / (CASE WHEN pg_input_is_valid('[1,2]', 'vector')
				AND NOT pg_input_is_valid('[1,x]', 'vector')
				AND NOT pg_input_is_valid('[1e39]', 'vector')
				AND NOT pg_input_is_valid('[1,2]', 'vector(3)')
				THEN 1 ELSE 0 END) $q$;
	END IF;
END $$;
