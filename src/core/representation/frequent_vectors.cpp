#include "core/representation/frequent_vectors.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/group_table.hpp"
#include "core/base/hash.hpp"

namespace fairdb {
namespace {

// Of a bucket's rows that a frequent vector must have, as its signs tell: of 64 signs a vector with
// less than half of the rows hardly ever looks like so many.
constexpr double kMajority = 0.7;

// The bits that sign the rows of a vector, apart from those that choose its bucket.
std::uint64_t signs_of(std::uint64_t digest) noexcept {
  return mix(digest ^ kGoldenRatio);
}
std::int64_t sign(std::uint64_t signs, std::size_t j) noexcept {
  return static_cast<std::int64_t>(signs >> j & 1) * 2 - 1;
}

}  // namespace

FrequentVectors::FrequentVectors(Index elements)
    : elements_(elements),
      buckets_(kBuckets),
      candidates_(kBuckets * static_cast<std::size_t>(elements)) {}

std::size_t FrequentVectors::bytes_for(Index elements) noexcept {
  return kBuckets * (sizeof(Bucket) + static_cast<std::size_t>(elements) * sizeof(double));
}

std::span<double> FrequentVectors::vector(std::size_t bucket) noexcept {
  const auto width = static_cast<std::size_t>(elements_);
  return std::span(candidates_).subspan(bucket * width, width);
}
std::span<const double> FrequentVectors::vector(std::size_t bucket) const noexcept {
  const auto width = static_cast<std::size_t>(elements_);
  return std::span(candidates_).subspan(bucket * width, width);
}

void FrequentVectors::add(std::span<const double> vector,
                          std::uint64_t digest,
                          std::int64_t count) {
  const std::size_t b = digest % kBuckets;
  Bucket& bucket = buckets_[b];
  bucket.rows += count;
  const std::uint64_t signs = signs_of(digest);
  for (std::size_t j = 0; j < kSigns; ++j) bucket.signed_rows[j] += sign(signs, j) * count;
  vote(b, vector, digest, count);
}

void FrequentVectors::vote(std::size_t b,
                           std::span<const double> vector,
                           std::uint64_t digest,
                           std::int64_t votes) {
  Bucket& bucket = buckets_[b];
  if (bucket.lead > 0 && bucket.candidate == digest) {
    bucket.lead += votes;
  } else if (bucket.lead >= votes) {
    bucket.lead -= votes;
  } else {
    bucket.lead = votes - bucket.lead;
    bucket.candidate = digest;
    std::transform(vector.begin(), vector.end(), this->vector(b).begin(),
                   [](double number) { return number + 0.0; });  // -0 becomes 0
  }
}

void FrequentVectors::merge(const FrequentVectors& other) {
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const Bucket& from = other.buckets_[b];
    Bucket& to = buckets_[b];
    to.rows += from.rows;
    for (std::size_t j = 0; j < kSigns; ++j) to.signed_rows[j] += from.signed_rows[j];
    if (from.lead == 0) continue;
    const double rows = rows_of_majority(to, from.candidate);
    if (rows > rows_of_candidate(to)) {
      to.lead = 0;
      vote(b, other.vector(b), from.candidate, lead_of(to, rows));
    } else if (rows_of_candidate(to) == 0) {
      vote(b, other.vector(b), from.candidate, from.lead);
    }
  }
}

double FrequentVectors::rows_of_majority(const Bucket& bucket, std::uint64_t digest) noexcept {
  const std::uint64_t signs = signs_of(digest);
  double sum = 0;
  for (std::size_t j = 0; j < kSigns; ++j)
    sum += static_cast<double>(sign(signs, j) * bucket.signed_rows[j]);
  const double mean = sum / static_cast<double>(kSigns);
  return mean < kMajority * static_cast<double>(bucket.rows) ? 0 : mean;
}

double FrequentVectors::rows_of_candidate(const Bucket& bucket) noexcept {
  return bucket.lead > 0 ? rows_of_majority(bucket, bucket.candidate) : 0;
}

// Of a majority the votes that are left are its rows less the others'.
std::int64_t FrequentVectors::lead_of(const Bucket& bucket, double rows) noexcept {
  return std::max<std::int64_t>(1, std::llround(2 * rows) - bucket.rows);
}

std::vector<FrequentVectors::Found> FrequentVectors::found() const {
  std::int64_t all = 0;
  for (const Bucket& bucket : buckets_) all += bucket.rows;
  const double least = 0.5 * kFrequentShare * static_cast<double>(all);  // of few rows in a bucket
  std::vector<Found> result;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double rows = rows_of_candidate(buckets_[b]);
    if (rows > least) result.push_back({vector(b), buckets_[b].candidate, rows});
  }
  return result;
}

void FrequentVectors::write(ByteWriter& out) const {
  for (const Bucket& bucket : buckets_) {
    out.i64(bucket.rows);
    for (const std::int64_t rows : bucket.signed_rows) out.i64(rows);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const bool frequent = rows_of_candidate(buckets_[b]) > 0;
    out.u8(frequent ? 1 : 0);
    if (!frequent) continue;  // what the vote has left there depends on the order
    for (const double number : vector(b)) out.f64(number);
  }
}

void FrequentVectors::read_counts(ByteReader& in, std::int64_t rows) {
  std::int64_t sum = 0;
  for (Bucket& bucket : buckets_) {
    bucket.rows = in.i64();
    if (bucket.rows < 0 || bucket.rows > rows) corrupt("a count is damaged");
    sum += bucket.rows;
    for (std::int64_t& signed_rows : bucket.signed_rows) {
      signed_rows = in.i64();
      if (signed_rows > bucket.rows || signed_rows < -bucket.rows ||
          (bucket.rows - signed_rows) % 2 != 0)
        corrupt("a signed count is damaged");
    }
  }
  if (sum != rows) corrupt("the signed counts are of other rows");
}

void FrequentVectors::take_candidate(std::size_t b, std::uint64_t digest) {
  Bucket& bucket = buckets_[b];
  for (const double number : vector(b)) {
    if (number == 0 && std::signbit(number)) corrupt("a number is not in its canonical form");
  }
  const double rows = rows_of_majority(bucket, digest);
  if (digest % kBuckets != b || rows == 0) corrupt("a frequent vector is not that of its bucket");
  bucket.candidate = digest;
  bucket.lead = lead_of(bucket, rows);
}

}  // namespace fairdb
