// C++ objects that live as long as a memory context of the server.
#pragma once

#include "pg/bridge/guard.hpp"

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

}  // namespace fairdb::pg
