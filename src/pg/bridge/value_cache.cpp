#include "pg/bridge/value_cache.hpp"

#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

class SessionCache {
 public:
  std::shared_ptr<Decoded> find(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  void keep(const std::string& key, std::shared_ptr<Decoded> value) {
    const std::size_t bytes = value->bytes() + key.size() + sizeof(Entry);
    const std::size_t budget = cache_bytes();
    if (bytes <= budget) {
      shrink_to(budget - bytes);
      entries_.push_front({key, std::move(value), bytes});
      places_[key] = entries_.begin();
      bytes_ += bytes;
    } else {
      shrink_to(budget);
    }
  }

  void shrink_to(std::size_t budget) noexcept {
    while (bytes_ > budget) {
      bytes_ -= entries_.back().bytes;
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Decoded> value;
    std::size_t bytes;
  };

  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

// Of the session, once it has kept something. Never destroyed: what it holds may ask the server for
// memory that is gone then.
SessionCache* cache = nullptr;

SessionCache& session_cache() {
  if (cache == nullptr) cache = new SessionCache;
  return *cache;
}

// What tells a value from others of its type: its size, and the bytes in front that hold the
// identity of its content. Of one that is stored out of line only these are read. Plain.
struct Identity {
  std::uint64_t size;
  char head[ValueFingerprint::kFront - VARHDRSZ];
};
Identity identity_of(Datum datum) {
  Identity identity{};
  identity.size = toast_raw_datum_size(datum);
  const auto* const head = reinterpret_cast<const struct varlena*>(
      PG_DETOAST_DATUM_SLICE(datum, 0, sizeof(Identity::head)));
  std::memcpy(identity.head, VARDATA_ANY(head),
              std::min(sizeof identity.head, static_cast<std::size_t>(VARSIZE_ANY_EXHDR(head))));
  return identity;
}

template <class T>
void append_bytes(std::string& key, const T& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

ValueBytes::ValueBytes(Datum datum) {
  const std::span<const std::byte> bytes = backend([&] { return value_bytes(datum); });
  size_ = bytes.size();
  bytes_.reset(new std::byte[size_]);
  std::memcpy(bytes_.get(), bytes.data(), size_);
  backend([&] {
    if (reinterpret_cast<const std::byte*>(DatumGetPointer(datum)) != bytes.data()) {
      pfree(const_cast<std::byte*>(bytes.data()));
    }
  });
}

void shrink_session_cache(std::size_t bytes) noexcept {
  if (cache != nullptr) cache->shrink_to(bytes);
}

namespace detail {

std::string session_key(const void* type, Datum datum, std::string_view variant) {
  const Identity identity = backend([&] { return identity_of(datum); });
  std::string key;
  append_bytes(key, type);
  append_bytes(key, GetUserId());
  append_bytes(key, identity.size);
  key.append(identity.head, sizeof identity.head);
  key.append(variant);
  return key;
}

std::shared_ptr<Decoded> session_find(const std::string& key) {
  return session_cache().find(key);
}

void session_keep(const std::string& key, std::shared_ptr<Decoded> value) {
  session_cache().keep(key, std::move(value));
}

}  // namespace detail
}  // namespace fairdb::pg
