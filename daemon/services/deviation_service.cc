#include "daemon/services/deviation_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/confirmed_clock.h"
#include "daemon/services/by_writer.h"
#include "daemon/services/convert.h"
#include "daemon/services/entity_filter.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/who_and_why.h"
#include "domain/text.h"
#include "state/core/deviation_log.h"
#include "state/core/deviation_report.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr size_t kHashLength = 32;

// The enumerators of the API are those of the domain in the same order, behind UNSPECIFIED.
template <typename Out, typename In>
Out ToApi(In in) {
  return static_cast<Out>(static_cast<int>(in) + 1);
}

template <typename Field, typename Value>
bool Matches(const Field& wanted, const Value& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

// All but the priority, which costs more to find out.
bool MatchesStored(const v1::ListDeviationsRequest& request, const Deviation& d) {
  return Matches(request.codes(), DeviationName(d.code)) &&
         Matches(request.statuses(), ToApi<v1::DeviationStatus>(d.status())) &&
         Matches(request.owners(), ToApi<v1::DeviationOwner>(OwnerOf(d.code))) &&
         d.entity.starts_with(request.entity_prefix());
}

void Describe(const Deviation& d, DeviationPriority priority, v1::Deviation* out) {
  out->set_id(d.id);
  out->set_code(std::string(DeviationName(d.code)));
  out->set_owner(ToApi<v1::DeviationOwner>(OwnerOf(d.code)));
  out->set_priority(ToApi<v1::DeviationPriority>(priority));
  out->set_status(ToApi<v1::DeviationStatus>(d.status()));
  out->set_entity(d.entity);
  if (d.first) Convert(*d.first, out->mutable_first());
  if (d.last) Convert(*d.last, out->mutable_last());
  out->set_line(d.line);
  if (d.first_seen) Convert(*d.first_seen, out->mutable_first_seen());
  if (d.last_seen) Convert(*d.last_seen, out->mutable_last_seen());
  out->set_count(d.count);
  out->set_detail(Join(d.field, d.field.empty() ? "" : " ", d.detail));
  out->set_remedy(std::string(DeviationRemedy(d.code)));
  if (!d.decision) return;
  v1::DeviationDecision* decision = out->mutable_decision();
  decision->set_status(ToApi<v1::DeviationStatus>(d.decision->status));
  decision->set_by(d.decision->by);
  decision->set_reason(d.decision->reason);
  Convert(d.decision->at, decision->mutable_decided_at());
  decision->set_count(d.decision->count);
}

// A value of an enumeration of the API that means something.
template <typename Values>
grpc::Status CheckValues(const std::string& field, const Values& values, bool (*known)(int)) {
  const auto wrong = std::find_if(values.begin(), values.end(), [known](int v) { return v == 0 || !known(v); });
  if (wrong == values.end()) return grpc::Status::OK;
  return InvalidField(Join(field, "[", wrong - values.begin(), "]"), "there is no such value; leave it empty for all");
}

grpc::Status CheckFilter(const v1::ListDeviationsRequest& request) {
  for (const auto& [field, entries] :
       {std::pair("codes", request.codes_size()), std::pair("statuses", request.statuses_size()),
        std::pair("priorities", request.priorities_size()), std::pair("owners", request.owners_size())}) {
    if (grpc::Status checked = CheckEntries(field, entries); !checked.ok()) return checked;
  }
  for (int i = 0; i < request.codes_size(); ++i) {
    if (!ParseDeviationCode(request.codes(i)))
      return InvalidField(Join("codes[", i, "]"), "there is no such deviation code");
  }
  for (grpc::Status checked : {CheckValues("statuses", request.statuses(), v1::DeviationStatus_IsValid),
                               CheckValues("priorities", request.priorities(), v1::DeviationPriority_IsValid),
                               CheckValues("owners", request.owners(), v1::DeviationOwner_IsValid)}) {
    if (!checked.ok()) return checked;
  }
  if (request.entity_prefix().find('\0') != std::string::npos)
    return InvalidField("entity_prefix", "must not hold a zero byte");
  const std::string wrong = CheckEntityPrefix(request.entity_prefix());
  return wrong.empty() ? grpc::Status::OK : InvalidField("entity_prefix", wrong);
}

// Without the page and what of it is shown: the same question has the same hash.
std::string HashOf(v1::ListDeviationsRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_read_mask();
  return Sha256Hex({request.SerializeAsString()}).substr(0, kHashLength);
}

// Where the walk begins: at one code and its entities if only one is asked for.
std::string WalkPrefix(const v1::ListDeviationsRequest& request) {
  if (request.codes_size() != 1) return {};
  return KeyBuilder().Text(request.codes(0)).Raw(request.entity_prefix()).Take();
}

// The key behind which a page begins. Tokens hold the id: the key has the entity in it.
absl::StatusOr<std::string> KeyBefore(const View& view, const std::string& after_id) {
  const auto id = ParseNumber<int64_t>(after_id);
  if (!id) return std::string();
  const auto key = view.Get(Family::kIndex, DeviationIdKey(*id));
  if (!key.ok()) return key.status();
  return key->value_or("");
}

grpc::Status CheckDecision(const v1::ResolveDeviationRequest& request) {
  std::vector<FieldViolation> violations;
  if (request.status() != v1::DEVIATION_STATUS_RESOLVED && request.status() != v1::DEVIATION_STATUS_IGNORED)
    violations.push_back({"status", "must be RESOLVED or IGNORED"});
  if (auto wrong = CheckBy(request.by())) violations.push_back(*std::move(wrong));
  if (auto wrong = CheckReason(request.reason())) violations.push_back(*std::move(wrong));
  return violations.empty() ? grpc::Status::OK : InvalidFields("INVALID_FIELD", std::move(violations));
}

grpc::Status Refused(const absl::Status& status, int64_t id) {
  return FromChange(status, "DEVIATION_NOT_FOUND", "DEVIATION_NOT_STANDING", {{"id", std::to_string(id)}});
}

}  // namespace

grpc::Status DeviationServer::List(const grpc::CallbackServerContext& context, const v1::ListDeviationsRequest& request,
                                   v1::ListDeviationsResponse& response) const {
  const std::string hash = HashOf(request);
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kDeviationPage, hash, request.page_size(), request.page_token(),
                                   support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  if (grpc::Status checked = CheckFilter(request); !checked.ok()) return checked;
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const auto start = KeyBefore(view, page.after_key);
  if (!start.ok()) return FromStatus(start.status());
  const Moment at = Moment::Live(*moment->clock);
  grpc::Status failed;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (key == *start) return true;
    if (context.IsCancelled()) {
      failed = GivenUp();
      return false;
    }
    const auto deviation = DecodeDeviation(value);
    if (deviation.ok() && !MatchesStored(request, *deviation)) return true;
    const auto priority = deviation.ok() ? ReadPriority(view, *deviation, at) : deviation.status();
    if (!priority.ok()) {
      failed = FromStatus(priority.status());
      return false;
    }
    if (!Matches(request.priorities(), ToApi<v1::DeviationPriority>(*priority))) return true;
    if (response.deviations_size() == page.entries) {
      const std::string last = std::to_string(response.deviations().rbegin()->id());
      response.set_next_page_token(WritePageToken(TokenKind::kDeviationPage, hash, last));
      return false;
    }
    Describe(*deviation, *priority, response.add_deviations());
    return true;
  };
  const absl::Status walked = view.Each(Family::kDeviations, WalkPrefix(request), visit, *start);
  if (!walked.ok()) return FromStatus(walked);
  response.set_revision(moment->revision);
  return failed;
}

grpc::Status DeviationServer::Get(int64_t id, v1::Deviation* out) const {
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  const auto deviation = FindDeviation(view, id);
  if (!deviation.ok()) return FromStatus(deviation.status());
  if (!deviation->has_value()) {
    return Refused(absl::NotFoundError("there is no deviation with this id; list them to find it"), id);
  }
  const auto priority = ReadPriority(view, **deviation, Moment::Live(moment->clock.value_or(Instant{})));
  if (!priority.ok()) return FromStatus(priority.status());
  Describe(**deviation, *priority, out);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DeviationServer::ListDeviations(grpc::CallbackServerContext* context,
                                                          const v1::ListDeviationsRequest* request,
                                                          v1::ListDeviationsResponse* response) {
  return Answer(support_, context, request, response,
                [this, context, request, response] { return List(*context, *request, *response); });
}

grpc::ServerUnaryReactor* DeviationServer::GetDeviation(grpc::CallbackServerContext* context,
                                                        const v1::GetDeviationRequest* request,
                                                        v1::GetDeviationResponse* response) {
  return Answer(support_, context, request, response,
                [this, request, response] { return Get(request->id(), response->mutable_deviation()); });
}

grpc::ServerUnaryReactor* DeviationServer::ResolveDeviation(grpc::CallbackServerContext* context,
                                                            const v1::ResolveDeviationRequest* request,
                                                            v1::ResolveDeviationResponse* response) {
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return CheckDecision(*request); },
       .change =
           [request](Core& /*core*/, const View& view, Batch& batch) {
             DeviationDecision decision;
             decision.status = request->status() == v1::DEVIATION_STATUS_IGNORED ? DeviationStatus::kIgnored
                                                                                 : DeviationStatus::kResolved;
             decision.by = request->by();
             decision.reason = request->reason();
             decision.at = SystemNow();
             return DecideOnDeviation(view, request->id(), decision, batch);
           },
       .refused = [request](const absl::Status& status) { return Refused(status, request->id()); },
       .answer = [this, request, response] { return Get(request->id(), response->mutable_deviation()); }});
}

grpc::Status DeviationServer::ReadAgain(const v1::RedriveDeviationsRequest& request,
                                        v1::RedriveDeviationsResponse& response) const {
  if (grpc::Status checked = CheckWhoAndWhy(request.by(), request.reason()); !checked.ok()) return checked;
  if (redrive_ == nullptr) {
    return Refusal(grpc::StatusCode::FAILED_PRECONDITION, "SOURCE_NOT_THERE", "there is no source to read again from");
  }
  LogWhoAndWhy("refused records read again", request.by(), request.reason());
  RedriveOutcome outcome;
  const absl::Status run = redrive_->Run(outcome);
  if (absl::IsAborted(run)) {
    return Refusal(grpc::StatusCode::FAILED_PRECONDITION, "REDRIVE_RUNNING", std::string(run.message()));
  }
  if (!run.ok()) {
    spdlog::warn("refused records: {} taken, {} still refused, the others could not be read again: {}", outcome.mended,
                 outcome.still_refused, std::string(run.message()));
    return FromChange(run, "", "SYNC_PAUSED", {});
  }
  response.set_taken(outcome.mended);
  response.set_still_refused(outcome.still_refused);
  response.set_read_again(outcome.mended + outcome.still_refused);
  response.set_gone(outcome.kept - response.read_again());
  response.set_revision(outcome.revision);
  spdlog::info("refused records: {} read again, {} taken, {} still refused, {} gone", response.read_again(),
               response.taken(), response.still_refused(), response.gone());
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DeviationServer::RedriveDeviations(grpc::CallbackServerContext* context,
                                                             const v1::RedriveDeviationsRequest* request,
                                                             v1::RedriveDeviationsResponse* response) {
  return AnswerOn(redrive_workers_, support_, context, request, response,
                  [this, request, response] { return ReadAgain(*request, *response); });
}

}  // namespace flosync
