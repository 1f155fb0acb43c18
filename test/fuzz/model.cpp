// The content of a model, which its text and binary forms carry.
#include "core/model/representation_model.hpp"

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
    if (const auto* const shared = dynamic_cast<const RepresentationModel*>(model.body.get())) {
      const Vector zero = Vector::Zero(shared->map.features);
      fuzz::require(represent(*shared, zero).size() == shared->map.dimensions,
                    "a representation has its dimensions");
      for (std::size_t t = 0; t < shared->tasks.size(); ++t)
        (void)score(*shared, zero, static_cast<Index>(t));
      return;
    }
    const auto& body = body_of<FairModel>(model, "fuzzing");
    (void)score(body, Vector::Zero(body.features()));
    for (Index j = 0; j < body.features(); ++j) (void)feature_name(body.columns, j);
  });
}
