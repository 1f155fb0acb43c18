// The six named gaps.
#include "core/audit/gaps.hpp"

#include "pg/audit/confusion_value.hpp"

namespace fairdb::pg {

// Each gap twice: of a stored value, which is checked, and as the last step of an aggregate.
static Datum gap_of(FunctionCallInfo fcinfo, Gap which, const ConfusionValue& value) {
  const std::optional<double> result = gap(decode(value), which);
  if (!result) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*result);
}

#define FAIRDB_GAP(name, which)                                            \
  FAIRDB_FUNCTION(name) {                                                  \
    return gap_of(fcinfo, Gap::which, open_confusion(PG_GETARG_DATUM(0))); \
  }                                                                        \
  FAIRDB_FUNCTION(name##_final) {                                          \
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();                                 \
    return gap_of(fcinfo, Gap::which, state_argument(fcinfo).value());     \
  }

FAIRDB_GAP(demographic_parity_difference, DemographicParityDifference)
FAIRDB_GAP(demographic_parity_ratio, DemographicParityRatio)
FAIRDB_GAP(equal_opportunity_difference, EqualOpportunityDifference)
FAIRDB_GAP(equal_opportunity_ratio, EqualOpportunityRatio)
FAIRDB_GAP(equalized_odds_difference, EqualizedOddsDifference)
FAIRDB_GAP(equalized_odds_ratio, EqualizedOddsRatio)

}  // namespace fairdb::pg
