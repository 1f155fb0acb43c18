// marginal: the confusion of some attributes of an intersection.
#include "core/base/error.hpp"

#include "pg/audit/attribute_tables.hpp"
#include "pg/bridge/arguments.hpp"

namespace fairdb::pg {
namespace {

std::vector<std::int32_t> fields_argument(const Arguments& arguments) {
  const Datum array = arguments.datum("fields");
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  backend([&] {
    deconstruct_array(DatumGetArrayTypeP(array), INT4OID, sizeof(std::int32_t), true, TYPALIGN_INT,
                      &elements, &nulls, &count);
  });
  std::vector<std::int32_t> fields;
  for (int i = 0; i < count; ++i) {
    const std::int32_t field = nulls[i] ? 0 : DatumGetInt32(elements[i]);
    if (field < 1 || std::find(fields.begin(), fields.end(), field) != fields.end()) {
      throw Error(ErrorKind::InvalidArgument,
                  "fields must name attributes by different numbers from 1 on");
    }
    fields.push_back(field);
  }
  if (fields.empty()) throw Error(ErrorKind::InvalidArgument, "fields names no attribute");
  return fields;
}

}  // namespace

FAIRDB_FUNCTION(marginal) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::vector<std::int32_t> fields = fields_argument(Arguments(fcinfo));
  const ConfusionValue value = backend([&] { return open_confusion(PG_GETARG_DATUM(0)); });
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  value.visit([&](const auto& table) {
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      const auto& cells = table.payload(g);
      if (!has_rows(cells)) continue;
      std::string label;
      if (table.label(g)) label = marginal_label(*table.label(g), fields);
      const Label group = table.label(g) ? Label(label) : Label();
      if constexpr (std::is_same_v<std::decay_t<decltype(cells)>, WeightedCells>) {
        state.combine(group, cells, ConfusionState::Sign::Plus);
      } else {
        state.combine(group, counts_of(cells), ConfusionState::Sign::Plus);
      }
    }
  });
  return canonical_confusion(state.value());
}

}  // namespace fairdb::pg
