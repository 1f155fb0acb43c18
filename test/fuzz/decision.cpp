// The contents of thresholds and of a calibration, whose first byte says which.
#include "core/decision/calibration.hpp"
#include "core/decision/thresholds.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    if (size == 0) return;
    const std::vector<std::byte> bytes = fuzz::copy(data + 1, size - 1);
    if (data[0] % 2 == 0) {
      const Thresholds rule = decode_thresholds(bytes);
      const std::vector<std::byte> again = encode(rule);
      fuzz::require(encode(decode_thresholds(again)) == again,
                    "encoded thresholds read as themselves");
      for (const GroupThresholds& group : rule.groups) {
        fuzz::require(rule.find(group.group) == &group, "a group is found");
        const double share = share_at(group.bands, 0.5);
        fuzz::require(share >= 0 && share <= 1, "a share is one");
      }
    } else {
      const CalibrationMap map = decode_calibration(bytes);
      const std::vector<std::byte> again = encode(map);
      fuzz::require(encode(decode_calibration(again)) == again, "an encoded map reads as itself");
      for (const GroupCalibration& group : map.groups) {
        const double p = group.probability(0.5, map.method);
        fuzz::require(!(p < 0) && !(p > 1), "a probability is one");
      }
    }
  });
}
