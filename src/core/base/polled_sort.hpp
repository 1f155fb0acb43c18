// Sorting that can be cancelled.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/monitor.hpp"

namespace fairdb {

// Ascending, by `less`; polls about every 10 ms. Plain data: what poll() throws may leave the list
// in any order.
template <class T, class Less = std::less<>>
void polled_sort(std::vector<T>& list, Monitor& monitor, Less less = {}) {
  std::uint32_t comparisons = 0;
  std::sort(list.begin(), list.end(), [&](const T& a, const T& b) {
    if ((++comparisons & 0xFFFFF) == 0) monitor.poll();
    return less(a, b);
  });
}

}  // namespace fairdb
