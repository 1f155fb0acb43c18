#include "pg/bridge/json.hpp"

extern "C" {
#include <common/shortest_dec.h>
}

namespace fairdb::pg {

void bad_text(const char* type, const char* what) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                  errmsg("invalid input for type %s: %s", type, what)));
  pg_unreachable();
}

namespace {

void name_type(void* type) {
  errcontext("text input of type %s", static_cast<const char*>(type));
}

}  // namespace

bool is_written_object(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\n\r");
  if (first == std::string_view::npos || text[first] != '{') return false;
  const std::size_t second = text.find_first_not_of(" \t\n\r", first + 1);
  return second != std::string_view::npos && (text[second] == '"' || text[second] == '}') &&
         (text[second] == '}' || text.find(':') != std::string_view::npos);
}

JsonbContainer* parse_object(const char* text, const char* type) {
  ErrorContextCallback context{error_context_stack, name_type, const_cast<char*>(type)};
  error_context_stack = &context;
  Jsonb* const json =
      DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(const_cast<char*>(text))));
  error_context_stack = context.previous;
  if (!JB_ROOT_IS_OBJECT(json)) bad_text(type, "expected a JSON object");
  return &json->root;
}

std::int64_t count_of(const JsonbValue& value, const char* type) {
  if (value.type != jbvNumeric) bad_text(type, "expected a whole number");
  const char* const digits = numeric_normalize(value.val.numeric);
  std::int64_t count = 0;
  for (const char* p = digits; *p != '\0'; ++p) {
    if (*p < '0' || *p > '9' || __builtin_mul_overflow(count, 10, &count) ||
        __builtin_add_overflow(count, *p - '0', &count)) {
      bad_text(type, "expected a whole number that is not negative");
    }
  }
  return count;
}

double number_of(const JsonbValue& value, const char* type) {
  if (value.type != jbvNumeric) bad_text(type, "expected a number");
  return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
}

ExactSum exact_of(const JsonbValue& value, const char* type) {
  if (value.type == jbvString) {
    const auto sum =
        ExactSum::parse({value.val.string.val, static_cast<std::size_t>(value.val.string.len)});
    if (sum) return *sum;
  }
  bad_text(type, "a sum of weights is not a hexadecimal number in quotes");
}

void append_json_string(StringInfo out, std::string_view text) {
  escape_json(out, pnstrdup(text.data(), text.size()));
}

void append_double(StringInfo out, double value) {
  char buffer[DOUBLE_SHORTEST_DECIMAL_LEN];
  double_to_shortest_decimal_buf(value, buffer);
  appendStringInfoString(out, buffer);
}

void append_exact(StringInfo out, const char* key, const ExactSum& sum) {
  char buffer[ExactSum::kMaxText];
  const std::string_view digits = sum.text(buffer);
  appendStringInfo(out, "\"%s\": \"%.*s\"", key, static_cast<int>(digits.size()), digits.data());
}

}  // namespace fairdb::pg
