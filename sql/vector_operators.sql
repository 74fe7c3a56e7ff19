--
-- Operators of type vector
--

-- Distances
SELECT '[0,0]'::vector <-> '[3,4]' AS l2,
	'[1,2]'::vector <#> '[3,4]' AS negative_ip,
	'[1,2]'::vector <=> '[-2,1]' AS cosine,
	'[0,0]'::vector <+> '[3,4]' AS l1;

-- Arithmetic
SELECT '[1,2,3]'::vector + '[4,5,6]';
SELECT '[1,2,3]'::vector - '[4,5,6]', '[4,5,6]'::vector - '[1,2,3]';
SELECT '[1,2,3]'::vector * '[4,-5,0.5]';
SELECT '[1,0,-0]'::vector * '[0,0,1]';
SELECT '[1e-45,1]'::vector - '[1e-45,1]', '[1e-45]'::vector * '[1]';
SELECT '[1,2,3]'::vector || '[4,5]', '[4,5]'::vector || '[1,2,3]';

-- Order: by the first element that differs, then by dimensions
SELECT a, b, vector_cmp(a, b), a < b AS lt, a <= b AS le, a = b AS eq,
	a <> b AS ne, a >= b AS ge, a > b AS gt
FROM (VALUES
	('[1,2,3]'::vector, '[1,2,3]'::vector),
	('[1,2,3]', '[1,2,4]'),
	('[1,2,3]', '[0,9,9]'),
	('[1,2]', '[1,2,3]'),
	('[1,2,3]', '[1,2]'),
	('[2]', '[1,2,3]'),
	('[0]', '[-0]'),
	('[-1]', '[1]')) pairs(a, b);
SELECT '[1]'::vector != '[2]';

-- Nearest first, by each operator
CREATE TABLE points (id int, v vector(2));
INSERT INTO points VALUES (1, '[1,0]'), (2, '[0,3]'), (3, '[-2,0]'),
	(4, '[5,5]'), (5, NULL), (6, '[0,0]');
SELECT id, v <-> '[1,1]' AS l2 FROM points ORDER BY 2, 1;
SELECT id, v <#> '[1,1]' AS negative_ip FROM points ORDER BY 2, 1;
SELECT id, v <+> '[1,1]' AS l1 FROM points ORDER BY 2, 1;
SELECT id, v <=> '[1,0]' AS cosine FROM points WHERE id <> 4 ORDER BY 2, 1;

-- Nearest to another row, and to each of several
SELECT id FROM points
ORDER BY v <-> (SELECT v FROM points WHERE id = 1), id LIMIT 2;
SELECT a.id, b.id AS nearest FROM points a, LATERAL (
	SELECT id FROM points WHERE id <> a.id AND v IS NOT NULL
	ORDER BY v <-> a.v, id LIMIT 1) b
WHERE a.v IS NOT NULL ORDER BY a.id;
DROP TABLE points;

-- Commutators and negators as declared
SELECT o.oid::regoperator, c.oid::regoperator AS commutator,
	n.oid::regoperator AS negator
FROM pg_operator o
LEFT JOIN pg_operator c ON c.oid = o.oprcom
LEFT JOIN pg_operator n ON n.oid = o.oprnegate
WHERE o.oprleft = 'vector'::regtype AND o.oprright = 'vector'::regtype
ORDER BY o.oprname COLLATE "C";
