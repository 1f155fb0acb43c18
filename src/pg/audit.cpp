// The audit chapter's doors: the confusion type, its aggregates, rates and gaps.
#include "core/audit/confusion.hpp"
#include "core/audit/rates.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/value.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

using Label = std::optional<std::string_view>;

// The state of an aggregate on its way through one call. When it has to grow, it is allocated anew
// in the current context, from where the server copies it into the aggregate's own.
class ConfusionState {
 public:
  explicit ConfusionState(std::byte* value) noexcept : value_(value) {}

  static ConfusionState empty(const ConfusionGroups::Capacity& capacity = kSmallConfusion) {
    std::byte* const value = new_value(confusion_bytes(capacity), "the confusion");
    create_confusion(value, capacity);
    return ConfusionState(value);
  }

  ConfusionGroups groups() const noexcept { return confusion_groups(value_); }
  Datum datum() const noexcept { return PointerGetDatum(value_); }

  Cells& cells(const Label& label) {
    std::int32_t group = groups().find(label);
    if (group < 0) group = add(label);
    return groups().payload(group);  // add() may have moved the groups
  }

  void merge(const ConfusionGroups& from) {
    make_room(groups().missing(from));
    for (std::int32_t g = 0; g < from.groups(); ++g)
      add_cells(cells(from.label(g)), from.payload(g));
  }

  Datum canonical() const {
    const ConfusionGroups table = groups();
    std::byte* const result = new_value(canonical_confusion_bytes(table), "the confusion");
    canonical_confusion(table, result);
    return PointerGetDatum(result);
  }

 private:
  __attribute__((noinline)) std::int32_t add(const Label& label) {
    make_room(ConfusionGroups::one(label));
    return groups().add(label);
  }

  void make_room(const ConfusionGroups::Capacity& more) {
    const ConfusionGroups table = groups();
    if (table.has_room_for(more)) return;
    ConfusionState larger = empty(table.grown_by(more));
    ConfusionGroups into = larger.groups();
    table.copy_into(into);
    value_ = larger.value_;
  }

  std::byte* value_;
};

Truth truth(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return Truth::Unknown;
  return PG_GETARG_BOOL(argument) ? Truth::Positive : Truth::Negative;
}

// The aggregate's own state in argument 0: not yet there, or in memory that may be changed.
ConfusionState state_argument(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return ConfusionState::empty();
  return ConfusionState(value_bytes(PG_GETARG_DATUM(0)).data());
}

// Labels and predictions in arguments 1 and 2; for demographic parity only the prediction, in 1.
Datum count(FunctionCallInfo fcinfo, bool with_label, const Label& group) {
  ConfusionState state = state_argument(fcinfo);
  const Truth label = with_label ? truth(fcinfo, 1) : Truth::Unknown;
  const Truth prediction = truth(fcinfo, with_label ? 2 : 1);
  ++state.cells(group).at(label, prediction);
  return state.datum();
}

// A checked value in its canonical form; an aggregate that a user has made of our functions may
// return another one.
ConfusionGroups confusion_argument(FunctionCallInfo fcinfo, int argument) {
  const std::span<std::byte> bytes = value_bytes(PG_GETARG_DATUM(argument));
  const ConfusionGroups groups = open_confusion(bytes);
  if (groups.sorted()) return groups;
  return confusion_groups(value_bytes(ConfusionState(bytes.data()).canonical()).data());
}

Datum gap_of(FunctionCallInfo fcinfo, Gap which, const ConfusionGroups& groups) {
  const std::optional<double> value = gap(groups, which);
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

constexpr int kColumns = 22;

void put_row(const ResultRows& rows, const Label& label, const Cells& cells, bool with_label) {
  Datum values[kColumns + 1];
  bool nulls[kColumns + 1] = {};
  int column = 0;
  const Counts n = counts(cells);
  if (with_label) {
    nulls[column] = !label;
    values[column++] = label ? PointerGetDatum(cstring_to_text_with_len(
                                   label->data(), static_cast<int>(label->size())))
                             : Datum{0};
  }
  for (const std::int64_t value :
       {n.n, n.n_positive, n.n_selected, cells.at(Truth::Positive, Truth::Positive),
        cells.at(Truth::Negative, Truth::Positive), cells.at(Truth::Positive, Truth::Negative),
        cells.at(Truth::Negative, Truth::Negative)}) {
    values[column++] = Int64GetDatum(value);
  }
  for (const Rate which : kRates) {
    const std::optional<double> value = rate(cells, which);
    nulls[column] = !value;
    values[column++] = Float8GetDatum(value.value_or(0));
  }
  values[column++] = Int64GetDatum(n.unknown_label);
  values[column++] = Int64GetDatum(n.unknown_prediction);
  tuplestore_putvalues(rows.store, rows.desc, values, nulls);
}

void append_cells(StringInfo out, const Cells& cells) {
  const char* separator = "";
  appendStringInfoChar(out, '{');
  for (std::size_t i = 0; i < kCellNames.size(); ++i) {
    if (cells.count[i] == 0) continue;
    appendStringInfo(out, "%s\"%s\": %lld", separator, kCellNames[i].data(),
                     static_cast<long long>(cells.count[i]));
    separator = ", ";
  }
  appendStringInfoChar(out, '}');
}

void parse_cells(const JsonbValue& value, Cells& cells) {
  if (!is_object(value)) bad_text("confusion", "a group is not an object of counts");
  each_member(value.val.binary.data, [&](std::string_view name, const JsonbValue& count) {
    const auto* const cell = std::find(kCellNames.begin(), kCellNames.end(), name);
    if (cell == kCellNames.end()) bad_text("confusion", "unknown name of a count");
    cells.count[cell - kCellNames.begin()] = count_of(count, "confusion");
  });
}

// Checks what was put together from outside once more, by the validator of stored bytes.
Datum checked(const ConfusionState& state) {
  const Datum result = state.canonical();
  open_confusion(value_bytes(result));
  return result;
}

}  // namespace

FAIRDB_FUNCTION(confusion_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  ConfusionState state = ConfusionState::empty();
  each_member(parse_object(text, "confusion"), [&](std::string_view key, const JsonbValue& value) {
    if (key == "unknown") {
      parse_cells(value, state.cells(std::nullopt));
    } else if (key == "groups" && is_object(value)) {
      each_member(value.val.binary.data, [&](std::string_view label, const JsonbValue& counts) {
        parse_cells(counts, state.cells(label));
      });
    } else {
      bad_text("confusion", "expected the keys \"groups\" (an object) and \"unknown\"");
    }
  });
  return from_text([&] { return checked(state); });
}

FAIRDB_FUNCTION(confusion_out) {
  const ConfusionGroups groups = confusion_argument(fcinfo, 0);
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfoString(&out, "{\"groups\": {");
  for (std::int32_t g = 0; g < groups.known_groups(); ++g) {
    if (g > 0) appendStringInfoString(&out, ", ");
    append_json_string(&out, *groups.label(g));
    appendStringInfoString(&out, ": ");
    append_cells(&out, groups.payload(g));
  }
  appendStringInfoChar(&out, '}');
  if (const std::int32_t unknown = groups.find(std::nullopt); unknown >= 0) {
    appendStringInfoString(&out, ", \"unknown\": ");
    append_cells(&out, groups.payload(unknown));
  }
  appendStringInfoChar(&out, '}');
  PG_RETURN_CSTRING(out.data);
}

// Binary form: version (1 byte), groups (4), then for each: 1 if it has a label, the label (4 bytes
// length, bytes), nine counts (8 bytes each).
FAIRDB_FUNCTION(confusion_send) {
  const ConfusionGroups groups = confusion_argument(fcinfo, 0);
  StringInfoData out;
  pq_begintypsend(&out);
  pq_sendbyte(&out, kConfusionVersion);
  pq_sendint32(&out, static_cast<std::uint32_t>(groups.groups()));
  for (std::int32_t g = 0; g < groups.groups(); ++g) {
    const Label label = groups.label(g);
    pq_sendbyte(&out, label ? 1 : 0);
    if (label) send_text(&out, *label);
    for (const std::int64_t count : groups.payload(g).count) {
      pq_sendint64(&out, static_cast<std::uint64_t>(count));
    }
  }
  PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

FAIRDB_FUNCTION(confusion_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  if (pq_getmsgbyte(in) != kConfusionVersion) bad_binary("confusion");
  const auto groups = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (groups < 0 || groups > kMaxGroups + 1) bad_binary("confusion");
  ConfusionState state = ConfusionState::empty();
  for (std::int32_t g = 0; g < groups; ++g) {
    const int known = pq_getmsgbyte(in);
    if (known > 1) bad_binary("confusion");
    const Label label = known == 1 ? Label(receive_text(in, "confusion")) : std::nullopt;
    if (state.groups().find(label) >= 0) bad_binary("confusion");
    for (std::int64_t& count : state.cells(label).count) count = pq_getmsgint64(in);
  }
  pq_getmsgend(in);
  return checked(state);
}

FAIRDB_FUNCTION(confusion_count_text) {
  require_aggregate(fcinfo);
  return count(fcinfo, true, text_label(fcinfo, 3));
}

FAIRDB_FUNCTION(confusion_count_any) {
  require_aggregate(fcinfo);
  return count(fcinfo, true, any_label(fcinfo, 3));
}

FAIRDB_FUNCTION(prediction_count_text) {
  require_aggregate(fcinfo);
  return count(fcinfo, false, text_label(fcinfo, 2));
}

FAIRDB_FUNCTION(prediction_count_any) {
  require_aggregate(fcinfo);
  return count(fcinfo, false, any_label(fcinfo, 2));
}

// Adds a confusion (argument 1) to a state: for rollup, and to join the states of parallel workers.
FAIRDB_FUNCTION(confusion_merge) {
  require_aggregate(fcinfo);
  ConfusionState state = state_argument(fcinfo);
  if (!PG_ARGISNULL(1)) state.merge(open_confusion(value_bytes(PG_GETARG_DATUM(1))));
  return state.datum();
}

FAIRDB_FUNCTION(confusion_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return state_argument(fcinfo).canonical();
}

FAIRDB_FUNCTION(by_group) {
  const ConfusionGroups groups = confusion_argument(fcinfo, 0);
  const ResultRows rows = begin_rows(fcinfo);
  for (std::int32_t g = 0; g < groups.groups(); ++g) {
    put_row(rows, groups.label(g), groups.payload(g), true);
  }
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(overall) {
  const ConfusionGroups groups = confusion_argument(fcinfo, 0);
  put_row(begin_rows(fcinfo), std::nullopt, total(groups), false);
  PG_RETURN_NULL();
}

// Each gap twice: of a stored value, which is checked, and as the last step of an aggregate.
#define FAIRDB_GAP(name, which)                                         \
  FAIRDB_FUNCTION(name) {                                               \
    return gap_of(fcinfo, Gap::which, confusion_argument(fcinfo, 0));   \
  }                                                                     \
  FAIRDB_FUNCTION(name##_final) {                                       \
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();                              \
    return gap_of(fcinfo, Gap::which, state_argument(fcinfo).groups()); \
  }

FAIRDB_GAP(demographic_parity_difference, DemographicParityDifference)
FAIRDB_GAP(demographic_parity_ratio, DemographicParityRatio)
FAIRDB_GAP(equal_opportunity_difference, EqualOpportunityDifference)
FAIRDB_GAP(equal_opportunity_ratio, EqualOpportunityRatio)
FAIRDB_GAP(equalized_odds_difference, EqualizedOddsDifference)
FAIRDB_GAP(equalized_odds_ratio, EqualizedOddsRatio)

}  // namespace fairdb::pg
