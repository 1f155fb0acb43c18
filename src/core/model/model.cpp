#include "core/model/model.hpp"

#include <cmath>
#include <cstdio>

#include "core/base/archive.hpp"
#include "core/model/fair_model.hpp"

namespace fairdb {
namespace {

// Of the container; the first that was released.
constexpr std::uint8_t kContainerVersion = 3;

template <class Archive, class AboutType>
void about_fields(Archive& archive, AboutType& about) {
  archive.text(about.source);
  archive.bits(about.fingerprint);
  archive.count(about.rows);
  archive.count(about.skipped);
  report_fields(archive, about.report);
}

const ModelKind& kind_of(std::uint8_t code) {
  for (const ModelKind* const kind : model_kinds()) {
    if (kind->code == code) return *kind;
  }
  corrupt("its kind is unknown");
}

}  // namespace

std::vector<std::byte> encode(const Model& model) {
  const ModelKind& kind = model.body->kind();
  ByteWriter bytes;
  bytes.u8(kContainerVersion);
  bytes.u8(kind.code);
  bytes.u8(kind.version);
  WritingArchive archive(bytes, kContainerVersion);
  about_fields(archive, model.about);
  model.body->write(bytes);
  return bytes.bytes();
}

Model decode_model(std::span<const std::byte> from) {
  ByteReader bytes(from);
  const std::uint8_t version = bytes.u8();
  if (version != kContainerVersion) corrupt("its version is unknown");
  const ModelKind& kind = kind_of(bytes.u8());
  const std::uint8_t body_version = bytes.u8();
  if (body_version == 0 || body_version > kind.version)
    corrupt("the version of its kind is unknown");
  Model model;
  ReadingArchive archive(bytes, version);
  about_fields(archive, model.about);
  model.body = kind.read(bytes, body_version);
  if (!bytes.at_end()) corrupt("there are bytes behind its end");
  return model;
}

void describe(const Model& model, JsonWriter& json) {
  const About& about = model.about;
  json.open('{');
  json.key("source").text(about.source);
  char fingerprint[17];
  std::snprintf(fingerprint, sizeof fingerprint, "%016llx",
                static_cast<unsigned long long>(about.fingerprint));
  json.key("source_fingerprint").text(fingerprint);
  model.body->describe(json);
  const Report& report = about.report;
  json.key("training").open('{');
  json.key("rows").integer(about.rows);
  json.key("rows_skipped").integer(about.skipped);
  json.key("objective").number(report.objective);
  json.key("outcome").text(name(report.outcome));
  json.key("iterations").integer(report.iterations);
  json.key("evaluations").integer(report.evaluations);
  json.key("gradient_norm").number(report.gradient_norm);
  json.key("constraint_violation").number(report.violation);
  model.body->describe_training(json);
  json.key("seconds").number(about.seconds);
  json.key("trace").open('[');
  for (const TracePoint& point : report.trace) {
    json.open('{').key("iteration").integer(point.iteration);
    if (!std::isnan(point.objective)) json.key("objective").number(point.objective);
    json.key("residual").number(point.residual).close('}');
  }
  json.close(']').close('}').close('}');
}

std::vector<std::string_view> texts(const Model& model) {
  std::vector<std::string_view> list = model.body->texts();
  list.push_back(model.about.source);
  return list;
}

}  // namespace fairdb
