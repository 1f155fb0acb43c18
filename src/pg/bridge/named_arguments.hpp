// The arguments of an SQL function by their names, as its declaration has them: functions that
// share most of their arguments share the code that reads them.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

class NamedArguments {
 public:
  explicit NamedArguments(FunctionCallInfo fcinfo);

  bool has(std::string_view name) const noexcept { return find(name) >= 0; }
  bool null(std::string_view name) const;

  // Errors: InvalidArgument when NULL.
  std::string text(std::string_view name) const;
  double number(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;        // of type bigint
  std::int32_t small_integer(std::string_view name) const;  // of type int

  // nullopt when NULL.
  std::optional<std::string> optional_text(std::string_view name) const;
  std::optional<double> optional_number(std::string_view name) const;
  // Errors: InvalidArgument for NULL or repeated elements.
  std::optional<std::vector<std::string>> optional_names(std::string_view name) const;
  // Errors also when NULL or empty.
  std::vector<std::string> names(std::string_view name) const;
  // float8[]. Errors: InvalidArgument when empty or with a NULL inside.
  std::optional<std::vector<double>> optional_numbers(std::string_view name) const;
  // Errors also when NULL.
  std::vector<double> numbers(std::string_view name) const;

 private:
  int find(std::string_view name) const noexcept;
  int require(std::string_view name) const;

  FunctionCallInfo fcinfo_;
  std::vector<std::string> names_;
};

}  // namespace fairdb::pg
