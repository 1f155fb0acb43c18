#include "pg/bridge/json_tree.hpp"

#include "core/base/error.hpp"
#include "pg/bridge/memory.hpp"

namespace fairdb::pg {
namespace {

// What the server's iterator tells, one after the other.
struct Token {
  JsonbIteratorToken token;
  jbvType type;
  bool boolean;
  double number;
  const char* text;
  int length;
};

// Within backend(): the tokens of the value, in memory of the current context.
Token* tokens_of(Jsonb* jsonb, std::size_t count, std::size_t* used) {
  auto* const tokens = static_cast<Token*>(MemoryContextAllocHuge(
      CurrentMemoryContext, sizeof(Token) * std::max<std::size_t>(count, 1)));
  JsonbIterator* it = JsonbIteratorInit(&jsonb->root);
  JsonbValue value;
  std::size_t n = 0;
  for (JsonbIteratorToken token = JsonbIteratorNext(&it, &value, false); token != WJB_DONE;
       token = JsonbIteratorNext(&it, &value, false)) {
    CHECK_FOR_INTERRUPTS();
    if (n < count) {
      Token t = {token, value.type, false, 0, nullptr, 0};
      if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM) {
        if (value.type == jbvString) {
          t.text = value.val.string.val;
          t.length = value.val.string.len;
        } else if (value.type == jbvNumeric) {
          t.number = DatumGetFloat8(
              DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
        } else if (value.type == jbvBool) {
          t.boolean = value.val.boolean;
        }
      }
      tokens[n] = t;
    }
    ++n;
  }
  *used = n;
  return tokens;
}

JsonTree scalar(const Token& token) {
  JsonTree tree;
  if (token.type == jbvString) {
    tree.kind = JsonTree::Kind::Text;
    tree.text.assign(token.text, static_cast<std::size_t>(token.length));
  } else if (token.type == jbvNumeric) {
    tree.kind = JsonTree::Kind::Number;
    tree.number = token.number;
  } else if (token.type == jbvBool) {
    tree.kind = JsonTree::Kind::Boolean;
    tree.boolean = token.boolean;
  }
  return tree;
}

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const noexcept {
  for (const auto& [key, value] : members) {
    if (key == name) return value.kind == Kind::Null ? nullptr : &value;
  }
  return nullptr;
}

JsonTree json_tree(Datum datum) {
  Jsonb* const jsonb = backend([&] { return DatumGetJsonbP(datum); });
  constexpr std::size_t kBytesOfToken = sizeof(Token) + sizeof(JsonTree) + 64;
  std::size_t count = 0;
  // The first time they are only counted.
  backend([&] { static_cast<void>(tokens_of(jsonb, 0, &count)); });
  constexpr std::size_t kMostTokens = 1000000;
  if (count > kMostTokens) {
    throw Error(ErrorKind::TooLarge,
                "a value of jsonb has " + std::to_string(count) + " parts, 1000000 are allowed");
  }
  check_memory(count * kBytesOfToken, "a value of jsonb");
  std::size_t used = 0;
  const Token* const tokens = backend([&] { return tokens_of(jsonb, count, &used); });
  JsonTree root;
  std::vector<JsonTree*> open = {&root};
  std::string key;
  const auto put = [&](JsonTree tree) {
    open.back()->members.emplace_back(key, std::move(tree));
    key.clear();
    return &open.back()->members.back().second;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Token& token = tokens[i];
    switch (token.token) {
      case WJB_KEY:
        key.assign(token.text, static_cast<std::size_t>(token.length));
        break;
      case WJB_VALUE:
      case WJB_ELEM:
        put(scalar(token));
        break;
      case WJB_BEGIN_ARRAY:
      case WJB_BEGIN_OBJECT: {
        // What is deep is walked by recursion, here and by who reads it.
        constexpr std::size_t kDeepest = 20;
        if (open.size() > kDeepest) {
          throw Error(ErrorKind::TooLarge, "a value of jsonb is nested more than 20 times");
        }
        JsonTree tree;
        tree.kind = token.token == WJB_BEGIN_ARRAY ? JsonTree::Kind::Array : JsonTree::Kind::Object;
        open.push_back(put(std::move(tree)));
        break;
      }
      default:
        open.pop_back();
        break;
    }
  }
  // A scalar stands in an array of its own.
  return std::move(root.members.front().second);
}

}  // namespace fairdb::pg
