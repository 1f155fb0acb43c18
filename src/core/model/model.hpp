// A trained model: what every kind of model has, and a body by kind.
//
// The registry, dump and restore, `describe`, digests and equality know this container only. A kind
// has its own body, with a version and a reader of its own; it is one line of core/model/kinds.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/json_writer.hpp"
#include "core/base/report.hpp"

namespace fairdb {

class ModelBody;

// A kind of model.
struct ModelKind {
  std::uint8_t code;      // in the bytes; never given to another kind
  std::string_view name;  // in errors, in the words that describe() has for it
  std::uint8_t version;   // of the bodies that are written; older ones can be read
  // Reads a body of this version or an older one. Errors: CorruptValue.
  std::unique_ptr<ModelBody> (*read)(ByteReader& bytes, std::uint8_t version);
};

// All kinds. Found in core/model/kinds.cpp.
std::span<const ModelKind* const> model_kinds() noexcept;

// What is special to a kind.
class ModelBody {
 public:
  ModelBody() = default;
  virtual ~ModelBody() = default;

  virtual const ModelKind& kind() const noexcept = 0;
  // Writes what the kind's reader reads, in the kind's version.
  virtual void write(ByteWriter& bytes) const = 0;
  // Adds members to the description: of the model, and of its training.
  virtual void describe(JsonWriter& json) const = 0;
  virtual void describe_training(JsonWriter& json) const = 0;
  // Every text of the body: from outside they may be in no encoding at all.
  virtual std::vector<std::string_view> texts() const = 0;

 protected:
  ModelBody(const ModelBody&) = default;
  ModelBody(ModelBody&&) = default;
  ModelBody& operator=(const ModelBody&) = default;
  ModelBody& operator=(ModelBody&&) = default;
};

// How a model came to be, whatever its kind.
struct About {
  std::string source;
  std::uint64_t fingerprint = 0;  // of the rows read, in whatever order
  std::int64_t rows = 0;          // that trained
  std::int64_t skipped = 0;       // left out for a NULL
  Report report;
  double seconds = 0;  // tells nothing of the model: equal models may differ in it
};

struct Model {
  About about;
  std::shared_ptr<const ModelBody> body;
};

// `what` needs a model of a kind that this one is not. Errors: InvalidArgument.
[[noreturn]] inline void raise_wrong_kind(std::string_view what,
                                          std::string_view needed,
                                          const Model& model) {
  throw Error(ErrorKind::InvalidArgument, std::string(what) + " needs a model of kind " +
                                              std::string(needed) + ", this one is of kind " +
                                              std::string(model.body->kind().name));
}

// The body as the type of a kind. Errors: InvalidArgument for a model of another kind; `what` needs
// this one.
template <class Body>
const Body& body_of(const Model& model, std::string_view what) {
  if (const auto* const body = dynamic_cast<const Body*>(model.body.get())) return *body;
  raise_wrong_kind(what, Body::kKind.name, model);
}

// A model's bytes but for its seconds: little-endian, versioned, self-contained. decode_model
// checks everything. Errors: CorruptValue.
//   version of this container (1 byte), kind (1), version of the body (1), about, body
std::vector<std::byte> encode(const Model& model);
Model decode_model(std::span<const std::byte> bytes);

// How it was trained and what came out: the members that all kinds have, and the body's.
void describe(const Model& model, JsonWriter& json);

// Every text in it.
std::vector<std::string_view> texts(const Model& model);

}  // namespace fairdb
