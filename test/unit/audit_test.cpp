#include "core/audit/confusion.hpp"
#include "core/audit/rates.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

// A confusion that grows as an aggregate's state does.
class Confusion {
 public:
  Confusion() { create(kSmallConfusion); }
  ConfusionGroups groups() { return confusion_groups(bytes_.data()); }
  Cells& cells(std::optional<std::string_view> label) {
    std::int32_t group = groups().find(label);
    if (group < 0) {
      const auto one = ConfusionGroups::one(label);
      if (!groups().has_room_for(one)) {
        const std::vector<std::byte> old = bytes_;
        create(groups().grown_by(one));
        auto into = groups();
        confusion_groups(const_cast<std::byte*>(old.data())).copy_into(into);
      }
      group = groups().add(label);
    }
    return groups().payload(group);
  }
  std::vector<std::byte> canonical() {
    std::vector<std::byte> result(canonical_confusion_bytes(groups()));
    canonical_confusion(groups(), result.data());
    return result;
  }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  void create(const ConfusionGroups::Capacity& capacity) {
    bytes_.assign(confusion_bytes(capacity), std::byte{0});
    create_confusion(bytes_.data(), capacity);
  }
  std::vector<std::byte> bytes_;
};

std::string label_of(int i) {
  return "group " + std::string(static_cast<std::size_t>(i % 40), 'x') + std::to_string(i);
}

TEST(GroupTable, FindsEveryLabelAtEverySize) {
  for (const int n : {1, 2, 3, 16, 17, 33, 1000, kMaxGroups}) {
    SCOPED_TRACE(n);
    Confusion confusion;
    for (int i = 0; i < n; ++i)
      confusion.cells(label_of(i)).at(Truth::Positive, Truth::Positive) = i;
    confusion.cells(std::nullopt).at(Truth::Negative, Truth::Negative) = 7;
    auto canonical = confusion.canonical();
    const ConfusionGroups sorted = open_confusion(canonical);
    const ConfusionGroups open = open_confusion(confusion.bytes());
    EXPECT_EQ(sorted.known_groups(), n);
    for (int i = 0; i < n; ++i) {
      for (const ConfusionGroups& groups : {open, sorted}) {
        const std::int32_t group = groups.find(label_of(i));
        ASSERT_GE(group, 0);
        EXPECT_EQ(groups.payload(group).at(Truth::Positive, Truth::Positive), i);
      }
    }
    EXPECT_EQ(sorted.find("not there"), -1);
    EXPECT_EQ(open.find("not there"), -1);
    EXPECT_EQ(sorted.payload(sorted.find(std::nullopt)).at(Truth::Negative, Truth::Negative), 7);
  }
}

TEST(GroupTable, RefusesMoreGroupsAndLongerLabelsThanTheLimits) {
  Confusion confusion;
  for (int i = 0; i < kMaxGroups; ++i) confusion.cells(std::to_string(i));
  EXPECT_THROW(confusion.cells("one more"), Error);
  EXPECT_NO_THROW(confusion.cells(std::nullopt));
  EXPECT_THROW(Confusion().cells(std::string(kMaxLabelBytes + 1, 'x')), Error);
}

TEST(Confusion, HasOneCanonicalFormForAnyOrder) {
  Confusion forward;
  Confusion backward;
  for (int i = 0; i < 50; ++i) {
    forward.cells(label_of(i)).count[i % 9] += i;
    backward.cells(label_of(49 - i)).count[(49 - i) % 9] += 49 - i;
  }
  EXPECT_EQ(forward.canonical(), backward.canonical());
}

TEST(Confusion, StateOfTwoGroupsStaysWithin256Bytes) {
  Confusion confusion;
  confusion.cells("Female");
  confusion.cells("Male");
  EXPECT_LE(confusion.bytes().size(), 256U);
}

TEST(Confusion, RefusesDamagedBytes) {
  Confusion small;
  for (const char* label : {"b", "a", ""})
    small.cells(label).at(Truth::Positive, Truth::Negative) = 5;
  small.cells(std::nullopt).count[8] = 1;
  Confusion indexed;
  for (int i = 0; i < 20; ++i) indexed.cells(std::to_string(i)).count[0] = i;
  std::uint64_t seed = 11;
  for (auto bytes : {small.bytes(), small.canonical(), indexed.bytes(), indexed.canonical()}) {
    SCOPED_TRACE(seed);
    const int refused = test::refused_mutations(bytes, ++seed, [](std::span<std::byte> value) {
      const ConfusionGroups groups = open_confusion(value);
      for (std::int32_t g = 0; g < groups.groups(); ++g) {
        ASSERT_EQ(groups.find(groups.label(g)), g);
        (void)counts(groups.payload(g));
      }
      (void)counts(total(groups));
      (void)gap(groups, Gap::EqualizedOddsRatio);
      std::vector<std::byte> again(canonical_confusion_bytes(groups));
      canonical_confusion(groups, again.data());
    });
    EXPECT_GT(refused, static_cast<int>(bytes.size()));
  }
}

TEST(Confusion, CountsAreBounded) {
  Cells a{};
  Cells b{};
  a.count[4] = kMaxCount - 1;
  b.count[4] = 1;
  EXPECT_NO_THROW(add_cells(a, b));
  EXPECT_THROW(add_cells(a, b), Error);
}

// Rates by their definition from one row at a time.
TEST(Rates, AgreeWithDirectCountingOnRandomRows) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Cells cells{};
    std::int64_t known_label = 0, positive = 0, known_prediction = 0, selected = 0, both = 0,
                 right = 0;
    for (int i = random.below(30); i > 0; --i) {
      const auto y = static_cast<Truth>(random.below(3));
      const auto p = static_cast<Truth>(random.below(3));
      ++cells.at(y, p);
      known_label += y != Truth::Unknown;
      positive += y == Truth::Positive;
      known_prediction += p != Truth::Unknown;
      selected += p == Truth::Positive;
      both += y != Truth::Unknown && p != Truth::Unknown;
      right += y != Truth::Unknown && y == p;
    }
    const auto expect = [&](Rate which, std::int64_t part, std::int64_t whole) {
      const auto value = rate(cells, which);
      ASSERT_EQ(value.has_value(), whole > 0);
      if (value) {
        EXPECT_DOUBLE_EQ(*value, static_cast<double>(part) / static_cast<double>(whole));
      }
    };
    expect(Rate::BaseRate, positive, known_label);
    expect(Rate::SelectionRate, selected, known_prediction);
    expect(Rate::Accuracy, right, both);
    const auto complement = [&](Rate a, Rate b) {
      ASSERT_EQ(rate(cells, a).has_value(), rate(cells, b).has_value());
      if (rate(cells, a)) {
        EXPECT_NEAR(*rate(cells, a) + *rate(cells, b), 1, 1e-15);
      }
    };
    complement(Rate::TruePositiveRate, Rate::FalseNegativeRate);
    complement(Rate::FalsePositiveRate, Rate::TrueNegativeRate);
    complement(Rate::Precision, Rate::FalseDiscoveryRate);
    complement(Rate::NegativePredictiveValue, Rate::FalseOmissionRate);
  }
}

TEST(Gaps, LeaveOutGroupsThatAreUnknownOrNotEstimable) {
  Confusion confusion;
  confusion.cells("a").at(Truth::Positive, Truth::Positive) = 3;
  confusion.cells("a").at(Truth::Positive, Truth::Negative) = 1;
  confusion.cells("b").at(Truth::Positive, Truth::Positive) = 1;
  confusion.cells("b").at(Truth::Positive, Truth::Negative) = 1;
  confusion.cells("no positives").at(Truth::Negative, Truth::Negative) = 9;
  confusion.cells(std::nullopt).at(Truth::Positive, Truth::Negative) = 9;
  EXPECT_DOUBLE_EQ(*gap(confusion.groups(), Gap::EqualOpportunityDifference), 0.25);
  EXPECT_DOUBLE_EQ(*gap(confusion.groups(), Gap::EqualOpportunityRatio), 0.5 / 0.75);
  EXPECT_EQ(spread(confusion.groups(), Rate::TruePositiveRate).estimable, 2);
  EXPECT_FALSE(gap(confusion.groups(), Gap::EqualizedOddsDifference));  // one group has an FPR
}

TEST(Gaps, AreUndefinedRatherThanZero) {
  Confusion confusion;
  EXPECT_FALSE(gap(confusion.groups(), Gap::DemographicParityDifference));
  confusion.cells("a").at(Truth::Unknown, Truth::Negative) = 1;
  EXPECT_FALSE(gap(confusion.groups(), Gap::DemographicParityDifference));
  confusion.cells("b").at(Truth::Unknown, Truth::Negative) = 1;
  EXPECT_EQ(gap(confusion.groups(), Gap::DemographicParityDifference), 0.0);
  EXPECT_FALSE(gap(confusion.groups(), Gap::DemographicParityRatio));  // the largest rate is 0
}

}  // namespace
}  // namespace fairdb
