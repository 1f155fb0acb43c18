// The border between C++ and the server, in both directions.
//
// Server -> C++: FAIRDB_FUNCTION defines an SQL function whose body may throw. What it throws
// becomes an error of the statement, raised after the last C++ object is gone.
//
// C++ -> server: backend(f) runs f, which may call anything of the server, and turns the server's
// error into a C++ exception that carries it unchanged to the border. Nothing with a destructor may
// live inside f, and backend() is called per batch, never per row.
//
// A body that owns no C++ object (a "plain" body: transition functions and the like) may call the
// server directly.
#pragma once

#include "pg/bridge/postgres.hpp"

namespace fairdb::pg {

// An error of the server on its way through C++ frames.
class BackendError {
 public:
  explicit BackendError(ErrorData* data) noexcept : data_(data) {}
  ErrorData* data() const noexcept { return data_; }

 private:
  ErrorData* data_;
};

namespace detail {

// What is left of an exception when its handler has ended: plain data only.
struct Failure;
// Called inside a handler: copies the exception in flight.
Failure* capture() noexcept;
// Called after the last handler: raises the server's error, in the memory context of the entry.
[[noreturn]] void raise(const Failure* failure, MemoryContext memory);

}  // namespace detail

// Nothing of an exception is alive when the server's error leaves this frame.
template <class Body>
inline Datum guarded(Body body, FunctionCallInfo fcinfo) {
  MemoryContext const memory = CurrentMemoryContext;
  detail::Failure* failure = nullptr;
  try {
    return body(fcinfo);
  } catch (...) {
    failure = detail::capture();
  }
  detail::raise(failure, memory);
}

#define FAIRDB_FUNCTION(name)                                \
  static Datum name##_body(FunctionCallInfo fcinfo);         \
  extern "C" {                                               \
  PG_FUNCTION_INFO_V1(fairdb_##name);                        \
  PGDLLEXPORT Datum fairdb_##name(FunctionCallInfo fcinfo) { \
    return ::fairdb::pg::guarded(name##_body, fcinfo);       \
  }                                                          \
  }                                                          \
  static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)

namespace detail {

// Restores what sigsetjmp does not, also when a C++ exception passes.
class ErrorState {
 public:
  ErrorState() noexcept
      : exception_stack_(PG_exception_stack),
        context_stack_(error_context_stack),
        memory_(CurrentMemoryContext) {}
  ErrorState(const ErrorState&) = delete;
  ErrorState& operator=(const ErrorState&) = delete;
  ~ErrorState() { restore(); }
  void restore() const noexcept {
    PG_exception_stack = exception_stack_;
    error_context_stack = context_stack_;
  }
  MemoryContext memory() const noexcept { return memory_; }

 private:
  sigjmp_buf* exception_stack_;
  ErrorContextCallback* context_stack_;
  MemoryContext memory_;
};

[[noreturn]] void throw_backend_error(MemoryContext memory);

}  // namespace detail

// Runs f(). The memory context is the same afterwards unless f changed it on purpose.
// Errors: BackendError. After it the transaction can only be aborted: let it pass.
template <class F>
__attribute__((noinline)) auto backend(F f) -> decltype(f()) {
  static_assert(std::is_trivially_destructible_v<F>, "capture by reference only");
  using Result = decltype(f());
  static_assert(std::is_void_v<Result> || std::is_trivially_copyable_v<Result>);
  const detail::ErrorState state;
  sigjmp_buf jump;
  if (sigsetjmp(jump, 0) == 0) {
    PG_exception_stack = &jump;
    return f();
  }
  state.restore();  // an error while copying the error must not come back here
  detail::throw_backend_error(state.memory());
}

}  // namespace fairdb::pg
