#include "pg/bridge/grouped_query.hpp"

#include "core/base/error.hpp"
#include "core/base/row_label.hpp"

extern "C" {
#include <utils/guc.h>
}

namespace fairdb::pg {
namespace {

// An error on the way takes the setting back at the end of the transaction.
const SPITupleTable* fetch_by_parts(const Source& source,
                                    const std::vector<Output>& outputs,
                                    const std::string& rest,
                                    std::string& fetched) {
  const int level = backend([] {
    const int nested = NewGUCNestLevel();
    set_config_option("enable_partitionwise_aggregate", "on", PGC_USERSET, PGC_S_SESSION,
                      GUC_ACTION_SAVE, true, 0, false);
    return nested;
  });
  const SPITupleTable* const rows = source.fetch(outputs, rest, &fetched);
  backend([&] { AtEOXact_GUC(true, level); });
  return rows;
}

}  // namespace

GroupedQuery::GroupedQuery(const Source& source,
                           const std::vector<Output>& keys,
                           const std::vector<Output>& values,
                           const std::vector<std::string>& group_by,
                           Plan plan)
    : values_(values.size()) {
  std::vector<Output> outputs = keys;
  outputs.insert(outputs.end(), values.begin(), values.end());
  std::string rest;
  for (std::size_t i = 0; i < group_by.size(); ++i) {
    rest += (i == 0 ? " GROUP BY " : ", ") + group_by[i];
  }
  // The server holds all rows of the answer; one more than allowed tells that there are too many.
  rest += " LIMIT " + std::to_string(kMaxCombinations + 1);
  const SPITupleTable* const rows = plan == Plan::Parts
                                        ? fetch_by_parts(source, outputs, rest, fetched_)
                                        : source.fetch(outputs, rest);
  for (const Output& key : keys) {
    readers_.push_back(
        backend([&] { return LabelReader::create(key.type, CurrentMemoryContext); }));
  }
  rows_ = static_cast<std::size_t>(rows->numvals);
  std::int32_t failure = 0;
  backend([&] {
    const std::size_t n_keys = readers_.size();
    auto* const codes = static_cast<std::int32_t*>(palloc_extended(
        sizeof(std::int32_t) * std::max<std::size_t>(1, rows_ * n_keys), MCXT_ALLOC_HUGE));
    auto* const datums = static_cast<Datum*>(palloc_extended(
        sizeof(Datum) * std::max<std::size_t>(1, rows_ * values_), MCXT_ALLOC_HUGE));
    auto* const nulls = static_cast<bool*>(
        palloc_extended(std::max<std::size_t>(1, rows_ * values_), MCXT_ALLOC_HUGE));
    TupleDesc const desc = rows->tupdesc;
    for (std::size_t r = 0; r < rows_ && failure == 0 && rows_ <= kMaxCombinations; ++r) {
      CHECK_FOR_INTERRUPTS();
      HeapTuple const tuple = rows->vals[r];
      for (std::size_t k = 0; k < n_keys; ++k) {
        bool null = false;
        const Datum value = SPI_getbinval(tuple, desc, static_cast<int>(k) + 1, &null);
        const std::int32_t code = null ? -1 : readers_[k]->code(value, kMaxGroups);
        if (code < -1) failure = code;
        codes[r * n_keys + k] = code;
      }
      for (std::size_t v = 0; v < values_; ++v) {
        datums[r * values_ + v] =
            SPI_getbinval(tuple, desc, static_cast<int>(n_keys + v) + 1, &nulls[r * values_ + v]);
      }
    }
    codes_ = codes;
    datums_ = datums;
    nulls_ = nulls;
  });
  if (rows_ > kMaxCombinations) {
    throw Error(ErrorKind::TooLarge,
                "the source has more than " + std::to_string(kMaxCombinations) +
                    " combinations of the values of " + std::to_string(group_by.size()) +
                    " columns",
                "Use fewer or coarser columns.");
  }
  if (failure == LabelReader::kTooMany) too_many_groups();
  if (failure == LabelReader::kTooLong) label_too_long();
}

void GroupedQuery::note_fetched() const {
  if (fetched_.empty()) return;
  backend([&] {
    ereport(NOTICE,
            (errmsg("the rows of %s are fetched, and counted here", fetched_.c_str()),
             errhint("Its server counts them where within names the key of the partitions, its "
                     "option extensions names fairdb, and every expression can be sent to it.")));
  });
}

std::optional<std::string_view> GroupedQuery::label_of(std::size_t row,
                                                       std::size_t first,
                                                       std::size_t keys) {
  if (keys == 1) return label(row, first);
  std::vector<std::optional<std::string_view>> texts;
  for (std::size_t k = first; k < first + keys; ++k) texts.push_back(label(row, k));
  std::optional<std::string> whole = label_of_row(texts);
  if (!whole) return std::nullopt;
  const auto [place, added] = rows_of_keys_.insert(*std::move(whole));
  if (added && rows_of_keys_.size() > static_cast<std::size_t>(kMaxGroups)) too_many_groups();
  return *place;
}

}  // namespace fairdb::pg
