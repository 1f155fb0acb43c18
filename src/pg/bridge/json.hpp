// Reading the text form of a value with the server's own JSON parser. Plain: calls the server
// directly; callbacks may throw only what owns nothing on the way.
#pragma once

#include "core/base/exact_sum.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// Parses `text`; errors 22P02 name `type` unless it is an object.
JsonbContainer* parse_object(const char* text, const char* type);

// Whether a text is meant as an object, {"a": 1}: not as an array of SQL, '{1,2}'.
bool is_written_object(std::string_view text) noexcept;

// Raises 22P02: the text is not a value of the type.
[[noreturn]] void bad_text(const char* type, const char* what);

// Calls f(key, value) for each member of an object, and f(value) for each element of an array. Can
// be cancelled between them.
template <class F>
void each_member(JsonbContainer* object, F f) {
  JsonbIterator* it = JsonbIteratorInit(object);
  JsonbValue key;
  JsonbValue value;
  JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true);
  while ((token = JsonbIteratorNext(&it, &key, true)) == WJB_KEY) {
    CHECK_FOR_INTERRUPTS();
    JsonbIteratorNext(&it, &value, true);
    f(std::string_view(key.val.string.val, static_cast<std::size_t>(key.val.string.len)), value);
  }
}
template <class F>
void each_element(JsonbContainer* array, F f) {
  JsonbIterator* it = JsonbIteratorInit(array);
  JsonbValue value;
  JsonbIteratorToken token = JsonbIteratorNext(&it, &value, true);
  while ((token = JsonbIteratorNext(&it, &value, true)) == WJB_ELEM) {
    CHECK_FOR_INTERRUPTS();
    f(value);
  }
}

inline bool is_object(const JsonbValue& v) {
  return v.type == jbvBinary && JsonContainerIsObject(v.val.binary.data);
}
inline bool is_array(const JsonbValue& v) {
  return v.type == jbvBinary && JsonContainerIsArray(v.val.binary.data) &&
         !JsonContainerIsScalar(v.val.binary.data);
}

// A whole number >= 0; raises 22P02 otherwise.
std::int64_t count_of(const JsonbValue& value, const char* type);
double number_of(const JsonbValue& value, const char* type);
// A sum of weights, as append_exact writes it.
ExactSum exact_of(const JsonbValue& value, const char* type);

// Appends a string in JSON's quotes.
void append_json_string(StringInfo out, std::string_view text);
// The shortest text that reads back as the same number.
void append_double(StringInfo out, double value);
// "key": the sum, in hexadecimal digits: it is wider than any number of JSON's readers.
void append_exact(StringInfo out, const char* key, const ExactSum& sum);

}  // namespace fairdb::pg
