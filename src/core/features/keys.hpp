// Which columns of whole numbers tell rows apart, as a key does, and so teach nothing of rows to
// come.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/views.hpp"

namespace fairdb {

// Watches columns row by row, until a value comes again. Amounts of money may differ in each of a
// few rows, too: so a column is taken for a key that has another value in each of 100 rows or more
// and lies densely (within 20 times as many numbers as rows), or in each of 20000.
class KeyWatch {
 public:
  struct Column {
    Index number;  // of a block's columns
    std::string name;
  };
  explicit KeyWatch(const std::vector<Column>& columns);

  // numbers: rows x numbers, NaN for NULL. Of NULLs there may be many.
  void add(const MatrixView& numbers);
  struct Key {
    std::string name;
    std::size_t rows;  // in so many, the first, it has another value each
  };
  std::vector<Key> keys() const;

 private:
  struct Watched {
    Column column;
    std::unordered_set<double> seen;
    double least;
    double largest;
  };
  std::vector<Watched> watched_;
};

}  // namespace fairdb
