// A broken precondition of Eigen is an exception, never an abort, which would take every session of
// the server down. The compiler includes this before everything else.
#pragma once

#include <stdexcept>

#define eigen_assert(condition)                                     \
  do {                                                              \
    if (!(condition)) throw std::logic_error("Eigen: " #condition); \
  } while (false)
