// Stored bytes of a distribution. Mutated ones get the digest of their content, or nothing behind
// it would be reached.
#include "core/distribution/distribution.hpp"

#include "core/base/bytes.hpp"
#include "core/distribution/collector.hpp"
#include "core/distribution/law.hpp"
#include "fuzz/target.hpp"

namespace {

constexpr std::size_t kDigest = 8;
constexpr std::size_t kContent = 16;

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                               std::size_t size,
                                               std::size_t most,
                                               unsigned int /*seed*/) {
  size = LLVMFuzzerMutate(data, size, most);
  if (size < kContent) return size;
  const std::uint64_t digest =
      fairdb::digest(std::as_bytes(std::span(data, size)).subspan(kContent));
  std::memcpy(data + kDigest, &digest, sizeof(digest));
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    const Distribution distribution = Distribution::open(bytes);
    for (const ScoreLaw& law : laws_of(distribution)) {
      if (law.empty()) continue;
      fuzz::require(law.score(0) <= law.at_rank(law.total() / 2),
                    "the minimum is no quantile's upper bound");
      fuzz::require(law.at_rank(law.total()) <= law.score(law.size() - 1),
                    "no quantile exceeds the maximum");
    }
    Monitor monitor;
    Collector collector;
    collector.merge(distribution);
    collector.merge(distribution);
    const auto groups = collector.sorted(monitor);
    std::vector<std::byte> again(Distribution::bytes_needed(groups));
    Distribution::write(groups, collector.unknown(), again);
    fuzz::require(Distribution::open(again).groups() == distribution.groups(),
                  "a merged value has the same groups");
  });
}
