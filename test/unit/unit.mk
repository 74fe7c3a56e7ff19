# Builds one unit program: make -f test/unit/unit.mk OUT=dir FLAGS=... \
#     dir/test_name
# A program is test/unit/test_name.c and the rooms that need no server.
# Headers are tracked, objects are kept in OUT from one run to the next.

ROOMS = $(sort $(wildcard src/distance/*.c src/graph/*.c) \
	$(wildcard src/vector/vector_parse.c))
LIB = $(patsubst src/%.c,$(OUT)/%.o,$(ROOMS))
ALL_CFLAGS = $(FLAGS) -Wall -Wextra -Werror -Wno-unused-parameter \
	-fno-math-errno -MMD -MP \
	-Isrc -Itest/unit -isystem $(shell $(PG_CONFIG) --includedir-server)

$(OUT)/test_%: $(OUT)/test_%.o $(LIB)
	$(CC) $(FLAGS) -o $@ $^ -lm

$(OUT)/test_%.o: test/unit/test_%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(LIB:.o=.d) $(wildcard $(OUT)/test_*.d)
.PRECIOUS: $(OUT)/%.o
