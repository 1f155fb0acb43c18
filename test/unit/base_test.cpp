#include "core/base/bytes.hpp"

#include <set>

#include "core/base/group_table.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_writer.hpp"
#include "core/base/number_text.hpp"
#include "core/base/report.hpp"
#include "core/base/row_label.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

TEST(Bytes, ComeBackAsWritten) {
  ByteWriter writer;
  writer.u8(7);
  writer.u32(1U << 31);
  writer.i64(-5);
  writer.f64(-0.1);
  writer.text("\xC3\xBC {}");
  writer.vector(Vector::LinSpaced(3, 1, 3));
  ByteReader reader(writer.bytes());
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u32(), 1U << 31);
  EXPECT_EQ(reader.i64(), -5);
  EXPECT_EQ(reader.f64(), -0.1);
  EXPECT_EQ(reader.text(), "\xC3\xBC {}");
  EXPECT_EQ(reader.finite_vector(), Vector(Vector::LinSpaced(3, 1, 3)));
  EXPECT_TRUE(reader.at_end());
  EXPECT_THROW(reader.u8(), Error);
}

TEST(Bytes, AreLittleEndian) {
  ByteWriter writer;
  writer.u32(0x01020304);
  EXPECT_EQ(writer.bytes()[0], std::byte{4});
  EXPECT_EQ(writer.bytes()[3], std::byte{1});
}

TEST(Bytes, NeverAllocateMoreThanTheyHold) {
  ByteWriter writer;
  writer.u32(0xFFFFFFFF);
  EXPECT_THROW(ByteReader(writer.bytes()).finite_vector(), Error);
  EXPECT_THROW(ByteReader(writer.bytes()).text(), Error);
  EXPECT_THROW(ByteReader(writer.bytes()).count(1), Error);
}

TEST(Digest, DependsOnEveryByteAndTheLength) {
  const std::string text = "the quick brown fox";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_NE(digest(changed), digest(text));
    EXPECT_NE(digest(text.substr(0, i)), digest(text));
  }
  EXPECT_NE(digest(std::string(7, '\0')), digest(std::string(8, '\0')));
}

// For ever: they decide which rows are held out and how ties are spread.
TEST(Digest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(digest(std::string_view("")), 7175312947680778460ULL);
  EXPECT_EQ(digest(std::string_view("fairdb")), 5747026338501978747ULL);
  EXPECT_EQ(seeded(1, 2), 15970526171783594783ULL);
  ContentDigest content;
  content.add(-0.0);
  ContentDigest positive;
  positive.add(0.0);
  EXPECT_EQ(content.value(), positive.value());
}

TEST(Random, IsTheSameOnEveryMachineAndUniform) {
  Random random(1);
  EXPECT_EQ(random.next(), 16572613472718614229ULL);
  double sum = 0;
  double squares = 0;
  std::set<int> seen;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    sum += u;
    const double z = random.normal();
    squares += z * z;
    seen.insert(random.below(7));
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3, 4, 5, 6}));
}

enum class Colour : std::uint8_t { Red, Green };

}  // namespace

template <>
struct NameTable<Colour> {
  static constexpr std::string_view kWhat = "colour";
  static constexpr std::pair<Colour, std::string_view> kNames[] = {{Colour::Green, "green"},
                                                                   {Colour::Red, "red"}};
};

namespace {

TEST(Names, AreReadAndWrittenByOneTable) {
  EXPECT_EQ(name(Colour::Red), "red");
  EXPECT_EQ(named<Colour>("green"), Colour::Green);
  EXPECT_EQ(last_of<Colour>(), Colour::Green);
  try {
    (void)named<Colour>("blue");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::InvalidArgument);
    EXPECT_STREQ(error.what(), "colour is \"blue\", expected one of \"green\", \"red\"");
    EXPECT_EQ(error.place().line, __LINE__ - 5);
  }
}

TEST(ParseNumber, TakesAWholeTextOrNone) {
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number(" -2e3"), -2000);
  EXPECT_EQ(parse_number("0x1p-1"), 0.5);
  EXPECT_EQ(parse_number("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(parse_number("nan").value()));
  for (const char* text : {"", " ", "1 ", "1,5", "1.5x", "--1", "e3", "one"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_number(std::string("1\0", 2)), std::nullopt);
}

TEST(JsonWriter, WritesWhatAParserReads) {
  JsonWriter json;
  json.open('{').key("a\"\\\n").text("\x01").key("n").number(0.1).key("u").number(std::nullopt);
  json.key("i").integer(-3).key("l").texts({"x", "y"}).key("b").boolean(true);
  json.key("o").open('[').open('{').close('}').open('{').close('}').close(']').close('}');
  EXPECT_EQ(json.json(),
            "{\"a\\\"\\\\\\u000a\": \"\\u0001\", \"n\": 0.1, \"u\": null, \"i\": -3, "
            "\"l\": [\"x\", \"y\"], \"b\": true, \"o\": [{}, {}]}");
}

TEST(JsonWriter, WritesTheShortestNumber) {
  const std::pair<double, const char*> cases[] = {{0.1, "0.1"},
                                                  {1.0 / 3, "0.3333333333333333"},
                                                  {1e300, "1e+300"},
                                                  {5e-324, "5e-324"},
                                                  {0.9027611044417767, "0.9027611044417767"},
                                                  {2.0 / 3 * 1e-310, "6.666666666667e-311"},
                                                  {-2.0, "-2"},
                                                  {0.0, "0"}};
  for (const auto& [number, text] : cases) {
    JsonWriter json;
    json.number(number);
    EXPECT_EQ(json.json(), text);
    EXPECT_EQ(std::strtod(text, nullptr), number);
  }
  JsonWriter json;
  json.number(std::numeric_limits<double>::infinity());
  EXPECT_EQ(json.json(), "null");
}

using Texts = std::vector<std::optional<std::string_view>>;

TEST(RowLabel, QuotesFieldsAsTheServerDoes) {
  EXPECT_EQ(label_of_row(Texts{"f", "black"}), "(f,black)");
  EXPECT_EQ(label_of_row(Texts{"f", "", "a b", "a\"b", "a\\b", "(", "a,b", "\xC3\xBC"}),
            "(f,\"\",\"a b\",\"a\"\"b\",\"a\\\\b\",\"(\",\"a,b\",\xC3\xBC)");
  EXPECT_EQ(label_of_row(Texts{"a b"}), "a b");  // of one text itself
}

TEST(RowLabel, IsUnknownWhereAnyFieldIs) {
  EXPECT_EQ(label_of_row(Texts{"f", std::nullopt}), std::nullopt);
  EXPECT_EQ(label_of_row(Texts{std::nullopt}), std::nullopt);
}

TEST(RowLabel, IsReadAsItWasWritten) {
  const Texts texts = {"f", "", "a \"b\", c", "\\", "{}"};
  const auto label = label_of_row(texts);
  ASSERT_TRUE(label);
  const std::vector<std::string_view> fields = fields_of(*label);
  ASSERT_EQ(fields.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(unquoted(fields[i]), *texts[i]);
  EXPECT_EQ(label_of_fields(fields), *label);
}

TEST(RowLabel, HasALimit) {
  const std::string half(kMaxLabelBytes / 2, 'x');
  EXPECT_THROW((void)label_of_row(Texts{half, half}), Error);
  EXPECT_NO_THROW((void)label_of_row(Texts{half, "y"}));
}

TEST(Report, NamesEveryOutcome) {
  EXPECT_EQ(name(Outcome::Converged), "converged");
  EXPECT_EQ(name(Outcome::NotRun), "not run");
}

}  // namespace
}  // namespace fairdb
