#include "core/representation/frequent_vectors.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/hash.hpp"

namespace fairdb {
namespace {

// Of a bucket's rows that a frequent vector must have, as the mean of its signs tells; and what
// each sign must tell. A minority fails by the one against few others, by the other against many.
constexpr double kMajority = 0.7;
constexpr double kEachSign = 0.3;
constexpr double kFewestRows = 8;

// The bits that sign the rows of a vector, apart from those that choose its bucket.
std::uint64_t signs_of(std::uint64_t digest) noexcept {
  return mix(digest ^ kGoldenRatio);
}
std::int64_t sign(std::uint64_t signs, std::size_t j) noexcept {
  return static_cast<std::int64_t>(signs >> j & 1) * 2 - 1;
}

// Seven bits a byte, small numbers of either sign in few; one form for each number.
void write_short(ByteWriter& out, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number) << 1;
  if (number < 0) rest = ~rest;
  for (; rest >= 0x80; rest >>= 7) out.u8(static_cast<std::uint8_t>(rest | 0x80));
  out.u8(static_cast<std::uint8_t>(rest));
}
std::int64_t read_short(ByteReader& in) {
  std::uint64_t number = 0;
  for (unsigned int shift = 0; shift < 63; shift += 7) {
    const std::uint8_t byte = in.u8();
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift > 0) break;
    return static_cast<std::int64_t>((number & 1) != 0 ? ~(number >> 1) : number >> 1);
  }
  corrupt("a count is damaged");
}

}  // namespace

FrequentVectors::FrequentVectors(Index elements)
    : elements_(elements),
      buckets_(kMost),
      candidates_(kMost * static_cast<std::size_t>(elements)) {}

std::size_t FrequentVectors::bytes_for(Index elements) noexcept {
  return kMost * (sizeof(Bucket) + static_cast<std::size_t>(elements) * sizeof(double));
}

std::size_t FrequentVectors::bucket_of(std::uint64_t digest, std::size_t table) noexcept {
  return table * kBuckets + (table == 0 ? digest : digest / kBuckets) % kBuckets;
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
  const std::uint64_t signs = signs_of(digest);
  for (std::size_t table = 0; table < kTables; ++table) {
    const std::size_t b = bucket_of(digest, table);
    Bucket& bucket = buckets_[b];
    bucket.rows += count;
    for (std::size_t j = 0; j < kSigns; ++j) bucket.signed_rows[j] += sign(signs, j) * count;
    vote(b, vector, digest, count);
  }
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

// The votes decide, and where they were estimated the signs: a candidate of either part that stands
// out from the rows of both is that of both.
void FrequentVectors::merge(const FrequentVectors& other) {
  for (std::size_t b = 0; b < kMost; ++b) {
    const Bucket& from = other.buckets_[b];
    Bucket& to = buckets_[b];
    to.rows += from.rows;
    for (std::size_t j = 0; j < kSigns; ++j) to.signed_rows[j] += from.signed_rows[j];
    if (from.lead == 0) continue;
    const double rows = rows_of_majority(to, from.candidate);
    if (rows > rows_of_candidate(to)) {
      to.lead = 0;
      vote(b, other.vector(b), from.candidate, lead_of(to, rows));
    } else if (const double own = rows_of_candidate(to); own > 0) {
      to.lead = lead_of(to, own);
    } else {
      vote(b, other.vector(b), from.candidate, from.lead);
    }
  }
}

double FrequentVectors::rows_of_majority(const Bucket& bucket, std::uint64_t digest) noexcept {
  const std::uint64_t signs = signs_of(digest);
  const auto rows = static_cast<double>(bucket.rows);
  double sum = 0;
  for (std::size_t j = 0; j < kSigns; ++j) {
    const auto told = static_cast<double>(sign(signs, j) * bucket.signed_rows[j]);
    if (told < kEachSign * rows) return 0;
    sum += told;
  }
  const double mean = sum / static_cast<double>(kSigns);
  return mean < kMajority * rows ? 0 : mean;
}

double FrequentVectors::rows_of_candidate(const Bucket& bucket) noexcept {
  return bucket.lead > 0 ? rows_of_majority(bucket, bucket.candidate) : 0;
}

// Of a majority the votes that are left are its rows less the others'.
std::int64_t FrequentVectors::lead_of(const Bucket& bucket, double rows) noexcept {
  return std::max<std::int64_t>(1, std::llround(2 * rows) - bucket.rows);
}

FrequentVectors::FoundVectors FrequentVectors::found() const {
  std::int64_t all = 0;
  for (std::size_t b = 0; b < kBuckets; ++b) all += buckets_[b].rows;
  const double least = std::max(kFewestRows, kFrequentShare * static_cast<double>(all));
  FoundVectors result;
  for (std::size_t b = 0; b < kMost; ++b) {
    const Bucket& bucket = buckets_[b];
    const double rows = rows_of_candidate(bucket);
    if (rows < least) continue;
    const bool known =
        std::any_of(result.vectors.begin(), result.vectors.end(),
                    [&](const Found& found) { return found.digest == bucket.candidate; });
    if (!known) result.vectors.push_back({vector(b), bucket.candidate, rows});
  }
  // One that was not found has its rows in a bucket of each table.
  double others = static_cast<double>(all);
  for (const Found& found : result.vectors) others -= found.rows;
  const double usual = std::max(0.0, others) / static_cast<double>(kBuckets);
  std::size_t tables_with_many = 0;
  for (std::size_t table = 0; table < kTables; ++table) {
    std::vector<double> left(kBuckets);
    for (std::size_t b = 0; b < kBuckets; ++b)
      left[b] = static_cast<double>(buckets_[table * kBuckets + b].rows);
    for (const Found& found : result.vectors)
      left[bucket_of(found.digest, table) - table * kBuckets] -= found.rows;
    if (*std::max_element(left.begin(), left.end()) > usual + least) ++tables_with_many;
  }
  result.all = tables_with_many < kTables;
  return result;
}

void FrequentVectors::write(ByteWriter& out, Form form) const {
  for (const Bucket& bucket : buckets_) {
    write_short(out, bucket.rows);
    for (const std::int64_t rows : bucket.signed_rows) write_short(out, rows);
  }
  for (std::size_t b = 0; b < kMost; ++b) {
    const Bucket& bucket = buckets_[b];
    // What the vote has left where nothing stands out depends on the order.
    const bool kept = form == Form::State ? bucket.lead > 0 : rows_of_candidate(bucket) > 0;
    out.u8(kept ? 1 : 0);
    if (!kept) continue;
    if (form == Form::State) out.i64(bucket.lead);
    for (const double number : vector(b)) out.f64(number);
  }
}

void FrequentVectors::read_counts(ByteReader& in, std::int64_t rows) {
  for (std::size_t table = 0; table < kTables; ++table) {
    std::int64_t sum = 0;
    for (std::size_t b = 0; b < kBuckets; ++b) {
      Bucket& bucket = buckets_[table * kBuckets + b];
      bucket.rows = read_short(in);
      if (bucket.rows < 0 || bucket.rows > rows) corrupt("a count is damaged");
      sum += bucket.rows;
      for (std::int64_t& signed_rows : bucket.signed_rows) {
        signed_rows = read_short(in);
        if (signed_rows > bucket.rows || signed_rows < -bucket.rows ||
            (bucket.rows - signed_rows) % 2 != 0)
          corrupt("a signed count is damaged");
      }
    }
    if (sum != rows) corrupt("the signed counts are of other rows");
  }
}

void FrequentVectors::take_candidate(std::size_t b,
                                     std::uint64_t digest,
                                     Form form,
                                     std::int64_t lead) {
  Bucket& bucket = buckets_[b];
  for (const double number : vector(b)) {
    if (number == 0 && std::signbit(number)) corrupt("a number is not in its canonical form");
  }
  if (bucket_of(digest, b / kBuckets) != b) corrupt("a frequent vector is not of its bucket");
  bucket.candidate = digest;
  if (form == Form::State) {
    if (lead < 1 || lead > bucket.rows) corrupt("the votes are damaged");
    bucket.lead = lead;
    return;
  }
  const double rows = rows_of_majority(bucket, digest);
  if (rows == 0) corrupt("a frequent vector does not stand out");
  bucket.lead = lead_of(bucket, rows);
}

}  // namespace fairdb
