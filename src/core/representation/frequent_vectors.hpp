// The vectors that have a large share of a group's rows, found without regard to the order of the
// rows: a sample of the different vectors would have such a one with all its rows or not at all.
//
// The digest of a vector sends all its rows to one of a few buckets and gives each of 64 counters
// there a sign. The signed counts are sums over rows, so that they merge and know no order; where
// one vector has most of a bucket's rows, its signs stand out from them and its rows are their mean
// with these signs. The vector itself is the candidate of a majority vote that goes along, which
// whatever the order leaves the one with more than half of the rows; a minority's signs stand out
// with a probability of some 1e-8 only. There are two tables of such buckets, of different bits of
// the digest, for a vector that shares its bucket with another frequent one. Sources: Charikar,
// Chen, Farach-Colton, "Finding frequent items in data streams", ICALP 2002 (the signed counts);
// Boyer, Moore, "MJRTY", 1981/1991 (the vote); Agarwal et al., "Mergeable summaries", PODS 2012
// (that votes merge).
//
// A vector with .7 of its bucket's rows is found: of 128 buckets, one with more than 1 in 50 of all
// rows (kFrequentShare). What a value keeps, other than a state, are the candidates that stand out
// without how their votes stand: a vector that just stands out from the rows of several values
// together may be missed where it stood out from none of them, which is rare.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"

namespace fairdb {

inline constexpr double kFrequentShare = 1.0 / 50;

class FrequentVectors {
 public:
  static constexpr std::size_t kBuckets = 128;  // of a table
  static constexpr std::size_t kTables = 2;
  static constexpr std::size_t kMost = kBuckets * kTables;

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
  struct FoundVectors {
    std::vector<Found> vectors;
    bool all = true;  // no bucket has so many other rows that another one may be among them
  };
  FoundVectors found() const;

  // What is written: a value, of one and the same rows the same bytes; or with the votes as they
  // stand, for a state that is carried on elsewhere. read: digest_of gives a vector's digest, rows
  // is the number of all of them. Errors: CorruptValue.
  enum class Form : std::uint8_t { Value, State };
  void write(ByteWriter& out, Form form) const;
  template <class DigestOf>
  static FrequentVectors read(
      ByteReader& in, Index elements, std::int64_t rows, Form form, const DigestOf& digest_of) {
    FrequentVectors result(elements);
    result.read_counts(in, rows);
    for (std::size_t b = 0; b < kMost; ++b) {
      const std::uint8_t mark = in.u8();
      if (mark > 1) corrupt("a mark is damaged");
      if (mark == 0) continue;
      const std::int64_t lead = form == Form::State ? in.i64() : 0;
      const std::span<double> vector = result.vector(b);
      for (double& number : vector) number = in.finite();
      result.take_candidate(b, digest_of(vector), form, lead);
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

  static std::size_t bucket_of(std::uint64_t digest, std::size_t table) noexcept;
  std::span<double> vector(std::size_t bucket) noexcept;
  std::span<const double> vector(std::size_t bucket) const noexcept;
  void vote(std::size_t bucket,
            std::span<const double> vector,
            std::uint64_t digest,
            std::int64_t votes);
  // Of a vector of this digest; 0 unless it stands out.
  static double rows_of_majority(const Bucket& bucket, std::uint64_t digest) noexcept;
  static double rows_of_candidate(const Bucket& bucket) noexcept;
  static std::int64_t lead_of(const Bucket& bucket, double rows) noexcept;
  void read_counts(ByteReader& in, std::int64_t rows);
  void take_candidate(std::size_t bucket, std::uint64_t digest, Form form, std::int64_t lead);

  Index elements_;
  std::vector<Bucket> buckets_;     // table by table
  std::vector<double> candidates_;  // buckets x elements
};

}  // namespace fairdb
