#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "core/audit/confusion_state.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/gaps.hpp"
#include "core/audit/impact.hpp"
#include "core/audit/strata.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/base/suppression.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

// Memory for states, alive until a test clears it.
std::deque<std::vector<std::uint64_t>>& kept() {
  static std::deque<std::vector<std::uint64_t>> memory;
  return memory;
}
std::byte* allocate(std::size_t bytes) {
  return reinterpret_cast<std::byte*>(kept().emplace_back((bytes + 7) / 8).data());
}

ConfusionState new_state(ConfusionForm form = ConfusionForm::Narrow) {
  return ConfusionState::empty(form, allocate);
}

std::vector<std::byte> bytes_of(const ConfusionValue& value) {
  const std::size_t size =
      ConfusionValue::kHeaderBytes + value.visit([](const auto& table) { return table.size(); });
  return {value.place(), value.place() + size};
}

std::vector<std::byte> canonical_bytes(const ConfusionState& state) {
  return bytes_of(state.value().canonical_copy(allocate));
}

void add(ConfusionState& state,
         const ConfusionState::Label& label,
         Truth y_true,
         Truth y_pred,
         std::int64_t rows) {
  Cells cells{};
  cells.at(y_true, y_pred) = rows;
  state.combine(label, cells, ConfusionState::Sign::Plus);
}

std::string label_of(int i) {
  return "group " + std::string(static_cast<std::size_t>(i % 40), 'x') + std::to_string(i);
}

TEST(GroupTable, FindsEveryLabelAtEverySize) {
  for (const int n : {1, 2, 3, 16, 17, 33, 1000, kMaxGroups}) {
    SCOPED_TRACE(n);
    ConfusionState state = new_state();
    for (int i = 0; i < n; ++i) add(state, label_of(i), Truth::Positive, Truth::Positive, i + 1);
    add(state, std::nullopt, Truth::Negative, Truth::Negative, 7);
    auto canonical = canonical_bytes(state);
    const ConfusionValue sorted = ConfusionValue::open(canonical);
    auto open_bytes = bytes_of(state.value());
    const ConfusionValue open = ConfusionValue::open(open_bytes);
    for (const ConfusionValue& value : {open, sorted}) {
      const auto table = value.table<NarrowCells>();
      EXPECT_EQ(table.known_groups(), n);
      for (int i = 0; i < n; ++i) {
        const std::int32_t group = table.find(label_of(i));
        ASSERT_GE(group, 0);
        EXPECT_EQ(table.payload(group).count[cell(Truth::Positive, Truth::Positive)],
                  static_cast<std::uint32_t>(i) + 1);
      }
      EXPECT_EQ(table.find("not there"), -1);
      EXPECT_EQ(table.payload(table.find(std::nullopt)).count[0], 7U);
    }
  }
}

TEST(GroupTable, RefusesMoreGroupsAndLongerLabelsThanTheLimits) {
  ConfusionState state = new_state();
  const auto count = [&](const ConfusionState::Label& label) {
    state.count(label, Truth::Positive, Truth::Positive);
  };
  for (int i = 0; i < kMaxGroups; ++i) count(std::to_string(i));
  EXPECT_THROW(count("one more"), Error);
  EXPECT_NO_THROW(count(std::nullopt));
  state = new_state();
  EXPECT_THROW(count(std::string(kMaxLabelBytes + 1, 'x')), Error);
}

TEST(ExactSum, HoldsNumbersOfAnySizeWithoutRounding) {
  ExactSum sum{};
  std::vector<double> values = {0x1p40, 1e-9, 0.1, 3, 0x1p-100, 1.0 / 3, 12345.678};
  for (const double value : values) {
    sum.add(value);
    sum.add_square(value);
  }
  char buffer[ExactSum::kMaxText];
  EXPECT_EQ(ExactSum::parse(sum.text(buffer)), sum);
  for (const double value : values) {
    ExactSum both{};
    both.add_square(value);
    both.add(value);
    sum.subtract(both);
  }
  EXPECT_TRUE(sum.zero());
  for (const double value : values) {
    ExactSum one{};
    one.add(value);
    EXPECT_EQ(one.value(), value);
    ExactSum square{};
    square.add_square(value);
    if (value > 1e-15) {
      EXPECT_DOUBLE_EQ(square.value(), value * value);
    }
  }
  sum.subtract(ExactSum{{1, 0, 0, 0}});
  EXPECT_TRUE(sum.negative());
}

TEST(ExactSum, ReadsOnlyWhatItWrites) {
  char buffer[ExactSum::kMaxText];
  EXPECT_EQ(ExactSum{}.text(buffer), "0");
  ExactSum sum{};
  sum.add(31.5);
  EXPECT_EQ(sum.text(buffer), "1f.8");
  for (const char* bad :
       {"", ".", ".8", "-1", "1F", "0x1", "1.2.3", " 1", "1e+3", "ffffffffffffffffffffffffffffffff",
        "100000000000000000000000000000000"}) {
    EXPECT_FALSE(ExactSum::parse(bad)) << bad;
  }
  EXPECT_TRUE(ExactSum::parse("1."));
}

// Rows in any order, in any parts, and with rows that come and go, are one value.
TEST(Confusion, IsTheSameHoweverItsRowsAreCounted) {
  for (const bool weighted : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed);
      struct Row {
        ConfusionState::Label label;
        Truth y_true, y_pred;
        std::optional<double> weight;
      };
      std::vector<std::string> names;
      for (int i = 0; i < 40; ++i) names.push_back(label_of(i));
      std::vector<Row> rows;
      for (int i = 0; i < 300; ++i) {
        const int g = random.below(41);
        rows.push_back(
            {g == 40 ? std::nullopt : ConfusionState::Label(names[static_cast<std::size_t>(g)]),
             static_cast<Truth>(random.below(3)), static_cast<Truth>(random.below(3)),
             random.below(9) == 0 ? std::nullopt : std::optional(random.uniform() * 3)});
      }
      const auto count = [&](ConfusionState& state, const Row& row) {
        if (weighted) {
          state.count(row.label, row.y_true, row.y_pred, row.weight);
        } else {
          state.count(row.label, row.y_true, row.y_pred);
        }
      };
      const auto uncount = [&](ConfusionState& state, const Row& row) {
        if (weighted) {
          state.uncount(row.label, row.y_true, row.y_pred, row.weight);
        } else {
          state.uncount(row.label, row.y_true, row.y_pred);
        }
      };
      const ConfusionForm form = weighted ? ConfusionForm::Weighted : ConfusionForm::Narrow;
      ConfusionState forward = new_state(form), backward = new_state(form);
      for (std::size_t i = 0; i < 200; ++i) count(forward, rows[i]);
      for (std::size_t i = 200; i-- > 0;) count(backward, rows[i]);
      EXPECT_EQ(canonical_bytes(forward), canonical_bytes(backward));

      ConfusionState window = new_state(form);  // rows 100 to 299, then back to 0 to 199
      for (std::size_t i = 100; i < 300; ++i) count(window, rows[i]);
      for (std::size_t i = 0; i < 100; ++i) {
        count(window, rows[i]);
        uncount(window, rows[299 - i]);
      }
      EXPECT_EQ(canonical_bytes(window), canonical_bytes(forward));

      ConfusionState left = new_state(form), right = new_state(form), merged = new_state();
      for (std::size_t i = 0; i < 200; ++i) count(i % 3 == 0 ? left : right, rows[i]);
      merged.merge(right.value());
      merged.merge(left.value());
      EXPECT_EQ(canonical_bytes(merged), canonical_bytes(forward));
      merged.subtract(left.value());
      EXPECT_EQ(canonical_bytes(merged), canonical_bytes(right));
    }
  }
}

TEST(Confusion, CountersWidenWhenNeeded) {
  ConfusionState state = new_state();
  constexpr std::int64_t kLargest = std::numeric_limits<std::uint32_t>::max();
  add(state, "a", Truth::Positive, Truth::Positive, kLargest);
  EXPECT_EQ(state.value().form(), ConfusionForm::Narrow);
  state.count("a", Truth::Positive, Truth::Positive);
  EXPECT_EQ(state.value().form(), ConfusionForm::Wide);
  EXPECT_EQ(decode(state.value()).groups[0].counts.at(Truth::Positive, Truth::Positive),
            kLargest + 1);
  auto wide = canonical_bytes(state);
  EXPECT_EQ(ConfusionValue::open(wide).form(), ConfusionForm::Wide);
  state.uncount("a", Truth::Positive, Truth::Positive);
  auto narrow = canonical_bytes(state);
  EXPECT_EQ(ConfusionValue::open(narrow).form(), ConfusionForm::Narrow);
  ConfusionState twice = new_state();
  twice.merge(ConfusionValue::open(narrow));
  twice.merge(ConfusionValue::open(narrow));
  EXPECT_EQ(decode(twice.value()).groups[0].counts.at(Truth::Positive, Truth::Positive),
            2 * kLargest);
}

TEST(Confusion, NeverHoldsLessThanNothing) {
  for (const bool weighted : {false, true}) {
    ConfusionState state = new_state();
    if (weighted) {
      state.count("a", Truth::Positive, Truth::Positive, 2.0);
      EXPECT_THROW(state.uncount("a", Truth::Positive, Truth::Positive, 1.5), Error);
      EXPECT_THROW(state.uncount("a", Truth::Positive, Truth::Positive, std::nullopt), Error);
    } else {
      state.count("a", Truth::Positive, Truth::Positive);
    }
    EXPECT_THROW(state.uncount("a", Truth::Positive, Truth::Negative), Error);
    EXPECT_THROW(state.uncount("b", Truth::Positive, Truth::Positive), Error);
    EXPECT_THROW(state.uncount(std::nullopt, Truth::Positive, Truth::Positive), Error);
    EXPECT_EQ(decode(state.value()).groups.size(), 1U);  // what was refused left no trace
  }
  ConfusionState state = new_state();
  for (const double bad : {-1.0, 0x1p41, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(state.count("a", Truth::Positive, Truth::Positive, bad), Error);
  }
}

// A window over many groups keeps only those it holds.
TEST(Confusion, ForgetsGroupsThatHaveLeftTheWindow) {
  ConfusionState state = new_state();
  for (int i = 0; i < 5 * kMaxGroups; ++i) {
    state.count(std::to_string(i), Truth::Positive, Truth::Positive);
    if (i >= 10) state.uncount(std::to_string(i - 10), Truth::Positive, Truth::Positive);
  }
  EXPECT_EQ(decode(state.value()).groups.size(), 10U);
  EXPECT_LT(bytes_of(state.value()).size(), 4096U);
}

TEST(Confusion, StateOfTwoGroupsTakes128Bytes) {
  ConfusionState state = new_state();
  state.count("Female", Truth::Positive, Truth::Positive);
  state.count("Male", Truth::Positive, Truth::Positive);
  EXPECT_EQ(bytes_of(state.value()).size(), 128U);
}

TEST(Confusion, RefusesDamagedBytes) {
  std::uint64_t seed = 11;
  for (const ConfusionForm form :
       {ConfusionForm::Narrow, ConfusionForm::Wide, ConfusionForm::Weighted}) {
    ConfusionState small = new_state(form);
    for (const char* label : {"b", "a", ""}) add(small, label, Truth::Positive, Truth::Negative, 5);
    add(small, std::nullopt, Truth::Unknown, Truth::Unknown, 1);
    ConfusionState indexed = new_state(form);
    for (int i = 0; i < 20; ++i) {
      add(indexed, std::to_string(i), Truth::Negative, Truth::Negative, i + 1);
    }
    for (auto bytes : {bytes_of(small.value()), canonical_bytes(small), bytes_of(indexed.value()),
                       canonical_bytes(indexed)}) {
      SCOPED_TRACE(seed);
      const int refused = test::refused_mutations(bytes, ++seed, [](std::span<std::byte> value) {
        kept().clear();  // of the mutation before
        const ConfusionValue opened = ConfusionValue::open(value);
        opened.visit([](const auto& table) {
          for (std::int32_t g = 0; g < table.groups(); ++g) {
            ASSERT_EQ(table.find(table.label(g)), g);
          }
        });
        const Confusion confusion = decode(opened);
        (void)counts(total(confusion).counts);
        (void)gap(confusion, Gap::EqualizedOddsRatio);
        EXPECT_TRUE(opened.canonical_copy(allocate).canonical());
        ConfusionState merged = new_state();
        merged.merge(opened);
        merged.merge(opened);
        merged.subtract(opened);
      });
      EXPECT_GT(refused, static_cast<int>(bytes.size()));
    }
  }
}

TEST(Confusion, CountsAreBounded) {
  for (const ConfusionForm form : {ConfusionForm::Narrow, ConfusionForm::Weighted}) {
    ConfusionState state = new_state(form);
    add(state, "a", Truth::Positive, Truth::Positive, kMaxCount - 1);
    EXPECT_NO_THROW(state.count("a", Truth::Positive, Truth::Positive));
    EXPECT_THROW(state.count("a", Truth::Positive, Truth::Positive), Error);
  }
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
      const auto value = rate(group_of(std::nullopt, cells).masses, which);
      ASSERT_EQ(value.has_value(), whole > 0);
      if (value) {
        EXPECT_DOUBLE_EQ(*value, static_cast<double>(part) / static_cast<double>(whole));
      }
    };
    expect(Rate::BaseRate, positive, known_label);
    expect(Rate::SelectionRate, selected, known_prediction);
    expect(Rate::Accuracy, right, both);
    const auto complement = [&](Rate a, Rate b) {
      ASSERT_EQ(rate(group_of(std::nullopt, cells).masses, a).has_value(),
                rate(group_of(std::nullopt, cells).masses, b).has_value());
      if (rate(group_of(std::nullopt, cells).masses, a)) {
        EXPECT_NEAR(*rate(group_of(std::nullopt, cells).masses, a) +
                        *rate(group_of(std::nullopt, cells).masses, b),
                    1, 1e-15);
      }
    };
    complement(Rate::TruePositiveRate, Rate::FalseNegativeRate);
    complement(Rate::FalsePositiveRate, Rate::TrueNegativeRate);
    complement(Rate::Precision, Rate::FalseDiscoveryRate);
    complement(Rate::NegativePredictiveValue, Rate::FalseOmissionRate);
  }
}

TEST(Gaps, LeaveOutGroupsThatAreUnknownOrNotEstimable) {
  ConfusionState state = new_state();
  add(state, "a", Truth::Positive, Truth::Positive, 3);
  add(state, "a", Truth::Positive, Truth::Negative, 1);
  add(state, "b", Truth::Positive, Truth::Positive, 1);
  add(state, "b", Truth::Positive, Truth::Negative, 1);
  add(state, "no positives", Truth::Negative, Truth::Negative, 9);
  add(state, std::nullopt, Truth::Positive, Truth::Negative, 9);
  const Confusion confusion = decode(state.value());
  EXPECT_DOUBLE_EQ(*gap(confusion, Gap::EqualOpportunityDifference), 0.25);
  EXPECT_DOUBLE_EQ(*gap(confusion, Gap::EqualOpportunityRatio), 0.5 / 0.75);
  EXPECT_EQ(estimable(confusion, Rate::TruePositiveRate).estimable, 2);
  EXPECT_EQ(estimable(confusion, Rate::TruePositiveRate).groups, 3);
  EXPECT_FALSE(gap(confusion, Gap::EqualizedOddsDifference));  // one group has an FPR
}

TEST(Gaps, AreUndefinedRatherThanZero) {
  ConfusionState state = new_state();
  const auto of = [&](Gap which) { return gap(decode(state.value()), which); };
  EXPECT_FALSE(of(Gap::DemographicParityDifference));
  add(state, "a", Truth::Unknown, Truth::Negative, 1);
  EXPECT_FALSE(of(Gap::DemographicParityDifference));
  add(state, "b", Truth::Unknown, Truth::Negative, 1);
  EXPECT_EQ(of(Gap::DemographicParityDifference), 0.0);
  EXPECT_FALSE(of(Gap::DemographicParityRatio));  // the largest rate is 0
}

// --- impact ratios ------------------------------------------------------------------------------

TEST(Impact, ExactlyFourFifthsIsNotBelow) {
  Monitor monitor;
  int exact = 0;
  for (int na = 5; na <= 40; ++na) {
    for (int nb = 5; nb <= 40; ++nb) {
      for (int sa = 0; sa <= na; ++sa) {
        for (int sb = 1; sb <= nb; ++sb) {
          if (std::abs(5 * sa * nb - 4 * sb * na) > 4 * nb || sa * nb >= sb * na) continue;
          Confusion confusion;
          for (const auto& [label, selected, size] :
               {std::tuple<const char*, int, int>{"a", sa, na}, {"b", sb, nb}}) {
            Cells cells{};
            cells.at(Truth::Unknown, Truth::Positive) = selected;
            cells.at(Truth::Unknown, Truth::Negative) = size - selected;
            confusion.groups.push_back(group_of(label, cells));
          }
          const Impact row = impact_ratios(confusion, 0, 0.95, monitor).at(0);
          EXPECT_EQ(*row.below_four_fifths, 5 * sa * nb < 4 * sb * na);
          exact += 5 * sa * nb == 4 * sb * na ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(exact, 500);
}

// One person more and one fewer, from the definition: over all groups for each.
TEST(Impact, OnePersonMayChangeWhoIsSelectedMost) {
  Monitor monitor;
  test::Random random(20261126);
  int flips = 0;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const int groups = 2 + random.below(4);
    std::vector<std::pair<std::int64_t, std::int64_t>> counts;  // selected, all
    Confusion confusion;
    const char* const labels[] = {"a", "b", "c", "d", "e"};
    for (int g = 0; g < groups; ++g) {
      const int n = 2 + random.below(6);  // ties are frequent
      const int selected = random.below(n + 1);
      counts.emplace_back(selected, n);
      Cells cells{};
      cells.at(Truth::Unknown, Truth::Positive) = selected;
      cells.at(Truth::Unknown, Truth::Negative) = n - selected;
      confusion.groups.push_back(group_of(labels[g], cells));
    }
    const std::vector<Impact> rows = impact_ratios(confusion, 0, 0.95, monitor);
    std::size_t best = 0;
    while (!rows[best].reference) ++best;
    for (std::size_t g = 0; g < counts.size(); ++g) {
      if (!rows[g].ratio_one_person) continue;
      auto changed = counts;
      ++changed[g].first;
      --changed[best].first;
      double most = 0;
      for (const auto& [selected, n] : changed) {
        most = std::max(most, static_cast<double>(selected) / static_cast<double>(n));
      }
      const double own =
          static_cast<double>(changed[g].first) / static_cast<double>(changed[g].second);
      EXPECT_EQ(*rows[g].ratio_one_person, own / most);
      flips += *rows[g].one_person_flips ? 1 : 0;
    }
  }
  EXPECT_GT(flips, 50);
}

// --- suppression -------------------------------------------------------------------------------

// A row of a publication of numbers of people alone.
struct PublishedRow {
  std::int32_t table;  // rows of one table share no part
  std::int64_t people;
  std::vector<std::int32_t> parts;
};

std::vector<bool> hidden_rows(const std::vector<PublishedRow>& rows,
                              const std::vector<std::int64_t>& people,
                              std::int64_t k,
                              Monitor& monitor) {
  std::vector<PartCounts> parts(people.size());
  for (std::size_t p = 0; p < people.size(); ++p) parts[p][0] = people[p];
  std::vector<std::vector<std::int32_t>> of_rows;
  for (const PublishedRow& row : rows) of_rows.push_back(row.parts);
  const std::vector<PublishedCount> shown = {{kAllCells, Panel::People}};
  std::vector<bool> hidden;
  for (const Withheld& w : withhold(parts, of_rows, shown, k, std::size_t{1} << 26, monitor)) {
    hidden.push_back(w.row());
  }
  return hidden;
}

// What follows from the visible rows and the total: an independent elimination over fractions of
// whole numbers, exact because all coefficients are 0 or 1 and the tables are small.
bool determined(const std::vector<std::vector<double>>& known, std::vector<double> wanted) {
  std::vector<std::vector<double>> basis;
  const auto reduce = [&](std::vector<double> row) {
    for (const auto& b : basis) {
      const auto pivot = static_cast<std::size_t>(
          std::find_if(b.begin(), b.end(), [](double x) { return std::abs(x) > 1e-9; }) -
          b.begin());
      const double factor = row[pivot] / b[pivot];
      for (std::size_t i = 0; i < row.size(); ++i) row[i] -= factor * b[i];
    }
    return row;
  };
  const auto zero = [](const std::vector<double>& row) {
    return std::all_of(row.begin(), row.end(), [](double x) { return std::abs(x) < 1e-9; });
  };
  for (const auto& row : known) {
    auto rest = reduce(row);
    if (!zero(rest)) basis.push_back(std::move(rest));
  }
  return zero(reduce(std::move(wanted)));
}

TEST(Suppression, HiddenRowsDoNotFollowFromVisibleOnes) {
  Monitor never;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    // Three attributes, their pairs and all together; some parts are empty.
    const int sizes[3] = {2 + random.below(2), 2 + random.below(3), 1 + random.below(3)};
    struct Part {
      int value[3];
      std::int64_t people;
    };
    std::vector<Part> parts;
    for (int a = 0; a < sizes[0]; ++a) {
      for (int b = 0; b < sizes[1]; ++b) {
        for (int c = 0; c < sizes[2]; ++c) {
          const int people = random.below(3) == 0 ? random.below(12) : random.below(200);
          if (people > 0) parts.push_back({{a, b, c}, people});
        }
      }
    }
    if (parts.empty()) continue;
    std::vector<PublishedRow> rows;
    for (int set = 1; set < 8; ++set) {
      std::map<std::vector<int>, PublishedRow> groups;
      for (std::size_t p = 0; p < parts.size(); ++p) {
        std::vector<int> key;
        for (int a = 0; a < 3; ++a) {
          if ((set >> a & 1) != 0) key.push_back(parts[p].value[a]);
        }
        PublishedRow& row = groups.try_emplace(key, PublishedRow{set, 0, {}}).first->second;
        row.people += parts[p].people;
        row.parts.push_back(static_cast<std::int32_t>(p));
      }
      for (const auto& [key, row] : groups) rows.push_back(row);
    }
    constexpr std::int64_t kLeast = 10;
    std::vector<std::int64_t> people;
    for (const Part& part : parts) people.push_back(part.people);
    const auto hidden = hidden_rows(rows, people, kLeast, never);
    const auto vector_of = [&](const PublishedRow& row) {
      std::vector<double> v(parts.size(), 0.0);
      for (const std::int32_t p : row.parts) v[static_cast<std::size_t>(p)] = 1;
      return v;
    };
    std::vector<std::vector<double>> known = {std::vector<double>(parts.size(), 1.0)};
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (!hidden[r]) known.push_back(vector_of(rows[r]));
    }
    std::map<int, std::int64_t> hidden_people;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (!hidden[r]) {
        EXPECT_GE(rows[r].people, kLeast);
        continue;
      }
      hidden_people[rows[r].table] += rows[r].people;
      const bool whole = rows[r].parts.size() == parts.size();  // the total is known anyway
      EXPECT_TRUE(whole || !determined(known, vector_of(rows[r])));
    }
    const std::int64_t all =
        std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                        [](auto sum, const Part& p) { return sum + p.people; });
    for (const auto& [table, people] : hidden_people) {
      EXPECT_GE(people, std::min(kLeast, all)) << table;
    }
  }
  EXPECT_THROW((void)hidden_rows(std::vector<PublishedRow>(1001, {0, 1, {0}}), {1}, 5, never),
               Error);
  EXPECT_THROW(check_min_group(-1), Error);
}

// Everybody knows that a listed group has somebody in it. By trying all tables of whole people that
// fit what is shown: each hidden row could be at least two numbers.
TEST(Suppression, HiddenRowsDoNotFollowFromWholePeopleEither) {
  Monitor never;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    constexpr std::size_t kParts = 6;  // a table of 2 x 3
    std::int64_t people[kParts];
    for (std::int64_t& n : people) n = 1 + random.below(random.below(2) == 0 ? 3 : 12);
    std::vector<PublishedRow> rows;
    const auto add = [&](std::int32_t table, std::vector<std::int32_t> parts) {
      PublishedRow row{table, 0, std::move(parts)};
      for (const std::int32_t p : row.parts) row.people += people[p];
      rows.push_back(std::move(row));
    };
    add(0, {0, 1, 2});
    add(0, {3, 4, 5});
    for (std::int32_t c = 0; c < 3; ++c) add(1, {c, c + 3});
    for (std::int32_t p = 0; p < 6; ++p) add(2, {p});
    constexpr std::int64_t kLeast = 4;
    const auto hidden = hidden_rows(rows, {people, people + kParts}, kLeast, never);
    const std::int64_t all = std::accumulate(people, people + kParts, std::int64_t{0});
    std::vector<std::set<std::int64_t>> possible(rows.size());
    std::int64_t guess[kParts] = {};
    const std::function<void(std::size_t, std::int64_t)> guess_from = [&](std::size_t part,
                                                                          std::int64_t left) {
      if (part == kParts) {
        if (left != 0) return;
        std::vector<std::int64_t> sums;
        for (std::size_t r = 0; r < rows.size(); ++r) {
          std::int64_t sum = 0;
          for (const std::int32_t p : rows[r].parts) sum += guess[p];
          if (!hidden[r] && sum != rows[r].people) return;
          sums.push_back(sum);
        }
        for (std::size_t r = 0; r < rows.size(); ++r) possible[r].insert(sums[r]);
        return;
      }
      const std::size_t row_of_part = 5 + part;
      if (!hidden[row_of_part]) {
        guess[part] = people[part];
        if (left >= people[part]) guess_from(part + 1, left - people[part]);
        return;
      }
      for (std::int64_t n = 1; n <= left - static_cast<std::int64_t>(kParts - part - 1); ++n) {
        guess[part] = n;
        guess_from(part + 1, left - n);
      }
    };
    guess_from(0, all);
    const bool enough = all >= 6 + 3 * kLeast;  // else nothing can hide anything
    for (std::size_t r = 0; r < rows.size() && enough; ++r) {
      if (hidden[r]) {
        EXPECT_GE(possible[r].size(), 2U) << "row " << r;
      }
    }
  }
}

TEST(Suppression, HidesNothingWithoutNeed) {
  Monitor never;
  const std::vector<PublishedRow> rows = {{0, 50, {0, 1}}, {0, 40, {2, 3}}, {1, 45, {0, 2}},
                                          {1, 45, {1, 3}}, {2, 25, {0}},    {2, 25, {1}},
                                          {2, 20, {2}},    {2, 20, {3}}};
  const auto hidden = hidden_rows(rows, {25, 25, 20, 20}, 10, never);
  EXPECT_EQ(std::count(hidden.begin(), hidden.end(), true), 0);
}

// --- comparisons ---------------------------------------------------------------------------------

// Relabelling groups or swapping the sides changes what it should and nothing else.
TEST(Comparisons, TurnWithTheirSides) {
  Monitor never;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Confusion confusion;
    for (const char* label : {"a", "b"}) {
      Cells cells{};
      for (std::int64_t& count : cells.count) count = 1 + random.below(60);
      confusion.groups.push_back(group_of(label, cells));
    }
    for (const Rate rate : kRates) {
      const Comparison ab = compare(confusion, rate, "b", 0.95, never).at(0);
      const Comparison ba = compare(confusion, rate, "a", 0.95, never).at(0);
      EXPECT_NEAR(*ab.difference, -*ba.difference, 1e-12);
      EXPECT_NEAR(ab.difference_interval->lower, -ba.difference_interval->upper, 1e-9);
      EXPECT_NEAR(ab.ratio_interval->lower, 1 / ba.ratio_interval->upper, 1e-6);
      EXPECT_NEAR(*ab.tested.p_value, *ba.tested.p_value, 1e-9);
      EXPECT_LT(ab.difference_interval->lower, *ab.difference);
      EXPECT_GT(ab.difference_interval->upper, *ab.difference);
    }
  }
}

// One stratum is no stratum: the conditional numbers are the plain ones.
TEST(Strata, OneStratumIsThePlainTable) {
  Monitor monitor;
  Random random(9);
  for (int k = 0; k < 50; ++k) {
    Confusion confusion;
    for (const char* label : {"g", "r"}) {
      Cells cells{};
      for (std::int64_t& count : cells.count) count = 1 + random.below(60);
      confusion.groups.push_back(group_of(label, cells));
    }
    const Stratified one = stratify({confusion}, Rate::SelectionRate, "g", "r", 0.95, monitor);
    EXPECT_NEAR(*one.difference, *one.conditional_difference, 1e-12);
    EXPECT_NEAR(*one.disparity, *one.conditional_disparity, 1e-12);
    EXPECT_NEAR(*one.odds_ratio, *one.mantel_haenszel, 1e-9);
    EXPECT_FALSE(one.reversed);
    EXPECT_FALSE(one.homogeneity);
    // Twice the same stratum: the same odds ratio, and no evidence against its being the same.
    const Stratified two =
        stratify({confusion, confusion}, Rate::SelectionRate, "g", "r", 0.95, monitor);
    EXPECT_NEAR(*two.mantel_haenszel, *one.mantel_haenszel, 1e-9);
    EXPECT_NEAR(two.homogeneity->statistic, 0, 1e-6);
    // Turned round, the odds ratio is the inverse.
    const Stratified turned = stratify({confusion}, Rate::SelectionRate, "r", "g", 0.95, monitor);
    EXPECT_NEAR(*turned.mantel_haenszel, 1 / *one.mantel_haenszel, 1e-9);
    EXPECT_NEAR(turned.cmh->statistic, one.cmh->statistic, 1e-9);
  }
}

TEST(Strata, HomogeneityRejectsOppositeOddsRatios) {
  Monitor monitor;
  const auto stratum = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    Confusion confusion;
    const auto put = [&](const char* label, std::int64_t with, std::int64_t without) {
      Cells cells{};
      cells.at(Truth::Unknown, Truth::Positive) = with;
      cells.at(Truth::Unknown, Truth::Negative) = without;
      confusion.groups.push_back(group_of(label, cells));
    };
    put("g", a, b);
    put("r", c, d);
    return confusion;
  };
  const Stratified s = stratify({stratum(40, 10, 10, 40), stratum(10, 40, 40, 10)},
                                Rate::SelectionRate, "g", "r", 0.95, monitor);
  EXPECT_NEAR(*s.mantel_haenszel, 1, 1e-12);
  // The common odds ratio is 1, so every fitted count is 25 with variance 25 / 4.
  EXPECT_NEAR(s.homogeneity->statistic, 2 * 15 * 15 / 6.25, 1e-9);
  EXPECT_LT(s.homogeneity->p_value, 1e-10);
}

}  // namespace
}  // namespace fairdb
