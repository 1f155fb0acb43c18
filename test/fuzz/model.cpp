// The content of a model, which its text and binary forms carry.
#include "core/model/model.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    const Model model = decode_model(bytes);
    const std::vector<std::byte> again = encode(model);
    fuzz::require(encode(decode_model(again)) == again, "an encoded model reads as itself");
    (void)score(model, Vector::Zero(model.features()));
    for (Index j = 0; j < model.features(); ++j) (void)feature_name(model.columns, j);
  });
}
