#include "pg/bridge/guard.hpp"

#include "core/base/error.hpp"

namespace fairdb::pg {
namespace {

int sqlstate(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::InvalidArgument:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::InvalidData:
      return ERRCODE_DATA_EXCEPTION;
    case ErrorKind::OutOfRange:
      return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case ErrorKind::UnknownGroup:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::UnknownColumn:
      return ERRCODE_UNDEFINED_COLUMN;
    case ErrorKind::WrongType:
      return ERRCODE_DATATYPE_MISMATCH;
    case ErrorKind::TooLarge:
      return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case ErrorKind::Changed:
      return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    case ErrorKind::CorruptValue:
      return ERRCODE_INVALID_BINARY_REPRESENTATION;
    case ErrorKind::InvalidText:
      return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case ErrorKind::NotConverged:
      return ERRCODE_DATA_EXCEPTION;
    case ErrorKind::Internal:
      return ERRCODE_INTERNAL_ERROR;
  }
  return ERRCODE_INTERNAL_ERROR;
}

// Copies as much as fits, never cutting a character of several bytes in two.
template <std::size_t Size>
void copy(char (&into)[Size], std::string_view text) noexcept {
  std::size_t length = std::min(text.size(), Size - 1);
  if (length < text.size()) {
    length = static_cast<std::size_t>(
        pg_mbcliplen(text.data(), static_cast<int>(text.size()), static_cast<int>(length)));
  }
  std::memcpy(into, text.data(), length);
  into[length] = '\0';
}

}  // namespace

namespace detail {

struct Failure {
  ErrorData* backend;
  int code;
  char message[1024];
  char detail[1024];
  char hint[2048];
  SourcePlace place;
};

// One place suffices: between capture() and raise() of a session nothing else fails.
Failure* capture() noexcept {
  static Failure failure;
  failure.backend = nullptr;
  failure.code = ERRCODE_INTERNAL_ERROR;
  copy(failure.message, "unknown exception");
  copy(failure.detail, "");
  copy(failure.hint, "");
  failure.place = {__FILE__, __LINE__};
  try {
    throw;
  } catch (const BackendError& error) {
    failure.backend = error.data();
  } catch (const Error& error) {
    failure.code = sqlstate(error.kind());
    copy(failure.message, error.what());
    copy(failure.detail, error.detail());
    copy(failure.hint, error.hint());
    failure.place = error.place();
  } catch (const std::bad_alloc&) {
    failure.code = ERRCODE_OUT_OF_MEMORY;
    copy(failure.message, "out of memory");
  } catch (const std::exception& error) {
    copy(failure.message, error.what());
  } catch (...) {
    return &failure;
  }
  return &failure;
}

void raise(const Failure* failure, MemoryContext memory) {
  MemoryContextSwitchTo(memory);
  if (failure->backend != nullptr) ReThrowError(failure->backend);
  // As ereport() does, but of the line where the error arose: \set VERBOSITY verbose shows it.
  if (errstart(ERROR, TEXTDOMAIN)) {
    errcode(failure->code);
    errmsg("%s", failure->message);
    if (failure->detail[0] != '\0') errdetail("%s", failure->detail);
    if (failure->hint[0] != '\0') errhint("%s", failure->hint);
    errfinish(failure->place.file, failure->place.line, "fairdb");
  }
  pg_unreachable();
}

void throw_backend_error(MemoryContext memory) {
  MemoryContextSwitchTo(memory);
  ErrorData* const data = CopyErrorData();
  FlushErrorState();
  throw BackendError(data);
}

}  // namespace detail
}  // namespace fairdb::pg
