// The binary form of a confusion.
//
// Version (1 byte), 1 if weighted, groups (4 bytes), then for each: 1 if it has a
// label, the label (4 bytes length, bytes), nine counts (8 bytes each); if weighted, the rows of
// unknown weight (8), nine sums of weights and nine of squares (32 each, the lowest 8 bytes first).
#include "pg/audit/confusion_value.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

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

}  // namespace

FAIRDB_FUNCTION(confusion_send) {
  const ConfusionValue value = canonical_form(PG_GETARG_DATUM(0));
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
  open_confusion(datum(state));
  return canonical_confusion(state.value());
}

}  // namespace fairdb::pg
