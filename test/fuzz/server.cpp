// Fuzzing within a backend: the text and binary forms of a type go through the server's own
// parsers. Built into an instrumented library of fairdb, never into the one that is installed.
#include <cmath>

#include "core/base/error.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/value.hpp"

extern "C" {
#include <access/xact.h>
#include <utils/resowner.h>

// Of libFuzzer. It ends the process when it is done.
int LLVMFuzzerRunDriver(int* argc,
                        char*** argv,
                        int (*one)(const std::uint8_t* data, std::size_t size));
}

namespace fairdb::pg {
namespace {

// What is fuzzed, for the callback that takes no argument of ours.
struct Subject {
  Oid type;
  bool binary;
  Oid input, output, parameter;
  Oid use;  // a function of a value, or InvalidOid
  MemoryContext memory;
};
Subject subject;

// Runs f in a subtransaction. Returns the SQLSTATE of its error, 0 for none. The core's errors have
// become the server's at the doors.
template <class F>
int attempted(F f) {
  MemoryContext const memory = CurrentMemoryContext;
  ResourceOwner const owner = CurrentResourceOwner;
  int code = 0;
  backend([] { BeginInternalSubTransaction(nullptr); });
  MemoryContextSwitchTo(memory);
  try {
    backend(f);
    backend([] { ReleaseCurrentSubTransaction(); });
  } catch (const BackendError& error) {
    code = error.data()->sqlerrcode;
    if (ERRCODE_TO_CATEGORY(code) == ERRCODE_INTERNAL_ERROR) {
      std::fprintf(stderr, "internal error: %s\n", error.data()->message);
      std::abort();
    }
    backend([] { RollbackAndReleaseCurrentSubTransaction(); });
  }
  MemoryContextSwitchTo(memory);
  CurrentResourceOwner = owner;
  return code;
}

Datum read(const char* bytes, std::size_t size) {
  if (!subject.binary) {
    return OidInputFunctionCall(subject.input, pnstrdup(bytes, size), subject.parameter, -1);
  }
  StringInfoData in;
  initStringInfo(&in);
  appendBinaryStringInfo(&in, bytes, static_cast<int>(size));
  return OidReceiveFunctionCall(subject.input, &in, subject.parameter, -1);
}

std::string_view written(Datum value) {
  if (!subject.binary) return OidOutputFunctionCall(subject.output, value);
  const bytea* const sent = OidSendFunctionCall(subject.output, value);
  return {VARDATA_ANY(sent), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(sent))};
}

// Calls a strict function of a value, whose result may be NULL.
void use(Datum value) {
  FmgrInfo function;
  fmgr_info(subject.use, &function);
  LOCAL_FCINFO(fcinfo, 1);
  InitFunctionCallInfoData(*fcinfo, &function, 1, InvalidOid, nullptr, nullptr);
  fcinfo->args[0] = {value, false};
  FunctionCallInvoke(fcinfo);
}

int one(const std::uint8_t* data, std::size_t size) {
  const auto* const bytes = reinterpret_cast<const char*>(data);
  // The server hands a type no text of another encoding.
  if (!subject.binary && !pg_verifymbstr(bytes, static_cast<int>(size), true)) return -1;
  MemoryContextReset(subject.memory);
  MemoryContext const outer = MemoryContextSwitchTo(subject.memory);
  std::string_view first;
  const int code = attempted([&] {
    const Datum value = read(bytes, size);
    first = written(value);
    if (OidIsValid(subject.use)) use(value);
  });
  if (code == 0) {
    std::string_view second;
    const int again = attempted([&] { second = written(read(first.data(), first.size())); });
    if (again != 0 || first != second) {
      std::fprintf(stderr, "a value that was written reads otherwise (%s)\n",
                   unpack_sql_state(again));
      std::abort();
    }
  }
  MemoryContextSwitchTo(outer);
  return 0;
}

}  // namespace

// (type regtype, binary bool, use regprocedure, options text[])
FAIRDB_FUNCTION(fuzz_input) {
  subject.type = PG_GETARG_OID(0);
  subject.binary = PG_GETARG_BOOL(1);
  subject.use = PG_ARGISNULL(2) ? InvalidOid : PG_GETARG_OID(2);
  backend([&] {
    bool is_varlena = false;
    if (subject.binary) {
      getTypeBinaryInputInfo(subject.type, &subject.input, &subject.parameter);
      getTypeBinaryOutputInfo(subject.type, &subject.output, &is_varlena);
    } else {
      getTypeInputInfo(subject.type, &subject.input, &subject.parameter);
      getTypeOutputInfo(subject.type, &subject.output, &is_varlena);
    }
    subject.memory = AllocSetContextCreate(TopMemoryContext, "fuzz", ALLOCSET_DEFAULT_SIZES);
  });
  // Its timer would be the server's, its memory is the server's affair.
  std::vector<std::string> options = {"fuzz", "-timeout=0", "-rss_limit_mb=0", "-handle_int=0",
                                      "-handle_term=0"};
  for (const std::string& option : Arguments(fcinfo).names("options")) options.push_back(option);
  std::vector<char*> arguments;
  for (std::string& option : options) arguments.push_back(option.data());
  int count = static_cast<int>(arguments.size());
  char** list = arguments.data();
  LLVMFuzzerRunDriver(&count, &list, one);
  PG_RETURN_VOID();
}

// The bytes of a value as they are stored, for seeds.
FAIRDB_FUNCTION(fuzz_bytes) {
  const auto bytes = backend([&] { return value_bytes(PG_GETARG_DATUM(0)); });
  std::byte* const result = new_value(VARHDRSZ + bytes.size(), "bytes");
  std::memcpy(result + VARHDRSZ, bytes.data(), bytes.size());
  PG_RETURN_DATUM(PointerGetDatum(result));
}

}  // namespace fairdb::pg
