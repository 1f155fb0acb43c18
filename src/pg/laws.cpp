// What a distribution tells of each group's law: quantiles, shares, histograms, and how exact it
// is.
#include <cmath>

#include "core/audit/suppression.hpp"
#include "core/distribution/law.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/json_writer.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/distribution.hpp"

namespace fairdb::pg {
namespace {

// What quantile and cdf keep between two rows.
struct LawCache : DistributionCache {
  using DistributionCache::DistributionCache;
  std::vector<Law> laws;
};

// The law of the group in argument 1, or nullptr when it has no scores.
const Law* law_argument(FunctionCallInfo fcinfo, LawCache& cache, std::string_view label) {
  if (cache.laws.empty() || !cache.holds(PG_GETARG_DATUM(0))) {
    cache.laws.clear();
    cache.load(PG_GETARG_DATUM(0));
    check_working_memory(cache.distribution(), kLaws);
    cache.laws = laws_of(cache.distribution());
  }
  const std::int32_t group = cache.find(label);
  if (group < 0) unknown_group(cache.distribution(), label);
  const Law& law = cache.laws[static_cast<std::size_t>(group)];
  return law.empty() ? nullptr : &law;
}

void check_probability(double p) {
  if (p >= 0 && p <= 1) return;
  throw Error(ErrorKind::InvalidArgument, "p must be between 0 and 1");
}

Datum quantile(FunctionCallInfo fcinfo, LawCache& cache, std::optional<std::string_view> label) {
  const double p = PG_GETARG_FLOAT8(2);
  check_probability(p);
  const Law* const law = label ? law_argument(fcinfo, cache, *label) : nullptr;
  if (law == nullptr) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(law->at_rank(p * law->total()));
}

Datum cdf(FunctionCallInfo fcinfo, LawCache& cache, std::optional<std::string_view> label) {
  const double score = PG_GETARG_FLOAT8(2);
  const Law* const law = label ? law_argument(fcinfo, cache, *label) : nullptr;
  if (law == nullptr) PG_RETURN_NULL();
  if (std::isnan(score)) throw Error(ErrorKind::InvalidData, "the score is not a number");
  PG_RETURN_FLOAT8(law->up_to(score) / law->total());
}

}  // namespace

FAIRDB_FUNCTION(quantile_text) {
  return quantile(fcinfo, cache_of<LawCache>(fcinfo), text_label(fcinfo, 1));
}
FAIRDB_FUNCTION(quantile_any) {
  auto& cache = cache_of<LawCache>(fcinfo);
  return quantile(fcinfo, cache, any_label(fcinfo, 1, &cache.labels));
}
FAIRDB_FUNCTION(cdf_text) {
  return cdf(fcinfo, cache_of<LawCache>(fcinfo), text_label(fcinfo, 1));
}
FAIRDB_FUNCTION(cdf_any) {
  auto& cache = cache_of<LawCache>(fcinfo);
  return cdf(fcinfo, cache, any_label(fcinfo, 1, &cache.labels));
}

// (distribution, p float8[]): sensitive, p, score, suppressed
FAIRDB_FUNCTION(quantiles) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto wanted = optional_numbers(fcinfo, 1, "p");
  if (!wanted) throw Error(ErrorKind::InvalidArgument, "p must not be NULL");
  for (const double p : *wanted) check_probability(p);
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const bool hide = hidden[static_cast<std::size_t>(g)];
    const Law law = hide ? Law() : Law(distribution.group(g));
    for (const double p : *wanted) {
      rows.text(distribution.group(g).label)
          .number(p)
          .number(law.empty() ? std::nullopt : std::optional(law.at_rank(p * law.total())))
          .boolean(hide)
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

// (distribution, bins int): sensitive, bin, score_from, score_to, weight, share, suppressed
FAIRDB_FUNCTION(histogram) {
  constexpr int kMostBins = 100000;
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::int32_t bins = small_integer_argument(fcinfo, 1, "bins");
  if (bins < 1 || bins > kMostBins) {
    throw Error(ErrorKind::InvalidArgument,
                "bins is " + std::to_string(bins) + ", expected 1 to " + std::to_string(kMostBins));
  }
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  const std::vector<Law> laws = laws_of(distribution);
  // Of the groups that are shown: the others' ends are theirs.
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t g = 0; g < laws.size(); ++g) {
    if (laws[g].empty() || hidden[g]) continue;
    low = std::min(low, laws[g].score(0));
    high = std::max(high, laws[g].score(laws[g].size() - 1));
  }
  const auto edge = [&](std::int32_t k) {
    return k == bins ? high : std::lerp(low, high, static_cast<double>(k) / bins);
  };
  for (std::size_t g = 0; g < laws.size(); ++g) {
    const Law& law = laws[g];
    const bool shown = !law.empty() && !hidden[g];
    const ScoreGroup group = distribution.group(static_cast<std::int32_t>(g));
    // A score on an edge belongs to the bin above, the largest one to the last bin.
    std::vector<double> weights;
    // Of weighted rows at least as many as there are different scores.
    std::vector<std::int64_t> people;
    const bool rows_known = group.weight() == static_cast<double>(group.rows);
    std::size_t first = 0;
    double before = 0;
    for (std::int32_t k = 0; k < bins && shown; ++k) {
      const std::size_t end = k + 1 == bins ? law.size() : law.lower_bound(edge(k + 1));
      const double after = law.below(end);
      weights.push_back(after - before);
      const auto points = static_cast<std::int64_t>(end - first);
      people.push_back(points > 0 && rows_known
                           ? std::max<std::int64_t>(1, std::llround(after - before))
                           : points);
      first = end;
      before = after;
    }
    const std::vector<bool> few = hidden_parts(people, min_group());
    for (std::int32_t k = 0; k < bins; ++k) {
      const auto bin = static_cast<std::size_t>(k);
      const bool show = shown && !few[bin];
      rows.text(group.label).integer(k + 1);
      rows.number(low <= high ? std::optional(edge(k)) : std::nullopt)
          .number(low <= high ? std::optional(edge(k + 1)) : std::nullopt)
          .number(show ? std::optional(weights[bin]) : std::nullopt)
          .number(show ? std::optional(weights[bin] / law.total()) : std::nullopt)
          .boolean(hidden[g] || (shown && few[bin]))
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

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
    const Law law(group);
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

FAIRDB_FUNCTION(describe_distribution) {
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  double weight = 0;
  std::int64_t rows = 0;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    weight += distribution.group(g).weight();
    rows += distribution.group(g).rows;
  }
  JsonWriter json;
  json.open('{').key("rows").integer(rows).key("weight").number(weight);
  json.key("unknown_groups").integer(distribution.unknown().group);
  json.key("unknown_scores").integer(distribution.unknown().score);
  json.key("unknown_weights").integer(distribution.unknown().weight);
  json.key("groups").open('[');
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    put_group(json, distribution.group(g), hidden[static_cast<std::size_t>(g)], weight);
  }
  json.close(']').close('}');
  return json.jsonb();
}

}  // namespace fairdb::pg
