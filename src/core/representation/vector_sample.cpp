#include "core/representation/vector_sample.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/group_table.hpp"
#include "core/base/hash.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kStateVersion = 129;
constexpr Index kFewVectors = 16;
constexpr std::size_t kPolled = 1 << 16;  // numbers between two looks at the monitor

std::uint64_t content_digest(std::span<const double> vector, std::uint64_t seed) noexcept {
  ContentDigest content;
  for (const double number : vector) content.add(number);
  return seeded(content.value(), seed);
}

std::size_t slots_for(std::size_t vectors) noexcept {
  return std::bit_ceil(2 * vectors + 1);
}

}  // namespace

VectorSample::VectorSample(Index size, Allow allow) : size_(size), allow_(std::move(allow)) {
  if (size < 2 || size > kMaxSampleSize) {
    throw Error(ErrorKind::InvalidArgument, "size must be 2 to " + std::to_string(kMaxSampleSize),
                "It is how many different vectors a group keeps.");
  }
}

double VectorSample::Group::different_vectors() const noexcept {
  if (exact()) return static_cast<double>(kept());
  return static_cast<double>(kept() - 1) / (static_cast<double>(most) * 0x1p-64);
}

FrequentVectors::FoundVectors VectorSample::Group::frequent_vectors() const {
  return frequent ? frequent->found() : FrequentVectors::FoundVectors{};
}

std::span<const double> VectorSample::vector(const Group& group, std::size_t place) const noexcept {
  const auto width = static_cast<std::size_t>(elements_);
  return std::span(group.values).subspan(place * width, width);
}

void VectorSample::set_elements(std::size_t elements) {
  if (elements == 0) throw Error(ErrorKind::InvalidData, "a vector has no elements");
  if (elements_ == 0) {
    if (elements > static_cast<std::size_t>(kMaxVectorElements)) {
      throw Error(ErrorKind::TooLarge, "a vector has " + std::to_string(elements) +
                                           " elements, at most " +
                                           std::to_string(kMaxVectorElements) + " are possible");
    }
    elements_ = static_cast<Index>(elements);
  } else if (elements != static_cast<std::size_t>(elements_)) {
    throw Error(ErrorKind::InvalidData, "a vector has " + std::to_string(elements) +
                                            " elements, others have " + std::to_string(elements_));
  }
}

void VectorSample::count_rows(std::int64_t& count, std::int64_t more) {
  count += more;
  if (count > kMaxCount) {
    throw Error(ErrorKind::TooLarge,
                "a sample of vectors of more than " + std::to_string(kMaxCount) + " rows");
  }
}

std::size_t VectorSample::bytes_each() const noexcept {
  return static_cast<std::size_t>(elements_) * sizeof(double) + sizeof(std::uint64_t) +
         sizeof(std::int64_t);
}

VectorSample::Group& VectorSample::group_of(std::string_view label) {
  const auto found = groups_.find(label);
  if (found != groups_.end()) return found->second;
  if (groups_.size() == kMaxSampledGroups) {
    throw Error(ErrorKind::TooLarge,
                "more than " + std::to_string(kMaxSampledGroups) + " groups of vectors",
                "Is this column really the sensitive attribute?");
  }
  if (label.size() > kMaxLabelBytes) label_too_long();
  Group& group = groups_[std::string(label)];
  group.seed = digest(label);
  return group;
}

void VectorSample::add(std::span<const double> vector, std::optional<std::string_view> label) {
  set_elements(vector.size());
  if (!std::all_of(vector.begin(), vector.end(),
                   [](double number) { return std::isfinite(number); })) {
    throw Error(ErrorKind::OutOfRange, "a vector has an element that is not finite",
                "Leave NaN and infinite values out.");
  }
  if (!label) {
    count_rows(unknown_, 1);
    return;
  }
  Group& group = group_of(*label);
  count_rows(group.rows, 1);
  const std::uint64_t digest = content_digest(vector, group.seed);
  if (group.frequent) group.frequent->add(vector, digest, 1);
  keep(group, vector, digest, 1);
}

// Takes rows of a vector into the sample, if it belongs there.
void VectorSample::keep(Group& group,
                        std::span<const double> vector,
                        std::uint64_t digest,
                        std::int64_t count) {
  if (digest > group.most) return;
  if (group.slots.size() < slots_for(group.digest.size() + 1)) make_room(group);
  const std::size_t mask = group.slots.size() - 1;
  std::size_t slot = digest & mask;
  for (; group.slots[slot] != 0; slot = (slot + 1) & mask) {
    const auto place = static_cast<std::size_t>(group.slots[slot] - 1);
    const double* const held = group.values.data() + place * vector.size();
    if (group.digest[place] != digest || !std::equal(vector.begin(), vector.end(), held)) continue;
    group.count[place] += count;
    group.kept_rows += count;
    return;
  }
  group.settled = false;
  group.digest.push_back(digest);
  group.count.push_back(count);
  for (const double number : vector) group.values.push_back(number + 0.0);  // -0 becomes 0
  group.kept_rows += count;
  group.slots[slot] = static_cast<std::int32_t>(group.digest.size());
  if (group.kept() >= 2 * size_) settle(group);
}

void VectorSample::make_room(Group& group) {
  const Index most = std::min(std::max(kFewVectors, 2 * group.kept()), 2 * size_);
  const auto vectors = static_cast<std::size_t>(std::max(most, group.kept() + 1));
  const std::size_t before =
      group.digest.capacity() * bytes_each() + group.slots.size() * sizeof(std::int32_t);
  const std::size_t after = vectors * bytes_each() + slots_for(vectors) * sizeof(std::int32_t);
  if (allow_) allow_(bytes_ + after);  // both while they are copied
  group.values.reserve(vectors * static_cast<std::size_t>(elements_));
  group.digest.reserve(vectors);
  group.count.reserve(vectors);
  bytes_ += after - std::min(after, before);
  group.slots.assign(slots_for(vectors), 0);
  index(group);
}

void VectorSample::index(Group& group) const {
  if (group.slots.empty()) return;  // of a value that was read
  std::fill(group.slots.begin(), group.slots.end(), 0);
  const std::size_t mask = group.slots.size() - 1;
  for (std::size_t place = 0; place < group.digest.size(); ++place) {
    std::size_t slot = group.digest[place] & mask;
    while (group.slots[slot] != 0) slot = (slot + 1) & mask;
    group.slots[slot] = static_cast<std::int32_t>(place + 1);
  }
}

// By digest; of equal digests, which different vectors have by a freak only, by the vectors.
bool VectorSample::precedes(const Group& group, Index a, Index b) const {
  const auto i = static_cast<std::size_t>(a);
  const auto j = static_cast<std::size_t>(b);
  if (group.digest[i] != group.digest[j]) return group.digest[i] < group.digest[j];
  const double* const x = group.values.data() + a * elements_;
  const double* const y = group.values.data() + b * elements_;
  return std::lexicographical_compare(x, x + elements_, y, y + elements_);
}

// From all rows so far, which are all kept still; later ones are added as they come.
void VectorSample::look_for_frequent(Group& group) {
  if (group.frequent) return;
  const std::size_t bytes = FrequentVectors::bytes_for(elements_);
  if (allow_) allow_(bytes_ + bytes);
  bytes_ += bytes;
  group.frequent = frequent_of(group);
}

FrequentVectors VectorSample::frequent_of(const Group& exact) const {
  FrequentVectors result(elements_);
  for (std::size_t i = 0; i < exact.digest.size(); ++i)
    result.add(vector(exact, i), exact.digest[i], exact.count[i]);
  return result;
}

// Leaves the `size` smallest digests, in order.
void VectorSample::settle(Group& group) {
  const bool over = group.kept() > size_;
  if (group.settled && !over) return;
  if (over) look_for_frequent(group);
  std::vector<Index> order(group.digest.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return precedes(group, a, b); });
  if (over) order.resize(static_cast<std::size_t>(size_));
  if (allow_) allow_(bytes_ + order.size() * (bytes_each() + sizeof(Index)));
  const std::size_t room = group.digest.capacity();
  bytes_ -= std::min(bytes_, (room - std::min(room, order.size())) * bytes_each() +
                                 group.slots.size() * sizeof(std::int32_t));
  Group kept;
  kept.values.reserve(order.size() * static_cast<std::size_t>(elements_));
  kept.digest.reserve(order.size());
  kept.count.reserve(order.size());
  group.kept_rows = 0;
  for (const Index place : order) {
    const auto i = static_cast<std::size_t>(place);
    kept.digest.push_back(group.digest[i]);
    kept.count.push_back(group.count[i]);
    const double* const x = group.values.data() + place * elements_;
    kept.values.insert(kept.values.end(), x, x + elements_);
    group.kept_rows += group.count[i];
  }
  group.values.swap(kept.values);
  group.digest.swap(kept.digest);
  group.count.swap(kept.count);
  group.settled = true;
  if (over) group.most = group.digest.back();
  group.slots.clear();  // the next vector finds room and places anew
}

const std::map<std::string, VectorSample::Group, std::less<>>& VectorSample::groups() {
  for (auto& [label, group] : groups_) settle(group);
  return groups_;
}

// A digest beyond what the other one keeps may have lost rows there. Such are not among the
// smallest of both: the other one has `size` smaller ones.
void VectorSample::merge(const VectorSample& other) {
  count_rows(skipped_, other.skipped_);
  count_rows(unknown_, other.unknown_);
  if (other.elements_ > 0) set_elements(static_cast<std::size_t>(other.elements_));
  if (other.size_ < size_) {
    size_ = other.size_;
    for (auto& [label, group] : groups_) settle(group);
  }
  for (const auto& [label, from] : other.groups_) {
    Group& to = group_of(label);
    count_rows(to.rows, from.rows);
    if (from.frequent || to.frequent) {
      look_for_frequent(to);
      if (allow_ && !from.frequent) allow_(bytes_ + FrequentVectors::bytes_for(elements_));
      to.frequent->merge(from.frequent ? *from.frequent : other.frequent_of(from));
    }
    const bool counted = to.frequent.has_value();
    to.most = std::min(to.most, from.most);
    for (std::size_t i = 0; i < from.digest.size(); ++i) {
      const std::span<const double> held = other.vector(from, i);
      // Where the counts began on the way, what came before is in them.
      if (to.frequent && !counted) to.frequent->add(held, from.digest[i], from.count[i]);
      keep(to, held, from.digest[i], from.count[i]);
    }
  }
}

std::vector<std::byte> VectorSample::encode(Form form) {
  std::size_t bytes = 64;
  for (const auto& [label, group] : groups()) {
    bytes += label.size() + 64 + group.digest.size() * bytes_each() +
             (group.frequent ? FrequentVectors::bytes_for(elements_) : 0);
  }
  if (allow_) allow_(bytes_ + 2 * bytes);  // and the value that is made of them
  ByteWriter out;
  out.reserve(bytes);
  out.u8(form == Form::State ? kStateVersion : kVersion);
  out.u32(static_cast<std::uint32_t>(size_));
  out.u32(static_cast<std::uint32_t>(elements_));
  out.i64(skipped_);
  out.i64(unknown_);
  out.u32(static_cast<std::uint32_t>(groups_.size()));
  for (const auto& [label, group] : groups()) {
    out.text(label);
    out.i64(group.rows);
    out.u32(static_cast<std::uint32_t>(group.digest.size()));
    for (const std::int64_t count : group.count) out.i64(count);
    for (const double number : group.values) out.f64(number);
    if (group.frequent) group.frequent->write(out, form);
  }
  return std::move(out).take();
}

VectorSample VectorSample::decode(std::span<const std::byte> bytes,
                                  Monitor& monitor,
                                  Allow allow,
                                  Form form) {
  ByteReader in(bytes);
  if (in.u8() != (form == Form::State ? kStateVersion : kVersion))
    corrupt("its version is unknown");
  const auto size = static_cast<Index>(in.u32());
  if (size < 2 || size > kMaxSampleSize) corrupt("its size is damaged");
  VectorSample sample(size, std::move(allow));
  sample.elements_ = static_cast<Index>(in.u32());
  if (sample.elements_ > kMaxVectorElements) corrupt("the length of its vectors is damaged");
  const auto counted = [&] {
    const std::int64_t count = in.i64();
    if (count < 0 || count > kMaxCount) corrupt("a count is damaged");
    return count;
  };
  sample.skipped_ = counted();
  sample.unknown_ = counted();
  constexpr std::size_t kLeastGroup = 4 + 8 + 4 + 8;
  const std::uint32_t groups = in.count(kLeastGroup);
  if (groups > kMaxSampledGroups) corrupt("it has too many groups");
  if (groups > 0 && sample.elements_ == 0) corrupt("its vectors have no elements");
  const auto width = static_cast<std::size_t>(sample.elements_);
  for (std::uint32_t g = 0; g < groups; ++g) {
    const std::string label = in.text();
    if (label.size() > kMaxLabelBytes) corrupt("a label is too long");
    if (!sample.groups_.empty() && sample.groups_.rbegin()->first >= label)
      corrupt("the groups are not sorted");
    Group& group = sample.groups_[label];
    group.seed = digest(label);
    group.rows = counted();
    const std::uint32_t kept = in.count((1 + width) * sizeof(double));
    if (kept == 0 || static_cast<Index>(kept) > size)
      corrupt("the number of its vectors is damaged");
    if (sample.allow_) sample.allow_(sample.bytes_ + kept * (width + 2) * sizeof(double));
    sample.bytes_ += kept * (width + 2) * sizeof(double);
    group.count.resize(kept);
    for (std::int64_t& count : group.count) {
      count = counted();
      if (count == 0) corrupt("a count is damaged");
      group.kept_rows += count;
      if (group.kept_rows > group.rows) corrupt("a group keeps more rows than it has");
    }
    group.values.resize(kept * width);
    for (std::size_t i = 0; i < group.values.size(); ++i) {
      if (i % kPolled == 0) monitor.poll();
      double& number = group.values[i];
      number = in.finite();
      if (number == 0 && std::signbit(number)) corrupt("a number is not in its canonical form");
    }
    group.digest.resize(kept);
    for (std::uint32_t i = 0; i < kept; ++i) {
      if (i * width % kPolled < width) monitor.poll();
      group.digest[i] =
          content_digest(std::span(group.values).subspan(i * width, width), group.seed);
      if (i > 0 && !sample.precedes(group, i - 1, i)) corrupt("the vectors are not in their order");
    }
    if (!group.exact()) {
      if (static_cast<Index>(kept) != size) corrupt("a group keeps fewer vectors than it could");
      group.most = group.digest.back();
      const std::size_t room = FrequentVectors::bytes_for(sample.elements_);
      if (sample.allow_) sample.allow_(sample.bytes_ + room);
      sample.bytes_ += room;
      group.frequent = FrequentVectors::read(
          in, sample.elements_, group.rows, form,
          [&](std::span<const double> vector) { return content_digest(vector, group.seed); });
    }
  }
  if (!in.at_end()) corrupt("there are bytes behind its end");
  return sample;
}

}  // namespace fairdb
