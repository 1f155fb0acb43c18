// What a user names as the source of rows: a table or view by name, or a SELECT.
//
// It is read through SPI, as the caller and on the statement's snapshot: privileges and row-level
// security hold, and every reading in one call sees the same rows.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// A connection to SPI. When an exception passes, the server's abort cleans up.
class SpiSession {
 public:
  SpiSession();
  SpiSession(const SpiSession&) = delete;
  SpiSession& operator=(const SpiSession&) = delete;
  ~SpiSession() = default;
  // Before returning normally. Values for the caller must be made outside of the session's memory.
  void finish();
};

struct SourceColumn {
  std::string name;
  Oid type;
};

class Source {
 public:
  // Errors: of the server, when the name or the query is wrong.
  explicit Source(const std::string& text);

  const std::vector<SourceColumn>& columns() const noexcept { return columns_; }
  // Errors: UnknownColumn, naming the argument and the columns there are.
  const SourceColumn& column(const std::string& name, const char* argument) const;

  // SELECT of the given expressions from the source.
  std::string select(const std::vector<std::string>& expressions) const;

 private:
  std::string from_;
  std::vector<SourceColumn> columns_;
};

// A value of a column, given as text, as a literal. Errors: of the type's input function, naming
// the argument and the column.
std::string literal_for(const SourceColumn& column, const std::string& value, const char* argument);

// A column's name as the server quotes it.
std::string quoted(const std::string& name);

// The expression that reads an id column as id_type: the column itself, or an implicit cast of it.
// Errors: WrongType.
std::string id_expression(const SourceColumn& id, Oid id_type);

// The expression of the group: the column itself, or a row of several. Its type is in *type.
std::string group_expression(const Source& source,
                             const std::vector<std::string>& sensitive,
                             Oid* type);
// The group's columns as errors name them.
std::string group_name(const std::vector<std::string>& sensitive);

}  // namespace fairdb::pg
