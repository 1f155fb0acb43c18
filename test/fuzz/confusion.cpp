// Stored bytes of a confusion.
#include "core/audit/confusion.hpp"

#include "core/audit/confusion_state.hpp"
#include "core/audit/gaps.hpp"
#include "fuzz/target.hpp"

namespace {

std::vector<std::unique_ptr<std::byte[]>>& kept() {
  static std::vector<std::unique_ptr<std::byte[]>> list;
  return list;
}
std::byte* allocate(std::size_t bytes) {
  return kept().emplace_back(std::make_unique<std::byte[]>(bytes)).get();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  kept().clear();
  return fuzz::attempt([&] {
    std::vector<std::byte> bytes = fuzz::copy(data, size);
    const ConfusionValue value = ConfusionValue::open(bytes);
    const Confusion confusion = decode(value);
    (void)gap(confusion, Gap::EqualizedOddsRatio);
    (void)total(confusion);
    fuzz::require(value.canonical_copy(allocate).canonical(), "a canonical copy is canonical");
    ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, allocate);
    state.merge(value);
    state.merge(value);
    state.subtract(value);
  });
}
