// Vectors by group, of which each group keeps a bounded part that does not depend on the order of
// the rows.
//
// A group keeps its vectors with the smallest digests, each with the number of its rows: a sample
// of its different vectors, every one as likely as the other, with all their copies. Up to `size`
// different vectors it is exact, however many rows there are; of more, the vectors that have many
// of the rows are found beside it. Values of parts merge into that of the whole, bit by bit. The
// digests depend on the group, so that what one group keeps tells nothing of what another one does.
// Source: bottom-k sketches, Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC
// 2007.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/representation/frequent_vectors.hpp"

namespace fairdb {

inline constexpr Index kDefaultSampleSize = 2000;
inline constexpr Index kMaxSampleSize = 100000;
inline constexpr std::size_t kMaxSampledGroups = 256;
inline constexpr Index kMaxVectorElements = 16000;

class VectorSample {
 public:
  // Called with the bytes that would be in use before more is taken; may throw.
  using Allow = std::function<void(std::size_t bytes)>;

  struct Group {
    std::int64_t rows = 0;              // all that were added
    std::int64_t kept_rows = 0;         // that the kept vectors stand for
    std::vector<double> values;         // kept x elements
    std::vector<std::uint64_t> digest;  // of each
    std::vector<std::int64_t> count;    // rows of each

    Index kept() const noexcept { return static_cast<Index>(digest.size()); }
    bool exact() const noexcept { return kept_rows == rows; }
    // How many different vectors there are: where the largest digest that is kept stands among all
    // possible ones tells it of those that are not.
    double different_vectors() const noexcept;
    // Those with many of the rows, of all rows; none is looked for while the group is exact.
    FrequentVectors::FoundVectors frequent_vectors() const;

   private:
    friend class VectorSample;
    bool settled = true;                           // the vectors are in order
    std::uint64_t seed = 0;                        // of the digests
    std::uint64_t most = ~std::uint64_t{0};        // no larger digest is kept any more
    std::vector<std::int32_t> slots;               // of a hash table: place + 1
    std::optional<FrequentVectors> frequent = {};  // of all rows, since some were let go of
  };

  // size: different vectors that a group keeps. Errors: InvalidArgument unless 2 to kMaxSampleSize.
  explicit VectorSample(Index size = kDefaultSampleSize, Allow allow = {});

  // Errors: InvalidData for an empty vector or one of another length, OutOfRange for a number that
  // is not finite, TooLarge for too many groups or elements.
  void add(std::span<const double> vector, std::optional<std::string_view> group);
  // A row whose vector is not known.
  void skip() { count_rows(skipped_, 1); }
  // The smaller of both sizes holds. Errors: InvalidData when the vectors have different lengths.
  void merge(const VectorSample& other);

  Index size() const noexcept { return size_; }
  Index elements() const noexcept { return elements_; }  // 0 before the first vector
  std::int64_t skipped() const noexcept { return skipped_; }
  std::int64_t unknown() const noexcept { return unknown_; }  // rows whose group is not known
  std::size_t bytes() const noexcept { return bytes_; }

  // By label; each group's vectors by digest. Valid until the next add() or merge().
  const std::map<std::string, Group, std::less<>>& groups();

  // Little-endian, versioned, equal samples in equal bytes; or as a state, which is carried on
  // elsewhere. decode checks everything. Errors: CorruptValue.
  using Form = FrequentVectors::Form;
  std::vector<std::byte> encode(Form form = Form::Value);
  static VectorSample decode(std::span<const std::byte> bytes,
                             Monitor& monitor,
                             Allow allow = {},
                             Form form = Form::Value);

 private:
  Group& group_of(std::string_view label);
  void keep(Group& group, std::span<const double> vector, std::uint64_t digest, std::int64_t count);
  void settle(Group& group);
  void look_for_frequent(Group& group);
  FrequentVectors frequent_of(const Group& exact) const;
  std::span<const double> vector(const Group& group, std::size_t place) const noexcept;
  static void count_rows(std::int64_t& count, std::int64_t more);
  std::size_t bytes_each() const noexcept;
  void make_room(Group& group);
  void index(Group& group) const;
  void set_elements(std::size_t elements);
  bool precedes(const Group& group, Index a, Index b) const;

  Index size_;
  Allow allow_;
  Index elements_ = 0;
  std::int64_t skipped_ = 0;
  std::int64_t unknown_ = 0;
  std::size_t bytes_ = 0;
  std::map<std::string, Group, std::less<>> groups_;
};

}  // namespace fairdb
