/*-------------------------------------------------------------------------
 *
 * vector_cost.c
 *	  What the planner is told a function of dense vectors costs.
 *
 * A function that reads vectors costs a call and a pass over the elements,
 * which is little, and much more than that if the vector is a column too
 * large for its row (some 500 dimensions with the usual 8 kB pages): each
 * value is then looked up in the TOAST table.  A COST clause can say only one
 * number, so a support function looks at the declared dimensions.  COST, in
 * the SQL script, is for vectors without, taken as 1000 dimensions in the
 * row.
 *
 * Measured (PostgreSQL 15, everything cached, a distance for each of 20,000
 * rows, against a plain scan, where a page and its rows cost what the
 * planner thinks if a cost of 1 is about 3 us, so cpu_operator_cost 8 ns):
 *
 *		16 or 128 dimensions, in the row		0.09 us		12 operators
 *		784 dimensions, out of line				1.7 us		210 operators
 *		1536 dimensions, out of line			2.6 us		330 operators
 *
 * The formula below makes 11, 270 and 430 of these: an out-of-line value
 * costs its bytes as pages read in sequence, since a scan reads them in the
 * order of the rows, and a descent of the TOAST index at 50 operators a
 * level, which is how the planner reckons a btree.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "vector/vector_dense.h"

/* Operators' worth of a call; elements that a kernel reads in one's time */
#define COST_CALL				10
#define COST_ELEMENTS			100

/* Operators' worth of finding an out-of-line value: two levels of index */
#define COST_TOAST_DESCENT		100

/*
 * Are a column's vectors kept out of line, as far as is known?  Where they
 * alone are too large for a row they are.  Smaller ones are if their rows have
 * more large columns: then ANALYZE has found that what is in the row is far
 * smaller than a vector.
 */
bool
vector_is_out_of_line(Oid table, AttrNumber column, int dimensions)
{
	int32		width = 0;

	if (dimensions < 1)
		return false;
	if (MAXALIGN(SizeofHeapTupleHeader) + vector_size(dimensions) >
		TOAST_TUPLE_THRESHOLD)
		return true;
	if (OidIsValid(table) && column > 0)
		width = get_attavgwidth(table, column);
	return width > 0 && width < (int32) vector_size(dimensions) / 2;
}

/* The same of a column in a query, of so many dimensions */
bool
vector_var_is_out_of_line(PlannerInfo *root, const Node *column, int dimensions)
{
	const Var  *var = (const Var *) column;
	Oid			table = InvalidOid;
	AttrNumber	attribute = InvalidAttrNumber;

	if (IsA(column, Var) && root && var->varlevelsup == 0 &&
		!IS_SPECIAL_VARNO(var->varno))
	{
		table = planner_rt_fetch(var->varno, root)->relid;
		attribute = var->varattno;
	}
	return vector_is_out_of_line(table, attribute, dimensions);
}

/*
 * The arguments of a function or operator call; NIL if it is something else
 */
static List *
cost_arguments(Node *node)
{
	if (node != NULL && IsA(node, FuncExpr))
		return ((FuncExpr *) node)->args;
	if (node != NULL && IsA(node, OpExpr))
		return ((OpExpr *) node)->args;
	return NIL;
}

/*
 * Cost of bringing a column's value of that many dimensions into memory
 */
static Cost
cost_fetch(PlannerInfo *root, const Node *column, int dimensions)
{
	if (!vector_var_is_out_of_line(root, column, dimensions))
		return 0;
	return COST_TOAST_DESCENT * cpu_operator_cost +
		(double) vector_size(dimensions) / BLCKSZ * seq_page_cost;
}

/*
 * support(internal): planner support of functions that read vectors
 */
Datum
dense_support(FunctionCallInfo fcinfo, const DenseType *type)
{
	SupportRequestCost *request = (SupportRequestCost *) PG_GETARG_POINTER(0);
	List	   *arguments;
	int			dimensions = 0;
	ListCell   *lc;

	if (!IsA(request, SupportRequestCost))
		PG_RETURN_POINTER(NULL);

	arguments = cost_arguments(request->node);
	foreach(lc, arguments)
		dimensions = Max(dimensions, exprTypmod(lfirst(lc)));
	dimensions = Min(dimensions, type->max_dimensions);
	if (dimensions < 1)
		PG_RETURN_POINTER(NULL);

	request->startup = 0;
	request->per_tuple = (COST_CALL + dimensions / COST_ELEMENTS) *
		cpu_operator_cost;
	foreach(lc, arguments)
	{
		if (IsA(lfirst(lc), Var))
			request->per_tuple += cost_fetch(request->root, lfirst(lc),
											 dimensions);
	}
	PG_RETURN_POINTER(request);
}
