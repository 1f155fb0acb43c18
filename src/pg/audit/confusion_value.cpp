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

static std::span<const std::byte> confusion_identity(Datum datum) {
  const std::span<std::byte> bytes = value_bytes(PointerGetDatum(canonical_form(datum).place()));
  return bytes.subspan(VARHDRSZ);
}

FAIRDB_EQUALITY(confusion, confusion_identity)

}  // namespace fairdb::pg
