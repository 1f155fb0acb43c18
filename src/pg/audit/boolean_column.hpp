// Labels and predictions, columns of a source that an audit reads as booleans.
#pragma once

#include "pg/bridge/grouped_query.hpp"

namespace fairdb::pg {

// A label or a prediction: how it is read as a boolean.
class BooleanColumn {
 public:
  // column: nullopt when there is none, as for y_true where nobody knows the truth.
  // beside: whether another column may have the positive value, so that this one need not.
  // Errors: UnknownColumn, WrongType.
  BooleanColumn(const Source& source,
                const std::optional<std::string>& column,
                const char* argument,
                const std::optional<std::string>& positive,
                bool beside = false);

  // positive is a value of one of the columns at least; booleans and numbers that cannot hold it,
  // beside a column that can, mean what they are. Errors: of the server, for the first column.
  static void require_positive(const Source& source,
                               const std::optional<std::string>& positive,
                               const std::vector<const BooleanColumn*>& flags);

  // Whether a score is above the median of all, those of unknown category included; NULL where
  // there is none. Reads the source. Errors: InvalidData for scores that are not finite.
  static BooleanColumn above_median(const Source& source,
                                    const std::string& score,
                                    const char* argument);

  const std::string& expression() const noexcept { return expression_; }
  // Counts that check() wants to see: of a number, rows with another one than -1, 0 and 1, with 0,
  // with -1; of another type, rows with a value and with the positive one; of scores a digest of
  // all.
  const std::vector<Output>& checks() const noexcept { return checks_; }
  // first: their place among the values of the query. Errors: InvalidData.
  void check(const GroupedQuery& query, std::size_t first) const;

 private:
  const char* argument_;
  std::string name_;
  std::string expression_;
  std::optional<std::string> positive_;
  std::vector<Output> checks_;
  std::optional<std::int64_t> digest_;  // of the scores whose median it is
};

}  // namespace fairdb::pg
