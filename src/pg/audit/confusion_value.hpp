// A confusion as the server holds it: the bytes of core/audit/confusion.hpp.
#pragma once

#include "core/audit/confusion.hpp"
#include "core/audit/confusion_state.hpp"
#include "core/audit/label_order.hpp"
#include "core/base/monitor.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

// New memory for a confusion. Errors: TooLarge.
std::byte* new_confusion(std::size_t bytes);
// A new value in the canonical form. Plain.
Datum canonical_confusion(const ConfusionValue& value);

// A checked value. Plain. Errors: CorruptValue.
ConfusionValue open_confusion(Datum value);
// A stored value in its canonical form; an aggregate that a user has made of our functions may
// return another one. Plain. Errors: CorruptValue.
ConfusionValue canonical_form(Datum value);

// The groups of an argument. Their labels stay in its bytes. Errors: CorruptValue.
Confusion decoded(Datum value);
// Those of an array, nullopt for its NULLs. Errors: CorruptValue.
std::vector<std::optional<Confusion>> confusions_of(Datum list, Monitor& monitor);

// The aggregate's own state in argument 0, in memory that may be changed; a new one at first.
// Plain.
inline ConfusionState state_argument(FunctionCallInfo fcinfo,
                                     ConfusionForm form = ConfusionForm::Narrow) {
  if (PG_ARGISNULL(0)) return ConfusionState::empty(form, new_confusion);
  return {value_bytes(PG_GETARG_DATUM(0)).data(), new_confusion};
}

inline Datum datum(const ConfusionState& state) {
  return PointerGetDatum(state.value().place());
}

}  // namespace fairdb::pg
