#include "pg/bridge/arguments.hpp"

#include "core/base/error.hpp"

extern "C" {
#include <catalog/pg_proc.h>
#include <funcapi.h>
#include <utils/syscache.h>
}

namespace fairdb::pg {
namespace {

std::string string_of(Datum datum) {
  const text* const value = backend([&] { return DatumGetTextPP(datum); });
  return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

struct Elements {
  Datum* values;
  bool* nulls;
  int count;
};

// Errors: InvalidArgument when one is NULL.
Elements elements_of(Datum datum, std::string_view name) {
  const Elements elements = backend([&] {
    ArrayType* const array = DatumGetArrayTypeP(datum);
    const Oid type = ARR_ELEMTYPE(array);  // names may be texts or varchars
    std::int16_t length = 0;
    bool by_value = false;
    char alignment = 0;
    get_typlenbyvalalign(type, &length, &by_value, &alignment);
    Elements e{};
    deconstruct_array(array, type, length, by_value, alignment, &e.values, &e.nulls, &e.count);
    return e;
  });
  if (std::find(elements.nulls, elements.nulls + elements.count, true) !=
      elements.nulls + elements.count) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not hold NULL");
  }
  return elements;
}

// Errors: InvalidArgument when empty or with a NULL inside.
template <class T, class Convert>
std::vector<T> list_of(Datum datum, std::string_view name, Convert convert) {
  const Elements elements = elements_of(datum, name);
  if (elements.count == 0) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " is empty");
  }
  std::vector<T> list;
  list.reserve(static_cast<std::size_t>(elements.count));
  for (int i = 0; i < elements.count; ++i) list.push_back(convert(elements.values[i]));
  return list;
}

std::vector<std::string> names_of(FunctionCallInfo fcinfo) {
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
  std::vector<std::string> result;
  for (int i = 0; i < count; ++i) {
    const bool input = modes == nullptr || modes[i] == PROARGMODE_IN;
    if (input) result.emplace_back(names == nullptr ? "" : names[i]);
  }
  return result;
}

}  // namespace

Arguments::Arguments(FunctionCallInfo fcinfo)
    : fcinfo_(fcinfo), own_(names_of(fcinfo)), names_(own_) {}

Arguments::Arguments(FunctionCallInfo fcinfo, ArgumentNames& kept) : fcinfo_(fcinfo) {
  if (kept.names.empty()) kept.names = names_of(fcinfo);
  names_ = kept.names;
}

int Arguments::find(std::string_view name) const noexcept {
  const auto it = std::find(names_.begin(), names_.end(), name);
  return it == names_.end() ? -1 : static_cast<int>(it - names_.begin());
}

int Arguments::require(std::string_view name) const {
  const int number = find(name);
  FAIRDB_ASSERT(number >= 0);
  return number;
}

const NullableDatum& Arguments::known(std::string_view name) const {
  const NullableDatum& argument = fcinfo_->args[require(name)];
  if (argument.isnull) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " must not be NULL");
  }
  return argument;
}

bool Arguments::null(std::string_view name) const {
  return fcinfo_->args[require(name)].isnull;
}

Datum Arguments::datum(std::string_view name) const {
  return known(name).value;
}
std::string Arguments::text(std::string_view name) const {
  return string_of(known(name).value);
}
double Arguments::number(std::string_view name) const {
  return DatumGetFloat8(known(name).value);
}
bool Arguments::boolean(std::string_view name) const {
  return DatumGetBool(known(name).value);
}
std::int64_t Arguments::integer(std::string_view name) const {
  return DatumGetInt64(known(name).value);
}
std::int32_t Arguments::small_integer(std::string_view name) const {
  return DatumGetInt32(known(name).value);
}

std::optional<std::string> Arguments::optional_text(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return text(name);
}
std::optional<double> Arguments::optional_number(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return number(name);
}
std::optional<std::int64_t> Arguments::optional_integer(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return integer(name);
}

std::optional<std::vector<double>> Arguments::optional_numbers(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return list_of<double>(datum(name), name, [](Datum d) { return DatumGetFloat8(d); });
}

std::optional<std::vector<std::int32_t>> Arguments::optional_integers(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return list_of<std::int32_t>(datum(name), name, [](Datum d) { return DatumGetInt32(d); });
}

std::optional<std::vector<bool>> Arguments::optional_booleans(std::string_view name) const {
  if (null(name)) return std::nullopt;
  return list_of<bool>(datum(name), name, [](Datum d) { return DatumGetBool(d); });
}

std::vector<double> Arguments::numbers(std::string_view name) const {
  (void)known(name);
  return *optional_numbers(name);
}

std::optional<std::vector<std::string>> Arguments::optional_names(std::string_view name) const {
  if (null(name)) return std::nullopt;
  const Elements elements = elements_of(datum(name), name);
  std::vector<std::string> names;
  for (int i = 0; i < elements.count; ++i) {
    std::string element = string_of(elements.values[i]);
    if (std::find(names.begin(), names.end(), element) != names.end()) {
      throw Error(ErrorKind::InvalidArgument,
                  std::string(name) + " names \"" + element + "\" twice");
    }
    names.push_back(std::move(element));
  }
  return names;
}

std::vector<std::string> Arguments::names_or_none(std::string_view name) const {
  return optional_names(name).value_or(std::vector<std::string>{});
}

std::vector<std::string> Arguments::names(std::string_view name) const {
  (void)known(name);
  std::vector<std::string> names = *optional_names(name);
  if (names.empty()) {
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " names no column",
                std::string("For example ") + std::string(name) + " => 'sex' or '{sex,race}'.");
  }
  return names;
}

}  // namespace fairdb::pg
