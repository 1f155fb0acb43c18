// The vectors that have a large share of a group's rows, found without regard to the order of the
// rows: a sample of the different vectors would have such a one with all its rows or not at all.
//
// The digest of a vector sends all its rows to one of a few buckets and gives each of 64 counters
// there a sign. The signed counts are sums over rows, so that they merge and know no order; where
// one vector has most of a bucket's rows, its signs stand out from them and its rows are their mean
// with these signs. The vector itself is the candidate of a majority vote that goes along: whatever
// the order, the candidate that is left is the one with more than half of the rows. Of two parts
// the candidate is the one whose signs stand out from both together: a mean over all rows is at
// most the larger of those of the parts, so that no part can lose the candidate of the whole.
// Sources: Charikar, Chen, Farach-Colton, "Finding frequent items in data streams", ICALP 2002 (the
// signed counts); Boyer, Moore, "MJRTY", 1981/1991 (the vote).
//
// A vector with .7 of its bucket's rows is found: of 128 buckets, one with more than about 1 in 50
// of all rows (kFrequentShare), unless another such one shares its bucket.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"

namespace fairdb {

inline constexpr double kFrequentShare = 1.0 / 50;

class FrequentVectors {
 public:
  static constexpr std::size_t kBuckets = 128;

  // elements: of every vector, above 0.
  explicit FrequentVectors(Index elements);
  static std::size_t bytes_for(Index elements) noexcept;

  // digest: of the vector, as for every row of it; count: its rows, above 0.
  void add(std::span<const double> vector, std::uint64_t digest, std::int64_t count);
  // Both have vectors of the same length.
  void merge(const FrequentVectors& other);

  struct Found {
    std::span<const double> vector;  // valid until the next add() or merge()
    std::uint64_t digest;
    double rows;  // estimated
  };
  std::vector<Found> found() const;

  // Of one and the same rows the same bytes. read: digest_of gives a vector's digest, rows the
  // number of all of them. Errors: CorruptValue.
  void write(ByteWriter& out) const;
  template <class DigestOf>
  static FrequentVectors read(ByteReader& in,
                              Index elements,
                              std::int64_t rows,
                              const DigestOf& digest_of) {
    FrequentVectors result(elements);
    result.read_counts(in, rows);
    for (std::size_t b = 0; b < kBuckets; ++b) {
      const std::uint8_t frequent = in.u8();
      if (frequent > 1) corrupt("a mark is damaged");
      if (frequent == 0) continue;
      const std::span<double> vector = result.vector(b);
      for (double& number : vector) number = in.finite();
      result.take_candidate(b, digest_of(vector));
    }
    return result;
  }

 private:
  static constexpr std::size_t kSigns = 64;
  struct Bucket {
    std::array<std::int64_t, kSigns> signed_rows = {};
    std::int64_t rows = 0;
    std::uint64_t candidate = 0;  // its digest
    std::int64_t lead = 0;        // its votes; 0: there is no candidate
  };

  std::span<double> vector(std::size_t bucket) noexcept;
  std::span<const double> vector(std::size_t bucket) const noexcept;
  void vote(std::size_t bucket,
            std::span<const double> vector,
            std::uint64_t digest,
            std::int64_t votes);
  // Of a vector of this digest; 0 unless it has most of the rows.
  static double rows_of_majority(const Bucket& bucket, std::uint64_t digest) noexcept;
  static double rows_of_candidate(const Bucket& bucket) noexcept;
  static std::int64_t lead_of(const Bucket& bucket, double rows) noexcept;
  void read_counts(ByteReader& in, std::int64_t rows);
  void take_candidate(std::size_t bucket, std::uint64_t digest);

  Index elements_;
  std::vector<Bucket> buckets_;
  std::vector<double> candidates_;  // buckets x elements
};

}  // namespace fairdb
