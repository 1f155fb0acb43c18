#include "core/distribution/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/hash.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 2;  // the first that was released

struct Front {
  std::uint32_t length_word;
  std::uint8_t version;
  std::uint8_t zero[3];
  std::uint64_t digest;
};
struct Header {
  std::int64_t unknown_groups;
  std::int64_t unknown_scores;
  std::int64_t unknown_weights;
  std::uint32_t groups;
  std::uint32_t zero_too;
};
static_assert(sizeof(Front) == 16 && offsetof(Front, digest) == 8 && sizeof(Header) == 32);
constexpr std::size_t kContent = sizeof(Front) + sizeof(std::uint64_t);

enum class Form : std::uint8_t { Exact = 0, Sketched = 1 };

struct GroupHeader {
  std::uint32_t label_bytes;
  Form form;
  std::uint8_t has_weights;
  std::uint8_t has_counts;
  std::uint8_t zero;
  std::int64_t rows;
  std::int64_t size;  // points of an exact group, levels of a sketch
};
static_assert(sizeof(GroupHeader) == 24);

struct SketchHeader {
  double minimum;
  double maximum;
  double error_scale;
  std::uint64_t content;
  std::uint64_t compactions;
  ExactSum weight;
  ExactSum squares;
};
static_assert(sizeof(SketchHeader) == 104);

struct LevelHeader {
  std::int32_t exponent;
  std::uint32_t has_weights;  // 0 when all are 2^exponent
  std::int64_t size;
};
static_assert(sizeof(LevelHeader) == 16);

constexpr std::size_t padded(std::size_t bytes) noexcept {
  return (bytes + 7) / 8 * 8;
}

// Puts things one behind the other; counts their bytes when there is no place.
class Sink {
 public:
  explicit Sink(std::byte* place) noexcept : place_(place) {}
  template <class T>
  void put(const T& value) {
    put_bytes(&value, sizeof(T));
  }
  template <class T>
  void put_all(std::span<const T> values) {
    put_bytes(values.data(), values.size_bytes());
  }
  void put_bytes(const void* data, std::size_t bytes) {
    if (place_ != nullptr && bytes > 0) {
      std::memset(place_ + used_ + padded(bytes) - 8, 0, 8);
      std::memcpy(place_ + used_, data, bytes);
    }
    used_ += padded(bytes);
  }
  std::size_t used() const noexcept { return used_; }

 private:
  std::byte* place_;
  std::size_t used_ = 0;
};

void put_sketch(Sink& sink, const Sketch::State& s) {
  sink.put(SketchHeader{s.minimum, s.maximum, s.error_scale, s.content, s.compactions, s.weight,
                        s.squares});
  for (const Sketch::Level& level : s.levels) {
    const bool weighted =
        !std::all_of(level.points.begin(), level.points.end(),
                     [&](const WeightedPoint& point) { return level.plain(point); });
    sink.put(LevelHeader{level.exponent, weighted ? 1U : 0U,
                         static_cast<std::int64_t>(level.points.size())});
    for (const WeightedPoint& point : level.points) sink.put(point.score);
    if (!weighted) continue;
    for (const WeightedPoint& point : level.points) sink.put(point.weight);
  }
}

void put_group(Sink& sink, const ScoreGroup& group) {
  GroupHeader header{};
  header.label_bytes = static_cast<std::uint32_t>(group.label.size());
  header.rows = group.rows;
  if (group.sketch) {
    const Sketch::State state = group.sketch->state();
    header.form = Form::Sketched;
    header.size = static_cast<std::int64_t>(state.levels.size());
    sink.put(header);
    sink.put_bytes(group.label.data(), group.label.size());
    put_sketch(sink, state);
    return;
  }
  header.form = Form::Exact;
  header.has_weights = group.points.weight.empty() ? 0 : 1;
  header.has_counts = group.points.count.empty() ? 0 : 1;
  header.size = static_cast<std::int64_t>(group.points.size());
  sink.put(header);
  sink.put_bytes(group.label.data(), group.label.size());
  sink.put_all(group.points.score);
  sink.put_all(group.points.weight);
  sink.put_all(group.points.count);
}

// Takes them again, and never reads beyond the end.
class Taker {
 public:
  explicit Taker(std::span<const std::byte> rest) noexcept : rest_(rest) {}
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, bytes(1, sizeof(T)), sizeof(T));
    return value;
  }
  template <class T>
  std::span<const T> take_all(std::int64_t count) {
    return {reinterpret_cast<const T*>(bytes(count, sizeof(T))), static_cast<std::size_t>(count)};
  }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  const std::byte* bytes(std::int64_t count, std::size_t each) {
    if (count < 0 || static_cast<std::uint64_t>(count) > rest_.size() / each) {
      corrupt("the distribution is cut off");
    }
    const std::size_t taken = padded(static_cast<std::size_t>(count) * each);
    if (taken > rest_.size()) corrupt("the distribution is cut off");
    const std::byte* const place = rest_.data();
    rest_ = rest_.subspan(taken);
    return place;
  }
  std::span<const std::byte> rest_;
};

std::shared_ptr<const Sketch> take_sketch(Taker& taker, std::int64_t levels, std::int64_t rows) {
  const auto h = taker.take<SketchHeader>();
  Sketch::State state{h.minimum,     h.maximum, h.error_scale, h.content,
                      h.compactions, h.weight,  h.squares,     {}};
  for (std::int64_t k = 0; k < levels; ++k) {
    const auto header = taker.take<LevelHeader>();
    const auto scores = taker.take_all<double>(header.size);
    const auto weights = taker.take_all<double>(header.has_weights == 0 ? 0 : header.size);
    state.levels.push_back(Sketch::level(header.exponent, scores, weights));
  }
  return std::make_shared<const Sketch>(std::move(state), rows);
}

void check_points(const PointsView& points, std::int64_t rows) {
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    check_point(points[i], rows - counted);
    if (i > 0 && !(points[i - 1] < points[i])) {
      corrupt("the scores of the distribution are not sorted");
    }
    counted += points.count_of(i);
  }
}

ScoreGroup take_group(Taker& taker) {
  const auto header = taker.take<GroupHeader>();
  if (header.label_bytes > kMaxLabelBytes || header.rows < 0 || header.rows > kMaxGroupRows ||
      static_cast<std::uint8_t>(header.form) > 1 || header.has_weights > 1 ||
      header.has_counts > 1 || header.zero != 0) {
    corrupt("a group of the distribution is damaged");
  }
  ScoreGroup group;
  const auto label = taker.take_all<char>(header.label_bytes);
  group.label = {label.data(), label.size()};
  group.rows = header.rows;
  if (header.form == Form::Sketched) {
    group.sketch = take_sketch(taker, header.size, header.rows);
    return group;
  }
  group.points.score = taker.take_all<double>(header.size);
  group.points.weight = taker.take_all<double>(header.has_weights == 0 ? 0 : header.size);
  group.points.count = taker.take_all<std::int64_t>(header.has_counts == 0 ? 0 : header.size);
  check_points(group.points, group.rows);
  return group;
}

}  // namespace

void check_point(const CountedPoint& point, std::int64_t rows) {
  if (!std::isfinite(point.score)) corrupt("a score of the distribution is not finite");
  if (!(point.weight >= kMinSummand && point.weight <= kMaxSummand)) {
    corrupt("a weight of the distribution is out of range");
  }
  if (point.count < 1 || point.count > rows) corrupt("a count of the distribution is out of range");
}

double ScoreGroup::weight() const noexcept {
  if (sketch) return sketch->weight();
  if (points.weight.empty()) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) sum += points.count_of(i);
    return static_cast<double>(sum);
  }
  ExactSum sum{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    ExactSum one{};
    one.add(points.weight[i]);
    sum.add(one.times(static_cast<std::uint64_t>(points.count_of(i))));
  }
  return sum.value();
}

std::size_t Distribution::bytes_needed(std::span<const ScoreGroup> groups) {
  Sink sink(nullptr);
  sink.put(Front{});
  sink.put(std::uint64_t{});
  sink.put(Header{});
  for (const ScoreGroup& group : groups) put_group(sink, group);
  return sink.used();
}

void Distribution::write(std::span<const ScoreGroup> groups,
                         const UnknownRows& unknown,
                         std::span<std::byte> place,
                         Identity identity) {
  Front front{};
  std::memcpy(&front.length_word, place.data(), sizeof(front.length_word));
  front.version = kVersion;
  Header header{};
  header.unknown_groups = unknown.group;
  header.unknown_scores = unknown.score;
  header.unknown_weights = unknown.weight;
  header.groups = static_cast<std::uint32_t>(groups.size());
  Sink sink(place.data());
  sink.put(front);
  sink.put(std::uint64_t{});
  sink.put(header);
  for (const ScoreGroup& group : groups) put_group(sink, group);
  FAIRDB_ASSERT(sink.used() == place.size());
  const std::span<const std::byte> value(place);
  const std::uint64_t same = identity == nullptr ? 0 : identity(value.subspan(kContent));
  std::memcpy(place.data() + sizeof(Front), &same, sizeof(same));
  const std::uint64_t sum = digest(value.subspan(sizeof(Front)));
  std::memcpy(place.data() + offsetof(Front, digest), &sum, sizeof(sum));
}

std::span<const std::byte> Distribution::content(std::span<const std::byte> value) {
  if (value.size() < kContent) corrupt("the distribution has a wrong length");
  return value.subspan(kContent);
}

Distribution Distribution::open(std::span<const std::byte> value) {
  Taker taker(value);
  const auto front = taker.take<Front>();
  if (front.version != kVersion || front.zero[0] != 0 || front.zero[1] != 0 || front.zero[2] != 0) {
    corrupt("the distribution has an unknown version");
  }
  if (front.digest != digest(value.subspan(sizeof(Front)))) corrupt("the distribution is damaged");
  (void)taker.take<std::uint64_t>();  // its identity
  const auto header = taker.take<Header>();
  if (header.zero_too != 0) corrupt("the distribution has an unknown version");
  Distribution result;
  result.unknown_ = {header.unknown_groups, header.unknown_scores, header.unknown_weights};
  for (const std::int64_t rows :
       {header.unknown_groups, header.unknown_scores, header.unknown_weights}) {
    if (rows < 0 || rows > kMaxGroupRows) corrupt("a count of unknown rows is damaged");
  }
  if (header.groups > kMaxGroups) corrupt("the distribution has too many groups");
  result.groups_.reserve(header.groups);
  for (std::uint32_t g = 0; g < header.groups; ++g) {
    result.groups_.push_back(take_group(taker));
    if (g > 0 && !(result.groups_[g - 1].label < result.groups_[g].label)) {
      corrupt("the groups of the distribution are not sorted");
    }
  }
  if (!taker.at_end()) corrupt("the distribution has a wrong length");
  return result;
}

std::int32_t Distribution::find(std::string_view label) const noexcept {
  const auto it = std::lower_bound(
      groups_.begin(), groups_.end(), label,
      [](const ScoreGroup& g, std::string_view wanted) { return g.label < wanted; });
  if (it == groups_.end() || it->label != label) return -1;
  return static_cast<std::int32_t>(it - groups_.begin());
}

std::vector<std::string_view> Distribution::labels() const {
  std::vector<std::string_view> labels;
  labels.reserve(groups_.size());
  for (const ScoreGroup& group : groups_) labels.push_back(group.label);
  return labels;
}

}  // namespace fairdb
