// quantile, cdf and quantiles: each group's law of the score.
#include <cmath>

#include "core/distribution/law.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/distribution/distribution_cache.hpp"

namespace fairdb::pg {
namespace {

// What the session keeps for quantile and cdf.
struct DecodedLaws final : DecodedDistribution {
  explicit DecodedLaws(Datum datum) : DecodedDistribution(datum) {
    check_working_memory(distribution(), kLaws);
    laws = laws_of(distribution());
  }
  std::vector<ScoreLaw> laws;
};

struct LawCache : DecodedByValue<DecodedLaws> {
  using DecodedByValue<DecodedLaws>::DecodedByValue;
  LabelReader* labels = nullptr;
};

// The law of the group in argument 1, or nullptr when it has no scores.
const ScoreLaw* law_argument(FunctionCallInfo fcinfo, LawCache& cache, std::string_view label) {
  const DecodedLaws& decoded = cache.of(PG_GETARG_DATUM(0));
  const std::int32_t group = decoded.find(label);
  if (group < 0) unknown_group(decoded.distribution(), label);
  const ScoreLaw& law = decoded.laws[static_cast<std::size_t>(group)];
  return law.empty() ? nullptr : &law;
}

void check_probability(double p) {
  if (p >= 0 && p <= 1) return;
  throw Error(ErrorKind::InvalidArgument, "p must be between 0 and 1");
}

Datum quantile(FunctionCallInfo fcinfo, LawCache& cache, std::optional<std::string_view> label) {
  const double p = PG_GETARG_FLOAT8(2);
  check_probability(p);
  const ScoreLaw* const law = label ? law_argument(fcinfo, cache, *label) : nullptr;
  if (law == nullptr) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(law->at_rank(p * law->total()));
}

Datum cdf(FunctionCallInfo fcinfo, LawCache& cache, std::optional<std::string_view> label) {
  const double score = PG_GETARG_FLOAT8(2);
  const ScoreLaw* const law = label ? law_argument(fcinfo, cache, *label) : nullptr;
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

FAIRDB_FUNCTION(quantiles) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::vector<double> wanted = Arguments(fcinfo).numbers("p");
  for (const double p : wanted) check_probability(p);
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const bool hide = hidden[static_cast<std::size_t>(g)];
    const ScoreLaw law = hide ? ScoreLaw() : ScoreLaw(distribution.group(g));
    for (const double p : wanted) {
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

}  // namespace fairdb::pg
