// In the unit tests a broken precondition of Eigen is an exception, so that a test can see it.
#pragma once

#include <stdexcept>

#define eigen_assert(condition)                                     \
  do {                                                              \
    if (!(condition)) throw std::logic_error("Eigen: " #condition); \
  } while (false)
