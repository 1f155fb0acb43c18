#include "core/base/group_table.hpp"

namespace fairdb {

void too_many_groups() {
  throw Error(ErrorKind::TooLarge,
              "more than " + std::to_string(kMaxGroups) + " groups in the sensitive attribute",
              "Is this column really the sensitive attribute, and not an identifier?");
}

void label_too_long() {
  throw Error(ErrorKind::TooLarge,
              "a group of the sensitive attribute has a name of more than " +
                  std::to_string(kMaxLabelBytes) + " bytes",
              "Is this column really the sensitive attribute, and not free text?");
}

}  // namespace fairdb
