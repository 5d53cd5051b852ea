// From the texts of an address to the fields of a request. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include "daemon/http/message.h"

namespace flosync {

// Fills `request` with what stands in the path and in the query, by field ("filter.measures"; a list by several
// parameters of one name). Instants are RFC 3339, enumerations by name, masks have commas between their paths. In the
// path "latest" leaves a text empty. INVALID_ARGUMENT with reason PARAMETER_UNKNOWN for a name that is no field, with
// the fields there are, and with INVALID_FIELD for a value that does not suit, or comes twice.
[[nodiscard]] grpc::Status FillRequest(const HttpFields& path, const HttpFields& query,
                                       google::protobuf::Message& request);

// A field that a request can be asked with: its name, with those of the messages it is in.
struct RequestField {
  std::string name;
  const google::protobuf::FieldDescriptor* field = nullptr;
};
// All of them, in the order of the API.
[[nodiscard]] std::vector<RequestField> FieldsOf(const google::protobuf::Descriptor& request);

}  // namespace flosync
