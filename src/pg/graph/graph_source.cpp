#include "pg/graph/graph_source.hpp"

#include <set>

#include "pg/bridge/memory.hpp"
#include "pg/bridge/table_reader.hpp"

extern "C" {
#include <utils/lsyscache.h>
}

namespace fairdb::pg {
namespace {

constexpr std::array<const char*, 3> kArguments = {"head", "relation", "tail"};
// What the reader of labels keeps beside a name's bytes, in two maps and a list that double.
constexpr std::size_t kOfLabel = 350;

}  // namespace

GraphColumns graph_columns(const Arguments& arguments, const GraphColumns& known) {
  GraphColumns result;
  for (std::size_t i = 0; i < kArguments.size(); ++i) {
    result[i] = arguments.optional_text(kArguments[i]).value_or(known[i]);
    if (result[i].empty()) {
      throw Error(ErrorKind::InvalidArgument,
                  std::string(kArguments[i]) + " is missing: the embedding knows no column of it",
                  std::string("Name the column of the source: ") + kArguments[i] + " => '...'.");
    }
  }
  return result;
}

ReadGraph read_graph(const Source& source,
                     const GraphColumns& columns,
                     std::size_t beside,
                     Monitor& monitor) {
  std::vector<ReadColumn> reads;
  for (std::size_t i = 0; i < kArguments.size(); ++i) {
    const SourceColumn& column = source.column(columns[i], kArguments[i]);
    reads.push_back({quoted(column.name), column.name, column.type, ReadAs::Label, kMostNames, 1});
  }
  TableReader reader(source, reads);
  ReadGraph result;
  ReadTriples read;
  std::array<std::int32_t, 3> counted{};
  std::size_t names = 0;
  std::size_t name_bytes = 0;
  while (reader.next()) {
    monitor.poll();
    const auto codes = reader.codes();
    for (std::size_t i = 0; i < static_cast<std::size_t>(reader.rows()); ++i) {
      const Triple triple{codes[3 * i], codes[3 * i + 1], codes[3 * i + 2]};
      if (triple.head < 0 || triple.relation < 0 || triple.tail < 0) {
        ++result.skipped;
      } else {
        read.triples.push_back(triple);
      }
    }
    for (std::size_t k = 0; k < counted.size(); ++k) {
      const auto column = static_cast<Index>(k);
      for (std::int32_t& code = counted[k]; code < reader.label_count(column); ++code) {
        name_bytes += reader.label(column, code).size();
        ++names;
      }
    }
    check_memory(beside + graph_bytes(read.triples.size(), names, name_bytes) + name_bytes +
                     kOfLabel * names,
                 "a graph of " + std::to_string(read.triples.size()) + " triples or more");
  }
  result.rows = reader.total_rows();
  read.heads = reader.labels(0);
  read.relations = reader.labels(1);
  read.tails = reader.labels(2);
  result.graph = graph_of(std::move(read), monitor);
  // Names that only rows with a NULL have.
  if (result.skipped > 0) keep_frequent(result.graph, 1, monitor);
  return result;
}

void note_skipped(const ReadGraph& read) {
  if (read.skipped == 0) return;
  const auto skipped = static_cast<long long>(read.skipped);
  const auto rows = static_cast<long long>(read.rows);
  backend([&] {
    ereport(NOTICE, (errmsg("%lld of %lld rows have a NULL and are no triples", skipped, rows)));
  });
}

Source part_of(const Source& source,
               const std::vector<std::vector<WantedValue>>& alternatives,
               const GraphColumns& columns) {
  std::string condition;
  for (const std::vector<WantedValue>& values : alternatives) {
    std::string all;
    for (const WantedValue& wanted : values) {
      const SourceColumn& column = source.column(columns[wanted.column], kArguments[wanted.column]);
      // Names of arrays and rows are no literals of their types: all rows, then.
      const bool nested = backend([&] {
        return OidIsValid(get_element_type(column.base_type)) || column.base_type == RECORDOID ||
               type_is_rowtype(column.base_type);
      });
      all += (all.empty() ? "" : " AND ") +
             (nested ? "true" : value_expression(column, wanted.value, wanted.argument));
    }
    condition += (condition.empty() ? "(" : " OR (") + all + ")";
  }
  return Source("SELECT * FROM " + source.from() + " WHERE " + condition);
}

Source part_of_relations(const Source& source,
                         const std::vector<std::pair<std::string, const char*>>& relations,
                         const GraphColumns& columns) {
  std::vector<std::vector<WantedValue>> alternatives;
  alternatives.reserve(relations.size());
  std::set<std::string> named;  // a whitelist names a relation for each of its tails
  for (const auto& [relation, argument] : relations) {
    if (named.insert(relation).second) alternatives.push_back({{1, relation, argument}});
  }
  return part_of(source, alternatives, columns);
}

}  // namespace fairdb::pg
