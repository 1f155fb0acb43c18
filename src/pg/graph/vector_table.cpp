#include "pg/graph/vector_table.hpp"

#include <algorithm>
#include <cmath>

#include "pg/bridge/table_reader.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/real_array.hpp"

extern "C" {
#include <catalog/namespace.h>
#include <executor/spi.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/regproc.h>
#include <utils/varlena.h>
}

namespace fairdb::pg {
namespace {

// Entities that are asked for at once.
constexpr std::size_t kNamesAtOnce = 5000;

// '{"a","b"}', quoted.
std::string array_literal(std::span<const std::string_view> names) {
  std::string array = "{";
  for (const std::string_view name : names) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  array += '}';
  const char* const quoted = backend([&] { return quote_literal_cstr(array.c_str()); });
  return quoted;
}

void execute(const std::string& command) {
  backend([&] {
    if (SPI_execute(command.c_str(), false, 0) < 0) elog(ERROR, "a command was not understood");
  });
}

// Of a name that an argument gives the name under which a table is made, with its schema: nothing
// that comes first on the search path is taken for it later.
std::string name_to_create(const std::string& table) {
  return backend([&] {
    const RangeVar* const range = makeRangeVarFromNameList(textToQualifiedNameList(
        cstring_to_text_with_len(table.data(), static_cast<int>(table.size()))));
    const Oid schema = RangeVarGetCreationNamespace(range);
    return quote_qualified_identifier(get_namespace_name(schema), range->relname);
  });
}

}  // namespace

void visit_vectors(const Source& source,
                   std::span<const std::string_view> names,
                   Index d,
                   const std::function<void(std::size_t, const float*)>& visit) {
  const SourceColumn& entity = source.column("entity", "vectors");
  const SourceColumn& embedding = source.column("embedding", "vectors");
  if (entity.base_type != TEXTOID) {
    wrong_type(entity, "vectors", "of type text",
               "A view can cast it: create view v as select entity::text, embedding from ...");
  }
  std::vector<std::pair<std::string_view, std::size_t>> places;
  for (std::size_t i = 0; i < names.size(); ++i) places.emplace_back(names[i], i);
  std::sort(places.begin(), places.end());
  std::vector<bool> seen(names.size());
  const Source asked("SELECT * FROM " + source.from() +
                     " WHERE entity OPERATOR(pg_catalog.=) ANY (" + array_literal(names) +
                     "::pg_catalog.text[])");
  TableReader reader(asked, {{"entity", "entity", entity.type, ReadAs::Label, kMostNames, 1},
                             {"embedding", "embedding", embedding.type, ReadAs::Numbers, 0, d}});
  std::vector<float> vector(static_cast<std::size_t>(d));
  while (reader.next()) {
    if (reader.block_has_nulls()) {
      throw Error(ErrorKind::InvalidData, "a row of vectors has a NULL");
    }
    const MatrixView block = reader.numbers();
    for (Index i = 0; i < reader.rows(); ++i) {
      const std::string_view name = reader.label(0, reader.codes()[static_cast<std::size_t>(i)]);
      const auto found =
          std::lower_bound(places.begin(), places.end(), std::pair(name, std::size_t{0}));
      if (found == places.end() || found->first != name) continue;
      if (seen[found->second]) {
        throw Error(ErrorKind::InvalidData, "vectors has \"" + std::string(name) + "\" twice");
      }
      seen[found->second] = true;
      for (Index j = 0; j < d; ++j) {
        if (!(std::abs(block(i, j)) <= static_cast<double>(kMostOfVector))) {
          throw Error(ErrorKind::OutOfRange,
                      "a number of the vector of \"" + std::string(name) + "\" is beyond 1e11");
        }
        vector[static_cast<std::size_t>(j)] = static_cast<float>(block(i, j));
      }
      visit(found->second, vector.data());
    }
  }
}

EntityVectors vectors_in(const Source& source, const Graph& people, Index d, Monitor& monitor) {
  return [&, d](const VisitVector& visit) {
    const SortedNames names = people.entities.names();
    for (Index begin = 0; begin < names.size(); begin += static_cast<Index>(kNamesAtOnce)) {
      monitor.poll();
      const Index n = std::min(static_cast<Index>(kNamesAtOnce), names.size() - begin);
      std::vector<std::string_view> part;
      for (Index i = begin; i < begin + n; ++i) part.push_back(names[i]);
      visit_vectors(source, part, d, [&](std::size_t i, const float* vector) {
        visit(static_cast<std::int32_t>(begin) + static_cast<std::int32_t>(i), vector);
      });
    }
  };
}

std::string make_vector_table(const std::string& table) {
  std::string name = name_to_create(table);
  execute("CREATE TABLE " + name +
          " (entity pg_catalog.text NOT NULL, embedding pg_catalog.float4[] NOT NULL)");
  return name;
}

void write_vectors(const std::string& table, const SortedNames& names, const FloatMatrix& vectors) {
  const std::string insert = "INSERT INTO " + table + " VALUES ($1, $2)";
  backend([&] {
    Oid types[] = {TEXTOID, FLOAT4ARRAYOID};
    SPIPlanPtr const plan = SPI_prepare(insert.c_str(), 2, types);
    if (plan == nullptr) elog(ERROR, "the table cannot be written to");
    MemoryContext const memory =
        AllocSetContextCreate(CurrentMemoryContext, "fairdb vectors", ALLOCSET_SMALL_SIZES);
    for (Index e = 0; e < names.size(); ++e) {
      CHECK_FOR_INTERRUPTS();
      MemoryContext const previous = MemoryContextSwitchTo(memory);
      const std::string_view entity = names[e];
      Datum values[] = {
          PointerGetDatum(cstring_to_text_with_len(entity.data(), static_cast<int>(entity.size()))),
          real_array({vectors.row(e).data(), static_cast<std::size_t>(vectors.cols())})};
      MemoryContextSwitchTo(previous);
      if (SPI_execute_plan(plan, values, nullptr, false, 0) != SPI_OK_INSERT) {
        elog(ERROR, "an entity was not written");
      }
      MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
  });
  execute("ALTER TABLE " + table + " ADD PRIMARY KEY (entity)");
}

Source source_of_table(Oid table) {
  const char* const name = backend([&]() -> const char* {
    const char* const relation = get_rel_name(table);
    if (relation == nullptr) {
      ereport(ERROR,
              (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("the table of vectors does not exist")));
    }
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), relation);
  });
  return Source(name);
}

void require_in_table(const GraphEmbedding& graph) {
  if (!graph.about().table.empty()) return;
  throw Error(ErrorKind::InvalidArgument,
              "vectors is given, but the embedding holds its vectors itself");
}

}  // namespace fairdb::pg
