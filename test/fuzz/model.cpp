// The content of a model, which its text and binary forms carry.
#include "core/model/fair_model.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    const Model model = decode_model(bytes);
    const std::vector<std::byte> again = encode(model);
    fuzz::require(encode(decode_model(again)) == again, "an encoded model reads as itself");
    JsonWriter json;
    describe(model, json);
    const auto& body = body_of<FairModel>(model, "fuzzing");
    (void)score(body, Vector::Zero(body.features()));
    for (Index j = 0; j < body.features(); ++j) (void)feature_name(body.columns, j);
  });
}
