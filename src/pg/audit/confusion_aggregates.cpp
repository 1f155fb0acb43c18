// The aggregates of confusions: rows are counted, taken out of moving windows, and states joined.
#include "pg/audit/confusion_value.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/weight_argument.hpp"

namespace fairdb::pg {
namespace {

Truth truth(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return Truth::Unknown;
  return PG_GETARG_BOOL(argument) ? Truth::Positive : Truth::Negative;
}

// What a group is given as: not at all where the query groups, so that all rows are one.
enum class GroupAs : std::uint8_t { None, Text, Any };

// The arguments behind the state: label and prediction (for demographic parity only the
// prediction), the group, and the weight.
struct Signature {
  bool label;
  GroupAs group;
  bool weight;
};

template <Signature has>
Label group_argument(FunctionCallInfo fcinfo) {
  constexpr int kArgument = has.label ? 3 : 2;
  if constexpr (has.group == GroupAs::None) return Label("");
  if constexpr (has.group == GroupAs::Text) return text_label(fcinfo, kArgument);
  return any_label(fcinfo, kArgument);
}

template <Signature has, ConfusionState::Sign sign>
Datum count(FunctionCallInfo fcinfo) {
  require_aggregate(fcinfo);
  ConfusionState state =
      state_argument(fcinfo, has.weight ? ConfusionForm::Weighted : ConfusionForm::Narrow);
  const Label group = group_argument<has>(fcinfo);
  const Truth label = has.label ? truth(fcinfo, 1) : Truth::Unknown;
  const Truth prediction = truth(fcinfo, has.label ? 2 : 1);
  if constexpr (has.weight) {
    constexpr int kWeight = 1 + (has.label ? 2 : 1) + (has.group == GroupAs::None ? 0 : 1);
    if (PG_ARGISNULL(0)) require_weight(fcinfo, kWeight);
    const auto weight =
        PG_ARGISNULL(kWeight) ? std::nullopt : std::optional(PG_GETARG_FLOAT8(kWeight));
    if constexpr (sign == ConfusionState::Sign::Plus) {
      state.count(group, label, prediction, weight);
    } else {
      state.uncount(group, label, prediction, weight);
    }
  } else if constexpr (sign == ConfusionState::Sign::Plus) {
    state.count(group, label, prediction);
  } else {
    state.uncount(group, label, prediction);
  }
  return datum(state);
}

}  // namespace

// Transition functions, and their inverses for moving windows.
#define FAIRDB_COUNT(name, ...)                                                \
  FAIRDB_FUNCTION(name##_count) {                                              \
    return count<Signature{__VA_ARGS__}, ConfusionState::Sign::Plus>(fcinfo);  \
  }                                                                            \
  FAIRDB_FUNCTION(name##_uncount) {                                            \
    return count<Signature{__VA_ARGS__}, ConfusionState::Sign::Minus>(fcinfo); \
  }

FAIRDB_COUNT(confusion_text, .label = true, .group = GroupAs::Text, .weight = false)
FAIRDB_COUNT(confusion_any, .label = true, .group = GroupAs::Any, .weight = false)
FAIRDB_COUNT(confusion_text_weight, .label = true, .group = GroupAs::Text, .weight = true)
FAIRDB_COUNT(confusion_any_weight, .label = true, .group = GroupAs::Any, .weight = true)
FAIRDB_COUNT(prediction_text, .label = false, .group = GroupAs::Text, .weight = false)
FAIRDB_COUNT(prediction_any, .label = false, .group = GroupAs::Any, .weight = false)
FAIRDB_COUNT(prediction_text_weight, .label = false, .group = GroupAs::Text, .weight = true)
FAIRDB_COUNT(prediction_any_weight, .label = false, .group = GroupAs::Any, .weight = true)

FAIRDB_FUNCTION(cells_count) {
  constexpr Signature kHas = {.label = true, .group = GroupAs::None, .weight = false};
  return count<kHas, ConfusionState::Sign::Plus>(fcinfo);
}
FAIRDB_FUNCTION(cells_weight_count) {
  constexpr Signature kHas = {.label = true, .group = GroupAs::None, .weight = true};
  return count<kHas, ConfusionState::Sign::Plus>(fcinfo);
}

namespace {

// So many rows of a label, a prediction and a group.
template <GroupAs kGroup>
Datum count_many(FunctionCallInfo fcinfo) {
  constexpr int kRows = 4;
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo, ConfusionForm::Narrow);
  const Label group = group_argument<Signature{true, kGroup, false}>(fcinfo);
  if (PG_ARGISNULL(kRows)) {
    throw Error(ErrorKind::InvalidData, "n is NULL, expected a number of rows",
                "Leave such rows out, for example with FILTER (WHERE n IS NOT NULL).");
  }
  const std::int64_t n = PG_GETARG_INT64(kRows);
  if (n < 0) {
    throw Error(ErrorKind::InvalidData, "n is " + std::to_string(n) + ", expected 0 or more");
  }
  if (n > 0) {
    Cells cells{};
    cells.at(truth(fcinfo, 1), truth(fcinfo, 2)) = n;
    state.combine(group, cells, ConfusionState::Sign::Plus);
  }
  return datum(state);
}

}  // namespace

FAIRDB_FUNCTION(confusion_count_many_text) {
  return count_many<GroupAs::Text>(fcinfo);
}
FAIRDB_FUNCTION(confusion_count_many_any) {
  return count_many<GroupAs::Any>(fcinfo);
}

// Adds a confusion (argument 1) to a state: for rollup, and to join the states of parallel workers.
FAIRDB_FUNCTION(confusion_merge) {
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo);
  if (!PG_ARGISNULL(1)) state.merge(open_confusion(PG_GETARG_DATUM(1)));
  return datum(state);
}

// Takes it out again: for rollup in moving windows.
FAIRDB_FUNCTION(confusion_unmerge) {
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo);
  if (!PG_ARGISNULL(1)) state.subtract(open_confusion(PG_GETARG_DATUM(1)));
  return datum(state);
}

FAIRDB_FUNCTION(confusion_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return canonical_confusion(state_argument(fcinfo).value());
}

FAIRDB_FUNCTION(confusion_plus) {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  state.merge(open_confusion(PG_GETARG_DATUM(0)));
  state.merge(open_confusion(PG_GETARG_DATUM(1)));
  return canonical_confusion(state.value());
}

FAIRDB_FUNCTION(confusion_minus) {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  state.merge(open_confusion(PG_GETARG_DATUM(0)));
  state.subtract(open_confusion(PG_GETARG_DATUM(1)));
  return canonical_confusion(state.value());
}

}  // namespace fairdb::pg
