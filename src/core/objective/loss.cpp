#include "core/objective/loss.hpp"

#include "core/base/number_text.hpp"

namespace fairdb {

AnyLoss loss_named(std::string_view wanted) {
  const std::size_t open = wanted.find('(');
  const bool given = open != std::string_view::npos && wanted.back() == ')';
  const std::string_view base = given ? wanted.substr(0, open) : wanted;
  std::string known;
  for (const AnyLoss& loss : kLosses) {
    const bool has_parameter = parameter(loss).has_value();
    if (name(loss) == base && has_parameter) {
      const std::string argument(given ? wanted.substr(open + 1, wanted.size() - open - 2) : "");
      return with_parameter(loss, parse_number(argument).value_or(std::nan("")));
    }
    if (name(loss) == base && !given) return loss;
    known += (known.empty() ? "\"" : ", \"") + std::string(name(loss)) +
             (has_parameter ? "(...)\"" : "\"");
  }
  throw Error(ErrorKind::InvalidArgument,
              "loss is \"" + std::string(wanted) + "\", expected one of " + known);
}

std::string loss_text(const AnyLoss& loss) {
  std::string result(name(loss));
  if (const auto value = parameter(loss)) result += "(" + shortest_text(*value) + ")";
  return result;
}

}  // namespace fairdb
