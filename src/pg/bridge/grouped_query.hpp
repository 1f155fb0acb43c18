// SELECT ... FROM source GROUP BY ...: lets the server count, in parallel workers where it likes,
// and reads what comes out: a row for each combination of keys.
#pragma once

#include <set>

#include "pg/bridge/labels.hpp"
#include "pg/bridge/source.hpp"

namespace fairdb::pg {

class GroupedQuery {
 public:
  // So many rows may come out: a confusion for each is some 20 MB.
  static constexpr std::size_t kMaxCombinations = 100000;

  // How the server is to group. Parts: partition by partition, so that foreign partitions whose key
  // is among the columns count their own rows; the server plans so only where it is told to.
  enum class Plan : std::uint8_t { AsSet, Parts };

  // Needs an open SpiSession. keys: expressions over the columns of GROUP BY, read as labels.
  // group_by: quoted columns; empty for one row over all. Errors: of the server; Changed; TooLarge
  // for more than kMaxCombinations rows, a key of more than kMaxGroups labels or one too long.
  GroupedQuery(const Source& source,
               const std::vector<Output>& keys,
               const std::vector<Output>& values,
               const std::vector<std::string>& group_by,
               Plan plan = Plan::AsSet);

  std::size_t rows() const noexcept { return rows_; }
  // Of a plan by parts: tells the user where a server was asked for rows and not for their counts.
  void note_fetched() const;
  // nullopt when the key is no group: NULL, or a row with a NULL inside.
  std::optional<std::string_view> label(std::size_t row, std::size_t key) const {
    const std::int32_t code = codes_[row * readers_.size() + key];
    if (code < 0) return std::nullopt;
    return readers_[key]->label(code);
  }
  // The label of the group that several keys from the first on name together, as that of a row of
  // them; of one, its own. nullopt when any of them is none. Lives as long as the query. Errors:
  // TooLarge for more than kMaxGroups labels, or one too long.
  std::optional<std::string_view> label_of(std::size_t row, std::size_t first, std::size_t keys);
  // Alive until the session ends.
  bool null(std::size_t row, std::size_t value) const { return nulls_[row * values_ + value]; }
  Datum value(std::size_t row, std::size_t value) const { return datums_[row * values_ + value]; }
  std::int64_t integer(std::size_t row, std::size_t v) const {
    return null(row, v) ? 0 : DatumGetInt64(value(row, v));
  }
  std::optional<double> number(std::size_t row, std::size_t v) const {
    return null(row, v) ? std::nullopt : std::optional(DatumGetFloat8(value(row, v)));
  }

 private:
  std::size_t rows_ = 0;
  std::string fetched_;  // the foreign table whose rows were fetched
  std::size_t values_;
  std::vector<LabelReader*> readers_;
  std::set<std::string> rows_of_keys_;  // the labels that label_of() has made
  const std::int32_t* codes_ = nullptr;
  const Datum* datums_ = nullptr;
  const bool* nulls_ = nullptr;
};

}  // namespace fairdb::pg
