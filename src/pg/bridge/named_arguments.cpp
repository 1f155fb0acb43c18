#include "pg/bridge/named_arguments.hpp"

#include "core/base/error.hpp"
#include "pg/bridge/arguments.hpp"

extern "C" {
#include <catalog/pg_proc.h>
#include <funcapi.h>
#include <utils/syscache.h>
}

namespace fairdb::pg {

NamedArguments::NamedArguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {
  char** names = nullptr;
  char* modes = nullptr;
  int count = 0;
  backend([&] {
    HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "the function is not in the catalog");
    Oid* types = nullptr;
    count = get_func_arg_info(tuple, &types, &names, &modes);
    ReleaseSysCache(tuple);
  });
  for (int i = 0; i < count; ++i) {
    const bool input = modes == nullptr || modes[i] == PROARGMODE_IN;
    if (input) names_.emplace_back(names == nullptr ? "" : names[i]);
  }
}

int NamedArguments::find(std::string_view name) const noexcept {
  const auto it = std::find(names_.begin(), names_.end(), name);
  return it == names_.end() ? -1 : static_cast<int>(it - names_.begin());
}

int NamedArguments::require(std::string_view name) const {
  const int number = find(name);
  FAIRDB_ASSERT(number >= 0);
  return number;
}

bool NamedArguments::null(std::string_view name) const {
  const int number = require(name);
  return fcinfo_->args[number].isnull;
}

std::string NamedArguments::text(std::string_view name) const {
  return text_argument(fcinfo_, require(name), std::string(name).c_str());
}
double NamedArguments::number(std::string_view name) const {
  return number_argument(fcinfo_, require(name), std::string(name).c_str());
}
bool NamedArguments::boolean(std::string_view name) const {
  return bool_argument(fcinfo_, require(name), std::string(name).c_str());
}
std::int64_t NamedArguments::integer(std::string_view name) const {
  return integer_argument(fcinfo_, require(name), std::string(name).c_str());
}
std::int32_t NamedArguments::small_integer(std::string_view name) const {
  return small_integer_argument(fcinfo_, require(name), std::string(name).c_str());
}
std::optional<std::string> NamedArguments::optional_text(std::string_view name) const {
  return pg::optional_text(fcinfo_, require(name));
}
std::optional<double> NamedArguments::optional_number(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return number(name);
}
std::optional<std::vector<std::string>> NamedArguments::optional_names(
    std::string_view name) const {
  return pg::optional_names(fcinfo_, require(name), std::string(name).c_str());
}
std::vector<std::string> NamedArguments::names(std::string_view name) const {
  return names_argument(fcinfo_, require(name), std::string(name).c_str());
}
std::vector<double> NamedArguments::numbers(std::string_view name) const {
  auto numbers = optional_numbers(name);
  if (numbers) return *std::move(numbers);
  throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not be NULL");
}
std::optional<std::vector<double>> NamedArguments::optional_numbers(std::string_view name) const {
  return pg::optional_numbers(fcinfo_, require(name), std::string(name).c_str());
}

}  // namespace fairdb::pg
