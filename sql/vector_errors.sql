--
-- What type vector refuses, with SQLSTATE, message and detail
--
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	result text;
BEGIN
	EXECUTE query INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', SQLSTATE, message, '(' || nullif(detail, '') || ')');
END $$;

-- Text: 22P02 invalid_text_representation
SELECT pg_temp.try($$ SELECT '[hello,1]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1,2,3'::vector $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]9'::vector $$);
SELECT pg_temp.try($$ SELECT '[1] [2]'::vector $$);
SELECT pg_temp.try($$ SELECT '1,2,3'::vector $$);
SELECT pg_temp.try($$ SELECT '{1,2,3}'::vector $$);
SELECT pg_temp.try($$ SELECT ''::vector $$);
SELECT pg_temp.try($$ SELECT ' '::vector $$);
SELECT pg_temp.try($$ SELECT '['::vector $$);
SELECT pg_temp.try($$ SELECT '[ '::vector $$);
SELECT pg_temp.try($$ SELECT '[,'::vector $$);
SELECT pg_temp.try($$ SELECT '[,]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1,]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1a]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1e]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1 2]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1,,3]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1, ,3]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1.2.3]'::vector $$);
SELECT pg_temp.try($$ SELECT '[--1]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1;2]'::vector $$);

-- Text: 22000 data_exception, 22003 numeric_value_out_of_range
SELECT pg_temp.try($$ SELECT '[]'::vector $$);
SELECT pg_temp.try($$ SELECT ' [ ] '::vector $$);
SELECT pg_temp.try($$ SELECT '[NaN,1]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1,Infinity]'::vector $$);
SELECT pg_temp.try($$ SELECT '[-inf]'::vector $$);
SELECT pg_temp.try($$ SELECT '[4e38,1]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1, -4e38 ,1]'::vector $$);
SELECT pg_temp.try($$ SELECT '[3402823669209384700e20]'::vector $$);
SELECT pg_temp.try($$ SELECT '[1e400]'::vector $$);

-- Type modifier: 22023 invalid_parameter_value
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector(2) $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector(3, 2) $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector('a') $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector(0) $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector(-1) $$);
SELECT pg_temp.try($$ SELECT '[1,2,3]'::vector(16001) $$);
SELECT pg_temp.try($$ SELECT '{"[1,2]","[3]"}'::vector(2)[] $$);
CREATE TABLE three (v vector(3));
SELECT pg_temp.try($$ INSERT INTO three VALUES ('[1,2]') $$);
SELECT pg_temp.try($$ INSERT INTO three VALUES (ARRAY[1,2]) $$);
SELECT pg_temp.try($$ INSERT INTO three SELECT '[1,2,3]'::vector || '[4]' $$);
DROP TABLE three;

-- Too many dimensions: 54000 program_limit_exceeded
SELECT vector_dims(('[' || repeat('1,', 15999) || '1]')::vector);
SELECT pg_temp.try($$ SELECT ('[' || repeat('1,', 16000) || '1]')::vector $$);
SELECT pg_temp.try($$ SELECT ('[' || repeat('1,', 16000))::vector $$);
SELECT pg_temp.try($$ SELECT array_fill(1, ARRAY[16001])::vector $$);
SELECT pg_temp.try($$ SELECT array_fill(0, ARRAY[16000])::vector || '[1]' $$);

-- Different dimensions
SELECT pg_temp.try($$ SELECT '[1,2]'::vector <-> '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1,2]'::vector <#> '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1,2]'::vector <=> '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1,2]'::vector <+> '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1,2]'::vector + '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1,2]'::vector - '[3]' $$);
SELECT pg_temp.try($$ SELECT '[1]'::vector * '[3,4]' $$);
SELECT pg_temp.try($$ SELECT inner_product('[1,2]'::vector, '[3]') $$);
SELECT pg_temp.try($$ SELECT vector_l2_squared_distance('[1,2]', '[3]') $$);
SELECT pg_temp.try($$ SELECT vector_spherical_distance('[1,2]', '[3]') $$);

-- Arithmetic out of range
SELECT pg_temp.try($$ SELECT '[3e38]'::vector + '[3e38]' $$);
SELECT pg_temp.try($$ SELECT '[1,-3e38]'::vector - '[1,3e38]' $$);
SELECT pg_temp.try($$ SELECT '[1e37]'::vector * '[1e37]' $$);
SELECT pg_temp.try($$ SELECT '[1e-37]'::vector * '[1e-37]' $$);

-- Subvectors without elements
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, 1, 0) $$);
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, 3, -1) $$);
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, -1, 2) $$);
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, 4, 1) $$);
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, 2147483647, 2147483647) $$);
SELECT pg_temp.try($$ SELECT subvector('[1,2,3]'::vector, -2147483648, -2147483648) $$);
