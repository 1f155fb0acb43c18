#include "core/features/keys.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fairdb {
namespace {

constexpr std::size_t kCertain = 20000;
constexpr std::size_t kLeast = 100;
constexpr double kDense = 20;

}  // namespace

KeyWatch::KeyWatch(const std::vector<Column>& columns) {
  constexpr double kNothing = std::numeric_limits<double>::infinity();
  watched_.reserve(columns.size());
  for (const Column& column : columns) watched_.push_back({column, {}, kNothing, -kNothing});
}

void KeyWatch::add(const MatrixView& numbers) {
  for (std::size_t w = watched_.size(); w-- > 0;) {
    Watched& watched = watched_[w];
    bool again = false;
    for (Index i = 0; i < numbers.rows() && watched.seen.size() < kCertain; ++i) {
      const double value = numbers(i, watched.column.number);
      if (std::isnan(value)) continue;
      again = !watched.seen.insert(value).second;
      if (again) break;
      watched.least = std::min(watched.least, value);
      watched.largest = std::max(watched.largest, value);
    }
    if (again) watched_.erase(watched_.begin() + static_cast<std::ptrdiff_t>(w));
  }
}

std::vector<KeyWatch::Key> KeyWatch::keys() const {
  std::vector<Key> found;
  for (const Watched& watched : watched_) {
    const std::size_t rows = watched.seen.size();
    const bool dense = watched.largest - watched.least < kDense * static_cast<double>(rows);
    if (rows >= kCertain || (rows >= kLeast && dense)) found.push_back({watched.column.name, rows});
  }
  return found;
}

}  // namespace fairdb
