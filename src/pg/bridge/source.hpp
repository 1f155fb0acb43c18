// What a user names as the source of rows: a table or view by name, or a SELECT.
//
// It is read through SPI, as the caller and on the statement's snapshot: privileges and row-level
// security hold, and every reading in one call sees the same rows.
//
// Each reading is an analysis of its own of the text, and what the text names may have changed
// since the one before: a function or a view was replaced by another session, or by code that the
// source itself runs. So each analysis that is run is compared with the columns that are known, and
// its answer with the types that its reader was built for; a difference is an error.
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
  Oid base_type;  // of a domain; else the same
  Oid collation = InvalidOid;
  // The table or view and the number of its column that the values come from unchanged, through
  // queries too; 0 for what is computed.
  Oid table = InvalidOid;
  AttrNumber attribute = 0;
};

// A column of an answer: an SQL expression over the source, and the type as which its values are
// read.
struct Output {
  std::string expression;
  Oid type;
};

class Source {
 public:
  // A relation stays locked until the transaction ends, as those of a query do.
  // Errors: of the server, when the name or the query is wrong.
  explicit Source(const std::string& text);

  const std::vector<SourceColumn>& columns() const noexcept { return columns_; }
  // Errors: UnknownColumn, naming the argument and the columns there are.
  const SourceColumn& column(const std::string& name, const char* argument) const;

  // What it is after FROM, with the names that it has by itself qualified and quoted.
  const std::string& from() const noexcept { return from_; }

  // Whether Citus distributes it.
  bool distributed() const;

  // The columns by which servers that hold parts of the source can count each their own: none of a
  // table that is distributed by Citus, whose workers need no more; the key of a table that is
  // partitioned by list over foreign tables, where the caller may read it. nullopt of others.
  std::optional<std::vector<std::string>> parts() const;

  // SELECT of the outputs from the source, through a cursor. Needs an open SpiSession.
  // Errors: of the server; Changed.
  Portal open(const std::vector<Output>& outputs) const;
  // All its rows at once, alive until the session ends. rest: what follows FROM. scanned: gets the
  // foreign table, qualified and quoted, whose rows are fetched one by one; nothing where every
  // foreign server is sent all of what is asked.
  const SPITupleTable* fetch(const std::vector<Output>& outputs,
                             const std::string& rest,
                             std::string* scanned = nullptr) const;

 private:
  SPIPlanPtr prepare(const std::vector<Output>& outputs,
                     const std::string& rest,
                     int options) const;
  void check_analysis(SPIPlanPtr plan) const;

  Oid relation_ = InvalidOid;  // of a name
  std::string from_;
  std::vector<SourceColumn> columns_;
};

// Errors: InvalidData, when a source that is read more than once has returned other rows.
[[noreturn]] void other_rows();

// Errors: WrongType, naming the column, its type, the argument and what it expects.
[[noreturn]] void wrong_type(const SourceColumn& column,
                             const char* argument,
                             const char* expected,
                             const char* hint = "");

// A value of a column, given as text, as a literal. Errors: of the type's input function, naming
// the argument and the column.
std::string literal_for(const SourceColumn& column, const std::string& value, const char* argument);

// Whether a column has a value that an argument gives as text, as a boolean, by the equality of its
// type. Errors: as literal_for.
std::string value_expression(const SourceColumn& column,
                             const std::string& value,
                             const char* argument);

// The text of a positive value in the terms of a column: true and false are 1 and 0 of a number
// column, -1 is the false of a boolean one, and 1.0, as drivers write it, is 1 of whole numbers.
std::string positive_as_written(const SourceColumn& column, const std::string& written);

// The same in a form that means the same under any settings, for a model to keep. Errors: as
// literal_for.
std::string positive_to_keep(const SourceColumn& column, const std::string& written);

// Whether a column has the value that counts as positive, as a boolean, by the equality of its
// type; NULL where it is NULL. For every type, in every function that takes `positive`. Errors: as
// literal_for.
std::string positive_expression(const SourceColumn& column, const std::string& positive);

// Whether a column is meant by a positive value that another one may have: a number column by a
// number, true or false, a boolean one by true, false, t, f, 1, 0 or -1 (yes and no may be words of
// the other), another type always.
bool can_hold(const SourceColumn& column, const std::string& value);

// Whether a collation takes texts for equal that are not the same bytes.
bool is_nondeterministic(Oid collation);

// A column's name as the server quotes it.
std::string quoted(const std::string& name);
// What to group by so that the groups of columns are those that the aggregates tell apart: the
// quoted columns, and the texts of those whose equality is wider. Errors: UnknownColumn; WrongType
// for a type without equality.
std::vector<std::string> group_columns(const Source& source,
                                       const std::vector<std::string>& names,
                                       const char* argument = "sensitive");

// The columns themselves, as keys of a GroupedQuery whose label_of() names the group.
std::vector<Output> column_keys(const Source& source,
                                const std::vector<std::string>& names,
                                const char* argument = "sensitive");

// A number column as double. Errors: UnknownColumn, WrongType.
std::string number_expression(const Source& source, const std::string& name, const char* argument);

// The expression that reads an id column as id_type: the column itself, or an implicit cast of it.
// Errors: WrongType.
std::string id_expression(const SourceColumn& id, Oid id_type);

// The expression of the group: the column itself, or a row of several; of texts key(...), which any
// server can be sent. Its type is in *type. Errors name the argument that named the columns.
std::string group_expression(const Source& source,
                             const std::vector<std::string>& names,
                             Oid* type,
                             const char* argument = "sensitive");
// The same as a text where label_texts() can make one, for sources that Citus distributes: it sends
// its workers neither rows nor aggregates of any type.
std::string group_text_expression(const Source& source,
                                  const std::vector<std::string>& names,
                                  Oid* type);
// The labels of columns as texts, separated by commas: of texts, booleans and whole numbers;
// nullopt where there is another type, whose text depends on settings.
std::optional<std::string> label_texts(const Source& source, const std::vector<std::string>& names);
// That of a boolean expression.
std::string label_text(const std::string& boolean);
// The group's columns as errors name them.
std::string group_name(const std::vector<std::string>& sensitive);

}  // namespace fairdb::pg
