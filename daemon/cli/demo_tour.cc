#include "daemon/cli/demo_tour.h"

#include <optional>
#include <set>
#include <string>

#include "daemon/cli/demo_records.h"
#include "daemon/cli/rows.h"
#include "daemon/confirmed_clock.h"
#include "domain/text.h"

#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"
#include "flosync/v1/patient_list_service.grpc.pb.h"
#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync {
namespace {

constexpr int32_t kWatchTimeoutMs = 60'000;
constexpr int32_t kSnapshotWaitMs = 120'000;
constexpr int32_t kListsLookedAt = 500;

// The figures shown of the many there are.
bool Headline(const v1::IndicatorRow& row) {
  static const std::set<std::string> shown = {
      "gp_specialist_share.all",  "gp_specialist_share.lt40", "gp_count.all.all",
      "gps_per_10000_listed.all", "list_count.all",           "list_count.unstaffed",
      "list_unstaffed_share.all", "persons_listed.all",       "persons_listed.on_unstaffed"};
  return shown.contains(row.measure() + "." + row.breakdown());
}

v1::IndicatorFilter Nation() {
  v1::IndicatorFilter filter;
  filter.add_levels(v1::LEVEL_NATION);
  return filter;
}

absl::Status Failed(const grpc::Status& status, const ClientOptions& client) {
  return absl::UnavailableError(DescribeFailure(status, client));
}

absl::Status ShowFigures(const ClientOptions& client, CommandContext& context) {
  const auto stub = v1::IndicatorService::NewStub(Connect(client));
  v1::QueryIndicatorsRequest request;
  *request.mutable_filter() = Nation();
  v1::QueryIndicatorsResponse answer;
  const grpc::Status status = Call(*stub, &v1::IndicatorService::Stub::QueryIndicators, request, answer, client);
  if (!status.ok()) return Failed(status, client);
  context.out << "\n3. National figures today, " << answer.reference_date() << " (Europe/Oslo):\n\n";
  TextTable table = FigureTable();
  for (const v1::IndicatorRow& row : answer.rows()) {
    if (Headline(row)) AddFigure(row, table);
  }
  table.Print(context.out, context.colours);
  return absl::OkStatus();
}

// The snapshot of the first of this month, which the daemon makes right after the first load.
absl::Status ShowSnapshot(const ClientOptions& client, CommandContext& context) {
  const auto stub = v1::SnapshotService::NewStub(Connect(client));
  const Day today = OsloDay(SystemNow());
  v1::GetSnapshotRequest request;
  request.set_reference_date(Day(today.year(), today.month(), 1).ToString());
  v1::GetSnapshotResponse answer;
  grpc::ClientContext wait_for_it;
  const Instant give_up{SteadyNow().ms + kSnapshotWaitMs};
  grpc::Status status = Call(*stub, &v1::SnapshotService::Stub::GetSnapshot, request, answer, client);
  while (status.error_code() == grpc::StatusCode::NOT_FOUND && SteadyNow() < give_up) {
    // The first six hours of a month have the snapshot of the month before as their latest.
    if (ToOslo(SystemNow()) <
        WallTime{int64_t{Day(today.year(), today.month(), 1).epoch_days()} * 86400 + 7 * 3600, 0}) {
      request.clear_reference_date();
    }
    gpr_sleep_until(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(200, GPR_TIMESPAN)));
    status = Call(*stub, &v1::SnapshotService::Stub::GetSnapshot, request, answer, client);
  }
  if (!status.ok()) return Failed(status, client);
  const v1::Snapshot& snapshot = answer.snapshot();
  context.out << "\n4. The latest first-of-month snapshot: " << snapshot.reference_date() << ", edition "
              << snapshot.edition() << ", " << snapshot.row_count() << " rows that never change,\n   SHA-256 "
              << snapshot.content_hash() << "\n";
  return absl::OkStatus();
}

struct Candidates {
  std::optional<v1::Doctor> becomes_specialist;
  std::optional<v1::DoctorOnContract> ends;
};

// A GP who is no specialist yet, and another list's only regular GP.
absl::StatusOr<Candidates> FindCandidates(const ClientOptions& client) {
  const auto lists = v1::PatientListService::NewStub(Connect(client));
  const auto doctors = v1::DoctorService::NewStub(Connect(client));
  v1::ListPatientListsRequest request;
  request.set_page_size(kListsLookedAt);
  v1::ListPatientListsResponse page;
  if (const auto status = Call(*lists, &v1::PatientListService::Stub::ListPatientLists, request, page, client);
      !status.ok()) {
    return Failed(status, client);
  }
  Candidates found;
  for (const v1::PatientList& list : page.patient_lists()) {
    if (list.regular_gps_size() != 1) continue;
    v1::GetDoctorRequest ask;
    ask.set_hpr_number(list.regular_gps(0));
    v1::GetDoctorResponse answer;
    if (!Call(*doctors, &v1::DoctorService::Stub::GetDoctor, ask, answer, client).ok()) continue;
    const v1::Doctor& doctor = answer.doctor();
    const bool may_become = !doctor.specialist() && doctor.authorised() && doctor.authorised_periods_size() > 0;
    if (!found.becomes_specialist && may_become) {
      found.becomes_specialist = doctor;
      continue;
    }
    for (const v1::DoctorOnContract& period : doctor.contracts()) {
      const bool only_one =
          period.current() && period.relationship() == "LPFL" && period.contract_id() == list.contract_id();
      if (!found.ends && only_one && period.period().from() < OsloDay(SystemNow()).ToString()) found.ends = period;
    }
    if (found.becomes_specialist && found.ends) return found;
  }
  return absl::NotFoundError("the register is too small to show a change; use a larger --scale");
}

class Watch {
 public:
  explicit Watch(const ClientOptions& client) : stub_(v1::IndicatorService::NewStub(Connect(client))) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(kWatchTimeoutMs));
    v1::WatchIndicatorsRequest request;
    *request.mutable_filter() = Nation();
    stream_ = stub_->WatchIndicators(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    v1::WatchIndicatorsResponse rest;
    while (stream_->Read(&rest)) {
    }
    static_cast<void>(stream_->Finish());
  }
  // The first message says where the stream begins.
  bool Begin() {
    v1::WatchIndicatorsResponse message;
    return stream_->Read(&message);
  }
  // Prints the updates of the next revision that has any.
  bool ShowNext(CommandContext& context) {
    v1::WatchIndicatorsResponse message;
    bool shown = false;
    while (stream_->Read(&message)) {
      for (const v1::IndicatorUpdate& update : message.updates()) {
        if (!Headline(update.new_row())) continue;
        context.out << "   " << update.new_row().measure() << "." << update.new_row().breakdown() << "  "
                    << FigureText(update.old_row()) << "  →  " << FigureText(update.new_row()) << "\n";
        shown = true;
      }
      if (message.revision_complete() && shown) return true;
    }
    return false;
  }

 private:
  std::unique_ptr<v1::IndicatorService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchIndicatorsResponse>> stream_;
};

absl::Status ShowChanges(const ClientOptions& client, DemoFeed& feed, CommandContext& context) {
  const auto candidates = FindCandidates(client);
  if (!candidates.ok()) return candidates.status();
  Watch watch(client);
  if (!watch.Begin()) return absl::UnavailableError("the watch does not begin; see the daemon's log");
  context.out << "\n5. A watch on the nation is open. HPR tells that one GP has become a specialist:\n" << std::flush;
  if (absl::Status fed = feed.Append(SpecialistRecord(*candidates->becomes_specialist, SystemNow())); !fed.ok())
    return fed;
  if (!watch.ShowNext(context)) return absl::UnavailableError("no update came; see the daemon's log");
  context.out << "\n6. FLO tells that the only GP of a list has stopped:\n" << std::flush;
  if (absl::Status fed = feed.Append(EndedPeriodRecord(*candidates->ends, SystemNow())); !fed.ok()) return fed;
  if (!watch.ShowNext(context)) return absl::UnavailableError("no update came; see the daemon's log");
  context.out << "\n7. Try next, from another terminal:\n"
              << "   flosync status --address " << client.address << "\n"
              << "   flosync indicators --measure gp_specialist_share --level county --address " << client.address
              << "\n"
              << "   flosync watch --level nation --address " << client.address << "\n"
              << "   flosync snapshot list --address " << client.address << "\n"
              << "   flosync lists --unstaffed --address " << client.address << "\n"
              << "   flosync doctor " << candidates->becomes_specialist->hpr_number() << " --address " << client.address
              << "\n";
  return absl::OkStatus();
}

}  // namespace

absl::Status ShowTour(const ClientOptions& client, DemoFeed& feed, CommandContext& context) {
  if (absl::Status shown = ShowFigures(client, context); !shown.ok()) return shown;
  if (absl::Status shown = ShowSnapshot(client, context); !shown.ok()) return shown;
  return ShowChanges(client, feed, context);
}

}  // namespace flosync
