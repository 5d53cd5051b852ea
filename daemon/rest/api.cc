#include "daemon/rest/api.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/time_util.h>

#include "daemon/export_rows.h"
#include "daemon/http/accept.h"
#include "daemon/rest/caller_metadata.h"
#include "daemon/rest/forward.h"
#include "daemon/rest/json_answer.h"
#include "daemon/rest/request_fields.h"
#include "daemon/rest/status_answer.h"
#include "daemon/services/errors.h"
#include "daemon/services/read_mask.h"
#include "domain/oslo.h"
#include "domain/text.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// What is remembered while the daemon works on it.
struct Question {
  const Route* route = nullptr;
  Target target;
  std::shared_ptr<Message> request;
  std::shared_ptr<Message> response;
  std::string if_none_match;
  bool csv = false;
};

std::shared_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::shared_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::Status ChooseForm(const HttpRequest& request, const Route& route, bool& csv) {
  constexpr auto kOffered = std::to_array<std::string_view>({"application/json", "text/csv"});
  std::string accept;
  for (const std::string& value : request.Values("accept")) accept += Join(accept.empty() ? "" : ",", value);
  const auto chosen = ChooseType(accept, std::span(kOffered).first(route.csv ? 2 : 1));
  csv = chosen == 1;
  if (chosen) return grpc::Status::OK;
  return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "TYPE_NOT_OFFERED",
                 route.csv ? "Accept takes neither application/json nor text/csv; ask for one of them"
                           : "Accept does not take application/json; ask for it");
}

grpc::Status ReadQuestion(const HttpRequest& request, const Target& target, const MatchedRoute& matched,
                          Question& question) {
  const std::string name = [&] {
    std::string text(matched.route->method);
    std::ranges::replace(text, '/', '.');
    return text;
  }();
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  question.route = matched.route;
  question.target = target;
  question.request = NewMessage(method->input_type());
  question.response = NewMessage(method->output_type());
  for (const std::string& value : request.Values("if-none-match")) question.if_none_match += value + ",";
  if (grpc::Status read = FillRequest(matched.values, target.parameters, *question.request); !read.ok()) return read;
  // A file with empty cells would say that there is nothing.
  if (!question.csv || ReadMaskOf(*question.request).paths_size() == 0) return grpc::Status::OK;
  return InvalidField("read_mask",
                      "is for JSON: CSV has the columns of exports; leave it out, or Accept application/json");
}

// The snapshot that is answered with; nullptr if the answer is another.
const v1::Snapshot* SnapshotIn(const Message& response) {
  if (const auto* one = dynamic_cast<const v1::GetSnapshotResponse*>(&response)) return &one->snapshot();
  const auto* rows = dynamic_cast<const v1::ReadSnapshotResponse*>(&response);
  return rows != nullptr ? &rows->snapshot() : nullptr;
}

// What an entity tag says of the mask: nothing where there is none, and the same for masks that mean the same.
std::string TagOfMask(const Message& request) {
  constexpr size_t kHashLength = 16;
  FieldMask canonical;
  google::protobuf::util::FieldMaskUtil::ToCanonicalForm(ReadMaskOf(request), &canonical);
  return canonical.paths_size() == 0 ? ""
                                     : Join("-", Sha256Hex({canonical.SerializeAsString()}).substr(0, kHashLength));
}

// The strong entity tag of a snapshot: the hash of its content, which is that of its CSV file, with the form it is in
// where that is another, and whether it is withdrawn, which is all that can ever change of it.
std::string TagOf(const Question& question, const v1::Snapshot& snapshot) {
  const auto* rows = dynamic_cast<const v1::ReadSnapshotRequest*>(question.request.get());
  const bool for_public = rows != nullptr && rows->for_public();
  const char* form = rows == nullptr ? "-description" : question.csv ? "" : "-json";
  return Join("\"", snapshot.content_hash(), for_public ? "-public" : "", form, TagOfMask(*question.request),
              snapshot.has_withdrawal() ? "-withdrawn" : "", "\"");
}

// The same address with the token of the next page; empty on the last one.
std::string NextPage(const Question& question) {
  const auto* field = question.response->GetDescriptor()->FindFieldByName("next_page_token");
  if (field == nullptr) return {};
  const std::string token = question.response->GetReflection()->GetString(*question.response, field);
  if (token.empty()) return {};
  std::string address;
  for (const std::string& segment : question.target.segments) address += "/" + EscapeForTarget(segment);
  address += "?";
  for (const auto& [name, value] : question.target.parameters) {
    if (name != "page_token") address += Join(EscapeForTarget(name), "=", EscapeForTarget(value), "&");
  }
  return Join(address, "page_token=", EscapeForTarget(token));
}

std::string CsvOf(const Message& response) {
  if (const auto* rows = dynamic_cast<const v1::ReadSnapshotResponse*>(&response)) return ExportCsv(*rows);
  return ExportCsv(dynamic_cast<const v1::QueryIndicatorsResponse&>(response));
}

grpc::Status WriteBody(const Question& question, HttpAnswer& answer) {
  if (question.csv) {
    answer.content_type = kCsvType;
    answer.body = CsvOf(*question.response);
    return grpc::Status::OK;
  }
  auto written = JsonAnswer(*question.request, *question.response);
  if (!written) {
    return Refusal(grpc::StatusCode::INTERNAL, "INTERNAL", "the answer cannot be written as JSON; report this");
  }
  answer.content_type = kJsonType;
  answer.body = *std::move(written) + "\n";
  return grpc::Status::OK;
}

HttpAnswer AnswerTo(const Question& question, const grpc::Status& status, const std::string& response) {
  if (!status.ok()) return StatusAnswer(status);
  if (!question.response->ParseFromString(response)) {
    return StatusAnswer(Refusal(grpc::StatusCode::INTERNAL, "INTERNAL", "the answer cannot be read; report this"));
  }
  HttpAnswer answer;
  const v1::Snapshot* snapshot = SnapshotIn(*question.response);
  if (question.route->csv) answer.fields.emplace_back("Vary", "Accept");
  // Also an edition by its number is asked for again, as it may have been withdrawn.
  answer.fields.emplace_back("Cache-Control", snapshot == nullptr ? "no-store" : "private, no-cache");
  if (snapshot != nullptr) {
    const std::string tag = TagOf(question, *snapshot);
    answer.fields.emplace_back("ETag", tag);
    if (snapshot->has_withdrawal()) {
      const Instant at{
          google::protobuf::util::TimeUtil::TimestampToMilliseconds(snapshot->withdrawal().withdrawn_at())};
      answer.fields.emplace_back("Flosync-Withdrawn", FormatUtc(at));
    }
    if (NamesTag(question.if_none_match, tag)) {
      answer.status = 304;
      return answer;
    }
  }
  if (const std::string next = NextPage(question); !next.empty()) {
    answer.fields.emplace_back("Link", Join("<", next, ">; rel=\"next\""));
  }
  const grpc::Status written = WriteBody(question, answer);
  return written.ok() ? answer : StatusAnswer(written);
}

}  // namespace

Api::Api(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)), writers_(kWriters, 0) {}

void Api::Ask(const HttpRequest& request, const Target& target, const MatchedRoute& matched, HttpHandler::Done done) {
  auto question = std::make_shared<Question>();
  ForwardedCall call;
  if (grpc::Status form = ChooseForm(request, *matched.route, question->csv); !form.ok()) {
    return done(StatusAnswer(form, 406));
  }
  if (grpc::Status read = ReadQuestion(request, target, matched, *question); !read.ok()) {
    return done(StatusAnswer(read));
  }
  if (grpc::Status told = TellCaller(request, call.metadata); !told.ok()) return done(StatusAnswer(told));
  call.method = matched.route->method;
  call.request = question->request->SerializeAsString();
  call.deadline = std::chrono::system_clock::now() + kCallDeadline;
  Forward(channel_, call, [this, question, done = std::move(done)](const grpc::Status& status, std::string response) {
    // gRPC's threads have other calls to see to.
    Post([question, status, done, response = std::move(response)] { done(AnswerTo(*question, status, response)); });
  });
}

}  // namespace flosync
