/*-------------------------------------------------------------------------
 *
 * vector_io.c
 *	  Text and binary forms of the dense vector types, and their modifier.
 *
 * Text is "[1,2.5,-3e-2]".  Each element is written with the fewest digits
 * that read back as the same float.
 *
 * Binary is int16 dimensions, int16 zero, and the elements as float4, all in
 * network byte order.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "hnsw_version.h"
#include "libpq/pqformat.h"
#include "port/pg_bswap.h"

#include "vector/vector_dense.h"
#include "vector/vector_parse.h"

/*
 * Say why a literal cannot be read; `x` is what has been read of it
 */
static void
io_report(const DenseType *type, const char *literal,
		  VectorParseStatus status, const VectorLiteral *parsed,
		  const float *x, Node *escontext)
{
	const char *detail = NULL;

	switch (status)
	{
		case VECTOR_PARSE_EMPTY:
			dense_check_dimensions(type, 0, escontext);
			return;
		case VECTOR_PARSE_TOO_MANY:
			dense_check_dimensions(type, parsed->dimensions + 1, escontext);
			return;
		case VECTOR_PARSE_NOT_FINITE:
			dense_check_element(type, x[parsed->dimensions], escontext);
			return;
		case VECTOR_PARSE_OUT_OF_RANGE:
			errsave(escontext,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("\"%.*s\" is out of range for type %s",
							parsed->number_length, parsed->number,
							type->name)));
			return;
		case VECTOR_PARSE_NO_BRACKET:
			detail = "Vector contents must start with \"[\".";
			break;
		case VECTOR_PARSE_JUNK:
			detail = "Junk after closing right brace.";
			break;
		default:
			break;
	}

	errsave(escontext,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"",
					type->name, literal),
			 detail != NULL ? errdetail("%s", detail) : 0));
}

/*
 * in(cstring, oid, typmod)
 */
Datum
dense_in(FunctionCallInfo fcinfo, const DenseType *type)
{
	char	   *literal = PG_GETARG_CSTRING(0);
	int32		typmod = PG_GETARG_INT32(2);
	Node	   *escontext = fcinfo->context;
	float		x[VECTOR_MAX_DIMENSIONS];
	VectorLiteral parsed;
	VectorParseStatus status;
	Vector	   *result;

	status = vector_parse(literal, type->max_dimensions, x, &parsed);
	if (status != VECTOR_PARSE_OK)
	{
		io_report(type, literal, status, &parsed, x, escontext);
		return (Datum) 0;
	}
	if (!dense_check_expected(typmod, parsed.dimensions, escontext))
		return (Datum) 0;

	result = vector_create(parsed.dimensions);
	memcpy(result->x, x, sizeof(float) * parsed.dimensions);
	return dense_result(type, result);
}

/*
 * out(vector)
 */
Datum
dense_out(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	char	   *text;
	char	   *end;

	/* A number's limit counts a NUL, which leaves room for the separator */
	text = palloc(FLOAT_SHORTEST_DECIMAL_LEN * (Size) v->dim + 3);
	end = text;

	for (int i = 0; i < v->dim; i++)
	{
		*end++ = i == 0 ? '[' : ',';
		end += float_to_shortest_decimal_bufn(v->x[i], end);
	}
	*end++ = ']';
	*end = '\0';

	dense_release(fcinfo, 0, v);
	PG_RETURN_CSTRING(text);
}

/*
 * typmod_in(cstring[]): the number of dimensions
 */
Datum
dense_typmod_in(FunctionCallInfo fcinfo, const DenseType *type)
{
	ArrayType  *modifiers = PG_GETARG_ARRAYTYPE_P(0);
	int32	   *values;
	int			n;

	values = ArrayGetIntegerTypmods(modifiers, &n);
	if (n != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid type modifier")));
	if (values[0] < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions for type %s must be at least 1",
						type->name)));
	if (values[0] > type->max_dimensions)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions for type %s cannot exceed %d",
						type->name, type->max_dimensions)));

	PG_RETURN_INT32(values[0]);
}

/*
 * recv(internal, oid, typmod)
 */
Datum
dense_recv(FunctionCallInfo fcinfo, const DenseType *type)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int32		typmod = PG_GETARG_INT32(2);
	int			dimensions = (int16) pq_getmsgint(message, sizeof(int16));
	int			unused = (int16) pq_getmsgint(message, sizeof(int16));
	const char *elements;
	Vector	   *result;

	dense_check_dimensions(type, dimensions, NULL);
	dense_check_expected(typmod, dimensions, NULL);
	if (unused != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("expected unused to be 0, not %d", unused)));

	elements = pq_getmsgbytes(message, (int) sizeof(float) * dimensions);
	result = vector_create(dimensions);
	for (int i = 0; i < dimensions; i++)
	{
		uint32		bits;

		memcpy(&bits, elements + sizeof(bits) * i, sizeof(bits));
		bits = pg_ntoh32(bits);
		memcpy(&result->x[i], &bits, sizeof(bits));
	}
	dense_check_elements(type, result);

	return dense_result(type, result);
}

/*
 * send(vector)
 */
Datum
dense_send(FunctionCallInfo fcinfo, const DenseType *type)
{
	const Vector *v = dense_argument(fcinfo, 0, type);
	StringInfoData message;

	pq_begintypsend(&message);
	enlargeStringInfo(&message, vector_size(v->dim));
	pq_writeint16(&message, (uint16) v->dim);
	pq_writeint16(&message, (uint16) v->unused);
	for (int i = 0; i < v->dim; i++)
	{
		uint32		bits;

		memcpy(&bits, &v->x[i], sizeof(bits));
		pq_writeint32(&message, bits);
	}

	dense_release(fcinfo, 0, v);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
