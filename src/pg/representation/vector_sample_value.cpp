#include "pg/representation/vector_sample_value.hpp"

#include "core/base/suppression.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

void allow_vectors(std::size_t bytes) {
  check_memory(bytes, "a sample of vectors");
}

Datum vector_sample_datum(VectorSample& sample) {
  return coded_value(sample.encode(), "a vector_sample");
}

VectorSample vector_sample_argument(FunctionCallInfo fcinfo, int number) {
  const auto bytes = backend([&] { return value_bytes(PG_GETARG_DATUM(number)); });
  BackendMonitor monitor;
  return decode_value("vector_sample", [&] {
    return VectorSample::decode(coded_content(bytes), monitor, allow_vectors);
  });
}

std::vector<bool> hidden_groups_of(VectorSample& sample) {
  std::vector<std::int64_t> people;
  for (const auto& [label, group] : sample.groups()) people.push_back(group.rows);
  return hidden_groups(people, min_group());
}

namespace {

Datum received_vector_sample(std::span<const std::byte> content) {
  BackendMonitor monitor;
  VectorSample sample = VectorSample::decode(content, monitor, allow_vectors);
  std::vector<std::string_view> labels;
  for (const auto& [label, group] : sample.groups()) labels.push_back(label);
  check_encoding(labels);
  return coded_value(content, "a vector_sample");
}

constexpr OpaqueType kVectorSampleType = {"vector_sample", sent_coded_content,
                                          received_vector_sample};

void describe_vector_sample_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  VectorSample sample = vector_sample_argument(fcinfo, 0);
  const std::vector<bool> hidden = hidden_groups_of(sample);
  json.open('{').key("elements").integer(sample.elements());
  json.key("size").integer(sample.size());
  json.key("rows_skipped").integer(sample.skipped());
  json.key("rows_of_unknown_group").integer(sample.unknown());
  json.key("groups").open('[');
  std::size_t g = 0;
  for (const auto& [label, group] : sample.groups()) {
    json.open('{').key("group").text(label);
    if (hidden[g++]) {
      json.key("suppressed").boolean(true).close('}');
      continue;
    }
    json.key("rows").integer(group.rows).key("vectors").integer(group.kept());
    json.key("rows_of_vectors").integer(group.kept_rows).key("exact").boolean(group.exact());
    if (!group.exact()) {
      json.key("frequent_vectors")
          .integer(static_cast<std::int64_t>(group.frequent_vectors().vectors.size()));
    }
    json.close('}');
  }
  json.close(']').close('}');
}

}  // namespace

FAIRDB_OPAQUE_TYPE(vector_sample, kVectorSampleType)
FAIRDB_EQUALITY(vector_sample, sent_coded_content)
FAIRDB_DESCRIBE(describe_vector_sample, describe_vector_sample_argument)

}  // namespace fairdb::pg
