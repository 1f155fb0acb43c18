// Decoded values, kept from row to row and from statement to statement.
//
// Decoding a value of some megabytes takes milliseconds, and what is made of it (laws of groups, an
// adjustment) more; a row takes a tenth of a microsecond. So a session keeps what it has decoded,
// up to fairdb.cache_size, the least recently used leaving first. It is found by the identity of
// its content that the value carries (content_identity), its size, what was made of it, and the
// current user: what one user has made a session decode must not serve another (a SECURITY DEFINER
// function). Nothing here belongs to a transaction: an error leaves what was complete before.
//
//   struct Laws final : Decoded { ... };
//   struct Site { std::shared_ptr<Laws> laws; ... };        // of one call of the query
//   Site& site = cache_of<KeptByValue<Site>>(fcinfo).of(datum, [&] {
//     return std::make_unique<Site>(
//         session_value<Laws>(datum, "", [&] { return std::make_shared<Laws>(datum); }));
//   });
#pragma once

#include <list>
#include <unordered_map>

#include "pg/bridge/guard.hpp"
#include "pg/bridge/value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

// What a value was decoded into.
class Decoded {
 public:
  Decoded() = default;
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  virtual ~Decoded() = default;
  // In memory, more or less.
  virtual std::size_t bytes() const noexcept = 0;
};

// The bytes of a value in memory of C++, aligned for anything: they live longer than the statement.
class ValueBytes {
 public:
  explicit ValueBytes(Datum datum);
  std::span<const std::byte> span() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_;
};

// Lets go of the least recently used until so much is left. What a query still uses lives on.
void shrink_session_cache(std::size_t bytes) noexcept;

namespace detail {

// One place for each type of what is decoded; its address tells it.
template <class T>
inline constexpr char kDecodedType = 0;

std::string session_key(const void* type, Datum datum, std::string_view variant);
std::shared_ptr<Decoded> session_find(const std::string& key);
void session_keep(const std::string& key, std::shared_ptr<Decoded> value);

}  // namespace detail

// What the session has made of the value, or now makes. The value has its identity in the bytes 8
// to 23 (distribution, model, thresholds, calibration). variant: what else it depends on.
template <class T, class Make>
std::shared_ptr<T> session_value(Datum datum, std::string_view variant, Make make) {
  const std::string key = detail::session_key(&detail::kDecodedType<T>, datum, variant);
  if (auto found = detail::session_find(key)) return std::static_pointer_cast<T>(found);
  std::shared_ptr<T> made = make();
  detail::session_keep(key, made);
  return made;
}

// What one call of a query keeps for each of the last values that it met, told by the cheapest
// signs: see ValueFingerprint. A join with several values finds each again. A Site tells the
// bytes() that it keeps alive; when they are more than fairdb.cache_size, all but the next one go.
template <class Site>
class KeptByValue {
 public:
  explicit KeptByValue(MemoryContext parent)
      : memory_(backend([&] {
          return AllocSetContextCreate(parent, "fairdb values", ALLOCSET_SMALL_SIZES);
        })) {}

  // What belongs to the sites, and goes with them.
  MemoryContext memory() const noexcept { return memory_; }

  // The one for the value, or nullptr.
  Site* find(Datum datum) {
    const std::string_view image = ValueFingerprint::image(datum);
    if (last_ != nullptr && image == last_image_ && !image.empty()) return last_;
    if (sites_.size() < 2) return nullptr;
    const auto found = sites_.find(std::string(image));
    if (found == sites_.end() || image.empty()) return nullptr;
    last_image_ = found->first;
    return last_ = found->second.get();
  }
  // make: returns a std::unique_ptr<Site>.
  template <class Make>
  Site& of(Datum datum, Make make) {
    if (Site* const found = find(datum)) return *found;
    const bool nameless = ValueFingerprint::image(datum).empty();
    if (nameless || sites_.size() >= kMostValues || bytes_ > cache_bytes()) clear();
    std::unique_ptr<Site> site = make();
    bytes_ += site->bytes();
    const auto [place, added] =
        sites_.insert_or_assign(std::string(ValueFingerprint::image(datum)), std::move(site));
    last_image_ = place->first;
    return *(last_ = place->second.get());
  }
  // How often it was cleared: pointers to sites are good until then.
  std::uint64_t generation() const noexcept { return generation_; }
  void clear() {
    ++generation_;
    last_ = nullptr;
    last_image_ = {};
    sites_.clear();
    bytes_ = 0;
    backend([&] { MemoryContextReset(memory_); });
  }

 private:
  static constexpr std::size_t kMostValues = 64;
  MemoryContext memory_;
  std::unordered_map<std::string, std::unique_ptr<Site>> sites_;
  std::string_view last_image_;  // in sites_
  Site* last_ = nullptr;
  std::size_t bytes_ = 0;
  std::uint64_t generation_ = 0;
};

// The site of a call that keeps alive what the session decoded, and nothing else.
template <class T>
struct DecodedSite {
  std::shared_ptr<T> decoded;
  std::size_t bytes() const noexcept { return decoded->bytes(); }
};

// What one call keeps of values that are decoded from their bytes alone: T(Datum).
template <class T>
struct DecodedByValue : KeptByValue<DecodedSite<const T>> {
  using Base = KeptByValue<DecodedSite<const T>>;
  using Base::Base;

  const T& of(Datum value) {
    return *Base::of(value, [&] {
              return std::make_unique<DecodedSite<const T>>(DecodedSite<const T>{
                  session_value<T>(value, "", [&] { return std::make_shared<T>(value); })});
            }).decoded;
  }
};

}  // namespace fairdb::pg
