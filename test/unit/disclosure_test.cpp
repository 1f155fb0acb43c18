// Attacks on what a publication of counts withholds, by linear programs that GLPK solves: built
// from the shown counts alone, without anything of the code that decides what is shown.
#include "core/audit/disclosure.hpp"

#include <glpk.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "core/base/suppression.hpp"
#include "core/optimize/polyhedron.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

constexpr std::size_t kBytes = std::size_t{1} << 28;

// A table: the counts of the combinations of attributes, and the rows that each set of attributes
// has.
struct Table {
  std::vector<PartCounts> parts;
  std::vector<std::vector<std::int32_t>> rows;
};

// attributes: 2 or 3 of 2 to 4 levels, some of them rare. Outcomes of .02 to .6; some labels and
// predictions unknown, or no labels at all.
Table random_table(Random& random) {
  const int attributes = 2 + random.below(2);
  std::vector<int> levels;
  std::vector<std::vector<double>> shares;
  for (int a = 0; a < attributes; ++a) {
    levels.push_back(2 + random.below(attributes == 2 ? 3 : 2));
    shares.emplace_back();
    for (int l = 0; l < levels.back(); ++l) {
      shares.back().push_back(random.below(3) == 0 ? 0.05 : 0.2 + random.uniform());
    }
  }
  const double selected = 0.02 + 0.58 * random.uniform();
  const double positive = 0.02 + 0.58 * random.uniform();
  const bool labels = random.below(3) > 0;
  const double unknown = random.below(3) == 0 ? 0.05 : 0;
  const double people = 10 + 300 * random.uniform();
  Table table;
  std::vector<std::vector<int>> keys;
  std::vector<int> key(static_cast<std::size_t>(attributes), 0);
  const auto each = [&](auto&& self, std::size_t a, double share) -> void {
    if (a == key.size()) {
      PartCounts counts{};
      const int n = static_cast<int>(std::floor(people * share * (0.5 + random.uniform())));
      for (int i = 0; i < n; ++i) {
        const auto truth = [&](double p) {
          if (random.uniform() < unknown) return Truth::Unknown;
          return random.uniform() < p ? Truth::Positive : Truth::Negative;
        };
        const Truth label = labels ? truth(positive) : Truth::Unknown;
        ++counts[cell(label, truth(selected))];
      }
      if (n > 0) {
        table.parts.push_back(counts);
        keys.push_back(key);
      }
      return;
    }
    for (int l = 0; l < levels[a]; ++l) {
      key[a] = l;
      self(self, a + 1, share * shares[a][static_cast<std::size_t>(l)]);
    }
  };
  each(each, 0, 1);
  for (unsigned set = 1; set < 1U << attributes; ++set) {
    std::map<std::vector<int>, std::vector<std::int32_t>> groups;
    for (std::size_t p = 0; p < keys.size(); ++p) {
      std::vector<int> of_set;
      for (std::size_t a = 0; a < keys[p].size(); ++a) {
        if ((set >> a & 1U) != 0) of_set.push_back(keys[p][a]);
      }
      groups[of_set].push_back(static_cast<std::int32_t>(p));
    }
    for (auto& [of_set, parts] : groups) table.rows.push_back(std::move(parts));
  }
  return table;
}

std::int64_t sum_of(const Table& table, std::size_t row, CellSet cells) {
  std::int64_t sum = 0;
  for (const std::int32_t p : table.rows[row]) {
    for (std::size_t c = 0; c < kPublishedCells; ++c) {
      if ((cells >> c & 1U) != 0) sum += table.parts[static_cast<std::size_t>(p)][c];
    }
  }
  return sum;
}

// The cells that occur in the table, with their opposites: that no label is unknown is no secret.
CellSet occurring(const Table& table) {
  constexpr CellSet kKnown =
      cells_of(Truth::Positive, Truth::Positive) | cells_of(Truth::Positive, Truth::Negative) |
      cells_of(Truth::Negative, Truth::Positive) | cells_of(Truth::Negative, Truth::Negative);
  constexpr CellSet kSets[] = {
      kKnown, cells_of(Truth::Unknown, Truth::Positive) | cells_of(Truth::Unknown, Truth::Negative),
      cells_of(Truth::Positive, Truth::Unknown) | cells_of(Truth::Negative, Truth::Unknown),
      cells_of(Truth::Unknown, Truth::Unknown)};
  CellSet result = 0;
  for (const CellSet set : kSets) {
    for (const PartCounts& part : table.parts) {
      for (std::size_t c = 0; c < kCells; ++c) {
        if ((set >> c & 1U) != 0 && part[c] > 0) result = static_cast<CellSet>(result | set);
      }
    }
  }
  return result;
}

// Who reads the publication.
class Attack {
 public:
  Attack(const Table& table, const std::vector<Withheld>& withheld) : table_(table) {
    lp_.reset(glp_create_prob());
    const auto columns = static_cast<int>(table.parts.size() * kPublishedCells);
    glp_add_cols(lp_.get(), columns);
    for (int j = 1; j <= columns; ++j) glp_set_col_bnds(lp_.get(), j, GLP_LO, 0, 0);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      for (const PublishedCount& count : published_by_group()) {
        if (!withheld[r].count(count.cells)) {
          add(r, count.cells, GLP_FX, static_cast<double>(sum_of(table, r, count.cells)));
        }
      }
      add(r, kAllCells | kUnknownWeight, GLP_LO, 1);  // it is listed
    }
  }

  // The least and the largest value of a count, in whole people.
  std::pair<double, double> range(std::size_t row, CellSet cells) {
    for (int j = 1; j <= glp_get_num_cols(lp_.get()); ++j) glp_set_obj_coef(lp_.get(), j, 0);
    each(row, cells, [&](int j) { glp_set_obj_coef(lp_.get(), j, 1); });
    double ends[2];
    for (const int i : {0, 1}) {
      glp_set_obj_dir(lp_.get(), i == 0 ? GLP_MIN : GLP_MAX);
      glp_smcp options;
      glp_init_smcp(&options);
      options.msg_lev = GLP_MSG_OFF;
      options.presolve = GLP_OFF;
      EXPECT_EQ(glp_simplex(lp_.get(), &options), 0);
      const int status = glp_get_status(lp_.get());
      EXPECT_TRUE(status == GLP_OPT || status == GLP_UNBND) << status;
      ends[i] = status == GLP_UNBND ? 1e18 : glp_get_obj_val(lp_.get());
    }
    constexpr double kRounding = 1e-6;
    return {std::ceil(ends[0] - kRounding), std::floor(ends[1] + kRounding)};
  }

 private:
  struct Free {
    void operator()(glp_prob* lp) const { glp_delete_prob(lp); }
  };
  template <class Visit>
  void each(std::size_t row, CellSet cells, Visit visit) const {
    for (const std::int32_t p : table_.rows[row]) {
      for (std::size_t c = 0; c < kPublishedCells; ++c) {
        if ((cells >> c & 1U) != 0)
          visit(static_cast<int>(kPublishedCells) * p + static_cast<int>(c) + 1);
      }
    }
  }
  void add(std::size_t row, CellSet cells, int kind, double value) {
    std::vector<int> index = {0};
    each(row, cells, [&](int j) { index.push_back(j); });
    const std::vector<double> ones(index.size(), 1);
    const int i = glp_add_rows(lp_.get(), 1);
    glp_set_row_bnds(lp_.get(), i, kind, value, value);
    glp_set_mat_row(lp_.get(), i, static_cast<int>(index.size()) - 1, index.data(), ones.data());
  }

  const Table& table_;
  std::unique_ptr<glp_prob, Free> lp_;
};

TEST(Disclosure, NothingWithheldFollowsFromWhatIsShown) {
  constexpr int kTables = 500;
  Monitor never;
  std::int64_t counts = 0;
  std::int64_t withheld_counts = 0;
  std::int64_t needed = 0;
  for (std::uint64_t seed = 1; seed <= kTables; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const Table table = random_table(random);
    if (table.parts.empty()) continue;
    const std::int64_t k = random.below(2) == 0 ? 5 : 10;
    const auto withheld = withhold(table.parts, table.rows, published_by_group(), k, kBytes, never);
    ASSERT_EQ(withheld.size(), table.rows.size());
    Attack attack(table, withheld);
    const CellSet occur = occurring(table);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      for (const PublishedCount& count : published_by_group()) {
        const std::int64_t value = sum_of(table, r, count.cells);
        ++counts;
        if (!withheld[r].count(count.cells)) {
          EXPECT_TRUE(value == 0 || value >= k) << "row " << r << ", cells " << count.cells;
          continue;
        }
        ++withheld_counts;
        if ((count.cells & occur) == 0) continue;
        needed += (value > 0 && value < k) || sum_of(table, r, kAllCells) < k ? 1 : 0;
        const auto [low, high] = attack.range(r, count.cells);
        EXPECT_GE(high - low, static_cast<double>(k))
            << "row " << r << ", cells " << count.cells << ": " << low << " to " << high;
        EXPECT_LE(low, static_cast<double>(value));
        EXPECT_GE(high, static_cast<double>(value));
      }
    }
  }
  std::printf("seeds 1 to %d: %.1f %% of counts withheld, %.1f %% are small themselves\n", kTables,
              100.0 * static_cast<double>(withheld_counts) / static_cast<double>(counts),
              100.0 * static_cast<double>(needed) / static_cast<double>(counts));
}

TEST(Disclosure, WithholdsNothingWithoutNeed) {
  Monitor never;
  Table table;
  for (int p = 0; p < 6; ++p) {
    PartCounts counts{};
    counts[cell(Truth::Positive, Truth::Positive)] = 30 + p;
    counts[cell(Truth::Positive, Truth::Negative)] = 20;
    counts[cell(Truth::Negative, Truth::Positive)] = 10 + 2 * p;
    counts[cell(Truth::Negative, Truth::Negative)] = 40;
    table.parts.push_back(counts);
    table.rows.push_back({p});
  }
  table.rows.push_back({0, 1, 2});
  table.rows.push_back({3, 4, 5});
  for (const Withheld& w :
       withhold(table.parts, table.rows, published_by_group(), 10, kBytes, never)) {
    EXPECT_FALSE(w.any());
  }
  for (const Withheld& w :
       withhold(table.parts, table.rows, published_by_group(), 0, kBytes, never)) {
    EXPECT_FALSE(w.any());
  }
  EXPECT_THROW((void)withhold(table.parts, table.rows, published_by_group(), 11, 16, never), Error);
  test::StopAfter stop(2);
  EXPECT_THROW((void)withhold(table.parts, table.rows, published_by_group(), 11, kBytes, stop),
               test::Cancelled);
}

// The groups of one confusion: a small number of selected people is not shown, nor what tells it.
TEST(Disclosure, OfOneTableLooksAtEachGroup) {
  Monitor never;
  Confusion confusion;
  const auto add = [&](const char* label, std::int64_t selected, std::int64_t rejected) {
    Cells cells{};
    cells.at(Truth::Unknown, Truth::Positive) = selected;
    cells.at(Truth::Unknown, Truth::Negative) = rejected;
    confusion.groups.push_back(group_of(label, cells));
  };
  add("a", 50, 70);
  add("b", 3, 90);
  add("c", 0, 80);
  add("d", 2, 1);
  add("e", 40, 33);
  const CellSet selected = cells_with_prediction(Truth::Positive);
  const auto w = withhold(confusion, published_by_group(), 5, never);
  EXPECT_FALSE(w[0].any());
  EXPECT_FALSE(w[1].row());
  EXPECT_TRUE(w[1].count(selected));
  EXPECT_TRUE(w[1].count(cells_with_prediction(Truth::Negative)));
  EXPECT_TRUE(w[1].rate(Rate::SelectionRate));
  EXPECT_FALSE(w[2].any());
  EXPECT_TRUE(w[3].row());
  EXPECT_TRUE(w[4].row());  // else d follows from the total
}

// --- the solver
// ------------------------------------------------------------------------------------

// Against GLPK, on random polyhedra of dependent rows, some without bound.
TEST(Polyhedron, FindsTheLargestValues) {
  Monitor never;
  int unbounded = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const Index n = 2 + random.below(12);
    const Index m = 1 + random.below(8);
    RowMatrix a = RowMatrix::Zero(m, n);
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j)
        a(i, j) = random.below(3) - (random.below(4) == 0 ? 1 : 0) > 0 ? 1 : 0;
      if (i > 0 && random.below(4) == 0) a.row(i) = a.row(0);
      if (random.below(4) == 0) a(i, random.below(static_cast<int>(n))) = -1;
    }
    Vector inside(n);
    for (Index j = 0; j < n; ++j) inside(j) = random.below(3) == 0 ? 0 : random.below(20);
    const Vector b = a * inside;
    Polyhedron polyhedron(a, inside, never);
    const std::unique_ptr<glp_prob, void (*)(glp_prob*)> lp(glp_create_prob(), glp_delete_prob);
    glp_add_cols(lp.get(), static_cast<int>(n));
    glp_add_rows(lp.get(), static_cast<int>(m));
    glp_set_obj_dir(lp.get(), GLP_MAX);
    for (Index j = 0; j < n; ++j) glp_set_col_bnds(lp.get(), static_cast<int>(j) + 1, GLP_LO, 0, 0);
    for (Index i = 0; i < m; ++i) {
      std::vector<int> index = {0};
      std::vector<double> value = {0};
      for (Index j = 0; j < n; ++j) {
        if (a(i, j) == 0) continue;
        index.push_back(static_cast<int>(j) + 1);
        value.push_back(a(i, j));
      }
      glp_set_row_bnds(lp.get(), static_cast<int>(i) + 1, GLP_FX, b(i), b(i));
      glp_set_mat_row(lp.get(), static_cast<int>(i) + 1, static_cast<int>(index.size()) - 1,
                      index.data(), value.data());
    }
    for (int round = 0; round < 4; ++round) {
      Vector c(n);
      for (Index j = 0; j < n; ++j) {
        c(j) = random.below(3) - 1;
        glp_set_obj_coef(lp.get(), static_cast<int>(j) + 1, c(j));
      }
      glp_smcp options;
      glp_init_smcp(&options);
      options.msg_lev = GLP_MSG_OFF;
      glp_simplex(lp.get(), &options);
      const double found = polyhedron.maximize(c, 1e300, never);
      const Vector& x = polyhedron.point();
      EXPECT_GE(x.minCoeff(), 0);
      EXPECT_LT((a * x - b).cwiseAbs().maxCoeff(), 1e-8);
      if (glp_get_status(lp.get()) == GLP_UNBND) {
        EXPECT_EQ(found, std::numeric_limits<double>::infinity());
        ++unbounded;
        continue;
      }
      EXPECT_NEAR(found, glp_get_obj_val(lp.get()), 1e-8);
      // The multipliers prove it.
      const Vector y = polyhedron.multipliers(c);
      EXPECT_LT((c - a.transpose() * y).maxCoeff(), 1e-8);
      EXPECT_NEAR(b.dot(y), found, 1e-8);
    }
  }
  EXPECT_GT(unbounded, 50);
}

}  // namespace
}  // namespace fairdb
