#include "client/error_details.h"

#include <utility>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/unknown_field_set.h>

namespace flosync {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// Debian has protobuf but not the google.rpc messages. They are four small ones of long standing, so they are written
// and read field by field here, by protobuf's own coder, rather than keeping copies of their definitions.
namespace rpc {
constexpr int kStatusCode = 1;
constexpr int kStatusMessage = 2;
constexpr int kStatusDetails = 3;
constexpr int kInfoReason = 1;
constexpr int kInfoDomain = 2;
constexpr int kInfoMetadata = 3;
constexpr int kEntryKey = 1;  // of a map
constexpr int kEntryValue = 2;
constexpr int kBadRequestViolations = 1;
constexpr int kViolationField = 1;
constexpr int kViolationDescription = 2;
constexpr int kRetryDelay = 1;
constexpr const char* kErrorInfo = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr const char* kBadRequest = "type.googleapis.com/google.rpc.BadRequest";
constexpr const char* kRetryInfo = "type.googleapis.com/google.rpc.RetryInfo";
}  // namespace rpc

std::string Bytes(const UnknownFieldSet& message) {
  std::string bytes;
  message.SerializeToString(&bytes);
  return bytes;
}

// A message of two texts: a map's entry, a field violation.
std::string TwoTexts(int first_number, const std::string& first, int second_number, const std::string& second) {
  UnknownFieldSet message;
  message.AddLengthDelimited(first_number, first);
  message.AddLengthDelimited(second_number, second);
  return Bytes(message);
}

void AddDetail(const char* type_url, const UnknownFieldSet& detail, UnknownFieldSet& status) {
  google::protobuf::Any any;
  any.set_type_url(type_url);
  any.set_value(Bytes(detail));
  status.AddLengthDelimited(rpc::kStatusDetails, any.SerializeAsString());
}

// The texts and messages that a serialized message has under `number`.
std::vector<std::string> Fields(const std::string& bytes, int number) {
  std::vector<std::string> values;
  UnknownFieldSet message;
  if (!message.ParseFromString(bytes)) {
    return values;
  }
  for (int i = 0; i < message.field_count(); ++i) {
    const UnknownField& field = message.field(i);
    if (field.number() == number && field.type() == UnknownField::TYPE_LENGTH_DELIMITED) {
      values.push_back(field.length_delimited());
    }
  }
  return values;
}

std::string FieldOrEmpty(const std::string& bytes, int number) {
  std::vector<std::string> values = Fields(bytes, number);
  return values.empty() ? std::string() : std::move(values.back());
}

void ReadDetail(const google::protobuf::Any& any, ErrorDetails& details) {
  if (any.type_url() == rpc::kErrorInfo) {
    details.reason = FieldOrEmpty(any.value(), rpc::kInfoReason);
    for (const std::string& entry : Fields(any.value(), rpc::kInfoMetadata)) {
      details.metadata[FieldOrEmpty(entry, rpc::kEntryKey)] = FieldOrEmpty(entry, rpc::kEntryValue);
    }
  } else if (any.type_url() == rpc::kBadRequest) {
    for (const std::string& violation : Fields(any.value(), rpc::kBadRequestViolations)) {
      details.violations.push_back(
          {FieldOrEmpty(violation, rpc::kViolationField), FieldOrEmpty(violation, rpc::kViolationDescription)});
    }
  } else if (any.type_url() == rpc::kRetryInfo) {
    // Longer than a day is no delay that anybody waits for.
    constexpr int64_t kMostSeconds = 86'400;
    google::protobuf::Duration delay;
    if (delay.ParseFromString(FieldOrEmpty(any.value(), rpc::kRetryDelay)) && delay.seconds() >= 0 &&
        delay.seconds() <= kMostSeconds) {
      details.retry_after = std::chrono::milliseconds(delay.seconds() * 1000 + delay.nanos() / 1'000'000);
    }
  }
}

}  // namespace

grpc::Status MakeStatus(grpc::StatusCode code, const std::string& text, const ErrorDetails& details) {
  UnknownFieldSet status;
  status.AddVarint(rpc::kStatusCode, static_cast<uint64_t>(code));
  status.AddLengthDelimited(rpc::kStatusMessage, text);
  if (!details.reason.empty()) {
    UnknownFieldSet info;
    info.AddLengthDelimited(rpc::kInfoReason, details.reason);
    info.AddLengthDelimited(rpc::kInfoDomain, kErrorDomain);
    for (const auto& [key, value] : details.metadata) {
      info.AddLengthDelimited(rpc::kInfoMetadata, TwoTexts(rpc::kEntryKey, key, rpc::kEntryValue, value));
    }
    AddDetail(rpc::kErrorInfo, info, status);
  }
  if (!details.violations.empty()) {
    UnknownFieldSet bad_request;
    for (const FieldViolation& violation : details.violations) {
      bad_request.AddLengthDelimited(
          rpc::kBadRequestViolations,
          TwoTexts(rpc::kViolationField, violation.field, rpc::kViolationDescription, violation.description));
    }
    AddDetail(rpc::kBadRequest, bad_request, status);
  }
  if (details.retry_after) {
    google::protobuf::Duration delay;
    delay.set_seconds(details.retry_after->count() / 1000);
    delay.set_nanos(static_cast<int32_t>(details.retry_after->count() % 1000 * 1'000'000));
    UnknownFieldSet retry;
    retry.AddLengthDelimited(rpc::kRetryDelay, delay.SerializeAsString());
    AddDetail(rpc::kRetryInfo, retry, status);
  }
  return {code, text, Bytes(status)};
}

ErrorDetails ReadErrorDetails(const grpc::Status& status) {
  ErrorDetails details;
  for (const std::string& bytes : Fields(status.error_details(), rpc::kStatusDetails)) {
    google::protobuf::Any any;
    if (any.ParseFromString(bytes)) {
      ReadDetail(any, details);
    }
  }
  return details;
}

}  // namespace flosync
