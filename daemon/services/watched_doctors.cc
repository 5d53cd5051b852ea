#include "daemon/services/watched_doctors.h"

#include "daemon/services/convert.h"
#include "daemon/services/feed_reader.h"
#include "domain/text.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr int kMostNumbers = 1'000;
constexpr size_t kHashLength = 32;

void Convert(const DoctorStatus& in, v1::DoctorStatus* out) {
  out->set_hpr_number(in.hpr_number);
  out->set_surviving_hpr_number(in.surviving);
  out->set_in_hpr(in.in_hpr);
  out->set_specialist(in.specialist);
  out->set_authorised(in.authorised);
  if (in.death) out->set_death_date(in.death->ToString());
  for (const Period& period : in.specialist_periods) Convert(period, out->add_specialist_periods());
  for (const Period& period : in.authorised_periods) Convert(period, out->add_authorised_periods());
  for (const CurrentContract& contract : in.contracts) {
    v1::CurrentContract* added = out->add_contracts();
    added->set_contract_id(contract.contract_id);
    added->set_relationship(contract.relationship);
  }
}

}  // namespace

grpc::Status WatchedDoctors::ReadFilter(const Request& request) {
  const v1::DoctorFilter& filter = request.filter();
  if (filter.hpr_numbers_size() > kMostNumbers)
    return InvalidField("filter.hpr_numbers", "may hold at most 1000 numbers; watch all, or in several streams");
  for (const int32_t number : filter.hpr_numbers()) {
    if (number <= 0) return InvalidField("filter.hpr_numbers", "must be from 1 to 2147483647");
    numbers_.insert(number);
  }
  on_contract_ = filter.on_contract();
  return grpc::Status::OK;
}

std::string WatchedDoctors::FilterHash() const {
  std::string text = on_contract_ ? "on_contract" : "";
  for (const int32_t number : numbers_) text += Join(" ", number);
  return Sha256Hex({text}).substr(0, kHashLength);
}

bool WatchedDoctors::Matches(const std::optional<DoctorStatus>& status) const {
  if (!status || (on_contract_ && status->contracts.empty())) return false;
  return numbers_.empty() || numbers_.contains(status->hpr_number);
}

absl::StatusOr<bool> WatchedDoctors::AddState(const View& view, Response& message) {
  bool done = true;
  const absl::Status walked = EachDoctorStatus(view, last_number_, [&](const DoctorStatus& status) {
    if (!Matches(status)) return true;
    done = message.updates_size() < kMaxUpdatesPerMessage;
    if (!done) return false;
    Convert(status, message.add_updates()->mutable_new_status());
    last_number_ = status.hpr_number;
    return true;
  });
  if (!walked.ok()) return walked;
  return done;
}

absl::StatusOr<bool> WatchedDoctors::AddUpdate(std::string_view stored, bool look_only, Response& message) const {
  const auto change = DecodeDoctorChange(stored);
  if (!change.ok()) return change.status();
  if (!Matches(change->before) && !Matches(change->after)) return false;
  if (look_only) return true;
  v1::DoctorUpdate* update = message.add_updates();
  if (change->before) Convert(*change->before, update->mutable_old_status());
  if (change->after) Convert(*change->after, update->mutable_new_status());
  if (change->cause) {
    Convert(*change->cause, update->mutable_record());
  } else {
    update->set_clock(true);
  }
  return true;
}

}  // namespace flosync
