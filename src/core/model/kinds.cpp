// The kinds of models, one line each.
#include "core/model/fair_model.hpp"

namespace fairdb {

std::span<const ModelKind* const> model_kinds() noexcept {
  static constexpr const ModelKind* kKinds[] = {&FairModel::kKind};
  return kKinds;
}

}  // namespace fairdb
