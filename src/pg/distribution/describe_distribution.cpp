// describe: what a distribution holds, and how exact it is.
#include "core/distribution/law.hpp"

#include "pg/bridge/value_type.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {
namespace {

void put_group(JsonWriter& json, const ScoreGroup& group, bool hidden, double total_weight) {
  json.open('{').key("group").text(group.label);
  if (hidden) {
    json.key("suppressed").boolean(true).close('}');
    return;
  }
  const double weight = group.weight();
  json.key("rows").integer(group.rows).key("weight").number(weight);
  json.key("share").number(total_weight > 0 ? std::optional(weight / total_weight) : std::nullopt);
  json.key("form").text(group.sketch ? "sketch" : "exact");
  if (!group.empty()) {
    const ScoreLaw law(group);
    json.key("points").integer(static_cast<std::int64_t>(law.size()));
    json.key("largest_tie").number(law.largest_tie());
    json.key("minimum").number(law.score(0));
    json.key("median").number(law.at_rank(law.total() / 2));
    json.key("maximum").number(law.score(law.size() - 1));
    json.key("effective_rows").number(law.effective_rows());
    json.key("rank_error").number(law.rank_error());
  }
  json.close('}');
}

}  // namespace

static void describe_distribution_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  double weight = 0;
  std::int64_t rows = 0;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    weight += distribution.group(g).weight();
    rows += distribution.group(g).rows;
  }
  json.open('{').key("rows").integer(rows).key("weight").number(weight);
  json.key("unknown_groups").integer(distribution.unknown().group);
  json.key("unknown_scores").integer(distribution.unknown().score);
  json.key("unknown_weights").integer(distribution.unknown().weight);
  json.key("groups").open('[');
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    put_group(json, distribution.group(g), hidden[static_cast<std::size_t>(g)], weight);
  }
  json.close(']').close('}');
}

FAIRDB_DESCRIBE(describe_distribution, describe_distribution_argument)

}  // namespace fairdb::pg
