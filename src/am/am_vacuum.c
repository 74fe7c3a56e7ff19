#include "postgres.h"
#include "am/am.h"
#include "commands/vacuum.h"
IndexBulkDeleteResult *
hnswbulkdelete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats, IndexBulkDeleteCallback callback, void *callback_state)
{ elog(ERROR, "not yet"); return stats; }
IndexBulkDeleteResult *
hnswvacuumcleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats)
{ return stats; }
