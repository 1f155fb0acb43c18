#include "pg/distribution/adjustment_options.hpp"

#include "pg/bridge/json.hpp"
#include "pg/distribution/distribution_value.hpp"

extern "C" {
#include <access/xact.h>
}

namespace fairdb {

// What to do with a row whose group was not calibrated.
enum class OnUnseenGroup : std::uint8_t { Error, Null };
template <>
struct NameTable<OnUnseenGroup> {
  static constexpr std::string_view kWhat = "on_unseen";
  static constexpr std::pair<OnUnseenGroup, std::string_view> kNames[] = {
      {OnUnseenGroup::Error, "error"}, {OnUnseenGroup::Null, "null"}};
};

}  // namespace fairdb

namespace fairdb::pg {
namespace {

// {"group": weight, ...}
void read_group_weights(const std::string& text, AdjustmentOptions& options) {
  // An array, '{1,2}', does not say whose weights they are.
  if (!is_written_object(text)) {
    throw Error(ErrorKind::InvalidArgument,
                "group_weights is \"" + text +
                    "\", expected \"shares\", \"uniform\", or a weight for each group",
                "Weights are written as group_weights => '{\"a\": 1, \"b\": 2}'.");
  }
  options.group_weights = GroupWeights::Given;
  backend([&] {
    constexpr const char* kWhat = "group_weights";
    each_member(parse_object(text.c_str(), kWhat),
                [&](std::string_view label, const JsonbValue& value) {
                  const double weight = number_of(value, kWhat);
                  options.given_weights.emplace(label, weight);
                });
  });
}

}  // namespace

AdjustmentOptions adjustment_options(const Arguments& arguments) {
  AdjustmentOptions options;
  options.alpha = arguments.number("alpha");
  if (const auto alphas = arguments.optional_numbers("alphas")) options.alphas = *alphas;
  if (arguments.has("conditional_on")) {
    options.conditional_on = arguments.small_integer("conditional_on");
  }
  const std::string weights = arguments.text("group_weights");
  if (weights == "uniform") {
    options.group_weights = GroupWeights::Uniform;
  } else if (weights != "shares") {
    read_group_weights(weights, options);
  }
  options.center = named<Center>(arguments.text("barycenter"));
  options.calibration = named<Calibration>(arguments.text("calibration"));
  options.seed = arguments.integer("seed");
  if (const auto bounds = arguments.optional_numbers("bounds")) {
    if (bounds->size() != 2) {
      throw Error(ErrorKind::InvalidArgument,
                  "bounds has " + std::to_string(bounds->size()) + " numbers, expected 2",
                  "For example bounds => '{0,1}'.");
    }
    options.bounds = {bounds->front(), bounds->back()};
  }
  validate(options);
  return options;
}

std::string image_of(const AdjustmentOptions& options) {
  std::string image;
  const auto add = [&](const auto& value) {
    image.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const auto add_text = [&](std::string_view text) {
    add(text.size());
    image.append(text);
  };
  add(options.alpha);
  add(options.alphas.size());
  for (const double alpha : options.alphas) add(alpha);
  add(options.conditional_on);
  add(options.group_weights);
  for (const auto& [label, weight] : options.given_weights) {
    add_text(label);
    add(weight);
  }
  add(options.center);
  add(options.calibration);
  add(options.seed);
  add(options.bounds.has_value());
  if (options.bounds) {
    add(options.bounds->first);
    add(options.bounds->second);
  }
  return image;
}

bool unseen_is_null(std::string_view on_unseen) {
  return named<OnUnseenGroup>(on_unseen) == OnUnseenGroup::Null;
}

bool unseen_is_null(const Arguments& arguments) {
  return unseen_is_null(arguments.text("on_unseen"));
}

void no_scores(std::string_view label) {
  throw Error(ErrorKind::InvalidData,
              "group \"" + std::string(label) + "\" has no score in the distribution");
}

std::size_t check_adjustment_memory(const Distribution& distribution,
                                    const AdjustmentOptions& options) {
  WorkingMemory needs = kLaws;
  if (options.calibration == Calibration::Split) needs = {80, 80, 80};
  if (options.alphas.size() > 1) {
    const std::size_t each = kLaws.other + 48 * options.alphas.size();
    needs = {each, each, each};
  }
  check_working_memory(distribution, needs);
  return working_memory(distribution, needs);
}

void note_ties() {
  // Once for each statement of the user, however many calls it makes.
  static TimestampTz noted = 0;
  const TimestampTz statement = GetCurrentStatementStartTimestamp();
  if (statement == noted) return;
  noted = statement;
  backend([] {
    ereport(
        NOTICE,
        (errmsg("many scores of a group are equal: adjusted together, they may leave the groups "
                "as far apart as they were"),
         errhint("key => id::text in adjust, ties => 'hash' in barycenter_scores spreads rows of "
                 "equal score over their ranks; adjustment_report shows largest_tie, ks_before "
                 "and ks_after.")));
  });
}

}  // namespace fairdb::pg
