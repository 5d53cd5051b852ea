#include "daemon/services/entity_filter.h"

#include <algorithm>
#include <array>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

struct Kind {
  std::string_view name;  // with its colon
  size_t least = 1;       // digits behind it
  size_t most = 0;        // 0 = any text
};

constexpr std::array<Kind, 8> kKinds = {{{"person:", 1, 10},
                                         {"contract:", 1, 19},
                                         {"doctor_period:", 1, 19},
                                         {"patient_count:", 1, 19},
                                         {"municipality:", 4, 4},
                                         {"record:"},
                                         {"line:"},
                                         {"source:"}}};

constexpr const char* kAllowed =
    "has to be person:, contract:, doctor_period: or patient_count: and a number, municipality: and four digits, or "
    "record:, line: or source: and where, e.g. contract:900101";

bool Fits(const Kind& kind, std::string_view text, size_t least) {
  if (!text.starts_with(kind.name)) return false;
  const std::string_view rest = text.substr(kind.name.size());
  if (rest.size() < least) return false;
  if (kind.most == 0) return true;
  return rest.size() <= kind.most && rest.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string CheckEntity(std::string_view text) {
  const auto fits = [text](const Kind& kind) { return Fits(kind, text, kind.least); };
  return std::ranges::any_of(kKinds, fits) ? "" : kAllowed;
}

std::string CheckEntityPrefix(std::string_view text) {
  const auto fits = [text](const Kind& kind) { return kind.name.starts_with(text) || Fits(kind, text, 0); };
  return std::ranges::any_of(kKinds, fits) ? "" : kAllowed;
}

grpc::Status CheckEntries(const std::string& field, int entries) {
  constexpr int kMostEntries = 1000;
  if (entries <= kMostEntries) return grpc::Status::OK;
  return InvalidField(field, Join("has ", entries, " entries; at most ", kMostEntries, " are allowed"));
}

}  // namespace flosync
