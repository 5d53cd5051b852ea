// DoctorService.ListDoctors: the numbers that doctor periods name, read from the heads.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/services/doctor_message.h"
#include "daemon/services/doctor_service.h"
#include "daemon/services/store_moment.h"
#include "domain/text.h"
#include "state/indicators/list_facts.h"
#include "state/register/doctor_history.h"
#include "state/register/stored_register.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr size_t kHashLength = 32;

// Without the page and what of it is shown: the same question has the same hash.
std::string HashOf(v1::ListDoctorsRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_read_mask();
  return Sha256Hex({request.SerializeAsString()}).substr(0, kHashLength);
}

grpc::Status CheckMunicipality(const std::string& municipality, const AreaFrame& frame) {
  const bool exists = std::ranges::any_of(
      frame.areas(), [&](const Area& area) { return area.level == Level::kMunicipality && area.code == municipality; });
  if (municipality.empty() || exists) return grpc::Status::OK;
  return InvalidField("municipality", "there is no such municipality today");
}

// Reads doctors by number, those that match.
class Lister {
 public:
  Lister(const View& view, const Moment& at, const AreaFrame& frame, const v1::ListDoctorsRequest& request)
      : view_(view), at_(at), frame_(frame), request_(request) {}

  // `periods` are those that a record ever named the number for; nothing if none of them makes the doctor match.
  absl::StatusOr<std::optional<v1::ListedDoctor>> Read(int32_t number, const std::vector<int64_t>& periods) {
    Register reg;
    v1::ListedDoctor doctor;
    bool matches = false;
    for (const int64_t id : periods) {
      if (absl::Status loaded = LoadHead(view_, {EntityKind::kDoctorPeriod, id}, reg); !loaded.ok()) return loaded;
      const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
      if (!state || !state->Holds() || state->latest.hpr_number != number) continue;
      const auto matching = Matches(state->latest);
      if (!matching.ok()) return matching.status();
      matches = matches || *matching;
      if (state->latest.period.Contains(at_.d)) Describe(state->latest, at_.d, doctor.add_contracts());
    }
    if (!matches) return std::optional<v1::ListedDoctor>();
    if (absl::Status loaded = LoadPerson(view_, number, reg); !loaded.ok()) return loaded;
    doctor.set_hpr_number(number);
    doctor.set_surviving_hpr_number(reg.Surviving(number, at_.t));
    const PersonState* person = reg.FindPerson(doctor.surviving_hpr_number());
    const bool in_hpr = person && person->InHprAt(at_.t);
    doctor.set_specialist(in_hpr && person->facts.SpecialistAt(at_.d));
    if (request_.has_specialist() && request_.specialist() != doctor.specialist())
      return std::optional<v1::ListedDoctor>();
    if (absl::Status read = ReadReason(in_hpr, doctor); !read.ok()) return read;
    return std::optional(std::move(doctor));
  }

 private:
  absl::StatusOr<bool> Matches(const DoctorPeriod& period) {
    const bool only_current = request_.current_only() || !request_.municipality().empty();
    if (only_current && !period.period.Contains(at_.d)) return false;
    if (!request_.relationship().empty() && period.relationship != request_.relationship()) return false;
    if (request_.municipality().empty()) return true;
    const auto municipality = MunicipalityOf(period.contract_id);
    if (!municipality.ok()) return municipality.status();
    return *municipality == request_.municipality();
  }

  // The municipality that the list belongs to today; empty if it is not active, or where it belongs is unknown.
  absl::StatusOr<std::string> MunicipalityOf(int64_t contract_id) {
    if (const auto known = municipalities_.find(contract_id); known != municipalities_.end()) return known->second;
    Register reg;
    if (absl::Status loaded = LoadList(view_, contract_id, reg); !loaded.ok()) return loaded;
    const DerivedList list = DeriveList(reg, contract_id, at_);
    std::string code;
    if (list.facts) {
      const int32_t place = frame_.Place(list.facts->municipality).municipality;
      if (place >= 0) code = frame_.areas()[static_cast<size_t>(place)].code;
    }
    return municipalities_[contract_id] = code;
  }

  // Why a specialist or not: only the record itself tells, not the head.
  absl::Status ReadReason(bool in_hpr, v1::ListedDoctor& doctor) {
    doctor.set_specialist_reason(v1::SPECIALIST_REASON_NOT_IN_HPR);
    if (!in_hpr) return absl::OkStatus();
    const auto known = ReadDoctor(view_, doctor.hpr_number(), at_.t, Instant::Max());
    if (absl::IsResourceExhausted(known.status())) {
      doctor.set_specialist_reason(v1::SPECIALIST_REASON_UNSPECIFIED);
      return absl::OkStatus();
    }
    if (!known.ok()) return known.status();
    if (known->entry) doctor.set_specialist_reason(Convert(ExplainSpecialist(known->entry->person, at_.d)));
    return absl::OkStatus();
  }

  const View& view_;
  const Moment at_;
  const AreaFrame& frame_;
  const v1::ListDoctorsRequest& request_;
  std::map<int64_t, std::string> municipalities_;
};

// Calls `visit` with each number after `after` that a doctor period ever named, and with these periods, ascending.
absl::Status EachNumber(const View& view, int32_t after,
                        const std::function<bool(int32_t number, const std::vector<int64_t>& periods)>& visit) {
  int64_t number = 0;
  std::vector<int64_t> periods;
  bool ended = false;
  const std::string prefix(1, static_cast<char>(IndexKind::kPeriodsOfNumber));
  const absl::Status walked = view.Each(
      Family::kIndex, prefix,
      [&](std::string_view key, std::string_view) {
        KeyReader reader(key.substr(1));
        const int64_t next = reader.Number64();
        if (next != number && !periods.empty()) {
          ended = !visit(static_cast<int32_t>(number), periods);
          periods.clear();
        }
        number = next;
        periods.push_back(reader.Number64());
        return !ended;
      },
      IndexPrefix(IndexKind::kPeriodsOfNumber, int64_t{after} + 1));
  if (walked.ok() && !ended && !periods.empty()) (void)visit(static_cast<int32_t>(number), periods);
  return walked;
}

}  // namespace

grpc::Status DoctorServer::List(const grpc::CallbackServerContext& context, const v1::ListDoctorsRequest& request,
                                v1::ListDoctorsResponse& response) const {
  const std::string hash = HashOf(request);
  Page page;
  if (grpc::Status read =
          ReadPage(TokenKind::kDoctorPage, hash, request.page_size(), request.page_token(), support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const Moment at = Moment::Live(*moment->clock);
  const auto frame = support_.frames->Of(at.d);
  if (grpc::Status checked = CheckMunicipality(request.municipality(), *frame); !checked.ok()) return checked;
  Lister lister(view, at, *frame, request);
  grpc::Status failed;
  const auto visit = [&](int32_t number, const std::vector<int64_t>& periods) {
    auto doctor = lister.Read(number, periods);
    if (!doctor.ok()) failed = FromStatus(doctor.status());
    if (context.IsCancelled()) failed = GivenUp();
    if (!failed.ok()) return false;
    if (!doctor->has_value()) return true;
    if (response.doctors_size() == page.entries) {
      const std::string last = std::to_string(response.doctors().rbegin()->hpr_number());
      response.set_next_page_token(WritePageToken(TokenKind::kDoctorPage, hash, last));
      return false;
    }
    *response.add_doctors() = **std::move(doctor);
    return true;
  };
  const absl::Status walked = EachNumber(view, ParseNumber<int32_t>(page.after_key).value_or(0), visit);
  if (!walked.ok()) return FromStatus(walked);
  response.set_revision(moment->revision);
  response.set_reference_date(at.d.ToString());
  return failed;
}

grpc::ServerUnaryReactor* DoctorServer::ListDoctors(grpc::CallbackServerContext* context,
                                                    const v1::ListDoctorsRequest* request,
                                                    v1::ListDoctorsResponse* response) {
  return Answer(support_, context, request, response,
                [this, context, request, response] { return List(*context, *request, *response); });
}

}  // namespace flosync
