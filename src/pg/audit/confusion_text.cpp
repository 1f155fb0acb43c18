// The text form of a confusion: JSON.
//
//   {"groups": {"a": {"tp": 3, "fn": 1}, ...}, "unknown": {"fp": 2}}
//   {"weighted": true, "groups": {"a": {"tp": {"n": 3, "weight": "0x1.8p+1", "squares": "..."}}}}
#include "pg/audit/confusion_value.hpp"
#include "pg/bridge/json.hpp"

namespace fairdb::pg {
namespace {

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
    appendStringInfoString(out, ", ");
    append_exact(out, "weight", cells.weight[i]);
    appendStringInfoString(out, ", ");
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
  if (found == kCellNames.end()) {
    StringInfoData what;
    initStringInfo(&what);
    appendStringInfoString(&what, "unknown name of a count, expected one of");
    for (const std::string_view known : kCellNames) appendStringInfo(&what, " %s", known.data());
    bad_text("confusion", what.data);
  }
  return static_cast<std::size_t>(found - kCellNames.begin());
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
        cells.weight[i] = exact_of(part, "confusion");
      } else if (key == "squares") {
        cells.square[i] = exact_of(part, "confusion");
      } else {
        bad_text("confusion", "expected the keys \"n\", \"weight\" and \"squares\"");
      }
    });
  });
  return cells;
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
    // What comes in must be what can be read again.
    open_confusion(datum(state));
    return canonical_confusion(state.value());
  });
}

FAIRDB_FUNCTION(confusion_out) {
  const ConfusionValue value = canonical_form(PG_GETARG_DATUM(0));
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

}  // namespace fairdb::pg
