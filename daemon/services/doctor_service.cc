#include "daemon/services/doctor_service.h"

#include <algorithm>
#include <set>
#include <vector>

#include "daemon/services/convert.h"
#include "daemon/services/store_moment.h"
#include "state/indicators/list_facts.h"
#include "state/register/stored_register.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// The ids that an index has under `of`.
absl::StatusOr<std::vector<int64_t>> ReadIndex(const View& view, IndexKind kind, int64_t of) {
  std::vector<int64_t> ids;
  const absl::Status walked =
      view.Each(Family::kIndex, IndexPrefix(kind, of), [&](std::string_view key, std::string_view) {
        // The entity's key ends the entry: its id is the last number.
        KeyReader reader(key);
        reader.Byte();
        reader.Number64();
        ids.push_back(reader.Number64());
        return true;
      });
  if (!walked.ok()) return walked;
  return ids;
}

// Loads the persons whose alias may lead to `number`, chains included; gives their numbers and its own.
absl::StatusOr<std::vector<int32_t>> LoadNumbersLeadingTo(const View& view, int32_t number, Register& reg) {
  std::vector<int32_t> numbers = {number};
  std::set<int32_t> seen = {number};
  for (size_t next = 0; next < numbers.size(); ++next) {
    if (absl::Status loaded = LoadPerson(view, numbers[next], reg); !loaded.ok()) return loaded;
    const auto aliases = ReadIndex(view, IndexKind::kAliasesOnto, numbers[next]);
    if (!aliases.ok()) return aliases.status();
    for (const int64_t alias : *aliases) {
      if (seen.insert(static_cast<int32_t>(alias)).second) numbers.push_back(static_cast<int32_t>(alias));
    }
  }
  return numbers;
}

absl::Status LoadPeriodsOf(const View& view, int32_t number, Register& reg) {
  const auto ids = ReadIndex(view, IndexKind::kPeriodsOfNumber, number);
  if (!ids.ok()) return ids.status();
  for (const int64_t id : *ids) {
    const EntityId entity{EntityKind::kDoctorPeriod, id};
    const auto bytes = view.Get(Family::kHeads, EntityKey(entity));
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) continue;
    auto state = DecodeHead(**bytes);
    if (!state.ok()) return state.status();
    PutState(reg, entity, *std::move(state));
  }
  return absl::OkStatus();
}

void Describe(const PersonState& person, Day today, v1::Doctor* out) {
  const DoctorFacts& facts = person.facts;
  out->set_in_hpr(true);
  out->set_specialist(facts.SpecialistAt(today));
  out->set_authorised(facts.AuthorisedAt(today));
  out->set_birth_year(facts.birth_year.value_or(0));
  if (facts.death) out->set_death_date(facts.death->ToString());
  out->set_sex(Convert(facts.sex));
  for (const Period& period : facts.specialist) Convert(period, out->add_specialist_periods());
  for (const Period& period : facts.authorised) Convert(period, out->add_authorised_periods());
  out->set_hpr_updated(person.version.ToString());
}

void Describe(const DoctorPeriod& period, Day today, v1::DoctorOnContract* out) {
  out->set_doctor_period_id(period.id);
  out->set_contract_id(period.contract_id);
  out->set_relationship(period.relationship);
  Convert(period.period, out->mutable_period());
  out->set_hpr_number(period.hpr_number);
  out->set_substitute_for_hpr_number(period.substitute_for);
  if (period.percentage) out->set_percentage(*period.percentage);
  out->set_current(period.period.Contains(today));
}

}  // namespace

grpc::Status DoctorServer::Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const {
  if (!request.as_of().empty()) return NotSupported("AS_OF_NOT_SUPPORTED", "as_of");
  if (request.has_known_at()) return NotSupported("KNOWN_AT_NOT_SUPPORTED", "known_at");
  if (request.hpr_number() <= 0) return InvalidField("hpr_number", "must be from 1 to 2147483647");
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const Moment at = Moment::Live(*moment->clock);
  Register reg;
  if (absl::Status loaded = LoadPerson(view, request.hpr_number(), reg); !loaded.ok()) return FromStatus(loaded);
  const int32_t surviving = reg.Surviving(request.hpr_number(), at.t);
  const auto numbers = LoadNumbersLeadingTo(view, surviving, reg);
  if (!numbers.ok()) return FromStatus(numbers.status());
  v1::Doctor* doctor = response.mutable_doctor();
  doctor->set_hpr_number(request.hpr_number());
  doctor->set_surviving_hpr_number(surviving);
  for (const int32_t number : *numbers) {
    // An alias of another day, or on a cycle, does not lead here today.
    if (reg.Surviving(number, at.t) != surviving) continue;
    if (absl::Status loaded = LoadPeriodsOf(view, number, reg); !loaded.ok()) return FromStatus(loaded);
  }
  const PersonState* person = reg.FindPerson(surviving);
  const bool asked_known = reg.FindPerson(request.hpr_number()) != nullptr || !reg.doctor_periods().empty();
  // The text does not repeat the number: error texts end up in logs.
  if (!asked_known && person == nullptr) return {grpc::StatusCode::NOT_FOUND, "nothing is known of this HPR number"};
  if (person != nullptr && person->InHprAt(at.t)) Describe(*person, at.d, doctor);
  for (const auto& [id, state] : reg.doctor_periods()) {
    if (state.Holds()) Describe(state.latest, at.d, doctor->add_contracts());
  }
  response.set_revision(moment->revision);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DoctorServer::GetDoctor(grpc::CallbackServerContext* context,
                                                  const v1::GetDoctorRequest* request,
                                                  v1::GetDoctorResponse* response) {
  return Answer(support_, context, [this, request, response] { return Get(*request, *response); });
}

}  // namespace flosync
