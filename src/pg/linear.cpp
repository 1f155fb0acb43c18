// The model type's doors: input and output, coefficients and description.
#include "pg/linear.hpp"

#include <cmath>

#include "core/base/bytes.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/value.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::byte kVersion{1};

Datum wrap(std::span<const std::byte> content, MemoryContext memory) {
  MemoryContext const previous = MemoryContextSwitchTo(memory);
  std::byte* const value = new_value(kHeader + content.size(), "a model");
  MemoryContextSwitchTo(previous);
  std::memset(value + 4, 0, kHeader - 4);
  value[4] = kVersion;
  const std::uint64_t fingerprint = digest(content);
  std::memcpy(value + 8, &fingerprint, sizeof(fingerprint));
  std::memcpy(value + kHeader, content.data(), content.size());
  return PointerGetDatum(value);
}

std::span<const std::byte> content_argument(FunctionCallInfo fcinfo, int number) {
  return backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }).subspan(kHeader);
}

LinearModel decode(std::span<const std::byte> content) {
  try {
    return decode_linear_model(content);
  } catch (const Error& error) {
    throw Error(ErrorKind::CorruptValue,
                std::string("invalid value of type model: ") + error.what(), error.hint(),
                error.detail());
  }
}

// Texts from outside must be valid in the database's encoding before they reach a result.
void check_encoding(const LinearModel& model) {
  const auto check = [](const std::string& text) {
    backend([&] { pg_verifymbstr(text.data(), static_cast<int>(text.size()), false); });
  };
  for (const std::string* text : {&model.source, &model.target, &model.positive}) check(*text);
  for (const std::string& name : model.sensitive) check(name);
  for (const GroupFacts& group : model.groups) check(group.label);
  for (const FeatureColumn& column : model.columns) {
    check(column.name);
    for (const std::string& level : column.levels) check(level);
  }
}

// Takes bytes from outside only after they decode.
Datum received(std::span<const std::byte> content) {
  check_encoding(decode(content));
  return wrap(content, CurrentMemoryContext);
}

}  // namespace

Datum model_value(const LinearModel& model, MemoryContext memory) {
  return wrap(encode(model), memory);
}

LinearModel open_model(std::span<const std::byte> value) {
  if (value.size() < kHeader || value[4] != kVersion) {
    throw Error(ErrorKind::CorruptValue, "invalid value of type model: unknown version");
  }
  return decode(value.subspan(kHeader));
}

LinearModel model_argument(FunctionCallInfo fcinfo, int number) {
  return open_model(backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }));
}

FAIRDB_FUNCTION(model_in) {
  const std::string_view text = PG_GETARG_CSTRING(0);
  const auto bad = [] {
    return Error(ErrorKind::InvalidText,
                 "invalid input for type model: expected \\x and hex digits");
  };
  if (text.size() < 2 || text.substr(0, 2) != "\\x" || text.size() % 2 != 0) throw bad();
  const auto digit = [&](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    throw bad();
  };
  std::vector<std::byte> content;
  for (std::size_t i = 2; i < text.size(); i += 2) {
    content.push_back(static_cast<std::byte>(16 * digit(text[i]) + digit(text[i + 1])));
  }
  return from_text([&] { return received(content); });
}

FAIRDB_FUNCTION(model_out) {
  const std::span<const std::byte> content = content_argument(fcinfo, 0);
  char* const text = backend([&] { return static_cast<char*>(palloc(2 * content.size() + 3)); });
  char* end = text;
  *end++ = '\\';
  *end++ = 'x';
  for (const std::byte byte : content) {
    *end++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    *end++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  *end = '\0';
  PG_RETURN_CSTRING(text);
}

FAIRDB_FUNCTION(model_send) {
  const std::span<const std::byte> content = content_argument(fcinfo, 0);
  return backend([&] {
    StringInfoData out;
    pq_begintypsend(&out);
    pq_sendbytes(&out, reinterpret_cast<const char*>(content.data()),
                 static_cast<int>(content.size()));
    return PointerGetDatum(pq_endtypsend(&out));
  });
}

FAIRDB_FUNCTION(model_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const auto size = static_cast<std::size_t>(in->len - in->cursor);
  const char* const bytes = backend([&] { return pq_getmsgbytes(in, static_cast<int>(size)); });
  return received(std::as_bytes(std::span(bytes, size)));
}

FAIRDB_FUNCTION(coefficients) {
  const LinearModel model = model_argument(fcinfo, 0);
  const RawCoefficients raw = raw_coefficients(model);
  backend([&] {
    const ResultRows rows = begin_rows(fcinfo);
    const auto put = [&](const std::string* feature, const std::string* level, double coefficient,
                         double standardized, const double* mean, const double* scale) {
      Datum values[6] = {};
      bool nulls[6] = {false, level == nullptr, false, false, mean == nullptr, scale == nullptr};
      values[0] =
          PointerGetDatum(cstring_to_text(feature != nullptr ? feature->c_str() : "(intercept)"));
      if (level != nullptr) values[1] = PointerGetDatum(cstring_to_text(level->c_str()));
      values[2] = Float8GetDatum(coefficient);
      values[3] = Float8GetDatum(standardized);
      if (mean != nullptr) values[4] = Float8GetDatum(*mean);
      if (scale != nullptr) values[5] = Float8GetDatum(*scale);
      tuplestore_putvalues(rows.store, rows.desc, values, nulls);
    };
    put(nullptr, nullptr, raw.constant, model.fit.intercept, nullptr, nullptr);
    Index j = 0;
    for (const FeatureColumn& column : model.columns) {
      for (Index k = 0; k < column.width(); ++k, ++j) {
        const std::string* const level = column.kind == FeatureKind::Category
                                             ? &column.levels[static_cast<std::size_t>(k)]
                                             : nullptr;
        put(&column.name, level, raw.coefficients(j), model.fit.weights(j), &model.fit.mean(j),
            &model.fit.scale(j));
      }
    }
  });
  PG_RETURN_NULL();
}

namespace {

// Writes a JSON object member by member. Plain.
class JsonObject {
 public:
  explicit JsonObject(StringInfo out) : out_(out) { appendStringInfoChar(out, '{'); }
  void close() { appendStringInfoChar(out_, '}'); }
  void key(const char* name) {
    appendStringInfo(out_, "%s\"%s\": ", first_ ? "" : ", ", name);
    first_ = false;
  }
  void text(const char* name, std::string_view value) {
    key(name);
    append_json_string(out_, value);
  }
  void integer(const char* name, std::int64_t value) {
    key(name);
    appendStringInfo(out_, "%lld", static_cast<long long>(value));
  }
  void boolean(const char* name, bool value) {
    key(name);
    appendStringInfoString(out_, value ? "true" : "false");
  }
  void number(const char* name, std::optional<double> value) {
    key(name);
    if (value && std::isfinite(*value)) {
      append_double(out_, *value);
    } else {
      appendStringInfoString(out_, "null");
    }
  }

 private:
  StringInfo out_;
  bool first_ = true;
};

template <class Items, class Body>
void append_array(StringInfo out, const Items& items, Body body) {
  appendStringInfoChar(out, '[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) appendStringInfoString(out, ", ");
    first = false;
    body(item);
  }
  appendStringInfoChar(out, ']');
}

void append_groups(StringInfo out, const LinearModel& model) {
  append_array(out, model.groups, [&](const GroupFacts& group) {
    JsonObject json(out);
    json.text("group", group.label);
    json.integer("rows", group.rows);
    json.number("mean_score", group.mean_score);
    if (model.options.binary) {
      const Cells& cells = group.cells;
      json.integer("true_positives", cells.at(Truth::Positive, Truth::Positive));
      json.integer("false_positives", cells.at(Truth::Negative, Truth::Positive));
      json.integer("false_negatives", cells.at(Truth::Positive, Truth::Negative));
      json.integer("true_negatives", cells.at(Truth::Negative, Truth::Negative));
    }
    json.close();
  });
}

struct TrainingFacts {
  std::optional<double> accuracy;
  std::optional<double> demographic_parity;
  std::optional<double> equal_opportunity;
  std::optional<double> equalized_odds;
};

void append_training(StringInfo out, const LinearModel& model, const TrainingFacts& facts) {
  JsonObject json(out);
  json.integer("rows", model.rows);
  json.integer("rows_skipped", model.skipped);
  json.number("objective", model.fit.report.objective);
  json.text("outcome", name(model.fit.report.outcome));
  json.integer("iterations", model.fit.report.iterations);
  json.integer("evaluations", model.fit.report.evaluations);
  json.number("gradient_norm", model.fit.report.gradient_norm);
  json.number("constraint_violation", model.fit.report.violation);
  json.integer("free_dimensions", model.fit.free_dimensions);
  json.number("mean_squared_error", model.squared_error);
  if (model.options.binary) {
    json.number("accuracy", facts.accuracy);
    json.number("demographic_parity_difference", facts.demographic_parity);
    json.number("equal_opportunity_difference", facts.equal_opportunity);
    json.number("equalized_odds_difference", facts.equalized_odds);
  } else {
    json.number("r_squared", model.variance > 0
                                 ? std::optional(1 - model.squared_error / model.variance)
                                 : std::nullopt);
  }
  json.key("groups");
  append_groups(out, model);
  json.close();
}

}  // namespace

FAIRDB_FUNCTION(describe) {
  const LinearModel model = model_argument(fcinfo, 0);
  const TrainingFacts facts{accuracy(model), training_gap(model, Gap::DemographicParityDifference),
                            training_gap(model, Gap::EqualOpportunityDifference),
                            training_gap(model, Gap::EqualizedOddsDifference)};
  return backend([&] {
    StringInfoData out;
    initStringInfo(&out);
    JsonObject json(&out);
    json.text("kind", "linear");
    json.text("loss", name(model.options.loss));
    json.text("fairness", name(model.options.fairness));
    json.number("c", model.options.c);
    json.boolean("standardize", model.options.standardize);
    json.text("source", model.source);
    json.text("target", model.target);
    json.text("target_kind", model.options.binary ? "binary" : "number");
    if (!model.positive.empty()) json.text("positive", model.positive);
    json.key("sensitive");
    append_array(&out, model.sensitive, [&](const std::string& s) { append_json_string(&out, s); });
    json.key("features");
    append_array(&out, model.columns,
                 [&](const FeatureColumn& c) { append_json_string(&out, c.name); });
    json.text("on_null", name(model.on_null));
    json.text("on_unseen", name(model.on_unseen));
    json.key("training");
    append_training(&out, model, facts);
    json.close();
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
  });
}

}  // namespace fairdb::pg
