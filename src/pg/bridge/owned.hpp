// C++ objects that live as long as a memory context of the server: states of aggregates, and what a
// function keeps from row to row.
#pragma once

#include "pg/bridge/guard.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

// Moves an object to where it lives until the context is reset or deleted, and is then destroyed.
// The frame that works with it owns nothing, and may call the server directly.
template <class T>
T& keep_in(MemoryContext memory, T object) {
  auto owner = std::make_unique<T>(std::move(object));
  T* const place = owner.get();
  backend([&] {
    auto* const callback = static_cast<MemoryContextCallback*>(
        MemoryContextAllocZero(memory, sizeof(MemoryContextCallback)));
    callback->func = [](void* kept) { delete static_cast<T*>(kept); };
    callback->arg = place;
    MemoryContextRegisterResetCallback(memory, callback);
  });
  return *owner.release();
}

// The state of an aggregate in argument 0, or a new one that lives as long as the aggregate.
template <class State>
State& aggregate_state(FunctionCallInfo fcinfo) {
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) {
    MemoryContext memory = nullptr;
    AggCheckCallContext(fcinfo, &memory);
    return keep_in(memory, State{});
  }
  return *reinterpret_cast<State*>(PG_GETARG_POINTER(0));
}

// What a function keeps from row to row, in fn_extra: made at the first call, of the memory context
// in which it lives. The one use of fn_extra.
template <class Cache>
Cache& cache_of(FunctionCallInfo fcinfo) {
  if (fcinfo->flinfo->fn_extra == nullptr) {
    MemoryContext const memory = fcinfo->flinfo->fn_mcxt;
    fcinfo->flinfo->fn_extra = &keep_in(memory, Cache(memory));
  }
  return *static_cast<Cache*>(fcinfo->flinfo->fn_extra);
}

}  // namespace fairdb::pg
