-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION hnsw" to load this file. \quit

/*
 * Contents: type vector (input and output, functions, aggregates, casts,
 * operators, btree), then the access method and its operator classes, then
 * functions that look into an index.
 *
 * Every SQL function names its C symbol: users see pgvector's names, in the
 * library each symbol starts with its type.
 *
 * COST is for about 1000 dimensions.  Where a function has SUPPORT, that is
 * asked first and knows the declared dimensions; see
 * src/vector/vector_cost.c, also for what was measured.
 */

---------------------------------------------------------------------------
-- Type vector: input and output
---------------------------------------------------------------------------

CREATE TYPE vector;

CREATE FUNCTION vector_in(cstring, oid, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION vector_in(cstring, oid, integer) IS
	'input from text: [1,2.5,-3e-2]';

CREATE FUNCTION vector_out(vector) RETURNS cstring
	AS 'MODULE_PATHNAME', 'vector_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION vector_out(vector) IS
	'output as text, each element with the fewest digits that read back as the same value';

CREATE FUNCTION vector_typmod_in(cstring[]) RETURNS integer
	AS 'MODULE_PATHNAME', 'vector_typmod_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_typmod_in(cstring[]) IS
	'type modifier: number of dimensions, 1 to 16000';

CREATE FUNCTION vector_recv(internal, oid, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_recv(internal, oid, integer) IS
	'input from binary: int16 dimensions, int16 zero, float4 elements';

CREATE FUNCTION vector_send(vector) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vector_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_send(vector) IS
	'output as binary: int16 dimensions, int16 zero, float4 elements';

CREATE TYPE vector (
	INPUT = vector_in,
	OUTPUT = vector_out,
	TYPMOD_IN = vector_typmod_in,
	RECEIVE = vector_recv,
	SEND = vector_send,
	STORAGE = external
);
COMMENT ON TYPE vector IS
	'vector(n): n single-precision numbers, none NaN or infinite, n up to 16000';

---------------------------------------------------------------------------
-- Type vector: functions
---------------------------------------------------------------------------

CREATE FUNCTION vector_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vector_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_support(internal) IS
	'planner support: cost of a function by the dimensions of its arguments';

CREATE FUNCTION l2_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_l2_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION l2_distance(vector, vector) IS
	'Euclidean distance; error if the dimensions differ';

CREATE FUNCTION inner_product(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_inner_product'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION inner_product(vector, vector) IS
	'inner product; error if the dimensions differ';

CREATE FUNCTION cosine_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_cosine_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION cosine_distance(vector, vector) IS
	'cosine distance, 0 to 2: 1 - cosine of the angle; NaN for a zero vector; error if the dimensions differ';

CREATE FUNCTION l1_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_l1_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION l1_distance(vector, vector) IS
	'taxicab distance; error if the dimensions differ';

CREATE FUNCTION vector_dims(vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'vector_dims'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_dims(vector) IS
	'number of dimensions';

CREATE FUNCTION vector_norm(vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_norm'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_norm(vector) IS
	'Euclidean norm';

CREATE FUNCTION l2_normalize(vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_l2_normalize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION l2_normalize(vector) IS
	'the vector divided by its Euclidean norm; zero for zero';

CREATE FUNCTION binary_quantize(vector) RETURNS bit
	AS 'MODULE_PATHNAME', 'vector_binary_quantize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION binary_quantize(vector) IS
	'a bit for each element, 1 if it is above zero';

CREATE FUNCTION subvector(vector, integer, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_subvector'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION subvector(vector, integer, integer) IS
	'elements from a position, counted from 1, and how many; error if none are left';

-- Behind operators

CREATE FUNCTION vector_negative_inner_product(vector, vector)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_negative_inner_product'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_negative_inner_product(vector, vector) IS
	'inner product with the sign changed; error if the dimensions differ';

CREATE FUNCTION vector_l2_squared_distance(vector, vector)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_l2_squared_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_l2_squared_distance(vector, vector) IS
	'Euclidean distance squared; error if the dimensions differ';

CREATE FUNCTION vector_spherical_distance(vector, vector)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vector_spherical_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_spherical_distance(vector, vector) IS
	'angle between two unit vectors, 0 to 1 half turns; error if the dimensions differ';

CREATE FUNCTION vector_add(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_add(vector, vector) IS
	'sum, element by element; error on overflow or if the dimensions differ';

CREATE FUNCTION vector_sub(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_sub'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_sub(vector, vector) IS
	'difference, element by element; error on overflow or if the dimensions differ';

CREATE FUNCTION vector_mul(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_mul'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_mul(vector, vector) IS
	'product, element by element; error on overflow or underflow or if the dimensions differ';

CREATE FUNCTION vector_concat(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_concat'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_concat(vector, vector) IS
	'the elements of both; error if there are more than 16000';

CREATE FUNCTION vector_lt(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_lt(vector, vector) IS
	'before in order of elements, then of dimensions';

CREATE FUNCTION vector_le(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_le(vector, vector) IS
	'before in order of elements, then of dimensions, or equal';

CREATE FUNCTION vector_eq(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_eq(vector, vector) IS
	'same dimensions and elements';

CREATE FUNCTION vector_ne(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_ne(vector, vector) IS
	'other dimensions or elements';

CREATE FUNCTION vector_ge(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_ge(vector, vector) IS
	'after in order of elements, then of dimensions, or equal';

CREATE FUNCTION vector_gt(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vector_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_gt(vector, vector) IS
	'after in order of elements, then of dimensions';

CREATE FUNCTION vector_cmp(vector, vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'vector_cmp'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	SUPPORT vector_support;
COMMENT ON FUNCTION vector_cmp(vector, vector) IS
	'-1, 0 or 1 in order of elements, then of dimensions';

---------------------------------------------------------------------------
-- Type vector: aggregates
---------------------------------------------------------------------------

CREATE FUNCTION vector_accum(double precision[], vector)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vector_accum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_accum(double precision[], vector) IS
	'transition function of avg(vector); the state is {count, sum of each element}';

CREATE FUNCTION vector_sum_accum(double precision[], vector)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vector_sum_accum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_sum_accum(double precision[], vector) IS
	'transition function of sum(vector); the state is {count, sum of each element}';

CREATE FUNCTION vector_combine(double precision[], double precision[])
	RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vector_combine'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_combine(double precision[], double precision[]) IS
	'combine function of avg(vector) and sum(vector)';

CREATE FUNCTION vector_avg(double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_avg'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_avg(double precision[]) IS
	'final function of avg(vector)';

CREATE FUNCTION vector_sum(double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_sum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_sum(double precision[]) IS
	'final function of sum(vector); error on overflow';

CREATE AGGREGATE avg(vector) (
	SFUNC = vector_accum,
	STYPE = double precision[],
	FINALFUNC = vector_avg,
	COMBINEFUNC = vector_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE avg(vector) IS
	'mean of each element, summed in double precision; NULL for no values; error if dimensions differ';

CREATE AGGREGATE sum(vector) (
	SFUNC = vector_sum_accum,
	STYPE = double precision[],
	FINALFUNC = vector_sum,
	COMBINEFUNC = vector_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sum(vector) IS
	'sum of each element, in double precision; NULL for no values; error on overflow or if dimensions differ';

---------------------------------------------------------------------------
-- Type vector: casts
---------------------------------------------------------------------------

CREATE FUNCTION vector(vector, integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_coerce'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector(vector, integer, boolean) IS
	'the vector, if it has this number of dimensions, otherwise an error';

CREATE FUNCTION array_to_vector(integer[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION array_to_vector(integer[], integer, boolean) IS
	'vector of the elements; error if there are none, too many, or NULLs';

CREATE FUNCTION array_to_vector(real[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION array_to_vector(real[], integer, boolean) IS
	'vector of the elements; error if there are none, too many, NULLs, NaN or infinities';

CREATE FUNCTION array_to_vector(double precision[], integer, boolean)
	RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION array_to_vector(double precision[], integer, boolean) IS
	'vector of the elements; error if there are none, too many, NULLs, NaN or numbers beyond real';

CREATE FUNCTION array_to_vector(numeric[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vector_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION array_to_vector(numeric[], integer, boolean) IS
	'vector of the elements; error if there are none, too many, NULLs, NaN or numbers beyond real';

CREATE FUNCTION vector_to_float4(vector, integer, boolean) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vector_to_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_to_float4(vector, integer, boolean) IS
	'array of the elements';

CREATE FUNCTION vector_to_float8(vector, integer, boolean)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vector_to_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION vector_to_float8(vector, integer, boolean) IS
	'array of the elements';

CREATE FUNCTION vector_to_int4(vector, integer, boolean) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'vector_to_int4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION vector_to_int4(vector, integer, boolean) IS
	'array of the elements, rounded; error if one is out of range';

CREATE FUNCTION vector_to_numeric(vector, integer, boolean) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'vector_to_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION vector_to_numeric(vector, integer, boolean) IS
	'array of the elements, to six significant digits as from real';

CREATE CAST (vector AS vector)
	WITH FUNCTION vector(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS vector) IS 'check the number of dimensions';

CREATE CAST (integer[] AS vector)
	WITH FUNCTION array_to_vector(integer[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (integer[] AS vector) IS 'the elements in their order';

CREATE CAST (real[] AS vector)
	WITH FUNCTION array_to_vector(real[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (real[] AS vector) IS 'the elements in their order';

CREATE CAST (double precision[] AS vector)
	WITH FUNCTION array_to_vector(double precision[], integer, boolean)
	AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS vector) IS
	'the elements in their order, rounded to real';

CREATE CAST (numeric[] AS vector)
	WITH FUNCTION array_to_vector(numeric[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (numeric[] AS vector) IS
	'the elements in their order, rounded to real';

CREATE CAST (vector AS real[])
	WITH FUNCTION vector_to_float4(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS real[]) IS 'the elements in their order';

CREATE CAST (vector AS double precision[])
	WITH FUNCTION vector_to_float8(vector, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (vector AS double precision[]) IS
	'the elements in their order';

CREATE CAST (vector AS integer[])
	WITH FUNCTION vector_to_int4(vector, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (vector AS integer[]) IS
	'the elements in their order, rounded to integers';

CREATE CAST (vector AS numeric[])
	WITH FUNCTION vector_to_numeric(vector, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (vector AS numeric[]) IS
	'the elements in their order, to six significant digits';

---------------------------------------------------------------------------
-- Type vector: operators
---------------------------------------------------------------------------

CREATE OPERATOR <-> (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = l2_distance,
	COMMUTATOR = <->
);
COMMENT ON OPERATOR <-> (vector, vector) IS 'Euclidean distance';

CREATE OPERATOR <#> (
	LEFTARG = vector, RIGHTARG = vector,
	FUNCTION = vector_negative_inner_product,
	COMMUTATOR = <#>
);
COMMENT ON OPERATOR <#> (vector, vector) IS
	'inner product with the sign changed, so that the largest comes first';

CREATE OPERATOR <=> (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = cosine_distance,
	COMMUTATOR = <=>
);
COMMENT ON OPERATOR <=> (vector, vector) IS
	'cosine distance, 0 to 2; NaN for a zero vector';

CREATE OPERATOR <+> (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = l1_distance,
	COMMUTATOR = <+>
);
COMMENT ON OPERATOR <+> (vector, vector) IS 'taxicab distance';

CREATE OPERATOR + (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_add,
	COMMUTATOR = +
);
COMMENT ON OPERATOR + (vector, vector) IS 'add, element by element';

CREATE OPERATOR - (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_sub
);
COMMENT ON OPERATOR - (vector, vector) IS 'subtract, element by element';

CREATE OPERATOR * (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_mul,
	COMMUTATOR = *
);
COMMENT ON OPERATOR * (vector, vector) IS 'multiply, element by element';

CREATE OPERATOR || (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_concat
);
COMMENT ON OPERATOR || (vector, vector) IS 'concatenate';

CREATE OPERATOR < (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_lt,
	COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (vector, vector) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_le,
	COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (vector, vector) IS 'less than or equal';

CREATE OPERATOR = (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_eq,
	COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, MERGES
);
COMMENT ON OPERATOR = (vector, vector) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_ne,
	COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (vector, vector) IS 'not equal';

CREATE OPERATOR >= (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_ge,
	COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (vector, vector) IS 'greater than or equal';

CREATE OPERATOR > (
	LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_gt,
	COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (vector, vector) IS 'greater than';

CREATE OPERATOR CLASS vector_ops
	DEFAULT FOR TYPE vector USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 vector_cmp(vector, vector);
COMMENT ON OPERATOR CLASS vector_ops USING btree IS
	'order of elements, then of dimensions';

---------------------------------------------------------------------------
-- Access method hnsw
---------------------------------------------------------------------------

CREATE FUNCTION hnswhandler(internal) RETURNS index_am_handler
	AS 'MODULE_PATHNAME', 'hnswhandler' LANGUAGE C;
COMMENT ON FUNCTION hnswhandler(internal) IS
	'handler of index access method hnsw';

CREATE ACCESS METHOD hnsw TYPE INDEX HANDLER hnswhandler;
COMMENT ON ACCESS METHOD hnsw IS
	'nearest neighbors by a hierarchical navigable small world graph';

/*
 * An operator class has
 *	OPERATOR 1	the distance that an index orders by
 *	FUNCTION 1	the distance function, taking two values of the type
 *	FUNCTION 2	tells the access method which type and metric this is
 */

CREATE FUNCTION hnsw_vector_l2_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'hnsw_vector_l2_support' LANGUAGE C;
COMMENT ON FUNCTION hnsw_vector_l2_support(internal) IS
	'access method hnsw: type vector, Euclidean distance';

CREATE FUNCTION hnsw_vector_ip_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'hnsw_vector_ip_support' LANGUAGE C;
COMMENT ON FUNCTION hnsw_vector_ip_support(internal) IS
	'access method hnsw: type vector, inner product';

CREATE FUNCTION hnsw_vector_cosine_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'hnsw_vector_cosine_support' LANGUAGE C;
COMMENT ON FUNCTION hnsw_vector_cosine_support(internal) IS
	'access method hnsw: type vector, cosine distance';

CREATE FUNCTION hnsw_vector_l1_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'hnsw_vector_l1_support' LANGUAGE C;
COMMENT ON FUNCTION hnsw_vector_l1_support(internal) IS
	'access method hnsw: type vector, taxicab distance';

CREATE OPERATOR CLASS vector_l2_ops
	FOR TYPE vector USING hnsw AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 l2_distance(vector, vector),
	FUNCTION 2 hnsw_vector_l2_support(internal);
COMMENT ON OPERATOR CLASS vector_l2_ops USING hnsw IS
	'ORDER BY column <-> vector: Euclidean distance';

CREATE OPERATOR CLASS vector_ip_ops
	FOR TYPE vector USING hnsw AS
	OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 vector_negative_inner_product(vector, vector),
	FUNCTION 2 hnsw_vector_ip_support(internal);
COMMENT ON OPERATOR CLASS vector_ip_ops USING hnsw IS
	'ORDER BY column <#> vector: largest inner product first';

CREATE OPERATOR CLASS vector_cosine_ops
	FOR TYPE vector USING hnsw AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 cosine_distance(vector, vector),
	FUNCTION 2 hnsw_vector_cosine_support(internal);
COMMENT ON OPERATOR CLASS vector_cosine_ops USING hnsw IS
	'ORDER BY column <=> vector: cosine distance';

CREATE OPERATOR CLASS vector_l1_ops
	FOR TYPE vector USING hnsw AS
	OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 l1_distance(vector, vector),
	FUNCTION 2 hnsw_vector_l1_support(internal);
COMMENT ON OPERATOR CLASS vector_l1_ops USING hnsw IS
	'ORDER BY column <+> vector: taxicab distance';

---------------------------------------------------------------------------
-- Functions that look into an index
---------------------------------------------------------------------------

/*
 * What these tell of an index they tell to whoever may read its table.
 * hnsw_check is for administrators, as amcheck is: it reads everything, and
 * with heap_check it keeps others from writing.
 */

CREATE FUNCTION hnsw_stats(index regclass,
		OUT metric text, OUT dimensions int, OUT m int, OUT sketch_bits int,
		OUT rows bigint, OUT nodes bigint, OUT rows_per_node double precision,
		OUT layers int, OUT reachable double precision,
		OUT postings bigint, OUT dying_nodes bigint,
		OUT reserved_slots bigint, OUT free_slots bigint,
		OUT node_pages bigint, OUT refine_pages bigint,
		OUT landmark_pages bigint, OUT rowmap_pages bigint,
		OUT new_pages bigint,
		OUT nodes_per_page int, OUT node_bytes int,
		OUT bytes_per_vector double precision)
	RETURNS record
	AS 'MODULE_PATHNAME', 'hnsw_stats'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 100000;
COMMENT ON FUNCTION hnsw_stats(regclass) IS
	'what an hnsw index holds and is made of; nodes: distinct vectors (bottom layer), reachable: share of them that edges lead to from the entry point, postings: lists of more rows with one vector, dying_nodes, reserved_slots: not free yet, but by the vacuum that is under way or the next one, free_slots: places that new nodes take first, new_pages: empty ones, bytes_per_vector: index size by nodes';

CREATE FUNCTION hnsw_layers(index regclass,
		OUT layer int, OUT nodes bigint, OUT edges bigint,
		OUT min_edges int, OUT avg_edges double precision, OUT max_edges int,
		OUT unreferenced bigint, OUT unreachable bigint,
		OUT dying_nodes bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'hnsw_layers'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 100000 ROWS 5;
COMMENT ON FUNCTION hnsw_layers(regclass) IS
	'the layers of an hnsw index, highest first; unreferenced: nodes no edge leads to, unreachable: nodes that cannot be reached from the entry point';

CREATE FUNCTION hnsw_degrees(index regclass,
		OUT layer int, OUT degree int, OUT nodes bigint,
		OUT nodes_by_references bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'hnsw_degrees'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100;
COMMENT ON FUNCTION hnsw_degrees(regclass) IS
	'histogram of an hnsw index: by layer, the number of nodes with so many edges, and of nodes to which so many edges lead';

CREATE FUNCTION hnsw_kernels(OUT name text, OUT chosen boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'hnsw_kernels'
	LANGUAGE C STABLE PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION hnsw_kernels() IS
	'sets of distance functions that this CPU can run, and which of them is used';

CREATE FUNCTION hnsw_check(index regclass, heap_check boolean DEFAULT false)
	RETURNS void
	AS 'MODULE_PATHNAME', 'hnsw_check'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION hnsw_check(regclass, boolean) IS
	'raise an error if an hnsw index is damaged; with heap_check also compare it with its table, keeping others from writing meanwhile';
REVOKE ALL ON FUNCTION hnsw_check(regclass, boolean) FROM PUBLIC;

CREATE FUNCTION hnsw_search_path(index regclass, query vector,
		ef_search int DEFAULT NULL,
		OUT step int, OUT from_step int, OUT layer int, OUT node tid,
		OUT row_tid tid, OUT distance double precision, OUT edges int,
		OUT is_result boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'hnsw_search_path'
	LANGUAGE C VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 100;
COMMENT ON FUNCTION hnsw_search_path(regclass, vector, int) IS
	'the nodes that a search visits, in its order; from_step: the visit that led there, row_tid: ctid of a row with the node''s vector, distance: as the index knows it, edges: those followed, is_result: it is one of the nearest that the search kept, ef_search: as hnsw.ef_search';
