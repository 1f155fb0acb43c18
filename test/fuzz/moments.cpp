// The content of moments, which their text and binary forms carry.
#include "core/linear/moments_value.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    MomentsValue value = MomentsValue::decode(bytes);
    MomentsValue twice = MomentsValue::decode(value.encode());
    twice.merge(value);
    (void)twice.encode();
    (void)twice.summary();
  });
}
