// Arguments of an SQL function as C++ values. Every call names the argument, for its errors.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// Errors: InvalidArgument when NULL.
std::string text_argument(FunctionCallInfo fcinfo, int number, const char* name);
double number_argument(FunctionCallInfo fcinfo, int number, const char* name);
bool bool_argument(FunctionCallInfo fcinfo, int number, const char* name);
std::int64_t integer_argument(FunctionCallInfo fcinfo, int number, const char* name);
std::int32_t small_integer_argument(FunctionCallInfo fcinfo, int number, const char* name);

// nullopt when NULL.
std::optional<std::string> optional_text(FunctionCallInfo fcinfo, int number);
// nullopt when NULL. Errors: InvalidArgument for NULL or repeated elements.
std::optional<std::vector<std::string>> optional_names(FunctionCallInfo fcinfo,
                                                       int number,
                                                       const char* name);
// Numbers of a float8[]. nullopt when NULL. Errors: InvalidArgument when empty or with a NULL
// inside.
std::optional<std::vector<double>> optional_numbers(FunctionCallInfo fcinfo,
                                                    int number,
                                                    const char* name);
// Errors also when NULL or empty.
std::vector<std::string> names_argument(FunctionCallInfo fcinfo, int number, const char* name);

}  // namespace fairdb::pg
