# fairdb: algorithmic fairness inside PostgreSQL.
#
#   make && make install && make installcheck     as on any PGXS extension (PG_CONFIG is honoured)
#   make unit fuzz format tidy                     for developers; ./run check and ./run fuzz do everything
#
# OPTFLAGS=-march=native may be given for a local build; WERROR=1 turns warnings into errors.

EXTENSION = fairdb
srcdir := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(srcdir)/fairdb.control)

CORE := $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/src/core/*/*.cpp)))
DOORS := $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/src/pg/*.cpp $(srcdir)/src/pg/*/*.cpp)))
MODULE_big = fairdb
OBJS = $(CORE:.cpp=.o) $(DOORS:.cpp=.o)

INSTALL_SQL = sql/fairdb--$(EXTVERSION).sql
DATA = $(filter-out $(srcdir)/$(INSTALL_SQL),$(wildcard $(srcdir)/sql/fairdb--*.sql))
DATA_built = $(INSTALL_SQL)
EXTRA_CLEAN = $(OBJS:.o=.d) META.json build

# Regression tests in their order; check-schedule makes sure that none is forgotten. Those of the
# second list read published data sets from the folder FAIRDB_DATA.
REGRESS = install arguments audit audit_properties audit_arithmetic audit_metrics audit_tables within counts odd_cases disclosure other_tools \
	distribution fair_scores scores_by_group decisions barycenter_scores linear linear_columns training_rows models representations graphs debias registry jobs reports changing_sources bad_values privileges
REGRESS_DATA = data_compas data_berkeley data_adult data_slid data_toy data_crime data_representations data_graph
ifneq ($(FAIRDB_DATA),)
REGRESS += $(REGRESS_DATA)
endif
REGRESS_OPTS = --inputdir=$(srcdir)/test

EIGEN ?= $(firstword $(shell pkg-config --variable=prefix eigen3 2>/dev/null | sed 's|$$|/include/eigen3|') /usr/include/eigen3)
CXX_STANDARD = -std=c++20
WARNINGS = -Wall -Wextra -Wno-register $(if $(WERROR),-Werror)
PG_CPPFLAGS = -I$(srcdir)/src -isystem $(EIGEN) -DEIGEN_DONT_PARALLELIZE \
	-include $(srcdir)/src/core/base/eigen_assert.hpp \
	-DFAIRDB_VERSION=\"$(EXTVERSION)\"
# No contraction of a * b + c: the same numbers on every machine. Without debug symbols, which PGXS may ask for
# and which are fifty times the library, unless DEBUG=1.
PG_CXXFLAGS = $(CXX_STANDARD) $(WARNINGS) -fno-math-errno -ffp-contract=off -fno-semantic-interposition \
	$(if $(DEBUG),-g,-g0) -MMD -MP $(OPTFLAGS)
SHLIB_LINK = -lstdc++ -pthread -Wl,--version-script=$(srcdir)/src/pg/fairdb.map

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
# Bitcode for the JIT buys nothing here and would need clang.
override with_llvm := no
include $(PGXS)

-include $(OBJS:.o=.d)

$(OBJS): | build-folders
.PHONY: build-folders
build-folders:
	@mkdir -p $(sort $(dir $(OBJS))) sql

# The chapters of src/sql in their order. Scripts are kept as they were released (sql/SHA256SUMS): once a version is out,
# src/sql changes with the next one.
$(INSTALL_SQL): $(sort $(wildcard $(srcdir)/src/sql/*.sql)) $(srcdir)/fairdb.control
	@mkdir -p $(dir $@)
	awk 'FNR == 1 && NR > 1 { print "" } { print }' $(filter %.sql,$^) > $@.part && mv $@.part $@

# --- for developers -------------------------------------------------------------------------------

# Under the sanitizers: the parts of the core that place values in memory and read bytes by hand, and the
# templates of headers (objective, optimize), each with its tests. The other parts compute, most of them with Eigen,
# whose assertions check every index anyway, and take minutes to instrument and to run: the tests link the library's
# own objects of them, and those that test nothing else are not instrumented either.
UNIT_SANITIZED_PARTS = base audit distribution decision features graph model report
UNIT_SANITIZED := $(filter-out src/core/audit/disclosure.cpp,\
	$(foreach part,$(UNIT_SANITIZED_PARTS),$(filter src/core/$(part)/%,$(CORE))))
UNIT_SOURCES := $(sort $(wildcard $(srcdir)/test/unit/*.cpp))
UNIT_FLAGS = $(CXX_STANDARD) $(WARNINGS) -O1 -g1 -ffp-contract=off -I$(srcdir)/src -I$(srcdir)/test \
	-isystem $(EIGEN) $(OPTFLAGS) $(UNIT_SANITIZERS) -MMD -MP \
	-include $(srcdir)/test/unit/support/eigen_malloc.hpp \
	-include $(srcdir)/src/core/base/eigen_assert.hpp
UNIT_OBJS = $(patsubst $(srcdir)/%.cpp,build/unit/%.o,$(UNIT_SOURCES)) $(UNIT_SANITIZED:%.cpp=build/unit/%.o)
UNIT_LIBRARY_OBJS = $(patsubst %.cpp,%.o,$(filter-out $(UNIT_SANITIZED),$(CORE)))

UNIT_SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(foreach test,disclosure divergences inference kernel linear report representation selection,build/unit/test/unit/$(test)_test.o): UNIT_SANITIZERS =

build/unit/%.o: $(srcdir)/%.cpp
	@mkdir -p $(dir $@)
	$(CXX) $(UNIT_FLAGS) -c $< -o $@

build/unit/tests: $(UNIT_OBJS) $(UNIT_LIBRARY_OBJS)
	$(CXX) -fsanitize=address,undefined $^ -lgtest -lgtest_main -lglpk -lpthread -o $@
-include $(UNIT_OBJS:.o=.d)

# What PGXN asks of an archive, with the version of the control file; release/package.sh puts it there.
META.json: $(srcdir)/META.json.in $(srcdir)/fairdb.control
	sed 's/@VERSION@/$(EXTVERSION)/g' $< >$@

.PHONY: unit format format-check tidy check-schedule
# The mathematics, without a server.
unit: build/unit/tests
	FAIRDB_TEST_DATA=$(srcdir)/test/data build/unit/tests --gtest_brief=1

# How often intervals contain the truth; ./run coverage runs it.
COVERAGE_SOURCES = $(srcdir)/test/coverage/coverage.cpp $(wildcard $(srcdir)/src/core/inference/*.cpp) \
	$(srcdir)/src/core/base/hash.cpp
build/coverage: $(COVERAGE_SOURCES) $(wildcard $(srcdir)/src/core/inference/*.hpp)
	@mkdir -p build
	$(CXX) $(CXX_STANDARD) $(WARNINGS) -O2 -ffp-contract=off -I$(srcdir)/src -isystem $(EIGEN) \
	  -include $(srcdir)/src/core/base/eigen_assert.hpp $(COVERAGE_SOURCES) -o $@

# The divergences timed without a server; ./run peers runs it beside geomloss.
build/divergences: $(srcdir)/test/bench/divergences.cpp $(CORE:.cpp=.o)
	@mkdir -p build
	$(CXX) $(CXX_STANDARD) $(WARNINGS) -O2 -ffp-contract=off $(OPTFLAGS) -I$(srcdir)/src -isystem $(EIGEN) \
	  -include $(srcdir)/src/core/base/eigen_assert.hpp $< $(CORE:.cpp=.o) -o $@

# Graphs timed without a server; ./run peers runs it beside OpenBLAS, torch and TorchBigGraph.
build/graphs: $(srcdir)/test/bench/graphs.cpp $(CORE:.cpp=.o)
	@mkdir -p build
	$(CXX) $(CXX_STANDARD) $(WARNINGS) -O2 -ffp-contract=off $(OPTFLAGS) -I$(srcdir)/src -isystem $(EIGEN) \
	  -include $(srcdir)/src/core/base/eigen_assert.hpp $< $(CORE:.cpp=.o) -pthread -o $@

# libFuzzer: a program for each decoder of the core, and an instrumented library whose forms are fuzzed
# within a backend; test/fuzz/run.sh runs them.
FUZZ_CXX ?= clang++
FUZZ_TARGETS = confusion distribution model moments decision vectors graph texts
FUZZ_SANITIZERS = address,undefined
FUZZ_FLAGS = $(CXX_STANDARD) $(WARNINGS) -O1 -g -ffp-contract=off -I$(srcdir)/src -I$(srcdir)/test -isystem $(EIGEN) \
	-DEIGEN_DONT_PARALLELIZE -MMD -MP -include $(srcdir)/src/core/base/eigen_assert.hpp
FUZZ_RUNTIME = $(shell $(FUZZ_CXX) -print-resource-dir)/lib/linux/libclang_rt.fuzzer_no_main-$(shell uname -m).a
FUZZ_LIBRARY_OBJS = $(OBJS:%=build/fuzz/library/%) build/fuzz/library/test/fuzz/server.o

build/fuzz/core/%.o: $(srcdir)/%.cpp
	@mkdir -p $(dir $@)
	$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZERS) -c $< -o $@
build/fuzz/library/%.o: $(srcdir)/%.cpp
	@mkdir -p $(dir $@)
	$(FUZZ_CXX) $(FUZZ_FLAGS) -isystem $(shell $(PG_CONFIG) --includedir-server) -Wno-unused-command-line-argument \
	  -Wno-deprecated-register -Wno-register -D_GNU_SOURCE -DFAIRDB_VERSION=\"$(EXTVERSION)\" -fPIC \
	  -fsanitize=fuzzer-no-link -c $< -o $@
build/fuzz/core.a: $(CORE:%.cpp=build/fuzz/core/%.o)
	rm -f $@ && ar rcs $@ $^
$(FUZZ_TARGETS:%=build/fuzz/%): build/fuzz/%: build/fuzz/core/test/fuzz/%.o build/fuzz/core.a
	$(FUZZ_CXX) -fsanitize=fuzzer,$(FUZZ_SANITIZERS) $^ -o $@
build/fuzz/fairdb.so: $(FUZZ_LIBRARY_OBJS)
	$(FUZZ_CXX) -shared $^ $(FUZZ_RUNTIME) -lstdc++ -Wl,--version-script=$(srcdir)/src/pg/fairdb.map -o $@
-include $(CORE:%.cpp=build/fuzz/core/%.d) $(FUZZ_LIBRARY_OBJS:.o=.d) $(FUZZ_TARGETS:%=build/fuzz/core/test/fuzz/%.d)
.SECONDARY: $(FUZZ_TARGETS:%=build/fuzz/core/test/fuzz/%.o)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS:%=build/fuzz/%) build/fuzz/fairdb.so

CXX_FILES = $(shell find $(srcdir)/src $(srcdir)/test -name '*.cpp' -o -name '*.hpp')
CLANG_FORMAT ?= clang-format
format:
	$(CLANG_FORMAT) -i $(CXX_FILES)
format-check:
	$(CLANG_FORMAT) --dry-run --Werror $(CXX_FILES)

CLANG_TIDY ?= clang-tidy
TIDY_FLAGS = $(CXX_STANDARD) $(PG_CPPFLAGS) -isystem $(shell $(PG_CONFIG) --includedir-server) \
	-Wno-register
TIDY = $(CLANG_TIDY) --quiet --config-file=$(srcdir)/.clang-tidy --warnings-as-errors='*'
# A chapter at a time, in one file that includes its files: what takes the time is to walk through the headers of
# Eigen and of the server, which happens once then. For the doors the core's base comes first, as in each of them.
TIDY_CHAPTERS = $(sort $(patsubst %/,%,$(dir $(CORE) $(DOORS))))
BASE_HEADERS := $(patsubst $(srcdir)/src/%,%,$(sort $(wildcard $(srcdir)/src/core/base/*.hpp)))
# The analyzer follows pointers, of the file alone that it is given: it looks where the server's are held. Elsewhere
# it would follow Eigen's, for minutes; what holds bytes in the core runs under the sanitizers.
TIDY_ANALYZED = $(filter src/pg/bridge/% %_text.cpp %_binary.cpp,$(DOORS))

# The headers, as the compiler found them where it has run; of sources the rules know themselves.
headers_of = sed 's|^[^ ]*\.o:|$@:|; s|[^ ]*\.cpp||' /dev/null $(wildcard $(1))

tidy: $(TIDY_CHAPTERS:%=build/tidy/%.read) $(TIDY_ANALYZED:%.cpp=build/tidy/%.analyzed)
$(foreach chapter,$(TIDY_CHAPTERS),$(eval build/tidy/$(chapter).read: $(wildcard $(srcdir)/$(chapter)/*.cpp)))
build/tidy/%.read: $(srcdir)/.clang-tidy
	@mkdir -p $(dir $@)
	@printf '#include "%s"\n' $(if $(filter src/pg%,$*),$(BASE_HEADERS)) \
	  $(patsubst $(srcdir)/src/%,%,$(wildcard $(srcdir)/$*/*.hpp $(srcdir)/$*/*.cpp)) >build/tidy/$*.cpp
	$(TIDY) --checks=-clang-analyzer-*,-bugprone-suspicious-include build/tidy/$*.cpp -- $(TIDY_FLAGS) 2>/dev/null
	@touch $@
	@$(call headers_of,$(patsubst $(srcdir)/%.cpp,%.d,$(wildcard $(srcdir)/$*/*.cpp))) >build/tidy/$*.d
build/tidy/%.analyzed: $(srcdir)/%.cpp $(srcdir)/.clang-tidy
	@mkdir -p $(dir $@)
	$(TIDY) --checks=-bugprone-*,-performance-*,-misc-*,-modernize-*,-cppcoreguidelines-*,-google-* $< -- $(TIDY_FLAGS) 2>/dev/null
	@touch $@
	@$(call headers_of,$*.d) >build/tidy/$*.analyzed.d
-include $(TIDY_CHAPTERS:%=build/tidy/%.d) $(TIDY_ANALYZED:%.cpp=build/tidy/%.analyzed.d)

# For editors: make compile_commands.json.
compile_commands.json: $(srcdir)/Makefile
	@{ printf '['; separator=; \
	for file in $(CORE) $(DOORS); do \
	  printf '%s\n{"directory": "%s", "file": "%s", "arguments": ["c++"' "$$separator" "$(CURDIR)" "$(srcdir)/$$file"; \
	  for flag in $(TIDY_FLAGS) $(WARNINGS); do printf ', "%s"' "$$(printf %s "$$flag" | sed 's/\\/\\\\/g; s/"/\\"/g')"; done; \
	  printf ', "-c", "%s"]}' "$(srcdir)/$$file"; separator=,; \
	done; printf '\n]\n'; } > $@

check-schedule:
	@test "$(sort $(REGRESS) $(REGRESS_DATA))" = \
	  "$(sort $(basename $(notdir $(wildcard $(srcdir)/test/sql/*.sql))))" || \
	  { echo "REGRESS and test/sql differ"; exit 1; }
