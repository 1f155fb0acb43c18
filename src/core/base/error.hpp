// The one exception type of the core. The bridge maps its kind to an SQLSTATE.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace fairdb {

enum class ErrorKind : std::uint8_t {
  InvalidArgument,  // an argument is outside its range
  InvalidData,      // the rows do not allow what was asked
  OutOfRange,       // a number does not fit its type
  UnknownGroup,     // a group or level that the value does not know
  UnknownColumn,    // a column that the source or the row does not have
  WrongType,        // a column or argument of a type that does not serve
  TooLarge,         // a limit or the memory budget would be passed
  Changed,          // what is read is no longer what it was when reading began
  CorruptValue,     // bytes that are not a value of ours
  InvalidText,      // a text that is not one
  NotConverged,     // a solver stopped without a usable answer
  Internal,         // a broken invariant: a defect of fairdb
};

// Where in the source an error arose: of the line that names it as a default argument.
struct SourcePlace {
  const char* file;
  int line;
};

// message: one sentence that names the argument, column or group at fault and the numbers.
// detail: facts for the log (may be empty). hint: what the user can do (may be empty).
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind,
        const std::string& message,
        std::string hint = {},
        std::string detail = {},
        SourcePlace place = {__builtin_FILE(), __builtin_LINE()})
      : std::runtime_error(message),
        kind_(kind),
        hint_(std::move(hint)),
        detail_(std::move(detail)),
        place_(place) {}

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& hint() const noexcept { return hint_; }
  const std::string& detail() const noexcept { return detail_; }
  const SourcePlace& place() const noexcept { return place_; }

 private:
  ErrorKind kind_;
  std::string hint_;
  std::string detail_;
  SourcePlace place_;
};

// A broken invariant becomes an error of one statement, never an abort: an abort would take every
// session of the server down.
#define FAIRDB_ASSERT(condition)                                                                \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      throw ::fairdb::Error(::fairdb::ErrorKind::Internal, "broken invariant: " #condition, {}, \
                            std::string(__FILE__ ":") + std::to_string(__LINE__));              \
    }                                                                                           \
  } while (false)

}  // namespace fairdb
