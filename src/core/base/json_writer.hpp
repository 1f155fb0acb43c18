// Writes JSON into a text. Whoever uses it brings the brackets into balance; a text or a number is
// always well formed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairdb {

class JsonWriter {
 public:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);  // valid in the encoding of the reader
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // The shortest digits that read back as the same number; null when it is not finite.
  JsonWriter& number(std::optional<double> value);
  JsonWriter& texts(const std::vector<std::string>& values);

  const std::string& json() const noexcept { return text_; }

 private:
  JsonWriter& raw(std::string_view value);
  void comma();

  std::string text_;
  bool first_ = true;
};

}  // namespace fairdb
