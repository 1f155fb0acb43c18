// The kinds of models, one line each.
#include "core/model/fair_model.hpp"
#include "core/model/representation_model.hpp"

namespace fairdb {

std::span<const ModelKind* const> model_kinds() noexcept {
  static constexpr const ModelKind* kKinds[] = {&FairModel::kKind, &RepresentationModel::kKind};
  return kKinds;
}

}  // namespace fairdb
