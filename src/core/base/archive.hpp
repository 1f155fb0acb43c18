// Writing and reading the fields of a value by one list of them, so that both cannot disagree: a
// function template takes an archive and the value, and is run once with a WritingArchive and once
// with a ReadingArchive, which checks all that it reads.
//
//   template <class Archive, class Fit>      // Fit is const when it is written
//   void fields(Archive& archive, Fit& fit) {
//     archive.vector(fit.weights);
//     if (archive.version >= 2) archive.number(fit.intercept);
//   }
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/names.hpp"
#include "core/base/report.hpp"

namespace fairdb {

// What was computed is no number.
[[noreturn]] inline void raise_beyond_double() {
  throw Error(ErrorKind::NotConverged, "the result exceeds the range of double precision",
              "Features, a target or scores of moderate size, or a smaller c, avoid it.");
}

// Errors: NotConverged, for a number that is none.
class WritingArchive {
 public:
  static constexpr bool kReads = false;

  WritingArchive(ByteWriter& to, std::uint8_t of_version) : version(of_version), bytes_(to) {}

  void number(double value) { bytes_.f64(representable(value)); }
  void unknown_or_number(double value) {
    bytes_.f64(std::isnan(value) ? value : representable(value));
  }
  void optional_number(const std::optional<double>& value) {
    flag(value.has_value());
    number(value.value_or(0));
  }
  template <class Count>
  void count(Count value) {
    bytes_.i64(static_cast<std::int64_t>(value));
  }
  void integer(std::int64_t value) { bytes_.i64(value); }
  void bits(std::uint64_t value) { bytes_.i64(static_cast<std::int64_t>(value)); }
  void text(const std::string& value) { bytes_.text(value); }
  void vector(const Vector& value) {
    if (!value.allFinite()) raise_beyond_double();
    bytes_.vector(value);
  }
  void flag(bool value) { bytes_.u8(value ? 1 : 0); }
  template <NamedEnum Enum>
  void choice(Enum value) {
    bytes_.u8(static_cast<std::uint8_t>(value));
  }
  template <class Item, class Body>
  void list(const std::vector<Item>& items, std::size_t /*bytes_each*/, Body body) {
    bytes_.u32(static_cast<std::uint32_t>(items.size()));
    for (const Item& item : items) body(item);
  }

  const std::uint8_t version;

 private:
  // What a reader would refuse is not written.
  static double representable(double value) {
    if (!std::isfinite(value)) raise_beyond_double();
    return value;
  }

  ByteWriter& bytes_;
};

// Errors: CorruptValue, of every call.
class ReadingArchive {
 public:
  static constexpr bool kReads = true;

  ReadingArchive(ByteReader& from, std::uint8_t of_version) : version(of_version), bytes_(from) {}

  void number(double& value) { value = bytes_.finite(); }
  void unknown_or_number(double& value) {
    value = bytes_.f64();
    if (std::isinf(value)) corrupt("a number is infinite");
  }
  void optional_number(std::optional<double>& value) {
    bool known = false;
    flag(known);
    double held = 0;
    number(held);
    value = known ? std::optional(held) : std::nullopt;
  }
  // A whole number >= 0 that the type holds.
  template <class Count>
  void count(Count& value) {
    const std::int64_t wide = bytes_.i64();
    if (wide < 0) corrupt("a count is negative");
    value = static_cast<Count>(wide);
    if (static_cast<std::int64_t>(value) != wide) corrupt("a count is too large");
  }
  void integer(std::int64_t& value) { value = bytes_.i64(); }
  void bits(std::uint64_t& value) { value = static_cast<std::uint64_t>(bytes_.i64()); }
  void text(std::string& value) { value = bytes_.text(); }
  void vector(Vector& value) { value = bytes_.finite_vector(); }
  void flag(bool& value) {
    const std::uint8_t byte = bytes_.u8();
    if (byte > 1) corrupt("a flag is damaged");
    value = byte == 1;
  }
  template <NamedEnum Enum>
  void choice(Enum& value) {
    const std::uint8_t byte = bytes_.u8();
    if (byte > static_cast<std::uint8_t>(last_of<Enum>())) corrupt("an option is unknown");
    value = static_cast<Enum>(byte);
  }
  // bytes_each: what an item takes at least, so that no forged count makes room for more.
  template <class Item, class Body>
  void list(std::vector<Item>& items, std::size_t bytes_each, Body body) {
    items.resize(bytes_.count(bytes_each));
    for (Item& item : items) body(item);
  }

  const std::uint8_t version;

 private:
  ByteReader& bytes_;
};

// The fields of a solver's report.
template <class Archive, class ReportType>
void report_fields(Archive& archive, ReportType& report) {
  archive.choice(report.outcome);
  archive.count(report.iterations);
  archive.count(report.evaluations);
  archive.unknown_or_number(report.objective);
  archive.unknown_or_number(report.gradient_norm);
  archive.unknown_or_number(report.violation);
  archive.list(report.trace, 24, [&](auto& point) {
    archive.count(point.iteration);
    archive.unknown_or_number(point.objective);
    archive.unknown_or_number(point.residual);
  });
}

}  // namespace fairdb
