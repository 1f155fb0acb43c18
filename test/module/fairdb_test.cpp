// Functions that misbehave on purpose, to show what the bridge makes of it. Only for tests.
#include <stdexcept>

#include "core/base/error.hpp"

#include "pg/bridge/guard.hpp"
#include "pg/bridge/monitor.hpp"

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "fairdb_test", .version = FAIRDB_VERSION);
#else
PG_MODULE_MAGIC;
#endif
}

namespace fairdb::pg {
namespace {

// Counts the objects that are alive, and holds enough memory for a leak to show.
class Live {
 public:
  Live() : memory_(1 << 17) { ++count; }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  ~Live() { --count; }
  static int count;

 private:
  std::vector<double> memory_;
};
int Live::count = 0;

}  // namespace

FAIRDB_FUNCTION(test_live_objects) {
  PG_RETURN_INT32(Live::count);
}

// An error of the server, raised under a live C++ object.
FAIRDB_FUNCTION(test_backend_error) {
  const Live live;
  backend([] {
    ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_HANDLE), errmsg("raised by the server"),
                    errdetail("its detail"), errhint("its hint")));
  });
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(test_bad_alloc) {
  const Live live;
  throw std::bad_alloc();
}

FAIRDB_FUNCTION(test_typed_error) {
  const Live live;
  throw Error(ErrorKind::OutOfRange, "a message", "a hint", "a detail");
}

FAIRDB_FUNCTION(test_standard_error) {
  const Live live;
  throw std::runtime_error("a standard exception");
}

FAIRDB_FUNCTION(test_unknown_exception) {
  const Live live;
  throw 42;
}

FAIRDB_FUNCTION(test_assertion) {
  const Live live;
  FAIRDB_ASSERT(Live::count == 0);
  PG_RETURN_NULL();
}

// Long texts are cut, between characters.
FAIRDB_FUNCTION(test_long_message) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\xC3\xBC";
  throw Error(ErrorKind::InvalidData, "x" + text, text, text);
}

// Polls for ever: only a cancel ends it.
FAIRDB_FUNCTION(test_poll) {
  const Live live;
  BackendMonitor monitor;
  while (true) monitor.poll();
  PG_RETURN_NULL();
}

// A C++ exception that crosses a backend() call leaves the server's error handling in order.
FAIRDB_FUNCTION(test_exception_through_backend) {
  const Live live;
  try {
    backend([] { throw std::runtime_error("through"); });
  } catch (const std::runtime_error&) {
  }
  backend([] { ereport(ERROR, (errcode(ERRCODE_FDW_ERROR), errmsg("after it"))); });
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
