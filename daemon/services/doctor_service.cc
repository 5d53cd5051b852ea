#include "daemon/services/doctor_service.h"

#include <string>

#include "daemon/services/convert.h"
#include "daemon/services/doctor_message.h"
#include "daemon/services/doctor_record.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/watch_stream.h"
#include "daemon/services/watched_doctors.h"
#include "domain/text.h"
#include "state/indicators/list_facts.h"
#include "state/register/doctor_history.h"
#include "state/snapshots/schedule.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

void Describe(const PersonState& person, const HprEntry& entry, Day d, v1::Doctor* out) {
  const DoctorFacts& facts = person.facts;
  out->set_in_hpr(true);
  out->set_specialist(facts.SpecialistAt(d));
  out->set_specialist_reason(Convert(ExplainSpecialist(entry.person, d)));
  out->set_authorised(facts.AuthorisedAt(d));
  out->set_birth_year(facts.birth_year.value_or(0));
  if (facts.death) out->set_death_date(facts.death->ToString());
  out->set_sex(Convert(facts.sex));
  for (const Period& period : facts.specialist) Convert(period, out->add_specialist_periods());
  for (const Period& period : facts.authorised) Convert(period, out->add_authorised_periods());
  out->set_hpr_updated(person.version.ToString());
  Convert(entry.position, out->mutable_hpr_record());
}

void Describe(const KnownDoctor& doctor, const Moment& at, v1::Doctor* out) {
  out->set_surviving_hpr_number(doctor.surviving);
  const PersonState* person = doctor.reg.FindPerson(doctor.surviving);
  if (person != nullptr && doctor.entry && person->InHprAt(at.t)) {
    Describe(*person, *doctor.entry, at.d, out);
  } else {
    out->set_specialist_reason(v1::SPECIALIST_REASON_NOT_IN_HPR);
  }
  for (const auto& [id, state] : doctor.reg.doctor_periods()) {
    if (state.Holds()) Describe(state.latest, at.d, out->add_contracts());
  }
}

// The day and instants a request is about.
struct Question {
  Moment at;
  Instant known_at = Instant::Max();
};

grpc::Status ReadKnownAt(const google::protobuf::Timestamp& in, Instant& known_at) {
  const auto instant = ReadInstant(in);
  if (!instant) return InvalidField("known_at", "is no instant of the years 1 to 9999");
  known_at = *instant;
  return grpc::Status::OK;
}

grpc::Status ReadQuestion(const v1::GetDoctorRequest& request, Instant clock, Question& question) {
  question.at = Moment::Live(clock);
  if (request.has_known_at()) {
    if (grpc::Status read = ReadKnownAt(request.known_at(), question.known_at); !read.ok()) return read;
    question.at = Moment::Live(question.known_at);
  }
  if (request.as_of().empty()) return grpc::Status::OK;
  const auto day = ParseDay(request.as_of());
  if (!day) return InvalidField("as_of", "is not a date of the form yyyy-MM-dd");
  question.at = Moment::AtDate(*day, kCutoffDelay);
  return grpc::Status::OK;
}

// The text does not repeat the number: error texts end up in logs.
grpc::Status NothingKnown(Instant known_at) {
  const bool all = known_at == Instant::Max();
  return NotFound("DOCTOR_NOT_KNOWN",
                  all ? "nothing is known of this HPR number; check it"
                      : "nothing is known of this HPR number by the records asked for; check it, or leave known_at out",
                  {{"known_at", all ? "" : FormatUtc(known_at)}});
}

grpc::Status FromReading(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kResourceExhausted) return FromStatus(status);
  return Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_RECORDS",
                 Join("more than ", kMostDoctorRecords, " records belong to this number; ask with an earlier known_at"),
                 {{"most_records", std::to_string(kMostDoctorRecords)}});
}

}  // namespace

grpc::Status DoctorServer::Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const {
  if (request.hpr_number() <= 0) return InvalidField("hpr_number", "must be from 1 to 2147483647");
  const View view(support_.publication->store());
  const auto last = ReadLastCommit(view);
  if (!last.ok()) return FromStatus(last.status());
  if (!last->clock) return NotReady();
  Question question;
  if (grpc::Status read = ReadQuestion(request, *last->clock, question); !read.ok()) return read;
  const auto doctor = ReadDoctor(view, request.hpr_number(), question.at.t, question.known_at);
  if (!doctor.ok()) return FromReading(doctor.status());
  if (!doctor->reg.FindPerson(request.hpr_number()) && doctor->reg.doctor_periods().empty())
    return NothingKnown(question.known_at);
  response.mutable_doctor()->set_hpr_number(request.hpr_number());
  Describe(*doctor, question.at, response.mutable_doctor());
  response.set_revision(last->revision);
  response.set_reference_date(question.at.d.ToString());
  Convert(question.at.t, response.mutable_reference_instant());
  if (request.has_known_at()) *response.mutable_known_at() = request.known_at();
  return grpc::Status::OK;
}

grpc::Status DoctorServer::GetHistory(const v1::GetDoctorHistoryRequest& request,
                                      v1::GetDoctorHistoryResponse& response) const {
  if (request.hpr_number() <= 0) return InvalidField("hpr_number", "must be from 1 to 2147483647");
  Instant known_at = Instant::Max();
  if (request.has_known_at()) {
    if (grpc::Status read = ReadKnownAt(request.known_at(), known_at); !read.ok()) return read;
  }
  const std::string hash = Sha256Hex({std::to_string(request.hpr_number()), "/", std::to_string(known_at.ms)});
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kDoctorHistoryPage, hash, request.page_size(), request.page_token(),
                                   support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  std::optional<Position> after;
  if (!page.after_key.empty()) after = ReadHistoryKey(page.after_key).position;
  const auto history =
      ReadDoctorHistory(view, request.hpr_number(), known_at, after, static_cast<size_t>(page.entries));
  if (!history.ok()) return FromReading(history.status());
  if (history->steps.empty() && !after) return NothingKnown(known_at);
  for (const HistoryStep& step : history->steps) Describe(step, response.add_records());
  if (history->more) {
    const HistoryStep& last = history->steps.back();
    response.set_next_page_token(
        WritePageToken(TokenKind::kDoctorHistoryPage, hash, HistoryKey(last.entity, last.record.position)));
  }
  response.set_revision(moment->revision);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DoctorServer::GetDoctor(grpc::CallbackServerContext* context,
                                                  const v1::GetDoctorRequest* request,
                                                  v1::GetDoctorResponse* response) {
  return Answer(support_, context, request, response, [this, request, response] { return Get(*request, *response); });
}

grpc::ServerUnaryReactor* DoctorServer::GetDoctorHistory(grpc::CallbackServerContext* context,
                                                         const v1::GetDoctorHistoryRequest* request,
                                                         v1::GetDoctorHistoryResponse* response) {
  return Answer(support_, context, request, response,
                [this, request, response] { return GetHistory(*request, *response); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* DoctorServer::WatchDoctors(grpc::CallbackServerContext* context,
                                                                       const grpc::ByteBuffer* request) {
  return Watch<WatchedDoctors>(support_, *context, *request);
}

}  // namespace flosync
