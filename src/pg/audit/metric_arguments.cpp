#include "pg/audit/metric_arguments.hpp"

#include "core/base/suppression.hpp"
#include "pg/settings.hpp"

#include "core/base/error.hpp"

namespace fairdb::pg {

double level_argument(const Arguments& arguments) {
  const double level = arguments.number("level");
  check_level(level);
  return level;
}

Rate rate_argument(const Arguments& arguments) {
  const std::string wanted = arguments.text("metric");
  if (const auto rate = rate_named(wanted)) return *rate;
  std::string known;
  for (const Rate rate : kRates) known += (known.empty() ? "" : ", ") + std::string(name(rate));
  throw Error(ErrorKind::InvalidArgument, "there is no rate \"" + wanted + "\"",
              "The rates are " + known + ". Other metrics: fairdb.metric_catalog.");
}

std::int64_t min_group_argument(const Arguments& arguments) {
  if (!arguments.has("min_group")) return min_group();
  const auto asked = arguments.optional_integer("min_group");
  if (!asked) return min_group();
  check_min_group(*asked);
  return std::max(min_group(), *asked);
}

}  // namespace fairdb::pg
