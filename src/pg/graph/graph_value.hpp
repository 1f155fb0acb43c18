// Values of type graph_embedding, and what a session keeps of them.
#pragma once

#include <utility>

#include "core/graph/embedding.hpp"

#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/bridge/value_type.hpp"

namespace fairdb {

// What a function does that is asked of a name which the embedding does not have.
enum class UnseenName : std::uint8_t { Error, Null };
template <>
struct NameTable<UnseenName> {
  static constexpr std::string_view kWhat = "on_unseen";
  static constexpr std::pair<UnseenName, std::string_view> kNames[] = {{UnseenName::Error, "error"},
                                                                       {UnseenName::Null, "null"}};
};

}  // namespace fairdb

namespace fairdb::pg {

// A value's bytes, and the embedding that stands in them.
class DecodedGraph final : public Decoded {
 public:
  explicit DecodedGraph(Datum value);
  const GraphEmbedding& graph() const noexcept { return graph_; }
  std::size_t bytes() const noexcept override {
    return bytes_.span().size() + graph_.copied_bytes();
  }

 private:
  ValueBytes bytes_;
  GraphEmbedding graph_;
};

// The embedding in argument 0, for one call; the session keeps it for the next.
std::shared_ptr<DecodedGraph> graph_argument(FunctionCallInfo fcinfo);

// A new value in the current memory context.
Datum graph_value(std::span<const std::byte> content);

// Throws, naming the function, when the entities' vectors stand in a table.
void require_vectors(const GraphEmbedding& graph, const char* function);

// A name as messages have it: of a long one the beginning.
std::string shown(std::string_view name);

// The code of an entity or relation of an embedding. nullopt when the embedding has none and
// on_unseen is 'null'. Errors: UnknownGroup, naming it.
std::optional<std::int32_t> entity_code(const GraphEmbedding& graph,
                                        std::string_view name,
                                        UnseenName on_unseen);
std::optional<std::int32_t> relation_code(const GraphEmbedding& graph,
                                          std::string_view name,
                                          UnseenName on_unseen);

// The arguments of a function that is asked of names, row after row: the embedding, names of any
// type, and options.
class GraphCall {
 public:
  explicit GraphCall(MemoryContext memory) : graphs_(memory) {}

  const GraphEmbedding& graph(FunctionCallInfo fcinfo) {
    return graphs_.of(PG_GETARG_DATUM(0)).graph();
  }
  // nullopt for NULL.
  std::optional<std::string> name(FunctionCallInfo fcinfo, int argument);
  // True the first time: a call of a thousand rows need not say a thing a thousand times.
  bool first_notice() noexcept { return !std::exchange(noticed_, true); }

 private:
  static constexpr int kMostArguments = 4;
  DecodedByValue<DecodedGraph> graphs_;
  LabelReader* readers_[kMostArguments] = {};
  Oid types_[kMostArguments] = {};
  bool noticed_ = false;
};

}  // namespace fairdb::pg
