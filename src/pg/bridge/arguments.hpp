// The arguments of an SQL function by their names, as its declaration has them, so that functions
// which share most of their arguments share the code that reads them, and errors name them.
//
// A function that is called row after row looks the names up once, and keeps them:
//
//   const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
//
// A transition function reads the few it has by their places.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// The names of a function's input arguments, once they are known.
struct ArgumentNames {
  explicit ArgumentNames(MemoryContext /*memory*/) {}
  std::vector<std::string> names;
};

class Arguments {
 public:
  explicit Arguments(FunctionCallInfo fcinfo);
  // Fills `kept` at the first call; it must outlive this.
  Arguments(FunctionCallInfo fcinfo, ArgumentNames& kept);
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  bool has(std::string_view name) const noexcept { return find(name) >= 0; }
  bool null(std::string_view name) const;

  // Errors: InvalidArgument when NULL.
  std::string text(std::string_view name) const;
  double number(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;        // of type bigint
  std::int32_t small_integer(std::string_view name) const;  // of type int
  Datum datum(std::string_view name) const;

  // nullopt when NULL.
  std::optional<std::string> optional_text(std::string_view name) const;
  std::optional<double> optional_number(std::string_view name) const;
  std::optional<std::int64_t> optional_integer(std::string_view name) const;
  // Of type names. Errors: InvalidArgument for NULL or repeated elements.
  std::optional<std::vector<std::string>> optional_names(std::string_view name) const;
  // The same, empty when NULL.
  std::vector<std::string> names_or_none(std::string_view name) const;
  // Errors also when NULL or empty.
  std::vector<std::string> names(std::string_view name) const;
  // float8[]. Errors: InvalidArgument when empty or with a NULL inside.
  std::optional<std::vector<double>> optional_numbers(std::string_view name) const;
  // Errors also when NULL.
  std::vector<double> numbers(std::string_view name) const;
  // int[] and boolean[]. Errors: InvalidArgument when empty or with a NULL inside.
  std::optional<std::vector<std::int32_t>> optional_integers(std::string_view name) const;
  std::optional<std::vector<bool>> optional_booleans(std::string_view name) const;

 private:
  int find(std::string_view name) const noexcept;
  int require(std::string_view name) const;
  const NullableDatum& known(std::string_view name) const;

  FunctionCallInfo fcinfo_;
  std::vector<std::string> own_;
  std::span<const std::string> names_;
};

}  // namespace fairdb::pg
