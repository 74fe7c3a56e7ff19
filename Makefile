# hnsw: a vector type and an HNSW index for PostgreSQL
#
#   make                    build the extension for the PostgreSQL that
#   make install            PG_CONFIG names, and install it there
#   make installcheck       regress, isolation and TAP suites (stock PGXS)
#
# These bring what they need, on a private throw-away server:
#   make demo               real data, loaded, indexed and searched
#   make demo-clean         stop and remove the demo's server
#   make check              everything that is tested
#   make check-version      the same against PG_CONFIG=/path/to/pg_config
#   make check-versions     PostgreSQL 17 and 18, each in a Debian chroot
#   make bench DATA=dir     speed, recall, size (PEER="host=... port=...")
#   make bench-filter DATA=dir
#   make lint unit          the style check; the unit programs

HARNESS = demo demo-clean check check-version check-versions \
	bench bench-filter lint unit

ifneq ($(filter $(HARNESS),$(MAKECMDGOALS)),)

# A target of our own: a script in test/ does it. PGXS is not included,
# because PostgreSQL may not be installed yet, and PGXS has its own "check".
ifneq ($(filter-out $(HARNESS),$(MAKECMDGOALS)),)
$(error "$(MAKECMDGOALS)": run the targets of PGXS in a make of their own)
endif

.PHONY: $(HARNESS)
$(HARNESS):
	@$(wildcard test/*/$@)

export PG_CONFIG DATA PEER

else

EXTENSION = hnsw
DATA = hnsw--1.0.sql
MODULE_big = hnsw
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

REGRESS = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=hnsw
ISOLATION := $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=$(srcdir)/test --load-extension=hnsw
PROVE_TESTS := $(sort $(wildcard test/t/*.pl))
TAP_TESTS := $(if $(PROVE_TESTS),1)
EXTRA_CLEAN = $(OBJS:.o=.d) output_iso tmp_check

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
$(error PostgreSQL's headers are missing: install postgresql-server-dev-NN, \
	or set PG_CONFIG; "make demo" and "make check" install what they need)
endif

# The server's headers are not ours to warn about: -isystem silences them.
# Both folders, or the -I of the second would come before the first.
PG_CPPFLAGS = -I$(srcdir)/src \
	-isystem $(shell $(PG_CONFIG) --includedir-server) \
	-isystem $(shell $(PG_CONFIG) --pkgincludedir)/internal
# No code here looks at errno after libm; symbols are bound inside the
# module (see SHLIB_LINK), so the compiler may inline them.
# Callbacks leave arguments unused, and PostgreSQL's structs grow.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-field-initializers \
	-fno-math-errno -fno-semantic-interposition -MMD -MP
# PostgreSQL 15 loads modules with global visibility: without this another
# extension's function of the same name would be called instead of ours.
SHLIB_LINK = -Wl,-Bsymbolic -lm

# No LLVM bitcode: the functions here are far too large to be inlined into
# expressions, and it would double the build.
override with_llvm = no

include $(PGXS)

PROVE_FLAGS += -I test/t
-include $(OBJS:.o=.d)

endif
