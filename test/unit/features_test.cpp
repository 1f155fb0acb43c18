#include "core/features/encoding.hpp"

#include <cmath>

#include "core/features/target.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

const std::vector<FeatureColumn> kColumns = {{"x", FeatureKind::Number, {}, 1},
                                             {"c", FeatureKind::Category, {"a", "b"}, 1},
                                             {"v", FeatureKind::Array, {}, 2}};

// Rows as a table hands them out: x, v_1, v_2, the targets, and the codes of c and of one group.
struct Table {
  RowMatrix numbers;
  std::vector<std::int32_t> codes;
  RawRows rows() const { return {numbers, codes, 2, true}; }
};

Table table(Index targets) {
  Table t{RowMatrix(4, 3 + targets), {0, 0, 1, 1, -1, 0, 0, -1}};
  t.numbers.leftCols(3) << 1, 2, 3, 4, 5, 6, 7, 8, 9, kUnknown, 11, 12;
  for (Index k = 0; k < targets; ++k) t.numbers.col(3 + k) << 1, 0, 1, 0;
  return t;
}

TEST(Encoder, WritesNumbersIndicatorsAndArrays) {
  const Table t = table(1);
  const Vector means = Vector::Constant(5, 0.5);
  Encoder encoder(kColumns, means, 1, RowRoles(kColumns, OnNull::Impute, false, true, 0, 0));
  encoder.learn(0, std::vector<std::string_view>{"a", "b"});
  const RowBlock block = encoder.encode(t.rows());
  RowMatrix expected(4, 6);
  expected << 1, 1, 0, 2, 3, 1,  //
      4, 0, 1, 5, 6, 0,          //
      7, 0.5, 0.5, 8, 9, 1,      //
      0.5, 1, 0, 11, 12, 0;
  EXPECT_EQ(block.values, expected);
  EXPECT_EQ(block.group, (std::vector<std::int32_t>{0, 1, 0, -1}));
  EXPECT_EQ(encoder.skipped(), 0);
}

TEST(Encoder, SkipsRowsWithANull) {
  const Table t = table(1);
  Encoder encoder(kColumns, Vector(), 1, RowRoles(kColumns, OnNull::Skip, false, true, 0, 0));
  encoder.learn(0, std::vector<std::string_view>{"a", "b"});
  EXPECT_EQ(encoder.encode(t.rows()).rows(), 2);
  EXPECT_EQ(encoder.skipped(), 2);
}

TEST(Encoder, RefusesALevelThatNobodyHasSeenOrMarksIt) {
  const Table t = table(1);
  const auto encoder = [&](Encoder::Unseen unseen) {
    Encoder result(kColumns, Vector::Zero(5), 1,
                   RowRoles(kColumns, OnNull::Impute, false, true, 0, 0), unseen);
    result.learn(0, std::vector<std::string_view>{"a", "new"});
    return result;
  };
  EXPECT_THROW((void)encoder(Encoder::Unseen::Error).encode(t.rows()), Error);
  Encoder marking = encoder(Encoder::Unseen::Marked);
  const RowBlock block = marking.encode(t.rows());
  EXPECT_TRUE(marking.marked());
  EXPECT_TRUE(marking.marked(1));
  EXPECT_FALSE(marking.marked(0));
}

// Of several targets any may be unknown, but not all.
TEST(Encoder, KeepsRowsThatHaveATarget) {
  Table t = table(2);
  t.numbers(0, 3) = kUnknown;
  t.numbers(1, 4) = kUnknown;
  t.numbers(2, 3) = kUnknown;
  t.numbers(2, 4) = kUnknown;
  for (const OnNull on_null : {OnNull::Impute, OnNull::Skip}) {
    Encoder encoder(kColumns, Vector::Zero(5), 1,
                    RowRoles(kColumns, on_null, false, true, 0.5, 7, 2), Encoder::Unseen::Error,
                    true);
    encoder.learn(0, std::vector<std::string_view>{"a", "b"});
    const RowBlock block = encoder.encode(t.rows());
    ASSERT_EQ(block.targets, 2);
    ASSERT_EQ(block.features(), 5);
    ASSERT_EQ(block.rows(), on_null == OnNull::Impute ? 3 : 2);
    EXPECT_TRUE(std::isnan(block.y(0, 0)));
    EXPECT_EQ(block.y(0, 1), 1);
    EXPECT_EQ(block.y(1, 0), 0);
    EXPECT_TRUE(std::isnan(block.y(1, 1)));
    EXPECT_EQ(block.x().cols(), 5);
    EXPECT_EQ(block.digest.size(), static_cast<std::size_t>(block.rows()));
    const RowBlock part = select_rows(block, std::vector<Index>{1});
    EXPECT_EQ(part.targets, 2);
    EXPECT_TRUE(std::isnan(part.y(0, 1)));
  }
}

TEST(RowRoles, DependOnTheContentAndTheSeedAlone) {
  const Table t = table(1);
  int differences = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RowRoles roles(kColumns, OnNull::Impute, false, true, 0.5, seed);
    roles.learn(0, std::vector<std::string_view>{"a", "b"});
    // The same rows, with codes in the other order of first sight.
    Table other = t;
    other.codes = {1, 0, 0, 1, -1, 0, 1, -1};
    RowRoles again(kColumns, OnNull::Impute, false, true, 0.5, seed);
    again.learn(0, std::vector<std::string_view>{"b", "a"});
    for (Index i = 0; i < 4; ++i) {
      EXPECT_EQ(roles.digest(t.rows(), i), again.digest(other.rows(), i));
      EXPECT_EQ(roles.of(t.rows(), i), again.of(other.rows(), i));
      differences += roles.of(t.rows(), i) != RowRoles(roles).of(t.rows(), 0) ? 1 : 0;
    }
  }
  EXPECT_GT(differences, 0);
}

TEST(RowRoles, HoldOutTheirShare) {
  const RowRoles roles(kColumns, OnNull::Error, false, true, 0.2, 1);
  Random random(5);
  int held_out = 0;
  for (int i = 0; i < 10000; ++i) held_out += roles.held_out(random.next()) ? 1 : 0;
  EXPECT_NEAR(held_out, 2000, 200);
}

// Nothing is learnt from rows that do not train.
TEST(Survey, LearnsFromRowsThatTrainOnly) {
  const Table t = table(1);
  const RowRoles roles(kColumns, OnNull::Impute, false, true, 0.5, 3);
  Survey survey(kColumns, roles, true);
  survey.learn(0, std::vector<std::string_view>{"a", "b"});
  survey.add(t.rows());
  RowRoles known = roles;
  known.learn(0, std::vector<std::string_view>{"a", "b"});
  double sum = 0;
  double count = 0;
  std::int64_t targets = 0;
  for (Index i = 0; i < 4; ++i) {
    if (known.of(t.rows(), i) != RowRoles::Role::Trains) continue;
    ++targets;
    if (std::isnan(t.numbers(i, 0))) continue;
    sum += t.numbers(i, 0);
    count += 1;
  }
  ASSERT_GT(count, 0);
  ASSERT_LT(targets, 4);
  std::vector<FeatureColumn> columns = {
      kColumns[0], {"c", FeatureKind::Category, {}, 1}, kColumns[2]};
  const std::vector<std::vector<std::string_view>> labels = {{"a", "b"}};
  const Vector means = survey.finish(labels, columns);
  EXPECT_NEAR(means(0), sum / count, 1e-12);
  EXPECT_EQ(survey.targets(), targets);
}

TEST(FeatureColumn, FindsItsLevelsAndNamesItsParts) {
  EXPECT_EQ(kColumns[1].find("b"), 1);
  EXPECT_EQ(kColumns[1].find("c"), -1);
  EXPECT_EQ(total_width(kColumns), 5);
  EXPECT_EQ(categories_of(kColumns), 1);
  EXPECT_EQ(numbers_of(kColumns), 3);
  const std::vector<FeatureColumn> wide = {{"v", FeatureKind::Array, {}, kMaxFeatures + 1}};
  EXPECT_THROW((void)total_width(wide), Error);
}

TEST(BinaryTarget, TakesZeroOneOrMinusOneOne) {
  const auto converted = [](std::vector<double> values) {
    Vector y = Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
    BinaryTarget().convert(y);
    return y;
  };
  EXPECT_EQ(converted({0, 1, 1}), (Vector(3) << -1, 1, 1).finished());
  EXPECT_EQ(converted({-1, 1}), (Vector(2) << -1, 1).finished());
  EXPECT_THROW((void)converted({0, -1}), Error);
  EXPECT_THROW((void)converted({0.5}), Error);
  EXPECT_TRUE(std::isnan(converted({kUnknown})(0)));
}

TEST(QuantileEdges, AreAsPercentileDisc) {
  using Values = std::vector<std::pair<double, double>>;
  EXPECT_EQ(quantile_edges(Values{{4, 1}, {1, 1}, {3, 1}, {2, 1}}, 2), (std::vector<double>{2}));
  EXPECT_EQ(quantile_edges(Values{{5, 1}, {1, 1}, {4, 1}, {2, 1}, {3, 1}}, 4),
            (std::vector<double>{2, 3, 4}));
  EXPECT_EQ(quantile_edges(Values{{1, 1}, {1, 1}, {1, 1}, {9, 1}}, 4), (std::vector<double>{1}));
  EXPECT_TRUE(quantile_edges(Values{}, 4).empty());
  // A row of weight 2 counts as two, one of weight 0 as none.
  EXPECT_EQ(quantile_edges(Values{{1, 2}, {2, 1}, {3, 1}, {7, 0}}, 2),
            quantile_edges(Values{{1, 1}, {1, 1}, {2, 1}, {3, 1}}, 2));
}

}  // namespace
}  // namespace fairdb
