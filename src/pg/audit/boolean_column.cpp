#include "pg/audit/boolean_column.hpp"

#include "core/base/error.hpp"
#include "core/base/number_text.hpp"
#include "pg/bridge/column_types.hpp"

namespace fairdb::pg {
namespace {

std::string equals(const std::string& name, const char* value) {
  return "(" + name + " OPERATOR(pg_catalog.=) " + value + ")";
}

Output rows_where(const std::string& condition) {
  return {"pg_catalog.count(*) FILTER (WHERE " + condition + ")", INT8OID};
}

}  // namespace

BooleanColumn::BooleanColumn(const Source& source,
                             const std::optional<std::string>& column,
                             const char* argument,
                             const std::optional<std::string>& positive,
                             bool beside)
    : argument_(argument) {
  if (!column) {
    expression_ = "NULL::pg_catalog.bool";
    return;
  }
  const SourceColumn& found = source.column(*column, argument);
  name_ = found.name;
  const std::string name = quoted(*column);
  const Oid base = found.base_type;
  const bool flag = is_number(base);  // or boolean: means something by itself
  if (positive && (!flag || !beside || can_hold(found, *positive))) {
    expression_ = positive_expression(found, *positive);
    positive_ = *positive;
    checks_ = {{"pg_catalog.count(" + name + ")", INT8OID}, rows_where(expression_)};
    // The false of 0 and 1 is 0, that of -1 and 1 is not.
    const std::string written = positive_as_written(found, *positive);
    if (flag && base != BOOLOID && written != *positive && written == "0") {
      checks_.push_back(rows_where(equals(name, "(-1)")));
    }
  } else if (base == BOOLOID) {
    expression_ = name;
  } else if (flag) {
    expression_ = equals(name, "1");
    checks_ = {rows_where("NOT (" + equals(name, "1") + " OR " + equals(name, "0") + " OR " +
                          equals(name, "(-1)") + ")"),
               rows_where(equals(name, "0")), rows_where(equals(name, "(-1)"))};
  } else {
    wrong_type(found, argument, "a boolean, or a number 0/1 or -1/1",
               "Name the value that counts as true: positive => '...'.");
  }
}

void BooleanColumn::require_positive(const Source& source,
                                     const std::optional<std::string>& positive,
                                     const std::vector<const BooleanColumn*>& flags) {
  if (!positive) return;
  const BooleanColumn* first = nullptr;
  for (const BooleanColumn* const flag : flags) {
    if (flag->positive_) return;
    if (first == nullptr && !flag->name_.empty()) first = flag;
  }
  if (first == nullptr) {
    throw Error(ErrorKind::InvalidArgument, "positive is given, but no column that could have it");
  }
  const SourceColumn& column = source.column(first->name_, first->argument_);
  (void)positive_expression(column, *positive);
  throw Error(ErrorKind::InvalidArgument,
              "positive is \"" + *positive + "\", which no column here could have",
              column.base_type == BOOLOID ? "Of booleans: true or false." : "");
}

BooleanColumn BooleanColumn::above_median(const Source& source,
                                          const std::string& score,
                                          const char* argument) {
  BooleanColumn flag(source, std::nullopt, argument, std::nullopt);
  const std::string value = number_expression(source, score, argument);
  const Output digest = {"pg_catalog.sum(pg_catalog.hashfloat8(" + value + "))", INT8OID};
  const GroupedQuery query(
      source, {},
      {{"pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY " + value + ")", FLOAT8OID},
       rows_where(value +
                  " OPERATOR(pg_catalog.=) ANY ('{NaN,Infinity,-Infinity}'::pg_catalog.float8[])"),
       digest},
      {});
  if (query.integer(0, 1) > 0) {
    throw Error(ErrorKind::InvalidData, "column \"" + score + "\" has scores that are not finite");
  }
  if (const auto median = query.number(0, 0)) {
    flag.expression_ = "(" + value + " OPERATOR(pg_catalog.>) '" + shortest_text(*median) +
                       "'::pg_catalog.float8)";
  }
  flag.checks_ = {digest};
  flag.digest_ = query.integer(0, 2);
  return flag;
}

void BooleanColumn::check(const GroupedQuery& query, std::size_t first) const {
  if (checks_.empty()) return;
  std::int64_t sums[3] = {};
  for (std::size_t r = 0; r < query.rows(); ++r) {
    for (std::size_t i = 0; i < checks_.size(); ++i) sums[i] += query.integer(r, first + i);
  }
  if (digest_) {
    if (sums[0] != *digest_) other_rows();
    return;
  }
  if (positive_) {
    if (sums[2] > 0) {
      throw Error(ErrorKind::InvalidData,
                  "positive => " + *positive_ + " is 0 in column \"" + name_ + "\", which has -1",
                  "A boolean that a SELECT makes of the column has a false.");
    }
    if (sums[0] > 0 && sums[1] == 0) {
      const std::string message =
          "no row has the positive value \"" + *positive_ + "\" in column \"" + name_ + "\"";
      backend([&] { ereport(WARNING, (errmsg("%s", message.c_str()))); });
    }
    return;
  }
  if (sums[0] == 0 && (sums[1] == 0 || sums[2] == 0)) return;
  throw Error(ErrorKind::InvalidData,
              "column \"" + name_ + "\", named by " + argument_ +
                  ", has other values than 0 and 1, or -1 and 1",
              "Name the value that counts as positive, for example positive => '1'. For several "
              "classes use "
              "multiclass_confusions, for numbers regression_by_group.");
}

}  // namespace fairdb::pg
