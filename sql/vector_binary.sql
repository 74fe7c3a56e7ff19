--
-- Binary form of type vector
--

-- int16 dimensions, int16 zero, float4 elements, most significant byte first
SELECT vector_send('[1]'), vector_send('[0.5,-2,0]');
SELECT length(vector_send(array_fill(1, ARRAY[16000])::vector));

-- COPY there and back
\getenv abs_builddir PG_ABS_BUILDDIR
\set file :abs_builddir '/results/vector_binary.data'
CREATE TABLE sent (id int, v vector, w vector(3), a vector[]);
INSERT INTO sent VALUES (1, '[1.5]', '[1,2,3]', '{"[1]","[2,3]"}'),
	(2, NULL, NULL, NULL),
	(3, array_fill(1.25::real, ARRAY[16000])::vector,
		'[-0,1e-45,3.4028235e38]', '{NULL}');
CREATE TABLE received (LIKE sent);
COPY sent TO :'file' WITH (FORMAT binary);
COPY received FROM :'file' WITH (FORMAT binary);
SELECT id, s.v = r.v AS v, vector_send(s.w) = vector_send(r.w) AS w, r.a
FROM sent s JOIN received r USING (id) ORDER BY id;

-- Another number of dimensions is declared where it is received
ALTER TABLE received ALTER COLUMN w TYPE vector(2) USING NULL;
COPY received FROM :'file' WITH (FORMAT binary);
DROP TABLE sent, received;

-- Any bytes, received as a binary COPY of one column: the signature, flags
-- and header length; fields in the row, length, bytes; the end
CREATE FUNCTION pg_temp.receive(value bytea, type text DEFAULT 'vector')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea ||
		'\x0001' || int4send(length(value)) || value || '\xffff';
	result text;
BEGIN
	EXECUTE format('CREATE TEMP TABLE one (v %s)', type);
	EXECUTE format('COPY one FROM PROGRAM %L WITH (FORMAT binary)',
		'printf %b ''' || (SELECT string_agg('\0' || get_byte(file, i) / 64 ||
			get_byte(file, i) / 8 % 8 || get_byte(file, i) % 8, '' ORDER BY i)
			FROM generate_series(0, length(file) - 1) i) || '''');
	SELECT v INTO result FROM one;
	DROP TABLE one;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT pg_temp.receive('\x000200003f800000c0200000');
SELECT pg_temp.receive('\x000200003f800000c0200000', 'vector(2)');
SELECT pg_temp.receive('\x000200003f800000c0200000', 'vector(3)');

-- Dimensions
SELECT pg_temp.receive('\x00000000');
SELECT pg_temp.receive('\xffff0000');
SELECT pg_temp.receive('\x3e810000');
SELECT pg_temp.receive('\x80000000');

-- The two bytes that must be zero
SELECT pg_temp.receive('\x000100013f800000');
SELECT pg_temp.receive('\x0001ffff3f800000');

-- Elements: NaN, quiet and signalling, infinities; subnormal is fine
SELECT pg_temp.receive('\x000100007fc00000');
SELECT pg_temp.receive('\x000200003f800000ff800001');
SELECT pg_temp.receive('\x000100007f800000');
SELECT pg_temp.receive('\x00010000ff800000');
SELECT pg_temp.receive('\x00020000800000017f7fffff');

-- Too short, too long
SELECT pg_temp.receive('\x');
SELECT pg_temp.receive('\x0001');
SELECT pg_temp.receive('\x00010000');
SELECT pg_temp.receive('\x000200003f8000003f8000');
SELECT pg_temp.receive('\x3e8000003f800000');
SELECT pg_temp.receive('\x000100003f80000000');
