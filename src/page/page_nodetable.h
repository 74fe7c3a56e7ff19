/*-------------------------------------------------------------------------
 *
 * page_nodetable.h
 *	  Hash tables of nodes.
 *
 * Include this as one does lib/simplehash.h, with SH_PREFIX and
 * SH_ELEMENT_TYPE defined; an element has the members `node` and `status`.
 *
 *-------------------------------------------------------------------------
 */
#define SH_KEY_TYPE		GraphNode
#define SH_KEY			node
#define SH_HASH_KEY(tb, key)	graph_node_hash(key)
#define SH_EQUAL(tb, a, b)	((a) == (b))
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"
