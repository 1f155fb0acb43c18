// The audit chapter's first doors: the confusion type and its aggregates, the counts and rates of
// its groups. Gaps and their uncertainty are in audit_metrics.cpp.
#include "pg/audit.hpp"
#include "core/audit/confusion_state.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/gaps.hpp"
#include "core/audit/suppression.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/value.hpp"
#include "pg/bridge/weight_argument.hpp"

extern "C" {
#include <common/hashfn.h>
#include <libpq/pqformat.h>
}

namespace fairdb::pg {

std::byte* new_confusion(std::size_t bytes) {
  return new_value(bytes, "the confusion");
}

Datum canonical_confusion(const ConfusionValue& value) {
  return PointerGetDatum(value.canonical_copy(new_confusion).place());
}

ConfusionValue confusion_argument(FunctionCallInfo fcinfo, int argument) {
  return ConfusionValue::open(value_bytes(PG_GETARG_DATUM(argument)));
}

void put_group(RowWriter& rows, const GroupCells& group, const Withheld& withheld) {
  const auto count = [&](std::int64_t value, CellSet cells) {
    rows.integer(withheld.count(cells) ? std::nullopt : std::optional(value));
  };
  const auto number = [&](std::optional<double> value, bool hidden) {
    rows.number(hidden ? std::nullopt : value);
  };
  const Cells& cells = group.counts;
  const Counts n = counts(cells);
  count(n.n, kAllCells);
  count(n.n_positive, cells_with_label(Truth::Positive));
  count(n.n_selected, cells_with_prediction(Truth::Positive));
  for (const Truth prediction : {Truth::Positive, Truth::Negative}) {
    for (const Truth label : {Truth::Positive, Truth::Negative}) {
      count(cells.at(label, prediction), cells_of(label, prediction));
    }
  }
  for (const Rate which : kRates) number(rate(group.masses, which), withheld.rate(which));
  const CellSet unknown_label = cells_with_label(Truth::Unknown);
  count(n.unknown_label, unknown_label);
  count(n.unknown_prediction, cells_with_prediction(Truth::Unknown));
  count(group.unknown_weight, kUnknownWeight);
  const auto covered = static_cast<double>(n.n - n.unknown_label) / static_cast<double>(n.n);
  number(n.n > 0 ? std::optional(covered) : std::nullopt,
         withheld.count(kAllCells) || withheld.count(unknown_label) ||
             withheld.count(static_cast<CellSet>(kAllCells & ~unknown_label)));
  const Share all = everything(group.masses);
  number(all.whole, withheld.row());
  number(all.effective_size(), withheld.row());
}

namespace {

using Label = std::optional<std::string_view>;

// The aggregate's own state in argument 0, in memory that may be changed; a new one at first.
ConfusionState state_argument(FunctionCallInfo fcinfo, ConfusionForm form = ConfusionForm::Narrow) {
  if (PG_ARGISNULL(0)) return ConfusionState::empty(form, new_confusion);
  return {value_bytes(PG_GETARG_DATUM(0)).data(), new_confusion};
}

Datum datum(const ConfusionState& state) {
  return PointerGetDatum(state.value().place());
}

// A stored value in its canonical form; an aggregate that a user has made of our functions may
// return another one.
ConfusionValue canonical_argument(FunctionCallInfo fcinfo, int argument) {
  const ConfusionValue value = confusion_argument(fcinfo, argument);
  if (value.canonical()) return value;
  return ConfusionValue::trusted(value_bytes(canonical_confusion(value)).data());
}

Truth truth(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return Truth::Unknown;
  return PG_GETARG_BOOL(argument) ? Truth::Positive : Truth::Negative;
}

// The arguments behind the state: label and prediction (for demographic parity only the
// prediction), the group, and the weight.
struct Signature {
  bool label;
  bool text;  // the group is of type text
  bool weight;
};

template <Signature has>
Label group_argument(FunctionCallInfo fcinfo) {
  constexpr int kArgument = has.label ? 3 : 2;
  if constexpr (has.text) return text_label(fcinfo, kArgument);
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
    constexpr int kWeight = has.label ? 4 : 3;
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

// --- text and binary forms -------------------------------------------------------------------

void append_exact(StringInfo out, const char* name, const ExactSum& sum) {
  char buffer[ExactSum::kMaxText];
  const std::string_view digits = sum.text(buffer);
  appendStringInfo(out, ", \"%s\": \"%.*s\"", name, static_cast<int>(digits.size()), digits.data());
}

void append_cell(StringInfo out, std::uint64_t count, const char* separator, std::size_t i) {
  appendStringInfo(out, "%s\"%s\": " UINT64_FORMAT, separator, kCellNames[i].data(), count);
}

template <class Payload>
void append_cells(StringInfo out, const Payload& cells) {
  const char* separator = "";
  appendStringInfoChar(out, '{');
  for (std::size_t i = 0; i < kCells; ++i) {
    if (cells.count[i] == 0) continue;
    append_cell(out, static_cast<std::uint64_t>(cells.count[i]), separator, i);
    separator = ", ";
  }
  appendStringInfoChar(out, '}');
}

void append_cells(StringInfo out, const WeightedCells& cells) {
  const char* separator = "";
  appendStringInfoChar(out, '{');
  for (std::size_t i = 0; i < kCells; ++i) {
    if (cells.count[i] == 0) continue;
    appendStringInfo(out, "%s\"%s\": {\"n\": " INT64_FORMAT, separator, kCellNames[i].data(),
                     cells.count[i]);
    append_exact(out, "weight", cells.weight[i]);
    append_exact(out, "squares", cells.square[i]);
    appendStringInfoChar(out, '}');
    separator = ", ";
  }
  if (cells.unknown_weight != 0) {
    appendStringInfo(out, "%s\"unknown_weight\": " INT64_FORMAT, separator, cells.unknown_weight);
  }
  appendStringInfoChar(out, '}');
}

std::size_t cell_named(std::string_view name) {
  const auto* const found = std::find(kCellNames.begin(), kCellNames.end(), name);
  if (found == kCellNames.end()) bad_text("confusion", "unknown name of a count");
  return static_cast<std::size_t>(found - kCellNames.begin());
}

ExactSum exact_of(const JsonbValue& value) {
  if (value.type == jbvString) {
    const auto sum =
        ExactSum::parse({value.val.string.val, static_cast<std::size_t>(value.val.string.len)});
    if (sum) return *sum;
  }
  bad_text("confusion", "a sum of weights is not a hexadecimal number in quotes");
}

Cells parse_cells(const JsonbValue& value) {
  if (!is_object(value)) bad_text("confusion", "a group is not an object of counts");
  Cells cells{};
  each_member(value.val.binary.data, [&](std::string_view name, const JsonbValue& count) {
    cells.count[cell_named(name)] = count_of(count, "confusion");
  });
  return cells;
}

WeightedCells parse_weighted_cells(const JsonbValue& value) {
  if (!is_object(value)) bad_text("confusion", "a group is not an object of weighted counts");
  WeightedCells cells{};
  each_member(value.val.binary.data, [&](std::string_view name, const JsonbValue& content) {
    if (name == "unknown_weight") {
      cells.unknown_weight = count_of(content, "confusion");
      return;
    }
    const std::size_t i = cell_named(name);
    if (!is_object(content)) bad_text("confusion", "a weighted count is not an object");
    each_member(content.val.binary.data, [&](std::string_view key, const JsonbValue& part) {
      if (key == "n") {
        cells.count[i] = count_of(part, "confusion");
      } else if (key == "weight") {
        cells.weight[i] = exact_of(part);
      } else if (key == "squares") {
        cells.square[i] = exact_of(part);
      } else {
        bad_text("confusion", "expected the keys \"n\", \"weight\" and \"squares\"");
      }
    });
  });
  return cells;
}

void send_cells(StringInfo out, const Cells& cells) {
  for (const std::int64_t count : cells.count) {
    pq_sendint64(out, static_cast<std::uint64_t>(count));
  }
}
void send_cells(StringInfo out, const WeightedCells& cells) {
  send_cells(out, counts_of(cells));
  pq_sendint64(out, static_cast<std::uint64_t>(cells.unknown_weight));
  for (const auto& sums : {cells.weight, cells.square}) {
    for (std::size_t i = 0; i < kCells; ++i) {
      for (const std::uint64_t limb : sums[i].limb) pq_sendint64(out, limb);
    }
  }
}

void receive_cells(StringInfo in, Cells& cells) {
  for (std::int64_t& count : cells.count) {
    count = pq_getmsgint64(in);
    if (count < 0) bad_binary("confusion");
  }
}
void receive_cells(StringInfo in, WeightedCells& cells) {
  Cells counts{};
  receive_cells(in, counts);
  std::copy(std::begin(counts.count), std::end(counts.count), cells.count);
  cells.unknown_weight = pq_getmsgint64(in);
  if (cells.unknown_weight < 0) bad_binary("confusion");
  for (ExactSum* sums : {cells.weight, cells.square}) {
    for (std::size_t i = 0; i < kCells; ++i) {
      for (std::uint64_t& limb : sums[i].limb) {
        limb = static_cast<std::uint64_t>(pq_getmsgint64(in));
      }
    }
  }
}

template <class Payload>
void receive_groups(StringInfo in, ConfusionState& state) {
  const auto groups = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (groups < 0 || groups > kMaxGroups + 1) bad_binary("confusion");
  for (std::int32_t g = 0; g < groups; ++g) {
    const int known = pq_getmsgbyte(in);
    if (known > 1) bad_binary("confusion");
    const Label label = known == 1 ? Label(receive_text(in, "confusion")) : std::nullopt;
    const bool again =
        state.value().visit([&](const auto& table) { return table.find(label) >= 0; });
    if (again) bad_binary("confusion");
    Payload cells{};
    receive_cells(in, cells);
    state.combine(label, cells, ConfusionState::Sign::Plus);
  }
}

// What was put together from outside, checked by the validator of stored bytes.
Datum checked(const ConfusionState& state) {
  ConfusionValue::open(value_bytes(datum(state)));
  return canonical_confusion(state.value());
}

void put_groups(FunctionCallInfo fcinfo, const Confusion& confusion, std::int64_t min_group) {
  BackendMonitor monitor;
  const std::vector<Withheld> withheld =
      withhold(confusion, published_by_group(), min_group, monitor);
  RowWriter rows(fcinfo);
  for (std::size_t g = 0; g < confusion.groups.size(); ++g) {
    rows.text(confusion.groups[g].label);
    put_group(rows, confusion.groups[g], withheld[g]);
    rows.boolean(withheld[g].any()).end_row();
  }
  rows.finish();
}

}  // namespace

FAIRDB_FUNCTION(confusion_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  JsonbContainer* const object = parse_object(text, "confusion");
  bool weighted = false;
  each_member(object, [&](std::string_view key, const JsonbValue& value) {
    if (key != "weighted") return;
    if (value.type != jbvBool) bad_text("confusion", "\"weighted\" is not true or false");
    weighted = value.val.boolean;
  });
  ConfusionState state = ConfusionState::empty(
      weighted ? ConfusionForm::Weighted : ConfusionForm::Narrow, new_confusion);
  const auto add = [&](const Label& label, const JsonbValue& value) {
    if (weighted) {
      state.combine(label, parse_weighted_cells(value), ConfusionState::Sign::Plus);
    } else {
      state.combine(label, parse_cells(value), ConfusionState::Sign::Plus);
    }
  };
  return from_text([&] {
    each_member(object, [&](std::string_view key, const JsonbValue& value) {
      if (key == "unknown") {
        add(std::nullopt, value);
      } else if (key == "groups" && is_object(value)) {
        each_member(value.val.binary.data,
                    [&](std::string_view label, const JsonbValue& cells) { add(label, cells); });
      } else if (key != "weighted") {
        bad_text("confusion",
                 "expected the keys \"groups\" (an object), \"unknown\" and \"weighted\"");
      }
    });
    return checked(state);
  });
}

FAIRDB_FUNCTION(confusion_out) {
  const ConfusionValue value = canonical_argument(fcinfo, 0);
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfo(&out, "{%s\"groups\": {", value.weighted() ? "\"weighted\": true, " : "");
  value.visit([&](const auto& table) {
    for (std::int32_t g = 0; g < table.known_groups(); ++g) {
      if (g > 0) appendStringInfoString(&out, ", ");
      append_json_string(&out, *table.label(g));
      appendStringInfoString(&out, ": ");
      append_cells(&out, table.payload(g));
    }
    appendStringInfoChar(&out, '}');
    if (const std::int32_t unknown = table.find(std::nullopt); unknown >= 0) {
      appendStringInfoString(&out, ", \"unknown\": ");
      append_cells(&out, table.payload(unknown));
    }
  });
  appendStringInfoChar(&out, '}');
  PG_RETURN_CSTRING(out.data);
}

// Binary form: version (1 byte), 1 if weighted, groups (4 bytes), then for each: 1 if it has a
// label, the label (4 bytes length, bytes), nine counts (8 bytes each); if weighted, the rows of
// unknown weight (8), nine sums of weights and nine of squares (32 each, the lowest 8 bytes first).
FAIRDB_FUNCTION(confusion_send) {
  const ConfusionValue value = canonical_argument(fcinfo, 0);
  StringInfoData out;
  pq_begintypsend(&out);
  pq_sendbyte(&out, ConfusionValue::kVersion);
  pq_sendbyte(&out, value.weighted() ? 1 : 0);
  value.visit([&](const auto& table) {
    pq_sendint32(&out, static_cast<std::uint32_t>(table.groups()));
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      const Label label = table.label(g);
      pq_sendbyte(&out, label ? 1 : 0);
      if (label) send_text(&out, *label);
      if constexpr (std::is_same_v<std::decay_t<decltype(table.payload(g))>, WeightedCells>) {
        send_cells(&out, table.payload(g));
      } else {
        send_cells(&out, counts_of(table.payload(g)));
      }
    }
  });
  PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

FAIRDB_FUNCTION(confusion_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  if (pq_getmsgbyte(in) != ConfusionValue::kVersion) bad_binary("confusion");
  const int weighted = pq_getmsgbyte(in);
  if (weighted > 1) bad_binary("confusion");
  ConfusionState state = ConfusionState::empty(
      weighted == 1 ? ConfusionForm::Weighted : ConfusionForm::Narrow, new_confusion);
  if (weighted == 1) {
    receive_groups<WeightedCells>(in, state);
  } else {
    receive_groups<Cells>(in, state);
  }
  pq_getmsgend(in);
  return checked(state);
}

// Transition functions, and their inverses for moving windows.
#define FAIRDB_COUNT(name, ...)                                                \
  FAIRDB_FUNCTION(name##_count) {                                              \
    return count<Signature{__VA_ARGS__}, ConfusionState::Sign::Plus>(fcinfo);  \
  }                                                                            \
  FAIRDB_FUNCTION(name##_uncount) {                                            \
    return count<Signature{__VA_ARGS__}, ConfusionState::Sign::Minus>(fcinfo); \
  }

FAIRDB_COUNT(confusion_text, .label = true, .text = true, .weight = false)
FAIRDB_COUNT(confusion_any, .label = true, .text = false, .weight = false)
FAIRDB_COUNT(confusion_text_weight, .label = true, .text = true, .weight = true)
FAIRDB_COUNT(confusion_any_weight, .label = true, .text = false, .weight = true)
FAIRDB_COUNT(prediction_text, .label = false, .text = true, .weight = false)
FAIRDB_COUNT(prediction_any, .label = false, .text = false, .weight = false)
FAIRDB_COUNT(prediction_text_weight, .label = false, .text = true, .weight = true)
FAIRDB_COUNT(prediction_any_weight, .label = false, .text = false, .weight = true)

// Adds a confusion (argument 1) to a state: for rollup, and to join the states of parallel workers.
FAIRDB_FUNCTION(confusion_merge) {
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo);
  if (!PG_ARGISNULL(1)) state.merge(confusion_argument(fcinfo, 1));
  return datum(state);
}

// Takes it out again: for rollup in moving windows.
FAIRDB_FUNCTION(confusion_unmerge) {
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo);
  if (!PG_ARGISNULL(1)) state.subtract(confusion_argument(fcinfo, 1));
  return datum(state);
}

FAIRDB_FUNCTION(confusion_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return canonical_confusion(state_argument(fcinfo).value());
}

FAIRDB_FUNCTION(confusion_plus) {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  state.merge(confusion_argument(fcinfo, 0));
  state.merge(confusion_argument(fcinfo, 1));
  return canonical_confusion(state.value());
}

FAIRDB_FUNCTION(confusion_minus) {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  state.merge(confusion_argument(fcinfo, 0));
  state.subtract(confusion_argument(fcinfo, 1));
  return canonical_confusion(state.value());
}

// The bytes that stand for a value in comparisons.
static std::span<const std::byte> content(FunctionCallInfo fcinfo, int argument) {
  const std::span<std::byte> bytes =
      value_bytes(PointerGetDatum(canonical_argument(fcinfo, argument).place()));
  return bytes.subspan(VARHDRSZ);
}

FAIRDB_FUNCTION(confusion_eq) {
  const auto a = content(fcinfo, 0);
  const auto b = content(fcinfo, 1);
  PG_RETURN_BOOL(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

FAIRDB_FUNCTION(confusion_ne) {
  const auto a = content(fcinfo, 0);
  const auto b = content(fcinfo, 1);
  PG_RETURN_BOOL(!std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

FAIRDB_FUNCTION(confusion_hash) {
  PG_RETURN_INT32(static_cast<std::int32_t>(digest(content(fcinfo, 0))));
}

// The server asks that this be the hash above when the seed is 0.
FAIRDB_FUNCTION(confusion_hash_extended) {
  const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));
  const std::uint64_t plain = digest(content(fcinfo, 0));
  PG_RETURN_INT64(static_cast<std::int64_t>(seed == 0 ? plain : hash_combine64(plain, seed)));
}

FAIRDB_FUNCTION(by_group) {
  const Confusion confusion = decode(backend([&] { return canonical_argument(fcinfo, 0); }));
  put_groups(fcinfo, confusion, min_group());
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(suppress) {
  const std::int64_t k = PG_GETARG_INT64(1);
  check_min_group(k);
  const Confusion confusion = decode(backend([&] { return canonical_argument(fcinfo, 0); }));
  put_groups(fcinfo, confusion, std::max(k, min_group()));
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(overall) {
  const Confusion confusion = decode(backend([&] { return confusion_argument(fcinfo, 0); }));
  RowWriter rows(fcinfo);
  put_group(rows, total(confusion), Withheld());
  rows.end_row();
  rows.finish();
  PG_RETURN_NULL();
}

// Each gap twice: of a stored value, which is checked, and as the last step of an aggregate.
static Datum gap_of(FunctionCallInfo fcinfo, Gap which, const ConfusionValue& value) {
  const std::optional<double> result = gap(decode(value), which);
  if (!result) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*result);
}

#define FAIRDB_GAP(name, which)                                        \
  FAIRDB_FUNCTION(name) {                                              \
    return gap_of(fcinfo, Gap::which, confusion_argument(fcinfo, 0));  \
  }                                                                    \
  FAIRDB_FUNCTION(name##_final) {                                      \
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();                             \
    return gap_of(fcinfo, Gap::which, state_argument(fcinfo).value()); \
  }

FAIRDB_GAP(demographic_parity_difference, DemographicParityDifference)
FAIRDB_GAP(demographic_parity_ratio, DemographicParityRatio)
FAIRDB_GAP(equal_opportunity_difference, EqualOpportunityDifference)
FAIRDB_GAP(equal_opportunity_ratio, EqualOpportunityRatio)
FAIRDB_GAP(equalized_odds_difference, EqualizedOddsDifference)
FAIRDB_GAP(equalized_odds_ratio, EqualizedOddsRatio)

}  // namespace fairdb::pg
