// What reports and charts are asked for, as their arguments say it.
#pragma once

#include "core/report/findings.hpp"
#include "pg/bridge/arguments.hpp"

namespace fairdb::pg {

// Text of the server in UTF-8, and back.
std::string utf8_of(std::string_view text);
std::string server_text(const std::string& utf8);

// An argument of text for people to read; empty when NULL.
std::string readable_argument(const Arguments& arguments, std::string_view name);

// From people, selected and level, where the function has them. Errors: InvalidArgument.
Wording wording_argument(const Arguments& arguments);

// The groups of a confusion by each of its attributes, and by all of them together: without names
// of attributes, its groups as they are. names: of the attributes, or none. only: of these, the
// ones that are wanted. The sets' labels live as long as the current memory context. Errors:
// InvalidArgument for groups that are no rows of so many attributes.
std::vector<AttributeGroups> attribute_groups(Datum confusion,
                                              const std::vector<std::string>& names,
                                              const std::vector<std::string>& only,
                                              std::int64_t k,
                                              Monitor& monitor);

// The result: what is all ASCII, as a text.
Datum text_datum(const std::string& text);

}  // namespace fairdb::pg
