#include "pg/audit/confusion_value.hpp"

#include "pg/bridge/value_type.hpp"

namespace fairdb::pg {

std::byte* new_confusion(std::size_t bytes) {
  return new_value(bytes, "the confusion");
}

Datum canonical_confusion(const ConfusionValue& value) {
  return PointerGetDatum(value.canonical_copy(new_confusion).place());
}

ConfusionValue open_confusion(Datum value) {
  return ConfusionValue::open(value_bytes(value));
}

ConfusionValue canonical_form(Datum datum) {
  const ConfusionValue value = open_confusion(datum);
  if (value.canonical()) return value;
  return ConfusionValue::trusted(value_bytes(canonical_confusion(value)).data());
}

Confusion decoded(Datum value) {
  return decode(backend([&] { return open_confusion(value); }));
}

std::vector<std::optional<Confusion>> confusions_of(Datum list, Monitor& monitor) {
  struct Elements {
    Datum* values;
    bool* nulls;
    int count;
  };
  const Elements elements = backend([&] {
    ArrayType* const array = DatumGetArrayTypeP(list);
    Elements e{};
    deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &e.values, &e.nulls,
                      &e.count);
    return e;
  });
  std::vector<std::optional<Confusion>> confusions(static_cast<std::size_t>(elements.count));
  for (int i = 0; i < elements.count; ++i) {
    monitor.poll();
    if (!elements.nulls[i]) confusions[static_cast<std::size_t>(i)] = decoded(elements.values[i]);
  }
  return confusions;
}

static std::span<const std::byte> confusion_identity(Datum datum) {
  const std::span<std::byte> bytes = value_bytes(PointerGetDatum(canonical_form(datum).place()));
  return bytes.subspan(VARHDRSZ);
}

FAIRDB_EQUALITY(confusion, confusion_identity)

}  // namespace fairdb::pg
