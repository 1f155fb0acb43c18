#include "core/base/bytes.hpp"
#include "core/base/report.hpp"
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

TEST(Report, NamesEveryOutcome) {
  EXPECT_EQ(name(Outcome::Converged), "converged");
  EXPECT_EQ(name(Outcome::NotRun), "not run");
}

}  // namespace
}  // namespace fairdb
