// decide: the decision of one row by thresholds; calibrated: its probability by a calibration.
#include <cmath>

#include "core/base/hash.hpp"
#include "core/base/listed.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/decision/calibration_value.hpp"
#include "pg/decision/decision_cache.hpp"
#include "pg/decision/labelled_argument.hpp"
#include "pg/decision/thresholds_value.hpp"
#include "pg/distribution/adjustment_options.hpp"

namespace fairdb::pg {
namespace {

// The places of the arguments.
constexpr int kScore = 1;
constexpr int kSensitive = 2;
constexpr int kKey = 3;
constexpr int kDecideOnUnseen = 4;
constexpr int kCalibratedOnUnseen = 3;

template <class Rule>
struct RuleCache : DecodedByValue<Rule> {
  using DecodedByValue<Rule>::DecodedByValue;
  LabelReader* labels = nullptr;
};
using ThresholdsCache = RuleCache<DecodedRule<Thresholds, open_thresholds>>;
using CalibrationCache = RuleCache<DecodedRule<CalibrationMap, open_calibration>>;

double finite_score(FunctionCallInfo fcinfo) {
  const double score = PG_GETARG_FLOAT8(kScore);
  if (!std::isfinite(score)) throw Error(ErrorKind::InvalidData, "the score is not finite");
  return score;
}

bool null_if_unseen(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) {
    throw Error(ErrorKind::InvalidArgument, "on_unseen must not be NULL");
  }
  return unseen_is_null(text_bytes(PG_GETARG_DATUM(argument)));
}

Datum decided(FunctionCallInfo fcinfo,
              ThresholdsCache& cache,
              bool null_if_unseen,
              std::string_view label) {
  const Thresholds& rule = cache.of(PG_GETARG_DATUM(0)).value;
  const double score = finite_score(fcinfo);
  const GroupThresholds* const group = rule.find(label);
  if (group == nullptr) {
    if (null_if_unseen) PG_RETURN_NULL();
    unknown_group_of(rule, "thresholds", label);
  }
  // Of every row, also of those that chance does not decide: that a key is missing shows at once.
  if (rule.randomised() && PG_ARGISNULL(kKey)) {
    throw Error(ErrorKind::InvalidArgument,
                "the thresholds leave some decisions to chance, for "
                "which decide needs a key",
                "A key, such as key => id::text, gives a row the same decision each time. "
                "thresholds(..., randomised => false) leaves nothing to chance.");
  }
  const double share = share_at(group->bands, score);
  if (share == 0 || share == 1) PG_RETURN_BOOL(share == 1);
  PG_RETURN_BOOL(hash_fraction(*text_label(fcinfo, kKey)) < share);
}

Datum calibrated(FunctionCallInfo fcinfo,
                 CalibrationCache& cache,
                 bool null_if_unseen,
                 std::string_view label) {
  const CalibrationMap& map = cache.of(PG_GETARG_DATUM(0)).value;
  const double score = finite_score(fcinfo);
  const GroupCalibration* const group = map.find(label);
  if (group == nullptr) {
    if (null_if_unseen) PG_RETURN_NULL();
    unknown_group_of(map, "calibration", label);
  }
  PG_RETURN_FLOAT8(group->probability(score, map.method));
}

// Steps of some rows are of probability 0 and 1, which nobody means.
void note_few_rows(const CalibrationMap& map) {
  constexpr std::int64_t kSome = 100;
  if (map.method != CalibrationMethod::Isotonic) return;
  std::vector<std::string_view> few;
  for (const GroupCalibration& group : map.groups) {
    if (group.rows < kSome) few.push_back(group.group);
  }
  if (few.empty()) return;
  const std::string list = listed(few);
  backend([&] {
    ereport(NOTICE, (errmsg("groups that few rows calibrate: %s", list.c_str()),
                     errhint("Steps follow single rows, down to 0 and up to 1: method => "
                             "'platt' has two numbers for a group, or pool it with others.")));
  });
}

bool any_null(FunctionCallInfo fcinfo) noexcept {
  return PG_ARGISNULL(0) || PG_ARGISNULL(kScore) || PG_ARGISNULL(kSensitive);
}

// on_unseen: the place of that argument. It is read for every row, so that a wrong one is an error
// whatever the row is.
template <class Cache>
using Apply = Datum (*)(FunctionCallInfo, Cache&, bool null_if_unseen, std::string_view label);

template <class Cache>
Datum by_text(FunctionCallInfo fcinfo, int on_unseen, Apply<Cache> apply) {
  const bool null = null_if_unseen(fcinfo, on_unseen);
  if (any_null(fcinfo)) PG_RETURN_NULL();
  return apply(fcinfo, cache_of<Cache>(fcinfo), null, *text_label(fcinfo, kSensitive));
}

template <class Cache>
Datum by_any(FunctionCallInfo fcinfo, int on_unseen, Apply<Cache> apply) {
  const bool null = null_if_unseen(fcinfo, on_unseen);
  if (any_null(fcinfo)) PG_RETURN_NULL();
  auto& cache = cache_of<Cache>(fcinfo);
  const auto label = any_label(fcinfo, kSensitive, &cache.labels);
  if (!label) PG_RETURN_NULL();
  return apply(fcinfo, cache, null, *label);
}

}  // namespace

FAIRDB_FUNCTION(decide_text) {
  return by_text(fcinfo, kDecideOnUnseen, decided);
}
FAIRDB_FUNCTION(decide_any) {
  return by_any(fcinfo, kDecideOnUnseen, decided);
}
FAIRDB_FUNCTION(calibrated_text) {
  return by_text(fcinfo, kCalibratedOnUnseen, calibrated);
}
FAIRDB_FUNCTION(calibrated_any) {
  return by_any(fcinfo, kCalibratedOnUnseen, calibrated);
}

FAIRDB_FUNCTION(calibrate) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto method = named<CalibrationMethod>(Arguments(fcinfo).text("method"));
  BackendMonitor monitor;
  const CalibrationMap map = calibrate(labelled_argument(fcinfo, 0), method, monitor);
  note_few_rows(map);
  return calibration_datum(map);
}

}  // namespace fairdb::pg
