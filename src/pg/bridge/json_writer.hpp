// Making a jsonb value: JSON is written into a text of C++, which the server parses once at the
// end.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    comma();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    text(name);
    text_ += ": ";
    first_ = true;
    return *this;
  }
  JsonWriter& text(std::string_view value);
  JsonWriter& integer(std::int64_t value) { return raw(std::to_string(value)); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& number(std::optional<double> value);  // null when it is not finite
  JsonWriter& texts(const std::vector<std::string>& values);

  // Errors: of the server's parser.
  Datum jsonb() const;

 private:
  JsonWriter& raw(std::string_view value) {
    comma();
    text_ += value;
    return *this;
  }
  void comma() {
    if (!first_) text_ += ", ";
    first_ = false;
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace fairdb::pg
