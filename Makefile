# lastcall. `make help` lists the targets.
#
# Objects live in build/CC/ (build/CC-asan/ with sanitizers), programs in build/.

ifeq ($(origin CC),default)
CC := gcc
endif
AR      ?= ar
PREFIX  ?= /usr/local
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
VERSION := $(shell cat VERSION)
V       ?=
Q       := $(if $(V),,@)

# asan: with AddressSanitizer and UndefinedBehaviorSanitizer; tsan: with ThreadSanitizer
VARIANT ?=
OUT     := build/$(notdir $(firstword $(CC)))$(VARIANT:%=-%)
TESTS   := build/tests$(VARIANT:%=-%)
PROGRAM := build/lastcall$(VARIANT:%=-%)

WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
           -Wswitch-enum -Wvla -Wformat=2 $(if $(filter true 1,$(CI)),-Werror)
COMMON  := -std=gnu11 -g -D_GNU_SOURCE -DLASTCALL_VERSION='"$(VERSION)"' -Isrc $(WARN)
HARDEN  := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
CFLAGS_ := -O2 -ffunction-sections -fdata-sections $(HARDEN)
LDFLAGS_ := -pie -Wl,-z,relro,-z,now
CFLAGS_asan  := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_libfuzzer  := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
                     -fno-sanitize-recover=all -DPOD_ARENA=0x20000
LDFLAGS_libfuzzer := -fsanitize=address,undefined
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_tsan  := -O1 -fno-omit-frame-pointer -fsanitize=thread
LDFLAGS_tsan := -fsanitize=thread
# Without fortification, which would call others than those that tests/faults lets fail.
FAULTS := fork pipe2 open openat read pread write getdents64 fstat stat lstat mkdir unlink fcntl malloc calloc realloc \
          waitpid signalfd pthread_create socket bind listen accept4 recvmsg send poll timerfd_create timerfd_settime
CFLAGS_faults  := -O1 -DLASTCALL_STATIC
LDFLAGS_faults := -static $(FAULTS:%=-Wl,--wrap=%)
ALL_CFLAGS   := $(COMMON) $(CFLAGS_$(VARIANT)) $(CFLAGS)
ALL_LDFLAGS  := $(LDFLAGS_$(VARIANT)) -Wl,--gc-sections -Wl,--as-needed $(LDFLAGS)
LIBS    := -lev -linih -ljansson -lm

# What the program is made of; $(LIB) is all of it below the loop, for the tests.
SRC     := $(wildcard src/*.c src/*/*.c)
OBJ     := $(SRC:%.c=$(OUT)/%.o) $(if $(filter faults,$(VARIANT)),$(OUT)/tests/faults/wrap.o) \
           $(if $(filter asan,$(VARIANT)),$(OUT)/tests/under/asan.o)
LIB     := $(OUT)/below-the-loop.a
LIB_OBJ := $(filter $(foreach d,base core text sys,$(OUT)/src/$d/%),$(OBJ))
PURE    := $(filter $(foreach d,base core,$(OUT)/src/$d/%),$(OBJ))

UNIT     := $(patsubst tests/unit/%.c,$(TESTS)/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_AID := $(patsubst %.c,$(OUT)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
SIM      := $(if $(wildcard tests/sim/*.c),$(TESTS)/sim)
SIM_OBJ  := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/sim/*.c) $(addprefix tests/unit/,action_words.c digest.c twin.c))
EXPLORE_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/explore/*.c) $(addprefix tests/unit/,digest.c twin.c))
# A target each, tests/fuzz/NAME.c with tests/fuzz/corpus/NAME/; the other files are for all of them.
FUZZ_TARGETS := config http events words durations ladders signals titles notify proc log
FUZZ_AID := $(patsubst %.c,$(OUT)/%.o,$(filter-out $(FUZZ_TARGETS:%=tests/fuzz/%.c) tests/fuzz/runner.c, \
                                                   $(wildcard tests/fuzz/*.c)))
FUZZ     := $(FUZZ_TARGETS:%=$(TESTS)/fuzz/%)
FUZZ_MORE_config := examples/demo/lastcall.ini
CMD_OBJ  := $(patsubst %,$(OUT)/src/cmd/%.o,pod pod_service sidekiq_fit notes read_file)
FIXTURES := $(patsubst tests/fixtures/%.c,build/tests/%,$(wildcard tests/fixtures/*.c))
WORLDS   ?= 20000
MUTANTS  ?= 20000
SEED     ?= 1

parallel = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

.PHONY: all static help deps objects builds lint lint-objects unit sim decided fuzz integration sanitize check docs \
        e2e e2e-run e2e-suites e2e-suites-run e2e-docker e2e-docker-run demo demo-run demo-tini operator analyse \
        integration-asan integration-valgrind sanitize-threads e2e-asan e2e-tsan e2e-valgrind simulate explore \
        bench mutants faults hostile valgrind soak check-full check-full-worlds check-full-fuzz check-full-mutants \
        check-more check-more-faults check-more-valgrind test-programs install clean FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM)

static: build/lastcall-static

$(PROGRAM): $(OBJ) build/.variant
	@echo "LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJ) $(LIBS)

# What can load no library is compiled once more.
STATIC_OBJ := $(patsubst $(OUT)/src/sys/manager.o,$(OUT)/static/manager.o,$(OBJ))

build/lastcall-static: $(STATIC_OBJ) build/.variant
	@echo "LD $@"
	$(Q)$(CC) -static -Wl,--gc-sections -Wl,-z,relro $(LDFLAGS) -o $@ $(STATIC_OBJ) $(LIBS)

$(OUT)/static/%.o: src/sys/%.c $(OUT)/.flags
	@mkdir -p $(@D)
	@echo "CC $< (static)"
	$(Q)$(CC) $(ALL_CFLAGS) -DLASTCALL_STATIC -MMD -MP -c -o $@ $<

$(OUT)/%.o: %.c $(OUT)/.flags
	@mkdir -p $(@D)
	@echo "CC $<"
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter tests/%,$<),-Itests) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Rewritten only when it changes: other flags make new objects, another compiler new programs.
$(OUT)/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' > $@

build/.variant: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(LDFLAGS)' > $@

# --- tests ------------------------------------------------------------------

$(TESTS)/unit/%: $(OUT)/tests/unit/%.o $(UNIT_AID) $(LIB) build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(UNIT_AID) $(LIB) -lcmocka -lpthread $(LIBS)

$(TESTS)/sim: $(SIM_OBJ) $(PURE) build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(SIM_OBJ) $(PURE) -lm

$(TESTS)/explore: $(EXPLORE_OBJ) $(PURE) build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(EXPLORE_OBJ) $(PURE) -lm

$(TESTS)/fuzz/%: $(OUT)/tests/fuzz/%.o $(OUT)/tests/fuzz/runner.o $(FUZZ_AID) $(CMD_OBJ) $(LIB) build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

build/tests/%: tests/fixtures/%.c build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -o $@ $< -lpthread

build/tests/floor: tests/bench/floor.c build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -static -o $@ $<

build/config-doc: $(OUT)/tools/config_doc.o $(LIB) build/.variant
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

# What is made of the source.
docs: build/config-doc
	build/config-doc > docs/config.md

lint-objects: $(filter $(foreach d,base core text,$(OUT)/src/$d/%),$(OBJ))

lint: lint-objects build/config-doc
	@tests/tally part lint scripts/lint.sh $(OUT); status=$$?; \
	tests/tally part lint-self-test tests/lint/self-test.sh && exit $$status

objects: $(OBJ)

# The other compiler, without a warning; and a static program that runs.
builds:
	@tests/tally part clang $(MAKE) --no-print-directory -k $(parallel) CC=clang-14 CI=true objects; \
	status=$$?; tests/tally part static sh -c '$(MAKE) --no-print-directory $(parallel) static && \
	build/lastcall-static -q -- sh -c "exit 7"; test $$? -eq 7' && exit $$status

unit: $(UNIT)
	@tests/tally part unit$(VARIANT:%=-%) tests/tally unit $(UNIT)

# And, without sanitizers: what it prints of a world, and how small it makes one that fails.
sim: $(SIM) $(UNIT_AID)
	@tests/tally part sim$(VARIANT:%=-%) $(if $(SIM),$(SIM) --worlds $(WORLDS) --seed $(SEED),echo no tests/sim)$(if \
	$(VARIANT),,; status=$$?; CC="$(CC)" tests/tally part sim-self-test tests/sim/self-test.sh $(OUT) && exit $$status)

# Does the core decide in the same worlds as it did?
decided: $(SIM)
	@tests/tally part decided tests/sim/decided.sh $(SIM)

# At length, over all cores: WORLDS=10000000 SEED=1.
simulate: $(SIM)
	@tests/tally part simulate tests/sim/many.sh $(SIM) $(WORLDS) $(SEED)

# Every order of events in small worlds; and the seeded bugs are found. ARGS=--no-bugs
explore: $(TESTS)/explore
	@scripts/deps.sh build test
	@tests/tally part explore tests/explore/run.py $(TESTS)/explore $(ARGS)

# Beside tini, dumb-init, catatonit, s6 and supervisord, on a quiet machine: ARGS="--runs 20 true memory"
bench: $(FIXTURES) $(SIM) build/tests/floor
	@scripts/deps.sh build test bench
	@$(MAKE) --no-print-directory $(parallel) static
	@tests/tally part bench tests/bench/run.py $(ARGS)

# Do the tests notice small changes of the core? ARGS="--sample 100", "--file ladder".
mutants:
	@scripts/deps.sh build test
	@tests/tally part mutants tests/mutants/run.py $(ARGS)

# The corpora and mutants of them, without a fuzzer; what fails is left in build/. With TIME=600
# libFuzzer, for so many seconds in all. TARGETS="titles proc": only these.
TARGETS := $(FUZZ_TARGETS)
TIME    :=
ifeq ($(TIME),)
fuzz: $(TARGETS:%=$(TESTS)/fuzz/%)
	@status=0; $(foreach t,$(TARGETS),tests/tally part fuzz-$(t)$(VARIANT:%=-%) $(TESTS)/fuzz/$(t) \
		$(TESTS)/fuzz/$(t).last $(MUTANTS) $(SEED) tests/fuzz/corpus/$(t)/* $(FUZZ_MORE_$(t)) || status=1;) \
	exit $$status
else
fuzz:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory $(parallel) CC=clang-14 VARIANT=libfuzzer \
		$(TARGETS:%=build/tests-libfuzzer/search/%)
	@tests/tally part fuzz tests/fuzz/search.sh $(TIME) $(TARGETS)
endif

build/tests-libfuzzer/search/%: $(OUT)/tests/fuzz/%.o $(FUZZ_AID) $(CMD_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

integration: build/lastcall $(FIXTURES)
	@tests/tally part integration tests/integration/run.py $(ARGS)

# Hostile children and surroundings at length: 100,000 orphans, 10,000 restarts, frozen for a minute.
hostile: build/lastcall $(FIXTURES)
	@LASTCALL_LONG=true tests/tally part hostile tests/integration/run.py -t 600 hostile

# What other programs find in the source: gcc's analyzer, clang-tidy, cppcheck.
analyse:
	@scripts/deps.sh build analyse
	@tests/tally part analyse scripts/analyse.sh $(ARGS)

# The same program with AddressSanitizer as PID 1.
integration-asan: $(FIXTURES)
	@$(MAKE) --no-print-directory $(parallel) VARIANT=asan all
	@LASTCALL_BIN=$(CURDIR)/build/lastcall-asan tests/tally part integration-asan tests/integration/run.py $(ARGS)

# Data races: unit tests, and PID 1, with ThreadSanitizer. What cannot hold there: tests/under/tsan.left-out.
sanitize-threads: $(FIXTURES)
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory $(parallel) VARIANT=tsan all
	@status=0; LASTCALL_UNDER=tsan UNIT_WITH="setarch -R" \
		$(MAKE) --no-print-directory $(parallel) VARIANT=tsan unit || status=1; \
	LASTCALL_BIN=$(CURDIR)/build/lastcall-tsan LASTCALL_UNDER=tsan tests/tally part integration-tsan \
		tests/integration/run.py $(ARGS) && exit $$status

# Each call fails at its n-th time, for every n up to 200: ARGS="--every 10 read fork".
faults: $(FIXTURES)
	@$(MAKE) --no-print-directory $(parallel) VARIANT=faults all
	@tests/tally part faults tests/faults/run.py $(ARGS)

# Unit tests under valgrind; a test that cannot hold there says so (tests/unit/under.h).
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
            --errors-for-leak-kinds=definite
valgrind: $(UNIT)
	@scripts/deps.sh build test analyse
	@LASTCALL_UNDER=valgrind UNIT_WITH="$(VALGRIND)" UNIT_SECONDS=900 \
		tests/tally part valgrind tests/tally unit $(UNIT)

# The program itself under valgrind as PID 1; what cannot hold there: tests/under/valgrind.left-out.
integration-valgrind: build/lastcall $(FIXTURES)
	@scripts/deps.sh build test analyse
	@LASTCALL_UNDER=valgrind tests/tally part integration-valgrind tests/integration/run.py -j $(JOBS) -t 150 $(ARGS)

# What takes longer than check: two hours or so.
check-full:
	@scripts/deps.sh build test analyse
	@$(MAKE) --no-print-directory $(parallel) all test-programs
	@tests/tally all check-full "$(MAKE)" analyse explore check-full-worlds check-full-fuzz check-full-mutants \
		faults hostile integration-asan e2e-asan valgrind integration-valgrind e2e-valgrind \
		sanitize-threads e2e-tsan
check-full-worlds:
	@$(MAKE) --no-print-directory simulate WORLDS=10000000 SEED=50000001
check-full-fuzz:
	@$(MAKE) --no-print-directory fuzz TIME=600
check-full-mutants:
	@$(MAKE) --no-print-directory mutants

# And what of that fits into every run of CI.
check-more:
	@scripts/deps.sh build test analyse
	@$(MAKE) --no-print-directory $(parallel) all test-programs
	@tests/tally all check-more "$(MAKE)" analyse explore check-more-faults check-more-valgrind
check-more-faults:
	@$(MAKE) --no-print-directory faults ARGS='--every 10'
check-more-valgrind:
	@$(MAKE) --no-print-directory e2e-valgrind ARGS='long_jobs deadline idle pod'

# And in the end-to-end scenarios.
e2e-asan e2e-tsan: e2e-%:
	@scripts/deps.sh build test e2e demo
	@$(MAKE) --no-print-directory $(parallel) VARIANT=$* all
	@$(MAKE) --no-print-directory $(parallel) test-programs
	@LASTCALL_BIN=$(CURDIR)/build/lastcall-$* LASTCALL_UNDER=$(filter tsan,$*) \
		tests/tally part $@ tests/e2e/run.py $(ARGS)

# And under valgrind.
e2e-valgrind:
	@scripts/deps.sh build test e2e demo analyse
	@$(MAKE) --no-print-directory $(parallel) all test-programs
	@LASTCALL_UNDER=valgrind tests/tally part e2e-valgrind tests/e2e/run.py $(ARGS)

# The files that operators copy: Dockerfile, compose, manifests, chart, and the pages that show them.
operator: build/lastcall
	@tests/tally part operator tests/operator/run.py $(ARGS)

sanitize:
	@$(MAKE) --no-print-directory $(parallel) VARIANT=asan unit sim fuzz \
		WORLDS=$$(( $(WORLDS) / 20 )) MUTANTS=$$(( $(MUTANTS) / 20 ))

test-programs: $(UNIT) $(SIM) $(FUZZ) $(FIXTURES)
	@:

# Every part runs whatever became of the others; the last line counts them all.
check:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -k $(parallel) all test-programs
	@$(MAKE) --no-print-directory -k $(parallel) VARIANT=asan test-programs
	@tests/tally all check "$(MAKE)" lint,builds unit,sim,decided,fuzz,operator sanitize integration

e2e:
	@scripts/deps.sh build test e2e demo
	@$(MAKE) --no-print-directory $(parallel) all test-programs
	@tests/tally all e2e "$(MAKE)" e2e-run demo-run

e2e-run:
	@tests/tally part e2e tests/e2e/run.py $(ARGS)

# Pods that live and end at random: make soak N=1000 SEED=7; e2e has twenty.
soak:
	@scripts/deps.sh build e2e
	@$(MAKE) --no-print-directory $(parallel) all test-programs
	@$(MAKE) --no-print-directory e2e-run ARGS=soak

# Other generations of Sidekiq and Puma, from the later Debian suites.
e2e-suites:
	@scripts/deps.sh build test e2e suites
	@$(MAKE) --no-print-directory $(parallel) all static test-programs
	@tests/tally all e2e-suites "$(MAKE)" e2e-suites-run

e2e-suites-run:
	@tests/tally part e2e-suites tests/e2e/run.py --suites $(ARGS)

# In containers of a real Docker engine, made by Dockerfile.example; ARGS=--all: sid too.
e2e-docker:
	@scripts/deps.sh build docker
	@$(MAKE) --no-print-directory $(parallel) all
	@tests/tally all e2e-docker "$(MAKE)" e2e-docker-run

e2e-docker-run:
	@tests/tally part e2e-docker tests/docker/run.py $(ARGS)

demo:
	@scripts/deps.sh build demo
	@$(MAKE) --no-print-directory $(parallel) all
	@examples/demo/run $(ARGS)

demo-run: build/lastcall
	@tests/tally part demo examples/demo/run

demo-tini:
	@scripts/deps.sh build tini
	@$(MAKE) --no-print-directory $(parallel) all
	@examples/compare/run $(ARGS)

# --- the rest ---------------------------------------------------------------

deps:
	@scripts/deps.sh build test demo tini e2e

install: build/lastcall
	install -D -s -m 755 build/lastcall $(DESTDIR)$(PREFIX)/bin/lastcall

clean:
	rm -rf build

help:
	@echo "all static            build/lastcall, build/lastcall-static"
	@echo "deps                  install by apt what is missing to build and test"
	@echo "check                 lint, builds, unit, sim, decided, fuzz, operator, sanitize, integration; also alone"
	@echo "check-full            and what takes two hours: analyse, explore, faults, integration-asan, valgrind, ..."
	@echo "simulate              many worlds on all cores: WORLDS=10000000 SEED=1"
	@echo "explore               every order of events in small worlds, and bugs that must be found"
	@echo "faults                each call fails at its n-th time: ARGS=--every 10"
	@echo "bench                 figures beside other inits: ARGS='--runs 20 --seconds 10 memory'"
	@echo "hostile               100,000 orphans, 10,000 restarts, a container frozen for a minute, ..."
	@echo "soak                  pods that live and end at random: N=1000 SEED=7"
	@echo "mutants               small changes of the core: do the tests notice? ARGS=--sample N"
	@echo "analyse               gcc -fanalyzer, clang-tidy, cppcheck"
	@echo "integration-asan      integration, with AddressSanitizer in PID 1"
	@echo "valgrind              unit tests under valgrind; integration-valgrind, e2e-valgrind: PID 1 under it"
	@echo "sanitize-threads      unit tests and integration with ThreadSanitizer; e2e-tsan: PID 1 of e2e"
	@echo "fuzz TIME=600         libFuzzer on all fuzz targets, so many seconds in all; TARGETS=titles: only it"
	@echo "e2e, e2e-suites       with the real Puma, Sidekiq, Redis, nginx, Celery, Delayed Job"
	@echo "e2e-docker            in a Docker engine of its own, bookworm and trixie; ARGS=--all: sid too"
	@echo "demo, demo-tini       a pod and its end, to watch; Sidekiq under lastcall and under tini"
	@echo "docs                  docs/config.md out of the list of keys"
	@echo "install clean         PREFIX=$(PREFIX), DESTDIR"
	@echo "Variables: CC=clang, V=1, CI=true (-Werror), WORLDS, SEED, ARGS (of the runner)"

-include $(wildcard $(OUT)/src/*.d $(OUT)/src/*/*.d $(OUT)/tests/*/*.d)
