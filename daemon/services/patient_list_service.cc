#include "daemon/services/patient_list_service.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/services/store_moment.h"
#include "state/indicators/list_facts.h"
#include "state/register/stored_register.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr std::string_view kSubstitute = "LPVI";
constexpr size_t kHashLength = 32;

struct ListFilter {
  bool unstaffed_only = false;
  std::optional<Day> unstaffed_before;
  std::string municipality;
  bool without_substitute = false;

  [[nodiscard]] bool Matches(const v1::PatientList& list, const ListFacts& facts) const {
    if (unstaffed_only && facts.staffed()) return false;
    if (unstaffed_before && *facts.unstaffed_since >= *unstaffed_before) return false;
    if (without_substitute && !list.substitutes().empty()) return false;
    return municipality.empty() || list.municipality_today() == municipality;
  }
};

grpc::Status ReadFilter(const v1::ListPatientListsRequest& request, const AreaFrame& frame, ListFilter& filter) {
  filter.municipality = request.municipality();
  filter.without_substitute = request.without_substitute();
  if (!request.unstaffed_before().empty()) {
    filter.unstaffed_before = ParseDay(request.unstaffed_before());
    if (!filter.unstaffed_before) return InvalidField("unstaffed_before", "is not a date of the form yyyy-MM-dd");
  }
  filter.unstaffed_only = request.unstaffed_only() || filter.unstaffed_before || filter.without_substitute;
  const bool exists = std::ranges::any_of(frame.areas(), [&](const Area& area) {
    return area.level == Level::kMunicipality && area.code == filter.municipality;
  });
  if (!filter.municipality.empty() && !exists)
    return InvalidField("municipality", "there is no such municipality today");
  return grpc::Status::OK;
}

std::string HashOf(const v1::ListPatientListsRequest& request) {
  return Sha256Hex({request.unstaffed_only() ? "1" : "0", request.unstaffed_before(), request.municipality(),
                    request.without_substitute() ? "1" : "0"})
      .substr(0, kHashLength);
}

void AddSubstitutes(const Register& reg, int64_t contract_id, const Moment& at, v1::PatientList& out) {
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    if (!state->Holds() || state->latest.relationship != kSubstitute || !state->latest.period.Contains(at.d)) continue;
    out.add_substitutes(reg.Surviving(state->latest.hpr_number, at.t));
  }
  auto* numbers = out.mutable_substitutes();
  std::sort(numbers->begin(), numbers->end());
  numbers->erase(std::unique(numbers->begin(), numbers->end()), numbers->end());
}

void Describe(const ListFacts& facts, const AreaFrame& frame, v1::PatientList& out) {
  out.set_contract_id(facts.contract_id);
  out.set_municipality(facts.municipality);
  const Placement placement = frame.Place(facts.municipality);
  if (placement.municipality >= 0)
    out.set_municipality_today(frame.areas()[static_cast<size_t>(placement.municipality)].code);
  out.set_staffed(facts.staffed());
  if (facts.unstaffed_since) out.set_unstaffed_since(facts.unstaffed_since->ToString());
  out.set_unstaffed_over_1y(facts.unstaffed_over_1y);
  if (facts.patients) out.set_patients(*facts.patients);
  if (facts.list_cap) out.set_list_cap(*facts.list_cap);
  out.set_fixed_salary(facts.fixed_salary);
  for (const GpFacts& gp : facts.gps) out.add_regular_gps(gp.doctor);
}

// One list as of `at`; nothing if it is not active or does not match.
absl::StatusOr<std::optional<v1::PatientList>> ReadList(const View& view, int64_t contract_id, const Moment& at,
                                                        const AreaFrame& frame, const ListFilter& filter) {
  Register reg;
  if (absl::Status loaded = LoadList(view, contract_id, reg); !loaded.ok()) return loaded;
  const DerivedList derived = DeriveList(reg, contract_id, at);
  if (!derived.facts) return std::optional<v1::PatientList>();
  v1::PatientList list;
  Describe(*derived.facts, frame, list);
  AddSubstitutes(reg, contract_id, at, list);
  if (!filter.Matches(list, *derived.facts)) return std::optional<v1::PatientList>();
  return std::optional(std::move(list));
}

grpc::Status NoList(const View& view, int64_t contract_id) {
  const auto head = view.Get(Family::kHeads, EntityKey({EntityKind::kContract, contract_id}));
  if (!head.ok()) return FromStatus(head.status());
  const std::map<std::string, std::string> what = {{"contract_id", std::to_string(contract_id)}};
  if (!head->has_value()) {
    return NotFound("PATIENT_LIST_NOT_KNOWN", "nothing is known of a contract with this id; list the lists to find it",
                    what);
  }
  return NotFound("PATIENT_LIST_NOT_ACTIVE",
                  "the contract is not valid today, so there is no list; FLO knows its dates", what);
}

}  // namespace

grpc::Status PatientListServer::List(const grpc::CallbackServerContext& context,
                                     const v1::ListPatientListsRequest& request,
                                     v1::ListPatientListsResponse& response) const {
  const std::string hash = HashOf(request);
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kPatientListPage, hash, request.page_size(), request.page_token(),
                                   support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const Moment at = Moment::Live(*moment->clock);
  const auto frame = support_.frames->Of(at.d);
  ListFilter filter;
  if (grpc::Status read = ReadFilter(request, *frame, filter); !read.ok()) return read;
  grpc::Status failed;
  const auto visit = [&](std::string_view key, std::string_view) {
    if (key == page.after_key) return true;
    if (context.IsCancelled()) {
      failed = GivenUp();
      return false;
    }
    auto list = ReadList(view, ReadEntityKey(key).id, at, *frame, filter);
    if (!list.ok()) {
      failed = FromStatus(list.status());
      return false;
    }
    if (!list->has_value()) return true;
    if (response.patient_lists_size() == page.entries) {
      const EntityId last{EntityKind::kContract, response.patient_lists().rbegin()->contract_id()};
      response.set_next_page_token(WritePageToken(TokenKind::kPatientListPage, hash, EntityKey(last)));
      return false;
    }
    *response.add_patient_lists() = **std::move(list);
    return true;
  };
  const std::string contracts(1, static_cast<char>(EntityKind::kContract));
  const absl::Status walked = view.Each(Family::kHeads, contracts, visit, page.after_key);
  if (!walked.ok()) return FromStatus(walked);
  response.set_revision(moment->revision);
  return failed;
}

grpc::Status PatientListServer::Get(int64_t contract_id, v1::GetPatientListResponse& response) const {
  if (contract_id <= 0) return InvalidField("contract_id", "must be from 1");
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const Moment at = Moment::Live(*moment->clock);
  auto list = ReadList(view, contract_id, at, *support_.frames->Of(at.d), ListFilter());
  if (!list.ok()) return FromStatus(list.status());
  if (!list->has_value()) return NoList(view, contract_id);
  *response.mutable_patient_list() = **std::move(list);
  response.set_revision(moment->revision);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* PatientListServer::ListPatientLists(grpc::CallbackServerContext* context,
                                                              const v1::ListPatientListsRequest* request,
                                                              v1::ListPatientListsResponse* response) {
  return Answer(support_, context, request, response,
                [this, context, request, response] { return List(*context, *request, *response); });
}

grpc::ServerUnaryReactor* PatientListServer::GetPatientList(grpc::CallbackServerContext* context,
                                                            const v1::GetPatientListRequest* request,
                                                            v1::GetPatientListResponse* response) {
  return Answer(support_, context, request, response,
                [this, request, response] { return Get(request->contract_id(), *response); });
}

}  // namespace flosync
