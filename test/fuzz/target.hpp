// What the fuzz targets of the core share. Each is a file with a function that reads bytes as a
// decoder does, from memory of exactly their size, and works with what was accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.hpp"

namespace fairdb::fuzz {

// A refusal is an answer, unless it says that fairdb itself is wrong.
template <class Body>
int attempt(Body body) {
  try {
    body();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Internal) {
      std::fprintf(stderr, "%s\n%s\n", error.what(), error.detail().c_str());
      std::abort();
    }
  }
  return 0;
}

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// A copy aligned as values are, whose end is the end of its memory.
inline std::vector<std::byte> copy(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  bytes.shrink_to_fit();
  return bytes;
}

}  // namespace fairdb::fuzz

// Defined by each target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
