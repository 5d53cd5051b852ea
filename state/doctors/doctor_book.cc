#include "state/doctors/doctor_book.h"

#include <algorithm>
#include <utility>

#include "state/store/feed_keys.h"

namespace flosync {

absl::Status DoctorBook::Load(const View& view, const Moment& clock) {
  const absl::Status read = EachDoctorStatus(view, 0, [this](const DoctorStatus& status) {
    told_[status.hpr_number] = status;
    return true;
  });
  if (!read.ok()) return read;
  Begin();
  for (const auto& [number, status] : told_) dirty_.try_emplace(number);
  // Most are as told; the others are due at once, so that the clock alone is reason enough to tell them.
  absl::erase_if(dirty_, [&](const auto& entry) {
    DerivedStatus derived = DeriveDoctorStatus(*register_, entry.first, clock);
    const auto known = told_.find(entry.first);
    const bool as_told = known == told_.end() ? !derived.status : derived.status == known->second;
    timers_.Set(entry.first, as_told ? derived.next_change : clock.t);
    return as_told;
  });
  return absl::OkStatus();
}

void DoctorBook::Begin() {
  begun_ = true;
  for (const auto& [id, period] : register_->doctor_periods()) {
    if (period.Holds() && period.latest.hpr_number != 0) dirty_.try_emplace(period.latest.hpr_number);
  }
}

void DoctorBook::Mark(int32_t hpr_number, const Position& cause) {
  if (hpr_number == 0) return;
  std::optional<Position>& latest = dirty_[hpr_number];
  latest = std::max(latest, std::optional(cause));
}

void DoctorBook::MarkDirty(const EntityId& entity, const EntityState& before, const EntityState& after,
                           const Position& cause) {
  if (!begun_) return;
  if (entity.kind == EntityKind::kDoctorPeriod) {
    for (const EntityState* state : {&before, &after}) {
      const auto& period = std::get<DoctorPeriodState>(*state);
      if (period.known) Mark(period.latest.hpr_number, cause);
    }
  }
  if (entity.kind != EntityKind::kPerson) return;
  const auto& was = std::get<PersonState>(before);
  const auto& is = std::get<PersonState>(after);
  if (was.DerivesTheSame(is)) return;
  for (const int32_t leading : register_->NumbersLeadingTo(static_cast<int32_t>(entity.id))) {
    if (!register_->DoctorPeriodsOfNumber(leading).empty()) Mark(leading, cause);
  }
}

void DoctorBook::Advance(const Moment& at, int64_t revision, Batch& batch) {
  if (!begun_) return;
  timers_.EachDue(at.t, [this](int32_t number) { dirty_.try_emplace(number); });
  int32_t index = 0;
  for (const auto& [number, cause] : dirty_) {
    ++derived_;
    DerivedStatus derived = DeriveDoctorStatus(*register_, number, at);
    timers_.Set(number, derived.next_change);
    Tell(number, std::move(derived.status), cause, revision, index, batch);
  }
  dirty_.clear();
}

void DoctorBook::Tell(int32_t hpr_number, std::optional<DoctorStatus> status, const std::optional<Position>& cause,
                      int64_t revision, int32_t& index, Batch& batch) {
  DoctorChange change{std::nullopt, std::move(status), cause};
  const auto known = told_.find(hpr_number);
  if (known != told_.end()) change.before = std::move(known->second);
  if (change.before != change.after) {
    batch.Put(Family::kFeed, FeedKey(kDoctorFeedPrefix, revision, ++index), EncodeDoctorChange(change));
    if (change.after) {
      batch.Put(Family::kAlerts, DoctorStatusKey(hpr_number), EncodeDoctorStatus(*change.after));
    } else {
      batch.Delete(Family::kAlerts, DoctorStatusKey(hpr_number));
    }
  }
  if (change.after) {
    told_[hpr_number] = *std::move(change.after);
  } else if (known != told_.end()) {
    told_.erase(known);
  }
}

}  // namespace flosync
