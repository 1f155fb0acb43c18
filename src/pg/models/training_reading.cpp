#include "pg/models/training_reading.hpp"

#include <cmath>

namespace fairdb::pg {

void raise_nulls(std::int64_t rows, const NullCounts& nulls, const char* hint) {
  std::string list;
  for (const auto& [name, n] : nulls) {
    if (n > 0) list += (list.empty() ? "\"" : ", \"") + name + "\" has " + std::to_string(n);
  }
  throw Error(ErrorKind::InvalidData, "NULLs among " + std::to_string(rows) + " rows: " + list,
              hint);
}

void Reading::raise_nulls() const {
  const TableReader& reader = *reader_;
  NullCounts nulls;
  for (std::size_t c = 0; c < reader.columns().size(); ++c) {
    if (!may_be_null(c)) nulls.emplace_back(reader.columns()[c].name, reader.nulls()[c]);
  }
  pg::raise_nulls(
      reader.total_rows(), nulls,
      "on_null => 'skip' leaves such rows out, on_null => 'impute' puts a feature's mean in "
      "its place; both leave out rows without any target or a weight.");
}

bool check_held_out(double share,
                    std::int64_t training,
                    std::int64_t held_out,
                    std::int64_t unseen,
                    const std::string& first_unseen) {
  constexpr double kFarOff = 1.0 / 3;
  const std::int64_t all = training + held_out + unseen;
  if (all == 0) return false;
  char asked[32];
  std::snprintf(asked, sizeof asked, "%g", share);
  if (training == 0 || held_out + unseen == 0) {
    throw Error(ErrorKind::InvalidData,
                std::string("held_out => ") + asked + " keeps " +
                    (training == 0 ? "all " : "none of the ") + std::to_string(all) + " rows apart",
                "Equal rows fall together, and few of these differ: another seed may deal them "
                "better, held_out => 0 and an audit of other rows do without.");
  }
  const double expected = share * static_cast<double>(all);
  const double off = std::abs(static_cast<double>(held_out + unseen) - expected);
  if (off > kFarOff * std::min(expected, static_cast<double>(all) - expected)) {
    backend([&] {
      ereport(WARNING, (errmsg("held_out => %s keeps " INT64_FORMAT " of " INT64_FORMAT
                               " rows apart, far from that share",
                               asked, held_out + unseen, all),
                        errhint("Equal rows fall together: of few different ones the parts may be "
                                "of any size. Another seed deals them differently.")));
    });
  }
  if (unseen > 0) {
    backend([&] {
      ereport(WARNING, (errmsg("held-out rows that have a level which no row that trains has, and "
                               "so no score to judge: " INT64_FORMAT,
                               unseen),
                        errdetail("In one of them %s.", first_unseen.c_str()),
                        errhint("predict() treats such rows as on_unseen says.")));
    });
  }
  return true;
}

}  // namespace fairdb::pg
