#include "daemon/services/alert_filter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/services/convert.h"
#include "daemon/services/entity_filter.h"
#include "daemon/services/errors.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr size_t kHashLength = 32;

template <typename Values, typename Value>
bool Among(const Values& wanted, const Value& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}  // namespace

bool Matches(const v1::AlertFilter& filter, const Alert& alert) {
  const auto& places = alert.detail.municipalities;
  return Among(filter.kinds(), std::string(AlertKindName(alert.kind))) &&
         Among(filter.severities(), Convert(alert.severity)) && Among(filter.statuses(), StatusOf(alert)) &&
         (filter.subject().empty() || filter.subject() == alert.subject) &&
         (filter.municipality().empty() ||
          std::find(places.begin(), places.end(), filter.municipality()) != places.end());
}

grpc::Status CheckAlertFilter(const v1::AlertFilter& filter, Frames& frames) {
  for (const auto& [field, entries] :
       {std::pair("filter.kinds", filter.kinds_size()), std::pair("filter.severities", filter.severities_size()),
        std::pair("filter.statuses", filter.statuses_size())}) {
    if (grpc::Status checked = CheckEntries(field, entries); !checked.ok()) return checked;
  }
  std::set<std::string> kinds;
  for (int kind = 1; kind <= kAlertKindCount; ++kind) {
    kinds.insert(std::string(AlertKindName(static_cast<AlertKind>(kind))));
  }
  for (const std::string& kind : filter.kinds()) {
    if (!kinds.contains(kind)) return InvalidField("filter.kinds", "is no kind of alert, e.g. LIST_UNSTAFFED");
  }
  for (const int severity : filter.severities()) {
    if (severity == 0 || !v1::AlertSeverity_IsValid(severity)) {
      return InvalidField("filter.severities", "is no severity; leave the list empty for all");
    }
  }
  for (const int status : filter.statuses()) {
    if (status == 0 || !v1::AlertStatus_IsValid(status)) {
      return InvalidField("filter.statuses", "is no status; leave the list empty for all");
    }
  }
  if (const std::string wrong = CheckEntity(filter.subject()); !filter.subject().empty() && !wrong.empty())
    return InvalidField("filter.subject", wrong);
  constexpr size_t kMunicipalityDigits = 4;
  const std::string& municipality = filter.municipality();
  if (!municipality.empty() && (municipality.size() != kMunicipalityDigits || !frames.EverHad(municipality)))
    return InvalidField("filter.municipality", "there is no such municipality; give its four digits");
  return grpc::Status::OK;
}

std::string HashOf(const v1::AlertFilter& filter) {
  std::string bytes;
  // The fields are lists and texts only, which protobuf writes in one way.
  filter.SerializeToString(&bytes);
  return Sha256Hex({bytes}).substr(0, kHashLength);
}

}  // namespace flosync
