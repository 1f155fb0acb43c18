// Sorting that can be cancelled.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/monitor.hpp"

namespace fairdb {

// Ascending; polls about every 10 ms. Plain data: what poll() throws may leave the list in any
// order.
template <class T>
void polled_sort(std::vector<T>& list, Monitor& monitor) {
  std::uint32_t comparisons = 0;
  std::sort(list.begin(), list.end(), [&](const T& a, const T& b) {
    if ((++comparisons & 0xFFFFF) == 0) monitor.poll();
    return a < b;
  });
}

}  // namespace fairdb
