// What the unit tests share: random problems, derivative checks, monitors, damaged bytes.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/random.hpp"
#include "core/base/views.hpp"
#include "core/objective/rows.hpp"

namespace fairdb::test {

using fairdb::Random;

// What an error says; empty when there is none.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// Groups whose features and labels differ. Binary targets are -1 / +1.
struct Problem {
  RowBlocks rows;
  std::vector<std::string> labels;
};
inline Problem random_problem(std::uint64_t seed, Index n, Index d, int groups, bool binary) {
  Random random(seed);
  Problem problem{RowBlocks(d), {}};
  for (int g = 0; g < groups; ++g) problem.labels.push_back("group " + std::to_string(g));
  Vector truth(d);
  for (Index j = 0; j < d; ++j) truth(j) = random.normal();
  for (Index start = 0; start < n; start += 100) {
    const Index m = std::min<Index>(100, n - start);
    RowBlock block;
    block.values.resize(m, d + 1);
    for (Index i = 0; i < m; ++i) {
      const int g = random.below(groups);
      block.group.push_back(g);
      for (Index j = 0; j < d; ++j) {
        block.values(i, j) =
            random.normal() * (1 + static_cast<double>(j)) + 0.3 * g * ((j + g) % 3);
      }
      const double f = block.x().row(i).dot(truth) / static_cast<double>(d) + 0.5 * random.normal();
      block.values(i, d) = binary ? (f + 0.1 * g > 0 ? 1 : -1) : f;
    }
    problem.rows.append(std::move(block));
  }
  return problem;
}

// Throws at the k-th call of poll() or step(), as a cancelled session does.
struct Cancelled {};
class StopAfter final : public Monitor {
 public:
  explicit StopAfter(int calls) : left_(calls) {}
  void poll() override { count(); }
  void step(const Progress& /*progress*/) override { count(); }

 private:
  void count() {
    if (left_-- == 0) throw Cancelled{};
  }
  int left_;
};

// A file of test/data, whose folder FAIRDB_TEST_DATA names.
inline std::string data_path(const std::string& name) {
  const char* const folder = std::getenv("FAIRDB_TEST_DATA");
  return std::string(folder == nullptr ? "test/data" : folder) + "/" + name;
}
// Its bytes; empty when there is none.
inline std::vector<std::byte> data_file(const std::string& name) {
  std::ifstream in(data_path(name), std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(in)), {});
  const auto bytes = std::as_bytes(std::span(content));
  return {bytes.begin(), bytes.end()};
}

// Every truncation and many mutations of a value's bytes: `open` must accept or throw
// fairdb::Error. Returns how many were refused.
inline int refused_mutations(std::vector<std::byte> bytes,
                             std::uint64_t seed,
                             const std::function<void(std::span<std::byte>)>& open) {
  int refused = 0;
  const auto attempt = [&](std::vector<std::byte> damaged) {
    try {
      open(damaged);
    } catch (const Error&) {
      ++refused;
    }
  };
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    attempt({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)});
  }
  Random random(seed);
  for (int k = 0; k < 20000; ++k) {
    auto damaged = bytes;
    for (int flips = 1 + random.below(3); flips > 0; --flips) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())));
      damaged[at] = random.below(2) == 0
                        ? damaged[at] ^ static_cast<std::byte>(1 << random.below(8))
                        : static_cast<std::byte>(random.below(256));
    }
    attempt(std::move(damaged));
  }
  return refused;
}

}  // namespace fairdb::test
