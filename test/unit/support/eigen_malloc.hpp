// Read before everything else in the objects of the unit tests. Under the address sanitizer Eigen
// aligns its memory by hand; the library's own objects, which the tests link, leave that to malloc.
// One of them frees what the other has allocated, so both must do the same.
#pragma once

#include <cstddef>

// As Eigen decides it without a sanitizer.
#if defined(__GLIBC__) && defined(__LP64__) && !defined(__AVX__)
#define EIGEN_MALLOC_ALREADY_ALIGNED 1
#endif
