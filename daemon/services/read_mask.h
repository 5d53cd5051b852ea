// Which fields an answer has: the mask `read_mask` (google.protobuf.FieldMask) of requests for many or large messages.
// The one place where masks are checked and applied. Pure; any thread.
//
// A mask is relative to the resource: what an answer has many of, or else its first field. So for ListDoctors
// "specialist" is a field of each ListedDoctor; page tokens and revisions are there whatever the mask says.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

namespace flosync {

inline constexpr int kMostMaskPaths = 100;

// Empty for a request that has none, too.
[[nodiscard]] const google::protobuf::FieldMask& ReadMaskOf(const google::protobuf::Message& request);
// The field of the answer with the resource.
[[nodiscard]] const google::protobuf::FieldDescriptor& ResourceIn(const google::protobuf::Descriptor& answer);
// INVALID_ARGUMENT with reason INVALID_FIELD for more than kMostMaskPaths, or one that is no field of the resource.
[[nodiscard]] grpc::Status CheckReadMask(const google::protobuf::Message& request,
                                         const google::protobuf::Descriptor& answer);
// Empties what the mask, which was checked, does not name; an empty mask names all.
void ApplyReadMask(const google::protobuf::Message& request, google::protobuf::Message& answer);

}  // namespace flosync
