# Builds one unit program: make -f test/unit/unit.mk OUT=dir FLAGS=... \
#     dir/test_name
# A program is test/unit/test_name.c, its further parts test/unit/name_*.c,
# unit.c, and the rooms that need no server.
# Headers are tracked, objects are kept in OUT from one run to the next.
# FRONTEND: where the server has assertions, let ours be those of the C library.

ROOMS = $(sort $(wildcard src/distance/*.c src/graph/*.c) \
	$(wildcard src/vector/vector_parse.c))
LIB = $(OUT)/unit.o $(patsubst src/%.c,$(OUT)/%.o,$(ROOMS))
parts = $(patsubst test/unit/%.c,$(OUT)/%.o,$(wildcard test/unit/$(1)_*.c))
ALL_CFLAGS = $(FLAGS) -Wall -Wextra -Werror -Wno-unused-parameter \
	-fno-math-errno -MMD -MP -DFRONTEND \
	-Isrc -Itest/unit -isystem $(shell $(PG_CONFIG) --includedir-server)

.SECONDEXPANSION:
$(OUT)/test_%: $(OUT)/test_%.o $$(call parts,$$*) $(LIB)
	$(CC) $(FLAGS) -o $@ $^ -lm

$(OUT)/%.o: test/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(LIB:.o=.d) $(wildcard $(OUT)/*.d)
.PRECIOUS: $(OUT)/%.o
