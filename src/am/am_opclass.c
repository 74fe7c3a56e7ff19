/*-------------------------------------------------------------------------
 *
 * am_opclass.c
 *	  What an operator class tells the access method.
 *
 * Support function 1 is the operator's distance function, as SQL sees it.
 * Support function 2 returns a pointer to an AmOpclass.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "am/am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_opclass.h"
#include "fmgr.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(hnsw_vector_l2_support);
PG_FUNCTION_INFO_V1(hnsw_vector_ip_support);
PG_FUNCTION_INFO_V1(hnsw_vector_cosine_support);
PG_FUNCTION_INFO_V1(hnsw_vector_l1_support);

Datum
hnsw_vector_l2_support(PG_FUNCTION_ARGS)
{
	static const AmOpclass opclass = {.metric = METRIC_L2};

	PG_RETURN_POINTER(&opclass);
}

Datum
hnsw_vector_ip_support(PG_FUNCTION_ARGS)
{
	static const AmOpclass opclass = {.metric = METRIC_INNER_PRODUCT};

	PG_RETURN_POINTER(&opclass);
}

Datum
hnsw_vector_cosine_support(PG_FUNCTION_ARGS)
{
	static const AmOpclass opclass = {.metric = METRIC_COSINE};

	PG_RETURN_POINTER(&opclass);
}

Datum
hnsw_vector_l1_support(PG_FUNCTION_ARGS)
{
	static const AmOpclass opclass = {.metric = METRIC_L1};

	PG_RETURN_POINTER(&opclass);
}

/* The operator class of an index's only column. */
const AmOpclass *
am_opclass(Relation index)
{
	FmgrInfo   *proc = index_getprocinfo(index, 1, AM_SUPPORT_OPCLASS);

	return (const AmOpclass *)
		DatumGetPointer(FunctionCall1(proc, PointerGetDatum(NULL)));
}

/* Does an operator class have what it must? */
bool
hnswvalidate(Oid opclassoid)
{
	HeapTuple	tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclassoid));
	Form_pg_opclass opclass;
	CatCList   *operators;
	bool		result = true;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator class %u", opclassoid);
	opclass = (Form_pg_opclass) GETSTRUCT(tuple);
	operators = SearchSysCacheList1(AMOPSTRATEGY,
									ObjectIdGetDatum(opclass->opcfamily));
	for (int i = 0; i < operators->n_members; i++)
	{
		Form_pg_amop amop = (Form_pg_amop)
			GETSTRUCT(&operators->members[i]->tuple);

		if (amop->amopstrategy != 1 ||
			amop->amoppurpose != AMOP_ORDER)
		{
			ereport(INFO,
					(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
					 errmsg("operator family of operator class \"%s\" of access method hnsw contains an operator that is not for ordering",
							NameStr(opclass->opcname))));
			result = false;
		}
	}
	for (int16 i = 1; i <= AM_SUPPORT_COUNT; i++)
	{
		if (!SearchSysCacheExists4(AMPROCNUM,
								   ObjectIdGetDatum(opclass->opcfamily),
								   ObjectIdGetDatum(opclass->opcintype),
								   ObjectIdGetDatum(opclass->opcintype),
								   Int16GetDatum(i)))
		{
			ereport(INFO,
					(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
					 errmsg("operator class \"%s\" of access method hnsw is missing support function %d",
							NameStr(opclass->opcname), i)));
			result = false;
		}
	}
	ReleaseCatCacheList(operators);
	ReleaseSysCache(tuple);
	return result;
}
