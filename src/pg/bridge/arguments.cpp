#include "pg/bridge/arguments.hpp"

#include "core/base/error.hpp"

namespace fairdb::pg {
namespace {

void require(FunctionCallInfo fcinfo, int number, const char* name) {
  if (PG_ARGISNULL(number)) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not be NULL");
  }
}

}  // namespace

std::optional<std::string> optional_text(FunctionCallInfo fcinfo, int number) {
  if (PG_ARGISNULL(number)) return std::nullopt;
  const text* const value = backend([&] { return PG_GETARG_TEXT_PP(number); });
  return std::string(VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value)));
}

std::string text_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  return *optional_text(fcinfo, number);
}

double number_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  return PG_GETARG_FLOAT8(number);
}

bool bool_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  return PG_GETARG_BOOL(number);
}

std::int64_t integer_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  return PG_GETARG_INT64(number);
}

std::int32_t small_integer_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  return PG_GETARG_INT32(number);
}

std::optional<std::vector<double>> optional_numbers(FunctionCallInfo fcinfo,
                                                    int number,
                                                    const char* name) {
  if (PG_ARGISNULL(number)) return std::nullopt;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  backend([&] {
    ArrayType* const array = PG_GETARG_ARRAYTYPE_P(number);
    deconstruct_array(array, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements,
                      &nulls, &count);
  });
  std::vector<double> numbers;
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) {
      throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not hold NULL");
    }
    numbers.push_back(DatumGetFloat8(elements[i]));
  }
  if (numbers.empty()) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " is empty");
  }
  return numbers;
}

std::optional<std::vector<std::string>> optional_names(FunctionCallInfo fcinfo,
                                                       int number,
                                                       const char* name) {
  if (PG_ARGISNULL(number)) return std::nullopt;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  backend([&] {
    ArrayType* const array = PG_GETARG_ARRAYTYPE_P(number);
    deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) {
      throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not hold NULL");
    }
    const auto* const value = reinterpret_cast<const text*>(DatumGetPointer(elements[i]));
    std::string element(VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value)));
    if (std::find(names.begin(), names.end(), element) != names.end()) {
      throw Error(ErrorKind::InvalidArgument,
                  std::string(name) + " names column \"" + element + "\" twice");
    }
    names.push_back(std::move(element));
  }
  return names;
}

std::vector<std::string> names_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  require(fcinfo, number, name);
  std::vector<std::string> names = *optional_names(fcinfo, number, name);
  if (names.empty()) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " names no column",
                std::string("For example ") + name + " => '{sex}' or '{sex,race}'.");
  }
  return names;
}

}  // namespace fairdb::pg
