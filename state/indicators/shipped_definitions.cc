#include "state/indicators/shipped_definitions.h"

namespace flosync {

// Symbols that shipped_definitions.S puts around the bytes of each file.
extern "C" {
#define FLOSYNC_DEFINITION(name) extern const char flosync_##name##_begin[], flosync_##name##_end[]
FLOSYNC_DEFINITION(gp_statistics_0_9);
FLOSYNC_DEFINITION(gp_statistics_1_0);
FLOSYNC_DEFINITION(nki_gp_agreement_duration_1_0);
FLOSYNC_DEFINITION(nki_gp_specialist_1_0);
FLOSYNC_DEFINITION(nki_gp_specialist_2_0);
FLOSYNC_DEFINITION(nki_gp_specialist_3_0);
#undef FLOSYNC_DEFINITION
}

std::vector<std::pair<std::string, std::string>> ShippedDefinitions() {
  const auto text = [](const char* begin, const char* end) { return std::string(begin, end); };
  return {
      {"gp-statistics-0.9.toml", text(flosync_gp_statistics_0_9_begin, flosync_gp_statistics_0_9_end)},
      {"gp-statistics-1.0.toml", text(flosync_gp_statistics_1_0_begin, flosync_gp_statistics_1_0_end)},
      {"nki-gp-agreement-duration-1.0.toml",
       text(flosync_nki_gp_agreement_duration_1_0_begin, flosync_nki_gp_agreement_duration_1_0_end)},
      {"nki-gp-specialist-1.0.toml", text(flosync_nki_gp_specialist_1_0_begin, flosync_nki_gp_specialist_1_0_end)},
      {"nki-gp-specialist-2.0.toml", text(flosync_nki_gp_specialist_2_0_begin, flosync_nki_gp_specialist_2_0_end)},
      {"nki-gp-specialist-3.0.toml", text(flosync_nki_gp_specialist_3_0_begin, flosync_nki_gp_specialist_3_0_end)},
  };
}

}  // namespace flosync
