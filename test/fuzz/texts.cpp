// Small texts that the core reads: exact sums, and labels that stand for rows and arrays.
#include <string>
#include <string_view>

#include "core/base/exact_sum.hpp"
#include "core/base/row_label.hpp"
#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (const auto sum = ExactSum::parse(text)) {
      char buffer[ExactSum::kMaxText];
      const auto again = ExactSum::parse(sum->text(buffer));
      fuzz::require(again && std::memcmp(&*again, &*sum, sizeof(ExactSum)) == 0,
                    "an exact sum reads as itself");
    }
    for (const std::string_view field : fields_of(text)) {
      fuzz::require(field.size() <= text.size() && unquoted(field).size() <= field.size(),
                    "a field is a part of its label");
    }
  });
}
